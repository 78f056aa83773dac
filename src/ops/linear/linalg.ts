/** Decompositions and parts of matrices (`sg.linalg`). */
import { checkFlag, checkList, isWhole, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape, sizeOf } from '../../tensor/shape';
import { alive, Tensor } from '../../tensor/tensor';
import { float } from '../core/operands';
import { fill, type TensorLike, tensor, toTensor } from '../create/creation';
import {
  add,
  cast,
  div,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  mul,
  neg,
  sqrt,
  square,
  sub,
  where,
} from '../math/arithmetic';
import { sum } from '../math/reduce';
import { concat, reshape, slice, transpose } from '../shape/shaping';
import { matMul } from './products';

/** A limit of `bandPart`: all of the triangle if negative. */
function limitOf(limit: number | Tensor, size: number, argument: string, dimension: string): Tensor {
  if (limit instanceof Tensor) {
    if (limit.size !== 1)
      throw new ShapeError(`bandPart: ${argument} must be one integer, got a tensor of ${showShape(limit.shape)}`);
    const one = reshape(toTensor(limit, 'bandPart'), []);
    return cast(where(less(one, 0), size, one), 'int32');
  }
  if (!isWhole(limit, Number.MIN_SAFE_INTEGER, size))
    throw new ArgumentError(
      `bandPart: ${argument} must be an integer of at most ${size} ${dimension}, got ${show(limit)}`,
    );
  return fill([], limit < 0 ? size : limit, 'int32');
}

/**
 * Keeps the elements at most `numLower` below and `numUpper` above the diagonals of matrices, zeros elsewhere; a
 * negative number keeps the whole triangle.
 * @param a [..., m, n] of any type.
 * @returns a's shape and type
 * @throws ShapeError for rank < 2; ArgumentError
 * @example
 * sg.linalg.bandPart([[1, 2], [3, 4]], 0, -1).arraySync(); // [[1, 2], [0, 4]]
 */
export function bandPart(a: TensorLike, numLower: number | Tensor, numUpper: number | Tensor): Tensor {
  return tidy(() => {
    const t = toTensor(a, 'bandPart', 'a');
    if (t.rank < 2) throw new ShapeError(`bandPart: a must have rank 2 or more, got ${showShape(t.shape)}`);
    const [m, n] = t.shape.slice(-2) as [number, number];
    const count = (size: number): Int32Array => Int32Array.from({ length: size }, (_, i) => i);
    const below = sub(tensor(count(m), [m, 1]), tensor(count(n)));
    const lower = limitOf(numLower, m, 'numLower', 'rows');
    const upper = limitOf(numUpper, n, 'numUpper', 'columns');
    const inBand = logicalAnd(lessEqual(below, lower), greaterEqual(below, sub(fill([], 0, 'int32'), upper)));
    return where(inBand, t, fill([], 0, t.dtype));
  });
}

/** Makes vectors orthonormal one after the other (Gram-Schmidt). */
function orthonormal(xs: readonly Tensor[]): Tensor[] {
  const ys: Tensor[] = [];
  for (const x of xs) {
    const rest = ys.reduce((r, y) => sub(r, mul(sum(mul(y, r)), y)), x);
    ys.push(div(rest, sqrt(sum(square(rest)))));
  }
  return ys;
}

/**
 * Gram-Schmidt orthonormalization of vectors of equal length, or of the rows of a matrix.
 * @returns as many vectors, or a matrix, in float32
 * @throws ShapeError if there are more vectors than dimensions, or their lengths differ
 * @example
 * sg.linalg.gramSchmidt(sg.tensor([[2, 0], [1, 3]])).arraySync(); // [[1, 0], [0, 1]]
 */
