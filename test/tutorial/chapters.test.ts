/** The snippets of section 6 of "Deep Learning Basics" in TypeScript: each network and each layer, as it stands there. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

type Symbolic = sg.SymbolicTensor;
const { layers } = sg;

const call = (layer: sg.Layer, x: Symbolic | Symbolic[]): Symbolic => layer.apply(x as Symbolic) as Symbolic;

describe('6.1 Defining the architecture', () => {
  it('the Sequential API', () => {
    const model = sg.sequential();
    model.add(layers.dense({ units: 64, activation: 'relu', inputShape: [784] }));
    model.add(layers.dense({ units: 64, activation: 'relu' }));
    model.add(layers.dense({ units: 10, activation: 'softmax' }));
    expect(model.countParams()).toBe(784 * 64 + 64 + 64 * 64 + 64 + 64 * 10 + 10);
    expect(model.predict(sg.zeros([2, 784])).shape).toEqual([2, 10]);
  });

  it('the Functional API', () => {
    const inputs = sg.input({ shape: [784] });
    let x = call(layers.dense({ units: 64, activation: 'relu' }), inputs);
    x = call(layers.dense({ units: 64, activation: 'relu' }), x);
    const outputs = call(layers.dense({ units: 10, activation: 'softmax' }), x);
    const model = sg.model({ inputs, outputs });
    const sums = model
      .predict(sg.randomNormal([3, 784]))
      .sum(1)
      .dataSync();
    for (const s of sums) expect(s).toBeCloseTo(1, 5);
  });
});

/** Each layer of the tutorial: its line, the shape of an example that fits, the shape that comes out. */
const rows: [string, () => sg.Layer, number[], number[]][] = [
  ['Dense', () => layers.dense({ units: 64, activation: 'relu' }), [784], [64]],
  ['Conv2D', () => layers.conv2d({ filters: 32, kernelSize: [3, 3], activation: 'relu' }), [28, 28, 1], [26, 26, 32]],
  ['Conv1D', () => layers.conv1d({ filters: 32, kernelSize: 3, activation: 'relu' }), [20, 4], [18, 32]],
  ['LSTM', () => layers.lstm({ units: 64, activation: 'relu' }), [10, 8], [64]],
  ['MaxPooling2D', () => layers.maxPooling2d({ poolSize: [2, 2] }), [8, 8, 3], [4, 4, 3]],
  ['GlobalAveragePooling2D', () => layers.globalAveragePooling2d(), [8, 8, 3], [3]],
  ['AveragePooling2D', () => layers.averagePooling2d({ poolSize: [2, 2] }), [8, 8, 3], [4, 4, 3]],
  ['GlobalMaxPooling2D', () => layers.globalMaxPooling2d(), [8, 8, 3], [3]],
  ['MaxPooling1D', () => layers.maxPooling1d({ poolSize: 2 }), [8, 3], [4, 3]],
  ['Dropout', () => layers.dropout({ rate: 0.5 }), [16], [16]],
  ['BatchNormalization', () => layers.batchNormalization(), [16], [16]],
  ['Activation', () => layers.activation({ activation: 'relu' }), [16], [16]],
  ['Embedding', () => layers.embedding({ inputDim: 1000, outputDim: 64 }), [12], [12, 64]],
  ['Flatten', () => layers.flatten(), [4, 4, 2], [32]],
  [
    'ConvLSTM2D',
    () => layers.convLstm2d({ filters: 32, kernelSize: [3, 3], activation: 'relu' }),
    [3, 8, 8, 1],
    [6, 6, 32],
  ],
];

describe('the layers', () => {
  it.each(rows)('%s', (_, make, shape, expected) => {
    const inputs = sg.input({ shape });
    const x = call(make(), inputs);
    expect(x.shape).toEqual([null, ...expected]);
    const y = sg.model({ inputs, outputs: x }).predict(sg.zeros([2, ...shape]));
    expect(y.shape).toEqual([2, ...expected]);
    expect([...y.dataSync()].every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['Attention', () => layers.attention()],
    ['AdditiveAttention', () => layers.additiveAttention()],
    ['MultiHeadAttention', () => layers.multiHeadAttention({ numHeads: 2, keyDim: 4 })],
  ])('%s, of a sequence to itself', (_, make) => {
    const inputs = sg.input({ shape: [6, 8] });
    const x = call(make(), [inputs, inputs]);
    expect(x.shape).toEqual([null, 6, 8]);
    expect(sg.model({ inputs, outputs: x }).predict(sg.randomNormal([2, 6, 8])).shape).toEqual([2, 6, 8]);
  });
});
