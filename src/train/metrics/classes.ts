/** Metrics of how often each class was taken for each: the confusion matrix, and overlaps of regions. */

import { apply } from '../../ops/core/dispatch';
import { tensor } from '../../ops/create/creation';
import * as indexing from '../../ops/descriptors/indexing';
import {
  add,
  cast,
  greater,
  greaterEqual,
  isNaN,
  lessEqual,
  logicalAnd,
  logicalOr,
  mul,
  notEqual,
  where,
} from '../../ops/math/arithmetic';
import { any, argMax } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import { ArgumentError, ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { lastOf } from '../losses/loss';
import { spreadWeights } from '../losses/sample-weights';
import { share, sumOf } from './counts';
import type { MetricDefinition } from './metric';

/** Class indices, and a mask of NaN among them; undefined without NaN. */
interface Found {
  readonly classes: Tensor;
  readonly isLost: Tensor | undefined;
}

/** Classes of targets and of predictions. */
export type Classes = (yTrue: Tensor, yPred: Tensor) => readonly [Found, Found];

const lostOf = (t: Tensor): Tensor | undefined => (t.dtype === 'float32' ? isNaN(t) : undefined);

/** Class indices unchanged. @param from the values they were computed from, which may contain NaN */
export function whole(t: Tensor, from = t): Found {
  const isLost = lostOf(from);
  return { classes: cast(isLost ? where(isLost, 0, t) : t, 'int32'), isLost };
}

/** The classes of the largest scores along an axis. */
function largest(t: Tensor, axis: number): Found {
  const isLost = lostOf(t);
  return { classes: argMax(t, axis), isLost: isLost && any(isLost, axis) };
}

/** Class indices of what may be scores of the classes; `isPrediction`: or of the second of two. */
export function decided(t: Tensor, numClasses: number, isPrediction = true): Found {
  if (numClasses > 1 && t.rank > 1 && lastOf(t) === numClasses) return largest(t, -1);
  const isShare = isPrediction && numClasses === 2 && t.dtype === 'float32';
  return whole(isShare ? where(logicalAnd(greaterEqual(t, 0), lessEqual(t, 1)), greater(t, 0.5), t) : t);
}

/** Class indices of indices, or of scores of the classes along an axis. */
export const along = (t: Tensor, isSparse: boolean, axis: number): Found => (isSparse ? whole(t) : largest(t, axis));

/** A metric of a confusion matrix of n classes: rows are targets, columns predictions. */
export const crossed = <V>(
  name: string,
  n: number,
  classes: Classes,
  measure: (matrix: number[][]) => V,
  ignoreClass: number | null = null,
): MetricDefinition<V> => ({
  addition(yTrue, yPred, weights) {
    const [y, p] = classes(yTrue, yPred);
    const { size, shape } = y.classes;
    if (size !== p.classes.size)
      throw new ShapeError(
        `${name}: targets ${showShape(yTrue.shape)} and predictions ${showShape(yPred.shape)} must be of as many examples`,
      );
    const flat = (t: Tensor): Tensor => reshape(t, [size]);
    const lost = [y, p].flatMap(({ isLost }) => (isLost ? [flat(isLost)] : []));
    const isOther = ignoreClass === null ? undefined : notEqual(flat(y.classes), ignoreClass);
    const isCounted = isOther && y.isLost ? logicalOr(isOther, flat(y.isLost)) : isOther;
    /** `step` times the classes; each must be in range when the program runs. */
    const placed = ({ classes }: Found, what: string, step: number): Tensor => {
      const table = tensor(
        Int32Array.from({ length: n }, (_, i) => i * step),
        [1, 1, n, 1],
      );
      const indices = isCounted ? cast(where(isCounted, flat(classes), 0), 'int32') : classes;
      const label = `${name}: class of a ${what}`;
      return flat(apply(indexing.gather, [table, reshape(indices, [1, size])], { drop: false, label }));
    };
    const given = weights && flat(spreadWeights(name, weights, shape));
    const kept = isCounted && cast(isCounted, 'float32');
    const factors = given && kept ? mul(given, kept) : (given ?? kept);
    const isLost = lost.length ? lost.reduce(logicalOr) : undefined;
    return {
      kind: 'tally',
      indices: add(placed(y, 'target', n), placed(p, 'prediction', 1)),
      weights: isLost ? where(isCounted ? logicalAnd(isLost, isCounted) : isLost, Number.NaN, factors ?? 1) : factors,
      cells: n * n,
    };
  },
  value(total) {
    const isLost = total.some(Number.isNaN);
    const cell = (k: number): number => (isLost ? Number.NaN : (total[k] ?? 0));
    return measure(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => cell(i * n + j))));
  },
});

const columnOf = (matrix: readonly number[][], j: number): number[] => matrix.map((row) => row[j] as number);

/** What the numbers of a confusion matrix are shares of: the rows, the columns, or all; null: sums of weights. */
export type MatrixNormalization = 'true' | 'pred' | 'all' | null;

/** Shares of the rows, of the columns or of all; 0 where there is nothing. */
export function normalized(matrix: number[][], normalize: MatrixNormalization): number[][] {
  if (normalize === null) return matrix;
  const all = sumOf(matrix.map(sumOf));
  const base = {
    true: (i: number) => sumOf(matrix[i] as number[]),
    pred: (_: number, j: number) => sumOf(columnOf(matrix, j)),
    all: () => all,
  };
  return matrix.map((row, i) => row.map((v, j) => share(v, base[normalize](i, j))));
}

/**
 * The mean of intersection / union of those of the classes that occur; 0 if none does.
 * @throws ArgumentError for a class that is not among them
 */
export function overlapOf(name: string, ids: readonly number[], numClasses: number) {
  if (ids.some((i) => i >= numClasses))
    throw new ArgumentError(`${name}: targetClassIds must be below ${numClasses}, got ${ids.join(', ')}`);
  return (matrix: number[][]): number => {
    const parts = ids.map((i) => {
      const common = matrix[i]?.[i] as number;
      return [common, sumOf(matrix[i] as number[]) + sumOf(columnOf(matrix, i)) - common] as const;
    });
    const found = parts.filter(([, union]) => union !== 0);
    return share(sumOf(found.map(([common, union]) => common / union)), found.length);
  };
}
