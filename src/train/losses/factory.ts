/** Makes the functions of `sg.losses`: called with tensors they give a number, with settings a loss for `compile`. */
import { type TensorLike, toTensor } from '../../ops/create/creation';
import { show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { lookUp } from '../../support/names';
import { isPlainObject } from '../../support/plain-object';
import { checkNames } from '../../support/settings';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { type Loss, type LossFunction, paired, type TargetRule } from './loss';
import { type LossReduction, maskOf, reduceLoss } from './reduction';

export type Settings<S> = Partial<S> & {
  /** How the values of a batch become one number; 'sumOverBatchSize' (their mean) by default. */
  reduction?: LossReduction;
};

/** A loss of `sg.losses`; `Rest` are the arguments after targets and predictions. */
export interface LossFactory<S, Rest extends readonly unknown[] = [weights?: TensorLike | null]> {
  /** A loss for `compile`: a function of targets and predictions with a value for each example. */
  (settings?: Settings<S>): LossFunction;
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

/** What a setting must be. */
export type Rule = readonly [text: string, allows: (value: unknown) => boolean];
const isNumber = (v: unknown): v is number => Number.isFinite(v);
export const isFlag: Rule = ['true or false', (v) => typeof v === 'boolean'];
const isPositive: Rule = ['a number > 0', (v) => isNumber(v) && v > 0];
const atLeast0: Rule = ['a number >= 0', (v) => isNumber(v) && v >= 0];

const axes: Rule = ['integers or null', (v) => v === null || (Array.isArray(v) ? v : [v]).every(Number.isInteger)];

/** What settings may be, or those of one loss. */
const RULES: Readonly<Record<string, Rule>> = {
  fromLogits: isFlag,
  applyClassBalancing: isFlag,
  removeDiagonal: isFlag,
  labelSmoothing: ['a number from 0 to 1', (v) => isNumber(v) && v >= 0 && v <= 1],
  alpha: atLeast0,
  'categoricalFocalCrossentropy.alpha': ['numbers >= 0', (v) => (Array.isArray(v) ? v : [v]).every(atLeast0[1])],
  beta: atLeast0,
  gamma: atLeast0,
  margin: ['a number', isNumber],
  delta: isPositive,
  epsilon: isPositive,
  q: ['a number between 0 and 1', (v) => isNumber(v) && v > 0 && v < 1],
  ignoreClass: ['an integer or null', (v) => v === null || Number.isInteger(v)],
  axis: ['an integer', Number.isInteger],
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
  const all = { ...defaults } as Record<string, unknown>;
  checkNames(name, given, Object.keys(defaults), another);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const [text, allows] = (rules[`${name}.${key}`] ?? rules[key]) as Rule;
    if (!allows(value)) throw new ArgumentError(`${name}: ${key} must be ${text}, got ${show(value)}`);
    all[key] = value;
  }
  return all as unknown as S;
}

const factories = new WeakSet<object>();

/** Whether a loss was given as the function of `sg.losses` itself. */
export const isFactory = (fn: Loss): fn is Loss & (() => LossFunction) => factories.has(fn);

/** Runs a loss; what it makes on the way goes again, but in a trace the mask of its values. */
const tidied = (run: () => Tensor): Tensor =>
  tidy(() => {
    const values = run();
    return { values, mask: values.graph && maskOf(values) };
  }).values;

/** Values of targets and predictions that are brought to one shape, float32, first. */
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
  const make = ({ reduction, ...given }: Settings<S>): LossFunction => {
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
      ? make((first ?? {}) as Settings<S>)
      : within(name, () =>
          tidy(() => run(toTensor(first as Tensor, name, 'yTrue'), toTensor(second as Tensor, name, 'yPred'), ...rest)),
        );
  Object.defineProperty(entry, 'name', { value: name });
  factories.add(entry);
  return entry as LossFactory<S, Rest>;
}
