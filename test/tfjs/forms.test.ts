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
