/** Losses, metrics, optimizers, schedules, callbacks. */
import * as sg from '../../../src/index';
import { optimizers as optimizerTable } from '../../tables/optimizers';
import { b, type ClassRecipe, each, f, i, p, type Recipes, v } from './recipe';

const pair = () => [f(2, 3), p(2, 3)];

const isClass = (fn: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(fn));
/** Functions of a namespace: those without arguments of their own below are called with targets and predictions. */
const functionsOf = (space: string, from: object): string =>
  Object.entries(from)
    .flatMap(([name, fn]) => (typeof fn === 'function' && !isClass(fn) ? [`${space}.${name}`] : []))
    .join(' ');

const losses: Recipes = {
  ...each(functionsOf('losses', sg.losses), () => [...pair(), f(2)]),
  'losses.categoricalGeneralizedCrossEntropy': () => [i(0, 1), p(2, 3), f(2)],
  'losses.perceptron': () => [{ reduction: 'sum' }],
  'losses.circle': () => [i(0, 1), f(2, 3)],
  'losses.sparseCategoricalCrossentropy': () => [i(0, 1), p(2, 3), f(2)],
  ...each('losses.absoluteDifference losses.meanSquaredError losses.hingeLoss', () => [...pair(), f(2, 1), 3]),
  'losses.cosineDistance': () => [...pair(), 1, f(1), 2],
  'losses.huberLoss': () => [...pair(), f(2, 1), 1, 3],
  'losses.logLoss': () => [...pair(), f(2, 1), 1e-7, 3],
  'losses.sigmoidCrossEntropy': () => [...pair(), f(2, 1), 0.1, 3],
  'losses.softmaxCrossEntropy': () => [...pair(), f(2), 0.1, 3],
  'losses.computeWeightedLoss': () => [f(2, 3), f(2, 1), 2],
};

const metrics: Recipes = {
  ...each(functionsOf('metrics', sg.metrics), pair),
  ...each(
    'metrics.sparseCategoricalAccuracy metrics.sparseCategoricalCrossentropy metrics.sparseTopKCategoricalAccuracy',
    () => [i(0, 1), p(2, 3)],
  ),
  'metrics.fBetaScore': () => [{ beta: 2, average: 'macro', threshold: 0.5, name: 'f' }],
  'metrics.binaryIoU': () => [{ targetClassIds: [0, 1], threshold: 0.5 }],
  'metrics.confusionMatrix': () => [{ numClasses: 2, normalize: 'true' }],
  'metrics.iou': () => [{ numClasses: 2, targetClassIds: [0], ignoreClass: 1, sparseYPred: false, axis: -1 }],
  'metrics.meanIoU': () => [{ numClasses: 2, ignoreClass: null, sparseYTrue: true }],
  'metrics.oneHotIoU': () => [{ numClasses: 2, targetClassIds: [0] }],
  'metrics.oneHotMeanIoU': () => [{ numClasses: 2 }],
  ...each('metrics.rocCurve metrics.precisionRecallCurve', () => [i(0, 1, 1), f(3), { sampleWeight: f(3) }]),
  ...each('metrics.mean metrics.sum', () => [{ name: 'm' }]),
  'metrics.meanMetricWrapper': () => [{ fn: (a: sg.Tensor) => a.mean(-1), name: 'w' }],
  'metrics.precisionAtRecall': () => [{ recall: 0.5, numThresholds: 20, classId: 0 }],
  'metrics.recallAtPrecision': () => [{ precision: 0.5, numThresholds: 20 }],
  'metrics.sensitivityAtSpecificity': () => [{ specificity: 0.5, numThresholds: 20 }],
  'metrics.specificityAtSensitivity': () => [{ sensitivity: 0.5, numThresholds: 20 }],
  'metrics.classificationReport': () => [
    [0, 1, 1],
    [0, 1, 0],
    { digits: 2, targetNames: ['a', 'b'], labels: [0, 1], sampleWeight: [1, 2, 1], zeroDivision: 0, outputDict: true },
  ],
  'metrics.serialize': () => [sg.metrics.mse()],
  'metrics.deserialize': () => [{ className: 'MeanSquaredError', config: { name: 'x' } }],
};

