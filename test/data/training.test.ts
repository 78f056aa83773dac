/** Datasets feed models: the same bits as tensors do, in memory that does not grow. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import { collect } from '../support/collect';
import { uniform } from '../support/random';

const ROWS = 53;
const values = uniform(5, ROWS * 3);
const labels = [...Array(ROWS).keys()].map((i) => i % 3);
const text = `a,b,c,y\n${labels.map((y, i) => [...values.subarray(3 * i, 3 * i + 3), y].join(',')).join('\n')}\n`;

const network = (): sg.Sequential => {
  sg.setSeed(3);
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 8, activation: 'relu', inputShape: [3] }),
      sg.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: sg.train.adam(0.02), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
};
const weightsOf = (model: sg.Sequential) => model.getWeights().map((w) => w.dataSync());

const rows = () =>
  sg.data
    .csv({ text }, { columnConfigs: { y: { isLabel: true } } })
    .map(({ xs, ys }) => ({ xs: Object.values(xs) as number[], ys: ys.y as number }));

describe('fitDataset', () => {
  const pipelines = {
    'rows of numbers': () => rows().batch(8),
    'read ahead, of tensors': () =>
      rows()
        .map(({ xs, ys }) => ({ xs: sg.tensor1d(xs), ys: sg.scalar(ys) }))
        .prefetch(20)
        .batch(8)
        .prefetch(2),
    'pairs, through promises': () =>
      rows()
        .mapAsync(async ({ xs, ys }) => [sg.tensor1d(xs), sg.scalar(ys)] as const)
        .batch(8),
  };
  test.each(Object.entries(pipelines))('%s: the bits of fit', async (_, dataset) => {
    const [a, b] = [network(), network()];
    const x = sg.tensor2d(values, [ROWS, 3]);
    const y = sg.tensor1d(labels);
    const { history } = await a.fitDataset(dataset(), { epochs: 3, validationData: dataset(), verbose: 0 });
    const expected = await b.fit(x, y, { epochs: 3, batchSize: 8, shuffle: false, validationData: [x, y], verbose: 0 });
    expect(weightsOf(a)).toEqual(weightsOf(b));
    expect(history).toEqual(expected.history);
    await collect();
    const before = sg.memory().numTensors;
    await a.fitDataset(dataset(), { epochs: 2, verbose: 0 });
    await a.evaluateDataset(dataset()).then(sg.dispose);
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
  });

  test('shuffled by seed: the same weights twice; without end: so many batches', async () => {
    const train = async () => {
      const model = network();
      const dataset = rows().shuffle(20, 'order').repeat().batch(8);
      await model.fitDataset(dataset, { epochs: 3, batchesPerEpoch: 5, verbose: 0 });
      return weightsOf(model);
    };
    expect(await train()).toEqual(await train());
  });

  test('an error in the data arrives, and nothing is left behind', async () => {
    const model = network();
    await model.fitDataset(rows().batch(8), { verbose: 0 });
    const before = sg.memory().numTensors;
    const broken = rows()
      .map((e) => {
        if (e.xs[0] === values[60]) throw new Error('bad row');
        return { xs: sg.tensor1d(e.xs), ys: e.ys };
      })
      .prefetch(3)
      .batch(8);
    const fit = model.fitDataset(broken, { verbose: 0 });
    await expect(fit).rejects.toThrow(sg.DatasetError);
    await expect(fit).rejects.toThrow('map: element 20: bad row');
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
  });
});
