/** Shapes that no tensor has yet. */
import { type TensorLike, tensor, toTensor } from '../ops/create/creation';
import { checkFunction, checkNumber } from '../support/arguments';
import { ShapeError } from '../support/errors';
import { checkDType, type DType } from '../tensor/dtype';
import { tidy } from '../tensor/scope';
import { broadcastShapes, checkElements, checkShape, type Shape, showShape, sizeOf } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { isTypedArray } from './util/index';

/** Lengths along the first element of each level of nested arrays. */
export function inferredShape(values: unknown): number[] {
  const shape: number[] = [];
  let at = values;
  while (Array.isArray(at) || isTypedArray(at)) {
    shape.push(at.length);
    at = at[0];
  }
  return shape;
}

/**
 * The shape to which two shapes broadcast, as an int32 tensor. An unknown size may be -1.
 * @throws ShapeError if they do not broadcast or an operand is not of rank 1
 * @example
 * sg.broadcastArgs([2, 1], [3]).arraySync(); // [2, 3]
 */
export function broadcastArgs(s0: TensorLike, s1: TensorLike): Tensor {
  return tidy(() => {
    const [a, b] = [s0, s1].map((s, i) => {
      const t = toTensor(s, 'broadcastArgs', `s${i}`);
      if (t.rank !== 1) throw new ShapeError(`broadcastArgs: s${i} must have rank 1, got ${showShape(t.shape)}`);
      const shape = Array.from(t.dataSync());
      if (!shape.every(Number.isInteger)) throw new ShapeError(`broadcastArgs: s${i} must hold integers`);
      return shape;
    }) as [number[], number[]];
    const shape = broadcastShapes(a, b);
    if (!shape) throw new ShapeError(`broadcastArgs: ${showShape(a)} and ${showShape(b)} do not broadcast`);
    return tensor(shape, [shape.length], 'int32');
  });
}

/**
 * A tensor whose elements are results of a function, in row-major order.
 * @param dtype default 'float32'; for 'int32' fractions are cut off, for 'bool' all but 0 is true.
 * @throws DTypeError, ShapeError
 * @example
 * sg.rand([2, 3], () => Math.random()).shape; // [2, 3]
 */
export function rand(shape: Shape, randFunction: () => number, dtype?: DType | null): Tensor {
  const type = checkDType(dtype ?? 'float32', 'rand');
  checkShape(shape, 'rand');
  checkFunction(randFunction, 'rand', 'randFunction', '() => 0.5');
  checkElements(sizeOf(shape), 'rand');
  const values = Array.from({ length: sizeOf(shape) }, () =>
    checkNumber(randFunction(), 'rand', 'the result of randFunction'),
  );
  return tensor(type === 'int32' ? values.map(Math.trunc) : values, shape, type);
}
