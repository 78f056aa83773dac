/** Models that are built for batches of one size take as many examples as fill such batches. */
import { expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random, read, settle, values, weightsOf } from './helpers';

const [N, BATCH] = [12, 4];
const x = random(1, [N, 5, 2]);
const y = random(2, [N, 1]);

function recurrent(batch: number | null): sg.Sequential {
  const stateful = batch !== null;
  const model = sg.sequential({
    layers: [
      sg.layers.simpleRNN({ units: 3, stateful, batchInputShape: [batch, 5, 2] }),
      sg.layers.dense({ units: 1 }),
    ],
  });
  settle(model).compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

/** The first step of the states is that of a model without: both see zeros then. */
const first = (t: sg.Tensor): number[] => values(t).slice(0, BATCH);

it('takes batches of its size by default', async () => {
  const [stateful, plain] = [recurrent(BATCH), recurrent(null)];
  expect(first(stateful.predict(x))).toEqual(first(plain.predict(x)));
  expect(values(stateful.predict(x))).not.toEqual(values(plain.predict(x)));
  expect(read(stateful.evaluate(x, y))[0]).toBeGreaterThan(0);
  const { history } = await stateful.fit(x, y, { epochs: 2, shuffle: false, validationData: [x, y] });
  expect(history.val_loss).toHaveLength(2);
  expect(stateful.optimizer.iterations).toBe((2 * N) / BATCH);
  expect(await stateful.trainOnBatch(x.slice(0, BATCH), y.slice(0, BATCH))).toBeGreaterThan(0);
});

it.each([
  ['fit', (m: sg.Sequential) => m.fit(x, y, { batchSize: 3 }), /fit: .* batches of 4; batchSize is 3/],
  ['fit, its rest', (m: sg.Sequential) => m.fit(x.slice(0, 10), y.slice(0, 10)), /batchSize is 4, with 10 examples/],
  ['validationSplit', (m: sg.Sequential) => m.fit(x, y, { validationSplit: 0.2 }), /batches of 4.*with 9 examples/],
  [
    'validationBatchSize',
    (m: sg.Sequential) => m.fit(x, y, { validationData: [x, y], validationBatchSize: 6 }),
    /validationBatchSize is 6/,
  ],
  ['evaluate', async (m: sg.Sequential) => m.evaluate(x, y, { batchSize: 12 }), /evaluate: .*batchSize is 12/],
  ['predict', async (m: sg.Sequential) => m.predict(x.slice(0, 5)), /predict: .*with 5 examples/],
  ['predictOnBatch', async (m: sg.Sequential) => m.predictOnBatch(x), /predictOnBatch: .*batchSize is 12/],
  ['trainOnBatch', (m: sg.Sequential) => m.trainOnBatch(x, y), /batches of 4; the batch is 12/],
  [
    'fitDataset',
    (m: sg.Sequential) =>
      m.fitDataset(sg.data.array(x.unstack().map((xs, i) => ({ xs, ys: y.slice(i, 1).squeeze([0]) }))).batch(6)),
    /batches of 4; the batch is 6/,
  ],
])('%s refuses others, and nothing has changed then', async (_, run, message) => {
  const model = recurrent(BATCH);
  const before = weightsOf(model);
  await expect(run(model)).rejects.toThrow(sg.ArgumentError);
  await expect(run(model)).rejects.toThrow(message);
  expect(weightsOf(model)).toEqual(before);
});
