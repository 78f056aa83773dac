/** Descriptors of the elementwise ops: all become maps. */
import { BINARY, Bin, TERNARY, Tern, Un } from '../../../assembly/isa';
import { fitsMap } from '../../program/encode';
import type { Emitter, MapOperand, MapSource, MapStepIR, Value } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import { type DType, upcast } from '../../tensor/dtype';
import type { TensorSpec } from '../../tensor/graph';
import { broadcastShapes, type Shape, sameShape, showShape, stridesOf } from '../../tensor/shape';
import { type Descriptor, first, type None, op } from '../core/descriptor';
import { emitCopy } from './movement';

/** How a value is walked when its shape is broadcast to `shape`. */
export function broadcastSource(value: Value, shape: Shape): MapSource {
  const own = stridesOf(value.shape);
  const lead = shape.length - value.shape.length;
  return {
    ref: value.ref,
    strides: shape.map((_, d) => (d < lead || value.shape[d - lead] === 1 ? 0 : (own[d - lead] as number))),
  };
}

const input = (index: number): MapOperand => ({ kind: 'input', index });
const output: MapOperand = { kind: 'output', index: 0 };
const temp = (index: number): MapOperand => ({ kind: 'temp', index });

const instruction = (code: number, args: MapOperand[], target: MapOperand, p = 0, q = 0): MapStepIR => ({
  code,
  args,
  target,
  p,
  q,
});

/** A map of one output whose inputs are broadcast to it. */
export function emitMap(
  e: Emitter,
  inputs: readonly Value[],
  out: Value,
  steps: readonly MapStepIR[],
  temps = 0,
): void {
  const sources = inputs.map((v) => broadcastSource(v, out.shape));
  const map = { shape: out.shape, inputs: sources, outputs: [out.ref], temps, steps };
  // More dimensions than a map has: the inputs are broadcast first.
  e.map(fitsMap(map) ? map : { ...map, inputs: sources.map((source) => expanded(e, source, out)) });
}

/** A copy of an input in the shape of the result. */
function expanded(e: Emitter, { ref, strides }: MapSource, out: Value): MapSource {
  const dense = stridesOf(out.shape);
  const copy = e.temporary(out);
  emitCopy(e, ref, copy.ref, out.shape, strides, dense);
  return { ref: copy.ref, strides: dense };
}

const spec0 = (inputs: readonly TensorSpec[]): TensorSpec => inputs[0] as TensorSpec;

function unaryOp<A>(
  name: string,
  code: Un,
  parameters: (attrs: A) => readonly [number, number] = () => [0, 0],
  dtype?: DType,
): Descriptor<A> {
  return op<A>(name, {
    infer: (inputs) => ({ shape: spec0(inputs).shape, dtype: dtype ?? spec0(inputs).dtype }),
    lower(e, inputs, out, attrs) {
      const [p, q] = parameters(attrs);
      emitMap(e, inputs, out, [instruction(code, [input(0)], output, p, q)]);
    },
  });
}

const plain = (name: string, code: Un, dtype?: DType): Descriptor<None> => unaryOp<None>(name, code, undefined, dtype);

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
  return op<A>(name, {
    infer: (inputs) => ({
      shape: inferBroadcast(name, inputs),
      dtype: upcast(spec0(inputs).dtype, (inputs[1] as TensorSpec).dtype),
    }),
    lower(e, inputs, out, attrs) {
      const chosen = out.dtype === 'int32' && int !== undefined ? int : code;
      emitMap(e, inputs, out, [instruction(BINARY + chosen, [input(0), input(1)], output, parameter(attrs))]);
    },
  });
}

/** Comparisons of int32 use two codes: equal and less, negated or with operands exchanged. */
const INT_COMPARISON: Partial<Record<Bin, { code: Bin; swap: boolean; negate: boolean }>> = {
  [Bin.equal]: { code: Bin.equalInt, swap: false, negate: false },
  [Bin.notEqual]: { code: Bin.equalInt, swap: false, negate: true },
  [Bin.less]: { code: Bin.lessInt, swap: false, negate: false },
  [Bin.greaterEqual]: { code: Bin.lessInt, swap: false, negate: true },
  [Bin.greater]: { code: Bin.lessInt, swap: true, negate: false },
  [Bin.lessEqual]: { code: Bin.lessInt, swap: true, negate: true },
};

