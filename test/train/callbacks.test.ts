/** Callbacks beside Keras 3 (goldens/callbacks.py) and TensorFlow.js, in trainings, and with wrong settings. */
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import goldens from '../goldens/callbacks.json';
import { classes, classifier, linear, random, settle, weightsOf } from '../models/helpers';
import { collect } from '../support/collect';

const x = random(1, [10, 4]);
const y = classes(10);
const quiet = { verbose: 0, batchSize: 4 } as const;

function compiled(optimizer: sg.Optimizer = sg.train.sgd(0.1)): sg.Sequential {
  const model = settle(classifier());
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** A model whose weights are the number of the epoch. */
class Fake {
  stopTraining = false;
  weights = sg.scalar(-1);
  optimizer = {
    learningRate: 0.5,
    getConfig: () => ({ learningRate: 0.5 }),
  };
  getWeights(): sg.Tensor[] {
    return [this.weights.clone()];
  }
  setWeights(weights: readonly sg.Tensor[]): void {
    this.weights = (weights[0] as sg.Tensor).clone();
  }
}

interface Playable extends sg.CallbackArgs {
  setModel(model: sg.CallbackTarget): void;
}

/** Tells a callback of epochs until it stops the training. */
function play(callback: Playable, values: readonly number[], key = 'val_loss'): { model: Fake; rates: number[] } {
  const model = new Fake();
  const rates: number[] = [];
  callback.setModel(model as unknown as sg.CallbackTarget);
  callback.onTrainBegin?.({});
  for (let epoch = 0; epoch < values.length && !model.stopTraining; epoch++) {
    model.weights = sg.scalar(epoch);
    callback.onEpochEnd?.(epoch, { [key]: values[epoch] as number });
    rates.push(model.optimizer.learningRate);
  }
  callback.onTrainEnd?.({});
  return { model, rates };
}

interface Golden {
  readonly callback: string;
  readonly args: object;
  readonly values: keyof typeof goldens.values;
  readonly stoppedEpoch?: number;
  readonly bestEpoch?: number;
  readonly weights?: number;
  readonly rates?: readonly number[];
}

describe('as Keras 3', () => {
  const rows = (goldens.rows as readonly Golden[]).map((g) => [g.callback, g.values, g.args, g] as const);

  it.each(rows.filter(([name]) => name === 'earlyStopping'))('%s, %s values, %j', (_, values, args, golden) => {
    const stop = sg.callbacks.earlyStopping(args);
    const { model } = play(stop, goldens.values[values]);
    expect({ stopped: stop.stoppedEpoch, best: stop.bestEpoch, weights: model.weights.dataSync()[0] }).toEqual({
      stopped: golden.stoppedEpoch,
      best: golden.bestEpoch,
      weights: golden.weights,
    });
  });

  it.each(rows.filter(([name]) => name === 'reduceLROnPlateau'))('%s, %s values, %j', (_, values, args, golden) => {
    const { rates } = play(sg.callbacks.reduceLROnPlateau(args), goldens.values[values]);
    expect(rates).toHaveLength(golden.rates?.length as number);
    rates.forEach((r, i) => {
      expect(r).toBeCloseTo(golden.rates?.[i] as number, 12);
    });
  });
});

describe('earlyStopping as TensorFlow.js', () => {
  const series = Array.from({ length: 20 }, (_, i) => [...random(i, [25], 0, 1).dataSync()]);
  const settings: tfl.EarlyStoppingCallbackArgs[] = [
    {},
    { patience: 2 },
    { patience: 3, minDelta: 0.05 },
    { patience: 2, baseline: 0.3 },
    { patience: 2, baseline: 0.9, mode: 'max' },
    { patience: 2, monitor: 'val_acc' },
    { patience: 4, monitor: 'val_acc', mode: 'min' },
  ];

  it.each(settings)('%j: 20 series stop where its own does', async (args) => {
    for (const values of series) {
      const theirs = tfl.callbacks.earlyStopping(args);
      const model = { stopTraining: false };
      (theirs as unknown as { model: object }).model = model;
      await theirs.onTrainBegin();
      let epochs = 0;
      while (epochs < values.length && !model.stopTraining) {
        await theirs.onEpochEnd(epochs, { [args.monitor ?? 'val_loss']: values[epochs] as number });
        epochs++;
      }
      const { rates } = play(sg.callbacks.earlyStopping(args), values, args.monitor);
      expect(rates.length).toBe(epochs);
    }
  });
});

describe('earlyStopping', () => {
  it('NaN is never better, not even than nothing', () => {
    const stop = sg.callbacks.earlyStopping({ patience: 3 });
    const { rates } = play(stop, [NaN, 5, NaN, 4, 4, 4, 4]);
    expect([rates.length, stop.best, stop.bestEpoch]).toEqual([7, 4, 3]);
    const all = sg.callbacks.earlyStopping({ patience: 3 });
    expect(play(all, new Array<number>(9).fill(NaN)).rates).toHaveLength(3);
    expect(all.best).toBeUndefined();
  });

  it('restores the best weights of a training that gets worse', async () => {
    const model = linear(3, 1);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const seen: number[][][] = [];
    const values = [3, 1, 2, 2.5, 9];
    const feign: sg.CallbackArgs = {
      onEpochEnd: (epoch, logs) => {
        seen.push(weightsOf(model));
        (logs as sg.Logs).loss = values[epoch] as number;
      },
    };
    const stop = sg.callbacks.earlyStopping({ monitor: 'loss', patience: 2, restoreBestWeights: true });
    const { epoch } = await model.fit(random(1, [8, 3]), random(2, [8, 1]), {
      ...quiet,
      epochs: 5,
      callbacks: [feign, stop],
    });
    expect(epoch).toEqual([0, 1, 2, 3]);
    expect([stop.stoppedEpoch, stop.bestEpoch, stop.best]).toEqual([3, 1, 1]);
    expect(weightsOf(model)).toEqual(seen[1]);
    expect(seen[1]).not.toEqual(seen[3]);
  });

  it.each([
    [2, [1, 3, 5, 7]],
    [
      [2, 3, 6, 8],
      [1, 2, 5, 7],
    ],
    [3, [2, 5, 8, 11]],
  ])('epochs without validation do not count (validationFreq %j)', (validationFreq, validated) => {
    const [stop, reduce] = [
      sg.callbacks.earlyStopping({ patience: 2 }),
      sg.callbacks.reduceLROnPlateau({ patience: 2 }),
    ];
    const model = new Fake();
    for (const c of [stop, reduce]) {
      c.setModel(model as unknown as sg.CallbackTarget);
      c.setParams({ validationFreq });
      c.onTrainBegin();
    }
    const last = validated.at(-1) as number;
    for (let epoch = 0; epoch <= last; epoch++) {
      expect(model.stopTraining).toBe(false);
      const logs: sg.Logs = validated.includes(epoch)
        ? { val_loss: epoch === validated[0] ? 2 : epoch === validated[1] ? 1 : 3 }
        : {};
      stop.onEpochEnd(epoch, logs);
      reduce.onEpochEnd(epoch, logs);
    }
    expect([model.stopTraining, stop.stoppedEpoch, stop.bestEpoch]).toEqual([true, last, validated[1]]);
    expect(model.optimizer.learningRate).toBeCloseTo(0.05, 12);
    expect(() => stop.onEpochEnd(last, {})).toThrow(/val_loss/);
  });

  it('a plateau whose state holds no counts starts to count', () => {
    const model = new Fake();
    const before = model.optimizer.learningRate;
    const reduce = sg.callbacks.reduceLROnPlateau({ monitor: 'loss', patience: 2 });
    reduce.setModel(model as unknown as sg.CallbackTarget);
    reduce.setParams({});
    reduce.onTrainBegin();
    reduce.restoreState({ kind: 'reduceLROnPlateau loss', values: { best: 1 }, weights: [] });
    reduce.onEpochEnd(0, { loss: 1 });
    expect(model.optimizer.learningRate).toBe(before);
    reduce.onEpochEnd(1, { loss: 1 });
    expect(model.optimizer.learningRate).toBeLessThan(before);
  });

  it('may serve several trainings', () => {
    const stop = sg.callbacks.earlyStopping({ patience: 2 });
    expect(play(stop, [1, 2, 3, 4]).rates).toHaveLength(3);
    expect(play(stop, [5, 4, 3, 6, 7]).rates).toHaveLength(5);
  });

  it('says what there is where its value is missing, at the end of the first epoch', async () => {
    const fit = compiled().fit(x, y, { ...quiet, epochs: 3, callbacks: sg.callbacks.earlyStopping() });
    await expect(fit).rejects.toThrow(sg.ArgumentError);
    await expect(fit).rejects.toThrow(/earlyStopping.*'val_loss'.*loss, acc.*validationData/);
  });

  it('is a class too, as in TensorFlow.js', () => {
    expect(new sg.EarlyStopping({ patience: 1 })).toBeInstanceOf(sg.Callback);
    expect(sg.callbacks.earlyStopping()).toBeInstanceOf(sg.EarlyStopping);
  });
});

describe('learning rates', () => {
  it('a schedule sees epoch and rate, and steps follow it', async () => {
    const seen: [number, number][] = [];
    const schedule = sg.callbacks.learningRateScheduler((epoch, rate) => {
      seen.push([epoch, rate]);
      return rate / 2;
    });
    const logs: (number | undefined)[] = [];
    const note = sg.callbacks.lambda({ onEpochEnd: (_, l) => void logs.push(l?.learningRate) });
    const model = compiled(sg.train.sgd(0.5));
    await model.fit(x, y, { ...quiet, shuffle: false, epochs: 3, callbacks: [schedule, note] });
    expect(seen).toEqual([
      [0, 0.5],
      [1, 0.25],
      [2, 0.125],
    ]);
    expect(logs).toEqual([0.25, 0.125, 0.0625]);
    const byHand = compiled(sg.train.sgd(0.5));
    for (const rate of logs) {
      byHand.optimizer.learningRate = rate as number;
      await byHand.fit(x, y, { ...quiet, shuffle: false });
    }
    expect(weightsOf(model)).toEqual(weightsOf(byHand));
  });

  it.each([NaN, -1, Infinity, '0.1', undefined])('a schedule that gives %s is refused', async (value) => {
    const callbacks = sg.callbacks.learningRateScheduler(() => value as number);
    await expect(compiled().fit(x, y, { ...quiet, callbacks })).rejects.toThrow(/epoch 0/);
  });

  it('a plateau lowers the rate of the steps that follow', async () => {
    const model = compiled(sg.train.sgd(0));
    model.optimizer.learningRate = 1e-9;
    const reduce = sg.callbacks.reduceLROnPlateau({ monitor: 'loss', patience: 1, factor: 0.5, minDelta: 0.1 });
    await model.fit(x, y, { ...quiet, epochs: 3, callbacks: reduce });
    expect(model.optimizer.learningRate).toBe(2.5e-10);
  });
});

describe('terminateOnNaN', () => {
  it.each([NaN, Infinity, -Infinity])('%s ends the training after the batch', async (value) => {
    const model = compiled();
    let batches = 0;
    const poison: sg.CallbackArgs = {
      onBatchEnd: (_, logs) => {
        if (++batches === 2) (logs as sg.Logs).loss = value;
      },
    };
    await model.fit(x, y, { ...quiet, epochs: 5, callbacks: [poison, sg.callbacks.terminateOnNaN()] });
    expect(model.optimizer.iterations).toBe(2);
  });

  it('a training that diverges', async () => {
    const model = linear(3, 1);
    model.compile({ optimizer: sg.train.sgd(1e20), loss: 'meanSquaredError' });
    const callbacks = sg.callbacks.terminateOnNaN();
    await model.fit(random(1, [8, 3]), random(2, [8, 1]), { ...quiet, epochs: 50, callbacks });
    expect(model.optimizer.iterations).toBeLessThan(8);
  });
});

describe('lists', () => {
  const all = {
    logs: ['onTrainBegin', 'onTrainEnd', 'onTestBegin', 'onTestEnd'],
    count: [
      'onEpochBegin',
      'onEpochEnd',
      'onBatchBegin',
      'onBatchEnd',
      'onTrainBatchBegin',
      'onTrainBatchEnd',
      'onTestBatchBegin',
      'onTestBatchEnd',
    ],
  } as const;

  it('tell each event to each callback, one after another', async () => {
    const heard: string[] = [];
    const recorder = (tag: string): sg.CallbackArgs =>
      Object.fromEntries(
        [...all.logs, ...all.count].map((name) => [
          name,
          async (...args: unknown[]) => {
            await Promise.resolve();
            heard.push(`${tag} ${name} ${JSON.stringify(args)}`);
          },
        ]),
      );
    const list = new sg.CallbackList([recorder('a')]);
    list.append(recorder('b'));
    for (const name of all.logs) await list.tell(name, { loss: 1 });
    for (const name of all.count) await list.tell(name, 3, { loss: 1 });
    const expected = [
      ...all.logs.map((n) => `${n} [{"loss":1}]`),
      ...all.count.map((n) => `${n} [3,{"loss":1}]`),
    ].flatMap((line) => {
      // Two names of one event.
      const other = /^onBatch/.test(line) ? [line.replace('onBatch', 'onTrainBatch')] : [];
      return ['a', 'b'].flatMap((tag) => [line, ...other].map((l) => `${tag} ${l}`));
    });
    expect(heard).toEqual(expected);
  });

  it.each([false, 'earlyStopping', 3])('%s is no callback', (value) => {
    expect(() => new sg.CallbackList([value as unknown as sg.CallbackArgs])).toThrow(sg.ArgumentError);
  });

  it('in lists are callbacks too', async () => {
    const heard: string[] = [];
    const note = (tag: string): sg.CallbackArgs => ({ onEpochEnd: () => void heard.push(tag) });
    const nested = [note('a'), [note('b'), [], [note('c')]]];
    await compiled().fit(x, y, { ...quiet, callbacks: nested as sg.CallbackArgs[] });
    expect(heard).toEqual(['a', 'b', 'c']);
    const list = new sg.CallbackList([[note('d')]]);
    list.append([note('e')]);
    expect(list.callbacks).toHaveLength(2);
    expect(() => list.append([note('f'), 3 as never])).toThrow(/callbacks: 3 is no object/);
    expect(list.callbacks).toHaveLength(2);
  });

  it.each([
    ['other names', { epochEnd: () => undefined }, /no function/],
    ['a misspelled name', { onEpochEnds: () => undefined }, /'onEpochEnds'/],
    ['a misspelled name beside others', { onEpochEnd: () => undefined, onBatchEnds: () => undefined }, /'onBatchEnds'/],
    ['Keras in Python', { on_epoch_end: () => undefined }, /no function/],
    ['what is no function', { onEpochEnd: 3 }, /onEpochEnd is no function/],
    ['a map', new Map(), /no function/],
    ['a tensor', sg.scalar(1), /no function/],
  ])('%s: no callback', (_, value, message) => {
    const make = () => new sg.CallbackList([value as sg.CallbackArgs]);
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(message);
    expect(make).toThrow(/onTrainBegin, onTrainEnd, .*onEpochEnd/);
  });

  it('take objects with state of their own, and of any class', async () => {
    class Counter {
      count = 0;
      onEpochEnd(): void {
        this.count++;
      }
    }
    const counter = new Counter();
    const literal = {
      count: 0,
      onBatchEnd: undefined,
      onEpochEnd() {
        this.count++;
      },
    };
    await compiled().fit(x, y, { ...quiet, epochs: 2, callbacks: [counter, literal as sg.CallbackArgs] });
    expect([counter.count, literal.count]).toEqual([2, 2]);
  });

  it('know whether batches matter', () => {
    const listens = (c: sg.CallbackArgs): boolean => !new sg.CallbackList([c]).ignoresBatches;
    expect(listens({ onEpochEnd: () => undefined })).toBe(false);
    for (const name of ['onBatchBegin', 'onBatchEnd', 'onTrainBatchBegin', 'onTrainBatchEnd'])
      expect(listens({ [name]: () => undefined })).toBe(true);
    expect(listens(sg.callbacks.tensorBoard(() => undefined))).toBe(false);
    expect(listens(sg.callbacks.tensorBoard(() => undefined, { updateFreq: 5 }))).toBe(true);
  });
});

describe('functions as a callback', () => {
  it('see the model as `this.model`', async () => {
    const steps: number[] = [];
    const callback = new sg.CustomCallback({
      onEpochEnd(this: sg.CustomCallback) {
        steps.push((this.model as sg.CallbackTarget).optimizer.iterations);
      },
    });
    await compiled().fit(x, y, { ...quiet, epochs: 2, callbacks: callback });
    expect(steps).toEqual([3, 6]);
  });

  it.each([{ onEpochFinish: () => undefined }, { onEpochEnd: 3 }])('%o is refused', (functions) => {
    expect(() => sg.callbacks.lambda(functions as sg.CallbackArgs)).toThrow(sg.ArgumentError);
  });
});

describe('instances of classes', () => {
  class Counter {
    onEpochEnd(): void {}
  }
  it('are no functions for lambda: they are callbacks themselves', () => {
    const make = () => sg.callbacks.lambda(new Counter());
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(/callbacks.lambda: .*give the instance itself/);
    for (const value of [null, 3, 'a', []]) expect(() => sg.callbacks.lambda(value as never)).toThrow(sg.ArgumentError);
  });
});

describe('rates that follow a schedule', () => {
  it.each([
    ['reduceLROnPlateau', sg.callbacks.reduceLROnPlateau({ monitor: 'loss', patience: 50 })],
    ['learningRateScheduler', sg.callbacks.learningRateScheduler(() => 0.1)],
  ])('%s cannot change them, and says so at once', async (name, callback) => {
    const model = compiled(sg.train.sgd(sg.schedules.cosineDecay(0.1, 100)));
    const fit = model.fit(x, y, { ...quiet, epochs: 2, callbacks: callback });
    await expect(fit).rejects.toThrow(sg.StateError);
    await expect(fit).rejects.toThrow(new RegExp(`^${name}: .*schedule`));
    expect(model.optimizer.iterations).toBe(0);
  });
});

describe('memory of a training that fails', () => {
  const crash = { onEpochEnd: (epoch: number) => (epoch === 1 ? Promise.reject(new Error('enough')) : undefined) };

  it.each([
    ['earlyStopping', () => sg.callbacks.earlyStopping({ monitor: 'loss', restoreBestWeights: true })],
    ['gradientMonitor', () => sg.callbacks.gradientMonitor({ x, y })],
  ])('%s gives back', async (_, make) => {
    const model = compiled();
    const train = (callbacks: sg.CallbackArgs[]) =>
      expect(
        model.fit(x, y, { ...quiet, epochs: 3, callbacks: [...callbacks, crash as sg.CallbackArgs] }),
      ).rejects.toThrow('enough');
    // What the model itself keeps for the next training.
    await train([]);
    await collect();
    const before = sg.memory();
    await train([make()]);
    const after = sg.memory();
    expect(after.numTensors).toBe(before.numTensors);
    expect(after.numBytes).toBe(before.numBytes);
  });

  it('is given back if data fail, and weights stay where they are', async () => {
    const model = compiled();
    const stop = sg.callbacks.earlyStopping({ monitor: 'loss', patience: 9, restoreBestWeights: true });
    let passes = 0;
    const dataset = sg.data.generator(function* () {
      if (passes++ === 2) throw new Error('no more data');
      yield { xs: random(passes, [4, 4]), ys: classes(4) };
    });
    await collect();
    const before = sg.memory().numTensors;
    await expect(model.fitDataset(dataset, { epochs: 5, verbose: 0, callbacks: stop })).rejects.toThrow('no more data');
    expect(sg.memory().numTensors).toBe(before);
    expect(stop.best).toBeDefined();
  });
});

describe('wrong settings', () => {
  const { earlyStopping, reduceLROnPlateau, learningRateScheduler } = sg.callbacks;
  it.each([
    ['patience', () => earlyStopping({ patience: -1 })],
    ['patience', () => earlyStopping({ patience: 1.5 })],
    ['minDelta', () => earlyStopping({ minDelta: NaN })],
    ['startFromEpoch', () => earlyStopping({ startFromEpoch: -2 })],
    ['mode', () => earlyStopping({ mode: 'up' as 'min' })],
    ['factor', () => reduceLROnPlateau({ factor: 1 })],
    ['factor', () => reduceLROnPlateau({ factor: -0.1 })],
    ['cooldown', () => reduceLROnPlateau({ cooldown: 0.5 })],
    ['minLr', () => reduceLROnPlateau({ minLr: -1 })],
    ['schedule', () => learningRateScheduler(0.1 as never)],
  ] as const)('%s', (name, make) => {
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(name);
  });
});

describe('unknown settings', () => {
  const c = sg.callbacks;
  it.each<[string, (settings: never) => unknown]>([
    ['earlyStopping', c.earlyStopping],
    ['reduceLROnPlateau', c.reduceLROnPlateau],
    ['learningRateScheduler', (s) => c.learningRateScheduler(() => 1, s)],
    ['csvLogger', (s) => c.csvLogger('a', s)],
    ['tensorBoard', (s) => c.tensorBoard('a', s)],
    ['gradientMonitor', (s) => c.gradientMonitor({ x, y, ...(s as object) })],
    ['modelCheckpoint', (s) => c.modelCheckpoint('a', s)],
    ['backupAndRestore', (s) => c.backupAndRestore('a', s)],
  ])('%s', (name, make) => {
    const settings = { restore_best_weights: true } as never;
    expect(() => make(settings)).toThrow(sg.ArgumentError);
    expect(() => make(settings)).toThrow(
      new RegExp(`^${name}: unknown setting 'restore_best_weights'; .*known are \\w+`),
    );
    make({} as never);
  });
});

describe('what is told on the console', () => {
  afterEach(() => vi.restoreAllMocks());

  it('with verbose 1: stopping, and new rates', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    play(sg.callbacks.earlyStopping({ verbose: 1, patience: 1 }), [1, 2]);
    play(sg.callbacks.reduceLROnPlateau({ verbose: 1, patience: 1 }), [1, 2]);
    await compiled().fit(x, y, { ...quiet, callbacks: sg.callbacks.learningRateScheduler(() => 0.25, { verbose: 1 }) });
    await compiled().fit(x, y, { ...quiet, callbacks: sg.callbacks.progressBar(2) });
    const lines = log.mock.calls.map(([line]) => String(line));
    expect(lines.slice(0, 3)).toEqual([
      'epoch 2: early stopping',
      'epoch 2: learning rate 0.05',
      'epoch 1: learning rate 0.25',
    ]);
    expect(lines[3]).toMatch(/^epoch 1\/1 .* loss: /);
  });
});
