/**
 * Descriptors of products with weights of eight bits. Operands: x, the weights in words of four int8, a scale for each
 * output channel, then the scale of x if it is given, and last a bias that the planner has fused.
 */
import {
  INT8_SPARE,
  INT8_WIDE_PAIRS,
  Int8Conv,
  Int8Gemm,
  Op,
  PANEL,
  Quantize,
  QuantizePairs,
  Un,
  Unpack,
} from '../../../assembly/isa';
import { type Emitter, f32, type Operand, type Value } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { sameShape, showShape, sizeOf } from '../../tensor/shape';
import { op } from '../core/descriptor';
import type { Epilogue } from './matmul';
import { checkRank4, convGeometry, type Pair, type WindowAttrs } from './window';
import { blockOf, POINTS, panelBytes, pointBytes, tilesOf, workBytes } from './winograd';

/** Longest fold: sums of so many products of int8 are within int32, with room to spare. */
export const MOST_STEPS = 65_000;

/** Bytes of patches that a thread holds at a time. */
const PATCHES = 65_536;

/** Scratch of one thread: the spare tile, and a widened panel. */
const scratchBytes = (pairs: number): number => INT8_SPARE + Math.min(pairs, INT8_WIDE_PAIRS) * 64;

interface Int8Attrs {
  /** Output channels. */
  readonly channels: number;
  /** Whether the scale of x is an operand; else each row, or image, has its own. */
  readonly isGiven: boolean;
  readonly epilogue?: Epilogue;
}

export interface Int8ConvAttrs extends WindowAttrs, Int8Attrs {
  /** Height and width of the filter. */
  readonly window: Pair;
}

/** Words of the weights of a product: panels of sixteen columns, pairs of steps of the fold, eight words. */
export const panelShape = (k: number, n: number): [number, number, number] => [
  Math.ceil(n / PANEL),
  Math.ceil(k / 2),
  8,
];

/** Words of the filter of a depthwise convolution: the taps, and groups of eight channels. */
export const tapShape = (kh: number, kw: number, channels: number): [number, number, number] => [
  kh,
  kw,
  2 * Math.ceil(channels / 8),
];

function checkWeights(where: string, inputs: readonly TensorSpec[], words: readonly number[], { channels }: Int8Attrs) {
  const [, weights, scale] = inputs as [TensorSpec, TensorSpec, TensorSpec];
  if (!sameShape(weights.shape, words) || !sameShape(scale.shape, [channels]))
    throw new ShapeError(
      `${where}: weights ${showShape(weights.shape)} with scales ${showShape(scale.shape)} do not fit; ${showShape(words)} and [${channels}] are needed`,
    );
}

function checkSteps(where: string, k: number): void {
  if (k > MOST_STEPS)
    throw new ShapeError(
      `${where}: sums of ${k} products may leave int32; at most ${MOST_STEPS} are taken: split the product, or keep it in float32`,
    );
}

/** The operands after the weights. */
function rest(inputs: readonly Value[], { isGiven, epilogue }: Int8Attrs): { given?: Value; bias?: Value } {
  const [, , , ...more] = inputs;
  return {
    ...(isGiven && { given: more[0] as Value }),
    ...(epilogue?.bias && { bias: more[more.length - 1] as Value }),
  };
}

const finishing = (epilogue: Epilogue | undefined, bias: Value | undefined) => ({
  ...(bias && { bias: bias.ref }),
  activation: epilogue?.activation ?? Un.identity,
  alpha: f32(epilogue?.alpha ?? 0),
});

/** x as rows of int16, and the scales of its units. */
function quantized(
  e: Emitter,
  x: Value,
  sizes: { units: number; rows: number; width: number },
  row: number,
  given: Value | undefined,
): { q: Value; scale: Value } {
  const { units, rows } = sizes;
  // Copies of patches read up to a vector too far.
  const q = e.temporary({ shape: [Math.ceil((units * rows * row) / 4) + 4], dtype: 'int32' });
  const scale = e.temporary({ shape: [units], dtype: 'float32' });
  e.command(
    Op.Quantize,
    Quantize,
    { x: x.ref, q: q.ref, scale: scale.ref, ...(given && { given: given.ref }), ...sizes, row },
    ['q', 'scale'],
  );
  return { q, scale };
}

