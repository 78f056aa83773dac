/** `sg.metrics`. */

export type { Addition, Total } from '../totals/accumulator';
export type { MatrixNormalization } from './classes';
export * from './classification';
export type { Average } from './counts';
export type { CurveKind, SummationMethod } from './curve';
export type { ListMetricFactory, MetricCallSettings, MetricFactory, MetricSettings } from './define';
export { deserialize, type MetricIdentifier, type MetricName, type SerializedMetric, serialize } from './lookup';
export { MeanMetric, type MetricFunction, type ValueMetric } from './mean';
export {
  accuracy,
  binaryAccuracy,
  binaryCrossentropy,
  categoricalAccuracy,
  categoricalCrossentropy,
  categoricalHinge,
  cosineProximity,
  cosineProximity as cosine,
  cosineSimilarity,
  hinge,
  klDivergence as kullbackLeiblerDivergence,
  klDivergence,
  logCosh as logcosh,
  logCosh,
  meanAbsoluteError as mae,
  meanAbsoluteError as MAE,
  meanAbsoluteError,
  meanAbsolutePercentageError as mape,
  meanAbsolutePercentageError as MAPE,
  meanAbsolutePercentageError,
  meanMetricWrapper,
  meanSquaredError as mse,
  meanSquaredError as MSE,
  meanSquaredError,
  meanSquaredLogarithmicError as msle,
  meanSquaredLogarithmicError as MSLE,
  meanSquaredLogarithmicError,
  meanValue as mean,
  poisson,
  rootMeanSquaredError,
  sparseCategoricalAccuracy,
  sparseCategoricalCrossentropy,
  sparseTopKCategoricalAccuracy,
  squaredHinge,
  sumValue as sum,
  topKCategoricalAccuracy,
} from './means';
export { type Direction, Metric, type MetricDefinition } from './metric';
export type { ClassAggregation } from './pairs';
export {
  type CurveOptions,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type ROCCurve,
  rocCurve,
} from './points';
export * from './regression';
export { classificationReport, type Report, type ReportLabels, type ReportOptions, type ReportRow } from './report';
