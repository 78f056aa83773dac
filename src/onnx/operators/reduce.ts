/** Sums and their like along axes, positions of extremes, running sums. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import type { Value } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { scalar } from '../../ops/create/creation';
import * as sg from '../../ops/math/arithmetic';
import { cumprod, cumsum } from '../../ops/math/cumulative';
import { argMax, argMin, logSumExp, max, mean, min, prod, sum } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import { reverse } from '../../ops/shape/slicing';
import type { Tensor } from '../../tensor/tensor';
import { type Definition, type Definitions, define, fixed } from './define';
import { axesOf, axisOf, outputType, wrapped } from './operands';

type Reduction = (x: Tensor, axes: readonly number[], keepDims: boolean) => Tensor;

/** Axes of a reduction; undefined: nothing is reduced. */
function reduced(call: Call, rank: number): number[] | undefined {
  const axes = axesOf(call, 1) ?? [];
  if (axes.length === 0)
    return call.flag('noop_with_empty_axes') ? undefined : Array.from({ length: rank }, (_, i) => i);
  return axes.map((a) => axisOf(call, a, rank));
}

/** @param each what is done with elements that stay alone; default: nothing */
function reduction(f: Reduction): Operator {
  return (call) => {
    const x = call.tensor(0);
    const axes = reduced(call, x.rank);
    // Of nothing but its own elements, for a reduction that changes them.
    const y = f(x, axes ?? [], call.flag('keepdims', true));
    return wrapped(y.dtype === x.dtype ? y : cast(y, x.dtype), outputType(call));
  };
}

/** Axes as an attribute, then as an operand. */
const along = (f: Reduction): Definition => define(reduction(f), { known: [1] });

const sumOfSquares: Reduction = (x, axes, keepDims) => sum(sg.square(x), axes, keepDims);

/** The extreme of no elements at all is infinite. */
const extreme =
  (f: typeof max): Reduction =>
  (x, axes, keepDims) =>
    f(x, axes, keepDims);

/** Integers are divided as integers. */
const average: Reduction = (x, axes, keepDims) => {
  if (x.dtype !== 'int32') return mean(x, axes, keepDims);
  const count = axes.reduce((n, a) => n * (x.shape[a] as number), 1);
  return sg.floorDiv(sum(x, axes, keepDims), scalar(count, 'int32'));
};

const place =
  (f: typeof argMax): Operator =>
  (call) => {
    const x = call.tensor(0);
    const axis = axisOf(call, call.wholeOf('axis', 0), x.rank);
    const size = x.shape[axis] as number;
    const isLast = call.flag('select_last_index');
    const at = f(isLast ? reverse(x, axis) : x, axis);
    const found = isLast ? sg.sub(scalar(size - 1, 'int32'), at) : at;
    if (!call.flag('keepdims', true)) return found;
    return reshape(
      found,
      x.shape.map((d, i) => (i === axis ? 1 : d)),
    );
  };

const running =
  (f: typeof cumsum): Operator =>
  (call): Value => {
    const x = call.tensor(0);
    return wrapped(
      f(x, axisOf(call, call.int(1), x.rank), call.flag('exclusive'), call.flag('reverse')),
      outputType(call),
    );
  };

const INT64 = { types: fixed('int64') };

export const reductions: Definitions = {
  ReduceSum: along((x, axes, keepDims) => sum(x, axes, keepDims)),
  ReduceMean: along(average),
  ReduceProd: along((x, axes, keepDims) => prod(x, axes, keepDims)),
  ReduceMax: along(extreme(max)),
  ReduceMin: along(extreme(min)),
  ReduceL1: along((x, axes, keepDims) => sum(sg.abs(x), axes, keepDims)),
  ReduceL2: along((x, axes, keepDims) => sg.sqrt(sumOfSquares(x, axes, keepDims))),
  ReduceSumSquare: along(sumOfSquares),
  ReduceLogSum: along((x, axes, keepDims) => sg.log(sum(x, axes, keepDims))),
  ReduceLogSumExp: along((x, axes, keepDims) => logSumExp(x, axes, keepDims)),
  ArgMax: define(place(argMax), INT64),
  ArgMin: define(place(argMin), INT64),
  CumSum: define({ 11: running(cumsum) }, { known: [1] }),
  CumProd: define({ 26: running(cumprod) }, { known: [1] }),
};
