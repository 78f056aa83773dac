/** `sg.metrics`. */
export * from './classification';
export { deserialize, type SerializedMetric, serialize } from './lookup';
export { MeanMetric, type MetricFunction } from './mean';
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
export { type Direction, Metric } from './metric';
export * from './regression';
export { classificationReport, type Report, type ReportOptions } from './report';
