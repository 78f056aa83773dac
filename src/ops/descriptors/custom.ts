/** Descriptor of the op whose gradients users define. */
import type { TensorSpec } from '../../tensor/graph';
import { sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { first, op } from '../core/descriptor';
import { emitCopy } from './movement';

export interface CustomAttrs {
  /** From the gradient of the value those of all operands after it; null: none flows. */
  readonly gradFunc: ((dy: Tensor) => readonly Tensor[]) | null;
  /** Distinguishes calls. */
  readonly id: number;
}

/** The first operand's value; gradients go to the other operands by `gradFunc` alone. */
export const custom = op<CustomAttrs>('custom', {
  infer: ([value]) => ({ shape: (value as TensorSpec).shape, dtype: (value as TensorSpec).dtype }),
  view: (inputs, _, spec) => ({ ...spec, ref: first(inputs).ref }),
  lower: (e, inputs, out) => emitCopy(e, first(inputs).ref, out.ref, [sizeOf(out.shape)], [1], [1]),
});
