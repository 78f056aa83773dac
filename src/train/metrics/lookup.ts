/** Metrics by their names. */
import { lookUp } from '../../layers/identifiers';
import { getLoss, meanSquaredError } from '../losses';
import { accuracyFor, binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from './accuracy';
import { MeanMetric, type MetricFunction } from './mean';
import { Metric } from './metric';

/** A name, a function of targets and predictions, or a metric. */
export type MetricIdentifier = string | MetricFunction | Metric;

const metrics: Readonly<Record<string, MetricFunction>> = {
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  binaryAccuracy,
  meanSquaredError,
  mse: meanSquaredError,
};

/**
 * A metric by its name; 'accuracy' and 'acc' mean the accuracy that fits the loss, and are logged as `acc`, as
 * TensorFlow.js does. Losses are metrics too.
 * @throws ArgumentError for an unknown name
 */
export function getMetric(identifier: MetricIdentifier, loss: string, where: string): Metric {
  if (identifier instanceof Metric) return identifier;
  if (typeof identifier === 'function') return new MeanMetric(identifier.name || 'custom', identifier);
  if (identifier === 'accuracy' || identifier === 'acc') return new MeanMetric('acc', accuracyFor(loss));
  return new MeanMetric(identifier, named(identifier, where));
}

function named(identifier: string, where: string): MetricFunction {
  try {
    return lookUp(metrics, identifier, 'metric', where);
  } catch (error) {
    try {
      return getLoss(identifier, where).fn;
    } catch {
      throw error;
    }
  }
}
