/**
 * Winograd's convolution F(4x4, 3x3) with strides and dilations of 1, and its adjoints: assembly/conv/winograd. The matrices
 * and the order of all operations are stated in transforms.ts there.
 */
import { array, type NdArray, sizeOf } from './array';
import { outputSize, type Pair, pixel, type Size4, type WindowAttrs } from './direct';

const f = Math.fround;

/** Outputs of a tile in one dimension, points, elements of the filter. */
const SIDE = 4;
const POINTS = 6;
const TAPS = 3;
/** Products that are folded in one piece: channels, or tiles of a filter's gradient. */
const CHANNELS = 128;
const TILES = 32;

/** Rows for the points 0, a, b and infinity. */
type Rows = readonly (readonly number[])[];

const [a, b] = [3 / 4, 3 / 2];
const powers = (p: number, count: number, by = 1): number[] => Array.from({ length: count }, (_, k) => p ** k / by);
const [n, m] = [2 * a ** 2 * (a ** 2 - b ** 2), 2 * b ** 2 * (b ** 2 - a ** 2)];

const IMAGE: Rows = [
  [a * a * b * b, 0, -a * a - b * b, 0, 1, 0],
  [0, -a * b * b, -b * b, a, 1, 0],
  [0, -b * a * a, -a * a, b, 1, 0],
  [0, a * a * b * b, 0, -a * a - b * b, 0, 1],
];
const OUTPUT: Rows = [[1, 0, 0, 0], powers(a, SIDE), powers(b, SIDE), [0, 0, 0, 1]];
const FILTER: Rows = [[f(1 / (a * a * b * b)), 0, 0], powers(a, TAPS, n).map(f), powers(b, TAPS, m).map(f), [0, 0, 1]];

/** Folds c · x of every `step`-th element from `first` on; undefined if all c are 0. */
function fold(c: readonly number[], x: readonly number[], first = 0, step = 1): number | undefined {
  let sum: number | undefined;
  for (let k = first; k < c.length; k += step) {
    if (c[k] === 0) continue;
    const term = f((c[k] as number) * (x[k] as number));
    sum = sum === undefined ? term : f(sum + term);
  }
  return sum;
}

/** R · x */
function toPoints(rows: Rows, x: readonly number[]): number[] {
  const parts = rows.map((row) => ({ even: fold(row, x, 0, 2), odd: fold(row, x, 1, 2) }));
  return parts.flatMap(({ even, odd }) =>
    even === undefined || odd === undefined ? [even ?? odd ?? 0] : [f(even + odd), f(even - odd)],
  );
}

/** Rᵀ · m */
function fromPoints(rows: Rows, points: readonly number[]): number[] {
  const [m0, m1, m2, m3, m4, m5] = points as [number, number, number, number, number, number];
  const sums = [m0, f(m1 + m2), f(m3 + m4), m5];
  const differences = [m0, f(m1 - m2), f(m3 - m4), m5];
  return columns(rows).map((column, k) => fold(column, k % 2 ? differences : sums) as number);
}

const columns = (x: readonly (readonly number[])[]): number[][] =>
  (x[0] as readonly number[]).map((_, j) => x.map((row) => row[j] as number));

/** A transform of columns, then of rows; a matrix is a list of its rows. */
const twice = (transform: (x: readonly number[]) => number[], x: Matrix): Matrix =>
  columns(columns(x).map(transform)).map(transform);

type Matrix = number[][];

/** Row by row. */
type Points = Float32Array;

const square = (size: number, at: (i: number, j: number) => number): Matrix =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => at(i, j)));

/** Whether a convolution is computed in this way: it has channels enough, and its outputs are many and fill their tiles. */
export function isWinograd([kh, kw, c, oc]: Size4, [oh, ow]: Pair, w: WindowAttrs): boolean {
  const tiles = Math.ceil(oh / SIDE) * Math.ceil(ow / SIDE);
  const isPlain = kh === TAPS && kw === TAPS && [...w.strides, ...w.dilations].every((s) => s === 1);
  return isPlain && c >= 8 && oc >= 16 && oh * ow >= 8 * tiles && oh * ow - 4 * tiles >= 33;
}

/** The corners of the tiles of an image, in the order in which they are added. */
const corners = (oh: number, ow: number): Pair[] =>
  square(Math.ceil(Math.max(oh, ow) / SIDE), () => 0)
    .flatMap((row, i) => row.map((_, j): Pair => [i * SIDE, j * SIDE]))
    .filter(([i, j]) => i < oh && j < ow);

const points = (rows: Rows, x: Matrix): Points => Float32Array.from(twice((v) => toPoints(rows, v), x).flat());

const filterPoints = (filter: NdArray, c: number, o: number): Points =>
  points(
    FILTER,
    square(TAPS, (i, j) => pixel(filter, i, j, c, o)),
  );

/** The pixels that a tile sees; +0 outside of the image. */
const imagePoints = (x: NdArray, image: number, [row, column]: Pair, c: number, w: WindowAttrs): Points =>
  points(
    IMAGE,
    square(POINTS, (i, j) => pixel(x, image, row + i - w.padHeight[0], column + j - w.padWidth[0], c)),
  );

/** The outputs of a tile; +0 where there are none. */
const outputPoints = (y: NdArray, image: number, [row, column]: Pair, o: number): Points =>
  points(
    OUTPUT,
    square(SIDE, (i, j) => pixel(y, image, row + i, column + j, o)),
  );

