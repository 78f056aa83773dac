/** Building models: shapes, names, the table of layers, weights. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { classifier, linear, random, settle, values, weightsOf } from './helpers';

const image = (): sg.Sequential =>
  sg.sequential({
    name: 'image',
    layers: [
      sg.layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: [2, 1], inputShape: [9, 8, 3], name: 'conv' }),
      sg.layers.batchNormalization({ name: 'norm' }),
      sg.layers.reLU({ name: 'relu' }),
      sg.layers.maxPooling2d({ poolSize: 2, padding: 'same', name: 'pool' }),
      sg.layers.dropout({ rate: 0.5, name: 'drop' }),
      sg.layers.flatten({ name: 'flat' }),
      sg.layers.dense({ units: 10, activation: 'softmax', name: 'out' }),
    ],
  });

describe('shapes', () => {
  it('follow from the first layer', () => {
    const model = image();
    expect(model.inputShape).toEqual([null, 9, 8, 3]);
    expect(model.outputShape).toEqual([null, 10]);
    expect(model.built).toBe(true);
    expect(model.predict(sg.zeros([2, 9, 8, 3])).shape).toEqual([2, 10]);
  });

  it.each([
    ['conv2d valid', sg.layers.conv2d({ filters: 5, kernelSize: 3 }), [8, 6, 2], [6, 4, 5]],
    ['conv2d same', sg.layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' }), [7, 6, 2], [4, 3, 5]],
    ['conv2d dilated', sg.layers.conv2d({ filters: 1, kernelSize: 3, dilationRate: 2 }), [8, 6, 2], [4, 2, 1]],
    ['maxPooling2d', sg.layers.maxPooling2d(), [7, 6, 2], [3, 3, 2]],
    ['maxPooling2d same', sg.layers.maxPooling2d({ padding: 'same', strides: 3 }), [7, 6, 2], [3, 2, 2]],
    ['averagePooling2d', sg.layers.averagePooling2d({ poolSize: [3, 2], strides: 1 }), [7, 6, 2], [5, 5, 2]],
    ['globalAveragePooling2d', sg.layers.globalAveragePooling2d(), [7, 6, 2], [2]],
    ['globalMaxPooling2d', sg.layers.globalMaxPooling2d(), [7, 6, 2], [2]],
    ['flatten', sg.layers.flatten(), [7, 6, 2], [84]],
    ['reshape', sg.layers.reshape({ targetShape: [4, -1] }), [7, 6, 2], [4, 21]],
    ['dense on many rows', sg.layers.dense({ units: 3 }), [7, 6], [7, 3]],
    ['activation', sg.layers.activation({ activation: 'tanh' }), [7, 6], [7, 6]],
    ['softmax', sg.layers.softmax({ axis: 1 }), [7, 6], [7, 6]],
    ['batchNormalization', sg.layers.batchNormalization({ axis: 1 }), [7, 6], [7, 6]],
  ])('of %s: as computed in advance, so in fact', (_, layer, inputShape, expected) => {
    const model = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape }), layer] });
    expect(model.outputShape).toEqual([null, ...expected]);
    expect(model.predict(sg.ones([3, ...inputShape])).shape).toEqual([3, ...expected]);
  });

  it('a model without inputShape is built by its first batch, or by build', () => {
    const late = sg.sequential({ layers: [sg.layers.dense({ units: 2 })] });
    expect(late.built).toBe(false);
    expect(() => late.inputShape).toThrow(sg.StateError);
    expect(() => late.countParams()).toThrow(sg.StateError);
    expect(() => late.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })).toThrow(/inputShape/);
    expect(late.predict(sg.ones([4, 5])).shape).toEqual([4, 2]);
    expect(late.inputShape).toEqual([null, 5]);
    expect(late.countParams()).toBe(12);
    const early = sg.sequential({ layers: [sg.layers.dense({ units: 2 })] });
    early.build([null, 7]);
    expect(early.countParams()).toBe(16);
  });

  it('layers that do not fit what stands before them are refused', () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 4, inputShape: [3] })] });
    expect(() => model.add(sg.layers.conv2d({ filters: 1, kernelSize: 3 }))).toThrow(sg.ShapeError);
    expect(() => model.add(sg.layers.reshape({ targetShape: [3] }))).toThrow(sg.ShapeError);
    expect(model.layers).toHaveLength(1);
    expect(() => model.add({} as sg.Layer)).toThrow(sg.ArgumentError);
    expect(() => model.add(model.layers[0] as sg.Layer)).toThrow(/already/);
    expect(() => model.add(sg.layers.dense({ units: 1, name: model.layers[0]?.name }))).toThrow(/already/);
    const small = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape: [2, 2, 1] })] });
    expect(() => small.add(sg.layers.conv2d({ filters: 1, kernelSize: 3 }))).toThrow(/does not fit|same/);
  });

  it('a layer that is added later takes part', () => {
    const model = linear(2, 4);
    expect(model.predict(sg.ones([1, 2])).shape).toEqual([1, 4]);
    model.add(sg.layers.dense({ units: 3 }));
    expect(model.outputShape).toEqual([null, 3]);
    expect(model.predict(sg.ones([1, 2])).shape).toEqual([1, 3]);
  });

  it.each([0, -1, 1.5, Number.NaN, '3', undefined])('units: %s is refused', (units) => {
    expect(() => sg.layers.dense({ units: units as number })).toThrow(sg.ArgumentError);
  });
});

describe('names', () => {
  it('are made of the class and a number, and can be given', () => {
    const [a, b] = [sg.layers.dense({ units: 1 }), sg.layers.dense({ units: 1 })];
    const number = (name: string): number => Number(name.split('_')[1] ?? 0);
    expect(a.name).toMatch(/^dense(_\d+)?$/);
    expect(number(b.name)).toBe(number(a.name) + 1);
    expect(sg.layers.batchNormalization().name).toMatch(/^batch_normalization(_\d+)?$/);
    expect(sg.layers.maxPooling2d().name).toMatch(/^max_pooling2d(_\d+)?$/);
    expect(sg.layers.dense({ units: 1, name: 'mine' }).name).toBe('mine');
    expect(sg.sequential().name).toMatch(/^sequential(_\d+)?$/);
  });

  it('and positions find layers', () => {
    const model = image();
    expect(model.getLayer('pool')).toBe(model.layers[3]);
    expect(model.getLayer(0)).toBe(model.layers[0]);
    expect(() => model.getLayer('poole')).toThrow(sg.ArgumentError);
    expect(() => model.getLayer('poole')).toThrow(/pool, drop/);
    expect(() => model.getLayer(9)).toThrow(sg.ArgumentError);
  });

  it.each(['relu7', 'reluu', ''])('an unknown activation %j lists what is known', (activation) => {
    expect(() => sg.layers.dense({ units: 1, activation })).toThrow(sg.ArgumentError);
    expect(() => sg.layers.dense({ units: 1, activation })).toThrow(/relu, relu6, selu/);
  });

  it('of activations and initializers take both spellings', () => {
    for (const activation of ['logSoftmax', 'log_softmax', 'logsoftmax']) sg.layers.dense({ units: 1, activation });
    for (const kernelInitializer of ['glorotUniform', 'glorot_uniform', 'heNormal']) {
      sg.layers.dense({ units: 1, kernelInitializer });
    }
    const bad = (): sg.Layer => sg.layers.dense({ units: 1, kernelInitializer: 'glorot' });
    expect(bad).toThrow(sg.ArgumentError);
    expect(bad).toThrow(/glorotUniform/);
  });
});

describe('summary', () => {
  it('is a table as Keras prints it', () => {
    const lines: string[] = [];
    image().summary(undefined, undefined, (line) => lines.push(line));
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "Model: "image"
      ________________________________________________________________________
      Layer (type)                    Output Shape             Param #
      ========================================================================
      conv (Conv2D)                   [null, 4, 7, 4]          76
      norm (BatchNormalization)       [null, 4, 7, 4]          16
      relu (ReLU)                     [null, 4, 7, 4]          0
      pool (MaxPooling2D)             [null, 2, 4, 4]          0
      drop (Dropout)                  [null, 2, 4, 4]          0
      flat (Flatten)                  [null, 32]               0
      out (Dense)                     [null, 10]               330
      ========================================================================
      Total params: 422 (1.65 KB)
      Trainable params: 414 (1.62 KB)
      Non-trainable params: 8 (0.03 KB)
      ________________________________________________________________________"
    `);
  });

  it('shows many parameters with commas, and fits the length asked for', () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1000, inputShape: [1234], name: 'big' })] });
    const lines: string[] = [];
    model.summary(50, [0.5, 0.8, 1], (line) => lines.push(line));
    expect(lines).toContain('Total params: 1,235,000 (4.71 MB)');
    expect(Math.max(...lines.map((l) => l.length))).toBe(50);
  });

  it('needs a built model', () => {
    const print = (): void => sg.sequential({ layers: [sg.layers.dense({ units: 1 })] }).summary();
    expect(print).toThrow(sg.StateError);
    expect(() => sg.sequential().summary()).toThrow(sg.StateError);
  });
});

describe('weights', () => {
  it('are counted, trainable or not', () => {
    const model = image();
    expect(model.countParams()).toBe(3 * 2 * 3 * 4 + 4 + 16 + 4 * 2 * 4 * 10 + 10);
    expect(model.trainableWeights).toHaveLength(6);
    expect(model.nonTrainableWeights).toHaveLength(2);
    (model.layers[0] as sg.Layer).trainable = false;
    expect(model.trainableWeights).toHaveLength(4);
    expect(model.nonTrainableWeights).toHaveLength(4);
  });

  it('go out with those that are trained first, and come back', () => {
    const [a, b] = [settle(image(), 1), settle(image(), 50)];
    expect(weightsOf(a)).not.toEqual(weightsOf(b));
    expect(a.getWeights().map((w) => w.shape)).toEqual(
      [[3, 2, 3, 4], [4], [4], [4], [160, 10], [10], [4], [4]].map((s) =>
        s[0] === 160 ? [a.getLayer('out').weights[0]?.shape[0], 10] : s,
      ),
    );
    b.setWeights(a.getWeights());
    expect(weightsOf(b)).toEqual(weightsOf(a));
    const x = random(3, [5, 9, 8, 3]);
    expect(values(b.predict(x))).toEqual(values(a.predict(x)));
  });

  it('are copies: neither side changes the other', async () => {
    const model = linear(2, 1);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [kernel] = model.getWeights() as [sg.Tensor];
    const before = values(kernel);
    await model.trainOnBatch(sg.ones([4, 2]), sg.ones([4, 1]).mul(9));
    expect(values(kernel)).toEqual(before);
    const given = [sg.tensor2d([[1], [2]]), sg.tensor1d([3])];
    model.setWeights(given);
    await model.trainOnBatch(sg.ones([4, 2]), sg.zeros([4, 1]));
    expect(given.map(values)).toEqual([[1, 2], [3]]);
  });

  it('of a layer alone', () => {
    const model = classifier();
    const layer = model.layers[1] as sg.Layer;
    layer.setWeights([random(9, [8, 3]), random(10, [3])]);
    expect(weightsOf(model).slice(2)).toEqual(weightsOf(layer));
  });

  it.each([
    ['too few', () => [sg.ones([4, 8])], sg.ArgumentError, /needs 4 tensors.*got 1/],
    ['too many', () => Array.from({ length: 5 }, () => sg.ones([4, 8])), sg.ArgumentError, /got 5/],
    ['a wrong shape', () => [[4, 8], [8], [3, 8], [3]].map((s) => sg.ones(s)), sg.ShapeError, /\[8, 3\].*\[3, 8\]/],
    [
      'a disposed tensor',
      () => {
        const all = [[4, 8], [8], [8, 3], [3]].map((s) => sg.ones(s));
        all[3]?.dispose();
        return all;
      },
      sg.DisposedError,
      /disposed/,
    ],
  ])('%s: an error, and no weight has changed', (_, make, kind, message) => {
    const model = settle(classifier());
    const before = weightsOf(model);
    expect(() => model.setWeights(make())).toThrow(kind);
    expect(() => model.setWeights(make())).toThrow(message);
    expect(weightsOf(model)).toEqual(before);
  });

  it('initial ones follow the seed', () => {
    const make = (seed: number): number[][] => {
      sg.setSeed(seed);
      return weightsOf(classifier());
    };
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
    const limit = Math.sqrt(6 / 12);
    const kernel = make(3)[0] as number[];
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...kernel.map(Math.abs))).toBeGreaterThan(limit / 2);
    expect(make(3)[1]).toEqual(new Array(8).fill(0));
  });
});
