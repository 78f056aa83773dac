/** Graph models that are trained: all of them, some weights, a head on their features. */
import { expect, test } from 'vitest';
import type { GraphModel } from '../../src/graph/core/model';
import * as sg from '../../src/index';
import { FLOAT, ints, real, reals } from './operators/case';
import { at, type GraphSpec, type NodeSpec, ours } from './support';

const node = (name: string, op: string, input: readonly string[], attr: Record<string, unknown> = {}): NodeSpec => ({
  name,
  op,
  input,
  attr: { T: FLOAT, ...attr },
});
const window = (strides: number): Record<string, unknown> => ({
  strides: at.ints(1, strides, strides, 1),
  dilations: at.ints(1, 1, 1, 1),
  padding: at.text('SAME'),
  data_format: at.text('NHWC'),
});

/** A network of images as converters write them. */
const network: GraphSpec = {
  placeholders: { image: { dtype: 'float32', shape: [-1, 6, 6, 2] } },
  constants: {
    conv: real([3, 3, 2, 4], -0.4, 0.4),
    conv_bias: real([4], -0.2, 0.2),
    depthwise: real([3, 3, 4, 1], -0.5, 0.5),
    depthwise_bias: real([4], -0.2, 0.2),
    slopes: real([4], 0.1, 0.3),
    gamma: real([4], 0.5, 1.5),
    beta: real([4], -0.2, 0.2),
    mean: real([4], -0.1, 0.1),
    variance: real([4], 0.5, 1),
    axes: ints([1, 2]),
    dense: real([4, 3], -1, 1),
    dense_bias: real([3], -0.1, 0.1),
    scale: reals([1.5], []),
  },
  nodes: [
    node('c', '_FusedConv2D', ['image', 'conv', 'conv_bias'], {
      ...window(1),
      fused_ops: at.texts('BiasAdd', 'Elu'),
      num_args: at.int(1),
    }),
    node('d', 'FusedDepthwiseConv2dNative', ['c', 'depthwise', 'depthwise_bias', 'slopes'], {
      ...window(2),
      fused_ops: at.texts('BiasAdd', 'Prelu'),
      num_args: at.int(2),
    }),
    node('n', 'FusedBatchNormV3', ['d', 'gamma', 'beta', 'mean', 'variance'], {
      epsilon: at.real(0.01),
      is_training: at.flag(false),
    }),
    node('pool', 'Mean', ['n', 'axes'], { keep_dims: at.flag(false) }),
    node('scaled', 'Mul', ['pool', 'scale']),
    node('logits', '_FusedMatMul', ['scaled', 'dense', 'dense_bias'], {
      fused_ops: at.texts('BiasAdd'),
      num_args: at.int(1),
    }),
    node('y', 'Softmax', ['logits']),
  ],
};

const tensorOf = ({ values, shape }: { values: readonly unknown[]; shape: readonly number[] }): sg.Tensor =>
  sg.tensor(values as number[], shape);
const weight = (model: GraphModel, name: string): sg.Variable => model.weights[name]?.[0] as sg.Variable;

const image = tensorOf(real([2, 6, 6, 2], -1, 1));
const labels = sg.oneHot(sg.tensor1d([0, 2], 'int32'), 3);
const lossOf = (model: GraphModel): sg.Tensor =>
  sg.losses.softmaxCrossEntropy(labels, model.execute(image, 'logits') as sg.Tensor) as sg.Tensor;

test('gradients of all weights, and of the input, are central differences', () => {
  const model = ours(network);
  expect(model.trainable).toBe(false);
  expect(model.trainableWeights).toEqual([]);
  model.trainable = true;
  weight(model, 'scale').trainable = true;
  expect(model.trainableWeights.map(({ name }) => name)).toContain('depthwise');
  const { grads } = sg.variableGrads(() => lossOf(model));
  expect(Object.keys(grads).sort()).toEqual(
    Object.keys(network.constants ?? {})
      .filter((name) => name !== 'axes')
      .sort(),
  );
  const step = 1e-3;
  for (const [name, gradient] of Object.entries(grads)) {
    const variable = weight(model, name);
    const values = variable.dataSync();
    for (const at of [0, values.length - 1]) {
      const lossAt = (delta: number): number => {
        variable.assign(
          sg.tensor(
            values.map((v, i) => (i === at ? v + delta : v)),
            variable.shape,
          ),
        );
        return lossOf(model).dataSync()[0] as number;
      };
      const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
      variable.assign(sg.tensor(values, variable.shape));
      expect(gradient.dataSync()[at], `${name}[${at}]`).toBeCloseTo(slope, 3);
    }
  }
  const f = (x: sg.Tensor): sg.Tensor => (model.execute(x, 'logits') as sg.Tensor).square().sum();
  const slopes = sg.grad(f)(image).dataSync();
  const pixels = image.dataSync();
  for (const at of [0, 17, 80]) {
    const valueAt = (delta: number): number =>
      f(
        sg.tensor(
          pixels.map((v, i) => (i === at ? v + delta : v)),
          image.shape,
        ),
      ).dataSync()[0] as number;
    expect(slopes[at]).toBeCloseTo((valueAt(step) - valueAt(-step)) / (2 * step), 2);
  }
  model.dispose();
});

