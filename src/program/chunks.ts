/**
 * How long commands take one thread, and so into how many chunks they may be cut. The figures are rough, of one core
 * of a server; nothing but speed depends on them.
 */
import { BINARY, Bin, Op, PANEL, Sharing, TERNARY, Un } from '../../assembly/isa';
import { sizeOf, stridesOf } from '../tensor/shape';
import type { MapCommand, PlainCommand } from './ir';

/** Nanoseconds; tests lower them so that small commands are shared too. */
export const limits = {
  /** Commands below are not shared: handing a chunk over takes as long. */
  command: 5_000,
  /** One chunk. */
  chunk: 16_000,
  /** Programs with less to share run on the caller alone. */
  program: 30_000,
  /** From here on sleeping workers are woken before the program starts. */
  wake: 150_000,
};

/** More would leave each so little that the last ones decide. */
const MOST_CHUNKS = 256;

/** Sizes of a command by the names of its operands; 0 for operands that are not sizes. */
type Sizes = (name: string) => number;

/** Nanoseconds of one multiplication and addition of a product. */
const FUSED = 0.04;

const product = (n: Sizes, ...names: string[]): number => names.reduce((all, name) => all * n(name), 1);
const pixels = (n: Sizes): number => product(n, 'n', 'oh', 'ow');
const filter = (n: Sizes): number => product(n, 'kh', 'kw', 'c', 'oc');
const convolution = (n: Sizes): number => pixels(n) * filter(n) * FUSED;
const tiles = (n: Sizes): number => n('n') * Math.ceil(n('oh') / 4) * Math.ceil(n('ow') / 4);
/** Products of Winograd's convolutions at 36 points, and the transforms. */
const winograd = (n: Sizes): number => tiles(n) * 36 * (product(n, 'c', 'oc') * FUSED + n('c') + n('oc'));
const depthwise = (n: Sizes): number => product(n, 'n', 'oh', 'ow', 'kh', 'kw', 'oc') * 0.15;
const pooling =
  (each: number) =>
  (n: Sizes): number =>
    product(n, 'n', 'oh', 'ow', 'c', 'kh', 'kw') * each;
const elements =
  (each: number) =>
  (n: Sizes): number =>
    n('count') * each;
const resampled = (n: Sizes): number => n('outer') * (n('n') + n('count')) * n('inner');
/** Binary digits of a number. */
const digits = (x: number): number => 32 - Math.clz32(x);
/** In the order of the examples: never shared. */
const sequential = (): number => 0;

