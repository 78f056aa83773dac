/** Layers and models from their settings, with classes and functions of users. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectSameBits } from '../support/compare';
import { uniform } from '../support/random';
import { layerTable } from '../tables/layers/table';

type Tensor = sg.Tensor;
const { deserializeLayer, registerClass, serializeLayer } = sg.serialization;
const random = (seed: number, shape: number[]): Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

/** The same model from its settings, by way of text, with the same weights. */
function again<M extends sg.Sequential | sg.Functional>(model: M): M {
  const text = JSON.stringify(serializeLayer(model));
  const copy = deserializeLayer(JSON.parse(text)) as M;
  expect(JSON.stringify(serializeLayer(copy))).toBe(text);
  expect(copy.weights.map((w) => w.name)).toEqual(model.weights.map((w) => w.name));
  copy.setWeights(model.getWeights());
  return copy;
}

class Scale extends sg.layers.Layer {
  static override className = 'TestScale';
  readonly by: number;

  constructor(args: { by: number; name?: string }) {
    super(args);
    this.by = args.by;
  }

  call(x: Tensor): Tensor {
    return x.mul(this.by);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), by: this.by };
  }
}

describe('layers', () => {
  const classes = new Set(layerTable.map((c) => c.layer));
  it.each([...classes])('%s is found by its class name', (factory) => {
    const row = layerTable.find((c) => c.layer === factory);
    const make = (sg.layers as unknown as Record<string, (config?: object) => sg.Layer>)[factory];
    const layer = (make as (config?: object) => sg.Layer)({ ...row?.config });
    const copy = deserializeLayer(JSON.parse(JSON.stringify(serializeLayer(layer))));
    expect(copy.constructor).toBe(layer.constructor);
    expect(JSON.stringify(copy.getConfig())).toBe(JSON.stringify(layer.getConfig()));
  });

  it.each<[string, () => sg.Layer, number[]]>([
    ['rnn', () => sg.layers.rnn({ cell: sg.layers.gruCell({ units: 2 }) }), [3, 4]],
    [
      'rnn of several cells',
      () => sg.layers.rnn({ cell: [sg.layers.lstmCell({ units: 2 }), sg.layers.simpleRNNCell({ units: 3 })] }),
      [3, 4],
    ],
    ['bidirectional', () => sg.layers.bidirectional({ layer: sg.layers.lstm({ units: 2, name: 'both' }) }), [3, 4]],
    ['timeDistributed', () => sg.layers.timeDistributed({ layer: sg.layers.dense({ units: 2 }) }), [3, 4]],
    ['spectralNormalization', () => sg.layers.spectralNormalization({ layer: sg.layers.dense({ units: 2 }) }), [4]],
  ])('%s: the layers inside too', (_, make, shape) => {
    const layer = make();
    const text = JSON.stringify(serializeLayer(layer));
    const copy = deserializeLayer(JSON.parse(text));
    expect(JSON.stringify(serializeLayer(copy))).toBe(text);
    const x = random(11, [2, ...shape]);
    const y = layer.apply(x);
    copy.apply(x);
    expect(copy.weights.map((w) => w.shape)).toEqual(layer.weights.map((w) => w.shape));
    copy.setWeights(layer.getWeights());
    expectSameBits(copy.apply(x), y);
  });

  it('of users are made once they are registered', () => {
    const layer = new Scale({ by: 3 });
    expect(() => deserializeLayer(serializeLayer(layer))).toThrow(/unknown class 'TestScale'.*registerClass/);
    registerClass(Scale);
    expect((deserializeLayer(serializeLayer(layer)) as Scale).by).toBe(3);
    registerClass(Scale, 'mine', 'Other');
    expect(serializeLayer(layer).className).toBe('mine>Other');
    expect(deserializeLayer(serializeLayer(layer))).toBeInstanceOf(Scale);
    expect(() => registerClass(undefined as never)).toThrow(sg.ArgumentError);
    expect(() => registerClass((() => 0) as never)).toThrow(sg.ArgumentError);
    expect(() => deserializeLayer({ className: 'Layer', config: {} })).toThrow(sg.ArgumentError);
  });

  it('hold functions of users by name', () => {
    const cube = (x: Tensor): Tensor => x.mul(x).mul(x);
    const dense = sg.layers.dense({ units: 2, activation: cube });
    expect(() => deserializeLayer(serializeLayer(dense))).toThrow(/unknown activation 'cube'/);
    const lambda = sg.layers.lambda(cube);
    expect(() => deserializeLayer(serializeLayer(lambda))).toThrow(/'cube'.*registerClass/);
    registerClass(cube);
    const x = random(1, [2, 3]);
    const y = dense.apply(x);
    const copy = deserializeLayer(serializeLayer(dense));
    copy.apply(x);
    copy.setWeights(dense.getWeights());
    expectSameBits(copy.apply(x), y);
    expectSameBits(deserializeLayer(serializeLayer(lambda)).apply(x), cube(x));
  });
});

