/** Where a class in Keras and here differs by more than the spelling of its settings. */

/** Tells of a value whether leaving it out changes nothing. */
type Harmless = (value: unknown) => boolean;

export interface ClassRule {
  /** Name of the class here, if it is another. */
  readonly own?: string;
  /** Names here of settings of Keras, both in camel case. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Settings that only Keras has. */
  readonly foreign?: Readonly<Record<string, Harmless>>;
  /** Settings that only this library has. */
  readonly special?: Readonly<Record<string, Harmless>>;
  /** The package of Keras that has it, if it is not Keras itself. */
  readonly package?: string;
  /** Whether only older versions have it: it is read and not written. */
  readonly isGone?: boolean;
  /** Settings that Keras, or this library, allows some values of. */
  readonly limited?: Readonly<Record<string, Harmless>>;
}

const anything: Harmless = () => true;
const off: Harmless = (v) => v === null || v === undefined || v === false;
const is =
  (...values: readonly unknown[]): Harmless =>
  (v) =>
    off(v) || values.includes(v);

/** Settings that only Keras has, of all classes. */
export const FOREIGN: Readonly<Record<string, Harmless>> = {
  autocast: anything,
  quantizationConfig: off,
  ragged: off,
  sparse: off,
  optional: off,
  // How Keras computes a product makes no difference; time is the second dimension here.
  implementation: anything,
  useCudnn: anything,
  timeMajor: off,
  zeroOutputForMask: off,
};

/** Whether axes are in the order of dimensions: weights have that order here. */
const ascending: Harmless = (v) =>
  !Array.isArray(v) || v.every((a, i) => i === 0 || (a > v[i - 1] && a < 0 === v[i - 1] < 0));

const batchNormalization: ClassRule = {
  own: 'BatchNormalization',
  special: { synchronized: anything },
  foreign: {
    synchronized: off,
    renorm: off,
    renormClipping: anything,
    renormMomentum: anything,
    fused: anything,
    virtualBatchSize: off,
    adjustment: off,
  },
};
const attention: ClassRule = { foreign: { causal: off } };
const heads = { useGate: off, slidingWindow: off, flashAttention: anything };
const shapes = { queryShape: anything, keyShape: anything, valueShape: anything };
const dataFormat = is('channelsLast');
const causal = { padding: is('valid', 'same') };
const spatial: ClassRule = { special: { trainable: is(true) } };
const hub: ClassRule = { package: 'keras_hub' };

/** By the name of the class in Keras. */
export const RULES: Readonly<Record<string, ClassRule>> = {
  AdditiveAttention: attention,
  Attention: attention,
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  CategoryEncoding: { foreign: { sparse: off } },
  Cropping1D: { special: { dataFormat } },
  DepthwiseConv1D: { limited: causal },
  EinsumDense: { special: { useBias: anything } },
  Embedding: { foreign: { inputLength: anything }, special: { inputLength: anything } },
  GroupQueryAttention: { own: 'GroupedQueryAttention', foreign: heads },
  GroupedQueryAttention: { foreign: heads },
  LayerNormalization: { foreign: { rmsScaling: off }, limited: { axis: ascending } },
  LeakyReLU: { renamed: { negativeSlope: 'alpha' } },
  Model: { own: 'Functional' },
  MultiHeadAttention: { foreign: { ...heads, ...shapes } },
  PositionEmbedding: hub,
  RandomWidth: { isGone: true },
  Resizing: { foreign: { fillMode: is('constant'), antialias: off } },
  RotaryEmbedding: hub,
  SeparableConv1D: { limited: causal },
  SinePositionEncoding: hub,
  SpatialDropout1D: { special: { dataFormat, trainable: is(true) } },
  SpatialDropout2D: spatial,
  SpatialDropout3D: spatial,
  SyncBatchNormalization: batchNormalization,
  ThresholdedReLU: { isGone: true },
  UpSampling1D: { special: { dataFormat, interpolation: is('nearest') } },
  UpSampling3D: { special: { interpolation: is('nearest') } },
  ZeroPadding1D: { special: { dataFormat } },
};

/** Names in Keras of classes that have another here. */
export const FROM_OWN: Readonly<Record<string, string>> = { GroupedQueryAttention: 'GroupQueryAttention' };
