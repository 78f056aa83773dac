/** Tensors of weights of eight bits: what ops make of them. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import { uniform } from '../support/random';

const random = (seed: number, ...shape: number[]): sg.Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

/** How far y is from what it should be, in parts of the greatest value there. */
const farness = (y: sg.Tensor, should: sg.Tensor): number =>
  sg.tidy(() => y.sub(should).abs().max().div(should.abs().max())).dataSync()[0] as number;

const [x, w] = [random(1, 6, 40), random(2, 40, 35)];
const [image, filter] = [random(3, 2, 7, 6, 5), random(4, 3, 3, 5, 18)];

describe('products are close to those of float32', () => {
  test.each([
    ['matMul', (q: sg.Tensor) => sg.matMul(x, q), w, {}],
    ['matMul of a batch', (q: sg.Tensor) => sg.matMul(x.reshape([2, 3, 40]), q), w, {}],
    ['matMul of columns inside a panel', (q: sg.Tensor) => sg.matMul(x, sg.slice(q, [0, 18], [-1, 9])), w, {}],
    [
      'matMul of split weights',
      (q: sg.Tensor) =>
        sg.concat(
          sg.split(q, 5, 1).map((p) => sg.matMul(x, p)),
          1,
        ),
      w,
      {},
    ],
    ['matMul in another shape', (q: sg.Tensor) => sg.matMul(x, q.reshape([8, 5, 5, 7]).reshape([40, 35])), w, {}],
    ['conv2d', (q: sg.Tensor) => sg.conv2d(image, q, 1, 'same'), filter, {}],
    ['conv2d with strides', (q: sg.Tensor) => sg.conv2d(image, q, 2, 'valid'), filter, {}],
    ['conv2d in groups', (q: sg.Tensor) => sg.conv2d(image, sg.split(q, 2, 3)[1] as sg.Tensor, 1, 'same'), filter, {}],
    ['conv1d', (q: sg.Tensor) => sg.conv1d(image.reshape([2, 42, 5]), q, 1, 'same'), random(5, 4, 5, 7), {}],
    [
      'depthwiseConv2d',
      (q: sg.Tensor) => sg.depthwiseConv2d(image, q, 1, 'same'),
      random(6, 3, 3, 5, 2),
      { kind: 'depthwise' },
    ],
  ] as const)('%s', (_, product, weights, settings) => {
    const far = farness(product(sg.quantizeWeights(weights, settings)), product(weights));
    expect(far).toBeLessThan(0.03);
    expect(far).toBeGreaterThan(0);
  });
});

test('rows of a table are its integers times their scales', () => {
  const [table, indices] = [
    random(7, 9, 6),
    sg.tensor(
      [
        [4, 0],
        [8, 4],
      ],
      [2, 2],
      'int32',
    ),
  ];
  const q = sg.quantizeWeights(table, { kind: 'rows' });
  const numbers = sg.tensor(q.dataSync(), q.shape);
  expect(farness(numbers, table)).toBeLessThan(0.01);
  expect(sg.gather(q, indices).dataSync()).toEqual(sg.gather(numbers, indices).dataSync());
});

test('a result does not depend on the other rows, nor on how it is computed', () => {
  const q = sg.quantizeWeights(w);
  const whole = sg.matMul(x, q);
  const one = sg.matMul(x.slice([4, 0], [1, -1]), q);
  expect(one.dataSync()).toEqual(whole.slice([4, 0], [1, -1]).dataSync());
  const compiled = sg.jit((t) => sg.relu(sg.matMul(t, q).add(1)));
  expect(compiled(x).dataSync()).toEqual(whole.add(1).relu().dataSync());
});

