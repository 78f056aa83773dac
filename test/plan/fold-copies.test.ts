/** Copies that only maps read are read at their source. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { stridesAlong } from '../../src/plan/passes/fold-copies';
import { expectSameBits } from '../support/compare';
import { uniform } from '../support/random';
import { compile } from './compile';

type Tensor = sg.Tensor;
const random = (seed: number, shape: number[]): Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

describe('strides along another shape', () => {
  it.each([
    [[6], { dims: [6], strides: [1] }, [1]],
    [[2, 3], { dims: [6], strides: [1] }, [3, 1]],
    [[6], { dims: [2, 3], strides: [3, 1] }, [1]],
    [[6], { dims: [2, 3], strides: [10, 1] }, undefined],
    [[2, 3], { dims: [2, 3], strides: [10, 1] }, [10, 1]],
    [[2, 1, 3], { dims: [2, 3], strides: [10, 1] }, [10, 0, 1]],
    [[4, 3], { dims: [2, 6], strides: [10, 1] }, undefined],
    [[2, 2, 3], { dims: [2, 6], strides: [10, 1] }, [10, 3, 1]],
    [[3, 2], { dims: [2, 3], strides: [10, 1] }, undefined],
    [[2, 12], { dims: [2, 3, 4], strides: [50, 4, 1] }, [50, 1]],
    [[], { dims: [], strides: [] }, []],
    [[5], { dims: [4], strides: [1] }, undefined],
  ] as const)('%j of %j', (shape, space, expected) => expect(stridesAlong(shape, space)).toEqual(expected));
});

const rows: [string, (x: Tensor) => Tensor | Tensor[], number[], number][] = [
  ['columns of a matrix', (x) => x.slice([0, 8], [-1, 16]).tanh(), [5, 40], 0],
  ['two parts, multiplied', (x) => x.slice([0, 0], [-1, 16]).mul(x.slice([0, 20], [-1, 16])), [5, 40], 0],
  ['rows of images moved aside', (x) => x.transpose([1, 0, 2]).relu(), [4, 3, 16], 0],
  ['short runs stay copies', (x) => x.slice([0, 1], [-1, 3]).tanh(), [5, 40], 1],
  [
    'what is a result stays a copy',
    (x) => {
      const part = x.slice([0, 8], [-1, 16]);
      return [part, part.exp()];
    },
    [5, 40],
    1,
  ],
  [
    'what a product reads stays a copy',
    (x) => x.slice([0, 8], [-1, 16]).matMul(x.slice([0, 0], [-1, 16]), false, true),
    [5, 40],
    2,
  ],
];

it.each(rows)('%s', (_, f, shape, copies) => {
  const x = random(1, shape);
  const fused = compile(f, [x]);
  expect(fused.names.filter((n) => n === 'StridedCopy').length).toBe(copies);
  const plain = compile(f, [x], { fuse: false });
  fused.run().forEach((t, i) => {
    expectSameBits(t, plain.run()[i] as Tensor);
  });
});

it('a variable that changes in between is copied before', () => {
  const w = sg.variable(random(2, [4, 32]));
  const before = w.slice([0, 0], [-1, 16]).tanh();
  const step = sg.jit(() => {
    const part = w.slice([0, 0], [-1, 16]);
    sg.train.sgd(0.5).minimize(() => w.square().sum());
    return part.tanh();
  });
  expectSameBits(step(), before);
});