test('only what is trainable is trained; predictions follow', () => {
  const model = ours(network);
  weight(model, 'dense').trainable = true;
  weight(model, 'dense_bias').trainable = true;
  const before = Object.fromEntries(
    Object.entries(model.weights).map(([name, [v]]) => [name, [...(v as sg.Variable).dataSync()]]),
  );
  const first = lossOf(model).dataSync()[0] as number;
  const old = [...(model.predict(image) as sg.Tensor).dataSync()];
  const optimizer = sg.train.adam(0.05);
  const step = sg.jit(() => optimizer.minimize(() => lossOf(model), true) as sg.Tensor);
  for (let i = 0; i < 30; i++) step();
  expect(lossOf(model).dataSync()[0]).toBeLessThan(first * 0.8);
  expect([...(model.predict(image) as sg.Tensor).dataSync()]).not.toEqual(old);
  for (const [name, [v]] of Object.entries(model.weights))
    if (name.startsWith('dense')) expect([...(v as sg.Variable).dataSync()]).not.toEqual(before[name]);
    else expect([...(v as sg.Variable).dataSync()]).toEqual(before[name]);
  model.dispose();
});

test('compiled or not, training makes the same bits', () => {
  const trained = (wrap: (f: () => sg.Tensor) => () => sg.Tensor): number[] => {
    const model = ours(network);
    model.trainable = true;
    const optimizer = sg.train.sgd(0.1);
    const step = wrap(() => optimizer.minimize(() => lossOf(model), true) as sg.Tensor);
    for (let i = 0; i < 4; i++) step();
    const values = Object.values(model.weights).flatMap(([v]) => [...(v as sg.Variable).dataSync()]);
    model.dispose();
    return values;
  };
  expect(trained((f) => sg.jit(f))).toEqual(trained((f) => f));
});

test('a head on features of a graph, trained by fit', async () => {
  const model = ours(network);
  const features = model.asLayer({ outputs: 'pool', inputShape: [6, 6, 2] });
  sg.setSeed(1);
  const head = sg.sequential({ layers: [features, sg.layers.dense({ units: 2, activation: 'softmax' })] });
  expect(head.layers[0]?.outputShape).toEqual([null, 4]);
  expect(head.trainableWeights.length).toBe(2);
  head.compile({ optimizer: sg.train.adam(0.1), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const count = 32;
  const bright = Array.from({ length: count }, (_, i) => i % 2);
  const x = sg.tensor4d(
    bright.flatMap((b, i) => Array.from({ length: 72 }, (_, k) => (b ? 1 : -1) * 0.5 + ((i * 31 + k * 17) % 13) / 26)),
    [count, 6, 6, 2],
  );
  const y = sg.oneHot(sg.tensor1d(bright, 'int32'), 2);
  const before = [...weight(model, 'conv').dataSync()];
  const { history } = await head.fit(x, y, { epochs: 10, batchSize: 8, verbose: 0 });
  expect(history.acc?.at(-1) ?? history.accuracy?.at(-1)).toBe(1);
  expect([...weight(model, 'conv').dataSync()]).toEqual(before);
  // And all of it.
  features.trainable = true;
  expect(head.trainableWeights.length).toBeGreaterThan(8);
  head.compile({ optimizer: sg.train.sgd(0.01), loss: 'categoricalCrossentropy' });
  await head.fit(x, y, { epochs: 1, batchSize: 8, verbose: 0 });
  expect([...weight(model, 'conv').dataSync()]).not.toEqual(before);
  const predicted = head.predict(x) as sg.Tensor;
  expect(predicted.shape).toEqual([count, 2]);
  head.dispose();
  // The weights are those of the graph, and stay.
  expect((model.predict(image) as sg.Tensor).shape).toEqual([2, 3]);
  model.dispose();
});

test('a layer of a graph in a functional model, with integers for its input', () => {
  const model = ours({
    placeholders: { pixels: { dtype: 'int32', shape: [-1, 2] } },
    constants: { w: real([2, 3]) },
    nodes: [node('f', 'Cast', ['pixels'], { DstT: FLOAT }), node('y', 'MatMul', ['f', 'w'])],
  });
  const input = sg.input({ shape: [2] });
  const output = model.asLayer({ name: 'graph' }).apply(input) as sg.SymbolicTensor;
  const whole = sg.model({ inputs: input, outputs: output });
  const x = sg.tensor2d([[1, 2]]);
  expect([...(whole.predict(x) as sg.Tensor).dataSync()]).toEqual([
    ...(model.predict(x.toInt()) as sg.Tensor).dataSync(),
  ]);
  expect(() => whole.getConfig()).toThrow(/graph: a graph model is not saved inside/);
  expect(() => model.asLayer({ output: 'f' } as never)).toThrow(sg.ArgumentError);
  expect(() => model.asLayer({ outputs: 'none' }).apply(x)).toThrow(/no node 'none'/);
  model.dispose();
});

test('what depends on numbers says so in a compiled function', () => {
  const model = ours({
    placeholders: { x: { dtype: 'float32' } },
    constants: { zero: reals([0], []) },
    nodes: [node('positive', 'Greater', ['x', 'zero']), node('where', 'Where', ['positive'])],
  });
  const f = sg.jit((x: sg.Tensor) => model.execute(x, 'where') as sg.Tensor);
  expect(() => f(sg.tensor1d([1, -1]))).toThrow(sg.StateError);
  expect(() => f(sg.tensor1d([1, -1]))).toThrow(/'where' \(Where\).*compiled function/);
  expect([...(model.execute(sg.tensor1d([1, -1, 2]), 'where') as sg.Tensor).dataSync()]).toEqual([0, 2]);
  model.dispose();
});
