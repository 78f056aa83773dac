/** Windows that move over images of one to three dimensions: strides, dilations, padding, data formats. */
import { checkChoice, isWhole, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { float } from '../core/operands';
import type { TensorLike } from '../create/creation';
import type { Pair, WindowAttrs } from '../descriptors/window';
import { reshape, slice, transpose } from '../shape/shaping';

/**
 * 'valid' adds none; 'same' enough for as many positions as elements (divided by the stride); a number that many on all
 * sides; or [before, after] for each dimension.
 */
export type Padding = 'valid' | 'same' | number | readonly (readonly [number, number])[];
/** What becomes of a last position that does not fill its stride, with padding in numbers; default 'floor'. */
export type RoundingMode = 'floor' | 'round' | 'ceil';
/** One number for all dimensions, or one for each. */
export type PerDimension = number | readonly number[];

/** How a window moves along one dimension. */
export interface Steps {
  readonly stride: number;
  readonly dilation: number;
  readonly pad: Pair;
  /** Number of positions. */
  readonly count: number;
}

/** Steps are counted in 32 bits. */
const MOST = 0x7fffffff;

/** One number for all dimensions, or one for each. @throws ArgumentError unless all are whole and >= 1 */
export function numbers(value: PerDimension, dims: number, where: string): number[] {
  const given = typeof value === 'number' ? [value] : Array.isArray(value) ? Array.from<unknown>(value) : [];
  if ((given.length !== 1 && given.length !== dims) || !given.every((v) => isWhole(v, 1, MOST))) {
    const counts = dims === 1 ? 'a positive integer' : `a positive integer, or ${dims} of them`;
    throw new ArgumentError(`${where} must be ${counts}, got ${show(value)}`);
  }
  return Array.from({ length: dims }, (_, d) => given[given.length === 1 ? 0 : d] as number);
}

/** Padding of one dimension as far as it is given in numbers. */
function explicitPad(padding: Padding, d: number, dims: number, where: string): Pair {
  if (isWhole(padding)) return [padding, padding];
  if (Array.isArray(padding)) {
    // As TF.js: pairs for batch, every dimension, channels; or for the dimensions alone.
    const isFull = padding.length === dims + 2;
    const outer = isFull ? [padding[0], padding[dims + 1]] : [];
    const pair: unknown = padding[isFull ? d + 1 : d];
    const fits = (isFull || padding.length === dims) && outer.every((p) => p?.[0] === 0 && p[1] === 0);
    if (fits && Array.isArray(pair) && pair.length === 2 && pair.every((p) => isWhole(p)))
      return [pair[0] as number, pair[1] as number];
  }
  throw new ArgumentError(
    `${where}: padding must be 'valid', 'same', a non-negative integer or pairs of them for ${dims} dimensions (batch and channels [0, 0]), got ${show(padding)}`,
  );
}

const ROUND = {
  floor: Math.floor,
  round: Math.round,
  ceil: Math.ceil,
} as const;

/** Height and width, or others that are side by side in a shape. */
export const pairAt = (shape: readonly number[], i: number): Pair => [shape[i] as number, shape[i + 1] as number];

/** Strides, padding and positions of a window along each dimension. @throws ArgumentError, ShapeError */
export function steps(
  where: string,
  size: readonly number[],
  window: readonly number[],
  strides: PerDimension,
  padding: Padding,
  dilations: PerDimension | null | undefined,
  rounding?: RoundingMode | null,
): Steps[] {
  const dims = size.length;
  const stride = numbers(strides, dims, `${where}: strides`);
  const dilation = numbers(dilations ?? 1, dims, `${where}: dilations`);
  const round = ROUND[checkChoice(rounding, where, 'dimRoundingMode', ['floor', 'round', 'ceil'], 'floor')];
  if (rounding && typeof padding === 'string')
    throw new ArgumentError(
      `${where}: dimRoundingMode '${rounding}' needs padding in numbers, got padding '${padding}'`,
    );
  if (window.some((w) => w < 1)) throw new ShapeError(`${where}: a window of ${window.join('x')} is empty`);
  return size.map((length, d) => {
    const [s, r] = [stride[d] as number, dilation[d] as number];
    const extent = ((window[d] as number) - 1) * r + 1;
    const move = { stride: s, dilation: r };
    if (padding === 'same') {
      // ceil(length / stride) positions; if the padding is odd, the end gets one more.
      const count = Math.ceil(length / s);
      const total = Math.max(0, (count - 1) * s + extent - length);
      return { ...move, pad: [Math.floor(total / 2), total - Math.floor(total / 2)], count };
    }
    const [before, after] = padding === 'valid' ? [0, 0] : explicitPad(padding, d, dims, where);
    const room = length + before + after - extent;
    const count = round(room / s) + 1;
    if (room < 0 || count < 1) {
      throw new ShapeError(
        `${where}: a window of ${window.join('x')} (dilation ${dilation.join('x')}) does not fit into ${showShape(size)} ` +
          `with padding ${before}, ${after} in dimension ${d}; use padding 'same' or a smaller window`,
      );
    }
    // A position that was rounded up looks at padding behind.
    return { ...move, pad: [before, after + Math.max(0, (count - 1) * s - room)], count };
  });
}

/** Two dimensions of steps, as the ops take them. */
export const planar = (height: Steps, width: Steps): WindowAttrs => ({
  strides: [height.stride, width.stride],
  dilations: [height.dilation, width.dilation],
  padHeight: height.pad,
  padWidth: width.pad,
  positions: [height.count, width.count],
});

/** Explicit strides, dilations and padding of a window over an image of [height, width]. */
export function windowAttrs(
  where: string,
  image: readonly number[],
  window: readonly number[],
  strides: PerDimension,
  padding: Padding,
  dilations: PerDimension | null | undefined,
  rounding?: RoundingMode | null,
): WindowAttrs {
  const [height, width] = steps(where, image, window, strides, padding, dilations, rounding) as [Steps, Steps];
  return planar(height, width);
}

/** Names of the layouts with channels last and first, by number of dimensions. */
const FORMATS = [[], ['NWC', 'NCW'], ['NHWC', 'NCHW'], ['NDHWC', 'NCDHW']] as const;
const DIMENSIONS = ['', 'width', 'height, width', 'depth, height, width'] as const;

/** Whether the data format has channels first. @throws ArgumentError for names that are none */
export function isChannelsFirst(dataFormat: string | null | undefined, dims: number, where: string): boolean {
  const [last, first] = FORMATS[dims] as readonly [string, string];
  return checkChoice(dataFormat, where, 'dataFormat', [last, first], last) === first;
}

/** Pairs of padding in the order of channels last. */
export const paddingOf = (padding: Padding, dims: number, channelsFirst: boolean): Padding =>
  channelsFirst && Array.isArray(padding) && padding.length === dims + 2
    ? [padding[0], ...padding.slice(2), padding[1]]
    : padding;

/**
 * Runs `fn` on images that have a batch and their channels last; the result gets the form of x again.
 * @throws ShapeError if x has neither dims + 1 nor dims + 2 dimensions
 */
export function overImages(
  x: TensorLike,
  where: string,
  dims: number,
  dataFormat: string | null | undefined,
  fn: (t: Tensor) => Tensor,
): Tensor {
  const first = isChannelsFirst(dataFormat, dims, where);
  return tidy(() => {
    const given = float(x, where, 'x');
    const isBatch = given.rank === dims + 2;
    if (!isBatch && given.rank !== dims + 1) {
      const inner = first ? `channels, ${DIMENSIONS[dims]}` : `${DIMENSIONS[dims]}, channels`;
      throw new ShapeError(`${where}: x must be [batch, ${inner}] or [${inner}], got ${showShape(given.shape)}`);
    }
    const batch = isBatch ? given : reshape(given, [1, ...given.shape]);
    const spatial = Array.from({ length: dims }, (_, d) => d + 1);
    const t = first ? transpose(batch, [0, ...spatial.map((d) => d + 1), 1]) : batch;
    const result = fn(t);
    const y = first ? transpose(result, [0, dims + 1, ...spatial]) : result;
    return isBatch ? y : reshape(y, y.shape.slice(1));
  });
}

/** Every `stride`-th element along an axis, `count` of them from `start` on; x must have start + count * stride. */
export function everyNth(x: Tensor, axis: number, start: number, count: number, stride: number): Tensor {
  const at = (i: number): number[] => x.shape.map((_, d) => (d === axis ? i : 0));
  const sized = (n: number): number[] => x.shape.map((s, d) => (d === axis ? n : s));
  if (stride === 1) return slice(x, at(start), sized(count));
  const run = slice(x, at(start), sized(count * stride));
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const apart = reshape(run, [...outer, count, stride, ...inner]);
  const begin = apart.shape.map(() => 0);
  return reshape(slice(apart, begin, [...outer, count, 1, ...inner]), sized(count));
}

/** make(0), combined with make(1), and so on; each is disposed of once it was taken in, so that few live at a time. */
export function accumulate(
  count: number,
  make: (i: number) => Tensor,
  combine: (sum: Tensor, next: Tensor) => Tensor,
): Tensor {
  let sum = tidy(() => make(0));
  for (let i = 1; i < count; i++) {
    const before = sum;
    sum = tidy(() => combine(before, make(i)));
    before.dispose();
  }
  return sum;
}
