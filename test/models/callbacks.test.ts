/** What fit tells while it runs: callbacks, history, console, and the turns that it leaves to others. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { collect } from '../support/collect';
import { classes, classifier, random, settle, weightsOf } from './helpers';

const x = random(1, [10, 4]);
const y = classes(10);

function compiled(): sg.Sequential {
  const model = settle(classifier());
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

const quiet = { verbose: 0, batchSize: 4 } as const;

/** Callbacks that note every call with its arguments. */
function recorder(events: string[], tag = ''): sg.CallbackArgs {
  const keys = (logs?: sg.Logs): string => (logs && Object.keys(logs).length ? `{${Object.keys(logs).join()}}` : '');
  return {
    setParams: () => void events.push(`${tag}params`),
    setModel: () => void events.push(`${tag}model`),
    onTrainBegin: (logs) => void events.push(`${tag}train${keys(logs)}`),
    onEpochBegin: (epoch, logs) => void events.push(`${tag}epoch ${epoch}${keys(logs)}`),
    onBatchBegin: (batch, logs) => void events.push(`${tag}batch ${batch}${keys(logs)}`),
    onBatchEnd: (batch, logs) => void events.push(`${tag}batch end ${batch}${keys(logs)}`),
    onEpochEnd: (epoch, logs) => void events.push(`${tag}epoch end ${epoch}${keys(logs)}`),
    onTrainEnd: (logs) => void events.push(`${tag}train end${keys(logs)}`),
  };
}

