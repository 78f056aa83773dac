/** Running totals: sums, counts and logs, whatever the batches were. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { Accumulator, type Addition, type Total } from '../../src/train/totals/accumulator';
import { random } from '../models/helpers';

type Tensor = sg.Tensor;

/** Adds the rows of tensors, cut into batches of a size, by compiled steps. */
function total(
  addition: (...parts: Tensor[]) => Addition,
  tensors: readonly Tensor[],
  batch: number,
): { total: Total; rows: number } {
  const accumulator = new Accumulator();
  const step = sg.jit((...parts: Tensor[]): void => accumulator.add(addition(...parts)));
  const n = tensors[0]?.shape[0] as number;
  for (let at = 0; at === 0 || at < n; at += batch) {
    const parts = tensors.map((t) => t.slice(at, Math.min(batch, n - at)));
    step(...parts);
    sg.dispose(parts);
  }
  const result = { total: accumulator.read(), rows: accumulator.rows };
  step.dispose();
  accumulator.dispose();
  return result;
}

const SIZES = [0, 1, 2, 7, 33, 130];
const BATCHES = [1, 3, 32, 1000];
const WIDTHS = [1, 2, 5];

const at = (t: Tensor, i: number): number => t.dataSync()[i] as number;

describe.each(SIZES)('%i rows', (n) => {
  it.each(WIDTHS.flatMap((w) => [false, true].map((weighted) => [w, weighted] as const)))(
    'a sum of %i columns, weighted: %s',
    (width, weighted) => {
      const values = random(n + width, [n, width]);
      const weights = random(n, [n]);
      const expected = new Float64Array(width + 1);
      for (let i = 0; i < n; i++) {
        for (let k = 0; k <= width; k++) {
          const term = (k < width ? at(values, i * width + k) : 1) * (weighted ? at(weights, i) : 1);
          expected[k] = (expected[k] as number) + 0.5 * term;
        }
      }
      const addition = (v: Tensor, w?: Tensor): Addition => ({ kind: 'sum', values: v, weights: w, scale: 0.5 });
      for (const batch of BATCHES)
        expect(total(addition, weighted ? [values, weights] : [values], batch).total).toEqual(expected);
    },
  );

  it.each([false, true])('a tally, weighted: %s', (weighted) => {
    const cells = 5;
    const indices = sg.tidy(() => random(n, [n]).abs().mul(100).toInt().mod(sg.scalar(cells, 'int32')));
    const weights = random(n + 1, [n]);
    const expected = new Float64Array(cells);
    for (let i = 0; i < n; i++) {
      const k = at(indices, i);
      expected[k] = (expected[k] as number) + (weighted ? at(weights, i) : 1);
    }
    const addition = (i: Tensor, w?: Tensor): Addition => ({ kind: 'tally', indices: i, weights: w, cells });
    for (const batch of BATCHES)
      expect(total(addition, weighted ? [indices, weights] : [indices], batch).total).toEqual(expected);
  });

  it.each(WIDTHS)('a log of %i columns', (width) => {
    const values = random(n + width, [n, width]);
    for (const batch of BATCHES) {
      const { total: rows, rows: count } = total((v) => ({ kind: 'log', values: v }), [values], batch);
      expect(count).toBe(n);
      expect(rows).toEqual(values.dataSync());
    }
  });
});

describe('an accumulator', () => {
  const sum = (values: Tensor): Addition => ({ kind: 'sum', values });
  const log = (values: Tensor): Addition => ({ kind: 'log', values });

  it('sums in float64, without rounding in between', () => {
    const n = 100_000;
    const { total: found } = total(sum, [sg.fill([n], 0.1)], 1000);
    expect(found[0]).toBeCloseTo(n * Math.fround(0.1), 6);
    expect(found[1]).toBe(n);
  });

  it('counts NaN and infinities as they are', () => {
    expect(total(sum, [sg.tensor1d([1, Number.NaN])], 1).total).toEqual(new Float64Array([Number.NaN, 2]));
    expect(total(sum, [sg.tensor1d([1, -Infinity])], 1).total).toEqual(new Float64Array([-Infinity, 2]));
  });

  it('an index outside of the cells is an error, and nothing is counted', () => {
    for (const wrong of [3, -1, 2 ** 31 - 1]) {
      const accumulator = new Accumulator();
      const step = sg.jit((i: Tensor): void => accumulator.add({ kind: 'tally', indices: i, cells: 3 }));
      step(sg.tensor1d([0, 2, 2], 'int32'));
      expect(() => step(sg.tensor1d([0, 1, wrong], 'int32'))).toThrow(sg.IndexError);
      expect([...accumulator.read()]).toEqual([1, 0, 2]);
    }
  });

  it.each([
    ['sum', sum],
    ['log', log],
  ])('a %s starts anew after reset, and goes on from what was written', (_, addition) => {
    const accumulator = new Accumulator();
    const step = sg.jit((v: Tensor): void => accumulator.add(addition(v)));
    const [a, b] = [random(1, [5, 2]), random(2, [3, 2])];
    step(a);
    const first = accumulator.read();
    step(b);
    const both = accumulator.read();
    accumulator.reset();
    expect(accumulator.rows).toBe(0);
    accumulator.write(first);
    expect(accumulator.read()).toEqual(first);
    step(b);
    expect(accumulator.read()).toEqual(both);
    // Before anything has given it a size.
    const fresh = new Accumulator();
    fresh.write(first);
    sg.jit((v: Tensor): void => fresh.add(addition(v)))(b);
    expect(fresh.read()).toEqual(both);
  });

  it('keeps its size: other columns, or another kind, are an error', () => {
    const accumulator = new Accumulator();
    sg.jit((v: Tensor): void => accumulator.add(sum(v)))(random(1, [2, 2]));
    expect(() => sg.jit((v: Tensor): void => accumulator.add(sum(v)))(random(1, [2, 3]))).toThrow(sg.StateError);
    expect(() => sg.jit((v: Tensor): void => accumulator.add(log(v)))(random(1, [2, 3]))).toThrow(sg.StateError);
    expect(() => accumulator.add(sum(random(1, [2, 2])))).toThrow(sg.StateError);
  });

  it('gives back its memory', () => {
    const values = random(1, [1000, 3]);
    const before = sg.memory().numBytes;
    total(log, [values], 7);
    // The compiled function keeps its counter of steps.
    expect(sg.memory().numBytes - before).toBeLessThanOrEqual(64);
  });

  it('has the same bits with two threads', async () => {
    const values = random(3, [4097, 3]);
    const one = total(sum, [values], 1000).total;
    await sg.setThreads(2);
    try {
      expect(total(sum, [values], 1000).total).toEqual(one);
    } finally {
      await sg.setThreads(1);
    }
  });
});