const optimizers: Recipes = {
  ...each(
    Object.keys(optimizerTable)
      .map((name) => `train.${name}`)
      .join(' '),
    () => [{ learningRate: 0.1, clipNorm: 1 }],
  ),
  'train.momentum': () => [0.1, 0.9, true],
  'train.adagrad': () => [0.1, 0.1],
  'train.rmsprop': () => [0.1, 0.9, 0.1, 1e-7, true],
  'train.adadelta': () => [0.1, 0.9, 1e-7],
  'train.adam': () => [0.1, 0.9, 0.99, 1e-7],
  'train.adamax': () => [0.1, 0.9, 0.99, 1e-7, 0],
};

const schedules: Recipes = {
  'schedules.constant': () => [{ learningRate: 0.1 }],
  'schedules.timeBased': () => [0.1, 0.1],
  'schedules.stepBased': () => [0.1, 0.5, 10],
  'schedules.exponential': () => [0.1, 0.5],
  ...each('schedules.exponentialDecay schedules.inverseTimeDecay', () => [0.1, 10, 0.5, true]),
  'schedules.piecewiseConstantDecay': () => [
    [1, 2],
    [0.1, 0.2, 0.3],
  ],
  'schedules.polynomialDecay': () => [
    { initialLearningRate: 0.1, decaySteps: 10, endLearningRate: 0.01, power: 2, cycle: true },
  ],
  'schedules.cosineDecay': () => [0.1, 10, 0.1, 0.2, 3],
  'schedules.cosineDecayRestarts': () => [0.1, 10, 2, 1, 0.1],
  'schedules.warmup': () => [0.1, 10, 0.01],
  'schedules.oneCycle': () => [
    { maxLearningRate: 0.1, totalSteps: 10, pctStart: 0.3, annealStrategy: 'cos', divFactor: 2, finalDivFactor: 3 },
  ],
  'schedules.serialize': () => [sg.schedules.constant(0.1)],
  'schedules.deserialize': () => [{ className: 'constant', config: { learningRate: 0.1 } }],
};

const sink = (): void => undefined;
const callbacks: Recipes = {
  'callbacks.earlyStopping': () => [
    { monitor: 'loss', minDelta: 0, patience: 1, mode: 'min', verbose: 0, baseline: 1 },
  ],
  'callbacks.learningRateScheduler': () => [(epoch: number) => 0.1 / (epoch + 1), { verbose: 0 }],
  'callbacks.reduceLROnPlateau': () => [{ monitor: 'loss', factor: 0.5, patience: 2, minLr: 0.01, cooldown: 1 }],
  'callbacks.terminateOnNaN': () => [],
  'callbacks.csvLogger': () => [sink, { separator: ';', append: false }],
  'callbacks.progressBar': () => [1],
  'callbacks.tensorBoard': () => [sink, { updateFreq: 'epoch' }],
  'callbacks.lambda': () => [{ onEpochEnd: () => undefined }],
  'callbacks.gradientMonitor': () => [{ x: f(2, 2), y: f(2, 1), batchSize: 2 }],
  'callbacks.modelCheckpoint': () => [
    sink,
    { monitor: 'loss', saveBestOnly: true, saveWeightsOnly: true, saveFreq: 'epoch' },
  ],
  'callbacks.backupAndRestore': () => [
    { read: async () => undefined, write: async () => undefined, remove: async () => undefined },
    { saveFreq: 2, deleteCheckpoint: true },
  ],
};

export const trainingRecipes: Recipes = { ...losses, ...metrics, ...optimizers, ...schedules, ...callbacks };

export const trainingClasses: Readonly<Record<string, ClassRecipe>> = {
  Metric: {
    make: () => sg.metrics.precision({ thresholds: [0.3, 0.6] } as never),
    methods: {
      updateState: () => [b(true, false), f(2), f(2)],
      result: () => [],
      resetState: () => [],
      getConfig: () => [],
    },
    times: 4,
  },
  Optimizer: {
    make: () => sg.train.sgd({ learningRate: 0.1, useEma: true } as never),
    methods: {
      minimize: () => {
        const w = v(2);
        return [() => w.square().sum(), true, [w]];
      },
      computeGradients: () => {
        const w = v(2);
        return [() => w.square().sum(), w];
      },
      applyGradients: () => [{}],
      getClassName: () => [],
      excludeFromWeightDecay: () => [['a', /b/]],
      getWeights: () => [],
      setWeights: () => [[{ name: 'iter', tensor: i(3) }]],
      getConfig: () => [],
      state: () => [],
      finalizeVariableValues: () => [],
    },
    times: 3,
  },
};
