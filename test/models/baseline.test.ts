/** With explicit disposal, memory is as before after every kind of loop and of object. */
import { expect, it } from 'vitest';
import * as sg from '../../src/index';
import { collect } from '../support/collect';

const counts = (): object => {
  const { numTensors, numDataBuffers, numBytes } = sg.memory();
  return { numTensors, numDataBuffers, numBytes };
};

const make = (): sg.Sequential => {
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 6, activation: 'relu', inputShape: [4] }),
      sg.layers.batchNormalization(),
      sg.layers.dropout({ rate: 0.5 }),
      sg.layers.dense({ units: 2 }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae', 'cosineSimilarity'] });
  return model;
};

const [x, y] = [sg.ones([20, 4]), sg.ones([20, 2])];
const model = make();
const w = sg.variable(sg.ones([4, 2]));
const optimizer = sg.train.momentum(0.01, 0.9);
const loss = (): sg.Scalar => sg.matMul(x, w).sub(y).square().mean() as sg.Scalar;
const step = sg.jit((a: sg.Tensor) => optimizer.minimize(() => sg.matMul(a, w).square().mean(), true) as sg.Tensor);
const dataset = (): sg.data.Dataset =>
  sg.data
    .generator(function* () {
      for (let i = 0; i < 4; i++) yield { xs: sg.ones([4]), ys: sg.ones([2]) };
    })
    .shuffle(3, 1)
    .map(({ xs, ys }) => ({ xs: xs.add(1), ys }))
    .batch(2)
    .prefetch(2) as sg.data.Dataset;
let backup: Uint8Array | undefined;

const loops: Record<string, () => unknown> = {
  fit: () => model.fit(x, y, { epochs: 2, batchSize: 8, validationSplit: 0.2 }),
  'fit with callbacks': () =>
    model.fit(x, y, {
      epochs: 3,
      batchSize: 8,
      validationData: [x, y],
      callbacks: [
        sg.callbacks.earlyStopping({ monitor: 'loss', patience: 1, restoreBestWeights: true }),
        sg.callbacks.modelCheckpoint(() => {}),
        sg.callbacks.backupAndRestore({
          read: async () => backup,
          write: async (bytes) => {
            backup = bytes;
          },
          remove: async () => {
            backup = undefined;
          },
        }),
      ],
    }),
  'fit that fails': () =>
    model.fit(x, y, { callbacks: { onEpochEnd: () => Promise.reject(new Error('stop')) } }).catch(() => {}),
  fitDataset: () => model.fitDataset(dataset() as never, { epochs: 2 }),
  'fitDataset that fails': () => model.fitDataset(dataset() as never, { batchesPerEpoch: 9 }).catch(() => {}),
  trainOnBatch: () => model.trainOnBatch(x, y),
  testOnBatch: () => sg.dispose(model.testOnBatch(x, y)),
  evaluate: () => sg.dispose(model.evaluate(x, y)),
  evaluateDataset: async () => sg.dispose(await model.evaluateDataset(dataset() as never)),
  predict: () => sg.dispose(model.predict(x)),
  'weights read and set': () => sg.tidy(() => model.setWeights(model.getWeights())),
  'training state': () => model.restoreTraining(sg.io.decodeTraining(sg.io.encodeTraining(model.trainingState()))),
  jit: () => step(x).dispose(),
  minimize: () => optimizer.minimize(loss, true)?.dispose(),
  variableGrads: () => sg.dispose(sg.variableGrads(loss) as never),
  grad: () => sg.tidy(() => void sg.grad((a) => a.square().sum())(x)),
  'a dataset left early': async () => {
    for await (const batch of dataset()) {
      sg.dispose(batch);
      break;
    }
  },
  'a model made and disposed of': async () => {
    const other = make();
    await other.fit(x, y, { batchSize: 6 });
    sg.dispose(other.predict(x));
    other.optimizer.dispose();
    other.dispose();
  },
  'two models that share a layer': () => {
    const input = sg.input({ shape: [4] });
    const shared = sg.layers.dense({ units: 3 }).apply(input);
    const [a, b] = [1, 2].map((units) =>
      sg.model({ inputs: input, outputs: sg.layers.dense({ units }).apply(shared) as sg.SymbolicTensor }),
    ) as unknown as [sg.LayersModel, sg.LayersModel];
    sg.dispose([a.predict(x), b.predict(x)]);
    a.dispose();
    sg.dispose(b.predict(x));
    b.dispose();
  },
  'a variable and its optimizer': () => {
    const v = sg.tidy(() => sg.variable(sg.ones([3])));
    const own = sg.train.adam(0.1);
    own.minimize(() => v.square().sum() as sg.Scalar);
    own.dispose();
    v.dispose();
  },
};

it.each(Object.entries(loops))('%s', async (_, loop) => {
  for (let i = 0; i < 3; i++) await loop();
  // Nothing that an earlier loop forgot may go meanwhile.
  await collect();
  const before = counts();
  for (let i = 0; i < 5; i++) await loop();
  expect(counts()).toEqual(before);
});
