/** Numbers of tensors and arrays, as pictures read them. */
import { isTyped, nestedShape, writeNested } from '../ops/core/nested';
import type { TensorLike } from '../ops/create/creation';
import { show } from '../support/arguments';
import { ArgumentError, ShapeError } from '../support/errors';
import { type Shape, showShape, sizeOf } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';

/** Values in row-major order. */
export interface Numbers {
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
}

/**
 * The numbers of a tensor, of nested arrays, or of a typed array.
 * @param expected words for the shapes of these ranks, for instance '[n, 2]'
 * @throws ArgumentError for anything else, ShapeError for ragged arrays and for another rank
 */
export function numbersOf(
  value: TensorLike,
  where: string,
  argument: string,
  ranks?: readonly number[],
  expected = '',
): Numbers {
  const found = readNumbers(value, where, argument);
  if (ranks && !ranks.includes(found.shape.length))
    throw new ShapeError(`${where}: ${argument} must be ${expected}, got ${showShape(found.shape)}`);
  return found;
}

function readNumbers(value: TensorLike, where: string, argument: string): Numbers {
  if (value instanceof Tensor) return { shape: value.shape, values: value.dataSync() };
  if (!Array.isArray(value) && !isTyped(value))
    throw new ArgumentError(`${where}: ${argument} must be a tensor or an array of numbers, got ${show(value)}`);
  const shape = nestedShape(value, { where, argument });
  const values = new Float64Array(sizeOf(shape));
  writeNested(value, shape, values, { where, argument });
  return { shape, values };
}

/** A list of numbers; a dimension of size 1 at the end does not count. */
export function listOfNumbers(value: TensorLike, where: string, argument: string): number[] {
  const { shape, values } = readNumbers(value, where, argument);
  if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1))
    throw new ShapeError(`${where}: ${argument} must be [n], got ${showShape(shape)}`);
  return Array.from(values);
}

/** Rows of a matrix. */
export function rowsOf({ shape, values }: Numbers): number[][] {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => values[i * columns + j] as number),
  );
}

/** As it is in JSON, short: seven digits, as many as float32 has; null for what is not finite. */
export const plain = (value: number): number | null =>
  Number.isFinite(value) ? (Number.isInteger(value) ? value : Number(value.toPrecision(7))) : null;

/** The smallest and the largest of the finite values; 0 and 1 without any. */
export function extentOf(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (!Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** @throws ShapeError unless two lists are equally long */
export function checkLengths(where: string, a: string, countA: number, b: string, countB: number): void {
  if (countA !== countB)
    throw new ShapeError(`${where}: ${a} and ${b} must be equally long, got ${countA} and ${countB}`);
}

/** Names of classes or rows: one for each. @throws ArgumentError */
export function namesOf(
  given: readonly string[] | undefined,
  count: number,
  where: string,
  argument: string,
): string[] {
  if (given === undefined) return Array.from({ length: count }, (_, i) => String(i));
  const fits = Array.isArray(given) && given.every((name) => typeof name === 'string');
  if (!fits || given.length < count)
    throw new ArgumentError(`${where}: ${argument} must be a list of ${count} strings, got ${show(given)}`);
  return [...given];
}
