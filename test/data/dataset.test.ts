/**
 * Datasets: what each method yields, how many elements it promises, and who pays for tensors. Those of earlier tests may
 * be collected meanwhile, so counts have upper bounds.
 */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';

const { data } = sg;
const numbers = (n: number) => [...Array(n).keys()];
const upTo = (n: number) => data.array(numbers(n));
const endless = () =>
  data.generator(function* () {
    for (let i = 0; ; i++) yield i;
  });

/** Tensors as their shapes, types and values. */
const plain = (v: unknown): unknown => {
  if (v instanceof sg.Tensor) return { [`${v.dtype} [${v.shape}]`]: [...v.dataSync()] };
  if (Array.isArray(v)) return v.map(plain);
  if (typeof v === 'object' && v !== null && !ArrayBuffer.isView(v))
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]));
  return v;
};

interface Row {
  readonly made: () => sg.data.Dataset;
  readonly yields: readonly unknown[];
  readonly size: number | null;
}

const rows: Record<string, Row> = {
  'array of nothing': { made: () => data.array([]), yields: [], size: 0 },
  array: {
    made: () => data.array([1, 'a', true, [2, [3]], { k: 4 }]),
    yields: [1, 'a', true, [2, [3]], { k: 4 }],
    size: 5,
  },
  func: {
    made: () => {
      let i = 0;
      return data.func(() => (i < 3 ? { value: i++, done: false } : { value: null, done: true }));
    },
    yields: [0, 1, 2],
    size: null,
  },
  'func of promises': {
    made: () => {
      let i = 0;
      return data.func(async () =>
        i < 2 ? { value: i++, done: false as const } : { value: null, done: true as const },
      );
    },
    yields: [0, 1],
    size: null,
  },
  'generator, and an array as an iterator': {
    made: () => data.generator(() => [7, 8].values()),
    yields: [7, 8],
    size: null,
  },
  'async generator': {
    made: () =>
      data.generator(async function* () {
        yield 1;
        yield 2;
      }),
    yields: [1, 2],
    size: null,
  },
  'promise of a generator': { made: () => data.generator(async () => [5][Symbol.iterator]()), yields: [5], size: null },
  'map, filter': {
    made: () =>
      upTo(6)
        .map((x) => x * x)
        .filter((x) => x % 2 === 0),
    yields: [0, 4, 16],
    size: null,
  },
  'map keeps the size': { made: () => upTo(2).map((x) => ({ x })), yields: [{ x: 0 }, { x: 1 }], size: 2 },
  mapAsync: { made: () => upTo(3).mapAsync(async (x) => x + 1), yields: [1, 2, 3], size: 3 },
  take: { made: () => upTo(5).take(2), yields: [0, 1], size: 2 },
  'take more than there is': { made: () => upTo(2).take(9), yields: [0, 1], size: 2 },
  'take of nothing, all, all': {
    made: () => upTo(2).take(0).concatenate(upTo(1).take(-1)).concatenate(upTo(1).take()),
    yields: [0, 0],
    size: 2,
  },
  'take of the endless': { made: () => endless().repeat().take(3), yields: [0, 1, 2], size: null },
  skip: { made: () => upTo(5).skip(3), yields: [3, 4], size: 2 },
  'skip more than there is': { made: () => upTo(2).skip(9), yields: [], size: 0 },
  'skip of nothing': { made: () => upTo(2).skip(0), yields: [0, 1], size: 2 },
  'skip of all': { made: () => upTo(2).skip(), yields: [], size: 0 },
  repeat: { made: () => upTo(2).repeat(3), yields: [0, 1, 0, 1, 0, 1], size: 6 },
  'repeat not once': { made: () => upTo(2).repeat(0), yields: [], size: 0 },
  'repeat without end': { made: () => upTo(2).repeat().take(5), yields: [0, 1, 0, 1, 0], size: 5 },
  'repeat nothing without end': { made: () => data.generator(() => [].values()).repeat(), yields: [], size: null },
  concatenate: { made: () => upTo(2).concatenate(data.array(['a'])), yields: [0, 1, 'a'], size: 3 },
  'concatenate the unknown': {
    made: () => upTo(1).concatenate(data.generator(() => [3].values())),
    yields: [0, 3],
    size: null,
  },
  prefetch: { made: () => upTo(5).prefetch(2), yields: [0, 1, 2, 3, 4], size: 5 },
  'prefetch of nothing': { made: () => upTo(0).prefetch(4), yields: [], size: 0 },
  'prefetch more than there is': {
    made: () =>
      upTo(2)
        .prefetch(9)
        .map((x) => -x - 1),
    yields: [-1, -2],
    size: 2,
  },
  zip: {
    made: () => data.zip({ a: upTo(3), b: [data.array(['x', 'y']), { c: endless() }] }),
    yields: [
      { a: 0, b: ['x', { c: 0 }] },
      { a: 1, b: ['y', { c: 1 }] },
    ],
    size: null,
  },
  'zip of known sizes': {
    made: () => data.zip([upTo(3), upTo(2).repeat()]),
    yields: [
      [0, 0],
      [1, 1],
      [2, 0],
    ],
    size: 3,
  },
  'zip of one': { made: () => data.zip(upTo(2)), yields: [0, 1], size: 2 },
  batch: {
    made: () => upTo(5).batch(2),
    yields: [{ 'float32 [2]': [0, 1] }, { 'float32 [2]': [2, 3] }, { 'float32 [1]': [4] }],
    size: 3,
  },
  'batch without the rest': {
    made: () => upTo(5).batch(2, false),
    yields: [{ 'float32 [2]': [0, 1] }, { 'float32 [2]': [2, 3] }],
    size: 2,
  },
  'batch that fits': {
    made: () => upTo(4).batch(2, false),
    yields: [{ 'float32 [2]': [0, 1] }, { 'float32 [2]': [2, 3] }],
    size: 2,
  },
  'batch of nothing': { made: () => upTo(0).batch(3), yields: [], size: 0 },
  'batch of one': { made: () => upTo(1).batch(3), yields: [{ 'float32 [1]': [0] }], size: 1 },
  'batch of batches': {
    made: () => upTo(4).batch(1).batch(2),
    yields: [{ 'float32 [2,1]': [0, 1] }, { 'float32 [2,1]': [2, 3] }],
    size: 2,
  },
  'batch of structures': {
    made: () =>
      data
        .array([1, 2])
        .map((i) => ({
          xs: [i, -i],
          ys: { label: i > 1, name: `n${i}` },
          pair: [sg.scalar(i, 'int32'), [i]],
          texts: ['a', `${i}`],
        }))
        .batch(2),
    yields: [
      {
        xs: { 'float32 [2,2]': [1, -1, 2, -2] },
        ys: { label: { 'bool [2]': [0, 1] }, name: ['n1', 'n2'] },
        pair: [{ 'int32 [2]': [1, 2] }, { 'float32 [2,1]': [1, 2] }],
        texts: [
          ['a', '1'],
          ['a', '2'],
        ],
      },
    ],
    size: 1,
  },
  'batch of typed arrays': {
    made: () =>
      data
        .array([{ f: new Float32Array([1, 2]), i: new Int32Array(0), d: [new Uint8Array([7])] }])
        .repeat(2)
        .batch(2),
    yields: [{ f: { 'float32 [2,2]': [1, 2, 1, 2] }, i: { 'int32 [2,0]': [] }, d: { 'int32 [2,1,1]': [7, 7] } }],
    size: 1,
  },
  'batch of bytes': {
    made: () => data.array([new Uint8ClampedArray([1, 300]), new Uint8ClampedArray([2, 0])]).batch(2),
    yields: [{ 'int32 [2,2]': [1, 255, 2, 0] }],
    size: 1,
  },
  'batch of doubles': {
    made: () => data.array([new Float64Array([1e-50, 2.5])]).batch(2),
    yields: [{ 'float32 [1,2]': [0, 2.5] }],
    size: 1,
  },
  'batch of NaN and infinities': {
    made: () => data.array([Number.NaN, -0, Number.NEGATIVE_INFINITY]).batch(3),
    yields: [{ 'float32 [3]': [Number.NaN, -0, Number.NEGATIVE_INFINITY] }],
    size: 1,
  },
};