function comparison(name: string, code: Bin): Descriptor<None> {
  return op<None>(name, {
    infer: (inputs) => ({ shape: inferBroadcast(name, inputs), dtype: 'bool' }),
    lower(e, inputs, out) {
      const int = first(inputs).dtype === 'float32' ? undefined : INT_COMPARISON[code];
      if (!int) return emitMap(e, inputs, out, [instruction(BINARY + code, [input(0), input(1)], output)]);
      const args = int.swap ? [input(1), input(0)] : [input(0), input(1)];
      if (!int.negate) return emitMap(e, inputs, out, [instruction(BINARY + int.code, args, output)]);
      emitMap(
        e,
        inputs,
        out,
        [instruction(BINARY + int.code, args, temp(0)), instruction(Un.logicalNot, [temp(0)], output)],
        1,
      );
    },
  });
}

const bin = (code: Bin, a: MapOperand, b: MapOperand, target: MapOperand): MapStepIR =>
  instruction(BINARY + code, [a, b], target);
const X = input(0);

/** A function that keeps float32 and int32. @param steps on int32, in the place of the one on float32 */
function exactOp(name: string, code: Un, steps: readonly MapStepIR[]): Descriptor<None> {
  return op<None>(name, {
    infer: (inputs) => ({ shape: spec0(inputs).shape, dtype: spec0(inputs).dtype }),
    lower(e, inputs, out) {
      if (out.dtype === 'int32') emitMap(e, inputs, out, steps, 1);
      else emitMap(e, inputs, out, [instruction(code, [X], output)]);
    },
  });
}

/** Maps have no constants: x - x is 0. */
const ZERO = bin(Bin.subInt, X, X, temp(0));

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

/** Codes that are parts of other ops, have parameters, or know other types: their ops are defined one by one below. */
type UnaryApart =
  Words<'identity toInt toFloat toBool clip neg abs sign square relu leakyRelu step floor ceil round isNaN isInf isFinite logicalNot'>;
type BinaryApart =
  Words<'squaredDifference floorDiv reluGrad leakyReluGrad equal notEqual less lessEqual greater greaterEqual logicalAnd logicalOr'>;

type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S;
type Names<Codes, Apart extends string> = Exclude<keyof Codes & string, Apart | `${string}Int`>;

/** Every other code is an op of its name: of one operand in float32; of two, in int32 too if there is a code for that. */
export type PlainUnary = Names<typeof Un, UnaryApart>;
export type PlainBinary = Names<typeof Bin, BinaryApart>;

/** The op of a code of one operand. */
export const unary = (name: PlainUnary, code: Un): Descriptor<None> => plain(name, code);
/** The op of a code of two operands, and of that for int32 if there is one. */
export const binary = (name: PlainBinary, code: Bin, int?: Bin): Descriptor<None> => binaryOp<None>(name, code, int);

export const neg = exactOp('neg', Un.neg, [ZERO, bin(Bin.subInt, temp(0), X, output)]);
export const abs = exactOp('abs', Un.abs, [
  ZERO,
  bin(Bin.subInt, temp(0), X, temp(0)),
  bin(Bin.maximumInt, X, temp(0), output),
]);
/** Rounding an int32 to float32 keeps the sign. */
export const sign = exactOp('sign', Un.sign, [
  instruction(Un.toFloat, [X], temp(0)),
  instruction(Un.sign, [temp(0)], temp(0)),
  instruction(Un.toInt, [temp(0)], output),
]);
export const square = exactOp('square', Un.square, [bin(Bin.mulInt, X, X, output)]);
export const relu = exactOp('relu', Un.relu, [ZERO, bin(Bin.maximumInt, X, temp(0), output)]);
export const leakyRelu = unaryOp<Alpha>('leakyRelu', Un.leakyRelu, (a) => [a.alpha, 0]);
export const clipByValue = unaryOp<{ min: number; max: number }>('clipByValue', Un.clip, (a) => [a.min, a.max]);
export const floor = plain('floor', Un.floor);
export const ceil = plain('ceil', Un.ceil);
export const round = plain('round', Un.round);
export const step = unaryOp<Alpha>('step', Un.step, (a) => [a.alpha, 0]);
export const isNaN = plain('isNaN', Un.isNaN, 'bool');
export const isInf = plain('isInf', Un.isInf, 'bool');
export const isFinite = plain('isFinite', Un.isFinite, 'bool');
export const logicalNot = plain('logicalNot', Un.logicalNot, 'bool');

