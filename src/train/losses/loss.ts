/** What a loss is, and its two operands. */
import { float } from '../../ops/core/operands';
import { reshape } from '../../ops/shape/shaping';
import { ShapeError } from '../../support/errors';
import { sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { LossReduction } from './reduction';

/** (targets, predictions) -> one loss for each example, or for each position. */
export type Loss = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** What a loss takes as targets, where not every number makes sense: class indices, or probabilities. */
export type TargetRule =
  | {
      readonly kind: 'classes';
      /** The dimension of the classes in predictions. */
      readonly axis: number;
      /** The index that means no class. */
      readonly ignored: number | null;
    }
  | { readonly kind: 'shares' };

/** A loss with settings, for `compile`. */
export interface LossFunction extends Loss {
  readonly name: string;
  /** How the values become one number; 'sumOverBatchSize' by default. */
  readonly reduction?: LossReduction;
  /** The settings that make it again: `sg.losses[name](config)`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** @internal */
  readonly targets?: TargetRule | undefined;
}

/** Keeps logarithms and quotients finite; Keras' value. */
export const EPSILON = 1e-7;

export const lastOf = (t: Tensor): number => t.shape[t.rank - 1] as number;

/**
 * Targets and predictions as float32 of one shape. If one of them has a last dimension of 1 too many, it loses it;
 * vectors get it.
 * @throws ShapeError
 */
export function paired(name: string, yTrue: Tensor, yPred: Tensor): [Tensor, Tensor] {
  const pair = [float(yTrue, name, 'yTrue'), float(yPred, name, 'yPred')] as [Tensor, Tensor];
  const wide = pair[0].rank > pair[1].rank ? 0 : 1;
  const [a, b] = [pair[wide], pair[1 - wide] as Tensor];
  if (a.rank === b.rank + 1 && lastOf(a) === 1) {
    if (b.rank === 1) pair[1 - wide] = reshape(b, [...b.shape, 1]);
    else pair[wide] = reshape(a, a.shape.slice(0, -1));
  }
  if (sameShape(pair[0].shape, pair[1].shape)) return pair;
  const areIndices = name === 'categoricalCrossentropy' && (yTrue.rank < yPred.rank || lastOf(yTrue) === 1);
  throw new ShapeError(
    `${name}: targets ${showShape(yTrue.shape)} and predictions ${showShape(yPred.shape)} must have the same shape${
      areIndices ? '; targets that are class indices need sparseCategoricalCrossentropy' : ''
    }`,
  );
}
