/** Metrics: which way is better, and values of those that neither scikit-learn nor Keras has. */

/** Metrics of which larger values are better. */
export const up = [
  'accuracy binaryAccuracy categoricalAccuracy sparseCategoricalAccuracy topKCategoricalAccuracy',
  'sparseTopKCategoricalAccuracy truePositives trueNegatives precision recall f1Score fBetaScore auc precisionAtRecall',
  'recallAtPrecision sensitivityAtSpecificity specificityAtSensitivity iou meanIoU oneHotIoU oneHotMeanIoU binaryIoU',
  'pearsonCorrelation concordanceCorrelation r2Score cosineSimilarity',
].flatMap((line) => line.split(' '));

/** Metrics and losses of which smaller values are better. */
export const down = [
  'falsePositives falseNegatives meanSquaredError meanAbsoluteError meanAbsolutePercentageError',
  'meanSquaredLogarithmicError rootMeanSquaredError logCosh poisson hinge squaredHinge categoricalHinge klDivergence',
  'binaryCrossentropy categoricalCrossentropy sparseCategoricalCrossentropy cosineProximity mse mae mape msle rmse',
  'cosine huber dice',
].flatMap((line) => line.split(' '));

/** A metric of targets and predictions, and the value that its formula has by hand. */
export type OwnRow = readonly [
  metric: string,
  settings: Record<string, unknown>,
  yTrue: readonly number[] | readonly (readonly number[])[],
  yPred: readonly number[] | readonly (readonly number[])[],
  value: number,
];

export const ownRows: readonly OwnRow[] = [
  // Minus the mean of cosines: of 0, 45 and 180 degrees.
  [
    'cosineProximity',
    {},
    [
      [1, 0],
      [1, 1],
      [0, 2],
    ],
    [
      [3, 0],
      [2, 0],
      [0, -1],
    ],
    -(1 + Math.SQRT1_2 - 1) / 3,
  ],
];
