/** Makes the functions of `sg.metrics`: called with tensors they give values, with settings a metric for `compile`. */
import { type TensorLike, tensor, toTensor } from '../../ops/create/creation';
import { reshape } from '../../ops/shape/shaping';
import { isWhole, within } from '../../support/arguments';
import { ArgumentError, StateError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import * as is from '../../support/settings';
import { currentGraph } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { type Rules, settled as settle } from '../losses/factory';
import type { MetricFunction } from './mean';
import { type Direction, MadeMetric, type Metric, type MetricDefinition } from './metric';

/** Settings of a metric for `compile`: its own, and a name. */
export type MetricSettings<S> = Partial<S> & {
  /** Under which it is logged; by default that of the function. */
  name?: string;
};
/** Settings of a call with tensors: those of the metric, and weights. */
export type MetricCallSettings<S> = Partial<S> & {
  /** Weights of the examples, [n], or of their positions. */
  sampleWeight?: TensorLike | null;
};

/** A metric of `sg.metrics`. */
export interface MetricFactory<S, V = number> {
  /** A metric for `compile`, or to be updated by hand. */
  (settings?: MetricSettings<S>): Metric<V>;
  /**
   * The metric of these tensors; where it is a mean, a value for each example.
   * @param settings or the first of them alone.
   */
  (yTrue: TensorLike, yPred: TensorLike, settings?: MetricCallSettings<S> | S[keyof S]): Tensor;
}

/** `MetricFactory` of metrics that some settings make lists of. */
export interface ListMetricFactory<S, Lists> {
  (settings: MetricSettings<S> & Lists): Metric<number[]>;
  (settings?: MetricSettings<S>): Metric;
  /** The metric of these tensors: a scalar, or a list. @param settings or the first of them alone. */
  (yTrue: TensorLike, yPred: TensorLike, settings?: MetricCallSettings<S> | S[keyof S]): Tensor;
}

/** Their cells have to fit into memory. */
const upTo = (least: number, most: number): is.Setting<unknown> =>
  is.given(`an integer from ${least} to ${most}`, (v) => isWhole(v, least, most));
const orNull = ({ must, fits }: is.Setting<unknown>): is.Setting<unknown> =>
  is.given(`${must}, or null`, (v) => v === null || fits(v));
const listOf = (what: string, { fits }: is.Setting<unknown>): is.Setting<unknown> =>
  is.given(`a list of ${what}`, (v) => Array.isArray(v) && v.length > 0 && v.every(fits));
const numbers = listOf('numbers', is.real());

/** What settings may be, or those of one metric. */
const RULES: Rules = {
  threshold: orNull(is.real()),
  thresholds: orNull(is.given('a number or a list of numbers', (v) => is.real().fits(v) || numbers.fits(v))),
  'auc.thresholds': orNull(numbers),
  numThresholds: orNull(upTo(1, 1_000_000)),
  'auc.numThresholds': orNull(upTo(2, 1_000_000)),
  k: is.count(),
  topK: orNull(is.count()),
  classId: orNull(is.natural()),
  average: is.choice(['macro', 'micro', 'weighted', 'binary', null]),
  beta: is.positive(),
  precision: is.part(),
  recall: is.part(),
  sensitivity: is.part(),
  specificity: is.part(),
  curve: is.choice(['ROC', 'PR', 'PRGAIN']),
  summationMethod: is.choice(['interpolation', 'majoring', 'minoring', 'step', 'trapezoid', null]),
  multiLabel: is.flag(),
  labelWeights: orNull(listOf('numbers >= 0', is.amount())),
  fromLogits: is.flag(),
  numClasses: upTo(1, 30_000),
  targetClassIds: listOf('class indices', is.natural()),
  ignoreClass: orNull(is.integer()),
  sparseYTrue: is.flag(),
  sparseYPred: is.flag(),
  normalize: is.choice(['true', 'pred', 'all', null]),
  axis: is.integer(),
  classAggregation: is.choice(['uniformAverage', 'varianceWeightedAverage', null]),
  numRegressors: is.natural(),
};

/** All settings, those that were not given by default. @throws ArgumentError for unknown ones and bad values */
const settled = <S extends object>(name: string, given: object, defaults: S): S =>
  settle(name, given, defaults, RULES, 'name');

/** What `metric` made, by name. */
export const known: Record<string, (settings?: object) => Metric<unknown>> = {};

/** Whether a metric was given as the function of `sg.metrics` itself. */
export const isFactory = (fn: unknown): fn is () => Metric<unknown> =>
  typeof fn === 'function' && known[fn.name] === fn;

/** The metric of a few tensors, by a metric that lives only for them. */
function measure(metric: Metric<unknown>, y: Tensor, p: Tensor, weights: TensorLike | null | undefined): Tensor {
  const { name } = metric;
  if (currentGraph())
    throw new StateError(
      `${name}: its value is not known while a function is traced; update a metric, sg.metrics.${name}()`,
    );
  try {
    metric.updateState(y, p, weights == null ? undefined : toTensor(weights, name, 'sampleWeight'));
    return tensor(metric.result() as number[]);
  } finally {
    metric.dispose();
  }
}

interface MetricOptions<S> {
  /** All settings of those that were given, checked; by default by `defaults`. */
  settle?: (given: object) => S;
  /** For calls with tensors, where the metric is not the answer. */
  values?: (settings: S) => MetricFunction;
  /** Whether tensors without settings are vectors, whatever their shapes. */
  isFlat?: boolean;
}

/**
 * @param F the type of the function.
 * @param direction in which it improves; undefined for values that are not one number.
 * @param defaults of the settings; the first may be given alone after tensors.
 * @param recipe of the metric with these settings.
 */
export function metric<F, S extends object>(
  name: string,
  direction: Direction | undefined,
  defaults: S,
  recipe: (settings: S, name: string) => MetricDefinition<unknown>,
  { settle = (given) => settled(name, given, defaults), values, isFlat }: MetricOptions<S> = {},
): F {
  const make = (settings: S, own: string): Metric<unknown> =>
    new MadeMetric(own, recipe(settings, own), settings, name.charAt(0).toUpperCase() + name.slice(1), direction);
  const entry = (a?: unknown, b?: unknown, rest?: unknown): unknown => {
    if (b === undefined && (a === undefined || isPlainObject(a))) {
      const { name: own = name, ...given } = (a ?? {}) as MetricSettings<object>;
      if (typeof own !== 'string' || !own) throw new ArgumentError(`${name}: name must be a string`);
      return make(settle(given), own);
    }
    return within(name, () =>
      tidy(() => {
        const pair = [toTensor(a as Tensor, name, 'yTrue'), toTensor(b as Tensor, name, 'yPred')] as [Tensor, Tensor];
        const [y, p] = isFlat && rest === undefined ? (pair.map((t) => reshape(t, [-1])) as [Tensor, Tensor]) : pair;
        const [first] = Object.keys(defaults);
        const isAlone = rest !== undefined && !isPlainObject(rest);
        if (isAlone && !first)
          throw new ArgumentError(`${name}: the third argument must be settings, { sampleWeight } for instance`);
        const { sampleWeight, ...given } = (
          isAlone ? { [first as string]: rest } : (rest ?? {})
        ) as MetricCallSettings<object>;
        const settings = settle(given);
        if (values && sampleWeight == null) return values(settings)(y, p);
        return measure(make(settings, name), y, p, sampleWeight);
      }),
    );
  };
  Object.defineProperty(entry, 'name', { value: name });
  known[name] = entry as (typeof known)[string];
  return entry as F;
}
