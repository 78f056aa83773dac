/** The entry `samegrad/vis`: pictures from the library's own numbers, as specifications of Vega-Lite and as SVG. */
import '../ops/reading';
import '../runtime/kernels';

export { type Amounts, type BarsOptions, bars } from './charts/bars';
export { embedding } from './charts/embedding';
export { type Forecast, type ForecastOptions, forecast } from './charts/forecast';
export { type FunctionsByName, type FunctionsOptions, functions } from './charts/functions';
export type { Labels } from './charts/labels';
export { type AxesOptions, type LinesOptions, lines } from './charts/lines';
export { type ScatterOptions, scatter } from './charts/scatter';
export type { Series, SeriesLike } from './charts/series';
export { type ConfusionMatrixOptions, confusionMatrix } from './classification/confusion';
export { type CurvesOptions, precisionRecallCurve, rocCurve } from './classification/curves';
export { type Classifier, type DecisionRegionsOptions, decisionRegions } from './classification/regions';
export { type ModelGraphOptions, modelGraph } from './graph';
export { type AttentionOptions, attention } from './images/attention';
export { featureMaps, filters, type GridOptions, type ImagesOptions, images } from './images/images';
export type { Coloring } from './images/tiles';
export type { Picture, PictureOptions } from './picture';
export { toSVG } from './svg';
export type { Theme } from './theme';
export {
  type Distribution,
  DistributionRecorder,
  type DistributionRecords,
  type DistributionsByName,
  type DistributionsOptions,
  distributions,
  type Histogram,
  type RecorderArgs,
  recordDistributions,
} from './training/distributions';
export { type HistoryLike, type HistoryOptions, history } from './training/history';
export { Live, type LiveOptions, live, type PictureElement, type PictureTarget } from './training/live';
export { learningRates } from './training/rates';
export { type LossSurfaceOptions, lossSurface, type SurfaceFunction } from './training/surface';
