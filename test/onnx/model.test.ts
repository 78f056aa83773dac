/** Models in ONNX as models: predicting, training, freezing, cutting, saving. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx/index';
import { file, floats, longs, node, port, spread } from './support/build';

await onnx.prepare();

/** A classifier with all that training meets: products, a normalization by batch, an inner value to cut at. */
const classifier = (): Uint8Array =>
  file({
    node: [
      node('Gemm', ['x', 'first.weight', 'first.bias'], ['hidden'], { transB: 1 }),
      node('BatchNormalization', ['hidden', 'norm.scale', 'norm.bias', 'norm.mean', 'norm.variance'], ['normal']),
      node('LeakyRelu', ['normal'], ['features'], { alpha: 0.1 }),
      node('MatMul', ['features', 'last.weight'], ['product']),
      node('Add', ['product', 'last.bias'], ['logits']),
      node('Softmax', ['logits'], ['y']),
    ],
    initializer: [
      floats('first.weight', [5, 4], spread(20, -0.8, 0.8)),
      floats('first.bias', [5], spread(5, -0.2, 0.2)),
      floats('norm.scale', [5], spread(5, 0.5, 1.5)),
      floats('norm.bias', [5], spread(5, -0.2, 0.2)),
      floats('norm.mean', [5], spread(5, -0.3, 0.3)),
      floats('norm.variance', [5], spread(5, 0.4, 1.4)),
      floats('last.weight', [5, 3], spread(15, -0.9, 0.9)),
      floats('last.bias', [3], spread(3, -0.1, 0.1)),
    ],
    input: [port('x', ['batch', 4])],
    output: [port('y', ['batch', 3])],
  });

const x = (): sg.Tensor => sg.tensor(spread(24, -1, 1), [6, 4]);
const labels = (): sg.Tensor => sg.oneHot(sg.tensor1d([0, 1, 2, 1, 0, 2], 'int32'), 3);
const valuesOf = (model: onnx.OnnxModel): Record<string, number[]> =>
  Object.fromEntries(Object.entries(model.weights).map(([name, w]) => [name, [...w.dataSync()]]));

let model: onnx.OnnxModel;
let before = 0;
beforeEach(() => {
  before = sg.memory().numTensors;
  model = onnx.loadSync(classifier());
});
afterEach(() => {
  model.dispose();
});

describe('a model', () => {
  test('says what it takes and returns', () => {
    expect(model.inputNames).toEqual(['x']);
    expect(model.outputNames).toEqual(['y']);
    expect(model.inputs).toEqual([{ name: 'x', shape: [null, 4], dtype: 'float32' }]);
    expect(model.outputs).toEqual([{ name: 'y', shape: [null, 3], dtype: 'float32' }]);
    expect(model.countParams()).toBe(63);
    expect(Object.keys(model.weights)).toContain('norm.mean');
    expect(model.trainableWeights.map(({ name }) => name)).not.toContain('norm.mean');
  });

  test('predicts from a tensor, data, a list or an object, with any batch, and leaves nothing behind', () => {
    const rows = x();
    const tensors = sg.memory().numTensors;
    const y = model.predict(rows) as sg.Tensor;
    expect(y.shape).toEqual([6, 3]);
    expect([...(model.predict([rows]) as sg.Tensor).dataSync()]).toEqual([...y.dataSync()]);
    expect([...(model.predict({ x: rows }) as sg.Tensor).dataSync()]).toEqual([...y.dataSync()]);
    const data = Float32Array.from(rows.dataSync());
    expect([...(model.predict({ data, shape: [6, 4], dtype: 'float32' }) as sg.Tensor).dataSync()]).toEqual([
      ...y.dataSync(),
    ]);
    expect(sg.memory().numTensors).toBe(tensors + 4);
    const single = model.run({ x: { data: data.subarray(0, 4), shape: [1, 4] } }).y as onnx.OnnxTensor;
    expect(single.dtype).toBe('float32');
    expect([...(single.data as Float32Array)]).toEqual([...y.dataSync()].slice(0, 3));
    expect(sg.memory().numTensors).toBe(tensors + 4);
  });

  test('is read of a Buffer too, wherever its weights begin', () => {
    for (let offset = 0; offset < 4; offset++) {
      const buffer = Buffer.concat([Buffer.alloc(offset), classifier()]).subarray(offset);
      const other = onnx.loadSync(buffer);
      expect(other.run({ x: x() })).toEqual(model.run({ x: x() }));
      expect(other.toBytes()).toEqual(model.toBytes());
      other.dispose();
    }
  });

  test('computes inner values, and from inner values on', () => {
    const rows = x();
    const [features, y] = model.execute(rows, ['features', 'y']) as sg.Tensor[];
    expect(features?.shape).toEqual([6, 5]);
    const again = model.execute({ features: features as sg.Tensor }, 'y') as sg.Tensor;
    expect([...again.dataSync()]).toEqual([...(y as sg.Tensor).dataSync()]);
  });

  test.each([
    ['another size', () => model.predict(sg.ones([2, 5])), sg.ShapeError, /input 'x' must be \[\?, 4\]|must be/],
    [
      'another type',
      () => model.predict(sg.ones([2, 4], 'int32')),
      sg.DTypeError,
      /must be float32, got a tensor of int32/,
    ],
    ['too many inputs', () => model.predict([x(), x()]), sg.ArgumentError, /takes 1 inputs/],
    ['a name that is not there', () => model.run({ z: x() }), sg.ArgumentError, /no value 'z'; its inputs are \['x'\]/],
    ['an output that is not there', () => model.execute(x(), 'z'), sg.ArgumentError, /no value 'z'/],
    ['no input', () => model.run({}), sg.ArgumentError, /the input 'x' is missing/],
    ['no tensor', () => model.predict(3 as never), sg.ArgumentError, /inputs must be a tensor/],
    [
      'data that does not fill its shape',
      () => model.predict({ data: new Float32Array(3), shape: [1, 4] }),
      sg.ShapeError,
      /3 elements do not fill \[1, 4\]/,
    ],
    [
      'data of another type',
      () => model.predict({ data: new Int32Array(4), shape: [1, 4], dtype: 'int32' }),
      sg.DTypeError,
      /must be float32, got int32/,
    ],
    ['a weight that is not there', () => model.freeze('none'), sg.ArgumentError, /no weight has the name none/],
    ['training before compile', () => model.evaluate(x(), labels()), sg.StateError, /not compiled/],
  ])('refuses %s', (_, fn, type, message) => {
    expect(fn).toThrow(type);
    expect(fn).toThrow(message);
  });
});