/** Of commands that take another time than a nanosecond for each element that they write. */
const NANOSECONDS: Readonly<Partial<Record<Op, (n: Sizes) => number>>> = {
  [Op.Gemm]: (n) => n('batch') * n('n') * (n('m') * (n('k') * FUSED + 0.2) + n('k') * 0.1),
  [Op.PackPanels]: (n) => product(n, 'n', 'k') * 0.3,
  [Op.GemmInt]: (n) => product(n, 'batch', 'm', 'n', 'k') * 0.2,
  [Op.Int8Gemm]: (n) => n('m') * n('n') * (n('pairs') * FUSED + 0.2),
  [Op.Int8Conv]: (n) => convolution(n) / 2 + pixels(n) * product(n, 'kh', 'kw', 'c') * 0.1,
  [Op.Int8Depthwise]: (n) => depthwise(n) / 2,
  [Op.Int8Winograd]: (n) => winograd(n) / 2,
  [Op.Int8WinogradFilter]: (n) => product(n, 'c', 'oc') * 6,
  [Op.Quantize]: (n) => product(n, 'units', 'rows', 'width') * 0.3,
  [Op.QuantizePairs]: (n) => product(n, 'n', 'rows', 'columns', 'c', 'repeat') * 0.6,
  [Op.Unpack]: (n) => product(n, 'rows', 'width') * 0.2,
  [Op.Conv2d]: convolution,
  [Op.Conv2dInputGrad]: convolution,
  [Op.Conv2dFilterGrad]: convolution,
  [Op.Winograd]: winograd,
  [Op.WinogradInputGrad]: winograd,
  [Op.WinogradFilterGrad]: winograd,
  [Op.WinogradFilter]: (n) => product(n, 'c', 'oc') * 12,
  [Op.DepthwiseConv2d]: depthwise,
  [Op.DepthwiseConv2dInputGrad]: depthwise,
  [Op.DepthwiseConv2dFilterGrad]: depthwise,
  [Op.MaxPool]: pooling(0.15),
  [Op.AvgPool]: pooling(0.15),
  [Op.MaxPoolGrad]: pooling(0.5),
  [Op.MaxPoolGather]: pooling(0.3),
  [Op.AvgPoolGrad]: pooling(0.3),
  [Op.Reduce]: (n) => product(n, 'outer', 'n', 'inner') * 0.1,
  [Op.ArgReduce]: (n) => product(n, 'outer', 'n', 'inner') * 0.8,
  [Op.Softmax]: (n) => product(n, 'rows', 'n') * 1.5,
  [Op.LogSoftmax]: (n) => product(n, 'rows', 'n') * 1.5,
  [Op.StridedCopy]: (n) => product(n, 'd0', 'd1', 'd2', 'd3', 'd4', 'd5') * 0.5,
  [Op.GatherRows]: (n) => n('count') * (5 + n('row') * 0.1),
  [Op.OneHot]: (n) => product(n, 'count', 'depth') * 0.2,
  [Op.Fill]: elements(0.1),
  [Op.Random]: elements(5),
  [Op.Dropout]: elements(4),
  [Op.Count]: sequential,
  [Op.Accumulate]: sequential,
  [Op.Tally]: sequential,
  [Op.Append]: sequential,
  [Op.SumTree]: (n) => product(n, 'blocks', 'count') * 0.2,
  [Op.Cumulative]: (n) => product(n, 'outer', 'n', 'inner'),
  [Op.TopK]: (n) => product(n, 'rows', 'n') * (2 + digits(n('k'))),
  [Op.SearchSorted]: (n) => product(n, 'rows', 'm') * (2 + digits(n('n'))),
  [Op.TakeAlong]: (n) => product(n, 'rows', 'k'),
  [Op.PutAlong]: (n) => n('rows') * (n('limit') * 0.1 + n('k')),
  [Op.Gather]: (n) => product(n, 'units', 'count') * (2 + n('inner') * 0.1),
  [Op.Scatter]: (n) => n('units') * (n('count') * (3 + n('inner') * 0.3) + n('limit') * n('inner') * 0.1),
  [Op.FlatIndex]: elements(1),
  [Op.Pick]: (n) => n('rows') * (n('n') + n('count') * 20),
  [Op.Resample]: (n) => resampled(n),
  [Op.ResampleGrad]: (n) => resampled(n),
  [Op.TakeRows]: (n) => product(n, 'outer', 'count') * (5 + n('inner') * 0.1),
  [Op.SumRows]: (n) => resampled(n) * 0.3,
};

/** More chunks would repeat work: each packs the operand that it multiplies with. */
const MOST: Partial<Record<Op, (n: Sizes) => number>> = {
  [Op.Gemm]: (n) => (n('batch') > 1 || n('m') < 64 ? MOST_CHUNKS : Math.max(panels(n('n')), n('m') / 32)),
  [Op.Int8Gemm]: (n) => Math.max(panels(n('n')), n('m') / 2),
  [Op.Int8Conv]: (n) => pixels(n) / 8,
  [Op.Int8Winograd]: (n) => Math.max(tiles(n) / 32, panels(n('oc'))),
  [Op.Int8WinogradFilter]: (n) => panels(n('oc')),
  [Op.Quantize]: (n) => product(n, 'units', 'rows'),
  [Op.QuantizePairs]: (n) => product(n, 'n', 'rows'),
  [Op.Conv2d]: (n) => pixels(n) / 32,
  [Op.Conv2dInputGrad]: (n) => (pixels(n) / 32) * panels(n('c')),
  [Op.Conv2dFilterGrad]: (n) => Math.max(4, product(n, 'kh', 'kw', 'c') / 64),
  [Op.Winograd]: (n) => Math.max(tiles(n) / 32, panels(n('oc'))),
  [Op.WinogradInputGrad]: (n) => Math.max(n('n'), panels(n('c'))),
  [Op.WinogradFilterGrad]: (n) => Math.max(panels(n('c')), panels(n('oc'))),
};

