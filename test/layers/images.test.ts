/** What the table of layers cannot say of convolutions, poolings and image layers: masks, sizes, wrong settings. */
import { describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { random, values } from '../models/helpers';
import { expectClose, expectSameBits } from '../support/compare';

type Tensor = sg.Tensor;
const { layers } = sg;
const train = { training: true };

describe('sizes', () => {
  it('unknown until the call, and other ones in each call', () => {
    const x = sg.input({ shape: [null, null, 2] });
    const conv = layers.conv2d({ filters: 3, kernelSize: 5, strides: 2 }).apply(x) as sg.SymbolicTensor;
    const up = layers.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, padding: 'same' }).apply(conv);
    const pooled = layers.maxPooling2d({}).apply(up) as sg.SymbolicTensor;
    expect([conv, up, pooled].map((t) => (t as sg.SymbolicTensor).shape)).toEqual([
      [null, null, null, 3],
      [null, null, null, 1],
      [null, null, null, 1],
    ]);
    const model = sg.model({ inputs: x, outputs: pooled });
    expect((model.predict(sg.ones([1, 9, 13, 2])) as Tensor).shape).toEqual([1, 3, 5, 1]);
    expect((model.predict(sg.ones([2, 5, 6, 2])) as Tensor).shape).toEqual([2, 1, 1, 1]);
  });

  it('channelsFirst: the space may change, the channels may not', () => {
    const layer = layers.conv1d({ filters: 2, kernelSize: 3, dataFormat: 'channels_first' });
    expect(layer.apply(sg.ones([1, 4, 8])).shape).toEqual([1, 2, 6]);
    expect(layer.apply(sg.ones([1, 4, 9])).shape).toEqual([1, 2, 7]);
    expect(() => layer.apply(sg.ones([1, 5, 8]))).toThrow(sg.ShapeError);
  });

  it('image layers also take one image without a batch', () => {
    const image = random(1, [4, 6, 3]);
    for (const layer of [layers.resizing({ height: 3, width: 9 }), layers.centerCrop({ height: 2, width: 5 })]) {
      const alone = layer.apply(image);
      const batch = layer.apply(image.expandDims(0));
      expectSameBits(alone, batch.squeeze([0]));
      expect(layer.computeOutputShape([4, 6, 3])).toEqual(alone.shape);
    }
  });

  it('an image that is cut keeps its pixels', () => {
    const x = random(2, [2, 7, 6, 1]);
    expectSameBits(layers.centerCrop({ height: 3, width: 3 }).apply(x), x.slice([0, 2, 1, 0], [2, 3, 3, 1]));
  });
});

describe('causal padding', () => {
  it.each([
    [3, 1, 1],
    [2, 2, 1],
    [3, 1, 2],
  ])('kernel %i, stride %i, dilation %i: no result sees later steps', (kernelSize, strides, dilationRate) => {
    const layer = layers.conv1d({ filters: 2, kernelSize, strides, dilationRate, padding: 'causal' });
    const x = random(3, [1, 8, 3]);
    const y = layer.apply(x);
    expect(y.shape).toEqual([1, Math.ceil(8 / strides), 2]);
    for (let t = 0; t < 8; t++) {
      const later = x.add(
        sg.tensor(
          Float32Array.from({ length: 24 }, (_, i) => (Math.floor(i / 3) > t ? 9 : 0)),
          [1, 8, 3],
        ),
      );
      const seen = Math.floor(t / strides) + 1;
      const [a, b] = [layer.apply(later), y].map((z) => z.slice([0, 0, 0], [1, seen, 2]));
      expectSameBits(a as Tensor, b as Tensor);
    }
  });
});

