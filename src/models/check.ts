/** Checks of what users pass to models. */
import type { PartialShape } from '../layers/layer';
import { ArgumentError, ShapeError } from '../runtime/errors';
import { showShape, sizeOf } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';

/** @throws ShapeError unless the tensor is a batch of the model's input */
export function checkInput(where: string, expected: PartialShape, x: Tensor): void {
  const fits = x.shape.length === expected.length && expected.every((d, i) => d === null || d === x.shape[i]);
  if (!fits)
    throw new ShapeError(
      `${where}: the model's input has shape ${showShape(expected)} (null fits every size), got ${showShape(x.shape)}`,
    );
}

/** A checked data set. */
export interface Data {
  readonly x: Tensor;
  readonly y: Tensor;
  /** Number of examples. */
  readonly count: number;
  /** Bytes of one example. */
  readonly xRow: number;
  readonly yRow: number;
}

function one(where: string, name: string, value: Tensor | readonly Tensor[]): Tensor {
  const list = value instanceof Tensor ? [value] : value;
  if (!Array.isArray(list) || list.length !== 1 || !(list[0] instanceof Tensor))
    throw new ArgumentError(`${where}: ${name} must be one tensor`);
  return list[0];
}

/** @throws ShapeError, ArgumentError unless x fits the model and y has as many examples */
export function checkData(
  where: string,
  expected: PartialShape,
  xs: Tensor | readonly Tensor[],
  ys: Tensor | readonly Tensor[],
): Data {
  const x = one(where, 'x', xs);
  const y = one(where, 'y', ys);
  checkInput(where, expected, x);
  const count = x.shape[0] as number;
  if (y.rank === 0 || y.shape[0] !== count) {
    throw new ArgumentError(
      `${where}: x has ${count} examples (${showShape(x.shape)}), y has ${y.rank ? y.shape[0] : 'none'} (${showShape(y.shape)}); they must be equal`,
    );
  }
  if (count === 0) throw new ArgumentError(`${where}: there are no examples`);
  const row = (t: Tensor): number => sizeOf(t.shape.slice(1)) * 4;
  return { x, y, count, xRow: row(x), yRow: row(y) };
}

/** @throws ArgumentError unless the value is a whole number >= min */
export function checkWhole(where: string, name: string, value: number, min: number): number {
  if (!Number.isInteger(value) || value < min)
    throw new ArgumentError(`${where}: ${name} must be a whole number >= ${min}, got ${value}`);
  return value;
}