describe('lambda', () => {
  it('computes a function of a tensor, or of several, in models and alone', () => {
    const [a, b] = [sg.input({ shape: [3] }), sg.input({ shape: [null, 3] })];
    const sum = sg.layers.lambda(([p, q]: readonly [Tensor, Tensor]) => q.add(p.expandDims(1)).sum(-1));
    const y = sum.apply([a, b]) as sg.SymbolicTensor;
    expect(y.shape).toEqual([null, null]);
    const model = sg.model({ inputs: [a, b], outputs: y });
    const [p, q] = [random(1, [2, 3]), random(2, [2, 4, 3])];
    expectSameBits(model.predict([p, q]), q.add(p.expandDims(1)).sum(-1));
    const told = sg.layers.lambda((x: Tensor) => x.square(), { outputShape: [3], name: 'squares' });
    expect(told.name).toBe('squares');
    expect((told.apply(a) as sg.SymbolicTensor).shape).toEqual([null, 3]);
    expect(() => sg.layers.lambda(undefined as never)).toThrow();
  });
});

describe('sequential models', () => {
  it('are made again, with names, weights and nested models', () => {
    const inner = sg.sequential({ name: 'inner' });
    inner.add(sg.layers.dense({ units: 4, activation: 'relu', inputShape: [5], name: 'first' }));
    const model = sg.sequential({ name: 'outer' });
    model.add(inner);
    model.add(sg.layers.batchNormalization({ name: 'norm' }));
    model.add(sg.layers.dropout({ rate: 0.5, name: 'drop' }));
    model.add(sg.layers.dense({ units: 2, kernelRegularizer: 'l2', trainable: false, name: 'last' }));
    const copy = again(model);
    expect(copy.name).toBe('outer');
    expect(copy.layers.map((l) => l.className)).toEqual(['Sequential', 'BatchNormalization', 'Dropout', 'Dense']);
    expect(copy.trainableWeights.length).toBe(model.trainableWeights.length);
    const x = random(3, [6, 5]);
    expectSameBits(copy.predict(x), model.predict(x));
    const { layers } = model.getConfig() as { layers: { className: string }[] };
    expect(layers[3]?.className).toBe('Dense');
  });

  it('that were built later keep the shape', () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 3 })] });
    expect(model.getConfig().buildInputShape).toBeUndefined();
    model.build([null, 2]);
    const copy = again(model);
    const x = random(4, [2, 2]);
    expectSameBits(copy.predict(x), model.predict(x));
  });

  it('train as the original does', async () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [3] })] });
    const copy = again(model);
    const [x, y] = [random(5, [8, 3]), random(6, [8, 1])];
    for (const m of [model, copy]) {
      m.compile({ optimizer: 'adam', loss: 'mse' });
      await m.fit(x, y, { epochs: 3, batchSize: 4, shuffle: false });
    }
    expectSameBits(copy.predict(x), model.predict(x));
  });
});

