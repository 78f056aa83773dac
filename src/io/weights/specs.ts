/** What is said of weights beside their bytes: checked before anything is read or allocated. */
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { Quantization, WeightSpec, WeightsGroup } from '../artifacts';
import type { Pieces } from './pieces';

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, complex64: 8, string: 0 };
const QUANTIZED: Readonly<Record<string, number>> = { uint8: 1, uint16: 2, float16: 2 };
/** Before each string there is its length. */
const STRING_LENGTH = 4;

/** Where weights are: bytes are needed of strings only. */
type Data = Pick<Pieces, 'length' | 'bytes'>;

/** A weight, and where its bytes are. */
export interface Located {
  readonly spec: WeightSpec;
  readonly from: number;
  readonly to: number;
}

const has = (table: object, key: unknown): boolean => typeof key === 'string' && Object.hasOwn(table, key);

/** Number of elements. @throws FormatError if it is not a shape, or too large for any memory */
export function countOf(name: string, shape: unknown): number {
  if (!Array.isArray(shape) || shape.length > 32 || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
    throw new FormatError(`weight '${name}' has the shape ${show(shape)}; a list of integers is needed`);
  const count = shape.reduce((a: number, b: number) => a * b, 1);
  if (!(count <= 0xffffffff))
    throw new FormatError(`weight '${name}' has the shape ${show(shape)}, more than any memory holds`);
  return count;
}

function checkQuantization(name: string, dtype: string, given: unknown): void {
  if (!isPlainObject(given))
    throw new FormatError(`weight '${name}': quantization must be an object, got ${show(given)}`);
  const { dtype: stored, scale, min } = given as Partial<Quantization>;
  if (!has(QUANTIZED, stored))
    throw new FormatError(`weight '${name}': quantization to ${show(stored)}; known are uint8, uint16 and float16`);
  if (dtype !== 'float32' && (dtype !== 'int32' || stored === 'float16'))
    throw new FormatError(`weight '${name}': ${dtype} cannot be quantized to ${stored}`);
  if (stored !== 'float16' && !(Number.isFinite(scale) && Number.isFinite(min)))
    throw new FormatError(
      `weight '${name}': quantization needs a scale and a min, got ${show(scale)} and ${show(min)}`,
    );
}

/** @throws FormatError unless a value describes a weight */
export function checkSpec(value: unknown): WeightSpec {
  const { name, shape, dtype, quantization } = (isPlainObject(value) ? value : {}) as Partial<WeightSpec>;
  if (typeof name !== 'string') throw new FormatError(`a weight has no name: ${show(value)}`);
  countOf(name, shape);
  if (!has(BYTES, dtype))
    throw new FormatError(`weight '${name}': dtype ${show(dtype)}; known are ${Object.keys(BYTES).join(', ')}`);
  if (quantization !== undefined && quantization !== null) checkQuantization(name, dtype as string, quantization);
  return value as WeightSpec;
}

/** @throws FormatError unless a value is a list of descriptions of weights */
export function checkSpecs(value: unknown): readonly WeightSpec[] {
  if (!Array.isArray(value)) throw new FormatError(`the specs of the weights must be a list, got ${show(value)}`);
  return value.map(checkSpec);
}

/** @throws FormatError unless a value is a list of files and what is in them */
export function checkManifest(value: unknown): readonly WeightsGroup[] {
  if (!Array.isArray(value)) throw new FormatError(`weightsManifest must be a list, got ${show(value)}`);
  for (const group of value) {
    const { paths, weights } = (isPlainObject(group) ? group : {}) as Partial<WeightsGroup>;
    if (!Array.isArray(paths) || !paths.every((p) => typeof p === 'string'))
      throw new FormatError(`weightsManifest: paths must be a list of texts, got ${show(paths)}`);
    checkSpecs(weights);
  }
  return value;
}

/** Bytes of a weight that are known without its data; undefined for strings. */
export function sizeOfSpec({ name, shape, dtype, quantization }: WeightSpec): number | undefined {
  const count = countOf(name, shape);
  if (quantization) return count * (QUANTIZED[quantization.dtype] as number);
  return dtype === 'string' && count > 0 ? undefined : count * (BYTES[dtype] as number);
}

/** Where strings end, each of which begins with its length. @throws FormatError if they are not all there */
function endOfStrings({ name, shape }: WeightSpec, data: Data, from: number): number {
  let end = from;
  for (let left = countOf(name, shape); left > 0; left--) {
    if (end + STRING_LENGTH > data.length) throw missing(name, end + STRING_LENGTH, data.length);
    const { buffer, byteOffset } = data.bytes(end, end + STRING_LENGTH);
    end += STRING_LENGTH + new DataView(buffer, byteOffset).getUint32(0, true);
  }
  return end;
}

const missing = (name: string, end: number, length: number): FormatError =>
  new FormatError(`weight '${name}' ends at byte ${end}, the data at ${length}: the file was cut off`);

/** Weights with the places of their bytes, which follow each other. @throws FormatError if they are not all there */
export function locate(specs: readonly WeightSpec[], data: Data): Located[] {
  let at = 0;
  return specs.map((spec) => {
    const from = at;
    const size = sizeOfSpec(spec);
    at = size === undefined ? endOfStrings(spec, data, from) : from + size;
    if (at > data.length) throw missing(spec.name, at, data.length);
    return { spec, from, to: at };
  });
}