describe('masks', () => {
  const x = random(4, [3, 4, 2]);
  const mask = sg.tensor2d(
    [
      [1, 1, 0, 0],
      [1, 0, 1, 1],
      [0, 0, 0, 0],
    ],
    [3, 4],
    'bool',
  );

  it.each([false, true])('globalAveragePooling1d takes the steps that count, keepdims %s', (keepdims) => {
    const layer = layers.globalAveragePooling1d({ keepdims });
    const y = layer.apply(x, { mask });
    expect(y.shape).toEqual(keepdims ? [3, 1, 2] : [3, 2]);
    const data = x.arraySync() as number[][][];
    const mean = (row: number, steps: number[]): number[] =>
      [0, 1].map((c) => steps.reduce((sum, t) => sum + (data[row]?.[t]?.[c] as number), 0) / steps.length);
    expectClose(values(y), [...mean(0, [0, 1]), ...mean(1, [0, 2, 3]), 0, 0], 1e-6);
    expect(layer.computeMask(x, mask)).toBeUndefined();
    const wild = sg.where(mask.expandDims(2), x, Number.NaN);
    expectSameBits(layer.apply(wild, { mask }), y);
  });

  it('channelsFirst alike', () => {
    const layer = layers.globalAveragePooling1d({ dataFormat: 'channelsFirst' });
    expectClose(
      values(layer.apply(x.transpose([0, 2, 1]), { mask })),
      values(layers.globalAveragePooling1d().apply(x, { mask })),
      1e-6,
    );
  });

  it('layers that have no use for a mask say so, once, and drop it', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    for (const layer of [layers.maxPooling1d(), layers.conv1d({ filters: 1, kernelSize: 2 })]) {
      warn.mockClear();
      const y = layer.apply(x, { mask });
      expect(values(y)).toEqual(values(layer.apply(x)));
      layer.apply(x, { mask });
      expect(warn.mock.calls).toEqual([[expect.stringContaining(layer.name)]]);
      expect(layer.computeMask(x, mask)).toBeUndefined();
    }
    warn.mockRestore();
  });
});

describe('weights', () => {
  it.each([
    ['conv1d', { groups: 2 }, [8, 4], [[3, 2, 6], [6]]],
    ['conv3d', {}, [4, 4, 4, 2], [[3, 3, 3, 2, 6], [6]]],
    ['conv2dTranspose', {}, [4, 4, 5], [[3, 3, 6, 5], [6]]],
    ['depthwiseConv2d', { depthMultiplier: 2 }, [4, 4, 5], [[3, 3, 5, 2], [10]]],
    ['separableConv2d', { depthMultiplier: 2 }, [4, 4, 5], [[3, 3, 5, 2], [1, 1, 10, 6], [6]]],
    [
      'separableConv1d',
      { useBias: false },
      [4, 5],
      [
        [3, 5, 1],
        [1, 5, 6],
      ],
    ],
  ] as const)('%s %j of [%s]: %j', (name, config, shape, shapes) => {
    const layer = layers[name]({
      ...(name !== 'depthwiseConv2d' && { filters: 6 }),
      kernelSize: 3,
      ...config,
    } as never);
    layer.ensureBuilt([null, ...shape]);
    expect(layer.weights.map((w) => w.shape)).toEqual(shapes);
  });

  it('each kind of kernel has its own initializer, regularizer and constraint', () => {
    const layer = layers.separableConv2d({
      filters: 2,
      kernelSize: 1,
      depthwiseInitializer: 'ones',
      depthwiseRegularizer: sg.regularizers.l1({ l1: 0.5 }),
      pointwiseInitializer: sg.initializers.constant({ value: -2 }),
      pointwiseConstraint: 'nonNeg',
      biasInitializer: 'ones',
    });
    expect(values(layer.apply(sg.fill([1, 1, 1, 3], 2)))).toEqual([-11, -11]);
    expect(layer.losses.map(values)).toEqual([[1.5]]);
    expect(layer.constraints.map(([w]) => w.name.split('/')[1])).toEqual(['pointwise_kernel']);
    const config = JSON.parse(JSON.stringify(layer.getConfig())) as Record<string, { className: string }>;
    expect(config.depthwiseInitializer?.className).toBe('Ones');
    expect(config.pointwiseConstraint?.className).toBe('NonNeg');
  });
});

