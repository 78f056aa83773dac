/** Promises of the library that users meet first: what wrong input gives, and that long runs do not grow. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import { collect } from '../support/collect';

const classifier = (loss = 'sparseCategoricalCrossentropy'): sg.Sequential => {
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 8, activation: 'relu', inputShape: [4] }),
      sg.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'] });
  return model;
};

const labels = (...values: number[]): sg.Tensor => sg.tensor1d(values, 'int32');

describe('wrong input', () => {
  test('predict on a wrong shape', () => {
    expect(() => classifier().predict(sg.zeros([2, 5]))).toThrow(sg.ShapeError);
    expect(() => classifier().predict(sg.zeros([2, 5]))).toThrow(/\[null, 4\].*\[2, 5\]/);
  });

  test('fit with mismatched lengths', async () => {
    const fit = classifier().fit(sg.zeros([6, 4]), labels(1, 2, 3));
    await expect(fit).rejects.toThrow(sg.ArgumentError);
    await expect(fit).rejects.toThrow(/6 examples.*3/);
  });

  test('a label 10 for 10 classes: an error, and no weight has changed', async () => {
    const model = classifier();
    const before = model.getWeights().map((w) => w.dataSync());
    const step = model.trainOnBatch(sg.ones([2, 4]), labels(3, 10));
    await expect(step).rejects.toThrow(sg.IndexError);
    await expect(step).rejects.toThrow(/y\[1\] is 10.*\[0, 10\)/);
    expect(model.getWeights().map((w) => w.dataSync())).toEqual(before);
    // The next step works again.
    expect(await model.trainOnBatch(sg.ones([2, 4]), labels(3, 9))).toHaveLength(2);
  });

  test('an unknown loss', () => {
    expect(() => classifier('crossentropie')).toThrow(sg.ArgumentError);
    expect(() => classifier('crossentropie')).toThrow(/'crossentropie'.*categoricalCrossentropy/);
  });

  test('a NaN label is no class', async () => {
    const y = sg.tensor1d([1, Number.NaN]);
    await expect(classifier().trainOnBatch(sg.ones([2, 4]), y)).rejects.toThrow(sg.IndexError);
  });
});

test('an example predicted alone gives the bits that it gives in any batch', () => {
  const model = sg.sequential({
    layers: [
      sg.layers.conv2d({ filters: 5, kernelSize: 3, activation: 'tanh', inputShape: [7, 6, 3], padding: 'same' }),
      sg.layers.batchNormalization(),
      sg.layers.averagePooling2d(),
      sg.layers.flatten(),
      sg.layers.dense({ units: 33, activation: 'sigmoid' }),
      sg.layers.dense({ units: 7, activation: 'softmax' }),
    ],
  });
  const x = sg.randomNormal([37, 7, 6, 3]);
  const all = model.predict(x, { batchSize: 37 }).dataSync();
  for (const batchSize of [1, 2, 5, 16, 32]) expect(model.predict(x, { batchSize }).dataSync()).toEqual(all);
  for (const row of [0, 17, 36]) {
    expect(model.predict(x.slice(row, 1)).dataSync()).toEqual(all.slice(row * 7, row * 7 + 7));
  }
});

test('10,000 steps leave memory as it was', async () => {
  const model = classifier();
  const x = sg.randomUniform([8, 4]);
  const y = sg.randomUniformInt([8], 0, 10);
  await model.trainOnBatch(x, y);
  await collect();
  const before = sg.memory();
  for (let i = 0; i < 10_000; i++) await model.trainOnBatch(x, y);
  const after = sg.memory();
  expect(after.numTensors).toBe(before.numTensors);
  expect(after.numBytes).toBe(before.numBytes);
});
