/** Arrays of safetensors files as weights, and weights as small integers with a scale for each output channel. */

import { fromIntegers, type Integers, toIntegers } from '../../ops/int8/channels';
import { FormatError } from '../../support/errors';
import type { Source, StoredWeight } from '../formats/format';
import type { Entry } from '../safetensors/header';
import { elementsIn, numbersOf } from '../weights/elements';
import { fileArray, gatheredArray } from '../weights/file-array';

/** Arrays that are scales of others. */
export const SCALE = '::scale';

/** The arrays of a file, none of them read yet. @throws FormatError for scales that fit no array */
export function storedArrays(source: Source, entries: readonly Entry[]): StoredWeight[] {
  const isScale = ({ name }: Entry): boolean => name.endsWith(SCALE);
  const scales = new Map(entries.filter(isScale).map((e) => [e.name.slice(0, -SCALE.length), e]));
  return entries
    .filter((e) => !isScale(e))
    .map((entry) => {
      const scale = scales.get(entry.name);
      return scale ? scaledArray(source, entry, scale) : plainArray(source, entry);
    });
}

function plainArray(source: Source, { name, type, shape, from, to }: Entry): StoredWeight {
  const { dtype, unit, mayFail, read } = numbersOf(name, type);
  return fileArray({ name, shape, dtype, source, mayFail, parts: [{ from, to, unit, read }] });
}

/** The dimensions that scales run along: the last of the array, or the first and then 1. */
function runOf(shape: readonly number[], scale: readonly number[]): number | undefined {
  const rest = shape.slice(shape.length - scale.length);
  if (scale.length > 0 && scale.every((d, i) => d === rest[i])) return 1;
  return scale.length === 2 && shape.length === 2 && scale[0] === shape[0] && scale[1] === 1 ? shape[1] : undefined;
}

/** int8 with scales that are multiplied with it as arrays broadcast. @throws FormatError if they do not fit */
function scaledArray(source: Source, entry: Entry, scale: Entry): StoredWeight {
  const { name, type, shape } = entry;
  const run = runOf(shape, scale.shape);
  if (type !== 'I8' || scale.type !== 'F32' || run === undefined)
    throw new FormatError(
      `'${name}' is ${type} [${shape}] with scales ${scale.type} [${scale.shape}]; I8 and F32 of the last dimensions are needed`,
    );
  return gatheredArray({ name, shape, dtype: 'float32', source }, [entry, scale], ([bytes, scaleBytes]) => {
    const integers = {
      data: elementsIn(Int8Array, bytes as Uint8Array),
      scales: elementsIn(Float32Array, scaleBytes as Uint8Array),
    };
    return { integers, copyTo: (target) => fromIntegers(integers, run, target) };
  });
}

/** Values as int8, and the scale of each output channel. @throws FormatError for numbers that are not finite */
export function toChannels(name: string, values: Float32Array, channels: number): Integers {
  const integers = toIntegers(values, { count: channels, run: 1 });
  if (!integers) throw new FormatError(`'${name}' holds NaN or an infinity, which int8 cannot; save it as float16`);
  return integers;
}
