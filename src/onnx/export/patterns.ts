/** Steps that together are one operator of ONNX. */
import { type Call, fixed, isOpen, Operand, type Value } from './call';
import { constantOf } from './constants';
import { float, int } from './graph';
import { type Num, sameNum } from './numbers';
import { hardSigmoidOf } from './recurrent';
import { convolution, transposed } from './rules/windows';
import type { Step } from './unify';

type Pattern = (c: Call<never>) => Operand | undefined;

/** A call of an earlier step. */
const callOf = (c: Call<never>, step: Step): Call<never> =>
  Object.assign(Object.create(c), { step, operands: step.inputs.map(c.of) }) as Call<never>;

/** What a step reshapes, or the step itself. */
const unshaped = (step: Step): Step => (step.op === 'reshape' ? unshaped(step.inputs[0] as Step) : step);

const isOne = (c: Call<never>, step: Step | undefined, ...ops: readonly string[]): step is Step =>
  step !== undefined && ops.includes(step.op) && c.uses(step) === 1;

/** x · w + b of matrices: Gemm. */
function product(c: Call<never>, before: Step, bias: Step): Operand | undefined {
  const { transposeA, transposeB } = before.attrs as { transposeA: boolean; transposeB: boolean };
  const [a, b] = before.inputs as [Step, Step];
  if (a.shape.length !== 2 || b.shape.length !== 2 || bias.shape.length > 2) return undefined;
  const inputs = [a, b, bias].map((s) => c.graph.value(c.of(s)));
  const attributes = [...(transposeA ? [int('transA', 1)] : []), ...(transposeB ? [int('transB', 1)] : [])];
  return c.result('Gemm', inputs, attributes);
}

/** A product or convolution with a bias behind it. */
const biased: Pattern = (c) => {
  const [before, bias] = c.step.inputs as [Step, Step];
  if (!isOne(c, before, 'matMul', 'conv2d', 'depthwiseConv2d', 'conv2dInputGrad')) return undefined;
  if (before.op === 'matMul') return product(c, before, bias);
  if (bias.shape.length !== 1 || !sameNum(bias.shape[0] ?? 0, before.shape[3] ?? 0)) return undefined;
  const own = callOf(c, before);
  const value = c.graph.value(c.of(bias));
  if (before.op === 'conv2dInputGrad') return transposed(own, false, value);
  return convolution(own, before.op === 'depthwiseConv2d', value);
};

/** What (x - mean) · rsqrt(variance + epsilon) · scale + offset is made of. */
interface Normalization {
  readonly x: Step;
  readonly mean: Step;
  readonly variance: Step;
  readonly epsilon: number;
  readonly scale: Step | undefined;
  readonly offset: Step | undefined;
}

function normalization(step: Step): Normalization | undefined {
  const isOffset = step.op === 'add';
  const [scaled, offset] = isOffset ? (step.inputs as [Step, Step]) : [step, undefined];
  if (scaled.op !== 'mul') return undefined;
  const [difference, factor] = scaled.inputs as [Step, Step];
  if (difference.op !== 'sub') return undefined;
  const [inverse, scale] = factor.op === 'mul' ? (factor.inputs as [Step, Step]) : [factor, undefined];
  const sum = inverse.op === 'rsqrt' ? (inverse.inputs[0] as Step) : undefined;
  if (sum?.op !== 'add') return undefined;
  const [variance, epsilon] = sum.inputs as [Step, Step];
  const least = constantOf(epsilon);
  const [x, mean] = difference.inputs as [Step, Step];
  return least === undefined ? undefined : { x, mean, variance, epsilon: least, scale, offset };
}

/** Ones or zeros as a tensor of the file. */
const same = (c: Call<never>, name: string, count: number, value: number): Value =>
  c.graph.stored(`${c.step.layer ?? 'normalization'}/${name}`, [count], 'float32', () =>
    new Float32Array(count).fill(value),
  );

const flat = (c: Call<never>, step: Step, count: number): Value => c.graph.reshape(c.graph.value(c.of(step)), [count]);

/** Normalization of each channel by stored statistics. */
function ofBatches(c: Call<never>, found: Normalization): Operand | undefined {
  const { x, mean, variance, epsilon, scale, offset } = found;
  const rank = x.shape.length;
  const statistics = [mean, variance, ...(scale ? [scale] : []), ...(offset ? [offset] : [])];
  if (rank < 2 || statistics.some((s) => unshaped(s).kind !== 'constant' || unshaped(s).shape.length !== 1))
    return undefined;
  const wide = (s: Step): readonly unknown[] => [...new Array<number>(rank - s.shape.length).fill(1), ...s.shape];
  const axis = wide(mean).findIndex((n) => n !== 1);
  const count = x.shape[axis];
  if (count === undefined || isOpen(count) || axis === 0) return undefined;
  if (statistics.some((s) => !wide(s).every((n, i) => n === (i === axis ? count : 1)))) return undefined;
  const others = x.shape.flatMap((_, i) => (i === 0 || i === axis ? [] : [i]));
  const order = [0, axis, ...others];
  const image = c.of(x).permuted(order);
  const inputs = [
    c.graph.value(image),
    scale ? flat(c, scale, count) : same(c, 'scale', count, 1),
    offset ? flat(c, offset, count) : same(c, 'offset', count, 0),
    flat(c, mean, count),
    flat(c, variance, count),
  ];
  const y = c.node('BatchNormalization', inputs, [float('epsilon', epsilon)], { shape: image.shape });
  return new Operand(y).permuted(order.map((_, i) => order.indexOf(i)));
}

