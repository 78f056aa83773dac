/** Which class each example is of: numbers or names, and the names of the classes. */
import { isTyped } from '../../ops/core/nested';
import type { TensorLike } from '../../ops/create/creation';
import { ArgumentError } from '../../support/errors';
import { checkLengths, listOfNumbers, namesOf } from '../numbers';

/** A class for each example: [n] indices, or names. */
export type Labels = TensorLike | readonly string[];

/** The classes of examples. */
export interface Classes {
  /** Their names, in order. */
  readonly names: readonly string[];
  /** The class of each example. */
  readonly of: readonly number[];
}

/**
 * @param classNames names of the classes; by default their numbers, or the labels as they first occur
 * @throws ArgumentError, ShapeError
 */
export function classesOf(
  labels: Labels,
  count: number,
  classNames: readonly string[] | undefined,
  where: string,
): Classes {
  const isText = Array.isArray(labels) && !isTyped(labels) && typeof labels[0] === 'string';
  return isText
    ? byName(labels as readonly string[], count, classNames, where)
    : byIndex(labels as TensorLike, count, classNames, where);
}

function byName(
  labels: readonly string[],
  count: number,
  classNames: readonly string[] | undefined,
  where: string,
): Classes {
  checkLengths(where, 'labels', labels.length, 'the examples', count);
  const names = classNames ?? [...new Set(labels)];
  const places = new Map(names.map((name, i) => [name, i]));
  const of = labels.map((label, i) => {
    const place = places.get(label);
    if (place !== undefined) return place;
    throw new ArgumentError(`${where}: labels[${i}] is '${label}', which classNames lack`);
  });
  return { names, of };
}

function byIndex(labels: TensorLike, count: number, classNames: readonly string[] | undefined, where: string): Classes {
  const of = listOfNumbers(labels, where, 'labels');
  checkLengths(where, 'labels', of.length, 'the examples', count);
  const wrong = of.findIndex((v) => !Number.isInteger(v) || v < 0);
  if (wrong >= 0)
    throw new ArgumentError(
      `${where}: labels[${wrong}] must be the index of a class, a non-negative integer, got ${of[wrong]}`,
    );
  const classes = of.reduce((most, v) => Math.max(most, v + 1), 0);
  const names = namesOf(classNames, classes, where, 'classNames');
  return { names, of };
}
