/** Gradients that are kept within limits, as Keras has it (Pascanu, Mikolov and Bengio, 2013). */
import { add, clipByValue, div, maximum, mul, sqrt, square } from '../../ops/arithmetic';
import { sum } from '../../ops/reduce';
import type { Tensor } from '../../tensor/tensor';

export interface Clipping {
  readonly clipValue: number | undefined;
  readonly clipNorm: number | undefined;
  readonly globalClipNorm: number | undefined;
}

/**
 * A gradient within its limit keeps its bits: the factor is 1 then. A norm that is NaN, or infinite where a gradient
 * is, gives NaN.
 */
const scaled = (g: Tensor, squares: Tensor, limit: number): Tensor => mul(g, div(limit, maximum(sqrt(squares), limit)));

/** @param ids of the variables: their order is that of the sum in the global norm */
export function clip(gradients: readonly Tensor[], ids: readonly number[], limits: Clipping): readonly Tensor[] {
  const { clipValue, clipNorm, globalClipNorm } = limits;
  if (clipValue !== undefined) return gradients.map((g) => clipByValue(g, -clipValue, clipValue));
  if (clipNorm !== undefined) return gradients.map((g) => scaled(g, sum(square(g)), clipNorm));
  if (globalClipNorm === undefined || gradients.length === 0) return gradients;
  const inOrder = gradients
    .map((g, i) => ({ squares: sum(square(g)), id: ids[i] as number }))
    .sort((a, b) => a.id - b.id);
  const total = inOrder.map((x) => x.squares).reduce((a, b) => add(a, b));
  return gradients.map((g) => scaled(g, total, globalClipNorm));
}
