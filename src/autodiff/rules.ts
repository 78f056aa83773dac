/**
 * Every gradient rule, one for each op: the table is typed so that an op without a rule does not compile.
 *
 * A rule gets the gradient g of the result y and gives, for each operand, a function that makes that operand's
 * gradient (called only if it is needed), or null where there is none. Rules are written with ops, so that they can
 * be differentiated themselves. Where a function has a kink the rule takes the side that TensorFlow takes.
 */
import {
  add,
  broadcastTo,
  cast,
  div,
  equal,
  exp,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  mul,
  neg,
  sigmoid,
  sign,
  square,
  sub,
  where,
} from '../ops/arithmetic';
import { NONE } from '../ops/descriptor';
import { apply } from '../ops/dispatch';
import { matMul } from '../ops/neural';
import { prod, softmax, sum } from '../ops/reduce';
import { concat, pad, reshape, slice, transpose } from '../ops/shaping';
import type { AttrsOf, OpName } from '../ops/table';
import { type Shape, sizeOf } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

export type Gradient = (() => Tensor) | null;

/** What a rule sees: the gradient of the result, the operands, the result, the attributes. */
export type Rule<A> = (g: Tensor, inputs: readonly Tensor[], y: Tensor, attrs: A) => Gradient[];

/** Sums g over what broadcasting repeated, so that it has the operand's shape. */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  const lead = g.rank - shape.length;
  const axes = g.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  if (axes.length === 0) return g;
  return reshape(sum(g, axes), shape);
}

const TWO_OVER_ROOT_PI = 1.1283791670955126;

type One<A> = (g: Tensor, x: Tensor, y: Tensor, attrs: A) => Tensor;
/** Rule of an op with one operand. */
const one =
  <A>(make: One<A>): Rule<A> =>
  (g, [x], y, attrs) => [() => make(g, x as Tensor, y, attrs)];

