/** Gradient cases of elementwise ops. */
import * as sg from '../../../src/index';
import { NONE } from '../../../src/ops/core/descriptor';
import { apply } from '../../support/ops';
import { binaryRows, unaryRows } from '../elementwise';
import { apart, avoiding, type Case, given, PAIRS, SHAPES, show } from './case';
import { at, broadcast, build, map, type Nd, type Shape, zip } from './float64';

type Tensor = sg.Tensor;

/** The public function of an op. */
const call = (name: string): ((...xs: Tensor[]) => Tensor) =>
  (sg as unknown as Record<string, (...xs: Tensor[]) => Tensor>)[name] as never;

/** The op on each shape. */
const unary = (
  run: (x: Tensor) => Tensor,
  f: (x: number) => number,
  operand: (shape: Shape) => Nd = (s) => given(11, s, -1.5, 1.5),
): Case[] =>
  SHAPES.map((shape) => ({
    name: show(shape),
    inputs: [operand(shape)],
    run: (x) => run(x as Tensor),
    reference: (x) => map(x as Nd, f),
  }));

const positive = (shape: Shape): Nd => given(12, shape, 0.4, 2);
/** Numbers whose quotients lie well between 2 and 3, or -3 and -2. */
const betweenSteps = (a: Shape, b: Shape): readonly [Nd, Nd] => [
  map(given(29, a), (v) => Math.fround(v * 0.2 + (v > 0 ? 2.7 : -2.7))),
  map(given(30, b), (v) => Math.fround(v * 0.1 + (v > 0 ? 1.1 : -1.1))),
];
const without =
  (...points: number[]) =>
  (shape: Shape): Nd =>
    avoiding(13, shape, points);

/** x times what a function that is constant almost everywhere makes of x: the gradient is that factor alone. */
const factor = (make: (x: Tensor) => Tensor, f: (x: number) => number, operand: (shape: Shape) => Nd): Case[] =>
  unary(
    (x) => x.mul(make(x).cast('float32')),
    (x) => x * f(x),
    operand,
  );

/** The op on each pair of shapes that broadcast. */
const binary = (
  run: (a: Tensor, b: Tensor) => Tensor,
  f: (a: number, b: number) => number,
  operands: (a: Shape, b: Shape) => readonly [Nd, Nd] = (a, b) => [given(21, a, -1.5, 1.5), given(22, b, -1.5, 1.5)],
): Case[] =>
  PAIRS.map(([a, b]) => ({
    name: `${show(a)} and ${show(b)}`,
    inputs: operands(a, b),
    run: (x, y) => run(x as Tensor, y as Tensor),
    reference: (x, y) => zip(x as Nd, y as Nd, f),
  }));

/** No value of one operand is close to one of the other. */
const separate = (a: Shape, b: Shape): readonly [Nd, Nd] => [
  apart(23, a, 0.5),
  map(apart(24, b, 0.5), (v) => v + 0.109375),
];
const nonZeroSecond = (a: Shape, b: Shape): readonly [Nd, Nd] => [
  given(25, a),
  map(given(26, b, 0.5, 1.5), (v) => (v > 1 ? v : -v)),
];

/** Ops that only gradients make, of operands of one shape. */
const masking = (run: (a: Tensor, b: Tensor) => Tensor, f: (a: number, b: number) => number): Case[] =>
  SHAPES.map((shape) => ({
    name: show(shape),
    inputs: [given(25, shape), avoiding(26, shape, [0])],
    run: (x, y) => run(x as Tensor, y as Tensor),
    reference: (x, y) => zip(x as Nd, y as Nd, f),
  }));

/** a + b where the comparison holds, else b: comparisons choose, and pass no gradient on. */
const comparison = (run: (a: Tensor, b: Tensor) => Tensor, holds: (a: number, b: number) => boolean): Case[] =>
  binary(
    (a, b) => a.mul(run(a, b).cast('float32')).add(b),
    (a, b) => a * (holds(a, b) ? 1 : 0) + b,
    separate,
  );

const logical = (run: (a: Tensor, b: Tensor) => Tensor, f: (a: boolean, b: boolean) => boolean): Case[] =>
  binary(
    (a, b) => a.mul(run(a.greater(0), b.greater(0)).cast('float32')).add(b),
    (a, b) => a * (f(a > 0, b > 0) ? 1 : 0) + b,
    (a, b) => [avoiding(27, a, [0]), avoiding(28, b, [0])],
  );

const select = (x: number, y: number, c: boolean): number => (c ? x : y);
const whereShapes: readonly (readonly [Shape, Shape, Shape])[] = [
  [
    [2, 3],
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3], []],
  [[3], [2, 3], [2, 1]],
  [
    [2, 1],
    [1, 3],
    [4, 1, 1],
  ],
];

const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [[3], [2, 3]],
  [[], [2, 2]],
  [
    [2, 1],
    [2, 4],
  ],
  [
    [1, 3, 1],
    [2, 2, 3, 5],
  ],
  [
    [2, 3],
    [2, 3],
  ],
];

/** The cases of the ops with a row of their own. */
const rowCases = {
  ...(Object.fromEntries(
    Object.entries(unaryRows).map(([name, { exact, range }]) => [
      name,
      unary(
        (x) => call(name)(x),
        exact,
        (s) => given(11, s, ...range),
      ),
    ]),
  ) as Record<keyof typeof unaryRows, Case[]>),
  ...(Object.fromEntries(
    Object.entries(binaryRows).map(([name, { exact, ranges }]) => [
      name,
      binary(
        (a, b) => call(name)(a, b),
        exact,
        (a, b) => [given(21, a, ...ranges[0]), given(22, b, ...ranges[1])],
      ),
    ]),
  ) as Record<keyof typeof binaryRows, Case[]>),
};

