/** Yes-or-no answers: targets and predictions as rows of labels. */

import { range } from '../../ops/create/sequences';
import { topk } from '../../ops/indexing/sorting';
import { add, cast, equal, isNaN, mul, notEqual, where } from '../../ops/math/arithmetic';
import { any } from '../../ops/math/reduce';
import { expandDims, reshape, slice } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, IndexError } from '../../support/errors';
import { sameShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { classIndices, oneHotRows } from '../losses/logits';
import { lastOf, paired } from '../losses/loss';
import { spreadWeights } from '../losses/sample-weights';

/** All are [rows, labels]. */
export interface Labelled {
  /** 0 or 1; whatever is not 0 counts as 1, but NaN stays. */
  readonly y: Tensor;
  readonly p: Tensor;
  readonly weights: Tensor | undefined;
}

const table = (t: Tensor): Tensor => reshape(t, t.rank < 2 ? [-1, 1] : [t.size / Math.max(1, lastOf(t)), lastOf(t)]);

/** One-hot rows of class indices; those of NaN are NaN. */
function oneHotTargets(name: string, yTrue: Tensor, yPred: Tensor): Tensor {
  const hot = oneHotRows(name, classIndices(name, yTrue, yPred, yPred.rank - 1, 0), lastOf(yPred));
  if (yTrue.dtype !== 'float32') return hot;
  return where(isNaN(reshape(yTrue, [...yPred.shape.slice(0, -1), 1])), Number.NaN, hot);
}

/**
 * Targets may be class indices where predictions have several classes.
 * @throws ShapeError for shapes that do not fit, IndexError when run with a class index outside
 */
export function labelled(name: string, yTrue: Tensor, yPred: Tensor, weights?: Tensor): Labelled {
  const depth = yPred.rank > 1 ? lastOf(yPred) : 1;
  const rows = yPred.shape.slice(0, -1);
  const isSparse = depth > 1 && [rows, [...rows, 1]].some((shape) => sameShape(yTrue.shape, shape));
  const targets = isSparse ? oneHotTargets(name, yTrue, yPred) : yTrue;
  const [y, p] = paired(name, targets, yPred);
  return {
    y: table(add(cast(notEqual(y, 0), 'float32'), mul(y, 0))),
    p: table(p),
    weights: weights && table(spreadWeights(name, weights, p.rank < 2 ? [p.size, 1] : p.shape)),
  };
}

/** One of the labels alone. @throws IndexError */
export function only(name: string, { y, p, weights }: Labelled, classId: number): Labelled {
  const n = lastOf(p);
  if (classId >= n)
    throw new IndexError(`${name}: classId must be below ${n}, the number of classes, got ${show(classId)}`);
  const column = (t: Tensor): Tensor => slice(t, [0, classId], [-1, 1]);
  return { y: column(y), p: column(p), weights: weights && column(weights) };
}

/** Keeps NaN in predictions: the counts are NaN too then. */
export const honest = (p: Tensor, answer: Tensor): Tensor => where(isNaN(p), p, cast(answer, 'float32'));

/** Which of the labels are the k largest, the first of equal ones. @throws ArgumentError for k above their number */
export function largest(name: string, p: Tensor, k: number): Tensor {
  const n = lastOf(p);
  if (k > n) throw new ArgumentError(`${name}: topK must be at most ${n}, the number of classes, got ${show(k)}`);
  return any(equal(expandDims(topk(p, k).indices, -1), range(0, n, 1, 'int32')), 1);
}
