/** `sg.preprocessing`: data made ready for networks. What `getConfig` gives, the factory takes, and makes the same again. */
import { LabelEncoder, type LabelEncoderArgs, OneHotEncoder, type OneHotEncoderArgs } from './encoders';
import { PCA, type PCAArgs } from './pca';
import { MinMaxScaler, type MinMaxScalerArgs, StandardScaler, type StandardScalerArgs } from './scalers';
import { KFold, type KFoldArgs } from './split';
import { TextVectorizer, type TextVectorizerArgs } from './text';

export type { Category, Examples } from './categories';
export { type PadSequencesArgs, padSequences, type TimeSeriesWindowsArgs, timeSeriesWindows } from './sequences';
export { type SplitArgs, type SplitParts, trainTestSplit } from './split';
export { classWeights } from './weights';
export type {
  KFoldArgs,
  LabelEncoderArgs,
  MinMaxScalerArgs,
  OneHotEncoderArgs,
  PCAArgs,
  StandardScalerArgs,
  TextVectorizerArgs,
};
export { KFold, LabelEncoder, MinMaxScaler, OneHotEncoder, PCA, StandardScaler, TextVectorizer };

/**
 * Features on one range: y = (x - min) / (max - min) (high - low) + low, [..., features] -> float32 of the same shape.
 * A feature that is constant becomes low.
 * @throws ArgumentError for an empty range; when used, for NaN unless `nan: 'keep'`
 * @example
 * const scaler = sg.preprocessing.minMaxScaler({ featureRange: [-1, 1] });
 * scaler.fitTransform([[1, 10], [3, 20]]).arraySync(); // [[-1, -1], [1, 1]]
 */
export const minMaxScaler = (args?: MinMaxScalerArgs | null): MinMaxScaler => new MinMaxScaler(args);

/**
 * Features of mean 0 and standard deviation 1: y = (x - mean) / √variance, [..., features] -> float32 of the same
 * shape; the variance is the population's. A feature that is constant becomes 0.
 * @throws ArgumentError; when used, for NaN unless `nan: 'keep'`
 * @example
 * sg.preprocessing.standardScaler().fitTransform([[1, 10], [3, 20]]).arraySync(); // [[-1, -1], [1, 1]]
 */
export const standardScaler = (args?: StandardScalerArgs | null): StandardScaler => new StandardScaler(args);

/**
 * Columns of categories (text, or numbers) as zeros and ones: [n] or [n, columns] -> float32 [n, all categories].
 * @throws ArgumentError for categories listed twice or of mixed kinds; when used, for one that `fit` has not seen,
 * unless `handleUnknown: 'ignore'`
 * @example
 * sg.preprocessing.oneHotEncoder().fitTransform(['b', 'a', 'b']).arraySync(); // [[0, 1], [1, 0], [0, 1]]
 */
export const oneHotEncoder = (args?: OneHotEncoderArgs | null): OneHotEncoder => new OneHotEncoder(args);

/**
 * Labels (text, or numbers) as their places in the sorted list of classes: [n] -> int32 [n].
 * @throws ArgumentError as `oneHotEncoder`
 * @example
 * const encoder = sg.preprocessing.labelEncoder();
 * encoder.fitTransform(['dog', 'cat', 'dog']).arraySync(); // [1, 0, 1]
 * encoder.inverseTransform([0]); // ['cat']
 */
export const labelEncoder = (args?: LabelEncoderArgs | null): LabelEncoder => new LabelEncoder(args);

/**
 * Principal components (Pearson, 1901): y = (x - mean) Cᵀ, [n, features] -> float32 [n, components], where the rows of C
 * are the directions in which the examples vary most. The largest number of each row is positive.
 * @throws ArgumentError for settings out of range; when used, for NaN and infinities
 * @example
 * const pca = sg.preprocessing.pca({ nComponents: 1 });
 * pca.fitTransform([[1, 2], [2, 4], [3, 6]]).arraySync(); // [[-2.236068], [0], [2.236068]]
 * pca.explainedVarianceRatio; // [1]
 */
export const pca = (args?: PCAArgs | null): PCA => new PCA(args);

/**
 * Folds for cross-validation: each example is in the test part of one.
 * @throws ArgumentError for fewer than 2 folds; `split`, if there are fewer examples, or members of a class, than folds
 * @example
 * const x = sg.ones([10, 2]);
 * for (const [train, test] of sg.preprocessing.kFold({ nSplits: 5, shuffle: true, randomState: 1 }).split(x)) {
 *   console.log(sg.gather(x, train).shape, sg.gather(x, test).shape); // [8, 2] [2, 2]
 * }
 */
export const kFold = (args?: KFoldArgs | null): KFold => new KFold(args);

/**
 * Text as tensors, by a vocabulary that it learns: [n] texts -> int32 [n, tokens], or float32 [n, vocabulary].
 * @throws ArgumentError for settings that are unknown or do not go together
 * @example
 * const vectorizer = sg.preprocessing.textVectorizer({ outputSequenceLength: 4 }).adapt(['the cat', 'the dog']);
 * vectorizer.getVocabulary(); // ['', '[UNK]', 'the', 'cat', 'dog']
 * vectorizer.vectorize(['The dog sleeps.']).arraySync(); // [[2, 4, 1, 0]]
 */
export const textVectorizer = (args?: TextVectorizerArgs | null): TextVectorizer => new TextVectorizer(args);
