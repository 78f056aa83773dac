/** Gradients that are kept within limits, as Keras has it (Pascanu, Mikolov and Bengio, 2013). */

import { rootOfSquares } from '../../ops/linear/norms';
import { clipByValue, div, maximum, mul } from '../../ops/math/arithmetic';
import { reshape } from '../../ops/shape/shaping';
import type { Tensor } from '../../tensor/tensor';

export interface Clipping {
  readonly clipValue: number | undefined;
  readonly clipNorm: number | undefined;
  readonly globalClipNorm: number | undefined;
}

/**
 * A gradient within its limit keeps its bits: the factor is 1 then. Where the norm is NaN, or infinite with an infinite
 * gradient, the result is NaN.
 */
const scaled = (g: Tensor, norm: Tensor, limit: number): Tensor => mul(g, div(limit, maximum(norm, limit)));

const normOf = (gradients: readonly Tensor[]): Tensor =>
  reshape(rootOfSquares(gradients.map((g) => reshape(g, [-1]))), []);

/** @param ids of the variables: their order is that of the sum in the global norm */
export function clip(gradients: readonly Tensor[], ids: readonly number[], limits: Clipping): readonly Tensor[] {
  const { clipValue, clipNorm, globalClipNorm } = limits;
  if (clipValue !== undefined) return gradients.map((g) => clipByValue(g, -clipValue, clipValue));
  if (clipNorm !== undefined) return gradients.map((g) => scaled(g, normOf([g]), clipNorm));
  if (globalClipNorm === undefined || gradients.length === 0) return gradients;
  const inOrder = gradients.map((g, i) => ({ g, id: ids[i] as number })).sort((a, b) => a.id - b.id);
  const norm = normOf(inOrder.map(({ g }) => g));
  return gradients.map((g) => scaled(g, norm, globalClipNorm));
}
