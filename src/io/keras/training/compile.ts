/** Arguments of `compile` as Keras keeps them in files, and back. */
import { registered } from '../../../layers/base/names';
import { isPlainObject } from '../../../support/plain-object';
import type { Named, PerOutput, Serialized, StoredCompile, WrittenTraining } from '../../formats/format';
import { float, isObjectOfClass, type Json, objectOf, refuse, textOf } from '../config/json';
import { readRule } from '../config/read';
import { kerasChoice, snake } from '../config/spelling';
import { readOptimizer, writeOptimizer } from './optimizer';

/** Metrics that hold a function by its name. */
const WRAPPERS = new Set(['MeanMetricWrapper', 'SumOverBatchSizeMetricWrapper']);

/** @param config what `compile` was called with in Keras; @throws FormatError for what there is none of here */
export function readCompile(config: Json): StoredCompile | undefined {
  const { optimizer, loss } = config;
  if (isNothing(optimizer) || isNothing(loss)) return undefined;
  const { loss_weights: weights, metrics, weighted_metrics: weighted } = config;
  return {
    optimizer: readOptimizer(optimizer),
    loss: each(loss, readLoss) as PerOutput<Named | null>,
    ...(!isNothing(weights) && { lossWeights: weights as StoredCompile['lossWeights'] }),
    ...(!isNothing(metrics) && { metrics: each(single(metrics), readMetric) as StoredCompile['metrics'] }),
    ...(!isNothing(weighted) && { weightedMetrics: each(single(weighted), readMetric) as StoredCompile['metrics'] }),
  };
}

const isNothing = (v: unknown): boolean => v === null || v === undefined;

/** A list of one list, as Keras 2 has it for one output. */
const single = (v: unknown): unknown => (Array.isArray(v) && v.length === 1 && Array.isArray(v[0]) ? v[0] : v);

/** What is for all outputs, or in lists, or by name. */
function each(value: unknown, read: (v: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => each(v, read));
  if (isPlainObject(value) && !isObjectOfClass(value))
    return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, each(v, read)]));
  return read(value);
}

/** @throws FormatError */
function readLoss(value: unknown): Named | null {
  if (isNothing(value)) return null;
  if (typeof value === 'string') return value;
  const own = readRule(objectOf(value, 'a loss'));
  if (typeof own === 'string') return own;
  const { className, config } = own as Serialized;
  if (registered(className)) return { className, config };
  const { name: _, reduction, fn, dtype: __, ...settings } = config;
  if (className === 'LossFunctionWrapper') return readLoss(fn);
  if (settings.axis === -1 && className !== 'CosineSimilarity') delete settings.axis;
  const kind = reduction === 'auto' || isNothing(reduction) ? {} : { reduction };
  return { className, config: { ...settings, ...kind } };
}

/** Settings of metrics that Keras has, and that are as here if they are this; the summation so for ROC. */
const AS_HERE: Readonly<Record<string, readonly unknown[]>> = {
  dtype: ['float32', null],
  curve: ['ROC'],
  summationMethod: ['interpolation'],
  numThresholds: [200],
};

/** @throws FormatError */
function readMetric(value: unknown): unknown {
  if (isNothing(value)) return null;
  if (typeof value === 'string') return value;
  const own = readRule(objectOf(value, 'a metric'));
  if (typeof own === 'string') return own;
  const { className, config } = own as { className: string; config: Json };
  if (WRAPPERS.has(className)) {
    const { fn, name } = config;
    const metric = isPlainObject(fn) ? fn.className : fn;
    return { className: textOf(metric, 'the function of a metric'), config: typeof name === 'string' ? { name } : {} };
  }
  const isSaid = ([key, v]: [string, unknown]): boolean =>
    (key === 'summationMethod' && config.curve === 'PR') || !AS_HERE[key]?.includes(v);
  const kept = Object.entries(config).filter(([key, v]) => !isNothing(v) && v !== false && isSaid([key, v]));
  return { className, config: Object.fromEntries(kept) };
}

