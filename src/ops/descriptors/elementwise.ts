/** Descriptors of the elementwise ops: all become maps. */
import { BINARY, Bin, TERNARY, Tern, Un } from '../../../assembly/isa';
import { ShapeError } from '../../runtime/errors';
import { type DType, upcast } from '../../tensor/dtype';
import type { TensorSpec } from '../../tensor/graph';
import { broadcastShapes, type Shape, sameShape, showShape, stridesOf } from '../../tensor/shape';
import { type Descriptor, first, type None, op } from '../descriptor';
import type { Emitter, MapSource, MapStepIR, Slot, Value } from '../ir';

/** How a value is walked when its shape is broadcast to `shape`. */
export function broadcastSource(value: Value, shape: Shape): MapSource {
  const own = stridesOf(value.shape);
  const lead = shape.length - value.shape.length;
  return {
    ref: value.ref,
    strides: shape.map((_, d) => (d < lead || value.shape[d - lead] === 1 ? 0 : (own[d - lead] as number))),
  };
}

const input = (index: number): Slot => ({ kind: 'input', index });
const output: Slot = { kind: 'output', index: 0 };
const temp = (index: number): Slot => ({ kind: 'temp', index });

const step = (code: number, args: Slot[], target: Slot, p = 0, q = 0): MapStepIR => ({ code, args, target, p, q });

/** A map of one output whose inputs are broadcast to it. */
export function emitMap(
  e: Emitter,
  inputs: readonly Value[],
  out: Value,
  steps: readonly MapStepIR[],
  temps = 0,
): void {
  e.map({
    shape: out.shape,
    inputs: inputs.map((v) => broadcastSource(v, out.shape)),
    outputs: [out.ref],
    temps,
    steps,
  });
}

const spec0 = (inputs: readonly TensorSpec[]): TensorSpec => inputs[0] as TensorSpec;

function unaryOp<A>(
  code: Un,
  parameters: (attrs: A) => readonly [number, number] = () => [0, 0],
  dtype?: DType,
): Descriptor<A> {
  return op<A>({
    infer: (inputs) => ({ shape: spec0(inputs).shape, dtype: dtype ?? spec0(inputs).dtype }),
    lower(e, inputs, out, attrs) {
      const [p, q] = parameters(attrs);
      emitMap(e, inputs, out, [step(code, [input(0)], output, p, q)]);
    },
  });
}

const plain = (code: Un, dtype?: DType): Descriptor<None> => unaryOp<None>(code, undefined, dtype);

/** @throws ShapeError if the shapes do not broadcast */
export function inferBroadcast(name: string, inputs: readonly TensorSpec[]): Shape {
  let shape: Shape = spec0(inputs).shape;
  for (let i = 1; i < inputs.length; i++) {
    const next = inputs[i] as TensorSpec;
    if (sameShape(shape, next.shape)) continue;
    const joined = broadcastShapes(shape, next.shape);
    if (!joined) {
      throw new ShapeError(
        `${name}: shapes ${inputs.map((i) => showShape(i.shape)).join(' and ')} do not broadcast; ` +
          'from the right, dimensions must be equal or 1',
      );
    }
    shape = joined;
  }
  return shape;
}

function binaryOp<A>(name: string, code: Bin, int?: Bin, parameter: (attrs: A) => number = () => 0): Descriptor<A> {
  return op<A>({
    infer: (inputs) => ({
      shape: inferBroadcast(name, inputs),
      dtype: upcast(spec0(inputs).dtype, (inputs[1] as TensorSpec).dtype),
    }),
    lower(e, inputs, out, attrs) {
      const chosen = out.dtype === 'int32' && int !== undefined ? int : code;
      emitMap(e, inputs, out, [step(BINARY + chosen, [input(0), input(1)], output, parameter(attrs))]);
    },
  });
}

/** Comparisons of int32 stand on two codes: equal and less, negated or with operands exchanged. */
const INT_COMPARISON: Partial<Record<Bin, { code: Bin; swap: boolean; negate: boolean }>> = {
  [Bin.equal]: { code: Bin.equalInt, swap: false, negate: false },
  [Bin.notEqual]: { code: Bin.equalInt, swap: false, negate: true },
  [Bin.less]: { code: Bin.lessInt, swap: false, negate: false },
  [Bin.greaterEqual]: { code: Bin.lessInt, swap: false, negate: true },
  [Bin.greater]: { code: Bin.lessInt, swap: true, negate: false },
  [Bin.lessEqual]: { code: Bin.lessInt, swap: true, negate: true },
};

function comparison(name: string, code: Bin): Descriptor<None> {
  return op<None>({
    infer: (inputs) => ({ shape: inferBroadcast(name, inputs), dtype: 'bool' }),
    lower(e, inputs, out) {
      const int = first(inputs).dtype === 'float32' ? undefined : INT_COMPARISON[code];
      if (!int) return emitMap(e, inputs, out, [step(BINARY + code, [input(0), input(1)], output)]);
      const args = int.swap ? [input(1), input(0)] : [input(0), input(1)];
      if (!int.negate) return emitMap(e, inputs, out, [step(BINARY + int.code, args, output)]);
      emitMap(e, inputs, out, [step(BINARY + int.code, args, temp(0)), step(Un.logicalNot, [temp(0)], output)], 1);
    },
  });
}

