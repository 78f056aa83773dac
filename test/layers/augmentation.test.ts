/** Layers that change images at random: what they draw, when, and within which bounds. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random, values } from '../models/helpers';
import { expectSameBits } from '../support/compare';

type Tensor = sg.Tensor;
const { layers } = sg;
const train = { training: true };

describe('augmentation', () => {
  const images = random(6, [8, 5, 4, 2], 0, 255);
  const made = (seed: number): [string, sg.Layer][] => [
    ['randomFlip', layers.randomFlip({ seed })],
    ['randomRotation', layers.randomRotation({ factor: 0.3, seed })],
    ['randomTranslation', layers.randomTranslation({ heightFactor: 0.3, widthFactor: 0.3, seed })],
    ['randomZoom', layers.randomZoom({ heightFactor: 0.3, seed })],
    ['randomContrast', layers.randomContrast({ factor: 0.5, seed })],
    ['randomBrightness', layers.randomBrightness({ factor: 0.5, seed })],
  ];

  it.each(made(1))('%s leaves images alone at inference', (_, layer) => {
    expectSameBits(layer.apply(images), images);
    expectSameBits(
      sg.sequential({ layers: [layers.inputLayer({ inputShape: [5, 4, 2] }), layer] }).predict(images) as Tensor,
      images,
    );
  });

  it.each(
    made(2).map(([name, layer], i) => [name, layer, made(2)[i]?.[1] as sg.Layer, made(3)[i]?.[1] as sg.Layer] as const),
  )('%s follows its seed, and changes images each on its own way', (_, layer, same, other) => {
    const y = layer.apply(images, train);
    expectSameBits(same.apply(images, train), y);
    expect(values(other.apply(images, train))).not.toEqual(values(y));
    const alike = layer
      .apply(sg.tile(images.slice(0, 1), [8, 1, 1, 1]), train)
      .reshape([8, 40])
      .arraySync() as number[][];
    expect(new Set(alike.map(String)).size).toBeGreaterThan(1);
  });

  it.each(made(4))('%s draws anew in each step of training', async (_, layer) => {
    const model = sg.sequential({ layers: [layers.inputLayer({ inputShape: [5, 4, 2] }), layer] });
    const weights = random(9, [8, 5, 4, 2]);
    model.compile({ optimizer: 'sgd', loss: (y, p) => p.mul(y).sum() });
    const losses: number[] = [];
    for (let i = 0; i < 6; i++) losses.push((await model.trainOnBatch(images, weights)) as number);
    expect(new Set(losses).size).toBeGreaterThan(3);
  });

  it('flips along each dimension on its own, about half of the time', () => {
    const x = sg.tile(sg.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), [400, 1, 1, 1]);
    const rows = layers.randomFlip({ seed: 5 }).apply(x, train).reshape([400, 4]).arraySync() as number[][];
    const counts = ['1,2,3,4', '2,1,4,3', '3,4,1,2', '4,3,2,1'].map((k) => rows.filter((r) => String(r) === k).length);
    expect(counts.reduce((a, b) => a + b)).toBe(400);
    // Five standard deviations around 100.
    for (const n of counts) expect(Math.abs(n - 100)).toBeLessThan(44);
    const sideways = layers.randomFlip({ mode: 'horizontal', seed: 5 }).apply(x, train).reshape([400, 4]).arraySync();
    expect(new Set((sideways as number[][]).map(String))).toEqual(new Set(['1,2,3,4', '2,1,4,3']));
  });

  it('contrast and brightness stay within their factors and the range of values', () => {
    const x = random(7, [200, 3, 3, 1], 0.4, 0.6);
    const spread = (t: Tensor): number[] =>
      values(
        t
          .sub(t.mean([1, 2], true))
          .reshape([200, 9])
          .slice([0, 0], [200, 1]),
      );
    const contrast = layers.randomContrast({ factor: [0.5, 0.25], valueRange: [0, 1], seed: 1 }).apply(x, train);
    const ratios = spread(contrast).map((v, i) => v / (spread(x)[i] as number));
    expect(Math.min(...ratios)).toBeGreaterThan(0.499);
    expect(Math.min(...ratios)).toBeLessThan(0.55);
    expect(Math.max(...ratios)).toBeLessThan(1.251);
    expect(Math.max(...ratios)).toBeGreaterThan(1.2);
    const brightness = layers.randomBrightness({ factor: [-0.1, 0.3], valueRange: [0, 1], seed: 1 }).apply(x, train);
    const moved = values(brightness.sub(x).slice([0, 0, 0, 0], [200, 1, 1, 1]));
    expect(Math.min(...moved)).toBeGreaterThanOrEqual(-0.1001);
    expect(Math.max(...moved)).toBeLessThanOrEqual(0.3001);
    expect(Math.max(...moved) - Math.min(...moved)).toBeGreaterThan(0.35);
    const bright = values(layers.randomBrightness({ factor: [1, 1], valueRange: [0, 1] }).apply(x, train));
    expect(new Set(bright)).toEqual(new Set([1]));
  });

  it('a quarter of a turn is counterclockwise', () => {
    const x = sg.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    const y = layers.randomRotation({ factor: [0.25, 0.25], interpolation: 'nearest' }).apply(x, train);
    expect(values(y)).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
  });

  it('randomWidth draws a width for each call, and within a model that trains says what to use', async () => {
    const widths = (seed: number): number[] => {
      const layer = layers.randomWidth({ factor: [-0.5, 0.5], seed });
      return Array.from({ length: 30 }, () => layer.apply(sg.ones([1, 2, 40, 1]), train).shape[2] as number);
    };
    expect(widths(1)).toEqual(widths(1));
    expect(widths(1)).not.toEqual(widths(2));
    expect(new Set(widths(1)).size).toBeGreaterThan(10);
    expect(Math.min(...widths(1))).toBeGreaterThanOrEqual(20);
    expect(Math.max(...widths(1))).toBeLessThanOrEqual(60);
    const layer = layers.randomWidth({ factor: 0.5, inputShape: [2, 4, 1] });
    const wider = layers
      .randomWidth({ factor: [1, 1], interpolation: 'nearest' })
      .apply(sg.tensor4d([1, 2], [1, 1, 2, 1]), train);
    expect(values(wider)).toEqual([1, 1, 2, 2]);
    expect(layer.computeOutputShape([null, 2, 4, 1])).toEqual([null, 2, null, 1]);
    const model = sg.sequential({ layers: [layer, layers.globalAveragePooling2d()] });
    expectSameBits(
      model.predict(images.slice([0, 0, 0, 0], [8, 2, 4, 1])) as Tensor,
      images.slice([0, 0, 0, 0], [8, 2, 4, 1]).mean([1, 2]),
    );
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await expect(model.trainOnBatch(sg.ones([1, 2, 4, 1]), sg.ones([1, 1]))).rejects.toThrow('randomZoom');
  });

  it('gradients pass through to a layer before', async () => {
    const model = sg.sequential({
      layers: [
        layers.conv2d({ filters: 1, kernelSize: 1, useBias: false, inputShape: [3, 3, 1], kernelInitializer: 'ones' }),
        layers.randomFlip({ seed: 1 }),
      ],
    });
    model.compile({ optimizer: sg.train.sgd(1), loss: (_, p) => p.sum() });
    await model.trainOnBatch(sg.ones([2, 3, 3, 1]), sg.ones([2, 3, 3, 1]));
    expect(values(model.getWeights()[0] as Tensor)).toEqual([-17]);
  });
});
