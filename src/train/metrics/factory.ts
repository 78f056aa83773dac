/** Makes the functions of `sg.metrics`: called with tensors they give values, with settings a metric for `compile`. */
import { type TensorLike, tensor, toTensor } from '../../ops/create/creation';
import { reshape } from '../../ops/shape/shaping';
import { isWhole, within } from '../../support/arguments';
import { ArgumentError, StateError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { currentGraph } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { isFlag, type Rule, settled as settle } from '../losses/factory';
import type { MetricFunction } from './mean';
import { type Direction, MadeMetric, type Metric, type Recipe } from './metric';

export type Named<S> = Partial<S> & {
  /** Under which it is logged; by default that of the function. */
  name?: string;
};
export type Weighted<S> = Partial<S> & {
  /** Weights of the examples, [n], or of their positions. */
  sampleWeight?: TensorLike | null;
};

/** A metric of `sg.metrics`. */
export interface MetricFactory<S, V = number> {
  /** A metric for `compile`, or to be updated by hand. */
  (settings?: Named<S>): Metric<V>;
  /**
   * The metric of these tensors; where it is a mean, a value for each example.
   * @param settings or the first of them alone.
   */
  (yTrue: TensorLike, yPred: TensorLike, settings?: Weighted<S> | S[keyof S]): Tensor;
}

/** `MetricFactory` of metrics that some settings make lists of. */
export interface ListFactory<S, Lists> {
  (settings: Named<S> & Lists): Metric<number[]>;
  (settings?: Named<S>): Metric;
  /** The metric of these tensors: a scalar, or a list. @param settings or the first of them alone. */
  (yTrue: TensorLike, yPred: TensorLike, settings?: Weighted<S> | S[keyof S]): Tensor;
}

const isNumber = (v: unknown): v is number => Number.isFinite(v);
const isCount = (least: number): Rule => [
  `a whole number >= ${least}`,
  (v) => Number.isInteger(v) && +(v as number) >= least,
];
const thresholdCount = (least: number): Rule => [
  `a whole number >= ${least} and at most 1,000,000`,
  (v) => isWhole(v, least, 1_000_000),
];
const orNull = ([text, allows]: Rule): Rule => [`${text}, or null`, (v) => v === null || allows(v)];
const oneOf = (...names: readonly (string | null)[]): Rule => [
  `one of ${names.join(', ')}`,
  (v) => names.includes(v as string),
];
const list = (text: string, allows: (v: unknown) => boolean): Rule => [
  `a list of ${text}`,
  (v) => Array.isArray(v) && v.length > 0 && v.every(allows),
];
const aNumber: Rule = ['a number', isNumber];
const aShare: Rule = ['a number from 0 to 1', (v) => isNumber(v) && v >= 0 && v <= 1];
const numbers = list('numbers', isNumber);
const average = ['macro', 'micro', 'weighted', 'binary', null];

/** What settings may be, or those of one metric. */
const RULES: Readonly<Record<string, Rule>> = {
  threshold: orNull(aNumber),
  thresholds: orNull(['a number or a list of numbers', (v) => isNumber(v) || numbers[1](v)]),
  'auc.thresholds': orNull(numbers),
  numThresholds: orNull(thresholdCount(1)),
  'auc.numThresholds': orNull(thresholdCount(2)),
  k: isCount(1),
  topK: orNull(isCount(1)),
  classId: orNull(isCount(0)),
  average: oneOf(...average),
  beta: ['a number > 0', (v) => isNumber(v) && v > 0],
  precision: aShare,
  recall: aShare,
  sensitivity: aShare,
  specificity: aShare,
  curve: oneOf('ROC', 'PR', 'PRGAIN'),
  summationMethod: orNull(oneOf('interpolation', 'majoring', 'minoring', 'step', 'trapezoid')),
  multiLabel: isFlag,
  labelWeights: orNull(list('numbers >= 0', (v) => isNumber(v) && v >= 0)),
  fromLogits: isFlag,
  // Their matrix has to fit into memory.
  numClasses: ['a whole number from 1 to 30,000', (v) => isWhole(v, 1, 30_000)],
  targetClassIds: list('class indices', (v) => Number.isInteger(v) && (v as number) >= 0),
  ignoreClass: orNull(['an integer', Number.isInteger]),
  sparseYTrue: isFlag,
  sparseYPred: isFlag,
  normalize: oneOf('true', 'pred', 'all', null),
  axis: ['an integer', Number.isInteger],
  classAggregation: oneOf('uniformAverage', 'varianceWeightedAverage', null),
  numRegressors: isCount(0),
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
 * @param direction in which it gets better; undefined for what is no single number.
 * @param defaults of the settings; the first may be given alone after tensors.
 * @param recipe of the metric with these settings.
 */
export function metric<F, S extends object>(
  name: string,
  direction: Direction | undefined,
  defaults: S,
  recipe: (settings: S, name: string) => Recipe<unknown>,
  { settle = (given) => settled(name, given, defaults), values, isFlat }: MetricOptions<S> = {},
): F {
  const make = (settings: S, own: string): Metric<unknown> =>
    new MadeMetric(own, recipe(settings, own), settings, name.charAt(0).toUpperCase() + name.slice(1), direction);
  const entry = (a?: unknown, b?: unknown, rest?: unknown): unknown => {
    if (b === undefined && (a === undefined || isPlainObject(a))) {
      const { name: own = name, ...given } = (a ?? {}) as Named<object>;
      if (typeof own !== 'string' || !own) throw new ArgumentError(`${name}: name must be a text`);
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
        const { sampleWeight, ...given } = (isAlone ? { [first as string]: rest } : (rest ?? {})) as Weighted<object>;
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
