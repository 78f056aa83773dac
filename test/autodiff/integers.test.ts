/** Gradients with respect to int32 and bool: float32, the values that equal float32 arguments have, as in TensorFlow.js. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectSameBits } from '../support/compare';

type Tensor = sg.Tensor;
const shape = [2, 3];
const numbers = [3, -2, 1, 4, 2, -1];
const indices = sg.tensor1d([2, 0, 2], 'int32');
const weights = sg.tensor2d([0.5, -1, 2, 1.5, 3, -0.25], shape);
const other = (t: Tensor): Tensor => sg.tensor2d([2, 5, -3, 1, 2, 4], shape, t.dtype);

const functions: Record<string, (t: Tensor) => Tensor> = {
  'the argument itself': (t) => t,
  add: (t) => t.add(other(t)),
  'add a number': (t) => t.add(0.5),
  sub: (t) => other(t).sub(t),
  mul: (t) => t.mul(other(t)).mul(t),
  'mul by floats': (t) => t.mul(weights),
  'div of floats': (t) => weights.div(t),
  maximum: (t) => t.maximum(other(t)),
  minimum: (t) => sg.minimum(other(t), t),
  mod: (t) => t.mod(other(t)),
  pow: (t) => t.pow(sg.scalar(3, t.dtype)),
  squaredDifference: (t) => t.squaredDifference(other(t)),
  neg: (t) => t.neg(),
  abs: (t) => t.abs(),
  square: (t) => t.square(),
  relu: (t) => t.relu(),
  clip: (t) => t.clipByValue(-1, 2),
  exp: (t) => t.exp(),
  sum: (t) => t.sum(1),
  mean: (t) => t.mean(0),
  max: (t) => t.max(1),
  min: (t) => t.min(),
  prod: (t) => t.prod(1),
  cumsum: (t) => t.cumsum(1),
  cumprod: (t) => sg.cumprod(t, 1),
  matMul: (t) => sg.matMul(t, other(t), false, true),
  einsum: (t) => sg.einsum('ij,kj->ik', t, other(t)),
  maxPool: (t) => sg.maxPool(t.reshape([1, 2, 3, 1]) as sg.Tensor4D, 2, 1, 'valid'),
  gather: (t) => t.gather(indices, 1),
  slice: (t) => t.slice([0, 1], [2, 2]),
  stridedSlice: (t) => t.stridedSlice([0, 2], [2, 0], [1, -1]),
  concat: (t) => sg.concat([t, other(t), t], 1),
  stack: (t) => sg.stack([t, t.square()]),
  unstack: (t) => sg.unstack(t, 1).reduce((a, b) => a.mul(b)),
  tile: (t) => t.tile([2, 1]),
  reshape: (t) => t.reshape([3, 2]).square(),
  transpose: (t) => t.transpose().square(),
  reverse: (t) => t.reverse(1).mul(t),
  pad: (t) =>
    t.pad([
      [1, 0],
      [0, 2],
    ]),
  where: (t) => sg.where(t.greater(0), t.square(), other(t).mul(t)),
  topk: (t) => sg.topk(t, 2).values,
  broadcast: (t) => t.slice([0, 0], [1, 3]).add(t),
  softmax: (t) => t.cast('float32').softmax(),
  'in a loop over rows': (t) =>
    sg.unstack(t).reduce((h, r) => h.mul(2).add(r).square(), sg.zeros([3], 'int32') as Tensor),
};

describe('int32', () => {
  it.each(Object.keys(functions))('%s', (name) => {
    const f = functions[name] as (t: Tensor) => Tensor;
    const gradOf = (dtype: 'int32' | 'float32'): Tensor => {
      const x = sg.tensor2d(numbers, shape, dtype);
      return sg.grad((t) => {
        const y = f(t).cast('float32').flatten();
        return y.mul(sg.linspace(0.5, 2, y.size)).sum();
      })(x);
    };
    const got = gradOf('int32');
    expect(got.dtype).toBe('float32');
    expect(got.shape).toEqual(shape);
    expectSameBits(got, gradOf('float32'));
  });

  it('a result that is int32 itself, with and without weights', () => {
    const x = sg.tensor1d([1, 2], 'int32');
    const { value, grad } = sg.valueAndGrad((t) => t.square())(x);
    expect([value.dtype, grad.dtype]).toEqual(['int32', 'float32']);
    expect([...grad.dataSync()]).toEqual([2, 4]);
    for (const dtype of ['int32', 'float32'] as const) {
      const weighted = sg.grad((t) => t.square())(x, sg.tensor1d([1, 3], dtype));
      expect([weighted.dtype, ...weighted.dataSync()]).toEqual(['float32', 2, 12]);
    }
  });

  it('what is cut off has no slope', () => {
    const g = sg.grad((t) => t.mul(1.5).cast('int32').cast('float32').sum())(sg.tensor1d([1, 2]));
    expect([...g.dataSync()]).toEqual([0, 0]);
  });
});

it('bool counts as 0 and 1', () => {
  const x = sg.tensor1d([true, false, true], 'bool');
  const g = sg.grad((t) => t.cast('float32').mul([2, 3, 4]).sum())(x);
  expect([g.dtype, ...g.dataSync()]).toEqual(['float32', 2, 3, 4]);
  const arithmetic = sg.grad((t) => t.mul(sg.tensor1d([5, 6, 7], 'int32')).sum())(x);
  expect([arithmetic.dtype, ...arithmetic.dataSync()]).toEqual(['float32', 5, 6, 7]);
});

it('one unused argument beside an int32 one is named', () => {
  const ints = sg.tensor1d([1, 2], 'int32');
  expect(() => sg.grads((a) => a.square().sum())([ints, ints])).toThrow(/argument 1/);
});
