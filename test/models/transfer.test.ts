/** Parts of models in other models: symbolic ends of layers and models, frozen layers, as TensorFlow.js has them. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random, settle, values, weightsOf } from './helpers';

const { layers } = sg;
const x = random(1, [6, 4]);

const base = (): sg.Sequential =>
  settle(
    sg.sequential({
      layers: [
        layers.dense({ units: 5, activation: 'tanh', inputShape: [4], name: 'first' }),
        layers.dense({ units: 3, activation: 'relu', name: 'middle' }),
        layers.dense({ units: 2, name: 'head' }),
      ],
    }),
  );

describe('symbolic ends', () => {
  it('of a sequential model and its layers', () => {
    const model = base();
    expect(model.inputs.map((t) => t.shape)).toEqual([[null, 4]]);
    expect(model.outputs[0]).toBe(model.getLayer('head').output);
    expect(model.output.shape).toEqual([null, 2]);
    expect(model.getLayer('middle').input).toBe(model.getLayer('first').output);
    model.pop();
    expect(model.output.shape).toEqual([null, 3]);
    model.add(layers.dense({ units: 7 }));
    expect(model.output.shape).toEqual([null, 7]);
  });

  it('are known once shapes are', () => {
    const model = sg.sequential({ layers: [layers.dense({ units: 2, name: 'late' })] });
    expect(() => model.inputs).toThrow(/input's shape is not known yet/);
    expect(() => model.getLayer('late').output).toThrow(/late: was called 0 times/);
    model.build([null, 3]);
    expect(model.input.shape).toEqual([null, 3]);
    expect((model.getLayer('late').output as sg.SymbolicTensor).shape).toEqual([null, 2]);
    model.pop();
    expect(() => model.output).toThrow(sg.StateError);
  });

  it('begin with an input layer, if there is one', () => {
    const first = layers.inputLayer({ inputShape: [4], name: 'own' });
    const model = sg.sequential({ layers: [first, layers.dense({ units: 2 })] });
    expect(model.input).toBe(first.output);
    expect(model.predict(x).shape).toEqual([6, 2]);
  });

  it('of a functional model, and of layers that are called twice', () => {
    const [a, b] = [sg.input({ shape: [4] }), sg.input({ shape: [4] })];
    const shared = layers.dense({ units: 2, name: 'shared' });
    const model = sg.model({ inputs: [a, b], outputs: layers.add().apply([shared.apply(a), shared.apply(b)]) });
    expect(model.input).toEqual([a, b]);
    expect(model.output.shape).toEqual([null, 2]);
    expect(() => shared.output).toThrow(/shared: was called 2 times on symbolic tensors/);
  });

  it('several results of one layer', () => {
    const lstm = layers.lstm({ units: 2, returnState: true });
    const [, , cell] = lstm.apply(sg.input({ shape: [3, 4] }));
    expect(lstm.output).toHaveLength(3);
    expect(lstm.output[2]).toBe(cell);
  });
});

describe('transfer', () => {
  it('a part of a model gives what stands there', () => {
    const model = base();
    const features = sg.model({ inputs: model.inputs, outputs: model.getLayer('middle').output });
    const [first, middle] = model.layers as [sg.Layer, sg.Layer];
    expect(values(features.predict(x) as sg.Tensor)).toEqual(values(middle.apply(first.apply(x))));
  });

  it('a new head on frozen layers', async () => {
    const model = base();
    for (const layer of model.layers) layer.trainable = false;
    const out = layers.dense({ units: 1, name: 'new' }).apply(model.getLayer('middle').output);
    const tuned = sg.model({ inputs: model.inputs, outputs: out });
    tuned.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    const before = weightsOf(model);
    const { history } = await tuned.fit(x, sg.ones([6, 1]), { epochs: 5 });
    expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number);
    expect(weightsOf(model)).toEqual(before);
  });
});

it('predict is part of a gradient and of compiled functions', () => {
  const [a, b] = [base(), base()];
  const loss = (model: sg.Sequential, call: (t: sg.Tensor) => sg.Tensor): number[][] => {
    sg.train.sgd(0.1).minimize(() => call(x).square().mean());
    return weightsOf(model);
  };
  expect(loss(a, (t) => a.predict(t))).toEqual(loss(b, (t) => b.apply(t)));
  expect(values(sg.jit((t: sg.Tensor) => a.predictOnBatch(t))(x))).toEqual(values(a.predict(x)));
});

it('resetStates of a model are those of its layers', () => {
  const model = sg.sequential({
    layers: [
      layers.gru({ units: 2, stateful: true, returnSequences: true, batchInputShape: [1, 3, 2] }),
      layers.dense({ units: 2 }),
      layers.bidirectional({ layer: layers.simpleRNN({ units: 2, stateful: true }) }),
    ],
  });
  settle(model);
  const series = random(3, [1, 3, 2]);
  const first = values(model.predict(series));
  expect(values(model.predict(series))).not.toEqual(first);
  model.resetStates();
  expect(values(model.predict(series))).toEqual(first);
  base().resetStates();
});

it('nextFrame lets others run', async () => {
  let isFree = false;
  setTimeout(() => {
    isFree = true;
  });
  for (let i = 0; i < 1000 && !isFree; i++) await sg.nextFrame();
  expect(isFree).toBe(true);
});

describe('lives of layers in several models', () => {
  const encoder = (): sg.Sequential => settle(sg.sequential({ layers: [layers.dense({ units: 3, inputShape: [4] })] }));
  const around = (inner: sg.Layer): sg.Sequential =>
    sg.sequential({ layers: [inner, layers.dense({ units: 1, kernelInitializer: 'ones' })] });

  it('a model inside lives as long as anybody holds it', () => {
    const inner = encoder();
    const [a, b] = [around(inner), around(inner)];
    const [own, whole] = [values(inner.predict(x)), values(b.predict(x))];
    a.dispose();
    a.dispose();
    expect(values(b.predict(x.slice(0, 5)))).toEqual(whole.slice(0, 5));
    expect(values(inner.predict(x))).toEqual(own);
    b.dispose();
    expect(values(inner.predict(x.slice(0, 2)))).toEqual(own.slice(0, 6));
    inner.dispose();
    expect(() => inner.predict(x)).toThrow(sg.DisposedError);
  });

  it('a layer that was popped keeps its weights', () => {
    const model = base();
    const before = values(model.predict(x));
    const head = model.getLayer('head');
    model.pop();
    expect(() => head.output).toThrow(/called 0 times/);
    model.add(head);
    expect(values(model.predict(x))).toEqual(before);
    expect(head.output).toBe(model.output);
  });

  it('a layer whose weights are gone says so', () => {
    const dense = layers.dense({ units: 2, inputShape: [4], name: 'gone' });
    sg.sequential({ layers: [dense] }).dispose();
    expect(() => dense.apply(x)).toThrow(/gone: the layer was disposed of; make a new one/);
  });

  it('a layer that is reached in two ways has one penalty', () => {
    const l2 = layers.dense({
      units: 4,
      useBias: false,
      kernelInitializer: 'ones',
      kernelRegularizer: sg.regularizers.l2({ l2: 1 }),
      kernelConstraint: 'nonNeg',
      inputShape: [4],
    });
    const inner = sg.sequential({ layers: [l2] });
    const input = sg.input({ shape: [4] });
    const model = sg.model({ inputs: input, outputs: l2.apply(inner.apply(input)) });
    expect(model.losses.map((l) => values(l))).toEqual([[16]]);
    expect(model.constraints).toHaveLength(1);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    expect(values(model.evaluate(sg.zeros([2, 4]), sg.zeros([2, 4])) as sg.Tensor)).toEqual([16]);
  });
});

describe('shapes that were first', () => {
  it('a call on some examples does not fix their number', async () => {
    const model = sg.sequential({ layers: [layers.dense({ units: 2 })] });
    model.apply(sg.ones([8, 4]));
    expect(model.predict(sg.ones([5, 4])).shape).toEqual([5, 2]);
    const dense = layers.dense({ units: 2 });
    dense.apply(sg.ones([8, 4]));
    const other = sg.sequential({ layers: [dense, layers.dense({ units: 1 })] });
    other.compile({ optimizer: 'sgd', loss: 'mse' });
    await other.fit(sg.ones([20, 4]), sg.ones([20, 1]));
    expect(other.inputs[0]?.shape).toEqual([null, 4]);
    const copy = sg.serialization.deserializeLayer(sg.serialization.serializeLayer(model)) as sg.Sequential;
    expect(copy.predict(sg.ones([3, 4])).shape).toEqual([3, 2]);
  });

  it('a build that fails leaves nothing behind', () => {
    const model = sg.sequential({
      layers: [layers.reshape({ targetShape: [4, 4] }), layers.flatten(), layers.dense({ units: 1 })],
    });
    expect(() => model.predict(sg.ones([2, 15]))).toThrow(sg.ShapeError);
    expect(() => model.build([null, 15])).toThrow(sg.ShapeError);
    expect(() => model.inputs).toThrow(sg.StateError);
    expect(model.predict(sg.ones([2, 16])).shape).toEqual([2, 1]);
    expect(model.output.shape).toEqual([null, 1]);
    expect(model.layers.map((l) => l.connections.length)).toEqual([1, 1, 1]);
  });

  it('a layer that does not fit is not added', () => {
    const model = sg.sequential();
    expect(() => model.add(layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [4] }))).toThrow(sg.ShapeError);
    model.add(layers.dense({ units: 2, inputShape: [5] }));
    expect(sg.model({ inputs: model.inputs, outputs: model.outputs }).predict(sg.ones([1, 5]))).toBeDefined();
  });

  it('a second build with another shape is refused', () => {
    const model = sg.sequential({ layers: [layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] })] });
    model.build([null, 8, 8, 1]);
    expect(() => model.build([null, 16, 16, 1])).toThrow(/was built for \[null, 8, 8, 1\], got \[null, 16, 16, 1\]/);
  });

  it('the element type of the first layer is that of the input', () => {
    const embedding = layers.embedding({ inputDim: 3, outputDim: 2, inputShape: [4], dtype: 'int32' });
    expect(sg.sequential({ layers: [embedding] }).input.dtype).toBe('int32');
  });
});
