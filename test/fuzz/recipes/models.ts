/** Models, gradients, tracing, memory, training loops. */
import * as sg from '../../../src/index';
import { savingRecipes } from './io';
import { type ClassRecipe, each, f, type Recipes, v } from './recipe';

/** Layers that models were made with: `pop` lets go of them. */
const made = new WeakMap<object, readonly sg.Layer[]>();

function closeModel(model: object): void {
  (model as sg.Sequential).dispose();
  for (const layer of made.get(model) ?? []) layer.dispose();
}

const small = (): sg.Sequential => {
  const model = sg.sequential({
    layers: [sg.layers.dense({ units: 1, inputShape: [2], name: 'last', kernelInitializer: 'ones' })],
  });
  made.set(model, model.layers);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
};

/** What a checkpoint of a small model holds. */
const state = (): unknown => {
  const model = small();
  const held = model.trainingState();
  model.dispose();
  return held;
};

/** Ends trainings of many epochs. */
class Few extends sg.Callback {
  override onEpochEnd(epoch: number): void {
    if (epoch > 3 && this.model) this.model.stopTraining = true;
  }
}

/** A data set that makes its tensors when they are asked for. */
const batches = (): unknown =>
  sg.data.generator(function* () {
    yield { xs: f(1, 2), ys: f(1, 1) };
  });

const square = (x: sg.Tensor): sg.Tensor => x.square().sum();
const product = (a: sg.Tensor, b: sg.Tensor): sg.Tensor => sg.mul(a, b).sum();

export const modelRecipes: Recipes = {
  sequential: () => [{ layers: [sg.layers.dense({ units: 1, inputShape: [2] })], name: 'm' }],
  model: () => {
    const x = sg.input({ shape: [2] });
    return [{ inputs: x, outputs: sg.layers.dense({ units: 1 }).apply(x), name: 'm' }];
  },
  mermaid: () => [small()],
  quantize: () => [
    sg.sequential({ layers: [sg.layers.dense({ units: 16, inputShape: [16] })] }),
    { calibration: f(2, 16) },
  ],
  ...each('grad valueAndGrad', () => [square]),
  ...each('grads valueAndGrads', () => [product]),
  variableGrads: () => {
    const w = v(2);
    return [() => w.square().sum(), [w]];
  },
  customGrad: () => [(x: sg.Tensor) => ({ value: x.clone(), gradFunc: (dy: sg.Tensor) => dy.clone() })],
  jit: () => [square],
  op: () => [{ square_: square }],
  tidy: () => ['name', () => f(2)],
  keep: () => [f(2)],
  dispose: () => [{ a: f(2), b: [f(3)] }],
  memory: () => [],
  nextFrame: () => [],
  getThreads: () => [],
  setThreads: () => [1],
  setSeed: () => [3],
  ...each('backend engine getBackend ready env enableProdMode enableDebugMode disableDeprecationWarnings', () => []),
  ...each('setBackend findBackend', () => ['samegrad']),
  deprecationWarn: () => ['text'],
  ...each('time profile', () => [() => f(2).dispose()]),
  broadcastArgs: () => [
    [2, 1],
    [1, 3],
  ],
  rand: () => [[2], () => 0.5, 'float32'],
  'signal.frame': () => [f(4), 2, 1, true, 0],
  ...each('signal.hannWindow signal.hammingWindow', () => [4]),
  'train.inspect': () => [small(), f(2, 2), f(2, 1), { batchSize: 2, training: false }],
  'train.diagnose': () => [small(), f(2, 2), f(2, 1), { batchSize: 2, training: true, thresholds: { dead: 0.1 } }],
  'train.findLearningRate': () => [
    small(),
    f(2, 2),
    f(2, 1),
    { minRate: 1e-4, maxRate: 1, steps: 3, batchSize: 2, seed: 1 },
  ],
  'io.encodeTraining': () => [state(), { weightsOnly: true }],
  'io.decodeTraining': () => [new Uint8Array(8)],
  'io.loadCheckpoint': () => [small(), new Uint8Array(8)],
};

