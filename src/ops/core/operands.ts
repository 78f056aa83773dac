/** Operands cast to the element type that an op computes in. */
import { type DType, upcast } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { type TensorLike, toTensor } from '../create/creation';
import { cast } from './cast';
import { type Descriptor, NONE, type None } from './descriptor';
import { apply } from './dispatch';

/** An operand in float32. */
export const float = (x: TensorLike, where: string, argument?: string): Tensor =>
  cast(toTensor(x, where, argument), 'float32');

/** An operand in float32 or int32: a bool counts as 0 or 1. */
export function numeric(x: TensorLike, where: string, argument?: string): Tensor {
  const t = toTensor(x, where, argument);
  return t.dtype === 'bool' ? cast(t, 'int32') : t;
}

/** The type in which two operands are computed with: int32 unless one is float32. */
export const common = (a: DType, b: DType): DType => upcast(upcast(a, b), 'int32');

/** Two operands in one type, that of the larger range. */
export function matched(a: TensorLike, b: TensorLike, where: string, dtype?: DType): [Tensor, Tensor] {
  const x = toTensor(a, where, 'a');
  const y = toTensor(b, where, 'b');
  const to = dtype ?? common(x.dtype, y.dtype);
  return [cast(x, to), cast(y, to)];
}

/** An op of one operand, in the given type; casts made for it are released. */
export function applyUnary<A>(op: Descriptor<A>, x: TensorLike, dtype: DType, attrs: A): Tensor {
  if (x instanceof Tensor && x.dtype === dtype) return apply(op, [x], attrs);
  return tidy(() => apply(op, [cast(toTensor(x, op.name), dtype)], attrs));
}

/** An op of two operands, in the given type or in the larger of theirs; casts made for it are released. */
export function applyBinary(op: Descriptor<None>, a: TensorLike, b: TensorLike, dtype?: DType): Tensor {
  if (a instanceof Tensor && b instanceof Tensor) {
    const to = dtype ?? common(a.dtype, b.dtype);
    if (a.dtype === to && b.dtype === to) return apply(op, [a, b], NONE);
  }
  return tidy(() => apply(op, matched(a, b, op.name, dtype), NONE));
}
