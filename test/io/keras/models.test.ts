/** Twelve models of Keras 3 (goldens/keras_files.py): what they predict, and how their training continues. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';
import {
  type AnyModel,
  farthest,
  fixture,
  type Golden,
  goldens,
  inputsOf,
  KINDS,
  type Kind,
  load,
  predict,
  Sampling,
  save,
  targetsOf,
  train,
  values,
} from './files';

const names = Object.keys(goldens);
const golden = (name: string): Golden => goldens[name] as Golden;
const numbers = (g: Golden, when: 'before' | 'after') => g[when].map((y) => y.values);

beforeAll(() => sg.serialization.registerClass(Sampling as never, 'vae'));

describe.each<Kind>(['archives', 'legacy'])('%s', (kind) => {
  const { format } = KINDS[kind];

  it.each(names)('%s predicts and trains on as in Keras', async (name) => {
    const g = golden(name);
    const model = await load(fixture(kind, name));
    const xs = inputsOf(model, g);
    expect(farthest(predict(model, xs), numbers(g, 'before'))).toBeLessThan(1e-5);
    const losses = await train(model, xs, targetsOf(name, g));
    expect(farthest([losses], [g.losses])).toBeLessThan(1e-4);
    expect(farthest(predict(model, xs), numbers(g, 'after'))).toBeLessThan(1e-4);
  });

  it.each(names)('%s is the same model when it was written and read again, bit for bit', async (name) => {
    const g = golden(name);
    const model = await load(fixture(kind, name));
    const bytes = await save(model, format);
    expect(await save(model, format)).toEqual(bytes);
    const again = await load(bytes);
    const xs = inputsOf(model, g);
    const ys = targetsOf(name, g);
    expect(predict(again, xs)).toEqual(predict(model, xs));
    // Keras' velocity of SGD holds the rate: it is divided again.
    const isScaled = name === 'cnn';
    const [one, other] = [await train(model, xs, ys), await train(again, xs, ys)];
    if (isScaled) expect(farthest([one], [other])).toBeLessThan(1e-6);
    else expect(other).toEqual(one);
    if (!isScaled) expect(predict(again, xs)).toEqual(predict(model, xs));
  });
});

describe('weights alone', () => {
  it.each(names)('%s: into a model of other weights, and written again', async (name) => {
    const g = golden(name);
    const model = await load(fixture('archives', name), false);
    const xs = inputsOf(model, g);
    const before = predict(model, xs);
    const zero = (): void => model.setWeights(model.weights.map((w) => sg.zeros(w.shape, w.dtype)));
    zero();
    await model.loadWeights(fixture('weights', name));
    expect(predict(model, xs)).toEqual(before);
    const bytes = await save(model, 'keras-weights');
    zero();
    await model.loadWeights(bytes);
    expect(predict(model, xs)).toEqual(before);
  });

  const small = (names: readonly string[] = ['first', 'last'], units = 3) =>
    sg.sequential({
      layers: names
        .map((name, i) =>
          sg.layers.dense({
            units: i ? 2 : units,
            name,
            inputShape: [5],
            kernelInitializer: 'ones',
            biasInitializer: 'ones',
          }),
        )
        .map((layer, i) =>
          i ? sg.layers.dense({ ...layer.getConfig(), batchInputShape: undefined } as never) : layer,
        ),
    });
  const valuesOf = (model: AnyModel) => model.weights.map((w) => [...w.dataSync()]);

  it.each(['keras-weights', 'h5'])('%s of another model are refused, and nothing has changed', async (format) => {
    const model = small();
    const before = valuesOf(model);
    for (const other of [small(['first', 'last', 'more']), small(['first', 'last'], 4)]) {
      const bytes = await save(other, format);
      await expect(model.loadWeights(bytes)).rejects.toThrow(sg.FormatError);
      expect(valuesOf(model)).toEqual(before);
    }
  });

  it.each(['keras-weights', 'h5'])('%s by name, and where shapes differ', async (format) => {
    const other = small(['first', 'other']);
    other.setWeights(other.weights.map((w) => sg.fill(w.shape, 7)));
    const model = small();
    await model.loadWeights(await save(other, format), { byName: true });
    expect(valuesOf(model).map((v) => v[0])).toEqual([7, 7, 1, 1]);
    const wide = small(['first', 'last'], 4);
    await wide.loadWeights(await save(model, format), { skipMismatch: true });
    expect(valuesOf(wide).map((v) => v[0])).toEqual(format === 'h5' ? [1, 1, 1, 1] : [1, 1, 1, 1]);
    await expect(wide.loadWeights(await save(other, format), { byName: true })).rejects.toThrow(sg.FormatError);
    await wide.loadWeights(await save(other, format), { byName: true, skipMismatch: true });
    expect(valuesOf(wide).map((v) => v[0])).toEqual([1, 1, 1, 1]);
  });
});

describe('what is saved', () => {
  const small = (): AnyModel => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [3], name: 'scores' })] });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    return model;
  };

  it('goes without the optimizer if it is not asked for', async () => {
    for (const format of ['keras', 'h5']) {
      const model = await load(await save(small(), format, { includeOptimizer: false }));
      await expect(model.trainOnBatch(sg.ones([1, 3]), sg.ones([1, 2]))).rejects.toThrow(/not compiled/);
    }
  });

  it('holds what users say about it', async () => {
    const model = small();
    model.setUserDefinedMetadata({ labels: ['a', 'b'] });
    const again = await load(await save(model, 'keras'));
    expect(again.getUserDefinedMetadata()).toEqual({ labels: ['a', 'b'] });
  });

  it('may be half as large', async () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 100, inputShape: [100] })] });
    const [whole, half] = [await save(model, 'keras'), await save(model, 'keras', { weights: 'float16' })];
    expect(whole.length - half.length).toBeGreaterThan(20000);
    const again = await load(half);
    const [a, b] = [model, again].map((m) => [...(m.weights[0] as sg.Variable).dataSync()]);
    expect(farthest([a as number[]], [b as number[]])).toBeLessThan(2 ** -13);
    await expect(save(model, 'keras', { weights: 'int8' })).rejects.toThrow(/float16/);
    await expect(save(model, 'keras', { trainableOnly: true })).rejects.toThrow(/trainableOnly/);
  });

  it('is an error for what Keras has none of', async () => {
    const of = (layer: sg.Layer) => save(sg.sequential({ layers: [layer] }), 'keras');
    await expect(of(sg.layers.thresholdedReLU({ inputShape: [3] }))).rejects.toThrow(/not in Keras 3/);
    await expect(of(sg.layers.dense({ units: 1, inputShape: [3], activation: 'step' }))).rejects.toThrow(
      /no name in Keras/,
    );
    await expect(of(sg.layers.lambda({ function: (x: sg.Tensor) => x, inputShape: [3] } as never))).rejects.toThrow(
      /Lambda/,
    );
    const model = small();
    model.compile({ optimizer: sg.train.radam(), loss: 'meanSquaredError' });
    await expect(save(model, 'keras')).rejects.toThrow(/includeOptimizer: false/);
  });

  it('goes to paths, by what they end with', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keras-'));
    const model = small();
    const x = [values([4, 3], 1)];
    const before = predict(model, x);
    for (const name of ['a.keras', 'b.h5']) {
      await model.save(join(folder, name), { includeOptimizer: true });
      const again = (await sg.loadLayersModel(join(folder, name))) as AnyModel;
      expect(predict(again, x)).toEqual(before);
    }
    await model.saveWeights(join(folder, 'c.weights.h5'));
    const other = small();
    await other.loadWeights(join(folder, 'c.weights.h5'));
    expect(predict(other, x)).toEqual(before);
    rmSync(folder, { recursive: true });
  });
});