/** isWhole: the operand holds integers, of which nothing is cut off. */
export const cast = op<{ dtype: DType; isWhole?: boolean }>('cast', {
  infer: (inputs, attrs) => ({ shape: spec0(inputs).shape, dtype: attrs.dtype }),
  view: (inputs, attrs, spec) =>
    castSteps(first(inputs).dtype, attrs.dtype).length ? undefined : { ...spec, ref: first(inputs).ref },
  lower(e, inputs, out, attrs) {
    const codes = castSteps(first(inputs).dtype, attrs.dtype);
    if (codes.length < 2) return emitMap(e, inputs, out, [instruction(codes[0] ?? Un.identity, [input(0)], output)]);
    emitMap(
      e,
      inputs,
      out,
      [instruction(Un.logicalNot, [input(0)], temp(0)), instruction(Un.logicalNot, [temp(0)], output)],
      1,
    );
  },
});

/** floor(a / b) as int32, of two float32 or two int32 */
export const floorDiv = op<None>('floorDiv', {
  infer: (inputs) => ({ shape: inferBroadcast('floorDiv', inputs), dtype: 'int32' }),
  lower(e, inputs, out) {
    const code = first(inputs).dtype === 'float32' ? Bin.floorDiv : Bin.floorDivInt;
    emitMap(e, inputs, out, [bin(code, X, input(1), output)]);
  },
});

/** Of two int32; and of two bools is `logicalAnd`. */
export const bitwiseAnd = binaryOp<None>('bitwiseAnd', Bin.logicalAnd);

export const squaredDifference = op<None>('squaredDifference', {
  infer: (inputs) => ({
    shape: inferBroadcast('squaredDifference', inputs),
    dtype: upcast(spec0(inputs).dtype, (inputs[1] as TensorSpec).dtype),
  }),
  lower(e, inputs, out) {
    const [difference, square] = [bin(Bin.subInt, X, input(1), temp(0)), bin(Bin.mulInt, temp(0), temp(0), output)];
    if (out.dtype === 'int32') emitMap(e, inputs, out, [difference, square], 1);
    else emitMap(e, inputs, out, [bin(Bin.squaredDifference, X, input(1), output)]);
  },
});

/** grad where the other operand is > 0, else 0 */
export const reluGrad = binaryOp<None>('reluGrad', Bin.reluGrad);

/** grad where the other operand is > 0, else alpha grad */
export const leakyReluGrad = binaryOp<Alpha>('leakyReluGrad', Bin.leakyReluGrad, undefined, (a) => a.alpha);
export const equal = comparison('equal', Bin.equal);
export const notEqual = comparison('notEqual', Bin.notEqual);
export const less = comparison('less', Bin.less);
export const lessEqual = comparison('lessEqual', Bin.lessEqual);
export const greater = comparison('greater', Bin.greater);
export const greaterEqual = comparison('greaterEqual', Bin.greaterEqual);
export const logicalAnd = comparison('logicalAnd', Bin.logicalAnd);
export const logicalOr = comparison('logicalOr', Bin.logicalOr);

export const where = op<None>('where', {
  infer: (inputs) => ({
    shape: inferBroadcast('where', inputs),
    dtype: upcast((inputs[1] as TensorSpec).dtype, (inputs[2] as TensorSpec).dtype),
  }),
  lower: (e, inputs, out) =>
    emitMap(e, inputs, out, [instruction(TERNARY + Tern.select, [input(0), input(1), input(2)], output)]),
});

export const broadcastTo = op<{ shape: Shape }>('broadcastTo', {
  infer(inputs, attrs) {
    const from = spec0(inputs);
    const joined = broadcastShapes(from.shape, attrs.shape);
    if (!joined || joined.length !== attrs.shape.length || joined.some((d, i) => d !== attrs.shape[i])) {
      throw new ShapeError(`broadcastTo: ${showShape(from.shape)} does not broadcast to ${showShape(attrs.shape)}`);
    }
    return { shape: attrs.shape, dtype: from.dtype };
  },
  lower(e, inputs, out) {
    const source = broadcastSource(first(inputs), out.shape);
    if (fitsMap({ shape: out.shape, inputs: [source] }))
      emitMap(e, inputs, out, [instruction(Un.identity, [input(0)], output)]);
    else emitCopy(e, source.ref, out.ref, out.shape, source.strides, stridesOf(out.shape));
  },
});
