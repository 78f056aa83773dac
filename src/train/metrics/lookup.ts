/** Metrics by their names. */
import { nameOf, registered } from '../../layers/base/names';
import { show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { lookUp, type OpenName } from '../../support/names';
import * as is from '../../support/settings';
import { FAMILIES, getLoss } from '../losses';
import { isFactory as isLossFactory } from '../losses/factory';
import type { LossFunction } from '../losses/loss';
import { accuracyFor } from './accuracy';
import * as classification from './classification';
import { isFactory, known } from './define';
import { MeanMetric, type MetricFunction, meanRecipe, ValueMetric } from './mean';
import type * as means from './means';
import { meanValue, sumValue } from './means';
import { MadeMetric, Metric } from './metric';
import * as regression from './regression';

/** Class and settings of a metric, as in saved models. */
export interface SerializedMetric {
  /** Name of the class. */
  readonly className: string;
  /** Settings. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Names of metrics; losses are metrics too, by their names. */
export type MetricName =
  | 'accuracy'
  | 'acc'
  | keyof typeof ALIASES
  | keyof typeof classification
  | keyof typeof regression
  | keyof typeof means;

/** A name ('accuracy', 'auc', …), a function of targets and predictions, or a metric. */
export type MetricIdentifier =
  | OpenName<MetricName>
  | MetricFunction
  | ((settings?: { name?: string }) => Metric<unknown>)
  | Metric<unknown>
  | SerializedMetric;

/** Further names from Keras and TensorFlow.js. */
const ALIASES = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  msle: 'meanSquaredLogarithmicError',
  rmse: 'rootMeanSquaredError',
  cosine: 'cosineProximity',
  logCoshError: 'logCosh',
  kullbackLeiblerDivergence: 'klDivergence',
} as const;

/** `known` holds those of the modules that are part of the program: this makes all of them so. */
const metrics = { ...classification, ...regression, ...known, mean: meanValue, sum: sumValue } as typeof known;
for (const [alias, name] of Object.entries(ALIASES)) metrics[alias] = known[name] as (typeof known)[string];

/** A metric of a factory, a class, or a loss. @throws ArgumentError for an unknown name */
function named(name: string, config: object | undefined, loss: string, where: string): Metric<unknown> {
  const own = (config as { name?: string } | undefined)?.name ?? name;
  // The class with settings: equal settings make equal metrics.
  if (name === 'accuracy' || name === 'acc')
    return new MadeMetric(config ? own : 'acc', meanRecipe(name, accuracyFor(loss), true), {}, name, 'up');
  const registeredOne = registered(name) as typeof Metric | MetricFunction | undefined;
  if (registeredOne?.prototype instanceof Metric)
    return (registeredOne as typeof Metric).fromConfig.call(registeredOne as never, { ...config, name: own });
  if (registeredOne) return new MeanMetric(own, registeredOne as MetricFunction, name);
  try {
    return lookUp(metrics, name, 'metric', where, FAMILIES)({ name: own, ...config });
  } catch (error) {
    if (config && Object.keys(config).some((key) => key !== 'name')) throw error;
    try {
      return new MeanMetric(own, getLoss(name, where).fn, name, 'down');
    } catch {
      throw error;
    }
  }
}

/** A metric as it was given. */
function find(identifier: MetricIdentifier, loss: string, where: string): Metric<unknown> {
  if (identifier instanceof Metric) return identifier;
  if (typeof identifier === 'string') return named(identifier, undefined, loss, where);
  if (isFactory(identifier)) return identifier();
  if (typeof identifier === 'function') {
    const given = identifier as MetricFunction;
    const fn: LossFunction = isLossFactory(given) ? given() : given;
    return new MeanMetric(fn.name || 'custom', fn, nameOf(given) ?? (fn.config && fn.name), fn.reduction && 'down');
  }
  if (typeof identifier?.className === 'string')
    return named(identifier.className, identifier.config ?? {}, loss, where);
  throw new ArgumentError(`${where}: a metric must be a name, a function or a metric, got ${show(identifier)}`);
}

/**
 * A metric by its name; 'accuracy' and 'acc' mean the accuracy that fits the loss, and are logged as `acc`, as
 * TensorFlow.js does. Losses are metrics too.
 * @throws ArgumentError for an unknown name, or a metric whose value is not one number
 */
export function getMetric(identifier: MetricIdentifier, loss: string, where: string): Metric {
  const metric = find(identifier, loss, where);
  if (metric instanceof ValueMetric || typeof metric.value(new Float64Array(0), 0) !== 'number')
    throw new ArgumentError(
      `${where}: the metric ${metric.name} does not give one number of targets and predictions; ` +
        'metrics with an average do, and sg.metrics.meanMetricWrapper makes one of a function',
    );
  return metric as Metric;
}

/**
 * Class and settings of a metric, for saving.
 * @throws ArgumentError if it is not a metric
 * @example
 * sg.metrics.serialize(sg.metrics.binaryAccuracy()).className; // 'BinaryAccuracy'
 */
export const serialize = (metric: Metric<unknown>): SerializedMetric => {
  if (!(metric instanceof Metric)) throw new ArgumentError(`serialize: needs a metric, got ${show(metric)}`);
  return { className: nameOf(metric.constructor) ?? metric.className, config: metric.getConfig() };
};

/**
 * Creates a metric from its class and settings. A class of your own must be registered with
 * `sg.serialization.registerClass`.
 * @throws ArgumentError for an unknown class, or settings that it does not have
 * @example
 * sg.metrics.deserialize(sg.metrics.serialize(sg.metrics.precision({ thresholds: 0.7 })));
 */
export const deserialize = (serialized: SerializedMetric): Metric<unknown> => {
  const { className, config } = is.checked('deserialize', is.SERIALIZED, serialized);
  return within('deserialize', () => named(className, config, '', 'deserialize'));
};
