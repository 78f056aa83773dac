/** Losses against float64, from both sides: whole models, and functions of tensors. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { getLoss } from '../../src/train/losses';
import { expectClose } from '../support/compare';
import { linear, random, read, values, weightsOf } from './helpers';

type Tensor = sg.Tensor;

const rowsOf = (v: readonly number[], width: number): number[][] =>
  Array.from({ length: v.length / width }, (_, i) => v.slice(i * width, (i + 1) * width));
const total = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0);
const clip = (v: number): number => Math.min(1 - 1e-7, Math.max(1e-7, v));

function logSoftmax(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const sum = Math.log(total(row.map((v) => Math.exp(v - largest))));
  return row.map((v) => v - largest - sum);
}

/** Cross-entropy of sigmoid(z) with target y. */
const onLogit = (z: number, y: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - z * y;

/** Each loss for one example, of targets and probabilities. */
const references: Record<string, (y: number[], p: number[]) => number> = {
  meanSquaredError: (y, p) => total(p.map((v, i) => (v - (y[i] as number)) ** 2)) / p.length,
  categoricalCrossentropy: (y, p) => -total(p.map((v, i) => (y[i] as number) * Math.log(clip(v / total(p))))),
  sparseCategoricalCrossentropy: (y, p) => -Math.log(clip((p[y[0] as number] as number) / total(p))),
  binaryCrossentropy: (y, p) =>
    -total(p.map((v, i) => (y[i] as number) * Math.log(clip(v)) + (1 - (y[i] as number)) * Math.log(1 - clip(v)))) /
    p.length,
};

const sparse = 'sparseCategoricalCrossentropy';
const names = Object.keys(references);
const lossOf = (name: string) => getLoss(name, 'test').fn;

describe('on probabilities', () => {
  it.each(names)('%s', (name) => {
    const p = random(1, [9, 4], 0.05, 0.9);
    const y = name === sparse ? sg.tensor1d([0, 1, 2, 3, 0, 1, 2, 3, 3], 'int32') : random(2, [9, 4], 0, 1);
    const loss = lossOf(name)(y, p);
    expect(loss.shape).toEqual([9]);
    const targets = rowsOf(values(y), y.size / 9);
    expectClose(
      loss.dataSync(),
      rowsOf(values(p), 4).map((row, i) =>
        (references[name] as (a: number[], b: number[]) => number)(targets[i] as number[], row),
      ),
      2e-6,
    );
  });

  it.each(names)('%s: at 0 and 1 it is finite, and so is its gradient', (name) => {
    const p = sg.tensor2d([
      [0, 1],
      [1, 0],
      [1, 0],
    ]);
    const y =
      name === sparse
        ? sg.tensor1d([0, 1, 0], 'int32')
        : sg.tensor2d([
            [1, 0],
            [0, 1],
            [1, 0],
          ]);
    const { value, grad } = sg.valueAndGrad((t) => lossOf(name)(y, t).mean())(p);
    expect([...values(value), ...values(grad)].every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['positions', [2, 3, 4], [2, 3]],
    ['one example', [4], []],
  ])('%s keep their dimensions', (_, shape, expected) => {
    const p = random(3, shape, 0.1, 0.9);
    for (const name of names) {
      const y = name === sparse ? sg.zeros(expected, 'int32') : p;
      expect(lossOf(name)(y, p).shape, name).toEqual(expected);
    }
  });
});

/** A model whose logits are its inputs. */
function identity(width: number, activation: string, loss: string, rate = 0): sg.Sequential {
  const model = linear(width, width, { useBias: false, activation });
  model.setWeights([
    sg.tensor(
      Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0)),
      [width, width],
    ),
  ]);
  model.compile({ optimizer: sg.train.sgd(rate), loss });
  return model;
}

const LOGITS = [
  [0.5, -1, 2],
  [1000, -1000, 0],
  [-1000, 1000, 1000],
  [88, -104, 0],
  [-0.001, 0, 0.001],
  [1e30, -1e30, 1],
];

