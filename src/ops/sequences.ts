/** Tensors made by a rule: ranges, grids, identity and diagonal matrices. */
import { ArgumentError } from '../runtime/errors';
import { checkDType, type DType } from '../tensor/dtype';
import { tidy } from '../tensor/scope';
import { checkShape, type Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { broadcastTo } from './arithmetic';
import { type TensorLike, tensor, toTensor, withOperand } from './creation';
import { apply } from './dispatch';
import { reshape } from './shaping';

const checkWhole = (value: number, least: number, where: string, argument: string): void => {
  if (!Number.isSafeInteger(value) || value < least)
    throw new ArgumentError(`${where}: ${argument} must be a whole number >= ${least}, got ${value}`);
};

/**
 * Numbers from `start` on, `step` apart, up to `stop` but without it: element i is start + i step, rounded once.
 * A step of 1 counts downward if stop lies below start; any other step of the wrong sign gives no elements.
 * @throws ArgumentError for a step of 0
 * @example
 * sg.range(0, 9, 2).dataSync(); // [0, 2, 4, 6, 8]
 */
export function range(start: number, stop: number, step = 1, dtype: 'float32' | 'int32' = 'float32'): Tensor {
  if (![start, stop, step].every(Number.isFinite) || step === 0)
    throw new ArgumentError(`range: needs finite numbers and a step other than 0, got ${start}, ${stop}, ${step}`);
  const by = step === 1 && stop < start ? -1 : step;
  const count = Math.max(0, Math.ceil((stop - start) / by));
  return tensor(
    Float64Array.from({ length: count }, (_, i) => start + i * by),
    [count],
    checkDType(dtype, 'range'),
  );
}

/**
 * `num` numbers at equal distances, both ends included, float32.
 * @throws ArgumentError unless num >= 1
 */
export function linspace(start: number, stop: number, num: number): Tensor {
  checkWhole(num, 1, 'linspace', 'num');
  const step = (stop - start) / Math.max(1, num - 1);
  return tensor(Float32Array.from({ length: num }, (_, i) => (i > 0 && i === num - 1 ? stop : start + i * step)));
}

/**
 * Ones on the diagonal, zeros elsewhere.
 * @param numColumns by default as many as rows.
 * @param batchShape dimensions in front, along which the matrix repeats.
 * @returns [...batchShape, numRows, numColumns]
 */
export function eye(
  numRows: number,
  numColumns?: number | null,
  batchShape?: Shape | null,
  dtype: DType = 'float32',
): Tensor {
  const columns = numColumns ?? numRows;
  checkWhole(numRows, 0, 'eye', 'numRows');
  checkWhole(columns, 0, 'eye', 'numColumns');
  if (batchShape) checkShape(batchShape, 'eye');
  return tidy(() => {
    const rows = range(0, Math.max(numRows, 0), 1, 'int32');
    const attrs = { depth: columns, on: 1, off: 0, dtype: checkDType(dtype, 'eye'), strict: false };
    const matrix = apply('oneHot', [rows], attrs);
    return batchShape ? broadcastTo(matrix, [...batchShape, numRows, columns]) : matrix;
  });
}

/**
 * A tensor of twice the rank with x on its diagonal and zeros elsewhere: [a, b] becomes [a, b, a, b].
 */
export function diag(x: TensorLike): Tensor {
  return withOperand(x, 'diag', (t) => {
    // In row-major order the diagonal's elements stand size + 1 apart.
    return tidy(() => {
      const flat = apply('pad', [reshape(t, [t.size])], { paddings: [[0, 0]], value: 0, steps: [t.size + 1] });
      return reshape(flat, [...t.shape, ...t.shape]);
    });
  });
}

/**
 * Coordinate matrices of the grid that two vectors span.
 * @param indexing 'xy': both results are [y.size, x.size]; 'ij': [x.size, y.size].
 * @returns nothing without x, x alone without y
 */
export function meshgrid(x?: TensorLike, y?: TensorLike, { indexing = 'xy' }: { indexing?: string } = {}): Tensor[] {
  if (indexing !== 'xy' && indexing !== 'ij')
    throw new ArgumentError(`meshgrid: indexing must be 'xy' or 'ij', got '${indexing}'`);
  if (x === undefined) return [];
  if (y === undefined) return [withOperand(x, 'meshgrid', (a) => a.alias())];
  const isXy = indexing === 'xy';
  const [row, column] = [[1, -1] as const, [-1, 1] as const];
  return tidy(() => {
    const a = toTensor(x, 'meshgrid');
    const b = toTensor(y, 'meshgrid', 'y');
    const shape = isXy ? [b.size, a.size] : [a.size, b.size];
    return [broadcastTo(reshape(a, isXy ? row : column), shape), broadcastTo(reshape(b, isXy ? column : row), shape)];
  });
}
