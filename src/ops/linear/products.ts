/** Products of matrices and vectors. */

import { checkFlag } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { NONE } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { type TensorLike, toTensor } from '../create/creation';
import * as matmul from '../descriptors/matmul';
import { cast } from '../math/arithmetic';
import { reshape, transpose } from '../shape/shaping';

/**
 * Matrix product of the last two dimensions: [..., m, k] and [..., k, n] -> [..., m, n]. Dimensions before them are
 * batches and broadcast. Each element adds its k products in ascending order from +0 in float32. Operands that are both
 * int32 or bool have an int32 product, exact modulo 2³² as all arithmetic of int32.
 * @param transposeA whether a is [..., k, m]; default false.
 * @param transposeB whether b is [..., n, k]; default false.
 * @throws ShapeError if the inner dimensions differ or the batches do not broadcast
 * @example
 * sg.matMul([[1, 2]], [[3], [4]]).dataSync(); // [11]
 */
export function matMul(a: TensorLike, b: TensorLike, transposeA?: boolean, transposeB?: boolean): Tensor {
  const attrs = {
    transposeA: checkFlag(transposeA, 'matMul', 'transposeA'),
    transposeB: checkFlag(transposeB, 'matMul', 'transposeB'),
  };
  return tidy(() => {
    const x = toTensor(a, 'matMul', 'a');
    const y = toTensor(b, 'matMul', 'b');
    if (x.dtype !== 'float32' && y.dtype !== 'float32') {
      const [p, q] = [matrixOf(x, attrs.transposeA), matrixOf(y, attrs.transposeB)];
      return apply(matmul.matMulInt, [p, q], NONE);
    }
    return apply(matmul.matMul, [cast(x, 'float32'), cast(y, 'float32')], attrs);
  });
}

/** Matrices of int32 as they are multiplied. */
function matrixOf(t: Tensor, isTransposed: boolean): Tensor {
  const whole = cast(t, 'int32');
  const order = t.shape.map((_, i) => i);
  return isTransposed && t.rank > 1 ? transpose(whole, [...order.slice(0, -2), t.rank - 1, t.rank - 2]) : whole;
}

/**
 * Sum of products over the last dimension of the first and the first dimension of the second operand, each a vector or
 * a matrix: [k] · [k] -> scalar, [k] · [k, n] -> [n], [m, k] · [k] -> [m], [m, k] · [k, n] -> [m, n].
 * @throws ShapeError for other ranks, or if the inner dimensions differ
 * @example
 * sg.dot([1, 2], [3, 4]).dataSync(); // [11]
 */
export function dot(t1: TensorLike, t2: TensorLike): Tensor {
  return tidy(() => {
    const a = toTensor(t1, 'dot', 't1');
    const b = toTensor(t2, 'dot', 't2');
    const show = (): string => `${showShape(a.shape)} and ${showShape(b.shape)}`;
    if (a.rank < 1 || a.rank > 2 || b.rank < 1 || b.rank > 2)
      throw new ShapeError(`dot: operands must have rank 1 or 2, got ${show()}`);
    if (a.shape[a.rank - 1] !== b.shape[0])
      throw new ShapeError(
        `dot: inner dimensions ${a.shape[a.rank - 1]} and ${b.shape[0]} of ${show()} differ; they must be equal`,
      );
    const rows = a.rank === 1 ? reshape(a, [1, a.size]) : a;
    const columns = b.rank === 1 ? reshape(b, [b.size, 1]) : b;
    return reshape(matMul(rows, columns), [...a.shape.slice(0, -1), ...b.shape.slice(1)]);
  });
}

/**
 * All products of two elements: [m] and [n] -> [m, n].
 * @throws ShapeError unless both are vectors
 * @example
 * sg.outerProduct([1, 2], [3, 4]).arraySync(); // [[3, 4], [6, 8]]
 */
export function outerProduct(v1: TensorLike, v2: TensorLike): Tensor {
  return tidy(() => {
    const a = toTensor(v1, 'outerProduct', 'v1');
    const b = toTensor(v2, 'outerProduct', 'v2');
    if (a.rank !== 1 || b.rank !== 1)
      throw new ShapeError(
        `outerProduct: operands must have rank 1, got ${showShape(a.shape)} and ${showShape(b.shape)}`,
      );
    return matMul(reshape(a, [a.size, 1]), reshape(b, [1, b.size]));
  });
}
