/** Small slices do not keep a large source: what is left of it moves, with the same bits. */
import { beforeEach, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { generator } from '../support/random';

const MIB = 1 << 20;
let before = { numBytes: 0, numTensors: 0, numDataBuffers: 0 };
const grown = (): number => sg.memory().numBytes - before.numBytes;

beforeEach(() => {
  // What the library itself keeps is there already.
  sg.tidy(() => void sg.range(0, 1000).add(1));
  before = sg.memory();
});

const large = (): sg.Tensor => sg.tidy(() => sg.range(0, MIB).reshape([1024, 1024]));

it('a row outlives its table in the memory of a row', () => {
  const row = sg.tidy(() => large().slice([5], [1]));
  expect(grown()).toBe(4096);
  expect(Array.from(row.dataSync())).toEqual(Array.from({ length: 1024 }, (_, i) => 5 * 1024 + i));
  row.dispose();
  expect(grown()).toBe(0);
});

it('nothing is copied while the source lives, nor if half of it is used', () => {
  const x = large();
  const parts = x.split(4);
  const row = x.slice([7], [1]);
  expect(grown()).toBe(4 * MIB);
  const half = x.slice([0], [512]);
  x.dispose();
  sg.dispose(parts);
  expect(grown()).toBe(4 * MIB);
  half.dispose();
  expect(grown()).toBe(4096);
  row.dispose();
  expect(grown()).toBe(0);
});

it('other handles on a row move with it', () => {
  const row = sg.tidy(() => large().slice([1023], [1]));
  const others = [row.reshape([32, 32]), row.clone(), row.slice([0, 1020])];
  row.dispose();
  expect(others.map((t) => t.dataSync().at(-1))).toEqual(new Array(3).fill(MIB - 1));
  sg.dispose(others);
  expect(sg.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
});

it('a compiled function that has taken a row as a constant keeps it where it is', () => {
  const x = large();
  const row = x.slice([3], [1]);
  const f = sg.jit((y: sg.Tensor) => y.add(row));
  const [y] = [sg.ones([1, 1024])];
  f(y).dispose();
  x.dispose();
  expect(sg.tidy(() => f(y).dataSync()[0])).toBe(3 * 1024 + 1);
  f.dispose();
  expect(row.dataSync()[0]).toBe(3 * 1024);
  sg.dispose([row, y]);
  // Programs of eager ops.
  expect(grown()).toBeLessThan(1024);
});

it('rows of a data set that is disposed of in the middle of a training', async () => {
  const train = async (isDisposed: boolean): Promise<string> => {
    sg.setSeed(1);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [64] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const all = sg.randomNormal([2048, 64], 0, 1, 'float32', 3);
    const [x, y] = [all.slice([8], [64]), sg.ones([64, 1])];
    const onBatchEnd = (): void => {
      if (isDisposed) all.dispose();
    };
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 16, callbacks: { onBatchEnd }, shuffle: false });
    model.dispose();
    sg.dispose([x, y, all]);
    return JSON.stringify(history);
  };
  expect(await train(true)).toBe(await train(false));
});

it('random slices, handles and disposals', () => {
  const next = generator(7);
  const draw = (n: number): number => Math.floor(next() * n);
  const living: { t: sg.Tensor; first: number }[] = [];
  for (let i = 0; i < 4000; i++) {
    const kind = draw(10);
    const chosen = living[draw(living.length)];
    if (!chosen || kind === 0) living.push({ t: sg.range(i, i + 20_000 + draw(40_000)), first: i });
    else if (kind < 5 && living.length < 60) {
      const begin = draw(chosen.t.size);
      const size = 1 + draw(Math.min(chosen.t.size - begin, next() < 0.5 ? 100 : 60_000));
      living.push({ t: chosen.t.slice([begin], [size]), first: chosen.first + begin });
    } else if (kind === 5) living.push({ t: chosen.t.clone(), first: chosen.first });
    else {
      chosen.t.dispose();
      living.splice(living.indexOf(chosen), 1);
    }
    const { t, first } = living[draw(living.length)] ?? { t: sg.scalar(0), first: 0 };
    const values = t.dataSync();
    expect([values[0], values.at(-1)]).toEqual([first, first + t.size - 1]);
    if (living.length === 0) t.dispose();
    if (living.length > 60) living.splice(0, 30).forEach((l) => void l.t.dispose());
  }
  for (const { t, first } of living) {
    const values = t.dataSync();
    expect(values.every((v, k) => v === first + k)).toBe(true);
  }
  // No source is kept for less than a quarter of it.
  const used = living.reduce((sum, { t }) => sum + Math.max(64, t.size * 4 + 64), 0);
  expect(grown()).toBeLessThan(4 * used + 64 * 1024 * living.length);
  sg.dispose(living.map(({ t }) => t));
  expect(sg.memory()).toMatchObject({
    numTensors: before.numTensors,
    numBytes: before.numBytes,
    numDataBuffers: before.numDataBuffers,
  });
});
