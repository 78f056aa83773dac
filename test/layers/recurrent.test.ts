/** Recurrent layers: masks, states, both directions, cells of the user's own. */
import '@tensorflow/tfjs-backend-cpu';
import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random, settle, values } from '../models/helpers';
import { expectClose, expectSameBits } from '../support/compare';

type Tensor = sg.Tensor;

beforeAll(async () => {
  await tfc.setBackend('cpu');
});

const settings = { recurrentInitializer: 'glorotUniform', recurrentActivation: 'sigmoid' };
/** The settings that a layer has. */
const gatesOf = (name: string): object => (name === 'simpleRNN' ? { recurrentInitializer: 'glorotUniform' } : settings);
const named = {
  simpleRNN: (o: object) => sg.layers.simpleRNN({ units: 3, ...gatesOf('simpleRNN'), ...o }),
  lstm: (o: object) => sg.layers.lstm({ units: 3, ...settings, ...o }),
  gru: (o: object) => sg.layers.gru({ units: 3, ...settings, ...o }),
};
const names = Object.keys(named) as (keyof typeof named)[];
const x = random(1, [2, 5, 4]);
const mask = sg.tensor2d(
  [
    [1, 1, 1, 0, 0],
    [1, 0, 1, 1, 0],
  ],
  [2, 5],
  'bool',
);

describe.each(names)('%s', (name) => {
  it('steps that the mask leaves out change nothing', () => {
    const layer = named[name]({ returnSequences: true, returnState: true });
    const [outputs, ...states] = layer.apply(x, { mask }) as unknown as Tensor[];
    const plain = sg.layers.rnn({ cell: layer.cell, returnState: true });
    // The first example has three steps, the second one the first, third and fourth.
    const short = sg.concat([
      x.slice([0, 0], [1, 3]),
      sg.gather(x.slice([1, 0], [1]), sg.tensor1d([0, 2, 3], 'int32'), 1),
    ]);
    const [last, ...after] = plain.apply(short) as unknown as Tensor[];
    expectSameBits((outputs as Tensor).slice([0, 4], [-1, 1]).squeeze([1]), last as Tensor);
    states.forEach((s, i) => {
      expectSameBits(s, after[i] as Tensor);
    });
    const rows = (outputs as Tensor).arraySync() as number[][][];
    expect(rows[1]?.[1]).toEqual(rows[1]?.[0]);
    expect(rows[0]?.[4]).toEqual(rows[0]?.[2]);
  });

  it('goes on from states it is given', () => {
    const layer = named[name]({ returnState: true });
    const [, ...half] = layer.apply(x.slice([0, 0], [-1, 2])) as unknown as Tensor[];
    const rest = x.slice([0, 2]);
    const whole = layer.apply(x) as unknown as Tensor[];
    for (const resumed of [layer.apply(rest, { initialState: half }), layer.apply([rest, ...half] as never)])
      (resumed as unknown as Tensor[]).forEach((t, i) => {
        expectSameBits(t, whole[i] as Tensor);
      });
    expect(() => layer.apply(rest, { initialState: [sg.zeros([2, 7])] })).toThrow(sg.ShapeError);
  });

  it('stateful: a batch goes on from the one before, until it is reset', () => {
    const layer = named[name]({ stateful: true, batchInputShape: [2, null, 4] });
    const model = sg.sequential({ layers: [layer] });
    const plain = sg.layers.rnn({ cell: layer.cell });
    const parts = [x.slice([0, 0], [-1, 3]), x.slice([0, 3])];
    const whole = plain.apply(x) as Tensor;
    const [first, second] = parts.map((p) => layer.apply(p) as Tensor) as [Tensor, Tensor];
    expectSameBits(second, whole);
    layer.resetStates();
    expectSameBits(layer.apply(parts[0] as Tensor), first);
    layer.resetStates();
    model.predict(parts[0] as Tensor);
    expectSameBits(model.predict(parts[1] as Tensor), whole);
  });

  it('stateful needs a batch size, resetStates a stateful layer', () => {
    expect(() => named[name]({ stateful: true }).apply(sg.input({ shape: [3, 4] }))).toThrow(/batch/);
    expect(() => named[name]({}).resetStates()).toThrow(sg.StateError);
  });

  it('dropout drops the same in all steps, only in training, anew in each step of training', () => {
    const layer = named[name]({ dropout: 0.5, recurrentDropout: 0.3, seed: 4, returnSequences: true });
    const plain = layer.apply(x) as Tensor;
    expectSameBits(layer.apply(x, { training: false }), plain);
    expect(values(layer.apply(x, { training: true }))).not.toEqual(values(plain));
    const step = sg.jit((t: Tensor) => layer.apply(t, { training: true }));
    expect(values(step(x))).not.toEqual(values(step(x)));
  });

  it('trains as in TensorFlow.js', async () => {
    const config = { units: 4, ...gatesOf(name), returnSequences: false, inputShape: [5, 4] };
    const build = (kit: typeof sg | typeof tfl) => {
      const { layers, sequential } = kit as unknown as {
        layers: Record<string, (c: object) => never>;
        sequential: (c: object) => sg.Sequential;
      };
      return sequential({ layers: [layers[name]?.(config), layers.dense?.({ units: 2 })] });
    };
    const [own, other] = [build(sg), build(tfl) as unknown as tfl.Sequential];
    settle(own, 5);
    other.setWeights(own.layers.flatMap((l) => l.weights).map((w) => tfc.tensor(w.dataSync(), w.shape as number[])));
    own.compile({ optimizer: sg.train.adam(0.01), loss: 'meanSquaredError' });
    other.compile({ optimizer: tfc.train.adam(0.01), loss: 'meanSquaredError' });
    const y = random(2, [2, 2]);
    const [tx, ty] = [x, y].map((t) => tfc.tensor(t.dataSync(), t.shape as number[])) as [tfc.Tensor, tfc.Tensor];
    for (let i = 0; i < 8; i++)
      expectClose([(await own.trainOnBatch(x, y)) as number], [(await other.trainOnBatch(tx, ty)) as number], 2e-4);
  });
});

