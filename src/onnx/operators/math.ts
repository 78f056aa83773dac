/** Functions of single elements: arithmetic, comparisons, logic. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import { HostArray, Texts, type Value } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { fill, tensor } from '../../ops/create/creation';
import * as sg from '../../ops/math/arithmetic';
import { reshape } from '../../ops/shape/shaping';
import type { Tensor } from '../../tensor/tensor';
import { dtypeOf } from '../read/elements';
import { type Definitions, define, fixed, same, stated } from './define';
import { aligned, binary, comparedTexts, exactUnary, unary, variadic } from './elementwise';
import { bitsOf, moved, outputType, wrapped } from './operands';

const BOOL = { types: fixed('bool') };
const both = (operator: Operator): Record<number, Operator> => ({ 1: aligned(operator), 7: operator });

/** Rounded toward zero, as integers are divided. */
function quotient(a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== 'int32') return sg.div(a, b);
  const low = sg.floorDiv(a, b);
  const rest = sg.sub(a, sg.mul(low, b));
  const isCut = sg.logicalAnd(sg.notEqual(rest, tensor(0, [], 'int32')), sg.logicalXor(isNegative(a), isNegative(b)));
  return sg.add(low, cast(isCut, 'int32'));
}

const isNegative = (x: Tensor): Tensor => sg.less(x, fill([], 0, x.dtype));
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const ratio = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a / b);

/** The remainder with the sign of the divisor, or of the dividend. */
function remainder(a: Tensor, b: Tensor, call: Call): Tensor {
  if (!call.flag('fmod')) return sg.mod(a, b);
  const rest = sg.mod(sg.abs(a), sg.abs(b));
  return sg.where(isNegative(a), sg.neg(rest), rest);
}

const modulo: Operator = (call) => {
  const isSigned = call.flag('fmod');
  return binary(remainder, (a, b) => {
    if (b === 0n) return 0n;
    const rest = a % b;
    return isSigned || rest === 0n || rest < 0n === b < 0n ? rest : rest + b;
  })(call);
};

/** In the type of the base. */
function power(a: Tensor, b: Tensor): Tensor {
  return cast(sg.pow(a, b), a.dtype);
}

/** Numbers that an operator has as attributes. */
const withAttributes =
  (f: (x: Tensor, a: number, b: number) => Tensor, first: [string, number], second?: [string, number]): Operator =>
  (call) =>
    f(call.tensor(0), call.real(...first), second ? call.real(...second) : 0);

function clipByAttributes(call: Call): Value {
  const x = call.tensor(0);
  return sg.clipByValue(x, call.real('min', Number.NEGATIVE_INFINITY), call.real('max', Number.POSITIVE_INFINITY));
}

/** A limit as a tensor of the type of what it limits. */
function limit(call: Call, i: number, x: Tensor): Tensor {
  const known = call.known(i);
  if (!known || x.dtype !== 'int32') return cast(call.tensor(i), x.dtype);
  const value = Math.max(-0x80000000, Math.min(0x7fffffff, known.data[0] as number));
  return tensor(value, [], 'int32');
}

function clip(call: Call): Value {
  let x = call.tensor(0);
  if (call.has(1)) x = sg.maximum(x, limit(call, 1, x));
  return call.has(2) ? sg.minimum(x, limit(call, 2, x)) : x;
}

function castTo(call: Call): Value {
  const to = outputType(call);
  if (to === undefined || to === 'string' || call.value(0) instanceof Texts)
    throw call.fail(`cannot cast ${call.inputType(0) ?? 'a value'} to ${to ?? 'an unknown type'}`);
  const dtype = dtypeOf(to);
  const known = call.known(0);
  if (known?.dtype === 'int32' && dtype === 'int32')
    return exactUnary(
      (x) => x,
      (x) => x,
    )(call);
  return wrapped(sg.cast(call.tensor(0), dtype), to);
}

function choose(call: Call): Value {
  const values = [call.value(1), call.value(2)];
  const condition = call.known(0);
  if (condition && values.every((v) => v instanceof HostArray || v instanceof Texts))
    return moved(call, values, (a, b) => sg.where(condition.tensor(), a, b));
  return sg.where(call.tensor(0), call.tensor(1), call.tensor(2));
}

