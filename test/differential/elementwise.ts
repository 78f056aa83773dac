/** Calls of the differential run: elementwise functions. */
import type { DType } from '../../src/index';
import type { Call, Kit, Random, Row } from './differential';

/** Shapes that broadcast: dimensions of one of them are 1, or missing in front. */
function broadcasting(r: Random): [number[], number[]] {
  const full = r.shape(r.int(0, 4), 4);
  const part = (): number[] => full.map((d) => (r.int(0, 3) ? d : 1)).slice(r.int(0, 2) ? 0 : r.int(0, full.length));
  return [part(), part()];
}

/** A function of one operand of the given types. */
const unary = (
  op: string,
  low: number,
  high: number,
  types: readonly DType[] = ['float32'],
  ...rest: unknown[]
): Row => ({
  op,
  count: 20,
  make(r) {
    const dtype = r.pick(types);
    const [from, to] = dtype === 'int32' ? [Math.ceil(low), Math.floor(high)] : [low, high];
    return {
      name: '',
      operands: [r.operand(r.shape(r.int(0, 4)), dtype, from, to)],
      run: (kit: Kit, x) => kit[op](x, ...rest),
    };
  },
});

/** A function of two operands that broadcast; pairs of types as TensorFlow.js can take them. */
const binary = (
  op: string,
  types: readonly (readonly [DType, DType])[],
  range: readonly [number, number] = [-4, 4],
  second: readonly [number, number] = range,
): Row => ({
  op,
  make(r): Call {
    const [a, b] = broadcasting(r);
    const [ta, tb] = r.pick(types);
    return {
      name: '',
      operands: [r.operand(a, ta, ...range), r.operand(b, tb, ...second)],
      run: (kit, x, y) => kit[op](x, y),
    };
  },
});

const ALL: readonly DType[] = ['float32', 'int32', 'bool'];
const EXACT: readonly DType[] = ['float32', 'int32'];
const F: readonly [DType, DType] = ['float32', 'float32'];
const I: readonly [DType, DType] = ['int32', 'int32'];
const B: readonly [DType, DType] = ['bool', 'bool'];
const MIXED: readonly (readonly [DType, DType])[] = [
  F,
  I,
  ['int32', 'float32'],
  ['float32', 'bool'],
  ['bool', 'int32'],
];

export const elementwise: readonly Row[] = [
  ...['sin', 'cos', 'atan', 'asinh', 'sigmoid', 'softplus', 'logSigmoid', 'elu', 'selu'].map((op) => unary(op, -8, 8)),
  ...['exp', 'expm1', 'sinh', 'cosh', 'tanh', 'tan'].map((op) => unary(op, -1.4, 1.4)),
  ...['asin', 'acos', 'atanh'].map((op) => unary(op, -0.95, 0.95)),
  ...['sqrt', 'rsqrt', 'log', 'log1p', 'reciprocal'].map((op) => unary(op, 0.2, 9)),
  unary('acosh', 1.05, 9),
  // The series of TensorFlow.js is good to 1.5e-7 for erf itself.
  { ...unary('erf', -3, 3), bound: 4e-6 },
  ...['abs', 'sign', 'square', 'relu', 'relu6', 'round'].map((op) => unary(op, -9, 9, ALL)),
  // Of float32 alone: TensorFlow.js takes no other type.
  ...['ceil', 'floor'].map((op) => unary(op, -9, 9)),
  unary('neg', -9, 9, EXACT),
  ...['isNaN', 'isInf', 'isFinite'].map((op) => unary(op, -9, 9, ALL)),
  unary('logicalNot', 0, 1, ['bool']),
  unary('leakyRelu', -4, 4, ALL),
  unary('leakyRelu', -4, 4, EXACT, 0.3),
  unary('step', -4, 4, EXACT),
  unary('step', -4, 4, ['float32'], 0.25),
  unary('clipByValue', -9, 9, EXACT, -2, 4),
  unary('clipByValue', -9, 9, EXACT, -2.5, 0.5),
  ...ALL.map((to) => unary('cast', -9, 9, ALL, to)),

  ...['add', 'sub', 'mul', 'squaredDifference'].map((op) => binary(op, MIXED)),
  ...['maximum', 'minimum'].map((op) => binary(op, [...MIXED, B])),
  ...['mod', 'floorDiv', 'divNoNan'].map((op) => binary(op, [F, I, ['int32', 'float32']])),
  binary('div', [F, I, ['int32', 'float32']], [-9, 9], [1, 5]),
  binary('pow', [F], [0.2, 3], [-3, 3]),
  binary('pow', [I], [-5, 5], [-2, 6]),
  binary('atan2', [F]),
  binary('prelu', [F], [-3, 3]),
  ...['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'].map((op) =>
    binary(op, [I, F, B, ['int32', 'float32'], ['bool', 'int32']], [-2, 2]),
  ),
  ...['logicalAnd', 'logicalOr', 'logicalXor'].map((op) => binary(op, [B])),
  {
    op: 'bitwiseAnd',
    make(r) {
      const shape = r.shape(r.int(0, 3));
      return {
        name: '',
        operands: [r.operand(shape, 'int32', -1000, 1000), r.operand(shape, 'int32', -1000, 1000)],
        run: (kit, x, y) => kit.bitwiseAnd(x, y),
      };
    },
  },
  {
    op: 'addN',
    make(r) {
      const shape = r.shape(r.int(0, 3));
      const dtype = r.pick(EXACT);
      return {
        name: '',
        operands: Array.from({ length: r.int(1, 4) }, () => r.operand(shape, dtype)),
        run: (kit, ...xs) => kit.addN(xs),
      };
    },
  },
  {
    op: 'where',
    make(r) {
      const shape = r.shape(r.int(1, 3));
      const dtype = r.pick(ALL);
      return {
        name: '',
        operands: [r.operand(shape, 'bool'), r.operand(shape, dtype), r.operand(shape, dtype)],
        run: (kit, c, x, y) => kit.where(c, x, y),
      };
    },
  },
  {
    op: 'broadcastTo',
    make(r) {
      const to = r.shape(r.int(1, 4), 4);
      const from = to.map((d) => (r.int(0, 1) ? d : 1)).slice(r.int(0, 1) ? 0 : 1);
      return {
        name: `to [${to}]`,
        operands: [r.operand(from, r.pick(EXACT))],
        run: (kit, x) => kit.broadcastTo(x, to),
      };
    },
  },
];
