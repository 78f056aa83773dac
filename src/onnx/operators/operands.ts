/** Operands in the forms that operators compute with: known integers stay exact, narrow integers stay narrow. */
import type { Call } from '../../graph/core/call';
import { HOST_ELEMENTS, HostArray, Texts, type Value } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { tensor } from '../../ops/create/creation';
import { add, bitwiseAnd, sub } from '../../ops/math/arithmetic';
import type { DType } from '../../tensor/dtype';
import { withGraph } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { checkElements, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { isTypeName, type OnnxType, typeOfNumber } from '../proto/types';

/** Integer types by the bits of their elements; those without a sign are positive. */
const BITS: Readonly<Record<string, number>> = {
  int2: -2,
  int4: -4,
  int8: -8,
  int16: -16,
  int32: -32,
  int64: -64,
  uint2: 2,
  uint4: 4,
  uint8: 8,
  uint16: 16,
  uint32: 32,
  uint64: 64,
};

export const isInteger = (type: string | undefined): boolean => type !== undefined && Object.hasOwn(BITS, type);
export const isUnsigned = (type: string | undefined): boolean =>
  isInteger(type) && (BITS[type as string] as number) > 0;
export const bitsOf = (type: string): number => Math.abs(BITS[type] ?? 32);

/** Lowest and highest integer of a type. */
export function rangeOf(type: string): readonly [bigint, bigint] {
  const bits = BigInt(bitsOf(type));
  return isUnsigned(type) ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

/** The type that an attribute names by its number. */
export function typeOf(call: Call, name: string): OnnxType | undefined {
  if (!call.hasAttribute(name)) return undefined;
  const number = call.wholeOf(name);
  const type = typeOfNumber(number);
  if (type) return type;
  throw call.fail(`attribute ${name} names the unknown type ${number}`);
}

/** Element type of an output. */
export function outputType(call: Call, k = 0): OnnxType | undefined {
  const type = call.outputType(k);
  return type !== undefined && isTypeName(type) ? type : undefined;
}

/** Integers that were computed in 32 bits, in the bits of a narrow type. */
export function wrapped(x: Tensor, type: string | undefined): Tensor {
  if (x.dtype !== 'int32' || type === undefined || !isInteger(type)) return x;
  const bits = bitsOf(type);
  if (bits >= 32) return x;
  const integer = (value: number): Tensor => tensor(value, [], 'int32');
  const mask = integer((1 << bits) - 1);
  if (isUnsigned(type)) return bitwiseAnd(x, mask);
  const half = integer(1 << (bits - 1));
  return sub(bitwiseAnd(add(x, half), mask), half);
}

/** A known integer, modulo the range of its type. */
export function wrappedInteger(value: bigint, type: string): bigint {
  const bits = bitsOf(type);
  return isUnsigned(type) ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
}

/** Known integers as they are. */
export const exactOf = ({ exact, data }: HostArray): readonly bigint[] =>
  exact ?? Array.from(data, (v) => BigInt(Math.trunc(v)));

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Integers that are known. */
export function integers(values: readonly bigint[], shape: readonly number[], dtype: DType = 'int32'): HostArray {
  const isExact = values.every((v) => v <= SAFE && v >= -SAFE);
  return new HostArray(values.map(Number), shape, dtype, isExact ? undefined : values);
}

/** Operands that are a few known numbers or strings, whose elements an operator only moves. */
function movable(value: Value | undefined): value is HostArray | Texts {
  return value instanceof Texts || (value instanceof HostArray && value.data.length <= HOST_ELEMENTS);
}

/**
 * What an operator makes of operands whose elements it only moves. Known numbers and strings of any type are moved on
 * the host, by the same function: of their positions.
 * @param values the operands
 * @param f on tensors
 */
export function moved(call: Call, values: readonly Value[], f: (...tensors: Tensor[]) => Tensor): Value {
  return movedAll(call, values, (...tensors) => [f(...tensors)])[0] as Value;
}

/** As `moved`, for several outputs. */
export function movedAll(
  call: Call,
  values: readonly Value[],
  f: (...tensors: Tensor[]) => readonly Tensor[],
): readonly Value[] {
  if (!values.every(movable)) return f(...values.map((v, i) => call.asTensor(v, i)));
  const known = values as readonly (HostArray | Texts)[];
  const all: (number | string | bigint)[] = known.flatMap((v) =>
    Array.from<number | string | bigint>(v instanceof Texts ? v.data : (v.exact ?? v.data)),
  );
  return withGraph(undefined, () =>
    tidy(() => {
      let from = 0;
      const positions = known.map(({ data, shape }) => {
        const count = data.length;
        const t = tensor(
          Int32Array.from({ length: count }, (_, i) => from + i),
          [...shape],
          'int32',
        );
        from += count;
        return t;
      });
      const [first] = known;
      return f(...positions).map((t): Value => {
        const taken = Array.from(t.dataSync(), (i) => all[i] as number | string | bigint);
        if (first instanceof Texts) return new Texts(taken as string[], t.shape);
        const dtype = (first as HostArray).dtype;
        if (taken.some((v) => typeof v === 'bigint')) return integers(taken.map(BigInt), t.shape, dtype);
        return new HostArray(taken as number[], t.shape, dtype);
      });
    }),
  );
}

/** A shape that is known, checked before memory is asked for. */
export function sizes(call: Call, i: number): number[] {
  const shape = call.ints(i);
  if (shape.some((d) => d < 0)) throw call.fail(`input ${i} must be a shape, got [${String(shape)}]`);
  checkElements(sizeOf(shape), call.where);
  return shape;
}

/** An axis from 0 on. @throws FormatError for one that there is not */
export function axisOf(call: Call, axis: number, rank: number): number {
  const from = axis < 0 ? axis + rank : axis;
  if (from < 0 || from >= Math.max(rank, 1)) throw call.fail(`axis ${axis} is outside of rank ${rank}`);
  return from;
}

/** Axes by an attribute in old opsets, by an operand in new ones; undefined: left out. */
export function axesOf(call: Call, operand: number): number[] | undefined {
  if (call.has(operand)) return call.ints(operand);
  return call.hasAttribute('axes') ? [...call.numbers('axes')] : undefined;
}

/** Operands in float32. */
export const float = (call: Call, i: number): Tensor => cast(call.tensor(i), 'float32');