const axesOf = (step: Step): readonly number[] => (step.attrs as { axes: readonly number[] }).axes;

/** Normalization of the last dimensions by their own statistics. */
function ofLayers(c: Call<never>, found: Normalization): Operand | undefined {
  const { x, mean, variance, epsilon, scale, offset } = found;
  const [squares] = variance.inputs;
  if (mean.op !== 'mean' || variance.op !== 'mean' || squares?.op !== 'squaredDifference') return undefined;
  if (mean.inputs[0] !== x || squares.inputs[0] !== x || squares.inputs[1] !== mean) return undefined;
  const rank = x.shape.length;
  const axes = axesOf(mean);
  const first = axes[0] ?? rank;
  if (axes.length !== rank - first || String(axesOf(variance)) !== String(axes)) return undefined;
  const shape = x.shape.slice(first);
  if (shape.some(isOpen)) return undefined;
  const sizes = shape.map(fixed);
  const count = sizes.reduce((a, b) => a * b, 1);
  const learned = (s: Step | undefined, name: string, value: number): Value | undefined => {
    if (!s) return c.graph.reshape(same(c, name, count, value), sizes);
    const own = unshaped(s);
    const fits = s.shape.slice(-sizes.length).every((n, i) => n === sizes[i]) && own.kind === 'constant';
    return fits && s.shape.slice(0, -sizes.length).every((n) => n === 1)
      ? c.graph.reshape(c.graph.value(c.of(s)), sizes)
      : undefined;
  };
  const [gamma, beta] = [learned(scale, 'scale', 1), learned(offset, 'offset', 0)];
  if (!gamma || !beta) return undefined;
  const attributes = [int('axis', first - rank), float('epsilon', epsilon)];
  return c.result('LayerNormalization', [c.graph.value(c.of(x)), gamma, beta], attributes);
}

const normalized: Pattern = (c) => {
  const found = normalization(c.step);
  return found && (ofBatches(c, found) ?? ofLayers(c, found));
};

/** Rows of a table by indices of any shape. */
const rows: Pattern = (c) => {
  const [found] = c.step.inputs as [Step];
  if (found.op !== 'gather' || (found.attrs as { drop: boolean }).drop) return undefined;
  const [table, indices] = found.inputs.map(unshaped) as [Step, Step];
  const [batch, outer] = found.shape;
  const shape = [...indices.shape, ...table.shape.slice(1)];
  const isTable = batch === 1 && outer === 1 && sameNum(table.shape[0] ?? 0, found.inputs[0]?.shape[2] ?? 0);
  if (!isTable || shape.length !== c.shape.length || shape.some((n, i) => !sameNum(n, c.shape[i] ?? 0)))
    return undefined;
  return c.result('Gather', [c.graph.value(c.of(table)), c.graph.value(c.of(indices))]);
};

/** x where x > 0, else a multiple of eˣ - 1. */
const exponential: Pattern = (c) => {
  const [condition, above, below] = c.step.inputs as [Step, Step, Step];
  const [x, zero] = condition.inputs;
  if (condition.op !== 'greater' || constantOf(zero) !== 0) return undefined;
  const [by, curve] = below.op === 'mul' ? (below.inputs as [Step, Step]) : [undefined, below];
  const [least] = curve.inputs;
  if (curve.op !== 'expm1' || least?.op !== 'minimum' || least.inputs[0] !== x || constantOf(least.inputs[1]) !== 0)
    return undefined;
  const alpha = by ? constantOf(by) : 1;
  if (alpha === undefined) return undefined;
  const operands = [c.of(x as Step)];
  if (above === x) return c.elementwise('Elu', [float('alpha', alpha)], operands);
  const gamma = above.op === 'mul' && above.inputs[1] === x ? constantOf(above.inputs[0]) : undefined;
  if (gamma === undefined) return undefined;
  return c.elementwise('Selu', [float('alpha', alpha / gamma), float('gamma', gamma)], operands);
};

const hard: Pattern = (c) => {
  const found = hardSigmoidOf(c.step);
  if (!found) return undefined;
  const attributes = [float('alpha', found.alpha as number), float('beta', found.beta as number)];
  return c.elementwise('HardSigmoid', attributes, [c.of(found.x)]);
};

/** Whether a step turns some dimensions around, and does nothing else. */
function turns(step: Step): string | undefined {
  const { strides, size } = step.attrs as { strides?: readonly number[]; size: readonly Num[] };
  const from = step.inputs[0]?.shape ?? [];
  const isTurn =
    step.op === 'slice' && strides?.every((s) => s === 1 || s === -1) && size.every((n, i) => sameNum(n, from[i] ?? 0));
  return isTurn ? String(strides) : undefined;
}

/** What is turned around twice. */
const twice: Pattern = (c) => {
  const [before] = c.step.inputs as [Step];
  const own = turns(c.step);
  return own !== undefined && before.op === 'slice' && turns(before) === own
    ? c.of(before.inputs[0] as Step)
    : undefined;
};

const PATTERNS: Readonly<Record<string, readonly Pattern[]>> = {
  add: [normalized, biased],
  mul: [normalized],
  reshape: [rows],
  where: [exponential],
  clipByValue: [hard],
  slice: [twice],
};

/** The operator that a step, with those before it, is; undefined if it is none but its own. */
export function patternOf(c: Call<never>): Operand | undefined {
  for (const pattern of PATTERNS[c.step.op] ?? []) {
    const found = pattern(c);
    if (found) return found;
  }
  return undefined;
}