function isInfinite(call: Call): Tensor {
  const x = call.tensor(0);
  const [up, down] = [call.flag('detect_positive', true), call.flag('detect_negative', true)];
  if (up && down) return sg.isInf(x);
  if (!up && !down) return sg.logicalAnd(sg.isInf(x), tensor(false, [], 'bool'));
  return sg.equal(x, up ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
}

function shrink(call: Call): Tensor {
  const x = call.tensor(0);
  const [bias, lambda] = [call.real('bias', 0), call.real('lambd', 0.5)];
  const y = sg.where(sg.less(x, -lambda), sg.add(x, bias), sg.where(sg.greater(x, lambda), sg.sub(x, bias), 0));
  return cast(y, x.dtype);
}

/** Before opset 7: one slope, or one for each channel. */
export function slopes(call: Call): Tensor {
  const [x, slope] = [call.tensor(0), call.tensor(1)];
  return sg.prelu(x, slope.size === 1 ? slope : reshape(slope, [slope.size, ...x.shape.slice(2).map(() => 1)]));
}

const celu = (x: Tensor, alpha: number): Tensor =>
  sg.add(sg.relu(x), sg.minimum(sg.mul(sg.expm1(sg.div(x, alpha)), alpha), 0));
const selu = (x: Tensor, alpha: number, gamma: number): Tensor => sg.mul(sg.elu(x, alpha), gamma);
const hardSigmoid = (x: Tensor, alpha: number, beta: number): Tensor =>
  sg.clipByValue(sg.add(sg.mul(x, alpha), beta), 0, 1);

/** Integers of 32 bits moved by some bits; moved by as many as they have, or by a negative number, nothing is left. */
function shift(a: Tensor, b: Tensor, width: number, isLeft: boolean): Tensor {
  const integer = (value: number): Tensor => fill([], value, 'int32');
  const isInside = sg.logicalAnd(sg.greaterEqual(b, integer(0)), sg.less(b, integer(width)));
  const count = sg.where(isInside, b, integer(width - 1));
  // In two steps, as 2 to the 31st is not an int32.
  const first = sg.minimum(count, integer(16));
  const factors = [first, sg.sub(count, first)].map((n) => sg.pow(integer(2), n));
  const moved = factors.reduce((x, factor) => (isLeft ? sg.mul(x, factor) : sg.floorDiv(x, factor)), a);
  return isLeft ? sg.where(isInside, moved, integer(0)) : moved;
}

const bits: Operator = (call) => {
  const direction = call.text('direction');
  if (direction !== 'LEFT' && direction !== 'RIGHT')
    throw call.fail(`attribute direction must be LEFT or RIGHT, got '${direction}'`);
  const isLeft = direction === 'LEFT';
  const width = Math.min(32, bitsOf(outputType(call) ?? 'int32'));
  const exact = (a: bigint, b: bigint): bigint => {
    const isInside = b >= 0n && b < BigInt(bitsOf(outputType(call) ?? 'int64'));
    if (isLeft) return isInside ? a << b : 0n;
    return a >> (isInside ? b : 64n);
  };
  return binary((a, b) => shift(a, b, width, isLeft), exact)(call);
};

const swish = (x: Tensor, alpha: number): Tensor => sg.mul(x, sg.sigmoid(sg.mul(x, alpha)));

/** The swish of one tensor times another of the same shape. */
function gatedSwish(call: Call): Tensor {
  const [a, b] = [call.tensor(0), call.tensor(1)];
  if (String(a.shape) !== String(b.shape)) throw call.fail(`[${String(a.shape)}] and [${String(b.shape)}] differ`);
  return sg.mul(swish(a, call.real('alpha', 1)), b);
}

const or = (a: Tensor, b: Tensor): Tensor => sg.sub(sg.add(a, b), sg.bitwiseAnd(a, b));
const xor = (a: Tensor, b: Tensor): Tensor => sg.sub(or(a, b), sg.bitwiseAnd(a, b));
const not = (x: Tensor): Tensor => sg.sub(fill([], -1, 'int32'), x);

const equal: Operator = (call) => comparedTexts(call) ?? binary(sg.equal, (a, b) => a === b)(call);

export const math: Definitions = {
  Add: define(both(binary(sg.add, (a, b) => a + b))),
  Sub: define(both(binary(sg.sub, (a, b) => a - b))),
  Mul: define(both(binary(sg.mul, (a, b) => a * b))),
  Div: define(both(binary(quotient, ratio))),
  Mod: define({ 10: modulo }),
  Pow: define(both(binary(power))),
  Max: define(variadic(sg.maximum, larger)),
  Min: define(variadic(sg.minimum, smaller)),
  Sum: define(variadic(sg.add)),
  Mean: define((call) => sg.div(call.tensors().reduce(sg.add), call.count)),
  Abs: define(exactUnary(sg.abs, (x) => (x < 0n ? -x : x))),
  Neg: define(exactUnary(sg.neg, (x) => -x)),
  Sign: define({ 9: exactUnary(sg.sign, (x) => (x < 0n ? -1n : x > 0n ? 1n : 0n)) }),
  Ceil: define(unary(sg.ceil)),
  Floor: define(unary(sg.floor)),
  Round: define({ 11: unary(sg.round) }),
  Reciprocal: define(unary(sg.reciprocal)),
  Sqrt: define(unary(sg.sqrt)),
  Exp: define(unary(sg.exp)),
  Log: define(unary(sg.log)),
  Erf: define({ 9: unary(sg.erf) }),
  Sin: define({ 7: unary(sg.sin) }),
  Cos: define({ 7: unary(sg.cos) }),
  Tan: define({ 7: unary(sg.tan) }),
  Asin: define({ 7: unary(sg.asin) }),
  Acos: define({ 7: unary(sg.acos) }),
  Atan: define({ 7: unary(sg.atan) }),
  Sinh: define({ 9: unary(sg.sinh) }),
  Cosh: define({ 9: unary(sg.cosh) }),
  Asinh: define({ 9: unary(sg.asinh) }),
  Acosh: define({ 9: unary(sg.acosh) }),
  Atanh: define({ 9: unary(sg.atanh) }),
  Tanh: define(unary(sg.tanh)),
  Sigmoid: define(unary(sg.sigmoid)),
  Softplus: define(unary(sg.softplus)),
  Softsign: define(unary((x) => sg.div(x, sg.add(sg.abs(x), 1)))),
  Relu: define(unary(sg.relu)),
  LeakyRelu: define(withAttributes(sg.leakyRelu, ['alpha', 0.01])),
  PRelu: define({ 1: slopes, 7: binary(sg.prelu) }, { weights: [1] }),
  ThresholdedRelu: define(withAttributes((x, alpha) => sg.where(sg.greater(x, alpha), x, 0), ['alpha', 1])),
  Elu: define(withAttributes(sg.elu, ['alpha', 1])),
  Celu: define({ 12: withAttributes(celu, ['alpha', 1]) }),
  Selu: define(withAttributes(selu, ['alpha', 1.6732632423543772], ['gamma', 1.0507009873554805])),
  Gelu: define({ 20: (call) => sg.gelu(call.tensor(0), call.text('approximate', 'none') === 'tanh') }),
  Mish: define({ 18: unary(sg.mish) }),
  Swish: define({ 24: withAttributes(swish, ['alpha', 1]) }),
  SwiGLU: define({ 28: gatedSwish }),
  HardSigmoid: define(withAttributes(hardSigmoid, ['alpha', 0.2], ['beta', 0.5])),
  HardSwish: define({ 14: unary((x) => sg.mul(x, hardSigmoid(x, 1 / 6, 0.5))) }),
  Shrink: define({ 9: shrink }),
  Clip: define({ 1: clipByAttributes, 11: clip }),
  Equal: define(both(equal), BOOL),
  Greater: define(both(binary(sg.greater, (a, b) => a > b)), BOOL),
  GreaterOrEqual: define({ 12: binary(sg.greaterEqual, (a, b) => a >= b) }, BOOL),
  Less: define(both(binary(sg.less, (a, b) => a < b)), BOOL),
  LessOrEqual: define({ 12: binary(sg.lessEqual, (a, b) => a <= b) }, BOOL),
  And: define(both(binary(sg.logicalAnd)), BOOL),
  Or: define(both(binary(sg.logicalOr)), BOOL),
  Xor: define(both(binary(sg.logicalXor)), BOOL),
  Not: define(unary(sg.logicalNot), BOOL),
  IsNaN: define({ 9: unary(sg.isNaN) }, BOOL),
  IsInf: define({ 10: isInfinite }, BOOL),
  BitShift: define({ 11: bits }),
  BitwiseAnd: define({ 18: binary(sg.bitwiseAnd, (a, b) => a & b) }),
  BitwiseOr: define({ 18: binary(or, (a, b) => a | b) }),
  BitwiseXor: define({ 18: binary(xor, (a, b) => a ^ b) }),
  BitwiseNot: define({ 18: exactUnary(not, (x) => ~x) }),
  Where: define({ 9: choose }, { types: same(1) }),
  Identity: define((call) => call.value(0)),
  Cast: define({ 6: castTo }, { types: stated('to', 'float32') }),
  CastLike: define({ 15: castTo }, { types: same(1) }),
};
