/** Sums and their like, counts, sorting. */
import { tensor } from '../../../ops/create/creation';
import { lowerBound, topk, upperBound } from '../../../ops/indexing/sorting';
import { bincount, denseBincount } from '../../../ops/math/counting';
import { cumprod, cumsum } from '../../../ops/math/cumulative';
import { all, any, argMax, argMin, max, mean, min, prod, sum } from '../../../ops/math/reduce';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operator, Operators } from '../../core/registry';

/** Without a second operand, or with an empty list, no dimension or all: as TensorFlow, an empty list reduces nothing. */
const reduction =
  (f: (x: Tensor, axis?: readonly number[] | null, keepDims?: boolean) => Tensor): Operator =>
  (call) =>
    f(call.tensor(0), call.has(1) ? call.ints(1) : undefined, call.flag('keep_dims'));

const place =
  (f: typeof argMax): Operator =>
  (call) =>
    f(call.tensor(0), call.int(1, 0));

const cumulative =
  (f: typeof cumsum): Operator =>
  (call) =>
    f(call.tensor(0), call.int(1), call.flag('exclusive'), call.flag('reverse'));

const weightsOf = (call: Call): Tensor => (call.has(2) ? call.tensor(2) : tensor([]));

export const reductions: Operators = {
  Max: reduction(max),
  Mean: reduction(mean),
  Min: reduction(min),
  Sum: reduction(sum),
  All: reduction(all),
  Any: reduction(any),
  Prod: reduction(prod),
  ArgMax: place(argMax),
  ArgMin: place(argMin),
  Cumsum: cumulative(cumsum),
  Cumprod: cumulative(cumprod),
  Bincount: (call) => bincount(call.tensor(0), weightsOf(call), call.int(1)),
  DenseBincount: (call) => denseBincount(call.tensor(0), weightsOf(call), call.int(1), call.flag('binary_output')),
  TopKV2: (call) => {
    const { values, indices } = topk(call.tensor(0), call.int(1));
    return [values, indices];
  },
  LowerBound: (call) => lowerBound(call.tensor(0), call.tensor(1)),
  UpperBound: (call) => upperBound(call.tensor(0), call.tensor(1)),
};