/** At each point the sum of v · u: groups, each folded from +0, are added. */
function products(count: number, group: number, v: (k: number) => Points, u: (k: number) => Points): Points {
  let all: Points | undefined;
  for (let first = 0; first < count; first += group) {
    const sums = new Float32Array(POINTS * POINTS);
    for (let k = first; k < Math.min(count, first + group); k++) {
      const [left, right] = [v(k), u(k)];
      for (let p = 0; p < sums.length; p++)
        sums[p] = f((sums[p] as number) + f((left[p] as number) * (right[p] as number)));
    }
    all = all?.map((sum, p) => f(sum + (sums[p] as number))) ?? sums;
  }
  return all ?? new Float32Array(POINTS * POINTS);
}

const rowsOf = (points: Points): Matrix => square(POINTS, (i, j) => points[i * POINTS + j] as number);

const table = <T>(outer: number, inner: number, at: (i: number, j: number) => T): T[][] =>
  Array.from({ length: outer }, (_, i) => Array.from({ length: inner }, (_, j) => at(i, j)));

const place = (t: NdArray, image: number, row: number, column: number, channel: number): number | undefined => {
  const [, h, w, c] = t.shape as Size4;
  return row < 0 || row >= h || column < 0 || column >= w ? undefined : ((image * h + row) * w + column) * c + channel;
};

/** y: of each tile, sums over input channels at each point, and those points transformed. */
export function conv2d(x: NdArray, filter: NdArray, w: WindowAttrs): NdArray {
  const [, , c, oc] = filter.shape as Size4;
  const [oh, ow] = outputSize(x.shape, [TAPS, TAPS], w);
  const shape = [x.shape[0] as number, oh, ow, oc];
  const y = array(shape, 'float32', new Float32Array(sizeOf(shape)));
  const u = table(oc, c, (o, l) => filterPoints(filter, l, o));
  for (let image = 0; image < (x.shape[0] as number); image++) {
    for (const corner of corners(oh, ow)) {
      const v = Array.from({ length: c }, (_, l) => imagePoints(x, image, corner, l, w));
      for (let o = 0; o < oc; o++) {
        const sums = products(
          c,
          CHANNELS,
          (l) => v[l] as Points,
          (l) => u[o]?.[l] as Points,
        );
        const tile = twice((p) => fromPoints(OUTPUT, p), rowsOf(sums));
        tile.forEach((row, i) => {
          row.forEach((value, j) => {
            const at = place(y, image, corner[0] + i, corner[1] + j, o);
            if (at !== undefined) y.data[at] = value;
          });
        });
      }
    }
  }
  return y;
}

/** dx starts at +0; of each tile in turn what it sees is added: sums over output channels at each point, transformed. */
export function conv2dInputGrad(dy: NdArray, filter: NdArray, w: WindowAttrs & { readonly inputSize: Pair }): NdArray {
  const [, , c, oc] = filter.shape as Size4;
  const [images, oh, ow] = dy.shape as Size4;
  const shape = [images, ...w.inputSize, c];
  const dx = array(shape, 'float32', new Float32Array(sizeOf(shape)));
  const u = table(c, oc, (l, o) => filterPoints(filter, l, o));
  for (let image = 0; image < images; image++) {
    for (const corner of corners(oh, ow)) {
      const v = Array.from({ length: oc }, (_, o) => outputPoints(dy, image, corner, o));
      for (let l = 0; l < c; l++) {
        const sums = products(
          oc,
          CHANNELS,
          (o) => v[o] as Points,
          (o) => u[l]?.[o] as Points,
        );
        const tile = twice((p) => fromPoints(IMAGE, p), rowsOf(sums));
        tile.forEach((row, i) => {
          row.forEach((value, j) => {
            const at = place(dx, image, corner[0] + i - w.padHeight[0], corner[1] + j - w.padWidth[0], l);
            if (at !== undefined) dx.data[at] = f((dx.data[at] as number) + value);
          });
        });
      }
    }
  }
  return dx;
}

/** dFilter: sums over tiles (image, row, column) at each point, and those points transformed. */
export function conv2dFilterGrad(x: NdArray, dy: NdArray, w: WindowAttrs): NdArray {
  const [images, oh, ow, oc] = dy.shape as Size4;
  const c = x.shape[3] as number;
  const shape = [TAPS, TAPS, c, oc];
  const d = array(shape, 'float32', new Float32Array(sizeOf(shape)));
  const tiles = Array.from({ length: images }, (_, image) =>
    corners(oh, ow).map((corner) => [image, corner] as const),
  ).flat();
  const u = table(oc, tiles.length, (o, t) => outputPoints(dy, ...(tiles[t] as (typeof tiles)[0]), o));
  for (let l = 0; l < c; l++) {
    const v = tiles.map(([image, corner]) => imagePoints(x, image, corner, l, w));
    for (let o = 0; o < oc; o++) {
      const sums = products(
        tiles.length,
        TILES,
        (t) => v[t] as Points,
        (t) => u[o]?.[t] as Points,
      );
      twice((p) => fromPoints(FILTER, p), rowsOf(sums)).forEach((row, i) => {
        row.forEach((value, j) => {
          d.data[((i * TAPS + j) * c + l) * oc + o] = value;
        });
      });
    }
  }
  return d;
}
