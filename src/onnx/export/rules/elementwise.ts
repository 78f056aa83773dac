/** Ops on each element. */
import type { ElementwiseOps } from '../../../ops/core/table';
import { numberOfType, type OnnxType } from '../../proto/types';
import { type Call, fixed, Operand, type Rule, type RulesOf, type Value } from '../call';
import { float, type GraphBuilder, int, type ValueSpec } from '../graph';

type Rules = RulesOf<ElementwiseOps>;

const plain =
  (op: string): Rule<unknown> =>
  (c) =>
    c.elementwise(op);

/** Adds a node with the shape of the result, and its type unless another is given. */
type Add = (op: string, inputs: readonly Value[], type?: OnnxType) => Value;

/** A rule of several nodes. */
const written =
  (write: (add: Add, values: readonly [Value, Value], c: Call) => Value): Rule<unknown> =>
  (c) =>
    c.mapped((values, { shape, type: own }) => {
      const add: Add = (op, inputs, type = own) => c.graph.node(op, inputs, { shape, type });
      return write(add, values as unknown as readonly [Value, Value], c);
    });

/** ONNX compares no bools but for equality. */
const comparison =
  (op: string): Rule<unknown> =>
  (c) => {
    if (c.operands.every((x) => x.type !== 'bool')) return c.elementwise(op);
    const integers = c.operands.map((x) => new Operand(c.cast(c.graph.value(x), 'int32')));
    return c.elementwise(op, [], integers);
  };

/** Whether an int32 divisor is 0, and the divisor with 1 in the place of 0. */
function divisorOf(c: Call, by: Value): { isZero: Value; divisor: Value } {
  const { graph } = c;
  const isZero = graph.node('Equal', [by, graph.scalar(0, 'int32')], { shape: by.shape, type: 'bool' });
  return { isZero, divisor: graph.node('Where', [isZero, graph.scalar(1, 'int32'), by], by) };
}

/** Of int32 in float64, where quotients are exact enough to be rounded down. */
const floorDiv = written((add, [a, b], c) => {
  if (a.type === 'float32') return c.cast(add('Floor', [add('Div', [a, b], 'float32')], 'float32'), 'int32');
  const { isZero, divisor } = divisorOf(c, b);
  const quotient = add('Div', [c.cast(a, 'float64'), c.cast(divisor, 'float64')], 'float64');
  return add('Where', [isZero, c.graph.scalar(0, 'int32'), c.cast(add('Floor', [quotient], 'float64'), 'int32')]);
});

const mod = written((add, [a, b], c) =>
  a.type === 'float32'
    ? add('Sub', [a, add('Mul', [b, add('Floor', [add('Div', [a, b])])])])
    : add('Mod', [a, divisorOf(c, b).divisor]),
);

/** From the arc tangent of the quotient, by quadrants. */
const atan2 = written((add, [y, x], c) => {
  const zero = c.float(0);
  const isBelow = add('Less', [y, zero], 'bool');
  const half = add('Where', [isBelow, c.float(-Math.PI / 2), c.float(Math.PI / 2)]);
  const whole = add('Where', [isBelow, c.float(-Math.PI), c.float(Math.PI)]);
  const acute = add('Atan', [add('Div', [y, x])]);
  const turned = add('Where', [add('Less', [x, zero], 'bool'), add('Add', [acute, whole]), acute]);
  const upright = add('Where', [add('Equal', [y, zero], 'bool'), zero, half]);
  return add('Where', [add('Equal', [x, zero], 'bool'), upright, turned]);
});

/** One of two values for each element; of bools by logic, as few runtimes choose between them. */
export function chosen(graph: GraphBuilder, condition: Value, a: Value, b: Value, spec: ValueSpec): Value {
  if (spec.type !== 'bool') return graph.node('Where', [condition, a, b], spec);
  const not = graph.node('Not', [condition], condition);
  return graph.node('Or', [graph.node('And', [condition, a], spec), graph.node('And', [not, b], spec)], spec);
}

