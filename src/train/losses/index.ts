/** Losses by their names. */
import { ArgumentError } from '../../support/errors';
import { lookUp, type OpenName } from '../../support/names';
import * as core from './elementwise';
import * as keras from './factories';
import { getReduction, isFactory } from './factory';
import type { Loss, LossFunction } from './loss';
import type { LossReduction } from './reduction';

export type { Loss, LossFunction } from './loss';

/** Names that Keras and TensorFlow.js have besides; either spelling and any case will do. */
const losses = {
  ...core,
  ...keras,
  mse: core.meanSquaredError,
  mae: keras.meanAbsoluteError,
  mape: keras.meanAbsolutePercentageError,
  msle: keras.meanSquaredLogarithmicError,
  bce: keras.binaryCrossentropy,
  kld: keras.kullbackLeiblerDivergence,
  klDivergence: keras.kullbackLeiblerDivergence,
  cosine: keras.cosineSimilarity,
  cosineProximity: keras.cosineSimilarity,
} satisfies Readonly<Record<string, (settings?: object) => LossFunction>>;

/** Names of losses. */
export type LossName = keyof typeof losses;
/** A name ('meanSquaredError', …), a function of targets and predictions, or a loss of `sg.losses`. */
export type LossIdentifier = OpenName<LossName> | Loss;

/** Mean of (y - ŷ)² over the last dimension, for each example. */
export const meanSquaredError: Loss = core.meanSquaredError();

/**
 * A loss as training takes it: its function gives a value for each example (or position, or one for the batch), which
 * `reduction` makes into one number.
 * @throws ArgumentError for an unknown name, or a reduction that does not give one number
 */
export function getLoss(
  identifier: LossIdentifier,
  where: string,
): { name: string; fn: LossFunction; reduction: LossReduction } {
  const given =
    typeof identifier === 'function'
      ? identifier
      : lookUp<(settings?: object) => LossFunction>(losses, identifier, 'loss', where)();
  const fn: LossFunction = isFactory(given) ? given() : given;
  const name = fn.name || 'custom';
  const reduction = getReduction(fn.reduction, `${where}: the loss ${name}`);
  if (reduction === 'none')
    throw new ArgumentError(`${where}: the loss ${name} has the reduction 'none', but training needs one number`);
  return { name, fn, reduction };
}
