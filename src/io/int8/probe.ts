/** What the weights of a model are used for: seen while the model computes. */
import type { Descriptor } from '../../ops/core/descriptor';
import { apply } from '../../ops/core/dispatch';
import { MOST_STEPS } from '../../ops/descriptors/int8';
import type { MatMulAttrs } from '../../ops/descriptors/matmul';
import type { SliceAttrs } from '../../ops/descriptors/movement';
import type { Int8Form, Int8Kind } from '../../ops/int8/weights';
import { abs } from '../../ops/math/arithmetic';
import { max } from '../../ops/math/reduce';
import type { Location, NamedOp } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { type Shape, sizeOf } from '../../tensor/shape';
import { type Coded, codedAt, handleAt, type Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';

/** Stands between a float32 weight and the ops on it: computes what they compute, and notes how they use it. */
export class Probe implements Coded {
  readonly name = 'float32';
  /** The use that all ops so far have made of it, undefined before the first one; null if they differ, or are others. */
  #use: { readonly kind: Int8Kind; readonly inner: number } | null | undefined;
  /** The greatest |x| of the inputs; NaN if some were not known yet. */
  #greatest = 0;

  constructor(readonly variable: Variable) {}

  floats(place: Location, shape: Shape): Tensor {
    this.#use = null;
    return handleAt(place, { shape, dtype: 'float32' });
  }

  apply(op: NamedOp, index: number, inputs: readonly Tensor[], attrs: unknown): Tensor | undefined {
    const own = inputs[index] as Tensor;
    const { shape } = own;
    const place = own.place(op.name);
    if (op.name === 'reshape') return codedAt(place, (attrs as { shape: Shape }).shape, this);
    const numbers = (): Tensor => handleAt(place, { shape, dtype: 'float32' });
    const steps = sizeOf(shape.slice(0, -1));
    if (op.name === 'slice' && index === 0 && isOfColumns(shape, attrs as SliceAttrs)) {
      this.#note('product', steps);
      // The columns are not in one place: a copy of them is looked at in their stead.
      return tidy(() => {
        const part = apply(op as Descriptor<unknown>, [numbers()], attrs);
        if (!part.isTraced) return codedAt(part.location(op.name), part.shape, this);
        this.#use = null;
        return part;
      });
    }
    const kind = kindOf(op.name, index, own, attrs);
    if (!kind) return undefined;
    this.#note(
      kind,
      kind === 'product' ? steps : kind === 'rows' ? (shape[3] as number) : (shape[0] as number) * (shape[1] as number),
    );
    if (kind !== 'rows') this.#see(inputs[0] as Tensor);
    return tidy(() =>
      apply(
        op as Descriptor<unknown>,
        inputs.map((t, i) => (i === index ? numbers() : t)),
        attrs,
      ),
    );
  }

  #note(kind: Int8Kind, inner: number): void {
    const isSame = this.#use === undefined || (this.#use?.kind === kind && this.#use.inner === inner);
    this.#use = isSame && this.#use !== null ? { kind, inner } : null;
  }

  #see(x: Tensor): void {
    const greatest =
      x.isTraced || x.size === 0 ? Number.NaN : (tidy(() => max(abs(x)).dataSync<'float32'>())[0] as number);
    this.#greatest = Math.max(this.#greatest, greatest);
  }

  /** The form for the uses that were seen; undefined if the weight has to stay float32. */
  form(isCalibrated: boolean): Int8Form | undefined {
    if (!this.#use || (this.#use.kind !== 'rows' && this.#use.inner > MOST_STEPS)) return undefined;
    const { kind, inner } = this.#use;
    const inputScale = Math.fround(this.#greatest / 127);
    const isScaled = isCalibrated && inputScale > 0 && inputScale < Infinity;
    return { kind, inner, channels: this.variable.size / inner, ...(isScaled && { inputScale }) };
  }
}

/** Whether a slice takes some columns of all rows. */
const isOfColumns = (shape: Shape, { size, strides }: SliceAttrs): boolean =>
  !strides && shape.every((d, i) => i === shape.length - 1 || size[i] === d);

/** What an op uses its operand `index` for, if weights of eight bits can be that. */
function kindOf(op: string, index: number, { shape }: Tensor, attrs: unknown): Int8Kind | undefined {
  if (op === 'gather') return index === 0 && shape[0] === 1 && shape[1] === 1 ? 'rows' : undefined;
  if (index !== 1) return undefined;
  if (op === 'conv2d') return 'product';
  if (op === 'depthwiseConv2d') return 'depthwise';
  const { transposeA, transposeB } = attrs as MatMulAttrs;
  return op === 'matMul' && shape.length === 2 && !transposeA && !transposeB ? 'product' : undefined;
}
