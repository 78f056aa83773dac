/** Products of integers of eight bits: assembly/int8. */
import { array, make, type NdArray, sizeOf } from './array';
import { outputSize, type Pair, type WindowAttrs } from './conv';

const f = Math.fround;

/** Nearest integer, ties to even. */
function nearest(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/** The integers of x and the scale of each of so many units; a unit with NaN or an infinity has the scale NaN. */
export function quantize(
  x: ArrayLike<number>,
  units: number,
  given: number | undefined,
): { q: Int32Array; scales: Float32Array } {
  const q = new Int32Array(x.length);
  const scales = new Float32Array(units);
  const size = x.length / units;
  for (let u = 0; u < scales.length; u++) {
    let most = 0;
    for (let i = u * size; i < (u + 1) * size; i++) most = Math.max(most, Math.abs(x[i] as number));
    const scale = Number.isFinite(most) ? (given ?? f(most / 127)) : Number.NaN;
    scales[u] = scale;
    const inverse = Number.isFinite(f(1 / scale)) ? f(1 / scale) : 0;
    for (let i = u * size; i < (u + 1) * size; i++)
      q[i] = nearest(Math.max(-127, Math.min(127, f((x[i] as number) * inverse))));
  }
  return { q, scales };
}

/** The int8 at a place of words of four. */
export const byteAt = (words: NdArray, at: number): number =>
  ((words.data[at >> 2] as number) << (24 - 8 * (at & 3))) >> 24;

/** Step l of the fold of column j: panels of sixteen columns, `[pair][16][2]`. */
const inPanels = (words: NdArray, l: number, j: number): number =>
  byteAt(words, (((j >> 4) * (words.shape[1] as number) + (l >> 1)) * 16 + (j & 15)) * 2 + (l & 1));

/** An exact sum to float32: each rounding once. */
const result = (sum: number, xScale: number, wScale: number): number => f(f(sum) * f(xScale * wScale));

const at = (x: NdArray | undefined, i: number): number => x?.data[i] as number;

/** [..., k] · [k, n]: each row has its own scale, unless one is given. */
export function int8MatMul(x: NdArray, words: NdArray, scale: NdArray, given?: NdArray): NdArray {
  const k = x.shape[x.shape.length - 1] as number;
  const n = scale.shape[0] as number;
  const m = sizeOf(x.shape.slice(0, -1));
  const { q, scales } = quantize(x.data, m, given?.data[0]);
  return array(
    [...x.shape.slice(0, -1), n],
    'float32',
    Array.from({ length: m * n }, (_, i) => {
      const [row, j] = [Math.floor(i / n), i % n];
      let sum = 0;
      for (let l = 0; l < k; l++) sum += (q[row * k + l] as number) * inPanels(words, l, j);
      return result(sum, scales[row] as number, at(scale, j));
    }),
  );
}

interface Int8Window extends WindowAttrs {
  readonly window: Pair;
}

/** The sum over the taps inside of an image: `weight` of kernel row, kernel column and channel, times the integer there. */
function convolution(
  x: NdArray,
  scale: NdArray,
  given: NdArray | undefined,
  a: Int8Window,
  channelsOf: (o: number) => readonly number[],
  weight: (i: number, j: number, l: number, o: number) => number,
): NdArray {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const { q, scales } = quantize(x.data, n, given?.data[0]);
  const oc = scale.shape[0] as number;
  return make([n, ...outputSize(x.shape, a.window, a), oc], 'float32', ([image, row, column, o]) => {
    let sum = 0;
    for (let i = 0; i < a.window[0]; i++) {
      for (let j = 0; j < a.window[1]; j++) {
        const r = (row as number) * a.strides[0] + i * a.dilations[0] - a.padHeight[0];
        const s = (column as number) * a.strides[1] + j * a.dilations[1] - a.padWidth[0];
        if (r < 0 || r >= h || s < 0 || s >= w) continue;
        for (const l of channelsOf(o as number))
          sum += (q[(((image as number) * h + r) * w + s) * c + l] as number) * weight(i, j, l, o as number);
      }
    }
    return result(sum, scales[image as number] as number, at(scale, o as number));
  });
}

/** k runs over (kernel row, kernel column, channel); each image has its own scale, unless one is given. */
export function int8Conv2d(
  x: NdArray,
  words: NdArray,
  scale: NdArray,
  given: NdArray | undefined,
  a: Int8Window,
): NdArray {
  const c = x.shape[3] as number;
  const channels = Array.from({ length: c }, (_, l) => l);
  return convolution(
    x,
    scale,
    given,
    a,
    () => channels,
    (i, j, l, o) => inPanels(words, (i * a.window[1] + j) * c + l, o),
  );
}

/** Output channel o looks at input channel ⌊o / m⌋ alone; taps are filled up to groups of eight channels. */
export function int8DepthwiseConv2d(
  x: NdArray,
  words: NdArray,
  scale: NdArray,
  given: NdArray | undefined,
  a: Int8Window,
): NdArray {
  const oc = scale.shape[0] as number;
  const m = oc / (x.shape[3] as number);
  const width = Math.ceil(oc / 8) * 8;
  return convolution(
    x,
    scale,
    given,
    a,
    (o) => [Math.floor(o / m)],
    (i, j, _, o) => byteAt(words, (i * a.window[1] + j) * width + o),
  );
}

/** Rows of int8 in whole words: f32(q * scale). */
export function int8Rows(words: NdArray, scale: NdArray, width: number): NdArray {
  const row = Math.ceil(width / 4) * 4;
  return array(
    [...scale.shape, width],
    'float32',
    Array.from({ length: scale.data.length * width }, (_, i) => {
      const r = Math.floor(i / width);
      return f(byteAt(words, r * row + (i % width)) * at(scale, r));
    }),
  );
}
