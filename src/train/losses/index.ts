/** Losses by their names. */
import { registered } from '../../layers/base/names';
import { ArgumentError } from '../../support/errors';
import { lookUp, type OpenName } from '../../support/names';
import { isSerialized } from '../../support/settings';
import * as core from './elementwise';
import * as keras from './factories';
import { getReduction, isFactory } from './factory';
import type { Loss, LossFunction } from './loss';
import type { LossReduction } from './reduction';

export type { Loss, LossFunction } from './loss';

/** Further names from Keras and TensorFlow.js; either spelling and any case is accepted. */
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
/** A loss in a configuration. */
export interface SerializedLoss {
  /** Its name, or that by which a function was registered. */
  readonly className: string;
  /** Its settings. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * A name ('meanSquaredError', …; also of a function that `sg.serialization.registerClass` was given), a function of
 * targets and predictions, a loss of `sg.losses`, or the name of one with its settings.
 */
export type LossIdentifier = OpenName<LossName> | Loss | SerializedLoss;

/** What a loss may be called when it is not said which of several is meant. */
const CROSSENTROPIES = ['binaryCrossentropy', 'categoricalCrossentropy', 'sparseCategoricalCrossentropy'];
export const FAMILIES = { crossentropy: CROSSENTROPIES, crossEntropyLoss: CROSSENTROPIES };

/** @throws ArgumentError for an unknown name, or settings that do not fit */
function found(name: string, config: object | undefined, where: string): Loss {
  const own = registered(name);
  if (own) return own as Loss;
  return lookUp<(settings?: object) => LossFunction>(losses, name, 'loss', where, FAMILIES)(config);
}

/** Mean of (y - ŷ)² over the last dimension, for each example. */
export const meanSquaredError: Loss = core.meanSquaredError();

/**
 * A loss for training: its function returns a value for each example (or position, or one for the batch), which
 * `reduction` makes into one number.
 * @throws ArgumentError for an unknown name, or a reduction to more than one number
 */
export function getLoss(
  identifier: LossIdentifier,
  where: string,
): { name: string; fn: LossFunction; reduction: LossReduction } {
  const given =
    typeof identifier === 'function'
      ? identifier
      : isSerialized(identifier)
        ? found(identifier.className, identifier.config, where)
        : found(identifier as string, undefined, where);
  const fn: LossFunction = isFactory(given) ? given() : given;
  const name = fn.name || 'custom';
  const reduction = getReduction(fn.reduction, `${where}: the loss ${name}`);
  if (reduction === 'none')
    throw new ArgumentError(`${where}: the loss ${name} has the reduction 'none', but training needs one number`);
  return { name, fn, reduction };
}
