/** The same bits with any number of threads, memory that does not grow, and models that share layers. */
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { classes, classifier, random, read, settle, values, weightsOf } from './helpers';

type Tensor = sg.Tensor;

afterAll(() => sg.setThreads(1));

const image = (): sg.Sequential => {
  sg.setSeed(5);
  return sg.sequential({
    layers: [
      sg.layers.conv2d({ filters: 9, kernelSize: 3, activation: 'relu', padding: 'same', inputShape: [10, 9, 2] }),
      sg.layers.batchNormalization(),
      sg.layers.maxPooling2d(),
      sg.layers.conv2d({ filters: 17, kernelSize: 2, strides: 2, activation: 'tanh' }),
      sg.layers.dropout({ rate: 0.3 }),
      sg.layers.averagePooling2d({ poolSize: 2, strides: 1 }),
      sg.layers.flatten(),
      sg.layers.dense({ units: 33, activation: 'sigmoid' }),
      sg.layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });
};

describe('threads', () => {
  const run = async (optimizer: string): Promise<{ weights: number[][]; outputs: number[][] }> => {
    const model = image();
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const [x, y] = [random(1, [50, 10, 9, 2]), classes(50, 4)];
    const outputs: number[][] = [];
    for (let i = 0; i < 20; i++) outputs.push((await model.trainOnBatch(x.slice(0, 17), y.slice(0, 17))) as number[]);
    // Four batches, the last short: with those before, more than thirty steps.
    const { history } = await model.fit(x, y, { epochs: 3, batchSize: 16, validationSplit: 0.1 });
    outputs.push(...Object.values(history), values(model.predict(x)), read(model.evaluate(x, y)));
    const weights = weightsOf(model);
    model.dispose();
    return { weights, outputs };
  };

  it.each(['adam', 'rmsprop', 'momentum', 'sgd'])('%s: the same bits with two as with one', async (optimizer) => {
    const alone = await run(optimizer);
    expect(alone.weights.flat().every(Number.isFinite)).toBe(true);
    expect(await sg.setThreads(2)).toBe(2);
    expect(sg.getThreads()).toBe(2);
    expect(await run(optimizer)).toEqual(alone);
    await sg.setThreads(1);
    expect(await run(optimizer)).toEqual(alone);
  });

  it('the number may change in the middle of a training', async () => {
    const [a, b] = [0, 1].map(() => settle(classifier())) as [sg.Sequential, sg.Sequential];
    const [x, y] = [random(2, [12, 4]), classes(12)];
    for (const m of [a, b]) m.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    for (let i = 0; i < 9; i++) await a.trainOnBatch(x, y);
    for (const threads of [1, 2, 1]) {
      await sg.setThreads(threads);
      for (let i = 0; i < 3; i++) await b.trainOnBatch(x, y);
    }
    expect(weightsOf(b)).toEqual(weightsOf(a));
  });
});

/** What may not grow. It may shrink meanwhile: what earlier tests forgot is collected at some time. */
const used = () => {
  const { numTensors, numDataBuffers, numBytes } = sg.memory();
  return { numTensors, numDataBuffers, numBytes };
};

/** Runs `fn` until all that is made once exists, then many times. */
async function expectNoGrowth(times: number, fn: (i: number) => unknown): Promise<void> {
  for (let i = 0; i < 10; i++) await fn(i);
  const before = used();
  for (let i = 0; i < times; i++) await fn(i);
  const after = used();
  for (const [name, value] of Object.entries(before))
    expect(after[name as keyof typeof after], name).toBeLessThanOrEqual(value);
}

describe('memory does not grow', () => {
  const x = random(3, [8, 4]);
  const y = classes(8);
  const compiled = (): sg.Sequential => {
    const model = settle(classifier());
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  };

  it('in 10,000 steps', async () => {
    const model = compiled();
    await expectNoGrowth(10_000, () => model.trainOnBatch(x, y));
  });

  it('in 10,000 eager ops', () => {
    const ops: readonly ((t: Tensor) => Tensor)[] = [
      (t) => t.exp().add(t).sum(0),
      (t) => t.matMul(t, false, true).relu(),
      (t) => t.reshape([2, 16]).transpose().slice(1, 3),
      (t) => sg.concat([t, t], 1).softmax(),
      (t) => t.sum([0, 1], true).mul(t),
    ];
    return expectNoGrowth(4000, (i) => sg.tidy(() => void (ops[i % ops.length] as (t: Tensor) => Tensor)(x)));
  });

  it('in gradients', () => expectNoGrowth(200, () => sg.dispose(sg.valueAndGrad((t) => t.tanh().square().sum())(x))));

  it('in fit, evaluate and predict', async () => {
    const model = compiled();
    await expectNoGrowth(50, async () => {
      await model.fit(x, y, { epochs: 2, batchSize: 3, validationSplit: 0.25 });
      read(model.evaluate(x, y, { batchSize: 3 }));
      read(model.testOnBatch(x, y));
      model.predict(x).dispose();
    });
  });

  it('in steps that fail', async () => {
    const model = compiled();
    const bad = classes(8, 4);
    await expectNoGrowth(50, () => expect(model.trainOnBatch(x, bad)).rejects.toThrow(sg.IndexError));
    const wide = sg.zeros([8, 7]);
    await expectNoGrowth(50, () => expect(model.trainOnBatch(x, wide)).rejects.toThrow(sg.ShapeError));
  });

  it('in compiling again', async () => {
    const model = compiled();
    await expectNoGrowth(50, async () => {
      model.compile({ optimizer: 'rmsprop', loss: 'sparseCategoricalCrossentropy' });
      await model.trainOnBatch(x, y);
    });
  });

  it('in setting weights', () => {
    const model = compiled();
    const weights = model.getWeights();
    const integers = weights.map((w) => w.cast('int32'));
    return expectNoGrowth(50, () => {
      model.setWeights(weights);
      model.setWeights(integers);
    });
  });

  it('in models that are made and disposed of', async () => {
    await expectNoGrowth(20, async () => {
      const model = compiled();
      await model.fit(x, y, { batchSize: 3 });
      model.predict(x).dispose();
      model.dispose();
    });
  });

  it('of models whose training failed', async () => {
    const wide = sg.zeros([8, 7]);
    await expectNoGrowth(20, async () => {
      const model = compiled();
      await expect(model.trainOnBatch(x, wide)).rejects.toThrow(sg.ShapeError);
      model.dispose();
    });
  });
});

describe('a loop that forgets its tensors', () => {
  it('goes on, if it waits for their data', async () => {
    const one = sg.ones([1024, 1024]);
    // Five gigabytes in all, more than fits.
    for (let i = 0; i < 1250; i++) expect((await one.add(i).data())[i]).toBe(i + 1);
    expect(sg.memory().numBytes).toBeLessThan(3e9);
  });
});

describe('models that share a layer', () => {
  const x = random(4, [6, 4]);
  const y = random(5, [6, 2]);

  function pair(): { shared: sg.Layer; a: sg.Sequential; b: sg.Sequential } {
    const shared = sg.layers.dense({ units: 5, activation: 'tanh', inputShape: [4] });
    const a = sg.sequential({ layers: [shared, sg.layers.dense({ units: 2 })] });
    const b = sg.sequential({ layers: [shared, sg.layers.dense({ units: 2, activation: 'sigmoid' })] });
    settle(a, 1);
    const head = [random(9, [5, 2]), random(10, [2])];
    b.layers[1]?.setWeights(head);
    sg.dispose(head);
    return { shared, a, b };
  }

  it('train it in turn: both see what the other did', async () => {
    const { shared, a, b } = pair();
    a.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    b.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    for (let i = 0; i < 4; i++) {
      for (const model of [a, b]) {
        const before = weightsOf(shared);
        await model.trainOnBatch(x, y);
        expect(weightsOf(shared)).not.toEqual(before);
        expect(weightsOf(a).slice(0, 2)).toEqual(weightsOf(shared));
        expect(weightsOf(b).slice(0, 2)).toEqual(weightsOf(shared));
        for (const m of [a, b]) {
          const copy = settle(
            sg.sequential({
              layers: [
                sg.layers.dense({ units: 5, activation: 'tanh', inputShape: [4] }),
                sg.layers.dense({ units: 2, activation: m === b ? 'sigmoid' : 'linear' }),
              ],
            }),
          );
          copy.setWeights(m.getWeights());
          expect(values(m.predict(x))).toEqual(values(copy.predict(x)));
        }
      }
    }
  });

  it('compute what two models would that hand the weights over', async () => {
    const { a, b } = pair();
    const alone = pair().a;
    const other = pair().b;
    for (const m of [a, b, alone, other])
      m.compile({ optimizer: sg.train.momentum(0.1, 0.9), loss: 'meanSquaredError' });
    // `alone` and `other` come from two pairs: their layers are their own.
    for (let i = 0; i < 4; i++) {
      await a.trainOnBatch(x, y);
      await b.trainOnBatch(x, y);
      await alone.trainOnBatch(x, y);
      other.layers[0]?.setWeights(alone.layers[0]?.getWeights() as Tensor[]);
      await other.trainOnBatch(x, y);
      alone.layers[0]?.setWeights(other.layers[0]?.getWeights() as Tensor[]);
    }
    expect(weightsOf(a)).toEqual(weightsOf(alone));
    expect(weightsOf(b)).toEqual(weightsOf(other));
  });

  it('a new model over the layers of a trained one sees its weights', async () => {
    const { shared, a } = pair();
    a.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const features = sg.sequential({ layers: [shared] });
    features.predict(x);
    await a.trainOnBatch(x, y);
    const direct = sg
      .matMul(x, shared.weights[0] as Tensor)
      .add(shared.weights[1] as Tensor)
      .tanh();
    expect(values(features.predict(x))).toEqual(values(direct));
  });

  it('disposing of one leaves the other its weights', async () => {
    const { a, b } = pair();
    for (const m of [a, b]) m.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const expected = values(b.predict(x));
    a.dispose();
    expect(values(b.predict(x))).toEqual(expected);
    expect(await b.trainOnBatch(x, y)).toBeTypeOf('number');
  });

  it('disposing of both gives back all memory', () =>
    expectNoGrowth(10, async () => {
      const { a, b } = pair();
      for (const m of [a, b]) m.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      for (const m of [a, b]) await m.trainOnBatch(x, y);
      sg.dispose([a.predict(x), b.predict(x)]);
      a.dispose();
      b.dispose();
    }));
});