type Two = (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;
/** Rule of an op with two operands that broadcast. */
const two =
  <A>(da: Two, db: Two): Rule<A> =>
  (g, [a, b], y) => [
    () => unbroadcast(da(g, a as Tensor, b as Tensor, y), (a as Tensor).shape),
    () => unbroadcast(db(g, a as Tensor, b as Tensor, y), (b as Tensor).shape),
  ];

/** Constant almost everywhere, or not a number to differentiate: no gradient flows. */
const flat: Rule<unknown> = (_, inputs) => inputs.map(() => null);

/** g where the condition holds, else 0. */
const masked = (g: Tensor, condition: Tensor): Tensor => where(condition, g, 0);

/** g, reduced along axes, back in the shape of x. */
const spread = (g: Tensor, x: Tensor, { axes }: AttrsOf<'sum'>): Tensor =>
  broadcastTo(
    reshape(
      g,
      x.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
    ),
    x.shape,
  );

/** The gradient goes to the extremes; equal ones share it. */
const toExtremes: One<AttrsOf<'max'>> = (g, x, y, attrs) => {
  const isExtreme = cast(equal(x, spread(y, x, attrs)), 'float32');
  return mul(isExtreme, spread(div(g, reshape(sum(isExtreme, attrs.axes), g.shape)), x, attrs));
};

export const rules: { readonly [K in OpName]: Rule<AttrsOf<K>> } = {
  neg: one((g) => neg(g)),
  abs: one((g, x) => mul(g, sign(x))),
  sign: flat,
  square: one((g, x) => mul(g, mul(2, x))),
  sqrt: one((g, _, y) => div(mul(0.5, g), y)),
  rsqrt: one((g, x, y) => mul(g, mul(-0.5, div(y, x)))),
  reciprocal: one((g, _, y) => neg(mul(g, square(y)))),
  exp: one((g, _, y) => mul(g, y)),
  log: one((g, x) => div(g, x)),
  log1p: one((g, x) => div(g, add(1, x))),
  expm1: one((g, _, y) => mul(g, add(y, 1))),
  tanh: one((g, _, y) => mul(g, sub(1, square(y)))),
  sigmoid: one((g, _, y) => mul(g, mul(y, sub(1, y)))),
  softplus: one((g, x) => mul(g, sigmoid(x))),
  erf: one((g, x) => mul(g, mul(TWO_OVER_ROOT_PI, exp(neg(square(x)))))),
  relu: one((g, _, y) => apply('reluGrad', [g, y], NONE)),
  leakyRelu: one((g, x, _, { alpha }) => apply('leakyReluGrad', [g, x], { alpha })),
  clipByValue: one((g, x, _, { min, max }) => masked(g, logicalAnd(greaterEqual(x, min), lessEqual(x, max)))),
  floor: flat,
  ceil: flat,
  round: flat,
  step: flat,
  isNaN: flat,
  logicalNot: flat,
  cast: (g, [x], _, { dtype }) => [(x as Tensor).dtype === 'float32' && dtype === 'float32' ? () => g : null],

  add: two(
    (g) => g,
    (g) => g,
  ),
  sub: two(
    (g) => g,
    (g) => neg(g),
  ),
  mul: two(
    (g, _, b) => mul(g, b),
    (g, a) => mul(g, a),
  ),
  div: two(
    (g, _, b) => div(g, b),
    (g, _, b, y) => neg(mul(g, div(y, b))),
  ),
  maximum: two(
    (g, a, b) => masked(g, greaterEqual(a, b)),
    (g, a, b) => masked(g, less(a, b)),
  ),
  minimum: two(
    (g, a, b) => masked(g, lessEqual(a, b)),
    (g, a, b) => masked(g, greater(a, b)),
  ),
  squaredDifference: two(
    (g, a, b) => mul(g, mul(2, sub(a, b))),
    (g, a, b) => mul(g, mul(2, sub(b, a))),
  ),
  reluGrad: (g, [, b]) => [() => apply('reluGrad', [g, b as Tensor], NONE), null],
  leakyReluGrad: (g, [, b], _, attrs) => [() => apply('leakyReluGrad', [g, b as Tensor], attrs), null],
  equal: flat,
  notEqual: flat,
  less: flat,
  lessEqual: flat,
  greater: flat,
  greaterEqual: flat,
  logicalAnd: flat,
  logicalOr: flat,
  where: (g, [condition, a, b]) => [
    null,
    () => unbroadcast(where(condition as Tensor, g, 0), (a as Tensor).shape),
    () => unbroadcast(where(condition as Tensor, 0, g), (b as Tensor).shape),
  ],
  broadcastTo: one((g, x) => unbroadcast(g, x.shape)),

  matMul: (g, [a, b], _, { transposeA, transposeB }) => [
    () =>
      unbroadcast(
        transposeA ? matMul(b as Tensor, g, transposeB, true) : matMul(g, b as Tensor, false, !transposeB),
        (a as Tensor).shape,
      ),
    () =>
      unbroadcast(
        transposeB ? matMul(g, a as Tensor, true, transposeA) : matMul(a as Tensor, g, !transposeA, false),
        (b as Tensor).shape,
      ),
  ],
  conv2d: (g, [x, f], _, attrs) => [
    () => apply('conv2dInputGrad', [g, f as Tensor], { ...attrs, inputSize: pairAt(x as Tensor, 1) }),
    () => apply('conv2dFilterGrad', [x as Tensor, g], { ...attrs, window: pairAt(f as Tensor, 0) }),
  ],
  // Both gradients of a convolution are linear in each operand, and their gradients are convolutions again.
  conv2dInputGrad: (g, [dy, f], _, { inputSize: __, ...attrs }) => [
    () => apply('conv2d', [g, f as Tensor], attrs),
    () => apply('conv2dFilterGrad', [g, dy as Tensor], { ...attrs, window: pairAt(f as Tensor, 0) }),
  ],
  conv2dFilterGrad: (g, [x, dy], _, { window: __, ...attrs }) => [
    () => apply('conv2dInputGrad', [dy as Tensor, g], { ...attrs, inputSize: pairAt(x as Tensor, 1) }),
    () => apply('conv2d', [x as Tensor, g], attrs),
  ],
  maxPool: one((g, x, _, attrs) => apply('maxPoolGrad', [x, g], attrs)),
  maxPoolGrad: (g, [x], _, attrs) => [null, () => apply('maxPoolGather', [x as Tensor, g], attrs)],
  maxPoolGather: (g, [x], _, attrs) => [null, () => apply('maxPoolGrad', [x as Tensor, g], attrs)],
  avgPool: one((g, x, _, attrs) => apply('avgPoolGrad', [g], { ...attrs, inputSize: pairAt(x, 1) })),
  avgPoolGrad: one((g, _, __, { inputSize: ___, ...attrs }) => apply('avgPool', [g], attrs)),

  sum: one((g, x, _, attrs) => spread(g, x, attrs)),
  mean: one((g, x, _, attrs) => spread(div(g, sizeOf(attrs.axes.map((a) => x.shape[a] as number))), x, attrs)),
  prod: one((g, x, y, attrs) => prodGrad(g, x, y, attrs)),
  max: one(toExtremes),
  min: one(toExtremes),
  all: flat,
  any: flat,
  argMax: flat,
  argMin: flat,
  softmax: one((g, _, y) => mul(sub(g, sum(mul(g, y), -1, true)), y)),
  logSoftmax: one((g, x) => sub(g, mul(softmax(x), sum(g, -1, true)))),

  fill: flat,
  reshape: one((g, x) => reshape(g, x.shape)),
  transpose: one((g, _, __, { perm }) =>
    transpose(
      g,
      perm.map((_p, i) => perm.indexOf(i)),
    ),
  ),
  slice: one((g, x, _, { begin, size }) =>
    pad(
      g,
      begin.map((b, i) => [b, (x.shape[i] as number) - b - (size[i] as number)] as const),
    ),
  ),
  pad: one((g, x, _, { paddings }) =>
    slice(
      g,
      paddings.map(([before]) => before),
      x.shape,
    ),
  ),
  concat: (g, inputs, _, { axis }) => {
    let at = 0;
    return inputs.map((x) => {
      const begin = x.shape.map((_d, i) => (i === axis ? at : 0));
      at += x.shape[axis] as number;
      return () => slice(g, begin, x.shape);
    });
  },
  oneHot: flat,
  random: flat,
  // The same key draws the same mask.
  dropout: one((g, _, __, attrs) => apply('dropout', [g], attrs)),
};

const pairAt = (t: Tensor, i: number): readonly [number, number] => [t.shape[i] as number, t.shape[i + 1] as number];

/** g times the product of the other elements: no division, so that zeros do no harm. Takes n² memory for n elements. */
function prodGrad(g: Tensor, x: Tensor, _: Tensor, attrs: AttrsOf<'prod'>): Tensor {
  const { axes } = attrs;
  const kept = x.shape.map((_d, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const n = sizeOf(axes.map((a) => x.shape[a] as number));
  const rows = sizeOf(kept.map((a) => x.shape[a] as number));
  const flatX = reshape(transpose(x, order), [rows, n]);
  // others[i, j] = product over k of (k == j ? 1 : x[i, k])
  const isSelf = equal(reshape(indices(n), [1, n, 1]), reshape(indices(n), [1, 1, n]));
  const others = prod(where(isSelf, 1, reshape(flatX, [rows, 1, n])), 2);
  const flatG = mul(others, reshape(g, [rows, 1]));
  const back = order.map((_o, i) => order.indexOf(i));
  return transpose(
    reshape(
      flatG,
      order.map((o) => x.shape[o] as number),
    ),
    back,
  );
}

/** 0, 1, …, n - 1 */
function indices(n: number): Tensor {
  const steps = Array.from({ length: n }, (_, i) => i);
  return concat(steps.map((i) => apply('fill', [], { shape: [1], value: i, dtype: 'float32' })));
}
