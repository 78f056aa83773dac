/** Forms of arguments that TensorFlow.js takes. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';

test('squeeze takes one axis, several, or an empty list for all', () => {
  const x = sg.ones([1, 2, 1, 3]);
  expect(x.squeeze(0).shape).toEqual([2, 1, 3]);
  expect(x.squeeze(-2).shape).toEqual([1, 2, 3]);
  expect(x.squeeze([]).shape).toEqual([2, 3]);
  expect(x.squeeze([0, 2]).shape).toEqual([2, 3]);
  expect(() => x.squeeze(1)).toThrow(sg.ShapeError);
  expect(() => x.squeeze(4)).toThrow(sg.ArgumentError);
});

describe('fused convolutions with channels first', () => {
  const slopes = sg.tensor1d([10, 100]);
  const x = sg.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);

  test('slopes of rank 1 belong to the channels', () => {
    const filter = sg.tensor4d([-1, 1, -2, 0.5], [1, 1, 2, 2]);
    const y = sg.fused.conv2d({
      x,
      filter,
      strides: 1,
      pad: 0,
      dataFormat: 'NCHW',
      activation: 'prelu',
      preluActivationWeights: slopes,
    });
    expect([...y.dataSync()]).toEqual([-110, -140, -170, -200, 3.5, 5, 6.5, 8]);
  });

  test('of depthwise convolutions too', () => {
    const y = sg.fused.depthwiseConv2d({
      x,
      filter: sg.tensor4d([-1, -1], [1, 1, 2, 1]),
      strides: 1,
      pad: 0,
      dataFormat: 'NCHW',
      activation: 'prelu',
      preluActivationWeights: slopes,
    });
    expect([...y.dataSync()]).toEqual([-10, -20, -30, -40, -500, -600, -700, -800]);
  });
});

describe('windows that lie in the padding altogether', () => {
  test('have the mean 0 and no maximum', () => {
    const x = sg.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    expect([...sg.avgPool(x, 2, 3, 2).dataSync()]).toEqual([0, 0, 0, 4]);
    expect([...sg.maxPool(x, 2, 3, 2).dataSync()]).toEqual([-Infinity, -Infinity, -Infinity, 4]);
  });

  test('in volumes', () => {
    const x = sg.tensor5d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2, 1]);
    const mean = sg.avgPool3d(x, [2, 2, 2], 2, 2).dataSync();
    expect([...mean].filter((v) => v !== 0)).toEqual([4.5]);
    expect([
      ...sg
        .grad((v) => sg.avgPool3d(v, 2, 2, 2).sum())(x)
        .dataSync(),
    ]).toEqual(Array(8).fill(0.125));
  });
});

test('shapes with sizes that are not known broadcast', () => {
  expect(sg.broadcastArgs([1, 6, -1], [3, 1, 1, 1]).arraySync()).toEqual([3, 1, 6, -1]);
});

test('bytes and the identity of memory', async () => {
  const x = sg.tensor1d([1, 2], 'int32');
  expect(await x.bytes()).toEqual(new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0]));
  expect(await sg.tensor1d([true, false]).bytes()).toEqual(new Uint8Array([1, 0]));
  expect(new Float32Array((await sg.scalar(2.5).bytes()).buffer)[0]).toBe(2.5);
  expect(x.clone().dataId).toBe(x.dataId);
  expect(x.reshape([2, 1]).dataId).toBe(x.dataId);
  expect(x.add(1).dataId).not.toBe(x.dataId);
});

test('a buffer of float32, unless another type is given', () => {
  const b = new sg.TensorBuffer([2, 2]);
  b.set(3, 1, 0);
  expect(b.dtype).toBe('float32');
  expect(b.toTensor().arraySync()).toEqual([
    [0, 0],
    [3, 0],
  ]);
  expect(new sg.TensorBuffer([1], 'int32').values).toBeInstanceOf(Int32Array);
});

describe('tensors inside of values', () => {
  class Pair {
    constructor(
      readonly left: sg.Tensor,
      readonly right: sg.Tensor,
    ) {}
  }
  const named = Object.assign([sg.ones([1])], { extra: sg.ones([1]) });

  test('dispose finds those with names, in arrays and in objects of classes', () => {
    const pair = new Pair(sg.ones([1]), sg.ones([1]));
    const circle: { self?: unknown; t: sg.Tensor } = { t: sg.ones([1]) };
    circle.self = circle;
    sg.dispose([named, { pair }, circle, null, new Float32Array(3)]);
    expect([...named, named.extra, pair.left, pair.right, circle.t].map((t) => t.isDisposed)).toEqual(
      Array(5).fill(true),
    );
  });

  test('tidy lets them live', () => {
    const pair = sg.tidy(() => new Pair(sg.ones([1]), sg.ones([1])));
    const list = sg.tidy(() => Object.assign([sg.ones([1])], { extra: sg.ones([1]) }));
    expect([pair.left, pair.right, ...list, list.extra].some((t) => t.isDisposed)).toBe(false);
    sg.dispose([pair, list]);
  });
});

test('a number is a shape of one dimension for inputs of models', () => {
  const dense = sg.layers.dense({ units: 2, inputShape: 3 });
  expect(sg.sequential({ layers: [dense] }).inputs[0]?.shape).toEqual([null, 3]);
  expect(sg.input({ shape: 4 }).shape).toEqual([null, 4]);
  expect(sg.layers.inputLayer({ inputShape: 5, batchSize: 2 }).batchInputShape).toEqual([2, 5]);
});

test('null stands for what is left out of convolutions and poolings', () => {
  const [x, f] = [sg.randomNormal([1, 4, 4, 2], 0, 1, 'float32', 1), sg.randomNormal([2, 2, 2, 2], 0, 1, 'float32', 2)];
  const same = (a: sg.Tensor, b: sg.Tensor): void => expect([...a.dataSync()]).toEqual([...b.dataSync()]);
  same(sg.conv2d(x, f, 1, 'same', null, null, null), sg.conv2d(x, f, 1, 'same'));
  same(sg.depthwiseConv2d(x, f, 1, 'same', null, null, null), sg.depthwiseConv2d(x, f, 1, 'same'));
  same(sg.maxPool(x, 2, 2, 'same', null), sg.maxPool(x, 2, 2, 'same'));
  same(sg.pool(x, 2, 'avg', 'same', null, null, null), sg.pool(x, 2, 'avg', 'same'));
  const fused = { x, filter: f, strides: 1, pad: 'same' } as const;
  same(
    sg.fused.conv2d({ ...fused, dataFormat: null, dilations: null, bias: null, activation: null }),
    sg.fused.conv2d(fused),
  );
  const moments = [sg.zeros([2]), sg.ones([2])] as const;
  same(sg.batchNorm(x, ...moments, null, null, null), sg.batchNorm(x, ...moments));
});

test('plain numbers for booleans', () => {
  expect(sg.all([1, 2, 0]).dataSync()[0]).toBe(0);
  expect(sg.any([0, 0.5]).dataSync()[0]).toBe(1);
  expect(() => sg.all(sg.tensor1d([1, 0]))).toThrow(sg.DTypeError);
});

test('a tidy may have a name, which is a text', () => {
  expect(sg.tidy('step', () => 5)).toBe(5);
  expect(sg.tidy(() => 'hello')).toBe('hello');
  expect(() => sg.tidy(4 as never, () => 5)).toThrow(sg.ArgumentError);
  expect(() => sg.tidy('step', 'other' as never)).toThrow(sg.ArgumentError);
});