describe('functional models', () => {
  it('are made again: shared layers, several inputs and outputs, models as layers', () => {
    const [a, b] = [sg.input({ shape: [4], name: 'a' }), sg.input({ shape: [4], name: 'b' })];
    const shared = sg.layers.dense({ units: 3, activation: 'tanh', name: 'shared' });
    const inner = sg.sequential({ layers: [sg.layers.dense({ units: 3, inputShape: [3] })], name: 'nested' });
    const [p, q] = [shared.apply(a) as sg.SymbolicTensor, shared.apply(b) as sg.SymbolicTensor];
    // Used outside of the model too: the numbers of calls are those inside.
    const later = shared.apply(sg.input({ shape: [4] }));
    expect(later).toBeInstanceOf(sg.SymbolicTensor);
    const sum = sg.layers.add({ name: 'sum' }).apply([inner.apply(q) as sg.SymbolicTensor, p]) as sg.SymbolicTensor;
    const out = sg.layers.concatenate({ name: 'join' }).apply([sum, q, a]) as sg.SymbolicTensor;
    const model = sg.model({ inputs: [a, b], outputs: [out, p], name: 'graph' });
    const config = model.getConfig() as { layers: { name: string; inboundNodes: unknown[][] }[]; inputLayers: unknown };
    expect(config.inputLayers).toEqual([
      ['a', 0, 0],
      ['b', 0, 0],
    ]);
    expect(config.layers.find((l) => l.name === 'shared')?.inboundNodes.length).toBe(2);
    const [first, second] = config.layers.find((l) => l.name === 'sum')?.inboundNodes[0] ?? [];
    expect(first).toEqual(['nested', 0, 0, {}]);
    expect((second as unknown[]).filter((_, i) => i === 0 || i === 2)).toEqual(['shared', 0]);
    const copy = again(model);
    const xs = [random(7, [3, 4]), random(8, [3, 4])];
    const [one, two] = [model.predict(xs) as Tensor[], copy.predict(xs) as Tensor[]];
    expectSameBits(two[0] as Tensor, one[0] as Tensor);
    expectSameBits(two[1] as Tensor, one[1] as Tensor);
    expect(copy.getLayer('shared').className).toBe('Dense');
  });

  it('keep what layers are called with, symbols too', () => {
    class Weighted extends sg.layers.Layer {
      static override className = 'TestWeighted';
      call(x: Tensor, { by, times }: sg.CallArgs): Tensor {
        return x.mul(by as Tensor).mul(times as number);
      }
    }
    registerClass(Weighted);
    const [x, w] = [sg.input({ shape: [2] }), sg.input({ shape: [2] })];
    const layer = new Weighted();
    layer.computeOutputShape = (shape): typeof shape => shape;
    const y = layer.apply(x, { by: sg.layers.identity().apply(w) as never, times: 2 }) as unknown as sg.SymbolicTensor;
    const model = sg.model({ inputs: [x, w], outputs: y });
    const config = JSON.parse(JSON.stringify(model.getConfig()));
    Weighted.prototype.computeOutputShape = (shape): typeof shape => shape;
    const copy = sg.Functional.fromConfig(sg.Functional, config) as sg.Functional<Tensor>;
    const xs = [random(9, [3, 2]), random(10, [3, 2])];
    expectSameBits(copy.predict(xs), (xs[0] as Tensor).mul(xs[1] as Tensor).mul(2));
  });

  it('whose calls lead nowhere are refused', () => {
    const x = sg.input({ shape: [2], name: 'in' });
    const model = sg.model({
      inputs: x,
      outputs: sg.layers.dense({ units: 1, name: 'out' }).apply(x) as sg.SymbolicTensor,
    });
    const config = JSON.parse(JSON.stringify(model.getConfig()));
    config.outputLayers[0][1] = 1;
    expect(() => sg.Functional.fromConfig(sg.Functional, config)).toThrow(sg.ArgumentError);
  });
});