/** What functions return that is called itself. */
export const returnedRecipes: Readonly<Record<string, ClassRecipe>> = Object.fromEntries(
  (
    [
      ['grad', () => ({ call: sg.grad(square) }), () => [f(3), sg.scalar(1)]],
      ['valueAndGrad', () => ({ call: sg.valueAndGrad(square) }), () => [f(3), sg.scalar(1)]],
      ['grads', () => ({ call: sg.grads(product) }), () => [[f(3), f(3)], sg.scalar(1)]],
      ['valueAndGrads', () => ({ call: sg.valueAndGrads(product) }), () => [[f(3), f(3)], sg.scalar(1)]],
      [
        'customGrad',
        () => ({ call: sg.customGrad((x: sg.Tensor) => ({ value: sg.clone(x), gradFunc: (dy) => dy.clone() })) }),
        () => [f(3)],
      ],
    ] as const
  ).map(([name, make, args]) => [name, { make, methods: { call: args } }]),
);

export const modelClasses: Readonly<Record<string, ClassRecipe>> = {
  Model: {
    make: small,
    close: closeModel,
    methods: {
      compile: () => [
        {
          optimizer: sg.train.sgd(0.1),
          loss: ['meanSquaredError'],
          lossWeights: [1],
          metrics: ['mae'],
          weightedMetrics: [],
        },
      ],
      fit: () => [
        f(4, 2),
        f(4, 1),
        {
          batchSize: 2,
          epochs: 2,
          shuffle: true,
          verbose: 0,
          validationSplit: 0.5,
          callbacks: new Few(),
          classWeight: { 0: 1, 1: 2 },
          sampleWeight: f(4),
          yieldEvery: 'never',
          initialEpoch: 0,
          validationFreq: 1,
        },
      ],
      fitDataset: () => [batches(), { epochs: 1, batchesPerEpoch: 1, verbose: 0 }],
      ...savingRecipes,
      trainOnBatch: () => [f(2, 2), f(2, 1), { sampleWeight: f(2), classWeight: { 0: 2 } }],
      testOnBatch: () => [f(2, 2), f(2, 1), { sampleWeight: f(2) }],
      evaluate: () => [f(2, 2), f(2, 1), { batchSize: 2, sampleWeight: f(2) }],
      evaluateAsync: () => [f(2, 2), f(2, 1), { batchSize: 2, sampleWeight: f(2) }],
      execute: () => [f(2, 2), 'last'],
      evaluateDataset: () => [batches(), { batches: 1 }],
      predict: () => [f(2, 2), { batchSize: 2 }],
      predictAsync: () => [f(2, 2), { batchSize: 2 }],
      predictOnBatch: () => [f(2, 2)],
      call: () => [f(2, 2), { training: false }],
      apply: () => [f(2, 2), { training: true }],
      summary: () => [80, [0.5, 1], () => undefined],
      describeStep: () => ['train', f(2, 2), f(2, 1)],
      getLayer: () => [0],
      setWeights: () => [[f(2, 1), f(1)]],
      getWeights: () => [],
      getNamedWeights: () => [{ trainableOnly: true }],
      countParams: () => [],
      getConfig: () => [],
      getClassName: () => [],
      add: () => [sg.layers.dense({ units: 1 })],
      pop: () => [],
      build: () => [[null, 2]],
      computeOutputShape: () => [[null, 2]],
      computeMask: () => [f(2, 2), undefined],
      resetStates: () => [],
      setCallHook: () => [() => undefined],
      clearCallHook: () => [],
      invokeCallHook: () => [f(2, 2), {}],
      addLoss: () => [[]],
      trainingState: () => [],
      restoreTraining: () => [{}],
      dispose: () => [],
    },
  },
  Jitted: {
    make: () => {
      const run = sg.jit((a: sg.Tensor, o?: { b: sg.Tensor }) => sg.add(a, o?.b as sg.Tensor));
      return { call: run, describe: run.describe, dispose: run.dispose };
    },
    methods: { call: () => [f(2), { b: f(2) }], describe: () => [f(2), { b: f(2) }], dispose: () => [] },
  },
  Variable: { make: () => v(2), methods: { assign: () => [f(2)], write: () => [f(2)], read: () => [] } },
  TensorBuffer: {
    make: () => sg.buffer([2, 2]),
    methods: {
      set: () => [3, 0, 1],
      get: () => [0, 1],
      locToIndex: () => [[0, 1]],
      indexToLoc: () => [1],
      toTensor: () => [],
    },
  },
};