test('all other ops see the numbers', () => {
  const q = sg.quantizeWeights(w);
  const numbers = sg.tensor(q.dataSync(), q.shape);
  expect(q.add(1).dataSync()).toEqual(numbers.add(1).dataSync());
  expect(sg.matMul(w, q, false, true).dataSync()).toEqual(sg.matMul(w, numbers, false, true).dataSync());
  expect(
    sg
      .jit(() => sg.transpose(q))()
      .dataSync(),
  ).toEqual(numbers.transpose().dataSync());
  expect(sg.slice(q, [1, 3], [5, 20]).dataSync()).toEqual(sg.slice(numbers, [1, 3], [5, 20]).dataSync());
  expect(sg.slice(q, [0, 3], [-1, 20]).dataSync()).toEqual(sg.slice(numbers, [0, 3], [-1, 20]).dataSync());
  expect(q.clone().dataSync()).toEqual(numbers.dataSync());
  expect(sg.keep(q).arraySync()).toEqual(numbers.arraySync());
  const copy = sg.variable(q);
  expect(copy.dataSync()).toEqual(numbers.dataSync());
  copy.assign(q);
  expect(copy.dataSync()).toEqual(numbers.dataSync());
});

test('a scale of the inputs cuts off what is larger', () => {
  const q = sg.quantizeWeights([[1], [1]], { inputScale: 1 / 127 });
  expect(sg.matMul([[5, -0.5]], q).dataSync()[0]).toBeCloseTo(1 - 64 / 127, 6);
});

test('a row with NaN or an infinity is NaN, the others are not', () => {
  for (const inputScale of [null, 0.1])
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const y = sg
        .matMul(
          [
            [1, 2],
            [bad, 1],
          ],
          sg.quantizeWeights([[1], [2]], { inputScale }),
        )
        .dataSync();
      expect(Number.isFinite(y[0])).toBe(true);
      expect(y[1]).toBeNaN();
    }
});

test('memory is a quarter, and returns', () => {
  const { numBytes, numTensors } = sg.memory();
  const big = sg.zeros([256, 256]);
  const q = sg.quantizeWeights(big);
  big.dispose();
  expect(sg.memory().numBytes - numBytes).toBeLessThan(0.27 * 256 * 256 * 4);
  sg.tidy(() => {
    sg.matMul(sg.ones([2, 256]), q.reshape([16, 16, 256]).reshape([256, 256]));
  });
  q.dispose();
  expect(sg.memory().numTensors).toBe(numTensors);
  expect(sg.memory().numBytes - numBytes).toBeLessThan(8192);
  expect(() => q.dataSync()).toThrow(sg.DisposedError);
});

test('what cannot be done is refused', () => {
  expect(() => sg.quantizeWeights([1, 2])).toThrow(sg.ShapeError);
  expect(() => sg.quantizeWeights([[1]], { kind: 'depthwise' })).toThrow(/rank 4/);
  expect(() => sg.quantizeWeights([[1, Number.NaN]])).toThrow(/finite, got NaN/);
  expect(() => sg.quantizeWeights(sg.zeros([65_001, 1]))).toThrow(/65001 products/);
  expect(() => sg.quantizeWeights([[1]], { inputScale: 0 })).toThrow(sg.ArgumentError);
  expect(() => sg.matMul([[1, 2, 3]], sg.quantizeWeights([[1], [2]]))).toThrow(sg.ShapeError);
  const q = sg.quantizeWeights([[1], [2]]);
  expect(() => sg.grad((t) => sg.matMul(t, q).sum())(sg.ones([1, 2]))).toThrow(/train the model in float32/);
});

test('products of integers are exact', () => {
  const big = sg.tensor([[2 ** 24 + 1, 3]], [1, 2], 'int32');
  expect(sg.matMul(big, sg.tensor([[1], [1]], [2, 1], 'int32')).dataSync()[0]).toBe(2 ** 24 + 4);
  expect(sg.matMul(big, big, false, true).dataSync()[0]).toBe(Math.imul(2 ** 24 + 1, 2 ** 24 + 1) + 9);
  expect(sg.matMul(big, big, true, false).dataSync()[3]).toBe(9);
  expect(sg.einsum('ij,kj->ik', big, sg.tensor([[1, 1]], [1, 2], 'int32')).dataSync()[0]).toBe(2 ** 24 + 4);
});
