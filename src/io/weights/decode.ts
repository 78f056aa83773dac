/** Bytes of `model.json`'s weights as numbers. */
import { engine } from '../../runtime/engine';
import { DTypeError, FormatError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import { allocate, type Tensor } from '../../tensor/tensor';
import type { WeightData, WeightSpec } from '../artifacts';
import type { Elements, Source, StoredWeight } from '../formats/format';
import { fileArray } from './file-array';
import { widenHalves } from './halves';
import { bytesOf, Pieces } from './pieces';
import { checkSpecs, type Located, locate, sizeOfSpec } from './specs';

/** Elements of two bytes, wherever they begin. */
const words = (bytes: Uint8Array): Uint16Array =>
  bytes.byteOffset % 2
    ? new Uint16Array(bytes.slice().buffer)
    : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 1);

/** Bytes of an element in the file. */
const unitOf = (spec: WeightSpec): number => (sizeOfSpec({ ...spec, shape: [] }) as number) || 1;

/** Some elements of a weight, as many as the target has. */
function decode({ dtype, quantization }: WeightSpec, bytes: Uint8Array, target: Elements): void {
  if (quantization) {
    const stored = quantization.dtype === 'uint8' ? bytes : words(bytes);
    if (quantization.dtype === 'float16')
      return widenHalves(stored as Uint16Array, new Uint32Array(target.buffer, target.byteOffset, target.length));
    const { scale = 1, min = 0 } = quantization;
    const isWhole = dtype === 'int32';
    for (let i = 0; i < target.length; i++) {
      const value = (stored[i] as number) * scale + min;
      target[i] = isWhole ? Math.round(value) : value;
    }
  } else if (dtype === 'bool') for (let i = 0; i < target.length; i++) target[i] = bytes[i] ? 1 : 0;
  else bytesOf(target).set(bytes);
}

/** Weights as they are in the file are copied from where they are, also from several pieces. */
function writeTo(target: Elements, spec: WeightSpec, data: Pieces, from: number, to: number): void {
  if (spec.quantization || spec.dtype === 'bool') decode(spec, data.bytes(from, to), target);
  else data.copyTo(bytesOf(target), from);
}

type NumberDType = Exclude<WeightSpec['dtype'], 'string' | 'complex64'>;

/** @throws DTypeError for what there are no tensors of */
function numberType({ name, dtype }: WeightSpec): NumberDType {
  if (dtype === 'string' || dtype === 'complex64')
    throw new DTypeError(`weight '${name}' is ${dtype}; there are tensors of float32, int32 and bool only`);
  return dtype;
}

/** A weight of a file. @throws DTypeError for strings and complex numbers, which there are no tensors of */
export function storedWeight({ spec, from, to }: Located, data: Pieces): StoredWeight {
  const { name, shape } = spec;
  return {
    name,
    shape,
    dtype: numberType(spec),
    copyTo: (target) => writeTo(target, spec, data, from, to),
  };
}

/** A weight and what was said of it. */
export type SpecifiedWeight = StoredWeight & { readonly spec: WeightSpec };

/** Weights of a file that was not read yet. @throws FormatError for bytes that are not all there; as `storedWeight` */
export function weightsIn(source: Source, specs: readonly WeightSpec[]): SpecifiedWeight[] {
  for (const spec of specs) numberType(spec);
  return locate(specs, { length: source.size, bytes: () => new Uint8Array(0) }).map(({ spec, from, to }) => {
    const { name, shape } = spec;
    const unit = unitOf(spec);
    const read = (bytes: Uint8Array, at: number, target: Elements): void =>
      decode(spec, bytes, target.subarray(at / unit, (at + bytes.length) / unit));
    return { ...fileArray({ name, shape, dtype: numberType(spec), source, parts: [{ from, to, unit, read }] }), spec };
  });
}

/** The memory of a tensor, to be written to at once: it moves when more is allocated. */
export function elementsOf(tensor: Tensor, dtype: DType = tensor.dtype): Elements {
  const at = tensor.address('io') >>> 2;
  const { memory } = engine;
  return (dtype === 'float32' ? memory.f32 : memory.i32).subarray(at, at + tensor.size);
}

/** A weight of a file as a tensor. */
export function toTensor(weight: StoredWeight): Tensor {
  const tensor = allocate([...weight.shape], weight.dtype);
  weight.copyTo(elementsOf(tensor));
  return tensor;
}

/** Tensors by their names; if one fails, none is left. @throws FormatError for two of one name */
export function toTensors(weights: readonly StoredWeight[]): Record<string, Tensor> {
  const made = new Map<string, Tensor>();
  try {
    for (const weight of weights) {
      if (made.has(weight.name)) throw new FormatError(`there are two weights '${weight.name}'`);
      made.set(weight.name, toTensor(weight));
    }
  } catch (error) {
    for (const tensor of made.values()) tensor.dispose();
    throw error;
  }
  return Object.fromEntries(made);
}

/** Weights of a file, in its order. @throws FormatError for damaged specs, and for bytes that are not all there */
export function storedWeights(data: WeightData | undefined, specs: unknown): SpecifiedWeight[] {
  const pieces = new Pieces(data);
  return locate(checkSpecs(specs), pieces).map((place) => ({ ...storedWeight(place, pieces), spec: place.spec }));
}
