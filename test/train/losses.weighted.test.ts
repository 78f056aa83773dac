/** The losses of TensorFlow.js core against TensorFlow.js itself, on its cpu backend. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
// For its gradients.
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';
import { uniform } from '../support/random';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

interface Row {
  readonly name: keyof typeof tf.losses & keyof typeof sg.losses;
  /** Of labels 0 and 1. */
  readonly isBinary?: boolean;
  /** Range of the predictions; [-2, 2] by default. */
  readonly range?: readonly [number, number];
  /** Arguments between weights and reduction. */
  readonly extra?: readonly unknown[];
  /** Shape of the losses, if not that of the predictions. */
  readonly shape?: (s: readonly number[]) => readonly number[];
  /** What comes before the weights. */
  readonly axis?: number;
}

const ROWS: readonly Row[] = [
  { name: 'absoluteDifference' },
  { name: 'meanSquaredError' },
  { name: 'hingeLoss', isBinary: true },
  { name: 'huberLoss' },
  { name: 'huberLoss', extra: [0.3] },
  { name: 'logLoss', isBinary: true, range: [0, 1] },
  { name: 'logLoss', isBinary: true, range: [0, 1], extra: [0.01] },
  { name: 'sigmoidCrossEntropy', isBinary: true },
  { name: 'sigmoidCrossEntropy', isBinary: true, extra: [0.2] },
  { name: 'sigmoidCrossEntropy', isBinary: true, range: [-1e4, 1e4] },
  { name: 'softmaxCrossEntropy', isBinary: true, shape: (s) => s.slice(0, -1) },
  { name: 'softmaxCrossEntropy', isBinary: true, shape: (s) => s.slice(0, -1), extra: [0.3] },
  { name: 'softmaxCrossEntropy', isBinary: true, shape: (s) => s.slice(0, -1), range: [-1e4, 1e4] },
  { name: 'cosineDistance', axis: 0, shape: ([, ...rest]) => [1, ...rest] },
  { name: 'cosineDistance', axis: 1, shape: ([a, , ...rest]) => [a as number, 1, ...rest] },
];

type Values = readonly [data: Float32Array, shape: readonly number[]];
type Fn<T> = (...args: unknown[]) => T;

/** Every shape that broadcasts to one: dimensions of 1, fewer of them. */
function broadcastable(shape: readonly number[]): readonly (readonly number[])[] {
  const all: (readonly number[])[] = [];
  for (let bits = 0; bits < 1 << shape.length; bits++) all.push(shape.map((d, i) => ((bits >> i) & 1 ? d : 1)));
  return [...all, ...shape.map((_, i) => shape.slice(i + 1))];
}

/** One call on either side: value, and gradient of its sum with regard to the predictions. */
function run(row: Row, labels: Values, predictions: Values, weights: Values | undefined, reduction: sg.Reduction) {
  const { name, extra = [undefined], axis } = row;
  const hasExtra = name === 'huberLoss' || name === 'logLoss' || name.endsWith('CrossEntropy');
  const args = <T>(make: (v: Values) => T, p: T) => {
    const w = weights && make(weights);
    const rest = axis === undefined ? [w, ...(hasExtra ? extra : [])] : [axis, w];
    return [make(labels), p, ...rest, reduction];
  };
  const own = ([data, shape]: Values): sg.Tensor => sg.tensor(data, [...shape]);
  const peer = ([data, shape]: Values): tf.Tensor => tf.tensor(data, [...shape] as [number]);
  const mine = sg.losses[name] as unknown as Fn<sg.Tensor>;
  const theirs = tf.losses[name] as unknown as Fn<tf.Tensor>;
  const got = mine(...args(own, own(predictions)));
  const want = theirs(...args(peer, peer(predictions)));
  expect(got.shape).toEqual(want.shape);
  expectClose(got.dataSync(), want.dataSync(), 2e-6, `${name} ${reduction}`);
  const slope = sg.grad((p) => mine(...args(own, p)).sum())(own(predictions));
  const peerSlope = tf.grad((p) => tf.sum(theirs(...args(peer, p))))(peer(predictions));
  expectClose(slope.dataSync(), peerSlope.dataSync(), 2e-5, `${name} ${reduction}: gradient`);
}

const REDUCTIONS = [0, 1, 2, 3] as const;