export function gramSchmidt(xs: readonly Tensor[]): Tensor[];
export function gramSchmidt(xs: Tensor): Tensor;
export function gramSchmidt(xs: Tensor | readonly Tensor[]): Tensor | Tensor[] {
  return tidy(() => {
    const isMatrix = xs instanceof Tensor;
    if (isMatrix) alive(xs, 'gramSchmidt');
    if (isMatrix && xs.rank !== 2)
      throw new ShapeError(`gramSchmidt: xs must be vectors or one matrix, got a tensor of ${showShape(xs.shape)}`);
    const list = isMatrix
      ? Array.from({ length: xs.shape[0] as number }, (_, i) =>
          reshape(slice(cast(xs, 'float32'), [i, 0], [1, xs.shape[1] as number]), [xs.shape[1] as number]),
        )
      : Array.from(checkList(xs, 'gramSchmidt', 'xs', 'vectors') as readonly Tensor[], (x, i) =>
          float(x, 'gramSchmidt', `xs[${i}]`),
        );
    const dimensions = list[0]?.size ?? 0;
    if (list.length === 0 || list.length > dimensions || list.some((x) => x.rank !== 1 || x.size !== dimensions)) {
      throw new ShapeError(
        `gramSchmidt: needs 1 to n vectors of length n, got ${isMatrix ? showShape(xs.shape) : list.map((x) => showShape(x.shape)).join(', ')}`,
      );
    }
    const ys = orthonormal(list);
    return isMatrix ? concat(ys.map((y) => reshape(y, [1, dimensions]))) : ys;
  });
}

const identity = (n: number): Tensor =>
  tensor(
    Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    [n, n],
  );

/** Rows [from, end) of the matrices x of [b, m, n]. */
const rowsFrom = (x: Tensor, from: number): Tensor =>
  slice(x, [0, from, 0], [x.shape[0] as number, (x.shape[1] as number) - from, x.shape[2] as number]);

/** H = I - tau w wᵀ that turns the column x of [b, k, 1] into a multiple of the first unit vector. */
function reflection(x: Tensor): { w: Tensor; tau: Tensor } {
  const [b, k] = x.shape as [number, number];
  const squares = sum(square(x), 1, true);
  const isZero = lessEqual(squares, 0);
  // A column of zeros stays as it is; its 1 under the root keeps gradients finite.
  const norm = sqrt(where(isZero, 1, squares));
  const head = slice(x, [0, 0, 0], [b, 1, 1]);
  const signed = where(greater(head, 0), neg(norm), norm);
  const u = where(isZero, 1, sub(head, signed));
  const one = fill([b, 1, 1], 1);
  const w = k === 1 ? one : concat([one, div(slice(x, [0, 1, 0], [b, k - 1, 1]), u)], 1);
  return { w, tau: where(isZero, 0, neg(div(u, signed))) };
}

/**
 * QR decomposition by Householder reflections: x = q r, the columns of q orthonormal, r upper triangular with diagonal
 * entries of the opposite sign of the elements that they replace. Differentiable.
 * @param x [..., m, n].
 * @param fullMatrices true: q is [..., m, m] and r [..., m, n]; false (default): with k = min(m, n), [..., m, k] and
 *   [..., k, n].
 * @returns [q, r]
 * @throws ShapeError for rank < 2
 * @example
 * const [q, r] = sg.linalg.qr([[3, 0], [4, 5]]);
 * sg.matMul(q, r).arraySync(); // [[3.00, 0.00], [4.00, 5.00]]
 */
export function qr(x: TensorLike, fullMatrices?: boolean): [Tensor, Tensor] {
  return tidy(() => {
    const isFull = checkFlag(fullMatrices, 'qr', 'fullMatrices');
    const t = float(x, 'qr', 'x');
    if (t.rank < 2) throw new ShapeError(`qr: x must have rank 2 or more, got ${showShape(t.shape)}`);
    const batch = t.shape.slice(0, -2);
    const [m, n] = t.shape.slice(-2) as [number, number];
    const b = sizeOf(batch);
    let r = reshape(t, [b, m, n]);
    // qᵀ, so that both are worked on by rows.
    let q = add(identity(m), fill([b, m, m], 0));
    for (let j = 0; j < Math.min(m, n); j++) {
      const { w, tau } = reflection(slice(r, [0, j, j], [b, m - j, 1]));
      const reflect = (a: Tensor): Tensor => {
        const below = rowsFrom(a, j);
        const turned = sub(below, matMul(mul(tau, w), matMul(w, below, true)));
        return j === 0 ? turned : concat([slice(a, [0, 0, 0], [b, j, a.shape[2] as number]), turned], 1);
      };
      r = reflect(r);
      q = reflect(q);
    }
    const k = isFull ? m : Math.min(m, n);
    const upper = bandPart(slice(r, [0, 0, 0], [b, k, n]), 0, -1);
    const columns = transpose(slice(q, [0, 0, 0], [b, k, m]), [0, 2, 1]);
    return [reshape(columns, [...batch, m, k]), reshape(upper, [...batch, k, n])];
  });
}
