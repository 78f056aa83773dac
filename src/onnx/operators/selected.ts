/** One of two values, by a condition that only a running program knows: both are computed. */
import type { Call } from '../../graph/core/call';
import { HostArray, showValue, type Value, ValueList } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { where } from '../../ops/math/comparison';
import { reshape } from '../../ops/shape/shaping';
import { SamegradError, ShapeError } from '../../support/errors';
import { sameShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';

/** Whether nobody knows a value's numbers until the program runs, which does not end before. */
export const isUndecided = (call: Call, value: Value | undefined): value is Tensor =>
  call.context.isWhole && value instanceof Tensor && value.isTraced;

/** A condition as one truth value. */
export function truthOf(call: Call, condition: Tensor): Tensor {
  if (condition.size === 1) return reshape(cast(condition, 'bool'), []);
  throw call.fail(`the condition must be one value, got ${showValue(condition)}`);
}

const isSame = (a: HostArray, b: HostArray): boolean =>
  a.dtype === b.dtype &&
  sameShape(a.shape, b.shape) &&
  Array.from<unknown>(a.exact ?? a.data).every((v, i) => Object.is(v, (b.exact ?? b.data)[i]));

const isTensor = (value: Value): value is Tensor | HostArray => value instanceof Tensor || value instanceof HostArray;

/**
 * `a` if the condition holds, else `b`.
 * @param what they are, for errors
 * @throws ShapeError unless they are alike
 */
export function selected(call: Call, condition: Tensor, a: Value, b: Value, what: string): Value {
  if (a === b || (a instanceof HostArray && b instanceof HostArray && isSame(a, b))) return a;
  if (a instanceof ValueList && b instanceof ValueList && a.items.length === b.items.length)
    return new ValueList(
      a.items.map((item, i) => selected(call, condition, item as Value, b.items[i] as Value, what)),
      null,
      a.dtype,
    );
  if (isTensor(a) && isTensor(b) && a.dtype === b.dtype && sameShape(a.shape, b.shape))
    return where(condition, call.asTensor(a, 0), call.asTensor(b, 0));
  throw new ShapeError(
    `${call.where}: ${what} is ${showValue(a)} or ${showValue(b)}, by a condition that a compiled function (sg.jit, a model's step) knows only when it runs; both must be alike there, or the graph be called outside of it`,
  );
}

/** Computes what may not be taken. @throws what it throws, with the reason why it is computed at all */
export function whenTaken<T>(call: Call, condition: Tensor, what: string, compute: () => T): T {
  try {
    return call.context.when(condition, compute);
  } catch (error) {
    if (error instanceof SamegradError)
      error.message = `${call.where}: ${what} is computed whether or not it is taken, as a compiled function (sg.jit, a model's step) knows the condition only when it runs: ${error.message}`;
    throw error;
  }
}