describe('bidirectional', () => {
  it.each(['concat', 'sum', 'mul', 'ave'] as const)('%s: as TensorFlow.js', (mergeMode) => {
    for (const returnSequences of [false, true]) {
      const layer = sg.layers.bidirectional({ layer: named.lstm({ returnSequences }), mergeMode });
      const out = layer.apply(x) as Tensor;
      const twin = tfl.layers.bidirectional({
        layer: tfl.layers.lstm({ units: 3, returnSequences, ...settings } as never) as never,
        mergeMode,
      });
      const tx = tfc.tensor(x.dataSync(), x.shape as number[]);
      twin.apply(tx);
      twin.setWeights(layer.weights.map((w) => tfc.tensor(w.dataSync(), w.shape as number[])));
      expectClose(out.dataSync(), (twin.apply(tx) as tfc.Tensor).dataSync(), 1e-5);
      const symbol = layer.apply(sg.input({ shape: [5, 4] })) as sg.SymbolicTensor;
      expect(symbol.shape.slice(1)).toEqual(out.shape.slice(1));
    }
  });

  it('null: both outputs; with states', () => {
    const layer = sg.layers.bidirectional({ layer: named.gru({ returnState: true }), mergeMode: null });
    const out = layer.apply(x) as unknown as Tensor[];
    expect(out.map((t) => t.shape)).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
    expectSameBits(out[0] as Tensor, out[2] as Tensor);
  });

  it('wrong settings', () => {
    expect(() => sg.layers.bidirectional({ layer: sg.layers.flatten() as never })).toThrow(sg.ArgumentError);
    expect(() => sg.layers.bidirectional({ layer: named.lstm({}), mergeMode: 'max' as never })).toThrow(/mergeMode/);
  });
});

describe('timeDistributed', () => {
  it('is the layer on each step', () => {
    const inner = sg.layers.dense({ units: 3, activation: 'tanh' });
    const layer = sg.layers.timeDistributed({ layer: inner });
    const out = layer.apply(x) as Tensor;
    expect(out.shape).toEqual([2, 5, 3]);
    expectSameBits(out, inner.apply(x));
    const images = random(3, [2, 3, 5, 4, 1]);
    const conv = sg.layers.conv2d({ filters: 2, kernelSize: 2 });
    const each = sg.layers.timeDistributed({ layer: conv }).apply(images) as Tensor;
    expectSameBits(each.slice([0, 1], [-1, 1]).squeeze([1]), conv.apply(images.slice([0, 1], [-1, 1]).squeeze([1])));
    expect((layer.apply(sg.input({ shape: [null, 4] })) as sg.SymbolicTensor).shape).toEqual([null, null, 3]);
  });
});

/** h' = h / 2 + x w: a cell as users of TensorFlow.js write it. */
class Leaky extends sg.layers.RNNCell {
  static override className = 'Leaky';
  readonly stateSize = 4;
  #w!: sg.Variable;

  override build(): void {
    this.#w = this.addWeight({ name: 'w', shape: [4], initializer: 'ones' });
  }

