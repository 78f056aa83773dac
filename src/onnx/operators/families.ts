/** Operators that are loaded when a model needs them: the names of each family, and where it is. */
import type { Definitions } from './define';

export interface Family {
  readonly domain: string;
  /** Its operators, which a test compares with those that are defined. */
  readonly names: readonly string[];
  readonly load: () => Promise<Definitions>;
}

const family = (names: string, load: Family['load'], domain = ''): Family => ({
  domain,
  names: names.split(' '),
  load,
});

export const FAMILIES: readonly Family[] = [
  family(
    'Resize Upsample CenterCropPad GridSample AffineGrid RoiAlign Col2Im DeformConv NonMaxSuppression',
    async () => (await import('./vision/images')).images,
  ),
  family('RNN GRU LSTM', async () => (await import('./sequences/recurrent')).recurrentLayers),
  family('Attention RotaryEmbedding LinearAttention', async () => (await import('./sequences/attention')).attentions),
  family('FlexAttention', async () => (await import('./sequences/attention')).previews, 'ai.onnx.preview'),
  family(
    'DFT STFT HannWindow HammingWindow BlackmanWindow MelWeightMatrix',
    async () => (await import('./sequences/spectra')).spectra,
  ),
  family(
    'StringConcat StringSplit RegexFullMatch StringNormalizer TfIdfVectorizer',
    async () => (await import('./texts')).texts,
  ),
  family('If Loop Scan', async () => (await import('./control')).control),
  family(
    'SequenceConstruct SequenceEmpty SequenceAt SequenceInsert SequenceErase SequenceLength SplitToSequence ConcatFromSequence SequenceMap Optional OptionalHasElement OptionalGetElement',
    async () => (await import('./lists')).lists,
  ),
  family('TopK NonZero Compress Unique ReverseSequence', async () => (await import('./selection')).selections),
  family('NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss', async () => (await import('./losses')).losses),
  family('Adagrad Adam Momentum', async () => (await import('./training')).training, 'ai.onnx.preview.training'),
  family(
    'ArrayFeatureExtractor Binarizer Scaler Normalizer Imputer OneHotEncoder LabelEncoder LinearRegressor LinearClassifier TreeEnsemble TreeEnsembleRegressor TreeEnsembleClassifier',
    async () => (await import('./ml/index')).ml,
    'ai.onnx.ml',
  ),
];