describe.each(Object.entries(rows))('%s', (_, { made, yields, size }) => {
  test('yields, and its size', async () => {
    const before = sg.memory().numTensors;
    const dataset = made();
    expect(dataset.size).toBe(size);
    expect(sg.memory().numTensors, 'nothing is read ahead').toBeLessThanOrEqual(before);
    const all = await dataset.toArray();
    expect(all.map(plain)).toEqual(yields);
    if (size !== null) expect(all).toHaveLength(size);
    sg.dispose(all);
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
  });
});

test('a dataset is read again and again, by several at once, and by hand', async () => {
  const dataset = upTo(3).map((x) => x + 1);
  const [a, b] = await Promise.all([dataset.toArray(), dataset.toArray()]);
  expect([a, b]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  const iterator = await dataset.batch(2).iterator();
  const first = await iterator.next();
  expect(plain(first.value)).toEqual({ 'float32 [2]': [1, 2] });
  expect((await iterator.next()).done).toBe(false);
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});

test('subclasses have everything', async () => {
  class Letters extends data.Dataset<string> {
    override async iterator() {
      const letters = 'abc'[Symbol.iterator]();
      return { next: async () => letters.next() };
    }
  }
  const seen: string[] = [];
  await new Letters().skip(1).forEachAsync((x) => seen.push(x));
  for await (const x of new Letters()) seen.push(x);
  expect(seen.join('')).toBe('bcabc');
  expect(new Letters().size).toBe(null);
});

test('fitDataset finds what it needs: iterator() of {xs, ys}', async () => {
  interface Source {
    iterator(): Promise<{ next(): Promise<IteratorResult<{ xs: sg.Tensor; ys: sg.Tensor }>> }>;
  }
  const source: Source = data
    .zip({
      xs: data.array([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      ys: upTo(3),
    })
    .batch(2);
  const iterator = await source.iterator();
  const { value } = await iterator.next();
  expect(plain(value)).toEqual({ xs: { 'float32 [2,2]': [1, 2, 3, 4] }, ys: { 'float32 [2]': [0, 1] } });
});

describe('memory', () => {
  test('the source keeps its tensors, whatever becomes of the elements', async () => {
    const source = [{ t: sg.tensor1d([1, 2]) }, { t: sg.tensor1d([3, 4]) }];
    const before = sg.memory().numTensors;
    await data
      .array(source)
      .repeat(2)
      .filter(({ t }) => t.sum().dataSync()[0] === 3)
      .forEachAsync(({ t }) => t.dispose());
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
    expect(source.map(({ t }) => [...t.dataSync()])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('tensors beside numbers and texts are found', async () => {
    const before = sg.memory().numTensors;
    const pairs = data.zip([upTo(4), data.array(['a']).repeat(4), upTo(4).map((x) => sg.scalar(x))]);
    await pairs
      .map(([i, s, t]) => [i, s, t.add(1)] as const)
      .skip(1)
      .batch(2)
      .forEachAsync(() => {});
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
  });

  test('map disposes of what it made and what it was given, but for the result', async () => {
    const before = sg.memory().numTensors;
    const all = await data
      .array([1, 2, 3])
      .map((x) => ({ t: sg.scalar(x), other: sg.scalar(0) }))
      .map(({ t }) => ({ t, double: t.mul(2).add(1).sub(1) }))
      .mapAsync(async ({ t, double }) => {
        await Promise.resolve();
        return [double, Number(t.dataSync()[0])] as const;
      })
      .toArray();
    expect(all.map(([t, x]) => [...t.dataSync(), x])).toEqual([
      [2, 1],
      [4, 2],
      [6, 3],
    ]);
    expect(sg.memory().numTensors - before).toBeLessThanOrEqual(3);
    sg.dispose(all);
  });

  test('100 000 tensors pass through a few buffers', async () => {
    let most = 0;
    let seen = 0;
    let sum = 0;
    const pass = (count: number) =>
      data
        .generator(function* () {
          for (let i = 0; i < count; i++) yield { xs: sg.scalar(i), ys: i };
        })
        .filter(({ ys }) => ys % 4 !== 3)
        .map(({ xs, ys }) => ({ xs: xs.add(1).mul(2), ys }))
        .shuffle(50, 1)
        .prefetch(10)
        .batch(30)
        .mapAsync(async (batch) => batch)
        .forEachAsync(({ xs, ys }) => {
          seen += xs.size;
          sum += sg.tidy(() => sg.sum(sg.sub(xs, sg.mul(sg.add(ys, 1), 2))).dataSync()[0] as number);
          most = Math.max(most, sg.memory().numTensors);
        });
    // Programs for the shapes remain, and a second pass finds them; nothing else does.
    await pass(20_000);
    [seen, most] = [0, 0];
    const before = sg.memory();
    await pass(100_000);
    expect(seen).toBe(75_000);
    expect(sum).toBe(0);
    expect(most - before.numTensors).toBeLessThan(150);
    const after = sg.memory();
    for (const key of ['numTensors', 'numDataBuffers', 'numBytes', 'capacity'] as const)
      expect(after[key], key).toBeLessThanOrEqual(before[key]);
    expect(after.peakBytes - before.peakBytes).toBeLessThan(1024);
  });

  test.each([
    ['break', 3],
    ['nothing', 0],
  ])('leaving early leaves nothing: %s', async (_, count) => {
    const before = sg.memory().numTensors;
    let closed = 0;
    const source = data.generator(async function* () {
      try {
        for (let i = 0; ; i++) yield { t: sg.scalar(i) };
      } finally {
        closed++;
      }
    });
    const pipelines = [
      source,
      source.map(({ t }) => ({ t: t.add(1) })),
      source.mapAsync(async ({ t }) => ({ t: t.add(1) })),
      source.filter(() => true).shuffle(7, 'seed'),
      source.prefetch(5),
      source
        .mapAsync(async ({ t }) => ({ t: t.neg() }))
        .prefetch(5)
        .batch(2),
      source.repeat().skip(2).concatenate(source),
      data.zip([source, source.shuffle(3)]),
      data.array([1]).concatenate(source),
    ];
    for (const dataset of pipelines as sg.data.Dataset[]) {
      let seen = 0;
      for await (const x of dataset.take(count || 1)) {
        sg.dispose(x);
        if (++seen > count) break;
      }
    }
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
    expect(closed).toBe(10 - Number(count === 0));
  });
});

describe('prefetch', () => {
  test('runs ahead by so many elements, and no further', async () => {
    const made: number[] = [];
    const iterator = await upTo(10)
      .map((x) => {
        made.push(x);
        return x;
      })
      .prefetch(3)
      .iterator();
    expect(made).toEqual([]);
    expect((await iterator.next()).value).toBe(0);
    await new Promise((done) => setTimeout(done, 5));
    expect(made).toEqual([0, 1, 2, 3]);
    expect((await iterator.next()).value).toBe(1);
    await new Promise((done) => setTimeout(done, 5));
    expect(made).toEqual([0, 1, 2, 3, 4]);
    await iterator.return?.();
  });

  test('after mapAsync, calls overlap and the order stays', async () => {
    let running = 0;
    let most = 0;
    const slow = upTo(12).mapAsync(async (x) => {
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, (x * 7) % 5));
      running--;
      return x;
    });
    expect(await slow.prefetch(4).toArray()).toEqual(numbers(12));
    expect(most).toBe(4);
    most = 0;
    expect(await slow.toArray()).toEqual(numbers(12));
    expect(most).toBe(1);
  });
});

describe('errors', () => {
  const boom = (x: number): number => {
    if (x === 3) throw new RangeError('boom');
    return x;
  };
  const faults: Record<string, readonly [() => sg.data.Dataset, RegExp]> = {
    map: [() => upTo(5).map(boom), /^map: element 3: boom$/],
    filter: [() => upTo(5).filter((x) => boom(x) >= 0), /^filter: element 3: boom$/],
    mapAsync: [() => upTo(5).mapAsync(async (x) => boom(x)), /^mapAsync: element 3: boom$/],
    'mapAsync, ahead': [
      () =>
        upTo(5)
          .mapAsync(async (x) => boom(x))
          .prefetch(4)
          .batch(1),
      /^mapAsync: element 3: boom$/,
    ],
    generator: [
      () =>
        data.generator(function* () {
          for (let i = 0; ; i++) yield boom(i);
        }),
      /^generator: element 3: boom$/,
    ],
    func: [
      () => {
        let i = 0;
        return data.func(() => ({ value: boom(i++), done: false as const }));
      },
      /^func: element 3: boom$/,
    ],
    zip: [() => data.zip([endless(), upTo(5).map(boom)]), /^map: element 3: boom$/],
    'shuffle, zip, repeat': [() => data.zip({ a: endless().map(boom).shuffle(2).repeat() }), /^map: element 3: boom$/],
  };
  test.each(Object.entries(faults))(
    '%s: the error has the number of the element, nothing leaks',
    async (_, [made, message]) => {
      const before = sg.memory().numTensors;
      const seen: unknown[] = [];
      const read = async () => {
        for await (const x of made().map((v) => ({ v, t: sg.scalar(1) }))) {
          seen.push(x);
          sg.dispose(x);
        }
      };
      const error = await read().then(
        () => undefined,
        (e: unknown) => e as sg.DatasetError,
      );
      expect(error).toBeInstanceOf(sg.DatasetError);
      expect(error?.message).toMatch(message);
      expect(error?.element).toBe(3);
      expect(error?.cause).toBeInstanceOf(RangeError);
      if (!/shuffle/.test(_)) expect(seen).toHaveLength(3);
      expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
    },
  );

  test('the tensors of failing elements go, and toArray gives back what it had', async () => {
    const before = sg.memory().numTensors;
    const tensors = upTo(5).map((x) => sg.scalar(x));
    const fail = (t: sg.Tensor): sg.Tensor => {
      if (t.dataSync()[0] === 2) throw new Error('no');
      return t.add(1);
    };
    await expect(tensors.map(fail).toArray()).rejects.toThrow(/element 2: no/);
    await expect(
      tensors
        .mapAsync(async (t) => fail(t))
        .prefetch(3)
        .toArray(),
    ).rejects.toThrow(/element 2: no/);
    await expect(tensors.forEachAsync((t) => void fail(t).dispose())).rejects.toThrow('no');
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
  });

  const odd: Record<string, readonly [readonly unknown[], RegExp]> = {
    'shapes of tensors': [
      [sg.ones([2]), sg.ones([3])],
      /element 1: float32 tensor \[3\], but element 0 has float32 tensor \[2\]/,
    ],
    'types of tensors': [[sg.scalar(1), sg.scalar(1, 'int32')], /int32 tensor \[\]/],
    'lengths of arrays': [[{ x: [1, 2] }, { x: [1] }], /element 1, x: array of 1, but element 0 has array of 2/],
    'numbers and texts': [
      [{ a: [{ b: 1 }] }, { a: [{ b: 'b' }] }],
      /element 1, a\.0\.b: string, but element 0 has number/,
    ],
    keys: [[{ a: 1 }, { b: 1 }], /object \{b\}.*\{a\}/],
    ragged: [
      [
        [[1], [2]],
        [[1], [2, 3]],
      ],
      /elements 0 to 1: .*ragged/,
    ],
    null: [[null], /element 0: null cannot become part of a tensor/],
    undefined: [[{ x: undefined }], /element 0, x: undefined cannot/],
    'kinds of typed arrays': [
      [new Float32Array(1), new Int32Array(1)],
      /Int32Array of 1, but element 0 has Float32Array of 1/,
    ],
    'typed arrays of big integers': [[new BigInt64Array(1)], /elements 0 to 0: /],
    dates: [[new Date(0)], /element 0: object cannot/],
  };
  test.each(Object.entries(odd))('batch of different %s', async (_, [elements, message]) => {
    const before = sg.memory().numTensors;
    const batches = data
      .array(elements)
      .map((x) => [sg.scalar(0), x] as unknown)
      .map((x) => (x as unknown[])[1])
      .batch(2);
    await expect(batches.toArray()).rejects.toThrow(sg.DatasetError);
    await expect(batches.toArray()).rejects.toThrow(message);
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before);
  });

  test('batch tells the number in the stream', async () => {
    const error = await data
      .array([1, 2, 3, 'x'])
      .batch(2)
      .toArray()
      .catch((e: sg.DatasetError) => e.element);
    expect(error).toBe(3);
  });

  test('wrong arguments', async () => {
    const one = upTo(1);
    const calls: (() => unknown)[] = [
      () => one.batch(0),
      () => one.batch(1.5),
      () => one.prefetch(0),
      () => one.shuffle(0),
      () => one.shuffle(Number.NaN),
      () => one.shuffle(2, Number.NaN),
      () => one.take(1.5),
      () => one.skip(Number.NaN),
      () => one.repeat(0.5),
      () => one.concatenate([] as never),
      () => data.array('abc' as never),
      () => data.func(3 as never),
      () => data.generator([] as never),
      () => data.zip({}),
      () => data.zip({ a: 3 } as never),
      () => data.zip(null as never),
    ];
    for (const call of calls) expect(call, String(call)).toThrow(sg.ArgumentError);
    await expect(one.repeat().toArray()).rejects.toThrow(/no end/);
    await expect(data.generator(() => 3 as never).toArray()).rejects.toThrow(sg.ArgumentError);
    await expect(data.func(() => 3 as never).toArray()).rejects.toThrow(/element 0.*next\(\)/);
    await expect(one.map(async (x) => x).toArray()).rejects.toThrow(/mapAsync/);
  });
});