  call(inputs: Tensor[]): Tensor[] {
    const [input, h] = inputs as [Tensor, Tensor];
    const next = h.div(2).add(input.mul(this.#w));
    return [next, next];
  }
}

describe('cells', () => {
  it('called by themselves drop only when they train', () => {
    const cell = sg.layers.gruCell({ units: 3, dropout: 0.5, seed: 4 });
    const inputs = [sg.ones([2, 8]), sg.ones([2, 3])];
    cell.build([null, 8]);
    const output = (args?: { training: boolean } | null): number[] => values(cell.call(inputs, args)[0] as Tensor);
    const plain = output();
    expect(output(null)).toEqual(plain);
    expect(output({ training: false })).toEqual(plain);
    expect(output({ training: true })).not.toEqual(plain);
  });

  it('of the user: run, and train', async () => {
    const layer = sg.layers.rnn({ cell: new Leaky({}), returnSequences: true });
    const out = layer.apply(sg.ones([1, 3, 4])) as Tensor;
    expect((out.arraySync() as number[][][])[0]?.map((row) => row[0])).toEqual([1, 1.5, 1.75]);
    const model = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape: [null, 4] }), layer] });
    model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    const before = (await model.trainOnBatch(x, sg.zerosLike(x))) as number;
    expect((await model.trainOnBatch(x, sg.zerosLike(x))) as number).toBeLessThan(before);
  });

  it('on top of each other: layers one after another', () => {
    const cells = [sg.layers.lstmCell({ units: 3, ...settings }), sg.layers.gruCell({ units: 2, ...settings })];
    const stacked = sg.layers.rnn({ cell: cells, returnState: true });
    const [out, ...states] = stacked.apply(x) as unknown as Tensor[];
    const first = sg.layers.rnn({ cell: cells[0] as never, returnSequences: true }).apply(x) as Tensor;
    expectClose(
      (out as Tensor).dataSync(),
      (sg.layers.rnn({ cell: cells[1] as never }).apply(first) as Tensor).dataSync(),
      1e-6,
    );
    expect(states.map((s) => s.shape)).toEqual([
      [2, 3],
      [2, 3],
      [2, 2],
    ]);
    const symbols = stacked.apply(sg.input({ shape: [5, 4] })) as sg.SymbolicTensor[];
    expect(symbols.map((s) => s.shape)).toEqual([
      [null, 2],
      [null, 3],
      [null, 3],
      [null, 2],
    ]);
  });

  it('one step by itself', () => {
    const cell = sg.layers.lstmCell({ units: 3, ...settings });
    const layer = sg.layers.rnn({ cell, returnState: true });
    const [row, ...states] = [x.slice([0, 0], [-1, 1]).squeeze([1]), sg.zeros([2, 3]), sg.zeros([2, 3])] as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const byLayer = layer.apply(x.slice([0, 0], [-1, 1])) as unknown as Tensor[];
    (cell.apply([row, ...states] as never) as unknown as Tensor[]).forEach((t, i) => {
      expectClose(t.dataSync(), (byLayer[i] as Tensor).dataSync(), 1e-6);
    });
  });

  it.each([
    ['no cell', () => sg.layers.rnn({ cell: 3 as never })],
    ['no cells', () => sg.layers.stackedRNNCells({ cells: [] })],
    ['no units', () => sg.layers.lstm({ units: 0 })],
    ['a dropout of 1', () => sg.layers.gru({ units: 1, dropout: 1, recurrentInitializer: 'zeros' })],
  ])('%s: an error', (_, make) => expect(make).toThrow(sg.ArgumentError));
});

describe('convLstm1d', () => {
  it('is convLstm2d on images of height 1', () => {
    const config = { filters: 2, ...settings, returnSequences: true };
    const rows = random(7, [2, 3, 6, 2]);
    const one = sg.layers.convLstm1d({ ...config, kernelSize: 3 });
    const two = sg.layers.convLstm2d({ ...config, kernelSize: [1, 3] });
    const y = one.apply(rows) as Tensor;
    two.apply(rows.expandDims(2));
    two.setWeights(one.getWeights().map((w) => (w.rank === 3 ? w.expandDims(0) : w)));
    expectSameBits(y, (two.apply(rows.expandDims(2)) as Tensor).squeeze([2]));
  });
});

describe('channelsFirst', () => {
  it.each([
    ['convLstm1d', [2, 3, 6, 2], 3],
    ['convLstm2d', [2, 3, 5, 6, 2], [2, 3]],
  ] as const)('of %s is channelsLast with its channels elsewhere, states too', (name, shape, kernelSize) => {
    const config = {
      filters: 4,
      kernelSize,
      padding: 'same',
      strides: 2,
      returnSequences: true,
      returnState: true,
    } as const;
    const make = sg.layers[name];
    const [last, first] = [make(config), make({ ...config, dataFormat: 'channels_first' })];
    /** Channels from the end to before the space, which begins at `at`. */
    const front = (t: Tensor, at: number): Tensor => {
      const axes = t.shape.map((_, i) => i).slice(0, -1);
      return t.transpose([...axes.slice(0, at), t.rank - 1, ...axes.slice(at)]);
    };
    const x = random(7, shape);
    const wanted = last.apply(x) as unknown as Tensor[];
    first.apply(front(x, 2));
    first.setWeights(last.getWeights());
    const got = first.apply(front(x, 2)) as unknown as Tensor[];
    wanted.forEach((t, i) => {
      expectSameBits(got[i] as Tensor, front(t, i === 0 ? 2 : 1));
    });
    const model = sg.sequential({ layers: [make({ ...config, returnState: false, dataFormat: 'channelsFirst' })] });
    expect(model.predict(front(x, 2)).shape).toEqual((got[0] as Tensor).shape);
  });
});

it('a layer that keeps states leaves nothing behind', () => {
  const make = (): sg.Sequential =>
    sg.sequential({ layers: [sg.layers.lstm({ units: 3, stateful: true, batchInputShape: [2, 4, 3] })] });
  make().dispose();
  const { numTensors } = sg.memory();
  make().dispose();
  expect(sg.memory().numTensors).toBe(numTensors);
});
