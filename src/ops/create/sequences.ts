/** Tensors made by a rule: ranges, grids, identity and diagonal matrices. */

import { checkFinite, checkNumber, checkWhole } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { checked, choice } from '../../support/settings';
import { checkDType, type DType } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { checkElements, checkShape, type Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import * as movement from '../descriptors/movement';
import { broadcastTo } from '../math/arithmetic';
import { reshape } from '../shape/shaping';
import { type TensorLike, tensor, toTensor, withOperand } from './creation';

/**
 * Numbers from `start` up to but not including `stop`: element i is start + i · step, rounded once.
 * @param step default 1, which counts down if stop is below start; any other step of the wrong sign has no elements.
 * @param dtype 'float32' (default) or 'int32'.
 * @throws ArgumentError for a step of 0
 * @example
 * sg.range(0, 9, 2).dataSync(); // [0, 2, 4, 6, 8]
 */
export function range(start: number, stop: number, step?: number | null, dtype?: 'float32' | 'int32' | null): Tensor {
  checkFinite(start, 'range', 'start');
  checkFinite(stop, 'range', 'stop');
  const given = checkFinite(step, 'range', 'step', 1);
  if (given === 0) throw new ArgumentError('range: step must not be 0');
  const by = given === 1 && stop < start ? -1 : given;
  const type = checkDType(dtype, 'range', 'float32');
  const count = checkElements(Math.max(0, Math.ceil((stop - start) / by)), 'range');
  return tensor(
    Float64Array.from({ length: count }, (_, i) => start + i * by),
    [count],
    type,
  );
}

/**
 * `num` numbers at equal distances, including both ends.
 * @returns float32, [num]
 * @throws ArgumentError unless num is a positive integer
 * @example
 * sg.linspace(0, 1, 3).dataSync(); // [0, 0.5, 1]
 */
export function linspace(start: number, stop: number, num: number): Tensor {
  checkNumber(start, 'linspace', 'start');
  checkNumber(stop, 'linspace', 'stop');
  checkElements(checkWhole(num, 'linspace', 'num', 1), 'linspace');
  const step = (stop - start) / Math.max(1, num - 1);
  return tensor(Float32Array.from({ length: num }, (_, i) => (i > 0 && i === num - 1 ? stop : start + i * step)));
}

/**
 * Identity matrix: ones on the diagonal, zeros elsewhere.
 * @param numColumns default: numRows.
 * @param batchShape leading dimensions, along which the matrix repeats; default [].
 * @param dtype default 'float32'.
 * @returns [...batchShape, numRows, numColumns]
 * @throws ArgumentError, ShapeError, DTypeError
 * @example
 * sg.eye(2).arraySync(); // [[1, 0], [0, 1]]
 */
export function eye(
  numRows: number,
  numColumns?: number | null,
  batchShape?: Shape | null,
  dtype?: DType | null,
): Tensor {
  checkElements(checkWhole(numRows, 'eye', 'numRows'), 'eye');
  const columns = checkWhole(numColumns ?? numRows, 'eye', 'numColumns');
  if (batchShape !== undefined && batchShape !== null) checkShape(batchShape, 'eye', 'batchShape');
  const type = checkDType(dtype, 'eye', 'float32');
  return tidy(() => {
    const rows = range(0, Math.max(numRows, 0), 1, 'int32');
    const attrs = { depth: columns, on: 1, off: 0, dtype: type, strict: false };
    const matrix = apply(movement.oneHot, [rows], attrs);
    return batchShape ? broadcastTo(matrix, [...batchShape, numRows, columns]) : matrix;
  });
}

/**
 * A tensor of twice the rank with x on its diagonal and zeros elsewhere: [a, b] becomes [a, b, a, b].
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.diag([1, 2]).arraySync(); // [[1, 0], [0, 2]]
 */
export function diag(x: TensorLike): Tensor {
  return withOperand(x, 'diag', (t) => {
    // In row-major order the diagonal's elements are size + 1 apart.
    return tidy(() => {
      const flat = apply(movement.pad, [reshape(t, [t.size])], { paddings: [[0, 0]], value: 0, steps: [t.size + 1] });
      return reshape(flat, [...t.shape, ...t.shape]);
    });
  });
}

/**
 * Coordinate matrices of the grid that two vectors span.
 * @param settings `indexing`: 'xy' (default), both results are [y.size, x.size]; 'ij': [x.size, y.size].
 * @returns [xs, ys]; [] without x, [x] without y
 * @throws ArgumentError for another indexing
 * @example
 * sg.meshgrid([1, 2], [3, 4]).map((t) => t.arraySync()); // [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
 */
export function meshgrid(x?: TensorLike, y?: TensorLike, settings?: { indexing?: string } | null): Tensor[] {
  const { indexing } = checked('meshgrid', { indexing: choice(['xy', 'ij'], 'xy') }, settings);
  const isXy = indexing === 'xy';
  if (x === undefined) return [];
  if (y === undefined) return [withOperand(x, 'meshgrid', (a) => a.alias())];
  const [row, column] = [[1, -1] as const, [-1, 1] as const];
  return tidy(() => {
    const a = toTensor(x, 'meshgrid');
    const b = toTensor(y, 'meshgrid', 'y');
    const shape = isXy ? [b.size, a.size] : [a.size, b.size];
    return [broadcastTo(reshape(a, isXy ? row : column), shape), broadcastTo(reshape(b, isXy ? column : row), shape)];
  });
}
