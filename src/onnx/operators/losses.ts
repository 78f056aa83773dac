/** Losses of classification. */
import type { Call } from '../../graph/core/call';
import type { Value } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { fill } from '../../ops/create/creation';
import { gather } from '../../ops/indexing/indexing';
import * as sg from '../../ops/math/arithmetic';
import { logSoftmax, mean, sum } from '../../ops/math/reduce';
import { reshape, transpose } from '../../ops/shape/shaping';
import type { Tensor } from '../../tensor/tensor';
import { type Definitions, define } from './define';
import { takenAlong } from './indexing';

/** -log p of the classes that are right; classes are the second dimension. */
function loss(call: Call, logProbabilities: Tensor): Tensor {
  const order = logProbabilities.shape.map((_, i) => i).filter((i) => i !== 1);
  const rows = transpose(logProbabilities, [...order, 1]);
  const target = cast(call.tensor(1), 'int32');
  const ignored = call.hasAttribute('ignore_index')
    ? sg.equal(target, fill([], call.wholeOf('ignore_index'), 'int32'))
    : undefined;
  const classes = ignored ? sg.where(ignored, fill([], 0, 'int32'), target) : target;
  const picked = takenAlong(rows, reshape(classes, [...classes.shape, 1]), rows.rank - 1);
  const each = sg.neg(reshape(picked, classes.shape));
  const given = call.has(2) ? gather(call.tensor(2), classes) : undefined;
  const one = (): Tensor => fill(classes.shape, 1, 'float32');
  const weights = ignored ? sg.where(ignored, fill([], 0, 'float32'), given ?? one()) : given;
  const weighted = weights ? sg.mul(each, weights) : each;
  const how = call.text('reduction', 'mean');
  if (how === 'none') return weighted;
  if (how === 'sum') return sum(weighted);
  if (how === 'mean') return weights ? sg.div(sum(weighted), sum(weights)) : mean(weighted);
  throw call.fail(`attribute reduction must be none, sum or mean, got '${how}'`);
}

function crossEntropy(call: Call): readonly Value[] {
  const logProbabilities = logSoftmax(call.tensor(0), 1);
  return [loss(call, logProbabilities), logProbabilities];
}

export const losses: Definitions = {
  NegativeLogLikelihoodLoss: define({ 12: (call) => loss(call, call.tensor(0)) }),
  SoftmaxCrossEntropyLoss: define({ 12: crossEntropy }),
};
