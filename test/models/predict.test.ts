/** predict, evaluate, and the calls for one batch. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { trainerOf } from '../../src/models/trainer';
import { expectClose, expectSameBits } from '../support/compare';
import { classes, classifier, linear, random, read, settle, values, weightsOf } from './helpers';

type Tensor = sg.Tensor;

const deep = (): sg.Sequential =>
  settle(
    sg.sequential({
      layers: [
        sg.layers.conv2d({ filters: 18, kernelSize: 3, activation: 'relu', padding: 'same', inputShape: [6, 5, 2] }),
        sg.layers.maxPooling2d({ padding: 'same' }),
        sg.layers.conv2d({ filters: 3, kernelSize: 2, activation: 'sigmoid' }),
        sg.layers.dropout({ rate: 0.5 }),
        sg.layers.flatten(),
        sg.layers.dense({ units: 37, activation: 'tanh' }),
        sg.layers.dense({ units: 5, activation: 'softmax' }),
      ],
    }),
  );

const compiled = (): sg.Sequential => {
  const model = settle(classifier());
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
};

describe('predict', () => {
  it.each([
    ['conv', deep, [6, 5, 2]],
    ['dense', () => settle(classifier()), [4]],
    ['wide', () => settle(linear(300, 130, { activation: 'softplus' })), [300]],
  ] as const)('%s: an example alone gives the bits that it gives in any batch', (_, make, shape) => {
    const model = make();
    const x = random(5, [41, ...shape]);
    const all = model.predict(x, { batchSize: 41 });
    const width = all.size / 41;
    for (const batchSize of [1, 2, 3, 7, 32, 40, 1000])
      expectSameBits(model.predict(x, { batchSize }), all, `batches of ${batchSize}`);
    for (const i of [0, 1, 20, 40]) {
      expectSameBits(
        model.predict(x.slice(i, 1)).dataSync(),
        all.dataSync().slice(i * width, (i + 1) * width),
        `row ${i}`,
      );
    }
    expectSameBits(model.predictOnBatch(x), all);
    expectSameBits(model.predictOnBatch(x.slice(7, 9)), all.slice(7, 9));
    expectSameBits(model.predict([x]), all);
  });

  it('sees new weights at once', async () => {
    const model = linear(2, 1, { useBias: false });
    const x = sg.tensor2d([[1, 10]]);
    for (const w of [
      [1, 2],
      [3, 4],
    ]) {
      model.setWeights([sg.tensor(w, [2, 1])]);
      expect(values(model.predict(x))).toEqual([(w[0] as number) + 10 * (w[1] as number)]);
    }
    model.compile({ optimizer: sg.train.sgd(1), loss: 'meanSquaredError' });
    expect(values(model.predict(x))).toEqual([43]);
    await model.trainOnBatch(sg.tensor2d([[1, 0]]), sg.tensor2d([[2]]));
    expect(values(model.predict(x))).toEqual([41]);
  });

  it('takes integers and booleans for numbers, whatever came before', () => {
    const model = linear(2, 1, { useBias: false, kernelInitializer: 'ones' });
    const runs = (): number[][] =>
      [
        sg.tensor2d([[1, 2]]),
        sg.tensor2d([[1, 2]], undefined, 'int32'),
        sg.tensor2d([[true, false]]),
        sg.tensor2d([[-1.5, 2]]),
      ].map((x) => values(model.predict(x)));
    expect(runs()).toEqual([[3], [3], [1], [0.5]]);
    expect(runs()).toEqual([[3], [3], [1], [0.5]]);
  });

  it('leaves only its result behind', () => {
    const model = deep();
    const x = random(5, [41, 6, 5, 2]);
    model.predict(x).dispose();
    const { numTensors, numDataBuffers, numBytes } = sg.memory();
    const y = model.predict(x);
    expect(sg.memory().numTensors).toBe(numTensors + 1);
    y.dispose();
    expect(sg.memory()).toMatchObject({ numTensors, numDataBuffers, numBytes });
  });

  it('of no examples is empty', () => {
    expect(deep().predict(sg.zeros([0, 6, 5, 2])).shape).toEqual([0, 5]);
  });

  it('NaN stays in its own row', () => {
    const x = sg.tensor2d([
      [1, 2, 3, 4],
      [Number.NaN, 2, 3, 4],
      [4, 3, 2, 1],
    ]);
    const y = values(settle(classifier()).predict(x));
    expect(y.map(Number.isNaN)).toEqual([false, false, false, true, true, true, false, false, false]);
  });

  it.each([0, -1, 1.5, Number.NaN])('batches of %f are refused', (batchSize) => {
    const model = settle(classifier());
    const x = sg.ones([6, 4]);
    // A loop that does not end shows as an error of another kind.
    const address = x.address.bind(x);
    let calls = 0;
    x.address = (where) => {
      if (++calls > 100) throw new Error('endless');
      return address(where);
    };
    expect(() => model.predict(x, { batchSize })).toThrow(sg.ArgumentError);
  });

  it.each([
    ['too few columns', () => sg.ones([2, 3]), sg.ShapeError, /\[null, 4\].*\[2, 3\]/],
    ['no batch', () => sg.ones([4]), sg.ShapeError, /\[null, 4\].*\[4\]/],
    ['too many dimensions', () => sg.ones([1, 2, 4]), sg.ShapeError, /\[1, 2, 4\]/],
    ['two tensors', () => [sg.ones([2, 4]), sg.ones([2, 4])], sg.ArgumentError, /one tensor/],
    ['no tensor', () => [], sg.ArgumentError, /one tensor/],
    ['an array', () => [[1, 2, 3, 4]], sg.ArgumentError, /tensor/],
    ['nothing', () => undefined, sg.ArgumentError, /tensor/],
    [
      'a disposed tensor',
      () => {
        const t = sg.ones([2, 4]);
        t.dispose();
        return t;
      },
      sg.DisposedError,
      /disposed/,
    ],
  ])('%s: an error', (_, make, kind, message) => {
    const model = classifier();
    for (const call of ['predict', 'predictOnBatch'] as const) {
      expect(() => model[call](make() as Tensor), call).toThrow(kind);
      expect(() => model[call](make() as Tensor), call).toThrow(message);
    }
  });

  it('a model that was disposed of is not used again', () => {
    const model = classifier();
    model.predict(sg.ones([1, 4]));
    model.dispose();
    expect(() => model.predict(sg.ones([1, 4]))).toThrow(sg.DisposedError);
  });
});

describe('evaluate', () => {
  const x = random(6, [23, 4]);
  const y = classes(23);

  it('is the mean over all examples, for batches of any size', () => {
    const model = compiled();
    const probabilities = values(model.predict(x));
    const label = (i: number): number => i % 3;
    const rows = Array.from({ length: 23 }, (_, i) => probabilities.slice(3 * i, 3 * i + 3));
    const loss = rows.reduce((sum, row, i) => sum - Math.log(row[label(i)] as number), 0) / 23;
    const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === label(i)).length / 23;
    for (const batchSize of [undefined, 1, 4, 22, 23, 500]) {
      const [l, a] = read(model.evaluate(x, y, { batchSize }));
      expect(l).toBeCloseTo(loss, 5);
      expect(a).toBe(Math.fround(right));
    }
  });

  it('is one scalar without metrics, else a list', () => {
    const model = compiled();
    expect(model.metricsNames).toEqual(['loss', 'acc']);
    const both = model.evaluate(x, y) as Tensor[];
    expect(both.map((t) => t.shape)).toEqual([[], []]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const loss = model.evaluate(x, y) as Tensor;
    expect(loss.shape).toEqual([]);
    expect(values(loss)).toEqual(values(both[0] as Tensor));
  });

  it('leaves weights and optimizer alone, and dropout off', () => {
    const model = deep();
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const before = weightsOf(model);
    const images = random(7, [9, 6, 5, 2]);
    const [a, b] = [0, 1].map(() => read(model.evaluate(images, classes(9, 5))));
    expect(a).toEqual(b);
    expect(weightsOf(model)).toEqual(before);
    expect(model.optimizer.iterations).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('batches of %f are refused', (batchSize) => {
    const model = compiled();
    const trainer = trainerOf(model);
    const step = trainer.stepFor.bind(trainer);
    let calls = 0;
    trainer.stepFor = (...given) => {
      if (++calls > 100) throw new Error('endless');
      return step(...given);
    };
    expect(() => model.evaluate(x, y, { batchSize })).toThrow(sg.ArgumentError);
  });
});

describe('one batch', () => {
  const x = random(8, [7, 4]);
  const y = classes(7);

  it('testOnBatch gives what evaluate gives', () => {
    const model = compiled();
    expectClose(read(model.testOnBatch(x, y)), read(model.evaluate(x, y)), 1e-6);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    expect((model.testOnBatch(x, y) as Tensor).shape).toEqual([]);
  });

  it('trainOnBatch gives the loss before its step', async () => {
    const model = compiled();
    const before = read(model.testOnBatch(x, y));
    expectClose((await model.trainOnBatch(x, y)) as number[], before, 1e-6);
    expect(read(model.testOnBatch(x, y))[0]).toBeLessThan(before[0] as number);
    expect(model.optimizer.iterations).toBe(1);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    expect(await model.trainOnBatch([x], [y])).toBeTypeOf('number');
  });

  it('batches of different sizes may alternate', async () => {
    const [a, b] = [compiled(), compiled()];
    for (const n of [7, 1, 4, 7, 1]) await a.trainOnBatch(x.slice(0, n), y.slice(0, n));
    for (const n of [7, 1, 4, 7, 1]) await b.fit(x.slice(0, n), y.slice(0, n), { shuffle: false });
    expect(weightsOf(a)).toEqual(weightsOf(b));
  });
});