/** x as a depthwise convolution reads it: so many pairs of rows, and columns. */
function quantizedPairs(e: Emitter, x: Value, a: Int8ConvAttrs, given: Value | undefined) {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const dilationH = a.dilations[0];
  /** Rows, or columns, from the first that windows see to the last. */
  const seen = (d: 0 | 1): number =>
    Math.max(0, (a.positions[d] - 1) * a.strides[d] + (a.window[d] - 1) * a.dilations[d] + 1);
  const rows = Math.ceil(Math.ceil(seen(0) / dilationH) / 2) * dilationH;
  const columns = seen(1);
  const groups = Math.ceil(a.channels / 4);
  // Strips of eight pixels are read whole.
  const q = e.temporary({ shape: [4 * (n * rows * groups * columns + 8 * a.strides[1])], dtype: 'int32' });
  const scale = e.temporary({ shape: [n], dtype: 'float32' });
  const places = { x: x.ref, q: q.ref, scale: scale.ref, ...(given && { given: given.ref }) };
  const sizes = { n, h, w, c, repeat: c ? a.channels / c : 1, rows, columns };
  const moves = { padTop: a.padHeight[0], padLeft: a.padWidth[0], dilationH };
  e.command(Op.QuantizePairs, QuantizePairs, { ...places, ...sizes, ...moves }, ['q', 'scale']);
  return { q, scale, rows, columns };
}

/** [m, k] · [k, n]; `rows` rows share a scale. */
function emitProduct(
  e: Emitter,
  inputs: readonly Value[],
  out: Value,
  attrs: Int8Attrs,
  m: number,
  rows: number,
): void {
  const [x, words, scales] = inputs as [Value, Value, Value];
  const width = x.shape[x.shape.length - 1] as number;
  const [, pairs] = words.shape as [number, number];
  const { given, bias } = rest(inputs, attrs);
  const { q, scale } = quantized(e, x, { units: rows ? m / rows : 0, rows, width }, pairs * 4, given);
  e.command(
    Op.Int8Gemm,
    Int8Gemm,
    {
      a: q.ref,
      aScale: scale.ref,
      w: words.ref,
      wScale: scales.ref,
      y: out.ref,
      m,
      n: attrs.channels,
      pairs,
      aRow: pairs * 4,
      rows,
      ...finishing(attrs.epilogue, bias),
    },
    ['y'],
    scratchBytes(pairs),
  );
}

/** [..., k] · [k, n] -> [..., n] */
export const int8MatMul = op<Int8Attrs>('int8MatMul', {
  infer(inputs, attrs) {
    const { shape } = inputs[0] as TensorSpec;
    const k = shape[shape.length - 1] as number;
    checkSteps('int8MatMul', k);
    checkWeights('int8MatMul', inputs, panelShape(k, attrs.channels), attrs);
    return { shape: [...shape.slice(0, -1), attrs.channels], dtype: 'float32' };
  },
  lower: (e, inputs, out, attrs) => emitProduct(e, inputs, out, attrs, sizeOf(out.shape.slice(0, -1)), 1),
});

const isPlain = ({ window: [kh, kw], strides, padHeight, padWidth }: Int8ConvAttrs): boolean =>
  kh === 1 && kw === 1 && [...strides, ...padHeight, ...padWidth].join() === '1,1,0,0,0,0';

function emitConv(
  e: Emitter,
  code: Op,
  inputs: readonly Value[],
  out: Value,
  attrs: Int8ConvAttrs,
  { q, scale }: { q: Value; scale: Value },
  own: Record<string, Operand>,
  scratch: number,
): void {
  const [x, words, scales] = inputs as [Value, Value, Value];
  const filter: Value = { ...words, shape: attrs.window };
  e.command(
    code,
    Int8Conv,
    {
      ...convGeometry(x, filter, out, attrs),
      x: q.ref,
      xScale: scale.ref,
      filter: words.ref,
      filterScale: scales.ref,
      y: out.ref,
      ...own,
      ...finishing(attrs.epilogue, rest(inputs, attrs).bias),
    },
    ['y'],
    scratch,
  );
}

/** Products that have to be saved, for each pair of channels, before the filter's transform pays. */
const LEAST_SAVED = 256;

/** Whether fewer products are worth the transforms. Sums are exact in either form. */
function isWinograd(
  { window, strides, dilations, positions: [oh, ow], channels }: Int8ConvAttrs,
  n: number,
  c: number,
) {
  const tiles = tilesOf(oh, ow);
  return (
    [...window, ...strides, ...dilations].join() === '3,3,1,1,1,1' &&
    c % 2 === 0 &&
    c >= 8 &&
    channels >= PANEL &&
    n * (9 * oh * ow - POINTS * tiles) >= LEAST_SAVED
  );
}