export const elementwiseCases = {
  ...rowCases,
  neg: unary(sg.neg, (x) => -x),
  abs: unary(sg.abs, Math.abs, without(0)),
  sign: factor(sg.sign, Math.sign, without(0)),
  square: unary(sg.square, (x) => x * x),
  relu: unary(sg.relu, (x) => Math.max(0, x), without(0)),
  leakyRelu: [
    ...unary(
      (x) => sg.leakyRelu(x),
      (x) => (x < 0 ? 0.2 * x : x),
      without(0),
    ),
    ...unary(
      (x) => sg.leakyRelu(x, 1.5),
      (x) => (x < 0 ? 1.5 * x : x),
      without(0),
    ),
  ],
  clipByValue: unary(
    (x) => sg.clipByValue(x, -1, 0.5),
    (x) => Math.min(0.5, Math.max(-1, x)),
    without(-1, 0.5),
  ),
  floor: factor(sg.floor, Math.floor, without(-2, -1, 0, 1, 2)),
  ceil: factor(sg.ceil, Math.ceil, without(-2, -1, 0, 1, 2)),
  round: factor(sg.round, Math.round, without(-1.5, -0.5, 0.5, 1.5)),
  step: factor(
    (x) => sg.step(x, 0.3),
    (x) => (x > 0 ? 1 : 0.3),
    without(0),
  ),
  isInf: factor(
    (x) => sg.isInf(x).logicalNot(),
    () => 1,
    without(),
  ),
  isFinite: factor(
    (x) => sg.isFinite(x),
    () => 1,
    without(),
  ),
  isNaN: factor(
    (x) => sg.isNaN(x).logicalNot(),
    () => 1,
    without(),
  ),
  logicalNot: factor(
    (x) => x.greater(0).logicalNot(),
    (x) => (x > 0 ? 0 : 1),
    without(0),
  ),
  cast: [
    ...factor((x) => x.cast('int32'), Math.trunc, without(-2, -1, 0, 1, 2)),
    ...factor(
      (x) => x.cast('bool'),
      () => 1,
      without(0),
    ),
  ],

  add: binary(sg.add, (a, b) => a + b),
  sub: binary(sg.sub, (a, b) => a - b),
  mul: binary(sg.mul, (a, b) => a * b),
  div: binary(sg.div, (a, b) => a / b, nonZeroSecond),
  maximum: binary(sg.maximum, Math.max, separate),
  minimum: binary(sg.minimum, Math.min, separate),
  mod: binary(sg.mod, (a, b) => a - b * Math.floor(a / b), betweenSteps),
  pow: [
    ...binary(
      sg.pow,
      (a, b) => a ** b,
      (a, b) => [given(31, a, 0.4, 2), given(32, b, -2, 2)],
    ),
    // Of a negative number with whole powers only the base has a derivative.
    ...unary(
      (x) => sg.pow(x, 3),
      (x) => x ** 3,
      without(0),
    ),
    ...unary(
      (x) => sg.pow(x, -2),
      (x) => x ** -2,
      positive,
    ),
  ],
  floorDiv: binary(
    (a, b) => a.mul(sg.floorDiv(a, b).cast('float32')).add(b),
    (a, b) => a * Math.floor(a / b) + b,
    betweenSteps,
  ),
  bitwiseAnd: factor(
    (x) => sg.bitwiseAnd(x.mul(4).cast('int32'), sg.scalar(5, 'int32')),
    (x) => Math.trunc(x * 4) & 5,
    without(...Array.from({ length: 17 }, (_, i) => i / 4 - 2)),
  ),
  squaredDifference: binary(sg.squaredDifference, (a, b) => (a - b) ** 2),
  reluGrad: masking(
    (a, b) => apply('reluGrad', [a, b], NONE),
    (a, b) => (b > 0 ? a : 0),
  ),
  leakyReluGrad: masking(
    (a, b) => apply('leakyReluGrad', [a, b], { alpha: 0.3 }),
    (a, b) => (b < 0 ? 0.3 * a : a),
  ),
  equal: comparison(sg.equal, (a, b) => a === b),
  notEqual: comparison(sg.notEqual, (a, b) => a !== b),
  less: comparison(sg.less, (a, b) => a < b),
  lessEqual: comparison(sg.lessEqual, (a, b) => a <= b),
  greater: comparison(sg.greater, (a, b) => a > b),
  greaterEqual: comparison(sg.greaterEqual, (a, b) => a >= b),
  logicalAnd: logical(sg.logicalAnd, (a, b) => a && b),
  logicalOr: logical(sg.logicalOr, (a, b) => a || b),

  where: whereShapes.map(([c, a, b]) => ({
    name: `${show(c)} ? ${show(a)} : ${show(b)}`,
    inputs: [avoiding(31, c, [0]), given(32, a), given(33, b)],
    run: (z, x, y) => sg.where((z as Tensor).greater(0), x as Tensor, y as Tensor),
    reference: (z, x, y) =>
      build(broadcast((z as Nd).shape, (x as Nd).shape, (y as Nd).shape), (i) =>
        select(at(x as Nd, i), at(y as Nd, i), at(z as Nd, i) > 0),
      ),
  })),
  broadcastTo: broadcasts.map(([from, to]) => ({
    name: `${show(from)} to ${show(to)}`,
    inputs: [given(34, from)],
    run: (x) => sg.broadcastTo(x as Tensor, to),
    reference: (x) => build(to, (i) => at(x as Nd, i)),
  })),
} satisfies Record<string, readonly Case[]>;
