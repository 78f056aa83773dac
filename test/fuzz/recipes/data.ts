/** Datasets and preprocessing. */
import * as sg from '../../../src/index';
import { type ClassRecipe, each, f, i, type Recipes } from './recipe';

const { data, preprocessing } = sg;

export const dataRecipes: Recipes = {
  'data.array': () => [[1, 2, 3]],
  'data.func': () => [() => ({ value: 1, done: true })],
  'data.generator': () => [
    function* () {
      yield 1;
    },
  ],
  'data.zip': () => [{ a: data.array([1, 2]), b: data.array([3, 4]) }],
  'data.csv': () => [
    { text: 'a,b\n1,2' },
    { hasHeader: true, columnConfigs: { b: { isLabel: true, dtype: 'int32' } }, delimiter: ',' },
  ],
  'data.webcam': () => [null, { resizeWidth: 2, resizeHeight: 2, centerCrop: true }],
  'preprocessing.classWeights': () => [[0, 1, 1]],
  ...each('preprocessing.kFold', () => [{ nSplits: 2, shuffle: true, randomState: 1 }]),
  'preprocessing.labelEncoder': () => [{ handleUnknown: 'ignore', classes: ['a', 'b'] }],
  'preprocessing.oneHotEncoder': () => [{ handleUnknown: 'ignore', categories: [['a', 'b']] }],
  'preprocessing.minMaxScaler': () => [{ featureRange: [0, 2], clip: true, nan: 'keep' }],
  'preprocessing.standardScaler': () => [{ withMean: true, withStd: false, mean: [1], variance: [2] }],
  'preprocessing.pca': () => [{ nComponents: 1 }],
  'preprocessing.textVectorizer': () => [
    {
      maxTokens: 9,
      ngrams: 2,
      outputMode: 'int',
      outputSequenceLength: 3,
      split: 'whitespace',
      standardize: 'lower',
      vocabulary: ['a'],
    },
  ],
  'preprocessing.padSequences': () => [
    [[1, 2], [3]],
    { maxLen: 3, padding: 'post', truncating: 'pre', value: 1, dtype: 'int32' },
  ],
  'preprocessing.timeSeriesWindows': () => [
    f(6, 2),
    { sequenceLength: 2, sequenceStride: 1, samplingRate: 1, startIndex: 0, endIndex: 5, horizon: 1 },
  ],
  'preprocessing.trainTestSplit': () => [
    f(4, 2),
    [1, 2, 3, 4],
    { testSize: 0.5, randomState: 1, shuffle: true, stratify: null },
  ],
};

const words = ['a', 'b', 'a'];

export const dataClasses: Readonly<Record<string, ClassRecipe>> = {
  Dataset: {
    make: () => data.array([1, 2, 3]),
    methods: {
      batch: () => [2, false],
      concatenate: () => [data.array([4])],
      filter: () => [(x: number) => x > 1],
      forEachAsync: () => [() => undefined],
      map: () => [(x: number) => x],
      mapAsync: () => [async (x: number) => x],
      prefetch: () => [2],
      repeat: () => [2],
      shuffle: () => [3, 'seed', true],
      skip: () => [1],
      take: () => [2],
      toArray: () => [],
      iterator: () => [],
    },
  },
  CSVDataset: { make: () => data.csv({ text: 'a,b\n1,2' }), methods: { columnNames: () => [], iterator: () => [] } },
  LabelEncoder: {
    make: () => preprocessing.labelEncoder().fit(words),
    methods: {
      fit: () => [words],
      transform: () => [words],
      fitTransform: () => [words],
      inverseTransform: () => [[0, 1]],
      getConfig: () => [],
    },
  },
  OneHotEncoder: {
    make: () => preprocessing.oneHotEncoder().fit(words),
    methods: {
      fit: () => [words],
      transform: () => [words],
      fitTransform: () => [words],
      inverseTransform: () => [[[0, 1]]],
      getConfig: () => [],
    },
  },
  MinMaxScaler: {
    make: () => preprocessing.minMaxScaler().fit([[1], [2]]),
    methods: {
      fit: () => [f(3, 1)],
      transform: () => [f(3, 1)],
      fitTransform: () => [f(3, 1)],
      inverseTransform: () => [f(3, 1)],
      getConfig: () => [],
    },
  },
  StandardScaler: {
    make: () => preprocessing.standardScaler().fit([[1], [2]]),
    methods: {
      fit: () => [f(3, 1)],
      transform: () => [f(3, 1)],
      fitTransform: () => [f(3, 1)],
      inverseTransform: () => [f(3, 1)],
      getConfig: () => [],
    },
  },
  PCA: {
    make: () =>
      preprocessing.pca({ nComponents: 1 }).fit([
        [1, 2],
        [2, 3],
        [4, 4],
      ]),
    methods: {
      fit: () => [f(3, 2)],
      transform: () => [f(3, 2)],
      fitTransform: () => [f(3, 2)],
      inverseTransform: () => [f(3, 1)],
      getConfig: () => [],
    },
  },
  TextVectorizer: {
    make: () => preprocessing.textVectorizer().adapt('a b a'),
    methods: {
      adapt: () => [['a b', 'c']],
      vectorize: () => [['a b', 'c']],
      inverse: () => [i(1, 2)],
      getVocabulary: () => [true],
      getConfig: () => [],
    },
  },
  KFold: { make: () => preprocessing.kFold({ nSplits: 2 }), methods: { split: () => [[1, 2, 3, 4]] } },
};