/** What a model was compiled with, for Keras. @throws FormatError for what Keras has none of */
export function writeCompile({ compile, optimizer }: WrittenTraining): Json {
  const { loss, lossWeights = null, metrics = null, weightedMetrics = null } = compile;
  return {
    optimizer: writeOptimizer(optimizer),
    loss: mapped(loss, writeLoss),
    loss_weights: lossWeights,
    metrics: mapped(metrics, writeMetric),
    weighted_metrics: mapped(weightedMetrics, writeMetric),
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}

/** Of a value for all outputs, or of a list. */
function mapped(value: unknown, write: (v: Serialized) => unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => mapped(v, write));
  return value === null ? null : write(value as Serialized);
}

/** Losses of TensorFlow.js by what Keras calls them, if there is the same. */
const KERAS_LOSSES: Readonly<Record<string, readonly [className: string, config: Json]>> = {
  absoluteDifference: ['MeanAbsoluteError', {}],
  hingeLoss: ['Hinge', {}],
  huberLoss: ['Huber', {}],
  softmaxCrossEntropy: ['CategoricalCrossentropy', { from_logits: true }],
  sigmoidCrossEntropy: ['BinaryCrossentropy', { from_logits: true }],
  kullbackLeiblerDivergence: ['KLDivergence', {}],
};
/** Losses that Keras has none of. */
const OWN_LOSSES = new Set(['perceptron', 'cosineDistance', 'logLoss']);

const pascal = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

function writeLoss({ className: name, config }: Serialized): unknown {
  if (registered(name)) return { module: null, class_name: 'function', config: name, registered_name: name };
  if (OWN_LOSSES.has(name))
    return refuse(
      `the loss '${name}' has no counterpart in Keras; register a function of that name in both, or save with includeOptimizer: false`,
    );
  const [className, more] = KERAS_LOSSES[name] ?? [pascal(name), {}];
  return {
    module: 'keras.losses',
    class_name: className,
    config: {
      name: snake(name),
      ...Object.fromEntries(Object.entries(config).map(([key, v]) => [snake(key), kerasChoice(key, v)])),
      ...more,
    },
    registered_name: null,
  };
}

/** Metrics of Keras by their names here, where more than the first letter differs. */
const KERAS_METRICS: Readonly<Record<string, string>> = {
  Auc: 'AUC',
  Iou: 'IoU',
  KlDivergence: 'KLDivergence',
  LogCosh: 'LogCoshError',
};
const OWN_METRICS = new Set(['ClassificationReport', 'ConfusionMatrix', 'CosineProximity']);

const spelled = (config: Json): Json =>
  Object.fromEntries(Object.entries(config).map(([key, v]) => [snake(key), kerasChoice(key, v)]));

/** Settings that the classes of Keras lack, or do not have as null: left out if they are this. */
const LEFT_OUT: Readonly<Record<string, unknown>> = { numThresholds: null, summationMethod: null };
/** Ways of curves that Keras has none of. */
const OWN_WAYS: readonly unknown[] = ['step', 'trapezoid', 'PRGAIN'];

/** @throws FormatError for what Keras does not compute */
function metricSettings(className: string, { axis, beta, ...config }: Json): Json {
  const kept = Object.entries(config).filter(([key, v]) => LEFT_OUT[key] !== v);
  const way = kept.find(([, v]) => OWN_WAYS.includes(v));
  const hasAxis = className !== 'BinaryCrossentropy';
  if (way || (!hasAxis && axis !== -1)) {
    const [key, value] = way ?? ['axis', axis];
    return refuse(`the metric ${className} has none with ${key} ${value} in Keras; save with includeOptimizer: false`);
  }
  return {
    ...spelled(Object.fromEntries(kept)),
    ...(axis !== undefined && hasAxis && { axis }),
    ...(beta !== undefined && { beta: float(beta) }),
  };
}

function writeMetric({ className, config }: Serialized): unknown {
  if (className === 'accuracy' || className === 'acc') return 'accuracy';
  if (/^[a-z]/.test(className)) return snake(className);
  if (OWN_METRICS.has(className))
    return refuse(`the metric ${className} has no counterpart in Keras; save with includeOptimizer: false`);
  const isOwn = registered(className) !== undefined;
  return {
    module: isOwn ? null : 'keras.metrics',
    class_name: KERAS_METRICS[className] ?? className,
    config: isOwn ? spelled(config) : metricSettings(className, config),
    registered_name: isOwn ? className : null,
  };
}
