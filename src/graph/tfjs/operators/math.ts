/** Elementwise arithmetic, functions, comparisons. */
import { stopGradient } from '../../../ops/core/custom-gradient';
import * as sg from '../../../ops/math/arithmetic';
import { reshape } from '../../../ops/shape/shaping';
import { DTypeError } from '../../../support/errors';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operator, Operators } from '../../core/registry';
import { Complex, host, Texts } from '../../core/value';

const unary =
  (f: (x: Tensor) => Tensor): Operator =>
  (call) =>
    f(call.tensor(0));
const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (call) =>
    f(call.tensor(0), call.tensor(1));

/** Of numbers, or of strings one by one. */
const equality =
  (isEqual: boolean): Operator =>
  (call) => {
    const [a, b] = [call.value(0), call.value(1)];
    if (!(a instanceof Texts) || !(b instanceof Texts))
      return (isEqual ? sg.equal : sg.notEqual)(call.tensor(0), call.tensor(1));
    const [long, short] = a.data.length >= b.data.length ? [a, b] : [b, a];
    if (short.data.length !== 1 && short.data.length !== long.data.length)
      throw call.fail(`${a.data.length} strings cannot be compared to ${b.data.length}`);
    const other = (i: number): string | undefined => short.data[short.data.length === 1 ? 0 : i];
    return host(
      long.data.map((text, i) => Number((text === other(i)) === isEqual)),
      long.shape,
      'bool',
    );
  };

function biasAdd(call: Call): Tensor {
  const [x, bias] = [call.tensor(0), call.tensor(1)];
  if (call.text('data_format', 'NHWC').startsWith('NC'))
    return sg.add(x, reshape(bias, [1, bias.size, ...x.shape.slice(2).map(() => 1)]));
  return sg.add(x, bias);
}

/** As TensorFlow 1 has it: a condition of rank 1 chooses rows. */
function select(call: Call): Tensor {
  const [condition, a, b] = [call.tensor(0), call.tensor(1), call.tensor(2)];
  const isRows = condition.rank === 1 && a.rank > 1;
  const rows = isRows ? reshape(condition, [condition.size, ...a.shape.slice(1).map(() => 1)]) : condition;
  return sg.where(rows, a, b);
}

function clip(call: Call): Tensor {
  return sg.minimum(sg.maximum(call.tensor(0), call.tensor(1)), call.tensor(2));
}

function cast(call: Call): Tensor {
  const x = call.tensor(0);
  const to = call.typeName('DstT');
  if (to === 'string' || to === 'complex64') throw new DTypeError(`${call.where}: cannot cast ${x.dtype} to ${to}`);
  return sg.cast(x, call.type('DstT'));
}

/** Numbers as an operator with quantized weights was trained with. */
function fakeQuantize(call: Call): Tensor {
  const x = call.tensor(0);
  const [min, max] = [
    call.count > 1 ? call.number(1) : call.real('min'),
    call.count > 2 ? call.number(2) : call.real('max'),
  ];
  const bits = call.wholeOf('num_bits', 8);
  if (bits < 2 || bits > 16) throw call.fail(`attribute num_bits must be from 2 to 16, got ${bits}`);
  const levels = (1 << bits) - 1;
  const lowest = call.flag('narrow_range') ? 1 : 0;
  const scale = (max - min) / (levels - lowest);
  if (!(scale > 0) || !Number.isFinite(scale)) throw call.fail(`max must be above min, got ${min} and ${max}`);
  const zero = Math.min(levels, Math.max(lowest, Math.round(lowest - min / scale)));
  const [low, high] = [(lowest - zero) * scale, (levels - zero) * scale];
  const clipped = sg.clipByValue(x, low, high);
  const steps = sg.floor(sg.add(sg.div(sg.sub(clipped, low), scale), 0.5));
  // Gradients pass as if nothing were rounded.
  return sg.add(clipped, stopGradient(sg.sub(sg.add(sg.mul(steps, scale), low), clipped)));
}

export const math: Operators = {
  Add: binary(sg.add),
  AddV2: binary(sg.add),
  AddN: (call) => sg.addN(call.tensors()),
  BiasAdd: biasAdd,
  Sub: binary(sg.sub),
  RealDiv: binary(sg.div),
  Div: binary(sg.div),
  DivNoNan: binary(sg.divNoNan),
  FloorDiv: binary(sg.floorDiv),
  Mul: binary(sg.mul),
  Maximum: binary(sg.maximum),
  Minimum: binary(sg.minimum),
  Pow: binary(sg.pow),
  SquaredDifference: binary(sg.squaredDifference),
  Mod: binary(sg.mod),
  FloorMod: binary(sg.mod),
  Atan2: binary(sg.atan2),
  Abs: unary(sg.abs),
  Acos: unary(sg.acos),
  Acosh: unary(sg.acosh),
  Asin: unary(sg.asin),
  Asinh: unary(sg.asinh),
  Atan: unary(sg.atan),
  Atanh: unary(sg.atanh),
  Ceil: unary(sg.ceil),
  ClipByValue: clip,
  Cos: unary(sg.cos),
  Cosh: unary(sg.cosh),
  Elu: unary((x) => sg.elu(x)),
  Erf: unary(sg.erf),
  Exp: unary(sg.exp),
  Expm1: unary(sg.expm1),
  Floor: unary(sg.floor),
  IsFinite: unary(sg.isFinite),
  IsInf: unary(sg.isInf),
  IsNan: unary(sg.isNaN),
  LeakyRelu: (call) => sg.leakyRelu(call.tensor(0), call.real('alpha', 0.2)),
  Log: unary(sg.log),
  Log1p: unary(sg.log1p),
  Neg: unary(sg.neg),
  Prelu: binary(sg.prelu),
  Reciprocal: unary(sg.reciprocal),
  Relu: unary(sg.relu),
  Relu6: unary(sg.relu6),
  Round: unary(sg.round),
  Rsqrt: unary(sg.rsqrt),
  Selu: unary(sg.selu),
  Sigmoid: unary(sg.sigmoid),
  Sign: unary(sg.sign),
  Sin: unary(sg.sin),
  Sinh: unary(sg.sinh),
  Softplus: unary(sg.softplus),
  Sqrt: unary(sg.sqrt),
  Square: unary(sg.square),
  Tan: unary(sg.tan),
  Tanh: unary(sg.tanh),
  BitwiseAnd: binary(sg.bitwiseAnd),
  Equal: equality(true),
  NotEqual: equality(false),
  Greater: binary(sg.greater),
  GreaterEqual: binary(sg.greaterEqual),
  Less: binary(sg.less),
  LessEqual: binary(sg.lessEqual),
  LogicalAnd: binary(sg.logicalAnd),
  LogicalNot: unary(sg.logicalNot),
  LogicalOr: binary(sg.logicalOr),
  Select: select,
  SelectV2: (call) => sg.where(call.tensor(0), call.tensor(1), call.tensor(2)),
  Cast: cast,
  FakeQuantWithMinMaxVars: fakeQuantize,
  Complex: (call) => new Complex(call.tensor(0), call.tensor(1)),
  Real: (call) => call.complex(0).real,
  Imag: (call) => call.complex(0).imag,
  ComplexAbs: (call) => {
    const { real, imag } = call.complex(0);
    return sg.sqrt(sg.add(sg.square(real), sg.square(imag)));
  },
};
