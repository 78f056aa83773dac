/** Metrics of how often each class was taken for each: the confusion matrix, and overlaps of regions. */
import {
  add,
  cast,
  greater,
  greaterEqual,
  isNaN,
  less,
  lessEqual,
  logicalAnd,
  mul,
  notEqual,
  where,
} from '../../ops/arithmetic';
import { argMax } from '../../ops/reduce';
import { reshape } from '../../ops/shaping';
import { ArgumentError, ShapeError } from '../../runtime/errors';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { lastOf } from '../losses/loss';
import { spreadWeights } from '../weights';
import { share, sumOf } from './counts';
import type { Recipe } from './metric';

/** Class indices of targets and predictions. */
export type Classes = (yTrue: Tensor, yPred: Tensor) => readonly [Tensor, Tensor];

/** Class indices; NaN is none of the classes. */
export const whole = (t: Tensor): Tensor => cast(t.dtype === 'float32' ? where(isNaN(t), -1, t) : t, 'int32');

/** Class indices of what may be scores of the classes; `isPrediction`: or of the second of two. */
export function decided(t: Tensor, numClasses: number, isPrediction = true): Tensor {
  if (numClasses > 1 && t.rank > 1 && lastOf(t) === numClasses) return argMax(t, -1);
  const isShare = isPrediction && numClasses === 2 && t.dtype === 'float32';
  return whole(isShare ? where(logicalAnd(greaterEqual(t, 0), lessEqual(t, 1)), greater(t, 0.5), t) : t);
}

/** Class indices of indices, or of scores of the classes along an axis. */
export const along = (t: Tensor, isSparse: boolean, axis: number): Tensor => (isSparse ? whole(t) : argMax(t, axis));

/** A metric of a confusion matrix of n classes: rows are targets, columns predictions. */
export const crossed = <V>(
  name: string,
  n: number,
  classes: Classes,
  measure: (matrix: number[][]) => V,
  ignoreClass: number | null = null,
): Recipe<V> => ({
  addition(yTrue, yPred, weights) {
    const [y, p] = classes(yTrue, yPred);
    if (y.size !== p.size)
      throw new ShapeError(
        `${name}: targets ${showShape(yTrue.shape)} and predictions ${showShape(yPred.shape)} must be of as many examples`,
      );
    const flat = (t: Tensor): Tensor => reshape(t, [y.size]);
    const [row, column] = [flat(y), flat(p)];
    const given = weights && flat(spreadWeights(name, weights, y.shape));
    const isCounted = ignoreClass === null ? undefined : notEqual(row, ignoreClass);
    const isInside = (t: Tensor): Tensor => logicalAnd(greaterEqual(t, 0), less(t, n));
    const cell = where(logicalAnd(isInside(row), isInside(column)), add(mul(row, n), column), -1);
    // Outside of all cells: an error when the program runs.
    const indices = cast(isCounted ? where(isCounted, cell, 0) : cell, 'int32');
    const kept = isCounted && cast(isCounted, 'float32');
    return { kind: 'tally', indices, weights: given && kept ? mul(given, kept) : (given ?? kept), cells: n * n };
  },
  value(total) {
    return measure(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => total[i * n + j] ?? 0)));
  },
});

const columnOf = (matrix: readonly number[][], j: number): number[] => matrix.map((row) => row[j] as number);

export type Normalize = 'true' | 'pred' | 'all' | null;

/** Shares of the rows, of the columns or of all; 0 where there is nothing. */
export function normalized(matrix: number[][], normalize: Normalize): number[][] {
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