const panels = (columns: number): number => Math.ceil(columns / PANEL);

/** Whether each chunk repeats transforms, or the search for scales, that all of them need. */
const REPEATING: Partial<Record<Op, (n: Sizes) => boolean>> = {
  [Op.Winograd]: (n) => tiles(n) / 32 < panels(n('oc')),
  [Op.Int8Winograd]: (n) => tiles(n) / 32 < panels(n('oc')),
  [Op.WinogradInputGrad]: (n) => n('n') < panels(n('c')),
  [Op.WinogradFilterGrad]: () => true,
  [Op.Quantize]: (n) => n('rows') > 1,
  [Op.QuantizePairs]: () => true,
};

/** Nanoseconds of an element of a map, for steps that take longer than others. */
const COSTLY: ReadonlyMap<number, number> = new Map<number, number>([
  ...[Un.exp, Un.log, Un.log1p, Un.expm1, Un.tanh, Un.sigmoid, Un.softplus, Un.erf].map((c) => [c, 1.2] as const),
  ...[Un.sin, Un.cos, Un.tan, Un.asin, Un.acos, Un.atan, Un.sinh, Un.cosh, Un.asinh, Un.acosh, Un.atanh].map(
    (c) => [c, 2] as const,
  ),
  ...[Un.sqrt, Un.rsqrt, Un.reciprocal, BINARY + Bin.div].map((c) => [c, 0.4] as const),
  ...[Bin.mod, Bin.floorDiv, Bin.modInt, Bin.floorDivInt].map((c) => [BINARY + c, 1] as const),
  [BINARY + Bin.atan2, 3],
  [BINARY + Bin.pow, 5],
  [BINARY + Bin.powInt, 5],
]);

function mapNanoseconds({ shape, inputs, steps }: MapCommand): number {
  const dense = stridesOf(shape);
  const isGathered = (strides: readonly number[]): boolean =>
    strides.some((s, d) => s !== dense[d] && shape[d] !== 1) && strides.some((s) => s !== 0);
  const each =
    0.1 +
    inputs.reduce((all, { strides }) => all + (isGathered(strides) ? 0.5 : 0.05), 0) +
    steps.reduce((all, { code }) => all + (COSTLY.get(code) ?? (code >= TERNARY ? 0.15 : 0.1)), 0);
  return sizeOf(shape) * each;
}

/** What a command is worth: how long it takes, and into how many chunks it may be cut (1: it is not shared). */
export interface Work {
  readonly nanoseconds: number;
  readonly chunks: number;
  /** Whether chunks repeat work: then it is cut into no more than there are threads. */
  readonly repeats: boolean;
}

export function workOf(command: PlainCommand | MapCommand): Work {
  if (command.kind === 'map') return cut(mapNanoseconds(command), MOST_CHUNKS);
  const sizes: Sizes = (name) => {
    const operand = command.operands[name];
    return typeof operand === 'number' ? operand : 0;
  };
  const { op, each } = command;
  const time = each === undefined ? NANOSECONDS[op] : elements(each);
  const nanoseconds = time?.(sizes) ?? command.writes.reduce((all, { buffer }) => all + buffer.bytes / 4, 0);
  return cut(nanoseconds, MOST[op]?.(sizes) ?? MOST_CHUNKS, REPEATING[op]?.(sizes));
}

/** A power of two, so that halves of it divide the same sizes. */
function cut(nanoseconds: number, most: number, repeats = false): Work {
  const wanted = nanoseconds === 0 || nanoseconds < limits.command ? 1 : Math.max(2, nanoseconds / limits.chunk);
  const chunks = 1 << Math.max(0, digits(Math.min(wanted, most, MOST_CHUNKS)) - 1);
  return { nanoseconds: chunks > 1 ? nanoseconds : 0, chunks, repeats: repeats && chunks > 1 };
}

/** Which threads run a program with this much work to share, in nanoseconds. */
export function sharingOf(nanoseconds: number): Sharing {
  if (nanoseconds < limits.program) return Sharing.none;
  return nanoseconds < limits.wake ? Sharing.awake : Sharing.all;
}