describe('training', () => {
  const lossOf = (): sg.Tensor =>
    sg.losses.softmaxCrossEntropy(labels(), model.execute(x(), 'logits') as sg.Tensor) as sg.Tensor;

  test('gradients of all weights are central differences', () => {
    const { grads } = sg.variableGrads(() => lossOf());
    expect(Object.keys(grads).sort()).toEqual(
      ['first.weight', 'first.bias', 'norm.scale', 'norm.bias', 'last.weight', 'last.bias'].sort(),
    );
    const step = 1e-3;
    for (const [name, gradient] of Object.entries(grads)) {
      const weight = model.weights[name] as sg.Variable;
      const values = weight.dataSync();
      for (const at of [0, values.length - 1]) {
        const lossAt = (delta: number): number => {
          weight.assign(
            sg.tensor(
              values.map((v, i) => (i === at ? v + delta : v)),
              weight.shape,
            ),
          );
          return lossOf().dataSync()[0] as number;
        };
        const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
        weight.assign(sg.tensor(values, weight.shape));
        expect(gradient.dataSync()[at], `${name}[${at}]`).toBeCloseTo(slope, 3);
      }
    }
  });

  test('fit trains all that is not frozen, and the statistics of normalizations that are trained', async () => {
    model.freeze([/^first\./, 'last.bias']);
    model.compile({ optimizer: sg.train.sgd(0.2), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const old = valuesOf(model);
    const { history } = await model.fit(x(), labels(), { epochs: 20, batchSize: 3, shuffle: false, verbose: 0 });
    const loss = history.loss as number[];
    expect(loss.at(-1) as number).toBeLessThan(0.7 * (loss[0] as number));
    const now = valuesOf(model);
    const changed = Object.keys(now).filter((name) => String(now[name]) !== String(old[name]));
    expect(changed.sort()).toEqual(['last.weight', 'norm.bias', 'norm.mean', 'norm.scale', 'norm.variance']);
    const [measured] = model.evaluate(x(), labels()) as sg.Tensor[];
    expect(measured?.dataSync()[0]).toBeGreaterThan(0);
    expect(await model.trainOnBatch(x(), labels())).toHaveLength(2);
    model.unfreeze();
    expect(model.trainableWeights).toHaveLength(6);
    model.freeze();
    expect(model.trainable).toBe(false);
  });

  test('a normalization that is frozen keeps its statistics', async () => {
    model.freeze(/^norm/);
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const old = valuesOf(model);
    await model.fit(x(), labels(), { epochs: 1, verbose: 0 });
    expect(valuesOf(model)['norm.mean']).toEqual(old['norm.mean']);
    expect(valuesOf(model)['last.weight']).not.toEqual(old['last.weight']);
  });

  test('the graph is cut at a value and gets a new head', async () => {
    const features = model.asLayer({ outputs: 'features', inputShape: [4] });
    const head = sg.sequential({ layers: [features, sg.layers.dense({ units: 2, activation: 'softmax' })] });
    expect(head.layers[0]?.outputShape).toEqual([null, 5]);
    const old = valuesOf(model);
    head.compile({ optimizer: sg.train.adam(0.05), loss: 'sparseCategoricalCrossentropy' });
    const y = sg.tensor1d([0, 1, 0, 1, 0, 1]);
    const { history } = await head.fit(x(), y, { epochs: 5, verbose: 0 });
    expect((history.loss as number[]).at(-1) as number).toBeLessThan((history.loss as number[])[0] as number);
    expect(valuesOf(model)).toEqual(old);
    expect((model.asModel('features').predict(x()) as sg.Tensor).shape).toEqual([6, 5]);
    expect(() => model.asModel('none')).toThrow(/no value 'none'/);
    expect(() => model.asLayer({ outputs: 'none' })).toThrow(sg.ArgumentError);
  });

  test('a graph whose sizes are open is trained on any of them', async () => {
    const open = onnx.loadSync(
      file(
        {
          node: [
            node('Conv', ['x', 'filters'], ['found'], { pads: [1, 1] }),
            node('Relu', ['found'], ['features']),
            node('ReduceMean', ['features'], ['y'], { axes: [2], keepdims: 0 }),
          ],
          initializer: [floats('filters', [3, 2, 3], spread(18, -0.5, 0.5))],
          input: [port('x', ['batch', 2, 'length'])],
          output: [port('y', ['batch', 3])],
        },
        13,
      ),
    );
    const whole = open.asModel();
    whole.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    for (const length of [5, 8]) {
      const old = valuesOf(open);
      await whole.fit(sg.ones([4, 2, length]), sg.ones([4, 3]), { epochs: 1, verbose: 0 });
      expect(valuesOf(open)).not.toEqual(old);
    }
    open.dispose();
  });

  test('sizes that a graph leaves open are found, or given', () => {
    const graph = onnx.loadSync(
      file(
        {
          node: [
            node('AveragePool', ['x'], ['halves'], { kernel_shape: [16], strides: [16] }),
            node('Upsample', ['halves', 'scales'], ['wide'], { mode: 'nearest' }),
            node('Add', ['wide', 'x'], ['sum']),
            node('Reshape', ['halves', 'flat'], ['y']),
          ],
          initializer: [floats('scales', [3], [1, 1, 16]), longs('flat', [2], [0, 4])],
          input: [port('x', ['batch', 2, 'length'])],
          output: [port('y', ['batch', 4])],
        },
        9,
      ),
    );
    // Joined again with what it was halved from, a length fits if it is a multiple of 16.
    expect(graph.asModel('sum').outputs[0]?.shape).toEqual([null, 2, null]);
    expect(graph.asModel('halves').outputs[0]?.shape).toEqual([null, 2, null]);
    expect(() => graph.asModel()).toThrow(/say which sizes/);
    expect(graph.asModel(null, { inputShapes: [null, 2, 32] }).outputs[0]?.shape).toEqual([null, 4]);
    expect(graph.asModel(null, { inputShapes: { x: [3, 2, 32] } }).outputs[0]?.shape).toEqual([3, 4]);
    for (const inputShapes of [[null, 3, 32], [null, 2], [[null, 2, 'n']], { other: [null, 2, 32] }, 5])
      expect(() => graph.asModel(null, { inputShapes: inputShapes as never })).toThrow(sg.ArgumentError);
    graph.dispose();
  });

  test('a compiled function and its gradient contain the graph', () => {
    const f = sg.jit((t: sg.Tensor) => (model.predict(t) as sg.Tensor).square().sum());
    const eager = (model.predict(x()) as sg.Tensor).square().sum().dataSync()[0];
    expect(f(x()).dataSync()[0]).toBe(eager);
    expect(sg.grad(f)(x()).shape).toEqual([6, 4]);
  });
});

describe('saving', () => {
  test('writes the file with the weights as they are now', async () => {
    expect(onnx.loadSync(model.toBytes()).run({ x: x() })).toEqual(model.run({ x: x() }));
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    await model.fit(x(), labels(), { epochs: 2, verbose: 0 });
    const folder = mkdtempSync(join(tmpdir(), 'samegrad-onnx-'));
    try {
      const path = join(folder, 'trained.onnx');
      await model.save(path);
      const again = await onnx.load(path);
      expect(again.run({ x: x() })).toEqual(model.run({ x: x() }));
      expect(valuesOf(again)).toEqual(valuesOf(model));
      expect(new Uint8Array(readFileSync(path))).toEqual(again.toBytes());
      again.dispose();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a model that was disposed of says so, and holds nothing', async () => {
    sg.tidy(() => void model.predict(x()));
    model.dispose();
    model.dispose();
    expect(sg.memory().numTensors).toBe(before);
    expect(() => model.predict(x())).toThrow(sg.DisposedError);
    expect(() => model.toBytes()).toThrow(sg.DisposedError);
    await expect(model.save('nowhere.onnx')).rejects.toThrow(sg.DisposedError);
  });
});

describe('inputs that are not examples', () => {
  /** y = x gain + mean of the state, whose batch is its second dimension. */
  const withState = (): onnx.OnnxModel =>
    onnx.loadSync(
      file({
        node: [
          node('Mul', ['x', 'w'], ['product']),
          node('Cast', ['rate'], ['gain'], { to: 1 }),
          node('Mul', ['product', 'gain'], ['scaled']),
          node('ReduceMean', ['state', 'zero'], ['mean'], { keepdims: 0 }),
          node('Add', ['scaled', 'mean'], ['y']),
        ],
        initializer: [floats('w', [3], [1, 2, 3]), longs('zero', [1], [0])],
        input: [port('x', ['batch', 3]), port('rate', [], 'int64'), port('state', [2, 'batch', 3])],
        output: [port('y', ['batch', 3])],
      }),
    );

  test('are refused with the mend, and are given once as fixed', async () => {
    const own = withState();
    expect(() => own.asModel()).toThrow(
      "asModel: input 'rate' has no batch: give the value that it has for all examples, as option { fixed: { rate: value } }",
    );
    expect(() => own.asModel(null, { fixed: { rat: sg.scalar(2) } })).toThrow(
      "asModel: fixed: there is no input 'rat', there are ['x', 'rate', 'state']",
    );
    const layers = own.asModel(null, {
      fixed: { rate: { data: [2n], shape: [], dtype: 'int64' }, state: (n) => sg.ones([2, n, 3]) },
    });
    expect(layers.inputShape).toEqual([null, 3]);
    expect(layers.outputShape).toEqual([null, 3]);
    const xs = sg.tensor([1, 1, 1, 0, 1, 2], [2, 3]);
    expect([...(layers.predict(xs) as sg.Tensor).dataSync()]).toEqual([3, 5, 7, 1, 5, 13]);
    layers.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    const { history } = await layers.fit(xs, sg.zeros([2, 3]), { epochs: 5, verbose: 0 });
    expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number);
    own.dispose();
  });
});

describe('a graph with sizes that are fixed, or written as -1', () => {
  const square = (shape: readonly (number | string)[]): onnx.OnnxModel =>
    onnx.loadSync(
      file({
        node: [node('Mul', ['x', 'w'], ['y'])],
        initializer: [floats('w', [3], [1, 2, 3])],
        input: [port('x', shape)],
        output: [port('y', shape)],
      }),
    );

  test('a batch of one size is that of its layer, and of training', async () => {
    const own = square([1, 3]);
    const layers = sg.sequential({
      layers: [square([1, 3]).asLayer({ inputShape: [3] }), sg.layers.dense({ units: 2 })],
    });
    expect((layers.predict(sg.ones([1, 3])) as sg.Tensor).shape).toEqual([1, 2]);
    own.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    const { history } = await own.fit(sg.ones([4, 3]), sg.zeros([4, 3]), { batchSize: 1, epochs: 3, verbose: 0 });
    expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number);
    expect(() => own.predict(sg.ones([2, 3]))).toThrow("predict: input 'x' must be [1, 3], got [2, 3]");
    own.dispose();
  });

  test('-1 is a size that is open', async () => {
    const own = square([-1, 3]);
    expect(own.inputs).toEqual([{ name: 'x', shape: [null, 3], dtype: 'float32' }]);
    expect((own.predict(sg.ones([2, 3])) as sg.Tensor).shape).toEqual([2, 3]);
    expect((own.predict(sg.ones([0, 3])) as sg.Tensor).shape).toEqual([0, 3]);
    const { inputs } = await onnx.inspect(own.toBytes());
    expect(inputs).toEqual([{ name: 'x', dtype: 'float32', shape: [null, 3] }]);
    own.dispose();
  });
});