function emitWinograd(
  e: Emitter,
  inputs: readonly Value[],
  out: Value,
  attrs: Int8ConvAttrs,
  made: { q: Value; scale: Value },
): void {
  const [n, , , c] = (inputs[0] as Value).shape as [number, number, number, number];
  const tiles = n * tilesOf(...attrs.positions);
  const block = blockOf(tiles, c / 2);
  const panel = panelBytes(c / 2);
  const work = workBytes(c / 2);
  // Panels that are read once are transformed where they are read, and never leave the cache.
  const isShared = tiles > block;
  const words = (Math.ceil(attrs.channels / PANEL) * panel) / 4;
  const points = isShared ? e.temporary({ shape: [words], dtype: 'int32' }) : undefined;
  if (points) {
    const operands = { filter: (inputs[1] as Value).ref, points: points.ref, c, oc: attrs.channels };
    e.command(Op.Int8WinogradFilter, Int8Conv, operands, ['points'], work);
  }
  const values = block * Math.ceil(c / 8) * 16 + 64;
  const scratch = work + POINTS * (values + pointBytes(block + 1)) + block * 1024 + (isShared ? 0 : panel);
  emitConv(e, Op.Int8Winograd, inputs, out, attrs, made, { block, ...(points && { points: points.ref }) }, scratch);
}

/** x: [n, h, w, c] -> [n, oh, ow, oc]; each image has its own scale, unless one is given. */
export const int8Conv2d = op<Int8ConvAttrs>('int8Conv2d', {
  infer(inputs, attrs) {
    const x = inputs[0] as TensorSpec;
    checkRank4('int8Conv2d', 'x', x);
    const [n, , , c] = x.shape as [number, number, number, number];
    const k = attrs.window[0] * attrs.window[1] * c;
    checkSteps('int8Conv2d', k);
    checkWeights('int8Conv2d', inputs, panelShape(k, attrs.channels), attrs);
    return { shape: [n, ...attrs.positions, attrs.channels], dtype: 'float32' };
  },
  lower(e, inputs, out, attrs) {
    const [x, words] = inputs as [Value, Value];
    const [n, h, w, c] = x.shape as [number, number, number, number];
    if (isPlain(attrs)) return emitProduct(e, inputs, out, attrs, n * h * w, h * w);
    const made = quantized(e, x, { units: n, rows: h, width: w * c }, w * c * 2, rest(inputs, attrs).given);
    if (isWinograd(attrs, n, c)) return emitWinograd(e, inputs, out, attrs, made);
    const row = (words.shape[1] as number) * 4;
    const block = Math.max(2, Math.min(256, Math.floor(PATCHES / Math.max(1, row)) & ~1));
    emitConv(e, Op.Int8Conv, inputs, out, attrs, made, { block }, scratchBytes(row / 4) + block * row + 16);
  },
});

/** x: [n, h, w, c] -> [n, oh, ow, c m] */
export const int8DepthwiseConv2d = op<Int8ConvAttrs>('int8DepthwiseConv2d', {
  infer(inputs, attrs) {
    const x = inputs[0] as TensorSpec;
    checkRank4('int8DepthwiseConv2d', 'x', x);
    const [kh, kw] = attrs.window;
    checkSteps('int8DepthwiseConv2d', kh * kw);
    checkWeights('int8DepthwiseConv2d', inputs, tapShape(kh, kw, attrs.channels), attrs);
    return { shape: [x.shape[0] as number, ...attrs.positions, attrs.channels], dtype: 'float32' };
  },
  lower(e, inputs, out, attrs) {
    const [x] = inputs as [Value];
    const { given } = rest(inputs, attrs);
    const { rows, columns, ...made } = quantizedPairs(e, x, attrs, given);
    const [kh, kw] = attrs.window;
    const pairs = Math.floor((kh + 1) / 2) + Math.floor((kh + 2) / 2);
    const scratch = kw * (2 * (kh + 2) + pairs * Math.ceil(attrs.channels / 4) * 16);
    emitConv(e, Op.Int8Depthwise, inputs, out, attrs, made, { h: rows, w: columns }, scratch);
  },
});

/** Rows of words of four int8 with a scale each: [..., words], [...] -> [..., width] */
export const int8Rows = op<{ readonly width: number }>('int8Rows', {
  infer: ([w, scale], { width }) => {
    const { shape } = w as TensorSpec;
    const words = Math.ceil(width / 4);
    if (shape[shape.length - 1] !== words || !sameShape(shape.slice(0, -1), (scale as TensorSpec).shape))
      throw new ShapeError(
        `int8Rows: words ${showShape(shape)} with scales ${showShape((scale as TensorSpec).shape)} do not make rows of ${width}`,
      );
    return { shape: [...shape.slice(0, -1), width], dtype: 'float32' };
  },
  lower: (e, [w, scale], out, { width }) =>
    e.command(
      Op.Unpack,
      Unpack,
      {
        w: (w as Value).ref,
        scale: (scale as Value).ref,
        out: out.ref,
        rows: sizeOf((scale as Value).shape),
        width,
      },
      ['out'],
    ),
});
