/** Fourier transforms as products with matrices of sines and cosines, so that they are trained; windows; mel filters. */
import type { Call } from '../../../graph/core/call';
import type { Operator } from '../../../graph/core/registry';
import { tensor } from '../../../ops/create/creation';
import { sinCos } from '../../../ops/image/scalar';
import { gather } from '../../../ops/indexing/indexing';
import { matMul } from '../../../ops/linear/products';
import * as sg from '../../../ops/math/arithmetic';
import { pad, reshape, slice, transpose } from '../../../ops/shape/shaping';
import { engine } from '../../../runtime/engine';
import { checkElements, sizeOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import { type Definitions, define, stated } from '../define';
import { axisOf, float } from '../operands';

const TURN = 2 * Math.PI;

/** Sine and cosine of all multiples of a part of a turn. */
const circle = (length: number): readonly (readonly [number, number])[] =>
  Array.from({ length }, (_, i) => sinCos((TURN * i) / length));

/** What kind of transform. */
interface Kind {
  readonly length: number;
  readonly isInverse: boolean;
  /** Only frequencies up to half of the length: of the output, or of the input of an inverse transform. */
  readonly isOneSided: boolean;
}

const halfOf = (length: number): number => Math.floor(length / 2) + 1;

/** A number of the matrix: [real, imaginary] of the factor of element n for frequency k. */
type Factor = (n: number, k: number) => readonly [number, number];

/**
 * A matrix for rows of n elements with `from` parts (real, or real and imaginary) to k elements with `to` parts.
 */
function matrix(n: number, from: number, k: number, to: number, factor: Factor): Tensor {
  const width = k * to;
  const data = new Float64Array(n * from * width);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < k; j++) {
      const [re, im] = factor(i, j);
      const at = i * from * width + j * to;
      data[at] = re;
      if (to === 2) data[at + 1] = im;
      if (from === 1) continue;
      data[at + width] = -im;
      if (to === 2) data[at + width + 1] = re;
    }
  return tensor(data, [n * from, width], 'float32');
}

/** The first elements along an axis, or zeros behind all. */
function fitted(x: Tensor, axis: number, size: number): Tensor {
  const own = x.shape[axis] as number;
  if (own === size) return x;
  if (own > size)
    return slice(
      x,
      x.shape.map(() => 0),
      x.shape.map((d, i) => (i === axis ? size : d)),
    );
  return pad(
    x,
    x.shape.map((_, i): [number, number] => [0, i === axis ? size - own : 0]),
  );
}

/** Transforms [..., n, parts] along its last dimension but one. */
function transformed(call: Call, x: Tensor, { length, isInverse, isOneSided }: Kind): Tensor {
  const parts = x.shape.at(-1) as number;
  if (parts !== 1 && parts !== 2) throw call.fail(`the last dimension must be 1 or 2, got ${parts}`);
  const isReal = isInverse && isOneSided;
  const n = isReal ? halfOf(length) : length;
  const k = !isInverse && isOneSided ? halfOf(length) : length;
  const to = isReal ? 1 : 2;
  checkElements(n * parts * k * to, call.where);
  const points = circle(length);
  const scale = isInverse ? 1 / length : 1;
  const factors = matrix(n, parts, k, to, (i, j) => {
    const [sin, cos] = points[(i * j) % length] as readonly [number, number];
    // Of two frequencies that mirror each other only one is there.
    const twice = isReal && i !== 0 && 2 * i !== length ? 2 : 1;
    return [twice * scale * cos, twice * scale * (isInverse ? sin : -sin)];
  });
  const rows = fitted(x, x.rank - 2, n);
  const outer = rows.shape.slice(0, -2);
  const y = matMul(reshape(rows, [sizeOf(outer), n * parts]), factors);
  return reshape(y, [...outer, k, to]);
}

/** @param axisAt the axis from an attribute or an operand */
const dft =
  (axisAt: (call: Call) => number): Operator =>
  (call) => {
    const x = float(call, 0);
    const axis = axisOf(call, axisAt(call), x.rank);
    if (axis === x.rank - 1) throw call.fail(`cannot transform along the last dimension, which has the parts`);
    const [isInverse, isOneSided] = [call.flag('inverse'), call.flag('onesided')];
    const own = x.shape[axis] as number;
    const length = call.int(1, isInverse && isOneSided ? 2 * (own - 1) : own);
    if (length < 1) throw call.fail(`cannot transform ${length} elements`);
    const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
    order.splice(x.rank - 2, 0, axis);
    const y = transformed(call, transpose(x, order), { length, isInverse, isOneSided });
    return transpose(
      y,
      order.map((_, i) => order.indexOf(i)),
    );
  };

