/** The order of shuffled datasets: the same everywhere, by the seed, within the reach of the buffer. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import { unit, wordAt } from '../reference/random';

const numbers = (n: number) => [...Array(n).keys()];
const order = (n: number, ...args: Parameters<sg.data.Dataset['shuffle']>) =>
  sg.data
    .array(numbers(n))
    .shuffle(...args)
    .toArray();

/** Philox numbers, a thousand and twenty-four from each high word of the seed; a drawn one leaves its place to the next. */
function reference(n: number, size: number, seed: number, pass: number): number[] {
  let draws = 0;
  const at = (length: number): number => {
    const key = { seed: [seed, Math.floor(draws / 1024)] as const, stream: pass };
    return Math.floor(unit(wordAt(draws++ % 1024, key)) * length);
  };
  const buffer = numbers(Math.min(n, size));
  const out: number[] = [];
  for (let next = buffer.length; next < n; next++) {
    const i = at(size);
    out.push(buffer[i] as number);
    buffer[i] = next;
  }
  while (buffer.length) {
    const i = at(buffer.length);
    out.push(buffer[i] as number);
    const last = buffer.pop() as number;
    if (i < buffer.length) buffer[i] = last;
  }
  return out;
}

describe('shuffle', () => {
  test.each([
    [0, 3],
    [1, 1],
    [5, 1],
    [5, 5],
    [7, 100],
    [2500, 64],
    [1300, 1300],
  ])('%d elements through a buffer of %d: the order of the reference, pass by pass', async (n, size) => {
    const dataset = sg.data.array(numbers(n)).shuffle(size, 42);
    for (const pass of [0, 1, 2]) expect(await dataset.toArray()).toEqual(reference(n, size, 42, pass));
  });

  test('a known order', async () => {
    expect(await order(10, 10, 1)).toEqual([8, 9, 4, 7, 6, 5, 1, 3, 0, 2]);
  });

  test('seeds: the same twice, others differ, texts too; one order for all passes on demand', async () => {
    const a = await order(50, 50, 1);
    expect(await order(50, 50, 1)).toEqual(a);
    expect(await order(50, 50, 2)).not.toEqual(a);
    expect(await order(50, 50, 'one')).toEqual(await order(50, 50, 'one'));
    expect([...a].sort((x, y) => x - y)).toEqual(numbers(50));
    const fixed = sg.data.array(numbers(50)).shuffle(50, 1, false);
    expect(await fixed.toArray()).toEqual(a);
    expect(await fixed.toArray()).toEqual(a);
  });

  test('without a seed the order follows from setSeed, and passes differ', async () => {
    const passes = async (again: boolean) => {
      sg.setSeed(9);
      const dataset = sg.data.array(numbers(40)).shuffle(40, undefined, again);
      return [await dataset.toArray(), await dataset.toArray()] as const;
    };
    const [a, b] = await passes(true);
    expect(a).not.toEqual(b);
    expect(await passes(true)).toEqual([a, b]);
    const [c, d] = await passes(false);
    expect(c).toEqual(d);
  });

  test('repeat takes a new order each time', async () => {
    const dataset = sg.data.array(numbers(30)).shuffle(30, 5).repeat(2);
    const all = await dataset.toArray();
    expect(all.slice(0, 30)).toEqual(reference(30, 30, 5, 0));
    expect(all.slice(30)).toEqual(reference(30, 30, 5, 1));
  });

  test('an element leaves no sooner than its buffer allows', async () => {
    const all = await order(1000, 10, 3);
    all.forEach((x, i) => expect(x as number).toBeLessThan(i + 10));
    expect(all).not.toEqual(numbers(1000));
  });

  test('a whole buffer gives all orders alike', async () => {
    const counts = new Map<string, number>();
    const dataset = sg.data.array([0, 1, 2, 3]).shuffle(4, 11);
    for (let pass = 0; pass < 4800; pass++) {
      const key = (await dataset.toArray()).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    // 24 orders, 200 times each: chi squared with 23 degrees of freedom is above 49.7 once in a thousand.
    expect(counts.size).toBe(24);
    const chi = [...counts.values()].reduce((sum, c) => sum + (c - 200) ** 2 / 200, 0);
    expect(chi).toBeLessThan(49.7);
  });
});

describe('passes', () => {
  const build = (dataset: sg.data.Dataset<number>) =>
    sg.data
      .zip({ xs: dataset.map((x) => [x]), ys: dataset })
      .concatenate(sg.data.array([]))
      .filter(() => true)
      .skip(1)
      .prefetch(2)
      .batch(4)
      .mapAsync(async (b) => b);

  test('an iterator that is opened and let go takes one, so that training can go on where it stopped', async () => {
    const order = async (skipped: number) => {
      const dataset = build(sg.data.array(numbers(20)).shuffle(20, 3));
      for (let i = 0; i < skipped; i++) {
        const iterator = await dataset.iterator();
        await iterator.return?.();
      }
      const all = await dataset.toArray();
      return all.map((b) => [...(b as { ys: sg.Tensor }).ys.dataSync()]);
    };
    const dataset = build(sg.data.array(numbers(20)).shuffle(20, 3));
    for (const skipped of [0, 1, 2]) {
      const all = await dataset.toArray();
      expect(all.map((b) => [...(b as { ys: sg.Tensor }).ys.dataSync()])).toEqual(await order(skipped));
    }
  });
});
