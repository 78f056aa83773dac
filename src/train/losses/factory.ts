/** Makes the functions of `sg.losses`: called with tensors they give a number, with settings a loss for `compile`. */
import { type TensorLike, toTensor } from '../../ops/create/creation';
import { within } from '../../support/arguments';
import { lookUp } from '../../support/names';
import { isPlainObject } from '../../support/plain-object';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { type Loss, type LossFunction, paired, type TargetRule } from './loss';
import { type LossReduction, maskOf, reduceLoss } from './reduction';

/** The settings of a loss that has none but those of all. */
export type NoSettings = Record<never, never>;

/** Settings of a loss for `compile`: its own, and those of all losses. */
export type LossSettings<S> = Partial<S> & {
  /** How the values of a batch become one number; 'sumOverBatchSize' (their mean) by default. */
  reduction?: LossReduction;
};

/** A loss of `sg.losses`; `Rest` are the arguments after targets and predictions. */
export interface LossFactory<S, Rest extends readonly unknown[] = [weights?: TensorLike | null]> {
  /** A loss for `compile`: a function of targets and predictions with a value for each example. */
  (settings?: LossSettings<S>): LossFunction;
  /** The loss of a batch. */
  (yTrue: TensorLike, yPred: TensorLike, ...rest: Rest): Tensor;
}

/** Values of one loss for each example (or element). */
export type Values<S> = (yTrue: Tensor, yPred: Tensor, settings: S) => Tensor;

const REDUCTIONS: Readonly<Record<LossReduction, LossReduction>> = {
  sumOverBatchSize: 'sumOverBatchSize',
  mean: 'mean',
  sum: 'sum',
  meanWithSampleWeight: 'meanWithSampleWeight',
  none: 'none',
};

/** A reduction by its name, in either spelling. @throws ArgumentError */
export const getReduction = (reduction: LossReduction | undefined, where: string): LossReduction =>
  reduction === undefined ? 'sumOverBatchSize' : lookUp(REDUCTIONS, reduction, 'reduction', where);

/** A setting without its initial value, which each loss or metric has itself. */
export type Rules = Readonly<Record<string, is.Setting<unknown>>>;

const isAxis = Number.isSafeInteger;
const axes = is.given('integers or null', (v) => v === null || [v].flat().every(isAxis));

/** What settings may be, or those of one loss. */
const RULES: Rules = {
  fromLogits: is.flag(),
  applyClassBalancing: is.flag(),
  labelSmoothing: is.part(),
  alpha: is.amount(),
  'categoricalFocalCrossentropy.alpha': is.given('numbers >= 0', (v) => [v].flat().every((x) => is.amount().fits(x))),
  beta: is.amount(),
  gamma: is.amount(),
  margin: is.real(),
  removeDiagonal: is.flag(),
  delta: is.positive(),
  epsilon: is.positive(),
  q: is.given('a number between 0 and 1', (v) => is.positive().fits(v) && (v as number) < 1),
  ignoreClass: is.given('an integer or null', (v) => v === null || isAxis(v)),
  axis: is.integer(),
  'dice.axis': axes,
  'tversky.axis': axes,
};

/** All settings, those that were not given by default. @throws ArgumentError for unknown ones and bad values */
export function settled<S extends object>(
  name: string,
  given: object,
  defaults: S,
  rules = RULES,
  another = 'reduction',
): S {
  const table = Object.entries(defaults).map(([key, initial]) => {
    const rule = (rules[`${name}.${key}`] ?? rules[key]) as is.Setting<unknown>;
    return [key, { ...rule, initial }] as const;
  });
  return is.checked(name, Object.fromEntries(table), given, another) as S;
}

const factories = new WeakSet<object>();

/** Whether a loss was given as the function of `sg.losses` itself. */
export const isFactory = (fn: Loss): fn is Loss & (() => LossFunction) => factories.has(fn);

/** Runs a loss and disposes of its temporaries; in a trace the mask of its values is kept. */
const tidied = (run: () => Tensor): Tensor =>
  tidy(() => {
    const values = run();
    return { values, mask: values.graph && maskOf(values) };
  }).values;

/** Converts targets and predictions to one shape and float32 before the values are computed. */
export const ofPairs =
  <S>(name: string, values: Values<S>): Values<S> =>
  (yTrue, yPred, settings) =>
    values(...paired(name, yTrue, yPred), settings);

/**
 * @param measure the loss of a batch; by default the weighted mean of the values
 * @param targets what targets must be, if not every number will do
 */
export function loss<S extends object, Rest extends readonly unknown[] = [weights?: TensorLike | null]>(
  name: string,
  values: Values<S>,
  defaults: S,
  measure?: (yTrue: Tensor, yPred: Tensor, ...rest: Rest) => Tensor,
  targets?: (settings: S) => TargetRule,
): LossFactory<S, Rest> {
  const make = ({ reduction, ...given }: LossSettings<S>): LossFunction => {
    const settings = settled(name, given, defaults);
    const kind = getReduction(reduction, name);
    const fn: Loss = (yTrue, yPred) => tidied(() => values(yTrue, yPred, settings));
    Object.defineProperty(fn, 'name', { value: name });
    const config = { ...settings, reduction: kind };
    return Object.assign(fn, { reduction: kind, config, targets: targets?.(settings) }) as LossFunction;
  };
  const weighted = (y: Tensor, p: Tensor, weights?: TensorLike | null): Tensor =>
    reduceLoss(values(y, p, defaults), weights == null ? undefined : toTensor(weights, name, 'weights'), undefined);
  const run = (measure ?? weighted) as (y: Tensor, p: Tensor, ...rest: readonly unknown[]) => Tensor;
  const entry = (...[first, second, ...rest]: readonly unknown[]): LossFunction | Tensor =>
    second === undefined && (first === undefined || isPlainObject(first))
      ? make((first ?? {}) as LossSettings<S>)
      : within(name, () =>
          tidy(() => run(toTensor(first as Tensor, name, 'yTrue'), toTensor(second as Tensor, name, 'yPred'), ...rest)),
        );
  Object.defineProperty(entry, 'name', { value: name });
  factories.add(entry);
  return entry as LossFactory<S, Rest>;
}
