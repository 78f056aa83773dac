/** Arrays of HDF5 files as weights. */
import { FormatError } from '../../../support/errors';
import { sameShape, showShape } from '../../../tensor/shape';
import type { Variable } from '../../../tensor/variable';
import type { StoredWeight } from '../../formats/format';
import { fileArray } from '../../weights/file-array';
import { narrowToHalves } from '../../weights/halves';
import type { Dataset } from '../hdf5/tree';
import type { NewArray } from '../hdf5/writer';

/**
 * A weight, if the array fits it.
 * @throws FormatError for another shape, and for what are no numbers
 */
export function storedWeight(v: Variable, dataset: Dataset): StoredWeight {
  const { name, source, isPlain } = dataset;
  if (!sameShape(v.shape, dataset.shape))
    throw new FormatError(
      `Keras: '${name}' has the shape ${showShape(dataset.shape)}, the weight '${v.name}' has ${showShape(v.shape)}`,
    );
  const mayFail = v.dtype !== 'float32' || !isPlain;
  return fileArray({ name, shape: v.shape, dtype: v.dtype, source, parts: dataset.parts(), mayFail });
}

const TYPES = { float32: 'f4', int32: 'i4', bool: 'bool' } as const;

/** A variable as an array of a file. */
export function newArray(v: Variable, precision: 'float32' | 'float16'): NewArray {
  const isHalf = precision === 'float16' && v.dtype === 'float32';
  const fill = (target: Uint8Array): void => {
    const values = v.dataSync() as Float32Array | Int32Array | Uint8Array;
    const { buffer, byteOffset, byteLength } = isHalf ? narrowToHalves(values as Float32Array) : values;
    target.set(new Uint8Array(buffer, byteOffset, byteLength));
  };
  return { shape: v.shape, type: isHalf ? 'f2' : TYPES[v.dtype as keyof typeof TYPES], fill };
}
