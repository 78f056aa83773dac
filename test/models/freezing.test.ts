/** Frozen weights stay as they are; what was compiled is what is trained. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];
const { dense } = sg.layers;
const [x, y] = [sg.randomNormal([6, 2], 0, 1, 'float32', 1), sg.randomNormal([6, 1], 0, 1, 'float32', 2)];

const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
afterEach(() => warnings.mockClear());

const two = (first: object = {}): sg.Sequential =>
  sg.sequential({ layers: [dense({ units: 2, inputShape: [2], ...first }), dense({ units: 1 })] });
const compiled = (model: sg.Sequential): sg.Sequential => {
  model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
  return model;
};
const weightsOf = (layer: sg.Layer): string => layer.getWeights().map(values).join();

describe('frozen weights', () => {
  it('are not moved by constraints', async () => {
    const model = compiled(two({ useBias: false, kernelConstraint: 'nonNeg', trainable: false }));
    const [frozen] = model.layers as [sg.Layer];
    frozen.setWeights([
      sg.tensor2d([
        [-1, 2],
        [3, -4],
      ]),
    ]);
    await model.fit(x, y);
    expect(weightsOf(frozen)).toBe('-1,2,3,-4');
    frozen.trainable = true;
    await compiled(model).fit(x, y);
    expect(weightsOf(frozen)).not.toContain('-');
  });

  it('bear no penalty', async () => {
    const loss = async (trainable: boolean): Promise<number> => {
      const model = two({ kernelRegularizer: () => sg.scalar(100), trainable });
      model.layers[1]?.setWeights([sg.zeros([2, 1]), sg.zeros([1])]);
      const { history } = await compiled(model).fit(x, sg.zeros([6, 1]));
      return history.loss?.[0] as number;
    };
    expect(await loss(true)).toBe(100);
    expect(await loss(false)).toBe(0);
  });

  it('are left alone by minimize and variableGrads', () => {
    const model = two();
    const [first, second] = model.layers as [sg.Layer, sg.Layer];
    const cost = (): Tensor => (model.apply(x) as Tensor).sub(y).square().mean();
    const step = (): string[] => {
      const before = weightsOf(first);
      sg.train.sgd(0.1).minimize(cost);
      return before === weightsOf(first) ? [] : ['first'];
    };
    expect(step()).toEqual(['first']);
    first.trainable = false;
    expect(step()).toEqual([]);
    expect(Object.keys(sg.variableGrads(cost).grads)).toEqual(second.weights.map((w) => w.name));
    first.trainable = true;
    expect(step()).toEqual(['first']);
    model.trainable = false;
    expect(() => sg.variableGrads(cost)).toThrow(sg.ArgumentError);
  });

  it('are left alone by compiled steps too, and trained again when they are freed', () => {
    const model = two();
    const [first] = model.layers as [sg.Layer];
    const optimizer = sg.train.sgd(0.1);
    let traces = 0;
    const step = sg.jit((t: Tensor) => {
      traces++;
      optimizer.minimize(() => (model.apply(t) as Tensor).sub(y).square().mean());
    });
    const isMoved = (): boolean => {
      const before = weightsOf(first);
      step(x);
      return before !== weightsOf(first);
    };
    expect(isMoved()).toBe(true);
    for (const trainable of [false, true, false, true, true]) {
      first.trainable = trainable;
      expect(isMoved()).toBe(trainable);
    }
    // One program for each way.
    expect(traces).toBe(2);
  });

  it('of a layer that is frozen before it is built are not trained either', () => {
    const layer = dense({ units: 1, trainable: false });
    layer.apply(x);
    expect(layer.weights.map((w) => w.trainable)).toEqual([false, false]);
    layer.trainable = true;
    expect(layer.weights.map((w) => w.trainable)).toEqual([true, true]);
    const norm = sg.layers.batchNormalization();
    norm.apply(x);
    norm.trainable = false;
    norm.trainable = true;
    expect(norm.weights.map((w) => w.trainable)).toEqual([true, true, false, false]);
  });

  it('stand where they stood', () => {
    const model = sg.sequential({
      layers: [dense({ units: 2, inputShape: [2] }), sg.layers.batchNormalization(), dense({ units: 1 })],
    });
    const names = (): string[] => model.weights.map((w) => w.name);
    const before = names();
    expect(before.map((n) => n.split('/')[1])).toEqual(
      'kernel bias gamma beta kernel bias moving_mean moving_variance'.split(' '),
    );
    expect(model.getWeights(true)).toHaveLength(6);
    (model.layers[0] as sg.Layer).trainable = false;
    expect(names()).toEqual(before);
    expect(model.getWeights(true)).toHaveLength(4);
    expect(model.nonTrainableWeights).toHaveLength(4);
  });
});

describe('freezing after compile', () => {
  it('is warned of once, and counts from the next compile', async () => {
    for (const call of ['fit', 'trainOnBatch'] as const) {
      const run = (m: sg.Sequential, xs: Tensor, ys: Tensor): Promise<unknown> =>
        call === 'fit' ? m.fit(xs, ys, { shuffle: false }) : m.trainOnBatch(xs, ys);
      const model = compiled(two({ kernelRegularizer: 'l2', kernelConstraint: 'nonNeg' }));
      const twin = compiled(two({ kernelRegularizer: 'l2', kernelConstraint: 'nonNeg' }));
      twin.setWeights(model.getWeights());
      await run(model, x, y);
      await run(twin, x, y);
      expect(warnings).not.toHaveBeenCalled();
      (model.layers[0] as sg.Layer).trainable = false;
      for (let i = 0; i < 2; i++) {
        await run(model, x, y);
        await run(twin, x, y);
      }
      // Another shape: a program that is made now is of what was compiled too.
      await run(model, x.slice(0, 4), y.slice(0, 4));
      await run(twin, x.slice(0, 4), y.slice(0, 4));
      expect(warnings.mock.calls).toEqual([[expect.stringContaining(`${call}: 'trainable' of a layer has changed`)]]);
      warnings.mockClear();
      expect(weightsOf(model)).toBe(weightsOf(twin));
      const before = weightsOf(model.layers[0] as sg.Layer);
      await run(compiled(model), x, y);
      expect(weightsOf(model.layers[0] as sg.Layer)).toBe(before);
      expect(warnings).not.toHaveBeenCalled();
    }
  });

  it('leaves a discriminator its own training: batch normalization too goes on as it was compiled', async () => {
    const make = (): sg.Sequential =>
      compiled(
        sg.sequential({
          layers: [dense({ units: 2, inputShape: [2] }), sg.layers.batchNormalization(), dense({ units: 1 })],
        }),
      );
    const [inner, twin] = [make(), make()];
    twin.setWeights(inner.getWeights());
    inner.trainable = false;
    const whole = compiled(sg.sequential({ layers: [dense({ units: 2, inputShape: [3] }), inner] }));
    await whole.trainOnBatch(sg.ones([6, 3]), y);
    expect(weightsOf(inner)).toBe(weightsOf(twin));
    await inner.trainOnBatch(x, y);
    await twin.trainOnBatch(x, y);
    expect(weightsOf(inner)).toBe(weightsOf(twin));
  });
});

describe('model.layers', () => {
  it('cannot be changed; pop and add change the model', () => {
    const model = two();
    expect(() => (model.layers as sg.Layer[]).pop()).toThrow(TypeError);
    expect(model.layers).toBe(model.layers);
    const before = model.layers;
    model.pop();
    expect(model.outputShape).toEqual([null, 2]);
    expect(model.predict(x).shape).toEqual([6, 2]);
    expect([before.length, model.layers.length]).toEqual([2, 1]);
    const inputs = [sg.input({ shape: [2] })];
    const functional = sg.model({ inputs, outputs: dense({ units: 1 }).apply(inputs[0] as sg.SymbolicTensor) });
    inputs.pop();
    expect(functional.predict(x).shape).toEqual([6, 1]);
    for (const list of [functional.layers, functional.inputs, functional.outputs])
      expect(() => (list as unknown[]).pop()).toThrow(TypeError);
    const shape = [2];
    const layer = dense({ units: 1, inputShape: shape });
    shape.push(7);
    expect(layer.batchInputShape).toEqual([null, 2]);
  });
});

describe('states and sample weights', () => {
  it('evaluate of a stateful model goes on from batch to batch, as predict does', async () => {
    const make = (): sg.Sequential =>
      compiled(
        sg.sequential({
          layers: [sg.layers.lstm({ units: 1, stateful: true, batchInputShape: [2, 3, 2] })],
        }),
      );
    const model = make();
    const steps = sg.randomNormal([6, 3, 2], 0, 1, 'float32', 3);
    const wanted = values(sg.losses.meanSquaredError(y, model.predict(steps)))[0] as number;
    model.resetStates();
    expect(values(model.evaluate(steps, y) as Tensor)[0]).toBeCloseTo(wanted, 6);
    const after = model.layers[0]?.states.map(values);
    model.resetStates();
    model.predict(steps);
    expect(model.layers[0]?.states.map(values)).toEqual(after);
    model.resetStates();
    const batches = [0, 2, 4].map((i) => ({ xs: steps.slice(i, 2), ys: y.slice(i, 2) }));
    const losses = batches.map(({ xs, ys }) => values(model.testOnBatch(xs, ys) as Tensor)[0] as number);
    expect(losses.reduce((a, b) => a + b) / 3).toBeCloseTo(wanted, 6);
    model.resetStates();
    const loss = (await model.evaluateDataset(sg.data.array(batches))) as Tensor;
    expect(values(loss)[0]).toBeCloseTo(wanted, 6);
  });

  it('each of 70 outputs has its own sample weights', () => {
    const input = sg.input({ shape: [1] });
    const outputs = Array.from({ length: 70 }, () =>
      dense({ units: 1, useBias: false, kernelInitializer: 'ones' }).apply(input),
    );
    const model = sg.model({ inputs: input, outputs });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    for (const k of [0, 31, 32, 33, 64, 69]) {
      const sampleWeight = outputs.map((_, i) => (i === k ? sg.tensor1d([10]) : null));
      const targets = outputs.map(() => sg.zeros([1, 1]));
      const [, ...losses] = model.evaluate(sg.ones([1, 1]), targets, { sampleWeight }) as Tensor[];
      expect(losses.flatMap((t, i) => (values(t)[0] === 10 ? [i] : []))).toEqual([k]);
    }
  });
});
