/**
 * Metrics of how numbers go together, of whole data sets (`sg.metrics`). Each is called in one of two ways: with tensors
 * `(yTrue, yPred, settings?)` it returns their value; with settings, or nothing, a metric for `compile`, or to be updated by
 * hand. NaN among them makes the value NaN. Errors: ShapeError for shapes that do not fit, ArgumentError for bad settings.
 */
import { type ListMetricFactory, type MetricFactory, metric } from './define';
import { type ClassAggregation, concordance, determination, meanOver, pairwise, pearson, type Series } from './pairs';

/** Settings of correlations. */
export interface CorrelationSettings {
  /** -1: of the outputs of each example, as in Keras; 0: of the examples, for each output. A single output is always 0. */
  axis: number;
}

const correlation = (name: string, measure: (series: Series) => number) =>
  metric<MetricFactory<CorrelationSettings>, CorrelationSettings>(name, 'up', { axis: -1 }, ({ axis }, own) =>
    pairwise(own, axis, meanOver(measure)),
  );

/**
 * Pearson's correlation coefficient cov(y, ŷ) / (σ_y σ_ŷ) of targets and predictions, [n] or [n, outputs]; NaN if either
 * does not vary.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.pearsonCorrelation([1, 2, 3], [2, 4, 6]).dataSync(); // [1]
 */
export const pearsonCorrelation = correlation('pearsonCorrelation', pearson);
/**
 * Concordance correlation coefficient, which a shift or another scale makes smaller (Lin, 1989).
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.concordanceCorrelation([1, 2, 3], [1, 2, 3]).dataSync(); // [1]
 */
export const concordanceCorrelation = correlation('concordanceCorrelation', concordance);

/** Settings of `r2Score`. */
export interface R2Settings {
  /** How the values of several outputs become one: their mean, that by their variances, or (null) not at all. */
  classAggregation: ClassAggregation;
  /** Number of regressors of the adjusted R²; 0: not adjusted. */
  numRegressors: number;
}

/**
 * 1 - Σ (y - ŷ)² / Σ (y - mean y)²: [n] or [n, outputs]. Called with tensors alone all outputs count as one, as in
 * TensorFlow.js. If targets do not vary, it is 1 for right predictions and 0 for others; NaN of a single example.
 * @throws ShapeError for shapes that do not fit, ArgumentError for settings out of range
 * @example
 * sg.metrics.r2Score([1, 2, 3], [1, 2, 4]).dataSync(); // [0.5]
 */
export const r2Score = metric<ListMetricFactory<R2Settings, { classAggregation: null }>, R2Settings>(
  'r2Score',
  'up',
  { classAggregation: 'uniformAverage', numRegressors: 0 },
  ({ classAggregation, numRegressors }, own) =>
    pairwise(own, 0, (all) => determination(all, classAggregation, numRegressors)),
  { isFlat: true },
);