/** Transforms of pieces of a signal, each weighted by a window: [batch, frames, frequencies, 2]. */
function shortTime(call: Call): Tensor {
  const x = float(call, 0);
  const [batch, time, parts] = x.shape as [number, number, number];
  const window = call.has(2) ? float(call, 2) : undefined;
  const length = call.int(3, window?.size ?? time);
  const step = call.int(1);
  if (x.rank !== 3 || step < 1 || length < 1 || length > time)
    throw call.fail(`cannot cut [${String(x.shape)}] into frames of ${length}, ${step} apart`);
  const frames = 1 + Math.floor((time - length) / step);
  checkElements(batch * frames * length * parts, call.where);
  const at = Int32Array.from({ length: frames * length }, (_, i) => Math.floor(i / length) * step + (i % length));
  const pieces = reshape(gather(x, tensor(at), 1), [batch, frames, length, parts]);
  const weighted = window ? sg.mul(pieces, reshape(fitted(window, 0, length), [length, 1])) : pieces;
  return transformed(call, weighted, { length, isInverse: false, isOneSided: call.flag('onesided', true) });
}

/** A sum of cosines over a window. */
const window =
  (...factors: readonly number[]): Operator =>
  (call) => {
    const size = call.int(0);
    if (size < 0) throw call.fail(`a window cannot have ${size} elements`);
    checkElements(size, call.where);
    const turn = Math.max(1, call.flag('periodic', true) ? size : size - 1);
    const data = Float64Array.from({ length: size }, (_, i) =>
      factors.reduce((sum, factor, k) => sum + factor * sinCos((TURN * k * i) / turn)[1], 0),
    );
    return tensor(data, [size], 'float32');
  };

/** Triangles of frequencies that are alike far apart for the ear: [frequencies, bands]. */
function melWeights(call: Call): Tensor {
  const [bands, length, rate] = [call.int(0), call.int(1), call.int(2)];
  const [low, high] = [call.number(3), call.number(4)];
  if (bands < 0 || length < 1 || rate < 1) throw call.fail(`cannot make ${bands} bands of ${length} frequencies`);
  const frequencies = halfOf(length);
  checkElements(frequencies * bands, call.where);
  // Equal steps in log(1 + f / 700).
  const ratio = (700 + high) / (700 + low);
  const edges = Array.from({ length: bands + 2 }, (_, i) => {
    const f = (700 + low) * engine.scalars.pow(ratio, i / (bands + 2)) - 700;
    return Math.floor(((length + 1) * f) / rate);
  });
  const data = new Float64Array(frequencies * bands);
  const set = (f: number, band: number, value: number): void => {
    if (f >= 0 && f < frequencies) data[f * bands + band] = value;
  };
  for (let band = 0; band < bands; band++) {
    const [left, center, right] = edges.slice(band, band + 3) as [number, number, number];
    if (center === left) set(center, band, 1);
    else for (let f = left; f <= center; f++) set(f, band, (f - left) / (center - left));
    for (let f = center; f < right; f++) set(f, band, (right - f) / (right - center));
  }
  return tensor(data, [frequencies, bands], 'float32');
}

const OUTPUT = { known: [0], types: stated('output_datatype', 'float32') };
const HAMMING = 25 / 46;

export const spectra: Definitions = {
  DFT: define({ 17: dft((call) => call.wholeOf('axis', 1)), 20: dft((call) => call.int(2, -2)) }, { known: [1, 2] }),
  STFT: define({ 17: shortTime }, { known: [1, 3] }),
  HannWindow: define({ 17: window(0.5, -0.5) }, OUTPUT),
  HammingWindow: define({ 17: window(HAMMING, HAMMING - 1) }, OUTPUT),
  BlackmanWindow: define({ 17: window(0.42, -0.5, 0.08) }, OUTPUT),
  MelWeightMatrix: define({ 17: melWeights }, { ...OUTPUT, known: [0, 1, 2, 3, 4] }),
};