/** Bools are ordered as 0 and 1. */
const extreme =
  (op: 'Max' | 'Min'): Rule<unknown> =>
  (c) =>
    c.type === 'bool' ? c.elementwise(op === 'Max' ? 'Or' : 'And') : c.elementwise(op);

export const elementwiseRules: Rules = {
  neg: plain('Neg'),
  abs: plain('Abs'),
  sign: plain('Sign'),
  square: written((add, [x]) => add('Mul', [x, x])),
  sqrt: plain('Sqrt'),
  rsqrt: written((add, [x]) => add('Reciprocal', [add('Sqrt', [x])])),
  reciprocal: plain('Reciprocal'),
  exp: plain('Exp'),
  log: plain('Log'),
  log1p: written((add, [x], c) => add('Log', [add('Add', [x, c.float(1)])])),
  expm1: written((add, [x], c) => add('Sub', [add('Exp', [x]), c.float(1)])),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  softplus: plain('Softplus'),
  erf: plain('Erf'),
  relu: plain('Relu'),
  leakyRelu: (c) => c.elementwise('LeakyRelu', [float('alpha', fixed(c.attrs.alpha))]),
  clipByValue: (c) => {
    const limits = [c.float(fixed(c.attrs.min)), c.float(fixed(c.attrs.max))];
    return c.mapped(([x], spec) => c.graph.node('Clip', [x, ...limits], spec));
  },
  floor: plain('Floor'),
  ceil: plain('Ceil'),
  round: plain('Round'),
  step: (c) =>
    written((add, [x]) =>
      add('Where', [add('Greater', [x, c.float(0)], 'bool'), c.float(1), c.float(fixed(c.attrs.alpha))]),
    )(c),
  isNaN: plain('IsNaN'),
  isInf: plain('IsInf'),
  isFinite: written((add, [x]) => add('Not', [add('Or', [add('IsNaN', [x]), add('IsInf', [x])])])),
  logicalNot: plain('Not'),
  sin: plain('Sin'),
  cos: plain('Cos'),
  tan: plain('Tan'),
  asin: plain('Asin'),
  acos: plain('Acos'),
  atan: plain('Atan'),
  sinh: plain('Sinh'),
  cosh: plain('Cosh'),
  asinh: plain('Asinh'),
  acosh: plain('Acosh'),
  atanh: plain('Atanh'),
  cast: (c) => c.elementwise('Cast', [int('to', numberOfType(c.attrs.dtype))]),
  add: plain('Add'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('Div'),
  maximum: extreme('Max'),
  minimum: extreme('Min'),
  squaredDifference: written((add, [a, b]) => {
    const difference = add('Sub', [a, b]);
    return add('Mul', [difference, difference]);
  }),
  reluGrad: written((add, [a, b], c) => add('Where', [add('Greater', [b, c.float(0)], 'bool'), a, c.float(0)])),
  leakyReluGrad: (c) =>
    written((add, [a, b]) =>
      add('Where', [add('Greater', [b, c.float(0)], 'bool'), a, add('Mul', [a, c.float(fixed(c.attrs.alpha))])]),
    )(c),
  atan2,
  pow: plain('Pow'),
  mod,
  floorDiv,
  bitwiseAnd: (c) => c.elementwise(c.type === 'bool' ? 'And' : 'BitwiseAnd'),
  equal: plain('Equal'),
  notEqual: written((add, [a, b]) => add('Not', [add('Equal', [a, b])])),
  less: comparison('Less'),
  lessEqual: comparison('LessOrEqual'),
  greater: comparison('Greater'),
  greaterEqual: comparison('GreaterOrEqual'),
  logicalAnd: plain('And'),
  logicalOr: plain('Or'),
  where: (c) =>
    c.mapped(([condition, a, b], spec) => chosen(c.graph, condition as Value, a as Value, b as Value, spec)),
  broadcastTo: (c) => c.result('Expand', [c.value(0), c.graph.integers(c.attrs.shape)]),
};
