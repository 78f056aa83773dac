/** Weights that make up for classes of unequal size. */
import { show } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import { type Examples, toArray } from './categories';

/** The class of a label: the label itself, or the place of the one. */
function classOf(label: unknown, where: string): number {
  const row = Array.isArray(label) && label.length !== 1 ? label : undefined;
  const index = row ? row.indexOf(1) : Array.isArray(label) ? label[0] : label;
  const k = typeof index === 'boolean' ? Number(index) : index;
  if (Number.isInteger(k) && k >= 0 && !row?.some((v, i) => v !== (i === k ? 1 : 0))) return k;
  throw new ArgumentError(`${where} must be a non-negative integer, or one-hot; got ${show(label)}`);
}

/**
 * Weights for `fit`'s classWeight such that each class counts alike: n / (classes * members of the class).
 *
 * @param labels indices of classes, [n] or [n, 1], or one-hot, [n, classes]; a tensor or an array. Classes without
 * members take no part.
 * @throws ArgumentError for other values
 * @example
 * sg.preprocessing.classWeights([0, 0, 0, 1]); // { 0: 0.666…, 1: 2 }
 */
export function classWeights(labels: Examples): Record<number, number> {
  const where = 'classWeights';
  const list = toArray(labels, where, 'labels').map((label, i) => classOf(label, `${where}: label ${i}`));
  const counts: Record<number, number> = {};
  for (const k of list) counts[k] = (counts[k] ?? 0) + 1;
  const classes = Object.keys(counts).length;
  return Object.fromEntries(Object.entries(counts).map(([k, count]) => [k, list.length / (classes * count)]));
}
