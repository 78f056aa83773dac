/** Callbacks that write: tables, and event files as TensorBoard reads them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PbfReader } from 'pbf';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { histogramOf } from '../../src/train/callbacks/histogram';
import { classes, classifier, random, settle, weightsOf } from '../models/helpers';

const directory = mkdtempSync(join(tmpdir(), 'callbacks-'));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;
const fresh = (): string => join(directory, String(files++));

const x = random(1, [20, 4]);
const y = classes(20);

function compiled(): sg.Sequential {
  const model = settle(classifier());
  model.compile({ optimizer: sg.train.sgd(0.25), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

const train = (callbacks: sg.CallbackArgs, args: sg.FitArgs = {}): Promise<sg.History> =>
  compiled().fit(x, y, {
    verbose: 0,
    batchSize: 5,
    epochs: 3,
    shuffle: false,
    validationSplit: 0.2,
    ...args,
    callbacks,
  });

describe('csvLogger', () => {
  it.each([',', ';', '\t'])(
    'a line for each epoch, between values %j; numbers come back exactly',
    async (separator) => {
      const path = fresh();
      const { history } = await train(sg.callbacks.csvLogger(path, { separator }));
      const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
      const names = ['acc', 'loss', 'val_acc', 'val_loss'];
      expect(header).toBe(['epoch', ...names].join(separator));
      expect(lines.map((l) => l.split(separator).map(Number))).toEqual(
        [0, 1, 2].map((e) => [e, ...names.map((n) => history[n]?.[e])]),
      );
    },
  );

  it('a function gets the same text', async () => {
    const path = fresh();
    await train(sg.callbacks.csvLogger(path));
    let text = '';
    const late = async (piece: string): Promise<void> => {
      await Promise.resolve();
      text += piece;
    };
    await train(sg.callbacks.csvLogger(late));
    expect(text).toBe(readFileSync(path, 'utf8'));
  });

  it('begins anew, or goes on', async () => {
    const path = fresh();
    await train(sg.callbacks.csvLogger(path), { epochs: 1 });
    await train(sg.callbacks.csvLogger(path), { epochs: 2 });
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1 + 2 + 1);
    await train(sg.callbacks.csvLogger(path, { append: true }), { initialEpoch: 2, epochs: 4 });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((l) => l.split(',')[0])).toEqual(['epoch', '0', '1', '2', '3']);
    const other = fresh();
    await train(sg.callbacks.csvLogger(other, { append: true }), { epochs: 1 });
    expect(readFileSync(other, 'utf8')).toMatch(/^epoch,acc,.*\n0,.*\n$/);
  });

  it('begins a new line in a file whose last one has no end', async () => {
    const path = fresh();
    for (const end of ['', '\n', '\r\n']) {
      writeFileSync(path, `epoch,loss\n0,0.5${end}`);
      const log = sg.callbacks.csvLogger(path, { append: true });
      await log.onTrainBegin();
      await log.onEpochEnd(1, { loss: 0.25 });
      expect(readFileSync(path, 'utf8')).toBe(`epoch,loss\n0,0.5${end || '\n'}1,0.25\n`);
    }
    writeFileSync(path, 'epoch,loss');
    const log = sg.callbacks.csvLogger(path, { append: true });
    await log.onTrainBegin();
    await log.onEpochEnd(0, { loss: 1 });
    expect(readFileSync(path, 'utf8')).toBe('epoch,loss\n0,1\n');
    writeFileSync(path, '');
    await log.onTrainBegin();
    await log.onEpochEnd(0, { loss: 1 });
    expect(readFileSync(path, 'utf8')).toBe('epoch,loss\n0,1\n');
  });

  it('names that come later get a column; what has no value is NA; NaN stays', async () => {
    const path = fresh();
    const log = sg.callbacks.csvLogger(path);
    await log.onTrainBegin();
    await log.onEpochEnd(0, { loss: 1 });
    await log.onEpochEnd(1, { loss: NaN, val_loss: 2, a: Infinity });
    await log.onEpochEnd(2, { a: 0.1 });
    expect(readFileSync(path, 'utf8')).toBe('epoch,loss,a,val_loss\n0,1,NA,NA\n1,NaN,Infinity,2\n2,NA,0.1,NA\n');
    const more = sg.callbacks.csvLogger(path, { append: true });
    await more.onTrainBegin();
    await more.onEpochEnd(3, { b: 5 });
    expect(readFileSync(path, 'utf8')).toBe(
      'epoch,loss,a,val_loss,b\n0,1,NA,NA,NA\n1,NaN,Infinity,2,NA\n2,NA,0.1,NA,NA\n3,NA,NA,NA,5\n',
    );
    expect(readdirSync(directory).filter((f) => f.endsWith('.tmp'))).toEqual([]);
  });

  it('does not append to what is no table of its own', async () => {
    const path = fresh();
    writeFileSync(path, 'precious,data\n1,2\n');
    await expect(train(sg.callbacks.csvLogger(path, { append: true }))).rejects.toThrow(sg.ArgumentError);
    expect(readFileSync(path, 'utf8')).toBe('precious,data\n1,2\n');
  });

  it('refuses names that hold the separator, wrong settings, and places that cannot be written', async () => {
    const log = sg.callbacks.csvLogger(() => undefined);
    await expect(log.onEpochEnd(0, { 'a,b': 1 })).rejects.toThrow(sg.ArgumentError);
    for (const separator of ['', 'x', '1', '.'])
      expect(() => sg.callbacks.csvLogger('a', { separator })).toThrow(/separator/);
    expect(() => sg.callbacks.csvLogger(undefined as never)).toThrow(/path/);
    const nowhere = join(fresh(), 'no', 'such', 'directory');
    await expect(train(sg.callbacks.csvLogger(nowhere))).rejects.toThrow(/csvLogger: cannot write '.*directory'/);
  });
});

/** CRC-32C bit by bit, as RFC 3720 describes it. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** The payloads of TFRecords. Fails unless lengths and checksums are right. */
function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const masked = (part: Uint8Array): number => {
    const crc = BigInt(crc32c(part));
    return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
  };
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(masked(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(data.length).toBe(length);
    expect(view.getUint32(at + 12 + length, true)).toBe(masked(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

interface Read {
  wallTime: number;
  step: number;
  version?: string;
  values: {
    tag: string;
    simple?: number;
    histogram?: Record<string, number | number[]>;
    text?: string;
    plugin?: string;
  }[];
}

/** An event by the numbers of event.proto, summary.proto, histogram.proto and tensor.proto. */
function eventOf(data: Uint8Array): Read {
  const event: Read = { wallTime: NaN, step: 0, values: [] };
  new PbfReader(data).readFields((tag, e, pbf) => {
    if (tag === 1) e.wallTime = pbf.readDouble();
    if (tag === 2) e.step = pbf.readVarint();
    if (tag === 3) e.version = pbf.readString();
    if (tag !== 5) return;
    pbf.readMessage((field, values: Read['values'], summary) => {
      if (field !== 1) return;
      const value: Read['values'][number] = { tag: '' };
      values.push(value);
      summary.readMessage((key, v, p) => {
        if (key === 1) v.tag = p.readString();
        if (key === 2) v.simple = p.readFloat();
        if (key === 5) {
          v.histogram = p.readMessage((k, h: Record<string, number | number[]>, q) => {
            const name = ['', 'min', 'max', 'num', 'sum', 'sumSquares', 'limits', 'buckets'][k] as string;
            h[name] = k < 6 ? q.readDouble() : q.readPackedDouble();
          }, {});
        }
        if (key === 8) {
          p.readMessage((k, t: typeof v, q) => {
            if (k === 1) expect(q.readVarint()).toBe(7);
            if (k === 8) t.text = new TextDecoder().decode(q.readBytes());
          }, v);
        }
        if (key === 9) {
          p.readMessage((k, m: typeof v, q) => {
            if (k !== 1) return;
            q.readMessage((n, w: typeof v, r) => {
              if (n === 1) w.plugin = r.readString();
            }, m);
          }, v);
        }
      }, value);
    }, e.values);
  }, event);
  return event;
}

/** All events of a run's only file. */
function readRun(path: string, run: string): Read[] {
  const [name, ...others] = readdirSync(join(path, run));
  expect(others).toEqual([]);
  expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\./);
  return recordsOf(new Uint8Array(readFileSync(join(path, run, name as string)))).map(eventOf);
}

/** [step, value] of one tag. */
const series = (events: readonly Read[], tag: string): [number, number | undefined][] =>
  events.flatMap((e) =>
    e.values.filter((v) => v.tag === tag).map((v): [number, number | undefined] => [e.step, v.simple]),
  );

describe('CRC-32C', () => {
  it('of the test itself agrees with RFC 3720, B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });
});

describe('tensorBoard', () => {
  it('two runs with the values of the epochs, the rate, and the summary as text', async () => {
    const path = fresh();
    const { history } = await train(sg.callbacks.tensorBoard(path));
    const [t, v] = [readRun(path, 'train'), readRun(path, 'validation')];
    for (const events of [t, v]) {
      expect(events[0]).toMatchObject({ version: 'brain.Event:2', values: [] });
      for (const e of events) expect(Math.abs(e.wallTime - Date.now() / 1000)).toBeLessThan(60);
    }
    const rounded = (values: number[] | undefined): [number, number][] =>
      (values as number[]).map((value, i) => [i, Math.fround(value)]);
    expect(series(t, 'epoch_loss')).toEqual(rounded(history.loss));
    expect(series(t, 'epoch_acc')).toEqual(rounded(history.acc));
    expect(series(v, 'epoch_loss')).toEqual(rounded(history.val_loss));
    expect(series(v, 'epoch_acc')).toEqual(rounded(history.val_acc));
    expect(series(t, 'epoch_learningRate')).toEqual([
      [0, 0.25],
      [1, 0.25],
      [2, 0.25],
    ]);
    const [text] = t.flatMap((e) => e.values).filter((value) => value.plugin === 'text');
    expect(text?.text).toMatch(/^ {4}Model: .*\n(.*\n)*.*Total params: 67/);
    expect(t.flatMap((e) => e.values).filter((value) => value.histogram)).toEqual([]);
  });

  it('an evaluation outside of a training, also after one that failed', async () => {
    const path = fresh();
    const model = compiled();
    const rows = sg.data.array(x.arraySync() as number[][]);
    const dataset = sg.data.zip({ xs: rows, ys: sg.data.array([...y.dataSync()]) }).batch(5);
    const evaluate = (callbacks: sg.CallbackArgs) => model.evaluateDataset(dataset, { callbacks });
    const [loss] = (await evaluate(sg.callbacks.tensorBoard(path, { writeGraph: false }))) as sg.Tensor[];
    const written = series(readRun(path, 'validation'), 'evaluation_loss_vs_iterations');
    expect(written).toEqual([[0, loss?.dataSync()[0]]]);

    let count = 0;
    const board = sg.callbacks.tensorBoard(() => void count++, { writeGraph: false });
    const fail = { onTestEnd: () => Promise.reject(new Error('enough')) };
    const failing = model.fit(x, y, { verbose: 0, batchSize: 5, validationSplit: 0.2, callbacks: [board, fail] });
    await expect(failing).rejects.toThrow('enough');
    expect(count).toBe(0);
    await evaluate(board);
    expect(count).toBe(1);
    await evaluate(board);
    expect(count).toBe(2);
  });

  it('values of batches, by the number of steps; nothing else that was not asked for', async () => {
    const path = fresh();
    const losses: number[] = [];
    const note: sg.CallbackArgs = { onBatchEnd: (_, logs) => void losses.push(logs?.loss as number) };
    const board = sg.callbacks.tensorBoard(path, { updateFreq: 3, writeGraph: false, writeStepsPerSecond: true });
    await compiled().fit(x, y, { verbose: 0, batchSize: 5, epochs: 2, callbacks: [note, board] });
    expect(readdirSync(path)).toEqual(['train']);
    const events = readRun(path, 'train');
    expect(series(events, 'batch_loss')).toEqual([
      [3, Math.fround(losses[2] as number)],
      [6, Math.fround(losses[5] as number)],
    ]);
    expect(new Set(events.flatMap((e) => e.values.map((value) => value.tag)))).toEqual(
      new Set([
        'batch_loss',
        'batch_acc',
        'batch_steps_per_second',
        'epoch_loss',
        'epoch_acc',
        'epoch_learningRate',
        'epoch_steps_per_second',
      ]),
    );
    for (const [, rate] of series(events, 'epoch_steps_per_second')) expect(rate).toBeGreaterThan(0);
  });

  it('distributions of the weights every few epochs', async () => {
    const path = fresh();
    const model = compiled();
    let weights: number[][] = [];
    const note: sg.CallbackArgs = {
      onEpochEnd: () => {
        weights = weightsOf(model);
      },
    };
    const callbacks = [note, sg.callbacks.tensorBoard(path, { histogramFreq: 2 })];
    await model.fit(x, y, { verbose: 0, epochs: 5, callbacks });
    const found = readRun(path, 'train').flatMap((e) =>
      e.values.filter((v) => v.histogram).map((v) => ({ step: e.step, ...v })),
    );
    const names = model.weights.map((w) => `${w.name}/histogram`);
    expect(found.map((f) => [f.step, f.tag])).toEqual([0, 2, 4].flatMap((s) => names.map((n) => [s, n])));
    found.slice(-4).forEach(({ histogram }, i) => {
      const h = histogram as { limits: number[]; buckets: number[] } & Record<string, number>;
      const values = weights[i] as number[];
      expect(h.num).toBe(values.length);
      expect([h.min, h.max]).toEqual([Math.min(...values), Math.max(...values)]);
      expect(h.sum).toBeCloseTo(
        values.reduce((a, b) => a + b, 0),
        9,
      );
      expect(h.sumSquares).toBeCloseTo(
        values.reduce((a, b) => a + b * b, 0),
        9,
      );
      h.buckets.forEach((count, b) => {
        const below = b === 0 ? -Infinity : (h.limits[b - 1] as number);
        expect(values.filter((v) => v >= below && v < (h.limits[b] as number))).toHaveLength(count);
      });
    });
  });

  it('a function gets the same bytes with their paths', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_123 });
    const path = fresh();
    await train(sg.callbacks.tensorBoard(path, { histogramFreq: 1 }));
    const parts: Record<string, Uint8Array[]> = {};
    await train(
      sg.callbacks.tensorBoard(
        (bytes, name) => {
          parts[name] ??= [];
          parts[name].push(bytes);
        },
        { histogramFreq: 1 },
      ),
    );
    vi.useRealTimers();
    const names = Object.keys(parts).sort();
    expect(names.map((n) => n.split('/')[0])).toEqual(['train', 'validation']);
    for (const name of names) {
      // The models have names of their own.
      const [own, file] = [Buffer.concat(parts[name] as Uint8Array[]), readFileSync(join(path, name))];
      const plain = (bytes: Uint8Array): unknown =>
        recordsOf(bytes).map((r) => JSON.parse(JSON.stringify(eventOf(r)).replace(/_\d+/g, '')));
      expect(plain(own)).toEqual(plain(new Uint8Array(file)));
    }
  });

  it('results of evaluations lie over the steps', async () => {
    const path = fresh();
    const board = sg.callbacks.tensorBoard(path);
    const model = compiled();
    await model.fit(x, y, { verbose: 0, batchSize: 5 });
    board.setModel(model);
    await board.onTestEnd({ loss: 0.5 });
    await board.onTrainEnd();
    expect(series(readRun(path, 'validation'), 'evaluation_loss_vs_iterations')).toEqual([[4, 0.5]]);
  });

  it('weights that are no numbers are counted apart', async () => {
    const path = fresh();
    const model = compiled();
    const [kernel, ...rest] = model.getWeights() as [sg.Tensor, ...sg.Tensor[]];
    model.setWeights([sg.fill(kernel.shape, NaN), ...rest]);
    await model.fit(x, y, { verbose: 0, epochs: 1, callbacks: sg.callbacks.tensorBoard(path, { histogramFreq: 1 }) });
    const events = readRun(path, 'train');
    const [first] = model.weights as [sg.Variable];
    expect(series(events, `${first.name}/not_finite`)).toEqual([[0, kernel.size]]);
    expect(series(events, `${first.name}/histogram`)).toEqual([]);
  });

  it.each([
    [{ updateFreq: 'step' as 'batch' }, /updateFreq/],
    [{ updateFreq: 0 }, /updateFreq/],
    [{ histogramFreq: -1 }, /histogramFreq/],
    [{ histogramFreq: 1.5 }, /histogramFreq/],
  ])('%j is refused', (args, message) => {
    expect(() => sg.callbacks.tensorBoard('logs', args)).toThrow(message);
    expect(() => sg.callbacks.tensorBoard(3 as never)).toThrow(sg.ArgumentError);
  });

  it('a place that cannot be written is an error', async () => {
    const path = fresh();
    writeFileSync(path, '');
    await expect(train(sg.callbacks.tensorBoard(path))).rejects.toThrow(/tensorBoard: cannot make/);
  });
});

describe('histograms', () => {
  it.each([
    ['nothing', [], undefined],
    ['no numbers', [NaN, Infinity, -Infinity], undefined],
    ['zeros', [0, -0, 0], [[1e-12], [3]]],
    ['denormal numbers', [1e-40], [[1e-12], [1]]],
  ])('of %s', (_, values, expected) => {
    const found = histogramOf(values);
    expect(found && [found.limits, found.counts]).toEqual(expected);
  });

  it('hold every number up to the largest, on both sides of zero', () => {
    const values = [-3.4e38, -1e20, -1, -1e-13, 0, 1e-13, 1, 1.05, 1e20, 3.4e38];
    const { limits, counts } = histogramOf(values) as NonNullable<ReturnType<typeof histogramOf>>;
    expect(counts.reduce((a, b) => a + b, 0)).toBe(values.length);
    expect(limits.every((l, i) => i === 0 || l > (limits[i - 1] as number))).toBe(true);
    expect([counts[0], counts.at(-1)]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts.at(-1)).toBeGreaterThan(0);
  });
});

describe('where something is missing', () => {
  const without = async (name: string): Promise<typeof import('../../src/index')> => {
    vi.resetModules();
    vi.doMock(name, () => {
      throw new Error(`there is no ${name}`);
    });
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
    return import('../../src/index');
  };
  afterEach(() => {
    vi.doUnmock('node:fs/promises');
    vi.doUnmock('pbf');
    vi.restoreAllMocks();
    vi.resetModules();
  });

  it('a file system: paths are refused with what to pass instead; functions work', async () => {
    const own = await without('node:fs/promises');
    const log = own.callbacks.csvLogger('log.csv');
    await expect(log.onTrainBegin()).rejects.toThrow(own.RuntimeSupportError);
    await expect(log.onTrainBegin()).rejects.toThrow(/csvLogger: this runtime has no file system; pass a function/);
    let text = '';
    const sink = own.callbacks.csvLogger((piece) => {
      text += piece;
    });
    await sink.onTrainBegin();
    await sink.onEpochEnd(0, { loss: 2 });
    expect(text).toBe('epoch,loss\n0,2\n');
  });

  it('a package: the error says what to install', async () => {
    const own = await without('pbf');
    const board = own.callbacks.tensorBoard(() => undefined);
    board.setModel(compiled());
    await expect(board.onTestEnd({ loss: 1 })).rejects.toThrow(own.RuntimeSupportError);
    await expect(board.onTestEnd({ loss: 1 })).rejects.toThrow(/packages pbf and crc-32/);
  });
});
