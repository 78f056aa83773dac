/** `sg.metrics`. */
export * from './factories';
export { deserialize, type SerializedMetric, serialize } from './lookup';
export { MeanMetric, type MetricFunction } from './mean';
export { type Direction, Metric } from './metric';
export { classificationReport, type Report, type ReportOptions } from './report';
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
} from './values';
