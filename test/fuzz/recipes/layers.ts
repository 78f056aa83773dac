/** Layers, and what they are set up with. */
import * as sg from '../../../src/index';
import { layerTable } from '../../tables/layers/table';
import { type ClassRecipe, each, f, type Recipes } from './recipe';

/** Settings of each layer: the first row of the table of layers that has any. */
const settings: Recipes = Object.fromEntries(
  Object.keys(sg.layers)
    .filter((name) => /^[a-z]/.test(name))
    .map((name) => {
      const factory = sg.layers[name as keyof typeof sg.layers];
      const rows = layerTable.filter(({ layer }) => sg.layers[layer as keyof typeof sg.layers] === factory);
      const { config = {} } = rows.find((row) => Object.keys(row.config ?? {}).length) ?? rows[0] ?? {};
      return [`layers.${name}`, () => [{ ...config, name: 'x', trainable: true, dtype: 'float32' }]];
    }),
);

const parts: Recipes = {
  ...each('layers.input input', () => [{ shape: [2], name: 'in', dtype: 'float32' }]),
  'layers.inputLayer': () => [{ inputShape: [2], batchSize: 3, name: 'in' }],
  'layers.lambda': () => [{ function: (x: sg.Tensor) => x.square(), outputShape: [2] }],
  'layers.randomWidth': () => [{ factor: 0.5, interpolation: 'nearest', seed: 3 }],
  ...each('layers.simpleRNNCell layers.lstmCell layers.gruCell', () => [
    { units: 2, activation: 'tanh', dropout: 0.1 },
  ]),
  'layers.stackedRNNCells': () => [{ cells: [sg.layers.gruCell({ units: 2 })] }],
  'layers.convLstm2dCell': () => [{ filters: 2, kernelSize: 3 }],
  'layers.rnn': () => [{ cell: sg.layers.gruCell({ units: 2 }), returnSequences: true }],
  ...each('layers.timeDistributed layers.bidirectional layers.spectralNormalization', () => [
    { layer: sg.layers.lstm({ units: 2, returnSequences: true }) },
  ]),
  ...each('initializers.zeros initializers.ones', () => [{}]),
  'initializers.constant': () => [{ value: 2 }],
  'initializers.randomUniform': () => [{ minval: 0, maxval: 1, seed: 3 }],
  ...each('initializers.randomNormal initializers.truncatedNormal', () => [{ mean: 0, stddev: 1, seed: 3 }]),
  'initializers.varianceScaling': () => [{ scale: 2, mode: 'fanIn', distribution: 'normal', seed: 3 }],
  ...each(
    'initializers.glorotNormal initializers.glorotUniform initializers.heNormal initializers.heUniform initializers.leCunNormal initializers.leCunUniform',
    () => [{ seed: 'a' }],
  ),
  'initializers.identity': () => [{ gain: 2 }],
  'initializers.orthogonal': () => [{ gain: 2, seed: 1 }],
  'initializers.fans': () => [[2, 3]],
  'initializers.getInitializer': () => ['zeros', 'getInitializer'],
  'constraints.maxNorm': () => [{ maxValue: 2, axis: 0 }],
  'constraints.unitNorm': () => [{ axis: 0 }],
  'constraints.nonNeg': () => [],
  'constraints.minMaxNorm': () => [{ minValue: 0, maxValue: 1, rate: 0.5, axis: [0] }],
  'constraints.getConstraint': () => ['nonNeg', 'getConstraint'],
  'regularizers.l1': () => [{ l1: 0.1 }],
  'regularizers.l2': () => [{ l2: 0.1 }],
  'regularizers.l1l2': () => [{ l1: 0.1, l2: 0.1 }],
  'regularizers.orthogonal': () => [{ factor: 0.1, mode: 'rows' }],
  'regularizers.getRegularizer': () => ['l2', 'getRegularizer'],
  'serialization.deserializeLayer': () => [{ className: 'Dense', config: { units: 2 } }],
  'serialization.serializeLayer': () => [sg.layers.dense({ units: 2 })],
  'serialization.registerClass': () => [(x: sg.Tensor) => x, 'fuzz', 'fn'],
};

/** Functions on tensors that layers take as activations. */
const activations: Recipes = Object.fromEntries(
  Object.keys(sg.activations).map((name) => [`activations.${name}`, () => [f(2, 4)]]),
);

export const layerRecipes: Recipes = { ...settings, ...parts, ...activations };

const dense = (): object => {
  const layer = sg.layers.dense({ units: 2 });
  sg.dispose(sg.tidy(() => layer.apply(f(1, 3))));
  return layer;
};

export const layerClasses: Readonly<Record<string, ClassRecipe>> = {
  Layer: {
    make: dense,
    methods: {
      apply: () => [f(2, 3), { training: true }],
      call: () => [f(2, 3), { training: false }],
      build: () => [[null, 3]],
      computeOutputShape: () => [[null, 3]],
      computeMask: () => [f(2, 3), undefined],
      setWeights: () => [[f(3, 2), f(2)]],
      getWeights: () => [],
      countParams: () => [],
      getConfig: () => [],
      getClassName: () => [],
      resetStates: () => [],
      setCallHook: () => [() => undefined],
      clearCallHook: () => [],
      invokeCallHook: () => [f(2, 3), {}],
      addLoss: () => [[]],
      dispose: () => [],
    },
  },
  Initializer: {
    make: () => sg.initializers.glorotUniform({ seed: 1 }),
    methods: { apply: () => [[2, 3], 'float32'], getConfig: () => [], getClassName: () => [] },
  },
  Regularizer: {
    make: () => sg.regularizers.l1l2(),
    methods: { apply: () => [f(2, 3)], getConfig: () => [], getClassName: () => [] },
  },
  Constraint: {
    make: () => sg.constraints.maxNorm(),
    methods: { apply: () => [f(2, 3)], getConfig: () => [], getClassName: () => [] },
  },
};
