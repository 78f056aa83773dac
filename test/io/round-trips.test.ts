/** Everything that a training is made of survives a save: the next steps have the bits that they would have had. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random } from '../models/helpers';

const { layers } = sg;
const x = random(1, [8, 4]);
const shares = sg.softmax(random(2, [8, 3]));
const classes = sg.tensor(
  Float32Array.from({ length: 8 }, (_, i) => i % 3),
  [8, 1],
);

type Compile = Partial<sg.CompileArgs>;

function make(args: Compile, regularizer?: sg.regularizers.Regularizer): sg.Sequential {
  const model = sg.sequential({
    layers: [
      layers.dense({
        units: 6,
        activation: 'tanh',
        inputShape: [4],
        ...(regularizer && { kernelRegularizer: regularizer }),
      }),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', ...args });
  return model;
}

async function steps(model: sg.LayersModel, count: number, y = shares): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let i = 0; i < count; i++) values.push(await model.trainOnBatch(x, y));
  return [...values, ...model.getWeights().map((w) => [...w.dataSync()])];
}

/** In this library's format, and in that of TensorFlow.js. */
async function copies(model: sg.LayersModel): Promise<sg.LayersModel[]> {
  let kept: sg.io.ModelArtifacts = {};
  const handler = sg.io.withSaveHandler(async (artifacts) => {
    kept = { ...JSON.parse(JSON.stringify(artifacts)), weightData: artifacts.weightData };
    return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler, { includeOptimizer: true });
  const bytes = await sg.io.toBytes(model, { includeOptimizer: true });
  return [await sg.loadModel(bytes), await sg.loadModel(sg.io.fromMemory(kept))];
}

async function expectSame(model: sg.LayersModel, y = shares): Promise<void> {
  await steps(model, 2, y);
  const others = await copies(model);
  const expected = await steps(model, 10, y);
  for (const other of others) {
    expect(other.metricsNames).toEqual(model.metricsNames);
    expect(await steps(other, 10, y)).toEqual(expected);
    other.dispose();
  }
  model.dispose();
}

/** Functions of a namespace that make something without arguments. */
const factories = <T>(space: object, skip: readonly string[] = []): [string, () => T][] =>
  Object.entries(space).filter(
    ([name, f]) => typeof f === 'function' && /^[a-z]/.test(name) && !skip.includes(name),
  ) as [string, () => T][];

describe('optimizers', () => {
  const other = ['diagnose', 'findLearningRate', 'inspect', 'momentum'];
  it.each(factories<sg.Optimizer>(sg.train, other))('%s', (_, optimizer) =>
    expectSame(make({ optimizer: (optimizer as (rate: number) => sg.Optimizer)(0.05) })),
  );

  it.each([
    ['momentum', () => sg.train.momentum(0.05, 0.9, true)],
    ['a schedule', () => sg.train.adam({ learningRate: sg.schedules.cosineDecay(0.1, 20) })],
    ['averages', () => sg.train.adam({ useEma: true, emaMomentum: 0.9 })],
    ['several batches a step', () => sg.train.sgd({ learningRate: 0.1, momentum: 0.5, gradientAccumulationSteps: 3 })],
    ['a rate that was set', () => Object.assign(sg.train.sgd(0.1), { learningRate: 0.03 })],
  ] as [string, () => sg.Optimizer][])('%s', (_, optimizer) => expectSame(make({ optimizer: optimizer() })));
});

describe('losses', () => {
  const ofClasses = ['sparseCategoricalCrossentropy', 'categoricalGeneralizedCrossEntropy', 'circle'];
  const other = ['computeWeightedLoss', 'perceptron', ...ofClasses];
  it.each(factories<sg.CompileArgs['loss']>(sg.losses, other))('%s', (_, loss) => expectSame(make({ loss: loss() })));

  it.each(factories<sg.CompileArgs['loss']>(sg.losses).filter(([name]) => ofClasses.includes(name)))('%s', (_, loss) =>
    expectSame(make({ loss: loss() }), classes),
  );

  it('perceptron', async () => {
    const model = sg.sequential({ layers: [layers.dense({ units: 3, activation: 'step', inputShape: [4] })] });
    model.compile({ optimizer: 'sgd', loss: sg.losses.perceptron() });
    await expectSame(model);
  });

  it('a function that was registered', async () => {
    const own = (y: sg.Tensor, p: sg.Tensor) => y.sub(p).pow(4).mean(-1);
    sg.serialization.registerClass(own, undefined, 'fourthPower');
    await expectSame(make({ loss: own, metrics: [own] }));
  });

  it('a function that was not says so', async () => {
    const model = make({ loss: (y, p) => y.sub(p).square().mean(-1) });
    await expect(sg.io.toBytes(model, { includeOptimizer: true })).rejects.toThrow(/registerClass/);
    await sg.loadModel(await sg.io.toBytes(model));
  });
});

describe('metrics', () => {
  it.each([
    ['accuracy'],
    ['mae'],
    [sg.metrics.topKCategoricalAccuracy({ k: 2 })],
    [sg.metrics.cosineSimilarity()],
    [sg.metrics.rootMeanSquaredError()],
    [sg.metrics.auc({ numThresholds: 20 })],
    [sg.metrics.f1Score({ threshold: 0.4 })],
  ])('%s', (metric) => expectSame(make({ metrics: [metric as string], weightedMetrics: ['mse'] })));
});

describe('regularizers', () => {
  it.each([
    ['l1', sg.regularizers.l1({ l1: 0.02 })],
    ['l2', sg.regularizers.l2({ l2: 0.03 })],
    ['l1l2', sg.regularizers.l1l2({ l1: 0.01, l2: 0.02 })],
    ['orthogonal', sg.regularizers.orthogonal({ factor: 0.1 })],
  ])('%s', (_, regularizer) => expectSame(make({}, regularizer)));
});
