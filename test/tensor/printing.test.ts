/** Tensors as text: what TensorFlow.js prints, letter by letter. */
import { inspect } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { generator, seedOf } from '../support/generate';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const SHAPES = [
  [],
  [1],
  [0],
  [5],
  [20],
  [21],
  [100],
  [1, 1],
  [2, 3],
  [1, 4],
  [4, 1],
  [0, 3],
  [3, 0],
  [21, 2],
  [2, 21],
  [25, 30],
  [20, 20],
  [2, 2, 2],
  [1, 1, 1],
  [3, 1, 2],
  [2, 0, 2],
  [21, 2, 3],
  [2, 22, 3],
  [2, 3, 23],
  [22, 23, 24],
  [2, 2, 2, 2],
  [1, 2, 1, 3],
  [2, 21, 1, 2],
  [3, 2, 22, 2],
  [2, 2, 2, 2, 2],
  [1, 2, 2, 1, 2, 2],
];

const SPECIAL = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  1e21,
  -1e-9,
  3e38,
  0.1,
  123456.789,
];

const VALUES: Record<string, { dtype: sg.DType; draw: (next: () => number) => number }> = {
  'small floats': { dtype: 'float32', draw: (next) => next() * 2 - 1 },
  'floats of all sizes': { dtype: 'float32', draw: (next) => (next() - 0.5) * 10 ** Math.floor(next() * 40 - 20) },
  'special floats': {
    dtype: 'float32',
    draw: (next) => (next() < 0.5 ? (SPECIAL[Math.floor(next() * SPECIAL.length)] as number) : Math.floor(next() * 5)),
  },
  int32: { dtype: 'int32', draw: (next) => Math.floor((next() - 0.5) * 10 ** Math.floor(next() * 9)) },
  bool: { dtype: 'bool', draw: (next) => (next() < 0.5 ? 0 : 1) },
};

describe.each(Object.entries(VALUES))('%s', (name, { dtype, draw }) => {
  it.each(SHAPES.map((shape) => [`[${shape}]`, shape] as const))('%s', (_, shape) => {
    const next = generator(seedOf(`${name} ${shape}`));
    const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw(next));
    const own = sg.tensor(values, shape, dtype);
    const other = tf.tensor(values, shape, dtype);
    for (const verbose of [false, true]) expect(own.toString(verbose)).toBe(other.toString(verbose));
    own.dispose();
  });
});

it('print writes to the console', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const t = sg.tensor1d([1, 2.5]);
  t.print();
  sg.print(t, true);
  expect(log.mock.calls).toEqual([
    ['Tensor\n    [1, 2.5]'],
    ['Tensor\n  dtype: float32\n  rank: 1\n  shape: [2]\n  values:\n    [1, 2.5]'],
  ]);
  log.mockRestore();
  expect(`${t}`).toBe('Tensor\n    [1, 2.5]');
});

it('a tensor of a function that is compiled has no values to print', () => {
  const texts: string[] = [];
  sg.jit((x: sg.Tensor) => {
    texts.push(x.toString(true));
    return x.sum();
  })(sg.zeros([2, 3]));
  expect(texts[0]).toBe('Tensor\n  dtype: float32\n  rank: 2\n  shape: [2,3]\n  values:\n    (traced)');
});

it('a disposed tensor cannot be printed', () => {
  const t = sg.tensor1d([1]);
  t.dispose();
  expect(() => t.toString()).toThrow(sg.DisposedError);
});

it('is what the console shows', () => {
  const x = sg.tensor2d([[1, 2]]);
  expect(inspect(x)).toBe(x.toString(true));
  expect(inspect({ w: sg.variable(sg.scalar(3)) })).toContain('shape: []');
  x.dispose();
  expect(inspect(x)).toBe('Tensor (disposed of)');
});
