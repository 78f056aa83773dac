/** Basic layers against Keras 3 and against formulas: activations, goldens, initializers; and wrong settings and inputs. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];

interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

interface Golden {
  readonly points: number[];
  readonly activations: Record<string, number[]>;
  readonly layers: readonly {
    readonly layer: string;
    readonly config: object;
    readonly x: readonly Numbers[];
    readonly weights: readonly Numbers[];
    readonly y: Numbers;
    readonly after?: readonly Numbers[];
  }[];
}

const golden = JSON.parse(readFileSync(new URL('../goldens/keras_basic.json', import.meta.url), 'utf8')) as Golden;
const tensorOf = ({ shape, values: v }: Numbers): Tensor => sg.tensor(v, shape);

describe('what Keras 3 computes', () => {
  it.each(golden.layers.map((g) => [`${g.layer} ${JSON.stringify(g.config)}`, g] as const))('%s', (_, g) => {
    const make = (sg.layers as unknown as Record<string, (config: object) => sg.Layer>)[g.layer] as (
      c: object,
    ) => sg.Layer;
    const layer = make(g.config);
    const xs = g.x.map(tensorOf);
    const x = xs.length > 1 ? xs : (xs[0] as Tensor);
    layer.apply(x);
    // Keras puts u before the bias; here weights that are not trained come last.
    const order = g.layer === 'spectralNormalization' ? [0, 2, 1] : g.weights.map((_w, i) => i);
    layer.setWeights(order.map((i) => tensorOf(g.weights[i] as Numbers)));
    const y = layer.apply(x, { training: Boolean(g.after) }) as Tensor;
    expect(y.shape).toEqual(g.y.shape);
    expectClose(values(y), g.y.values, 1e-5, 'result');
    const { after = [] } = g;
    after.forEach((_w, i) => {
      const wanted = after[order[i] as number] as Numbers;
      expectClose(values(layer.weights[i] as Tensor), wanted.values, 1e-5, `weight ${i}`);
    });
  });

  it.each(Object.keys(golden.activations))('activation %s', (name) => {
    const x = sg.tensor1d(golden.points);
    const wanted = golden.activations[name] as number[];
    const functions = sg.activations as unknown as Record<string, (x: Tensor) => Tensor>;
    expectClose(values((functions[name] as (x: Tensor) => Tensor)(x)), wanted, 2e-6, 'sg.activations');
    expectClose(values(sg.layers.activation({ activation: name }).apply(x.expandDims(0))), wanted, 2e-6, 'by name');
  });
});

describe('activations', () => {
  const x = sg.tensor1d([-3, -0.5, 0, 0.5, 3]);
  it('that Keras 3 has otherwise, or not', () => {
    // TensorFlow.js: 0.2 x + 0.5; the op has x / 6.
    expectClose(values(sg.activations.hardSigmoid(x)), [0, 0.4, 0.5, 0.6, 1], 1e-6, 'hardSigmoid');
    expectClose(values(sg.hardSigmoid(x)), [0, 5 / 12, 0.5, 7 / 12, 1], 1e-6, 'sg.hardSigmoid');
    expect(values(sg.activations.step(x))).toEqual([0, 0, 0, 1, 1]);
    expect(values(sg.activations.threshold(x, -1, 7))).toEqual([7, -0.5, 0, 0.5, 3]);
    expect(values(sg.activations.linear(x))).toEqual(values(x));
  });

  it('may be functions, and have names in either spelling', () => {
    const twice = (t: Tensor): Tensor => t.mul(2);
    expect(values(sg.layers.activation({ activation: twice }).apply(x))).toEqual([-6, -1, 0, 1, 6]);
    for (const activation of ['gelu_new', 'geluNew', 'hard_silu']) sg.layers.dense({ units: 1, activation });
    expect(() => sg.layers.activation({ activation: 'nothing' })).toThrow(sg.ArgumentError);
  });

  it('glu halves the last dimension', () => {
    const layer = sg.layers.activation({ activation: 'glu' });
    expect((layer.apply(sg.input({ shape: [null, 6] })) as sg.SymbolicTensor).shape).toEqual([null, null, 3]);
  });
});

it('layers that only move elements keep their type', () => {
  const x = sg.input({ shape: [4, 1], dtype: 'int32' });
  const ints = sg.tensor3d([[[1], [2], [3], [4]]], undefined, 'int32');
  for (const layer of [
    sg.layers.flatten(),
    sg.layers.reshape({ targetShape: [2, 2] }),
    sg.layers.permute({ dims: [2, 1] }),
    sg.layers.identity(),
  ]) {
    expect((layer.apply(x) as sg.SymbolicTensor).dtype).toBe('int32');
    expect(layer.apply(ints).dtype).toBe('int32');
    expect(values(layer.apply(ints))).toEqual([1, 2, 3, 4]);
  }
});

describe('initializers', () => {
  const { initializers } = sg;
  it.each([[[5, 3]], [[3, 5]], [[4, 4]], [[3, 3, 2, 4]], [[1, 2, 8]]])('orthogonal of %j', (shape) => {
    const w = initializers.orthogonal({ gain: 2, seed: 3 }).apply(shape);
    expect(w.shape).toEqual(shape);
    const columns = shape[shape.length - 1] as number;
    const m = w.reshape([-1, columns]);
    const [rows] = m.shape as [number];
    const product = rows < columns ? m.matMul(m, false, true) : m.matMul(m, true);
    expectClose(values(product), values(sg.eye(Math.min(rows, columns)).mul(4)), 1e-5, 'products');
    expect(values(initializers.orthogonal({ gain: 2, seed: 3 }).apply(shape))).toEqual(values(w));
    expect(values(initializers.orthogonal({ gain: 2, seed: 4 }).apply(shape))).not.toEqual(values(w));
  });

  it('identity', () => {
    expect(values(initializers.identity({ gain: 3 }).apply([2, 3]))).toEqual([3, 0, 0, 0, 3, 0]);
    expect(values(initializers.identity().apply([2, 2], 'int32'))).toEqual([1, 0, 0, 1]);
    expect(() => initializers.identity().apply([2, 2, 2])).toThrow(sg.ShapeError);
    expect(() => initializers.orthogonal().apply([3])).toThrow(sg.ShapeError);
  });

  it('are made again from their settings, seeds among them', () => {
    const made = [
      initializers.orthogonal({ seed: 7 }),
      initializers.identity({ gain: 2 }),
      initializers.glorotNormal({ seed: 8 }),
      initializers.randomUniform({ minval: -1, maxval: 2, seed: 9 }),
      initializers.varianceScaling({ mode: 'fanOut', scale: 2, seed: 1 }),
    ];
    for (const kernelInitializer of made) {
      const x = sg.ones([1, 3]);
      const layer = sg.layers.dense({ units: 3, kernelInitializer });
      const copy = sg.layers.dense(JSON.parse(JSON.stringify(layer.getConfig())));
      expect(values(copy.apply(x))).toEqual(values(layer.apply(x)));
    }
  });
});

describe('wrong settings and inputs', () => {
  const symbol = (...shape: (number | null)[]): sg.SymbolicTensor => sg.input({ shape });
  it.each<[string, () => unknown, new (m: string) => Error, RegExp]>([
    ['permute', () => sg.layers.permute({ dims: [0, 1] }), sg.ArgumentError, /dims.*\[0, 1\]/],
    ['permute', () => sg.layers.permute({ dims: [2, 1] }).apply(symbol(3)), sg.ShapeError, /permute/],
    ['repeatVector', () => sg.layers.repeatVector({ n: 0 }), sg.ArgumentError, /repeatVector: n/],
    ['repeatVector', () => sg.layers.repeatVector({ n: 2 }).apply(symbol(2, 3)), sg.ShapeError, /repeat_vector/],
    ['reshape', () => sg.layers.reshape({ targetShape: [4] }).apply(symbol(3)), sg.ShapeError, /targetShape/],
    ['embedding', () => sg.layers.embedding({ inputDim: 0, outputDim: 2 }), sg.ArgumentError, /inputDim/],
    ['embedding', () => sg.layers.embedding({ inputDim: 2, outputDim: 1.5 }), sg.ArgumentError, /outputDim/],
    ['reLU', () => sg.layers.reLU({ threshold: -1 }), sg.ArgumentError, /threshold/],
    ['prelu', () => sg.layers.prelu().apply(symbol(null, 3)), sg.ShapeError, /sharedAxes/],
    ['einsumDense', () => sg.layers.einsumDense({ equation: 'ab->b', outputShape: 2 }), sg.ArgumentError, /equation/],
    [
      'einsumDense',
      () => sg.layers.einsumDense({ equation: 'abc,cd->abd', outputShape: [null, null] }).apply(symbol(2, 3)),
      sg.ShapeError,
      /'d'/,
    ],
    [
      'einsumDense',
      () => sg.layers.einsumDense({ equation: 'abc,cd->abd', outputShape: [null, 2] }).apply(symbol(3)),
      sg.ShapeError,
      /does not fit/,
    ],
    ['add', () => sg.layers.add().apply([symbol(3), symbol(4)]), sg.ShapeError, /\[null, 3\], \[null, 4\]/],
    ['add', () => sg.layers.add().apply([sg.zeros([2, 3])]), sg.ShapeError, /two or more/],
    ['add', () => sg.layers.add().apply([sg.zeros([2, 3]), sg.zeros([4, 3])]), sg.ShapeError, /merged/],
    ['add', () => sg.layers.add().apply(symbol(3)), sg.ShapeError, /list/],
    ['subtract', () => sg.layers.subtract().apply([symbol(3), symbol(3), symbol(3)]), sg.ShapeError, /two inputs/],
    ['concatenate', () => sg.layers.concatenate().apply([symbol(3, 2), symbol(4, 2)]), sg.ShapeError, /axis 2/],
    ['concatenate', () => sg.layers.concatenate().apply([symbol(3, 2), symbol(2)]), sg.ShapeError, /ranks/],
    ['concatenate', () => sg.layers.concatenate({ axis: 3 }).apply([symbol(3), symbol(2)]), sg.SamegradError, /axis/],
    ['dot', () => sg.layers.dot({ axes: 0 }), sg.ArgumentError, /axes/],
    ['dot', () => sg.layers.dot({ axes: 1 }).apply([symbol(3), symbol(4)]), sg.ShapeError, /differ/],
    ['batchNormalization', () => sg.layers.batchNormalization().apply(symbol(null)), sg.ShapeError, /known/],
    ['layerNormalization', () => sg.layers.layerNormalization({ axis: 3 }).apply(symbol(2)), sg.SamegradError, /axis/],
    ['groupNormalization', () => sg.layers.groupNormalization({ groups: 0 }), sg.ArgumentError, /groups/],
    [
      'groupNormalization',
      () => sg.layers.groupNormalization({ groups: 2 }).apply(symbol(3)),
      sg.ShapeError,
      /2 groups/,
    ],
    ['rmsNormalization', () => sg.layers.rmsNormalization().apply(symbol(null)), sg.ShapeError, /known/],
    ['activityRegularization', () => sg.layers.activityRegularization({ l1: -1 }), sg.ArgumentError, /l1 must be/],
  ])('%s', (_, run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  });

  it('an index outside the table of an embedding names the layer', () => {
    const layer = sg.layers.embedding({ inputDim: 3, outputDim: 2, name: 'words' });
    expect(() => layer.apply(sg.tensor2d([[0, 3]], undefined, 'int32'))).toThrow(sg.IndexError);
    expect(() => layer.apply(sg.tensor2d([[0, 3]], undefined, 'int32'))).toThrow(/words.*3.*\[0, 3\)/);
    const model = sg.sequential({ layers: [layer] });
    expect(() => model.predict(sg.tensor2d([[-1, 0]], undefined, 'int32'))).toThrow(/words/);
  });

  it('nothing stays alive but results and weights', () => {
    const layers = [
      sg.layers.layerNormalization(),
      sg.layers.prelu(),
      sg.layers.softmax({ axis: [0, 1] }),
      sg.layers.masking(),
    ];
    const x = sg.ones([2, 3]);
    for (const layer of layers) layer.apply(x).dispose();
    const before = sg.memory().numTensors;
    for (const layer of layers) layer.apply(x).dispose();
    (sg.layers.add().apply([x, x, x] as never) as unknown as Tensor).dispose();
    expect(sg.memory().numTensors).toBe(before);
  });
});

describe('merging', () => {
  it('of many examples with one that is the same for all', () => {
    const [a, b] = [
      sg.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      sg.tensor2d([[10, 20]]),
    ];
    expect(values(sg.layers.add().apply([a, b]) as Tensor)).toEqual([11, 22, 13, 24]);
    class Offset extends sg.layers.Layer {
      call(): Tensor {
        return sg.tensor2d([[10, 20]]);
      }
    }
    const x = sg.input({ shape: [2] });
    const model = sg.model({ inputs: x, outputs: sg.layers.add().apply([x, new Offset().apply(x)]) });
    expect(values(model.predict(a))).toEqual([11, 22, 13, 24]);
  });
});
