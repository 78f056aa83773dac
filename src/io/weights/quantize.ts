/** Numbers as small integers: value = stored * scale + min, as TensorFlow.js' converter writes weights. */
import { FormatError } from '../../support/errors';
import type { Quantization } from '../artifacts';
import { narrowToHalves } from './halves';

export type Quantized = 'uint8' | 'uint16' | 'float16';

/** To the nearest integer, ties to even. */
function round(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

/** Where the integers lie; zero, if it is between the ends, is one of them exactly. */
function rangeOf(values: Float32Array | Int32Array, most: number): { scale: number; min: number } {
  let [min, max] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < min) min = v;
    if (v > max) max = v;
  }
  if (!(min < max)) return { scale: 1, min: values.length ? min : 0 };
  const scale = (max - min) / most;
  return { scale, min: min <= 0 && max >= 0 ? -round(-min / scale) * scale : min };
}

/** @throws FormatError for numbers that are not finite, which have no place between others */
export function quantize(
  name: string,
  values: Float32Array | Int32Array,
  dtype: Quantized,
): { data: Uint8Array | Uint16Array; quantization: Quantization } {
  if (dtype === 'float16') return { data: narrowToHalves(values as Float32Array), quantization: { dtype } };
  if (!values.every(Number.isFinite))
    throw new FormatError(`'${name}' holds NaN or an infinity, which ${dtype} cannot; save it as float32 or float16`);
  const most = dtype === 'uint8' ? 0xff : 0xffff;
  const { scale, min } = rangeOf(values, most);
  const stored = (v: number): number => Math.min(most, Math.max(0, round((v - min) / scale)));
  const data = dtype === 'uint8' ? Uint8Array.from(values, stored) : Uint16Array.from(values, stored);
  const original = values instanceof Float32Array ? 'float32' : 'int32';
  return { data, quantization: { dtype, scale, min, original_dtype: original } };
}
