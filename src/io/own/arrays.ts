/** Arrays of safetensors files as weights, and weights as small integers with a scale for each output channel. */

import { fromIntegers, type Integers, toIntegers } from '../../ops/int8/channels';
import { FormatError } from '../../support/errors';
import type { StoredWeight } from '../formats/format';
import type { Entry } from '../safetensors/header';
import { elementsIn, readerOf } from '../weights/elements';

/** @param bytes of the array alone. @throws DTypeError for integers that int32 does not hold */
export const storedArray = ({ name, type, shape }: Entry, bytes: Uint8Array): StoredWeight => ({
  name,
  shape,
  ...readerOf(name, type, bytes),
});

/** The dimensions that scales run along: the last of the array, or the first and then 1. */
function runOf(shape: readonly number[], scale: readonly number[]): number | undefined {
  const rest = shape.slice(shape.length - scale.length);
  if (scale.length > 0 && scale.every((d, i) => d === rest[i])) return 1;
  return scale.length === 2 && shape.length === 2 && scale[0] === shape[0] && scale[1] === 1 ? shape[1] : undefined;
}

/** int8 with scales that are multiplied with it as arrays broadcast. @throws FormatError if they do not fit */
export function scaledArray(entry: Entry, bytes: Uint8Array, scale: Entry, scaleBytes: Uint8Array): StoredWeight {
  const { name, type, shape } = entry;
  const run = runOf(shape, scale.shape);
  if (type !== 'I8' || scale.type !== 'F32' || run === undefined)
    throw new FormatError(
      `'${name}' is ${type} [${shape}] with scales ${scale.type} [${scale.shape}]; I8 and F32 of the last dimensions are needed`,
    );
  const scales = elementsIn(Float32Array, scaleBytes);
  const integers = { data: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scales };
  return {
    name,
    shape,
    dtype: 'float32',
    integers,
    copyTo: (target) => fromIntegers(integers, run, target),
  };
}

/** Values as int8, and the scale of each output channel. @throws FormatError for numbers that are not finite */
export function toChannels(name: string, values: Float32Array, channels: number): Integers {
  const integers = toIntegers(values, { count: channels, run: 1 });
  if (!integers) throw new FormatError(`'${name}' holds NaN or an infinity, which int8 cannot; save it as float16`);
  return integers;
}