describe('as TensorFlow.js', () => {
  it('Reduction is its enum', () => expect(sg.Reduction).toEqual(tf.Reduction));

  it.each(ROWS.map((r, i) => [`${r.name} ${JSON.stringify(r.extra ?? [])}, row ${i}`, r] as const))('%s', (_, row) => {
    [[3, 4], [2, 1, 3], [5, 1], ...(row.axis === 1 ? [] : [[7]])].forEach((shape, k) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const random = (seed: number, low = -2, high = 2) => uniform(50 * k + seed, size, low, high);
      // The gradient of TensorFlow.js' softmaxCrossEntropy holds for labels that sum to 1 alone.
      const width = shape.at(-1) as number;
      const isOne = (v: number, i: number): boolean =>
        row.name === 'softmaxCrossEntropy' ? i % width === Math.floor(i / width) % width : v > 0;
      const labels: Values = [row.isBinary ? random(1).map((v, i) => Number(isOne(v, i))) : random(1), shape];
      // TensorFlow.js smooths by its second dimension, whichever that of the classes is.
      if (row.extra && row.name === 'softmaxCrossEntropy' && shape.length !== 2) return;
      const predictions: Values = [random(2, ...(row.range ?? [])), shape];
      const losses = row.shape?.(shape) ?? shape;
      run(row, labels, predictions, undefined, 3);
      for (const of of [undefined, ...broadcastable(losses)]) {
        const n = (of ?? []).reduce((a, b) => a * b, 1);
        const weights: Values | undefined = of && [uniform(n + 3, n, 0.5, 2).map((v, i) => (i % 3 === 1 ? 0 : v)), of];
        for (const reduction of REDUCTIONS) run(row, labels, predictions, weights, reduction);
      }
    });
  });

  it('computeWeightedLoss of losses of any type', () => {
    for (const reduction of REDUCTIONS)
      for (const weights of [undefined, [1, 0, 2], [[2], [0.5]], 3])
        for (const dtype of ['float32', 'int32'] as const) {
          const data = [1, -2, 3, 4, 0, 6];
          const got = sg.losses.computeWeightedLoss(sg.tensor(data, [2, 3], dtype), weights, reduction);
          const want = tf.losses.computeWeightedLoss(tf.tensor2d(data, [2, 3], dtype), weights as number, reduction);
          expect([got.shape, got.dtype]).toEqual([want.shape, want.dtype]);
          expectClose(got.dataSync(), want.dataSync(), 1e-6);
        }
  });
});

describe('where TensorFlow.js is wrong', () => {
  it('nothing weighed is 0, as in TensorFlow, and so is the gradient', () => {
    for (const reduction of REDUCTIONS.slice(1)) {
      expect([...sg.losses.computeWeightedLoss([1, 2], [0, 0], reduction).dataSync()]).toEqual([0]);
      expect([...sg.losses.computeWeightedLoss(sg.zeros([0, 2]), null, reduction).dataSync()]).toEqual([0]);
      const loss = (p: sg.Tensor) => sg.losses.meanSquaredError([1, 2], p, [0, 0], reduction);
      expect([...sg.grad(loss)([3, 3]).dataSync()].map(Math.abs)).toEqual([0, 0]);
    }
  });

  it('weights that widen the losses count as often as they are used', () => {
    const mean = sg.losses.computeWeightedLoss([[1], [2]], [[1, 2, 3]], sg.Reduction.MEAN);
    expect(mean.dataSync()[0]).toBeCloseTo(1.5, 6);
  });

  it('labels are smoothed over the last dimension', () => {
    const loss = sg.losses.softmaxCrossEntropy([[[1, 0]]], [[[0, 2]]], null, 0.5);
    const onZero = Math.log(1 + Math.exp(2));
    expect(loss.dataSync()[0]).toBeCloseTo(0.75 * onZero + 0.25 * (onZero - 2), 6);
  });
});

it('wrong arguments are errors that say so', () => {
  expect(() => sg.losses.huberLoss([1, 2], [1, 2, 3])).toThrow(/huberLoss: targets \[2\] and predictions \[3\]/);
  expect(() => sg.losses.huberLoss([1, 2], [1, 2], [1, 2, 3])).toThrow(sg.ShapeError);
  expect(() => sg.losses.huberLoss([1, 2], [1, 2], null, -1)).toThrow(
    /huberLoss: delta must be a finite number > 0, got -1/,
  );
  expect(() => sg.losses.logLoss([1], [1], null, Number.NaN)).toThrow(sg.ArgumentError);
  expect(() => sg.losses.absoluteDifference([1], [1], null, 7 as never)).toThrow(/reduction.*sg\.Reduction, got 7/);
  expect(() => sg.losses.cosineDistance([[1]], [[1]], 2)).toThrow(/axis 2/);
  expect(() => sg.losses.sigmoidCrossEntropy([1], [1], null, 2)).toThrow(/labelSmoothing/);
});
