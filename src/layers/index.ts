/** `sg.layers`: one factory for each layer. Shapes are given with the batch; settings are described at each class. */

// Classes and settings as types: `sg.layers.Dense`, `sg.layers.DenseArgs`.
export type { AdditiveAttention, AdditiveAttentionArgs, Attention, AttentionArgs } from './attention/attention';
export type {
  GroupedQueryAttention,
  GroupedQueryAttentionArgs,
  MultiHeadAttention,
  MultiHeadAttentionArgs,
} from './attention/multi-head';
export type {
  PositionCallArgs,
  PositionEmbedding,
  PositionEmbeddingArgs,
  RotaryEmbedding,
  RotaryEmbeddingArgs,
  SinePositionEncoding,
  SinePositionEncodingArgs,
} from './attention/positions';
export { input } from './base/input';
export { Layer } from './base/layer';
export type { Conv1D, Conv2D, Conv3D, ConvArgs, WindowedArgs, WindowedLayer } from './conv/convolutional';
export type {
  DepthwiseConv1D,
  DepthwiseConv2D,
  DepthwiseConvArgs,
  SeparableConv1D,
  SeparableConv2D,
  SeparableConvArgs,
} from './conv/depthwise';
export type {
  Border,
  Cropping1D,
  Cropping2D,
  Cropping3D,
  CroppingArgs,
  UpSampling1D,
  UpSampling2D,
  UpSampling3D,
  UpSamplingArgs,
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
  ZeroPaddingArgs,
} from './conv/padding';
export type {
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  GlobalPoolingArgs,
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  PoolingArgs,
} from './conv/pooling';
export type { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose, ConvTransposeArgs } from './conv/transposed';
export type {
  ActivationArgs,
  ActivationLayer,
  AlphaArgs,
  ELU,
  LeakyReLU,
  PReLU,
  PReLUArgs,
  ReLU,
  ReLUArgs,
  Softmax,
  SoftmaxArgs,
  ThresholdedReLU,
  ThresholdedReLUArgs,
} from './core/activation-layers';
export type {
  Dense,
  DenseArgs,
  Flatten,
  FlattenArgs,
  Identity,
  Lambda,
  LambdaArgs,
  LambdaFunction,
  Masking,
  MaskingArgs,
  Permute,
  PermuteArgs,
  RepeatVector,
  RepeatVectorArgs,
  Reshape,
  ReshapeArgs,
} from './core/core';
export type { EinsumDense, EinsumDenseArgs } from './core/einsum-dense';
export type { Embedding, EmbeddingArgs } from './core/embedding';
export type {
  Add,
  Average,
  Concatenate,
  ConcatenateArgs,
  Dot,
  DotArgs,
  Maximum,
  Minimum,
  Multiply,
  Subtract,
} from './core/merge';
export type {
  ActivityRegularization,
  ActivityRegularizationArgs,
  AlphaDropout,
  Dropout,
  DropoutArgs,
  GaussianDropout,
  GaussianNoise,
  GaussianNoiseArgs,
  SpatialDropout,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  SpatialDropoutArgs,
} from './core/regularization';
export * from './factories/attention';
export * from './factories/basic';
export * from './factories/convolutional';
export * from './factories/merge';
export * from './factories/normalization';
export * from './factories/preprocessing';
export * from './factories/recurrent';
export type {
  BatchNormalization,
  BatchNormalizationArgs,
  GroupNormalization,
  GroupNormalizationArgs,
  LayerNormalization,
  LayerNormalizationArgs,
  RMSNormalization,
  RMSNormalizationArgs,
  ScaledArgs,
  SpectralNormalization,
  SpectralNormalizationArgs,
  UnitNormalization,
  UnitNormalizationArgs,
} from './normalization/normalization';
export type {
  AugmentationArgs,
  Factor,
  RandomBrightness,
  RandomColorArgs,
  RandomContrast,
  RandomFlip,
  RandomFlipArgs,
  RandomRotation,
  RandomRotationArgs,
  RandomShiftArgs,
  RandomTranslation,
  RandomTranslationArgs,
  RandomWidth,
  RandomWidthArgs,
  RandomZoom,
  RandomZoomArgs,
  TransformArgs,
} from './preprocessing/augmentation';
export type {
  CenterCrop,
  CenterCropArgs,
  ImageLayer,
  Interpolation,
  Resizing,
  ResizingArgs,
} from './preprocessing/image';
export type {
  CategoryEncoding,
  CategoryEncodingArgs,
  Normalization,
  NormalizationArgs,
  Rescaling,
  RescalingArgs,
} from './preprocessing/preprocessing';
export type { GateCell, RecurrentArgs, Step } from './recurrent/cell';
export { RNNCell } from './recurrent/cell';
export type { GRUCell, GRUCellArgs, LSTMCell, LSTMCellArgs, SimpleRNNCell, StackedRNNCells } from './recurrent/cells';
export type {
  ConvLSTM1D,
  ConvLSTM1DCell,
  ConvLSTM2D,
  ConvLSTM2DCell,
  ConvLSTMArgs,
  ConvLSTMCellArgs,
} from './recurrent/conv-lstm';
export type { GRU, GRUArgs, LSTM, LSTMArgs, SimpleRNN, SimpleRNNArgs } from './recurrent/layers';
export type { RNNArgs, SequenceArgs } from './recurrent/rnn';
export { RNN } from './recurrent/rnn';
export type { Bidirectional, BidirectionalArgs, MergeMode, TimeDistributed, WrapperArgs } from './recurrent/wrappers';
