/** How operators act element by element: on tensors, or exactly on integers that are known. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import { HOST_ELEMENTS, HostArray, Texts, type Value } from '../../graph/core/value';
import { reshape } from '../../ops/shape/shaping';
import { broadcastShapes, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { exactOf, integers, isInteger, outputType, wrapped, wrappedInteger } from './operands';

/** The operands if all are integers that are known. @throws FormatError for one that is missing */
function knownIntegers(call: Call, count: number): readonly HostArray[] | undefined {
  const out: HostArray[] = [];
  for (let i = 0; i < count; i++) {
    call.value(i);
    const value = call.known(i);
    if (value?.dtype !== 'int32' || value.data.length > HOST_ELEMENTS) return undefined;
    out.push(value);
  }
  return out;
}

/** Positions of an operand's elements in a shape that it broadcasts to. */
export function broadcastPositions(from: readonly number[], to: readonly number[]): Int32Array {
  const out = new Int32Array(sizeOf(to));
  const shape = [...new Array<number>(to.length - from.length).fill(1), ...from];
  for (let i = 0; i < out.length; i++) {
    let [rest, place, step] = [i, 0, 1];
    for (let d = to.length - 1; d >= 0; d--) {
      const size = to[d] as number;
      if (shape[d] !== 1) place += (rest % size) * step;
      step *= shape[d] as number;
      rest = Math.floor(rest / size);
    }
    out[i] = place;
  }
  return out;
}

/** @throws FormatError for shapes that do not broadcast */
export function commonShape(call: Call, shapes: readonly (readonly number[])[]): readonly number[] {
  return shapes.reduce((a, b) => {
    const shape = broadcastShapes(a, b);
    if (!shape) throw call.fail(`[${String(a)}] and [${String(b)}] do not broadcast`);
    return shape;
  }, []);
}

function zipped(call: Call, known: readonly HostArray[], f: (...values: bigint[]) => bigint | boolean): HostArray {
  const shape = commonShape(
    call,
    known.map((v) => v.shape),
  );
  const lists = known.map((v) => {
    const exact = exactOf(v);
    return Array.from(broadcastPositions(v.shape, shape), (i) => exact[i] as bigint);
  });
  const count = sizeOf(shape);
  const values = Array.from({ length: count }, (_, i) => f(...lists.map((list) => list[i] as bigint)));
  if (values.every((v) => typeof v === 'boolean') && count > 0) return new HostArray(values.map(Number), shape, 'bool');
  const type = outputType(call);
  if (type === 'bool') return new HostArray(values.map(Number), shape, 'bool');
  return integers(
    type && isInteger(type) ? values.map((v) => wrappedInteger(BigInt(v), type)) : values.map(BigInt),
    shape,
  );
}

/** A function of one tensor. */
export const unary =
  (f: (x: Tensor) => Tensor): Operator =>
  (call) =>
    f(call.tensor(0));

/** A function of one tensor, or exactly of known integers. */
export const exactUnary =
  (f: (x: Tensor) => Tensor, exact: (x: bigint) => bigint) =>
  (call: Call): Value => {
    const known = knownIntegers(call, 1);
    return known ? zipped(call, known, exact) : wrapped(f(call.tensor(0)), outputType(call));
  };

/** A function of two tensors that broadcast, or exactly of known integers. */
export const binary =
  (f: (a: Tensor, b: Tensor, call: Call) => Tensor, exact?: (a: bigint, b: bigint) => bigint | boolean) =>
  (call: Call): Value => {
    const known = exact && knownIntegers(call, 2);
    if (known) return zipped(call, known, exact);
    return wrapped(f(call.tensor(0), call.tensor(1), call), outputType(call));
  };

/** A function of any number of tensors that broadcast. */
export const variadic =
  (f: (a: Tensor, b: Tensor) => Tensor, exact?: (a: bigint, b: bigint) => bigint): Operator =>
  (call) => {
    if (call.count === 0) throw call.fail('needs at least one input');
    const known = exact && knownIntegers(call, call.count);
    if (known) return zipped(call, known, (...values) => values.reduce(exact));
    return wrapped(call.tensors().reduce(f), outputType(call));
  };

/** Before opset 7 the second operand is broadcast only if an attribute says so, from an axis of the first on. */
export const aligned =
  (operator: Operator): Operator =>
  (call) => {
    if (!call.flag('broadcast')) return operator(call);
    const [shape, to] = [call.shape(1), call.shape(0)];
    const axis = call.wholeOf('axis', to.length - shape.length);
    const from = axis < 0 ? axis + to.length : axis;
    const behind = to.length - from - shape.length;
    if (from < 0 || behind < 0) throw call.fail(`[${String(shape)}] does not fit [${String(to)}] from axis ${axis} on`);
    return operator(call.with(1, shaped(call, [...shape, ...new Array<number>(behind).fill(1)])));
  };

function shaped(call: Call, shape: readonly number[]): Value {
  const known = call.known(1);
  return known ? new HostArray(known.data, shape, known.dtype, known.exact) : reshape(call.tensor(1), shape);
}

/** Comparison of strings, one by one; undefined if there are none. */
export function comparedTexts(call: Call): HostArray | undefined {
  const [a, b] = [call.value(0), call.value(1)];
  if (!(a instanceof Texts) || !(b instanceof Texts)) return undefined;
  const shape = commonShape(call, [a.shape, b.shape]);
  const [left, right] = [broadcastPositions(a.shape, shape), broadcastPositions(b.shape, shape)];
  const data = Array.from(left, (i, k) => Number(a.data[i] === b.data[right[k] as number]));
  return new HostArray(data, shape, 'bool');
}
