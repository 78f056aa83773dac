/** What classifiers and regressors make of their scores: transforms, labels. */
import type { Call } from '../../../graph/core/call';
import { HostArray, Texts, type Value } from '../../../graph/core/value';
import { fill, tensor } from '../../../ops/create/creation';
import { gather } from '../../../ops/indexing/indexing';
import * as sg from '../../../ops/math/arithmetic';
import { argMax, softmax, sum } from '../../../ops/math/reduce';
import type { Tensor } from '../../../tensor/tensor';
import type { TypeRule } from '../define';

/** Softmax in which scores of 0 stay 0. */
function softmaxOfOthers(x: Tensor): Tensor {
  const isZero = sg.equal(x, 0);
  const powers = sg.where(isZero, fill([], 0, 'float32'), sg.exp(sg.minimum(x, 80)));
  return sg.divNoNan(powers, sum(powers, -1, true));
}

const TRANSFORMS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  NONE: (x) => x,
  SOFTMAX: (x) => softmax(x, -1),
  LOGISTIC: (x) => sg.sigmoid(x),
  SOFTMAX_ZERO: softmaxOfOthers,
};

/** Scores [n, targets] as the attribute `post_transform` wants them. */
export function transformed(call: Call, x: Tensor, name = call.text('post_transform', 'NONE')): Tensor {
  const f = Object.hasOwn(TRANSFORMS, name) ? TRANSFORMS[name] : undefined;
  if (f) return f(x);
  throw call.fail(`attribute post_transform must be one of ${Object.keys(TRANSFORMS).join(', ')}, got '${name}'`);
}

/** Labels of classes: numbers or strings. */
export type Labels = readonly number[] | readonly string[];

export function labelsOf(call: Call, numbers: string, strings: string): Labels {
  if (call.hasAttribute(strings) && call.textsOf(strings).length > 0) return call.textsOf(strings);
  return call.numbers(numbers, []);
}

/** The label of the largest score of each row. */
export function picked(call: Call, scores: Tensor, labels: Labels): Value {
  const best = argMax(scores, 1);
  if (labels.every((label) => typeof label === 'number')) {
    if (labels.length === 0) return best;
    return gather(tensor(Int32Array.from(labels), [labels.length], 'int32'), best);
  }
  const { data } = call.numbersOf(best);
  return new Texts(
    Array.from(data, (i) => labels[i] as string),
    [data.length],
  );
}

/** Labels, then scores. */
export const classifierTypes =
  (strings: string): TypeRule =>
  ({ attributes, outputCount }) => {
    const given = attributes.get(strings);
    const isText = given?.kind === 'texts' && given.value.length > 0;
    return ([isText ? 'string' : 'int64', 'float32'] as const).slice(0, outputCount);
  };

/** Numbers of an attribute that is a tensor. */
export function numbersOf(call: Call, name: string): ArrayLike<number> | undefined {
  const value = call.valueOf(name);
  if (value === undefined) return undefined;
  if (value instanceof HostArray) return value.data;
  throw call.fail(`attribute ${name} must be numbers`);
}