export interface Alpha extends Record<string, unknown> {
  readonly alpha: number;
}

/** The steps of a cast; none means that the bits stay. */
function castSteps(from: DType, to: DType): Un[] {
  if (from === to || (from === 'bool' && to === 'int32')) return [];
  if (to === 'float32') return [Un.toFloat];
  if (from === 'float32') return [to === 'int32' ? Un.toInt : Un.toBool];
  return [Un.logicalNot, Un.logicalNot];
}

export const elementwise = {
  neg: plain(Un.neg),
  abs: plain(Un.abs),
  sign: plain(Un.sign),
  square: plain(Un.square),
  sqrt: plain(Un.sqrt),
  rsqrt: plain(Un.rsqrt),
  reciprocal: plain(Un.reciprocal),
  exp: plain(Un.exp),
  log: plain(Un.log),
  log1p: plain(Un.log1p),
  expm1: plain(Un.expm1),
  tanh: plain(Un.tanh),
  sigmoid: plain(Un.sigmoid),
  softplus: plain(Un.softplus),
  erf: plain(Un.erf),
  relu: plain(Un.relu),
  leakyRelu: unaryOp<Alpha>(Un.leakyRelu, (a) => [a.alpha, 0]),
  clipByValue: unaryOp<{ min: number; max: number }>(Un.clip, (a) => [a.min, a.max]),
  floor: plain(Un.floor),
  ceil: plain(Un.ceil),
  round: plain(Un.round),
  step: unaryOp<Alpha>(Un.step, (a) => [a.alpha, 0]),
  isNaN: plain(Un.isNaN, 'bool'),
  logicalNot: plain(Un.logicalNot, 'bool'),
  cast: op<{ dtype: DType }>({
    infer: (inputs, attrs) => ({ shape: spec0(inputs).shape, dtype: attrs.dtype }),
    view: (inputs, attrs, spec) =>
      castSteps(first(inputs).dtype, attrs.dtype).length ? undefined : { ...spec, ref: first(inputs).ref },
    lower(e, inputs, out, attrs) {
      const codes = castSteps(first(inputs).dtype, attrs.dtype);
      if (codes.length < 2) return emitMap(e, inputs, out, [step(codes[0] ?? Un.identity, [input(0)], output)]);
      emitMap(e, inputs, out, [step(Un.logicalNot, [input(0)], temp(0)), step(Un.logicalNot, [temp(0)], output)], 1);
    },
  }),

  add: binaryOp<None>('add', Bin.add, Bin.addInt),
  sub: binaryOp<None>('sub', Bin.sub, Bin.subInt),
  mul: binaryOp<None>('mul', Bin.mul, Bin.mulInt),
  div: binaryOp<None>('div', Bin.div),
  maximum: binaryOp<None>('maximum', Bin.maximum),
  minimum: binaryOp<None>('minimum', Bin.minimum),
  squaredDifference: binaryOp<None>('squaredDifference', Bin.squaredDifference),
  /** grad where the other operand is > 0, else 0 */
  reluGrad: binaryOp<None>('reluGrad', Bin.reluGrad),
  /** grad where the other operand is > 0, else alpha grad */
  leakyReluGrad: binaryOp<Alpha>('leakyReluGrad', Bin.leakyReluGrad, undefined, (a) => a.alpha),
  equal: comparison('equal', Bin.equal),
  notEqual: comparison('notEqual', Bin.notEqual),
  less: comparison('less', Bin.less),
  lessEqual: comparison('lessEqual', Bin.lessEqual),
  greater: comparison('greater', Bin.greater),
  greaterEqual: comparison('greaterEqual', Bin.greaterEqual),
  logicalAnd: comparison('logicalAnd', Bin.logicalAnd),
  logicalOr: comparison('logicalOr', Bin.logicalOr),

  where: op<None>({
    infer: (inputs) => ({
      shape: inferBroadcast('where', inputs),
      dtype: upcast((inputs[1] as TensorSpec).dtype, (inputs[2] as TensorSpec).dtype),
    }),
    lower: (e, inputs, out) =>
      emitMap(e, inputs, out, [step(TERNARY + Tern.select, [input(0), input(1), input(2)], output)]),
  }),
  broadcastTo: op<{ shape: Shape }>({
    infer(inputs, attrs) {
      const from = spec0(inputs);
      const joined = broadcastShapes(from.shape, attrs.shape);
      if (!joined || joined.length !== attrs.shape.length || joined.some((d, i) => d !== attrs.shape[i])) {
        throw new ShapeError(`broadcastTo: ${showShape(from.shape)} does not broadcast to ${showShape(attrs.shape)}`);
      }
      return { shape: attrs.shape, dtype: from.dtype };
    },
    lower: (e, inputs, out) => emitMap(e, inputs, out, [step(Un.identity, [input(0)], output)]),
  }),
} as const;
