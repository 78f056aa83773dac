/** Arrays of float64 and the functions that gradients are checked on: plain loops, nothing of the library. */

export type Shape = readonly number[];

export interface Nd {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** An array whose element at each index is `value(index)`. */
export function build(shape: Shape, value: (index: readonly number[]) => number): Nd {
  const data = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = value(index);
    for (let d = shape.length - 1; d >= 0; d--) {
      if (++(index[d] as number) < (shape[d] as number)) break;
      index[d] = 0;
    }
  }
  return { shape, data };
}

export const nd = (shape: Shape, data: ArrayLike<number>): Nd => ({ shape, data: Float64Array.from(data) });

/** The element at an index that may have more dimensions than x; dimensions of size 1 repeat. */
export function at(x: Nd, index: readonly number[]): number {
  const lead = index.length - x.shape.length;
  let offset = 0;
  for (let d = 0; d < x.shape.length; d++) {
    const size = x.shape[d] as number;
    offset = offset * size + (size === 1 ? 0 : (index[d + lead] as number));
  }
  return x.data[offset] as number;
}

export const map = (x: Nd, f: (v: number) => number): Nd => ({ shape: x.shape, data: x.data.map(f) });

export function broadcast(...shapes: Shape[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from(
    { length: rank },
    (_, d) => shapes.map((s) => s[d - rank + s.length] ?? 1).find((n) => n !== 1) ?? 1,
  );
}

export const zip = (a: Nd, b: Nd, f: (x: number, y: number) => number): Nd =>
  build(broadcast(a.shape, b.shape), (i) => f(at(a, i), at(b, i)));

/** Folds the values along axes; the order is that of the elements. */
export function fold(x: Nd, axes: readonly number[], keepDims: boolean, f: (values: readonly number[]) => number): Nd {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const groups: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
  build(x.shape, (index) => {
    const group = kept.reduce((offset, size, d) => offset * size + (size === 1 ? 0 : (index[d] as number)), 0);
    groups[group]?.push(at(x, index));
    return 0;
  });
  return nd(keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i)), groups.map(f));
}

export const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export function erf(x: number): number {
  // Maclaurin series; for |x| <= 3 its terms stay below e^9.
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

export function softmax(values: readonly number[]): number[] {
  const largest = Math.max(...values);
  const powers = values.map((v) => Math.exp(v - largest));
  return powers.map((p) => p / total(powers));
}

/** Rows along the last dimension, each replaced. */
export function rows(x: Nd, f: (row: number[]) => readonly number[]): Nd {
  const n = x.shape[x.shape.length - 1] as number;
  const data: number[] = [];
  for (let i = 0; i < x.data.length; i += n) data.push(...f([...x.data.subarray(i, i + n)]));
  return nd(x.shape, data);
}

export function transpose(x: Nd, perm: readonly number[]): Nd {
  return build(
    perm.map((p) => x.shape[p] as number),
    (index) =>
      at(
        x,
        perm.map((_, d) => index[perm.indexOf(d)] as number),
      ),
  );
}

export function matMul(a: Nd, b: Nd, transposeA = false, transposeB = false): Nd {
  const swap = (x: Nd): Nd =>
    transpose(
      x,
      x.shape.map((_, i, s) => (i === s.length - 1 ? i - 1 : i === s.length - 2 ? i + 1 : i)),
    );
  const [x, y] = [transposeA ? swap(a) : a, transposeB ? swap(b) : b];
  const [m, k, n] = [x.shape.at(-2) as number, x.shape.at(-1) as number, y.shape.at(-1) as number];
  const batch = broadcast(x.shape.slice(0, -2), y.shape.slice(0, -2));
  return build([...batch, m, n], (index) => {
    const lead = index.slice(0, -2);
    const [i, j] = index.slice(-2) as [number, number];
    let sum = 0;
    for (let l = 0; l < k; l++) sum += at(x, [...lead, i, l]) * at(y, [...lead, l, j]);
    return sum;
  });
}

type Pair = readonly [number, number];

export interface Window {
  readonly window: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly positions: Pair;
  readonly padHeight: Pair;
  readonly padWidth: Pair;
}

/** Padding of one dimension: TensorFlow's rule for 'same', nothing for 'valid'. */
function padding(kind: 'valid' | 'same', size: number, window: number, stride: number, dilation: number): Pair {
  if (kind === 'valid') return [0, 0];
  const missing = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (window - 1) * dilation + 1 - size);
  return [Math.floor(missing / 2), Math.ceil(missing / 2)];
}

/** A window over x of [n, h, w, c]. Explicit padding: [[top, bottom], [left, right]]. */
export function windowOver(
  x: Shape,
  window: Pair,
  strides: Pair,
  kind: 'valid' | 'same' | readonly [Pair, Pair],
  dilations: Pair = [1, 1],
): Window {
  const pad = (d: 0 | 1): Pair =>
    typeof kind === 'string' ? padding(kind, x[d + 1] as number, window[d], strides[d], dilations[d]) : kind[d];
  const moves = { window, strides, dilations, padHeight: pad(0), padWidth: pad(1) };
  return { ...moves, positions: positions(x, moves) };
}

/** Rows and columns of the result. */
export function positions(x: Shape, w: Omit<Window, 'positions'>): [number, number] {
  const count = (d: 0 | 1, pad: Pair): number =>
    Math.floor(((x[d + 1] as number) + pad[0] + pad[1] - (w.window[d] - 1) * w.dilations[d] - 1) / w.strides[d]) + 1;
  return [count(0, w.padHeight), count(1, w.padWidth)];
}

/** Calls `visit` for every tap of every window that lies inside, with the numbers of both pixels and of the tap. */
export function taps(x: Shape, w: Window, visit: (out: number, inside: number, tap: number) => void): void {
  const [batch, height, width] = x as [number, number, number];
  const [oh, ow] = positions(x, w);
  const [kh, kw] = w.window;
  for (let out = 0; out < batch * oh * ow; out++) {
    const image = Math.floor(out / (oh * ow));
    const top = (Math.floor(out / ow) % oh) * w.strides[0] - w.padHeight[0];
    const left = (out % ow) * w.strides[1] - w.padWidth[0];
    for (let tap = 0; tap < kh * kw; tap++) {
      const i = top + Math.floor(tap / kw) * w.dilations[0];
      const j = left + (tap % kw) * w.dilations[1];
      if (i >= 0 && i < height && j >= 0 && j < width) visit(out, (image * height + i) * width + j, tap);
    }
  }
}