describe('callbacks', () => {
  it('are called in order, with the numbers that are known', async () => {
    const events: string[] = [];
    await compiled().fit(x, y, { ...quiet, epochs: 2, validationSplit: 0.2, callbacks: recorder(events) });
    const batch = (b: number): string[] => [`batch ${b}{batch,size}`, `batch end ${b}{batch,size,loss,acc}`];
    const epoch = (e: number): string[] => [
      `epoch ${e}`,
      ...batch(0),
      ...batch(1),
      `epoch end ${e}{loss,acc,val_loss,val_acc}`,
    ];
    expect(events).toEqual(['params', 'model', 'train', ...epoch(0), ...epoch(1), 'train end']);
  });

  it('several are called one after another, each before the next event', async () => {
    const events: string[] = [];
    const callbacks = [recorder(events, 'a '), recorder(events, 'b ')];
    await compiled().fit(x, y, { ...quiet, batchSize: 10, callbacks });
    expect(events.filter((e) => e.startsWith('a '))).toEqual(
      events.filter((e) => e.startsWith('b ')).map((e) => `a${e.slice(1)}`),
    );
    expect(events.indexOf('b train')).toBe(events.indexOf('a train') + 1);
    expect(events.indexOf('a epoch 0')).toBeGreaterThan(events.indexOf('b train'));
  });

  it('promises are awaited', async () => {
    const events: string[] = [];
    const slow = (name: string) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      events.push(name);
    };
    const callbacks = {
      onTrainBegin: slow('train'),
      onEpochBegin: slow('epoch'),
      onBatchBegin: slow('batch'),
      onBatchEnd: slow('batch end'),
      onEpochEnd: slow('epoch end'),
      onTrainEnd: slow('train end'),
    };
    await compiled().fit(x, y, { ...quiet, batchSize: 10, callbacks });
    expect(events).toEqual(['train', 'epoch', 'batch', 'batch end', 'epoch end', 'train end']);
  });

  it('classes get the settings and the model', async () => {
    class Mine extends sg.Callback {
      seen = 0;
      override onEpochEnd(): void {
        this.seen++;
      }
    }
    const [mine, model] = [new Mine(), compiled()];
    await model.fit(x, y, { ...quiet, epochs: 3, callbacks: mine });
    expect(mine.seen).toBe(3);
    expect(mine.model).toBe(model);
    expect(mine.params).toMatchObject({ epochs: 3, initialEpoch: 0, batchSize: 4, samples: 10, steps: 3, verbose: 0 });
  });

  it('what is absent, empty or null is no callback, and a promise is left out with a warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const seen: number[] = [];
    const nothing = [null, undefined, {}, { onEpochEnd: null, onBatchEnd: undefined }];
    const given = [
      ...nothing,
      Promise.resolve(),
      { onEpochEnd: (epoch: number) => void seen.push(epoch), onFoo: undefined },
    ];
    await compiled().fit(x, y, { ...quiet, callbacks: given as sg.CallbackArgs[] });
    for (const callbacks of nothing) await compiled().fit(x, y, { ...quiet, callbacks: callbacks as sg.CallbackArgs });
    expect(seen).toEqual([0]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/promise.*await it/)]]);
    expect(new sg.CustomCallback({ onEpochEnd: null }).onEpochBegin(0)).toBeUndefined();
    warn.mockRestore();
  });

  it('functions of a callback can be called from outside, those of its base class too', async () => {
    const logs: sg.Logs[] = [];
    class Mine extends sg.Callback {
      override async onEpochEnd(epoch: number, given: sg.Logs): Promise<void> {
        await super.onEpochEnd(epoch, given);
        logs.push(given);
      }
    }
    const mine = new Mine();
    await mine.onTrainBegin();
    await mine.onBatchEnd(0, { loss: 1 });
    await mine.onEpochEnd(0, { loss: 2 });
    expect(logs).toEqual([{ loss: 2 }]);
    const list = new sg.CallbackList([mine]);
    expect(list.ignoresBatches).toBe(true);
    await list.onEpochEnd(1, { loss: 3 });
    expect(logs).toHaveLength(2);
    const stopping = sg.callbacks.earlyStopping({ monitor: 'loss', patience: 1 });
    const model = compiled();
    stopping.setModel(model);
    stopping.onTrainBegin();
    for (const loss of [1, 2, 3]) stopping.onEpochEnd(0, { loss });
    expect(model.stopTraining).toBe(true);
  });

  it('logs hold the values of the batch, then those of the epoch', async () => {
    const model = compiled();
    const losses: number[] = [];
    let epoch: sg.Logs | undefined;
    const callbacks = {
      onBatchEnd: (_: number, logs?: sg.Logs) => void losses.push(logs?.loss as number),
      onEpochEnd: (_: number, logs?: sg.Logs) => {
        epoch = logs;
      },
    };
    const { history } = await model.fit(x, y, { ...quiet, shuffle: false, callbacks });
    const [a, b, c] = losses as [number, number, number];
    expect(epoch?.loss).toBeCloseTo((4 * a + 4 * b + 2 * c) / 10, 6);
    expect(history.loss).toEqual([epoch?.loss]);
  });

  it.each(['onTrainBegin', 'onEpochBegin', 'onBatchBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd'])(
    'an error in %s ends the training, and leaves a model that works',
    async (name) => {
      const model = compiled();
      await collect();
      const before = sg.memory();
      const callbacks = {
        [name]: () => {
          throw new Error('mine');
        },
      };
      await expect(model.fit(x, y, { ...quiet, callbacks })).rejects.toThrow('mine');
      expect(model.isTraining).toBe(false);
      expect(sg.memory().numTensors).toBe(before.numTensors);
      expect((await model.fit(x, y, quiet)).epoch).toEqual([0]);
    },
  );

  it('do not change what is computed', async () => {
    const [a, b] = [compiled(), compiled()];
    await a.fit(x, y, { ...quiet, shuffle: false, epochs: 2, callbacks: recorder([]) });
    await b.fit(x, y, { ...quiet, shuffle: false, epochs: 2 });
    expect(weightsOf(a)).toEqual(weightsOf(b));
  });
});

describe('stopTraining', () => {
  const until = async (stop: (model: sg.Sequential) => sg.CallbackArgs): Promise<[number[], number, sg.Sequential]> => {
    const model = compiled();
    const { epoch } = await model.fit(x, y, { ...quiet, epochs: 4, callbacks: stop(model) });
    return [epoch, model.optimizer.iterations, model];
  };
  const set = (model: sg.Sequential): void => {
    model.stopTraining = true;
  };

  it('at the end of an epoch: no further one', async () => {
    const [epochs, steps] = await until((m) => ({ onEpochEnd: (e) => (e === 1 ? set(m) : undefined) }));
    expect([epochs, steps]).toEqual([[0, 1], 6]);
  });

  it('after a batch: no further one, but the epoch is closed', async () => {
    const [epochs, steps] = await until((m) => ({ onBatchEnd: (b) => (b === 1 ? set(m) : undefined) }));
    expect([epochs, steps]).toEqual([[0], 2]);
  });

  it('at the start: nothing is trained', async () => {
    const [epochs, steps] = await until((m) => ({ onTrainBegin: () => set(m) }));
    expect([epochs, steps]).toEqual([[], 0]);
  });

  it('through the callback class; the next fit starts anew', async () => {
    const [, , model] = await until(() => {
      const callback = new (class extends sg.Callback {
        override onEpochEnd(): void {
          if (this.model) this.model.stopTraining = true;
        }
      })();
      return callback;
    });
    expect(model.optimizer.iterations).toBe(3);
    expect((await model.fit(x, y, { ...quiet, epochs: 2 })).epoch).toEqual([0, 1]);
  });

  it('onTrainEnd is still called', async () => {
    const events: string[] = [];
    await until((m) => ({ ...recorder(events), onBatchEnd: () => set(m) }));
    expect(events.at(-1)).toBe('train end');
  });
});