describe('normalization', () => {
  const data = random(5, [40, 3], 2, 9);

  it('adapts: mean 0 and variance 1 of the data, and back', () => {
    const layer = layers.normalization();
    layer.adapt(data);
    const { mean, variance } = sg.moments(layer.apply(data), 0);
    expectClose(values(mean), [0, 0, 0], 1e-5);
    expectClose(values(variance), [1, 1, 1], 1e-5);
    const back = layers.normalization({ invert: true });
    back.adapt(data);
    expectClose(values(back.apply(layer.apply(data))), values(data), 1e-6);
    expect(layer.trainableWeights).toEqual([]);
  });

  it('a compiled model sees what is adapted later, and training leaves it alone', async () => {
    const layer = layers.normalization({ inputShape: [3] });
    const model = sg.sequential({ layers: [layer, layers.dense({ units: 1 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const before = values(model.predict(data) as Tensor);
    layer.adapt(data);
    expect(values(model.predict(data) as Tensor)).not.toEqual(before);
    const own = layer.getWeights().map(values);
    await model.trainOnBatch(data, sg.ones([40, 1]));
    expect(layer.getWeights().map(values)).toEqual(own);
  });

  it('values without variance become 0', () => {
    const layer = layers.normalization();
    layer.adapt([[3], [3]]);
    expect(values(layer.apply(sg.tensor2d([[3]])))).toEqual([0]);
  });

  it('wrong settings and data', () => {
    expect(() => layers.normalization({ mean: 1 })).toThrow(sg.ArgumentError);
    expect(() => layers.normalization({ mean: 1, variance: 2 }).adapt(data)).toThrow(sg.ArgumentError);
    expect(() => layers.normalization({ axis: 1 }).apply(sg.input({ shape: [null] }))).toThrow(sg.ShapeError);
    const layer = layers.normalization();
    layer.adapt(data);
    expect(() => layer.adapt(sg.ones([4, 2]))).toThrow(sg.ShapeError);
  });
});

describe('category encoding', () => {
  const x = sg.tensor2d(
    [
      [0, 2, 2],
      [1, 0, 3],
    ],
    [2, 3],
    'int32',
  );
  const encode = (outputMode: 'multiHot' | 'multi_hot' | 'oneHot' | 'count', args = {}): unknown =>
    layers.categoryEncoding({ numTokens: 4, outputMode }).apply(x, args).arraySync();

  it('multiHot, count, oneHot', () => {
    expect(encode('multi_hot')).toEqual([
      [1, 0, 1, 0],
      [1, 1, 0, 1],
    ]);
    const counts = [
      [1, 0, 2, 0],
      [1, 1, 0, 1],
    ];
    expect(encode('count')).toEqual(counts);
    expect(encode('oneHot')).toEqual(sg.oneHot(x, 4).arraySync());
    const countWeights = sg.tensor2d([
      [0.5, 1, 2],
      [3, 4, 5],
    ]);
    expect(encode('count', { countWeights })).toEqual([
      [0.5, 0, 3, 0],
      [4, 3, 0, 5],
    ]);
  });

  it('categories that are none, and wrong settings', () => {
    for (const bad of [-1, 4])
      expect(() => layers.categoryEncoding({ numTokens: 4 }).apply(sg.tensor2d([[bad]], [1, 1], 'int32'))).toThrow(
        sg.IndexError,
      );
    expect(() => encode('multiHot', { countWeights: x })).toThrow(sg.ArgumentError);
    expect(() => encode('hashed' as never)).toThrow(sg.ArgumentError);
    expect(() => layers.categoryEncoding({ numTokens: 0 })).toThrow(sg.ArgumentError);
  });
});

describe('wrong settings and inputs', () => {
  it.each([
    ['filters', () => layers.conv1d({ filters: 0, kernelSize: 3 })],
    ['kernelSize', () => layers.conv2d({ filters: 1, kernelSize: [1, 2, 3] })],
    ['kernelSize', () => layers.conv3d({ filters: 1, kernelSize: 1.5 })],
    ['strides', () => layers.depthwiseConv2d({ kernelSize: 1, strides: 0 })],
    ['padding', () => layers.conv2d({ filters: 1, kernelSize: 1, padding: 'causal' })],
    ['padding', () => layers.maxPooling1d({ padding: 'causal' as never })],
    ['dataFormat', () => layers.conv1d({ filters: 1, kernelSize: 1, dataFormat: 'NCW' as never })],
    ['groups', () => layers.conv1d({ filters: 3, kernelSize: 1, groups: 2 })],
    ['depthMultiplier', () => layers.separableConv2d({ filters: 1, kernelSize: 1, depthMultiplier: -1 })],
    ['dilationRate', () => layers.conv2dTranspose({ filters: 1, kernelSize: 1, dilationRate: 2 })],
    ['outputPadding', () => layers.conv2dTranspose({ filters: 1, kernelSize: 1, strides: 2, outputPadding: 2 })],
    ['outputPadding', () => layers.conv1dTranspose({ filters: 1, kernelSize: 1, strides: 2, outputPadding: [] })],
    ['initializer', () => layers.depthwiseConv2d({ kernelSize: 1, depthwiseInitializer: 'none' })],
    ['poolSize', () => layers.averagePooling3d({ poolSize: [2, 2] })],
    ['padding', () => layers.zeroPadding2d({ padding: [[1, 2]] })],
    ['padding', () => layers.zeroPadding1d({ padding: -1 })],
    ['cropping', () => layers.cropping3d({ cropping: [1, 2] })],
    ['size', () => layers.upSampling2d({ size: 0 })],
    ['interpolation', () => layers.upSampling2d({ interpolation: 'cubic' as never })],
    ['interpolation', () => layers.resizing({ height: 1, width: 1, interpolation: 'cubic' as never })],
    ['height', () => layers.centerCrop({ height: 0, width: 1 })],
    ['AspectRatio', () => layers.resizing({ height: 1, width: 1, cropToAspectRatio: true, padToAspectRatio: true })],
    ['scale', () => layers.rescaling({ scale: Number.NaN })],
    ['mode', () => layers.randomFlip({ mode: 'diagonal' as never })],
    ['factor', () => layers.randomRotation({ factor: 1.5 })],
    ['factor', () => layers.randomContrast({ factor: -0.5 })],
    ['widthFactor', () => layers.randomTranslation({ heightFactor: 0, widthFactor: [0, 2] })],
    ['fillMode', () => layers.randomZoom({ heightFactor: 0.1, fillMode: 'mirror' as never })],
    ['valueRange', () => layers.randomBrightness({ factor: 0.1, valueRange: [1, 0] })],
  ])('%s', (name, make) => {
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(name);
  });

  it.each([
    ['rank', layers.conv1d({ filters: 1, kernelSize: 1 }), [2, 3]],
    ['rank', layers.globalMaxPooling3d(), [2, 3, 4, 5]],
    ['rank', layers.upSampling1d(), [2, 3]],
    ['rank', layers.resizing({ height: 2, width: 2 }), [2, 3]],
    ['window', layers.conv3d({ filters: 1, kernelSize: 3 }), [1, 2, 3, 3, 1]],
    ['window', layers.averagePooling1d({ poolSize: 4 }), [1, 3, 1]],
    ['nothing left', layers.cropping2D({ cropping: 2 }), [1, 4, 5, 1]],
  ])('%s', (_, layer, shape) => {
    expect(() => layer.apply(sg.zeros(shape))).toThrow(sg.ShapeError);
    expect(() => layer.computeOutputShape(shape)).toThrow(sg.ShapeError);
  });

  it('channels that are unknown, or do not fit', () => {
    const grouped = layers.conv1d({ filters: 2, kernelSize: 1, groups: 2 });
    expect(() => grouped.apply(sg.zeros([2, 3, 3]))).toThrow(sg.ShapeError);
    expect(() => layers.conv2d({ filters: 1, kernelSize: 1 }).apply(sg.input({ shape: [3, 3, null] }))).toThrow(
      sg.ShapeError,
    );
  });
});

it('nothing is left in memory', () => {
  const x = random(8, [2, 6, 6, 4]);
  const all = [
    layers.conv2d({ filters: 2, kernelSize: 3, groups: 2 }),
    layers.conv2dTranspose({ filters: 2, kernelSize: 3, dataFormat: 'channelsFirst' }),
    layers.separableConv2d({ filters: 2, kernelSize: 3 }),
    layers.upSampling2d(),
    layers.randomRotation({ factor: 0.2 }),
    layers.normalization(),
    layers.resizing({ height: 3, width: 3, padToAspectRatio: true }),
  ];
  for (const layer of all) layer.apply(x, train).dispose();
  const before = sg.memory().numTensors;
  for (const layer of all) layer.apply(x, train).dispose();
  expect(sg.memory().numTensors).toBe(before);
});
