/** Losses against Keras 3: values, means, gradients, settings, the ends; reductions with weights and masks. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import type { LossFunction } from '../../src/train/losses';
import { type LossReduction, reduceLoss } from '../../src/train/losses/reduction';
import goldens from '../goldens/losses.json';
import { expectClose, expectSameBits } from '../support/compare';

type Tensor = sg.Tensor;
interface Factory {
  (settings?: object): LossFunction;
  (yTrue: sg.TensorLike, yPred: sg.TensorLike, weights?: sg.TensorLike | null): Tensor;
}
const factories = sg.losses as unknown as Record<string, Factory>;
type Golden = Omit<(typeof goldens.losses)[number], 'config' | 'gradient'> & { config: object; gradient?: number[] };

const named = (goldens.losses as Golden[]).map((g, i) => {
  const title = `${g.loss} ${JSON.stringify(g.config)} of [${g.y.shape}] and [${g.p.shape}], row ${i}`;
  return [title, g] as const;
});
const both = (g: Golden): [Tensor, Tensor] => [sg.tensor(g.y.values, g.y.shape), sg.tensor(g.p.values, g.p.shape)];
const seesBatch = (g: Golden): boolean => g.loss === 'circle' || 'ignoreClass' in g.config;

/** Σ values · (1, 2, 3, 1, …), as the generator has it. */
const weighed = (values: Tensor): Tensor =>
  values
    .reshape([-1])
    .mul(sg.tensor1d(Array.from({ length: values.size }, (_, i) => 1 + (i % 3))))
    .sum();

describe('as in Keras 3', () => {
  it.each(named)('%s', (_, g) => {
    const [y, p] = both(g);
    const loss = (factories[g.loss] as Factory)(g.config);
    const values = loss(y, p);
    expect(values.shape).toEqual(g.values.shape);
    expectClose(values.dataSync(), g.values.values, 5e-7);
    // The same bits when traced, and the mean that training reports.
    expectSameBits(sg.jit(loss)(y, p), values);
    const mean = sg.jit((a: Tensor, b: Tensor) => reduceLoss(loss(a, b), undefined, undefined, loss.reduction))(y, p);
    expectClose(mean.dataSync(), [g.mean], 2e-6);
    if (!seesBatch(g)) expectSameBits(mean, values.mean());
    const { grad } = sg.valueAndGrad((t) => weighed(loss(y, t)))(p);
    expectClose(grad.dataSync(), g.gradient ?? grad.dataSync(), 1e-6, 'gradient');
    expect(grad.dataSync().every(Number.isFinite)).toBe(true);
  });

  it.each(named.filter(([, g]) => Object.keys(g.config).length === 0 && g.loss !== 'meanSquaredError'))(
    'called with tensors: %s',
    (_, g) => {
      const [y, p] = both(g);
      const loss = factories[g.loss] as Factory;
      expectClose(loss(y, p).dataSync(), [g.mean], 2e-6);
      if (g.values.shape.length === 0 || seesBatch(g)) return;
      // A weight for each example, whose values the mean counts all.
      const [batch, ...rest] = g.values.shape as [number, ...number[]];
      const weights = Array.from({ length: batch }, (_, i) => i * 0.5);
      const width = rest.reduce((a, b) => a * b, 1);
      const sum = g.values.values.reduce((s, v, i) => s + v * (weights[Math.floor(i / width)] as number), 0);
      expectClose(loss(y, p, weights).dataSync(), [sum / g.values.values.length], 2e-6);
    },
  );

  it('has rows for every loss of Keras', () => {
    const keras =
      'binaryCrossentropy binaryFocalCrossentropy categoricalCrossentropy categoricalFocalCrossentropy ' +
      'categoricalGeneralizedCrossEntropy categoricalHinge circle cosineSimilarity dice hinge huber ' +
      'kullbackLeiblerDivergence logCosh meanAbsoluteError meanAbsolutePercentageError meanSquaredError ' +
      'meanSquaredLogarithmicError poisson sparseCategoricalCrossentropy squaredHinge tversky';
    const rows = new Set(goldens.losses.map((g) => g.loss));
    expect(keras.split(' ').filter((name) => !rows.has(name) || !factories[name])).toEqual([]);
  });
});

describe('reductions', () => {
  const predictions = sg.tensor(goldens.predictions, [4, 3, 2]);
  const values = sg.sub(1, predictions).abs().mean(-1);
  const optional = (rows: number[][] | null, dtype?: 'bool') =>
    rows ? sg.tensor2d(rows, undefined, dtype) : undefined;

  it.each(goldens.reductions.map((r, i) => [`${r.reduction}, row ${i}`, r] as const))('%s', (_, r) => {
    const [weights, mask] = [optional(r.weights), optional(r.mask, 'bool')];
    const got = reduceLoss(values, weights, mask, r.reduction as LossReduction);
    expectClose(got.dataSync(), r.value, 2e-6);
    expect(got.shape).toEqual(r.reduction === 'none' ? [4, 3] : []);
  });

  it('the mean of values alone is `mean`, bit for bit, and 0 of none', () => {
    for (const reduction of [undefined, 'sumOverBatchSize', 'mean', 'meanWithSampleWeight'] as const) {
      expectSameBits(reduceLoss(values, undefined, undefined, reduction), values.mean());
      expect([...reduceLoss(sg.zeros([0]), undefined, undefined, reduction).dataSync()]).toEqual([0]);
    }
  });

  it.each([[[4]], [[4, 1]], [[4, 3]], [[1, 3]], [[4, 3, 1]]])('weights and masks of %j', (shape) => {
    const n = shape.reduce((a, b) => a * b, 1);
    const weights = sg.tensor(
      Array.from({ length: n }, (_, i) => i % 3),
      shape,
    );
    const spread = sg.mul(
      shape.length === 1 ? weights.reshape([4, 1]) : weights.reshape(shape.slice(0, 2)),
      sg.ones([4, 3]),
    );
    expectClose(reduceLoss(values, weights, undefined).dataSync(), values.mul(spread).mean().dataSync(), 1e-6);
    const kept = spread.notEqual(0).cast('float32');
    const mean = values.mul(kept).sum().div(kept.sum());
    expectClose(reduceLoss(values, undefined, weights.cast('bool')).dataSync(), mean.dataSync(), 1e-6);
  });

  it('other shapes are errors that name them', () => {
    for (const shape of [[3], [5, 3], [4, 3, 2], [2, 4, 3]])
      expect(() => reduceLoss(values, sg.ones(shape), undefined)).toThrow(sg.ShapeError);
    expect(() => reduceLoss(values, sg.ones([3]), undefined)).toThrow(/weights \[3\].*\[4, 3\]/);
    expect(() => sg.losses.huber(sg.ones([4, 2]), sg.ones([4, 2]), [1, 2])).toThrow(sg.ShapeError);
  });
});