describe('the console', () => {
  const terminal = process.stdout.isTTY;
  afterEach(() => {
    vi.restoreAllMocks();
    process.stdout.isTTY = terminal;
  });

  async function printed(args: sg.FitArgs, isTTY: boolean): Promise<string[]> {
    process.stdout.isTTY = isTTY;
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const raw = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await compiled().fit(x, y, { batchSize: 4, epochs: 2, validationSplit: 0.2, ...args });
    const lines = log.mock.calls.map((c) => String(c[0]));
    log.mockRestore();
    raw.mockRestore();
    return lines;
  }

  it.each([true, false])('verbose 0 prints nothing (in a terminal: %s)', async (isTTY) => {
    expect(await printed({ verbose: 0 }, isTTY)).toEqual([]);
  });

  it.each([
    [1, false],
    [2, false],
    [2, true],
  ])('verbose %i prints a line for each epoch (in a terminal: %s)', async (verbose, isTTY) => {
    const lines = await printed({ verbose }, isTTY);
    expect(lines).toHaveLength(2);
    lines.forEach((line, i) => {
      expect(line).toMatch(
        new RegExp(`^epoch ${i + 1}/2 +\\d+ examples/s +loss: \\d\\.\\d{4} +acc: .* +val_loss: .* +val_acc: `),
      );
    });
  });

  it('nothing is printed by default where there is no terminal', async () => {
    expect(await printed({}, false)).toEqual([]);
  });
});

describe('the event loop', () => {
  /** Turns of the event loop while `fn` runs. */
  async function turnsDuring(fn: () => Promise<unknown>): Promise<number> {
    let turns = 0;
    let isOver = false;
    const next = (): void => {
      if (isOver) return;
      turns++;
      setImmediate(next);
    };
    setImmediate(next);
    await fn();
    isOver = true;
    return turns;
  }

  it('runs after each batch if asked to', async () => {
    const yields: string[] = [];
    const callbacks = {
      onYield: (e: number, b: number, logs: sg.Logs) => void yields.push(`${e} ${b} ${Object.keys(logs)}`),
    };
    const run = (): Promise<unknown> => compiled().fit(x, y, { ...quiet, epochs: 2, yieldEvery: 0, callbacks });
    expect(await turnsDuring(run)).toBeGreaterThanOrEqual(6);
    expect(yields).toEqual([0, 1].flatMap((e) => [0, 1, 2].map((b) => `${e} ${b} loss,acc`)));
  });

  it('runs every now and then in a long training, timers too', async () => {
    const work = (): void => {
      for (const end = performance.now() + 8; performance.now() < end; );
    };
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const turns = await turnsDuring(() =>
      compiled().fit(x, y, { ...quiet, epochs: 8, callbacks: { onBatchEnd: work } }),
    );
    clearInterval(timer);
    // 24 batches of 8 ms; a turn is due every 16.
    expect(turns).toBeGreaterThanOrEqual(6);
    expect(ticks).toBeGreaterThanOrEqual(6);
  });

  it('waits if that is asked for', async () => {
    expect(await turnsDuring(() => compiled().fit(x, y, { ...quiet, epochs: 20, yieldEvery: Infinity }))).toBe(0);
  });

  it('other models may be used meanwhile', async () => {
    const [a, b, alone] = [compiled(), compiled(), compiled()];
    const args = { ...quiet, epochs: 3, shuffle: false, yieldEvery: 0 };
    await Promise.all([a.fit(x, y, args), b.fit(x, y, args)]);
    await alone.fit(x, y, args);
    expect(weightsOf(a)).toEqual(weightsOf(alone));
    expect(weightsOf(b)).toEqual(weightsOf(alone));
  });

  it('a second fit of the same model is refused, and the first goes on', async () => {
    const model = compiled();
    const first = model.fit(x, y, { ...quiet, epochs: 3, yieldEvery: 0 });
    const second = model.fit(x, y, quiet);
    await expect(second).rejects.toThrow(sg.StateError);
    await expect(second).rejects.toThrow(/await/);
    expect((await first).epoch).toEqual([0, 1, 2]);
    expect(model.optimizer.iterations).toBe(9);
  });
});
