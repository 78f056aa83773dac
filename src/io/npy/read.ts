/** Arrays of numpy: .npy files. */
import { copyStrided } from '../../support/strided';
import type { Tensor } from '../../tensor/tensor';
import type { Elements, Source, StoredWeight } from '../formats/format';
import { toTensor } from '../weights/decode';
import { countOfShape, readerOf, SIZES } from '../weights/elements';
import { endOfHeader, HEAD_BYTES, type NpyHeader, parseNpyHeader } from './header';

/** Elements with their bytes the other way round. */
function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += size)
    for (let b = 0; b < size; b++) out[i + b] = bytes[i + size - 1 - b] as number;
  return out;
}

/** Writes an array whose first index changes fastest as one whose last does. */
function toRowMajor(from: Elements, to: Elements, shape: readonly number[]): void {
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  copyStrided(from, to, shape, steps);
}

/** @param data the bytes behind the header */
export function storedNpy(name: string, header: NpyHeader, data: Uint8Array): StoredWeight {
  const { type, isBigEndian, isFortran, shape } = header;
  const { dtype, copyTo } = readerOf(name, type, isBigEndian ? swapped(data, SIZES[type]) : data);
  if (!isFortran || shape.length < 2) return { name, shape, dtype, copyTo };
  return {
    name,
    shape,
    dtype,
    copyTo(target) {
      const columns = new (target.constructor as typeof Float32Array)(countOfShape(name, shape)) as Elements;
      copyTo(columns);
      toRowMajor(columns, target, shape);
    },
  };
}

/** @throws FormatError, DTypeError */
export async function readNpy(source: Source): Promise<Tensor> {
  const { name, size } = source;
  const head = await source.read(0, Math.min(HEAD_BYTES, size));
  const end = Math.min(endOfHeader(name, head), size);
  const header = parseNpyHeader(name, await source.read(0, end), size);
  return toTensor(storedNpy(name, header, await source.read(header.start, size)));
}