describe('in a model, on logits of any size', () => {
  it.each(LOGITS.flatMap((z) => [0, 1, 2].map((k) => [z, k] as const)))('softmax of %j, class %i', async (z, k) => {
    const expected = -(logSoftmax(z)[k] as number);
    const x = sg.tensor2d([z]);
    const hot = sg.tensor2d([[0, 1, 2].map((i) => Number(i === k))]);
    for (const [loss, y] of [
      [sparse, sg.tensor1d([k], 'int32')],
      ['categoricalCrossentropy', hot],
    ] as const) {
      const model = identity(3, 'softmax', loss, 1e-3);
      expectClose(read(model.evaluate(x, y)), [expected], 2e-6, loss);
      expectClose([(await model.trainOnBatch(x, y)) as number], [expected], 2e-6, `${loss}, training`);
      if (Math.abs(z[0] as number) < 1e6) expect(weightsOf(model).flat().every(Number.isFinite)).toBe(true);
    }
  });

  it.each(LOGITS)('sigmoid of %f, %f, %f', async (...z) => {
    for (const y of [
      [0, 0, 0],
      [1, 1, 1],
      [0.3, 1, 0],
    ]) {
      const expected = total(z.map((v, i) => onLogit(v, y[i] as number))) / 3;
      const model = identity(3, 'sigmoid', 'binaryCrossentropy', 1e-3);
      const [x, t] = [sg.tensor2d([z]), sg.tensor2d([y])];
      expectClose(read(model.evaluate(x, t)), [expected], 2e-6);
      expectClose([(await model.trainOnBatch(x, t)) as number], [expected], 2e-6, 'training');
      if (Math.abs(z[0] as number) < 1e6) expect(weightsOf(model).flat().every(Number.isFinite)).toBe(true);
    }
  });

  it('targets whose probabilities do not sum to 1 weigh the classes', () => {
    const z = [0.5, -1, 2];
    const model = identity(3, 'softmax', 'categoricalCrossentropy');
    for (const y of [
      [0, 0, 0],
      [0.2, 0.2, 0.1],
      [1, 1, 1],
      [2, 0, 0.5],
    ]) {
      const expected = -total(logSoftmax(z).map((v, i) => v * (y[i] as number)));
      expectClose(read(model.evaluate(sg.tensor2d([z]), sg.tensor2d([y]))), [expected], 2e-6);
    }
  });

  it('an activation as a layer of its own does as well', () => {
    for (const [activation, loss] of [
      ['softmax', 'categoricalCrossentropy'],
      ['sigmoid', 'binaryCrossentropy'],
    ] as const) {
      const model = identity(3, 'linear', loss);
      model.add(sg.layers.activation({ activation }));
      model.compile({ optimizer: 'sgd', loss });
      const expected = activation === 'softmax' ? 2000 : (1000 + 1000 + Math.LN2) / 3;
      expectClose(read(model.evaluate(sg.tensor2d([[1000, -1000, 0]]), sg.tensor2d([[0, 1, 0]]))), [expected], 2e-6);
    }
  });
});

describe('what comes after the activation counts', () => {
  /** The loss of a model, and the formula on the probabilities that it predicts. */
  function both(layers: sg.Layer[], x: Tensor, y: Tensor): [number, number] {
    const model = sg.sequential({ layers });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const p = model.predict(x);
    const width = p.shape.at(-1) as number;
    const targets = rowsOf(values(y), width);
    const rows = rowsOf(values(p), width).map(
      (row, i) => references.categoricalCrossentropy?.(targets[i] as number[], row) as number,
    );
    return [read(model.evaluate(x, y))[0] as number, total(rows) / rows.length];
  }

  it('softmax of parts, joined into one row', () => {
    const layers = [
      sg.layers.reshape({ targetShape: [2, 3], inputShape: [6] }),
      sg.layers.softmax(),
      sg.layers.flatten(),
    ];
    const [got, expected] = both(layers, sg.tensor2d([[1, 2, 3, 4, 0, -1]]), sg.tensor2d([[0, 0, 0.5, 0.5, 0, 0]]));
    expect(got).toBeCloseTo(expected, 5);
  });

  it('softmax along another axis', () => {
    const layers = [sg.layers.reshape({ targetShape: [2, 3], inputShape: [6] }), sg.layers.softmax({ axis: 1 })];
    const [got, expected] = both(layers, random(4, [3, 6], -2, 2), random(5, [3, 2, 3], 0, 1));
    expect(got).toBeCloseTo(expected, 5);
  });

  it('a reshape that keeps the rows', () => {
    const layers = [sg.layers.softmax({ inputShape: [3] }), sg.layers.reshape({ targetShape: [1, 3] })];
    const [got, expected] = both(layers, random(6, [4, 3], -2, 2), random(7, [4, 1, 3], 0, 1));
    expect(got).toBeCloseTo(expected, 5);
  });
});
