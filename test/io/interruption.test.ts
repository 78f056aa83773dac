/** Trainings that end in the middle and go on from a backup: the weights have the bits of those that ran through. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { classes, classifier, random, settle } from '../models/helpers';
import { runScript } from '../support/child';
import { generator } from '../support/random';

const directory = mkdtempSync(join(tmpdir(), 'interruption-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A model and what to train it on, made anew as another process would. */
interface Training {
  readonly model: sg.Sequential;
  run(callbacks: sg.Callback[]): Promise<unknown>;
}

const { layers } = sg;
const N = 23;
const x = random(1, [N, 4]);
const y = classes(N);
const [EPOCHS, BATCH] = [4, 4];
/** Batches of an epoch of the shortest training, which keeps a fifth for validation. */
const STEPS = 5;
const shared = { epochs: EPOCHS, batchSize: BATCH, verbose: 0 };

function dense(optimizer: sg.Optimizer, extra: sg.layers.Layer[] = [], args: sg.FitArgs = {}): Training {
  const model = sg.sequential({
    layers: [
      layers.dense({ name: 'hidden', units: 8, activation: 'tanh', inputShape: [4], kernelRegularizer: 'l2' }),
      ...extra,
      layers.dense({ name: 'output', units: 3, activation: 'softmax' }),
    ],
  });
  settle(model);
  model.compile({
    optimizer,
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy', sg.metrics.sparseTopKCategoricalAccuracy({ k: 2 })],
  });
  return { model, run: (callbacks) => model.fit(x, y, { ...shared, ...args, callbacks }) };
}

function image(): Training {
  const model = sg.sequential({
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 2, inputShape: [4, 4, 1], kernelInitializer: 'heNormal' }),
      layers.batchNormalization(),
      layers.gaussianNoise({ stddev: 0.1, seed: 3 }),
      layers.flatten(),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  settle(model);
  // An area below a curve needs every score of the epoch, those before the interruption too.
  model.compile({
    optimizer: sg.train.rmsprop({ centered: true, momentum: 0.5 }),
    loss: 'binaryCrossentropy',
    metrics: ['auc'],
  });
  const images = random(5, [N, 4, 4, 1]);
  const bits = sg.tensor2d(Array.from({ length: N }, (_, i) => [+(i % 3 === 0)]));
  return {
    model,
    run: (callbacks) =>
      model.fit(images, bits, { ...shared, validationSplit: 0.2, classWeight: { 0: 1, 1: 2 }, callbacks }),
  };
}

function stateful(): Training {
  const model = sg.sequential({
    layers: [
      layers.lstm({ units: 3, stateful: true, batchInputShape: [4, 5, 2], recurrentDropout: 0.2, seed: 11 }),
      layers.dense({ units: 1 }),
    ],
  });
  settle(model);
  model.compile({ optimizer: sg.train.momentum(0.05, 0.9), loss: 'meanSquaredError' });
  const [series, targets] = [random(2, [24, 5, 2]), random(3, [24, 1])];
  return { model, run: (callbacks) => model.fit(series, targets, { ...shared, shuffle: false, callbacks }) };
}

function streamed(batchesPerEpoch?: number): Training {
  const { model } = dense(sg.train.adamW(0.01));
  const rows = Array.from({ length: N }, (_, i) => ({
    xs: x.slice(i, 1).squeeze([0]),
    ys: y.slice(i, 1).squeeze([0]),
  }));
  let dataset = sg.data.array(rows).shuffle(10, 42).batch(BATCH);
  if (batchesPerEpoch) dataset = dataset.repeat();
  const args = { epochs: EPOCHS, verbose: 0, ...(batchesPerEpoch && { batchesPerEpoch }) };
  return { model, run: (callbacks) => model.fitDataset(dataset, { ...args, callbacks }) };
}

const { train } = sg;
const TRAININGS: Readonly<Record<string, () => Training>> = {
  adam: () => dense(train.adam(0.02)),
  'averages, gathered gradients, clips, decay and a schedule': () =>
    dense(
      train.nadam({
        learningRate: sg.schedules.cosineDecay(0.05, 20),
        useEma: true,
        emaOverwriteFrequency: 5,
        gradientAccumulationSteps: 3,
        globalClipNorm: 0.5,
        weightDecay: 0.01,
      }),
    ),
  'dropout and batch normalization': () =>
    dense(train.adagrad(0.1), [layers.dropout({ rate: 0.3, seed: 5 }), layers.batchNormalization()]),
  'a rate by epoch': () => dense(train.sgd(0.1)),
  'sample weights': () => dense(train.ftrl(0.1), [], { sampleWeight: random(8, [N], 0, 2) }),
  muon: () => dense(train.muon(0.02)),
  adafactor: () => dense(train.adafactor(0.02)),
  lamb: () => dense(train.lamb(0.02)),
  'convolution, noise and validation': image,
  'a stateful LSTM': stateful,
  'a shuffled data set': streamed,
  'a data set without end': () => streamed(5),
};

const sha = (model: sg.Sequential): string => {
  const hash = createHash('sha256');
  for (const { values } of model.trainingState().weights) hash.update(values);
  return hash.digest('hex');
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const schedule = () => sg.callbacks.learningRateScheduler((epoch, rate) => rate * (epoch ? 0.9 : 1));

/** Ends the training as a crash would, after so many batches. */
const crash = (after: number): sg.Callback => {
  let seen = 0;
  return sg.callbacks.lambda({
    onBatchEnd: () => {
      if (++seen === after) throw new Error('power cut');
    },
  });
};

const note = (logs: string[]): sg.Callback =>
  sg.callbacks.lambda({ onEpochEnd: (epoch, values) => void logs.push(`${epoch} ${JSON.stringify(values)}`) });

/** A store in memory. */
function memory(): sg.callbacks.CheckpointStore & { bytes?: Uint8Array | undefined } {
  return {
    async read() {
      return this.bytes;
    },
    async write(bytes) {
      this.bytes = bytes;
    },
    async remove() {
      this.bytes = undefined;
    },
  };
}

const random01 = generator(2026);

describe.each(Object.entries(TRAININGS))('%s', (name, make) => {
  const isScheduled = name === 'a rate by epoch';
  const begin = (seed: number): Training => {
    sg.setSeed(seed);
    return make();
  };
  const own = () => (isScheduled ? [schedule()] : []);

  const through = async (): Promise<{ hash: string; logs: string[] }> => {
    const { model, run } = begin(7);
    const logs: string[] = [];
    await run([...own(), note(logs)]);
    return { hash: sha(model), logs };
  };

  // In the middle of epochs whose rate differs from the one before, or anywhere.
  const somewhere = Array.from({ length: 3 }, () => 1 + Math.floor(random01() * (EPOCHS * STEPS - 1)));
  const steps = isScheduled ? [10, 15, 21] : somewhere;
  it.each([
    [steps[0], 1],
    [steps[1], 4],
    [steps[2], 'epoch'],
  ] as const)('ended after batch %i, saved every %s', async (step, saveFreq) => {
    const expected = await through();
    const store = memory();
    await expect(
      begin(7).run([...own(), sg.callbacks.backupAndRestore(store, { saveFreq }), crash(step as number)]),
    ).rejects.toThrow('power cut');
    // Nothing of the first attempt is left but the bytes, if there was a backup; orders come from these, not the seed.
    const { model, run } = begin(store.bytes ? 1234 : 7);
    const logs: string[] = [];
    await run([...own(), sg.callbacks.backupAndRestore(store, { saveFreq }), note(logs)]);
    expect(sha(model)).toBe(expected.hash);
    expect(logs).toEqual(expected.logs.slice(-logs.length));
    expect(store.bytes).toBeUndefined();
  });
});

describe('callbacks that remember', () => {
  /** A loss that falls, and then stays, of validation data that the training knows nothing of. */
  const watching = (best: Uint8Array[]): sg.Callback[] => [
    sg.callbacks.reduceLROnPlateau({ patience: 1, factor: 0.5, cooldown: 1, minDelta: 0.01 }),
    sg.callbacks.modelCheckpoint(async (bytes) => void best.push(bytes), { saveBestOnly: true }),
    sg.callbacks.earlyStopping({ patience: 4, restoreBestWeights: true }),
  ];
  const begin = () => {
    sg.setSeed(3);
    const { model } = dense(train.adam(0.3));
    const held: [sg.Tensor, sg.Tensor] = [random(77, [9, 4]), classes(9)];
    const args = { epochs: 30, batchSize: BATCH, verbose: 0, validationData: held };
    return { model, run: (callbacks: sg.Callback[]) => model.fit(x, y, { ...args, callbacks }) };
  };

  const through = async () => {
    const [best, logs]: [Uint8Array[], string[]] = [[], []];
    const { model, run } = begin();
    await run([...watching(best), note(logs)]);
    return { hash: sha(model), best, logs };
  };

  it.each([
    ['after', 2],
    ['before', 2],
    ['before', 5],
    ['before', 7],
  ])('backed up %s them, ended in epoch %i', async (place, epochs) => {
    const expected = await through();
    expect(expected.logs.length).toBeLessThan(30);
    expect(expected.logs.length).toBeGreaterThan(epochs);
    const store = memory();
    const [best, logs]: [Uint8Array[], string[]] = [[], []];
    const all = (): sg.Callback[] => {
      const backup = sg.callbacks.backupAndRestore(store);
      return place === 'after' ? [...watching(best), backup] : [backup, ...watching(best)];
    };
    const steps = Math.ceil(N / BATCH);
    await expect(begin().run([...all(), note(logs), crash(epochs * steps + 2)])).rejects.toThrow('power cut');
    const { model, run } = begin();
    await run([...all(), note(logs)]);
    expect(logs).toEqual(expected.logs);
    expect(sha(model)).toBe(expected.hash);
    expect(best.map((b) => sha256(b))).toEqual(expected.best.map((b) => sha256(b)));
  });

  it('a training that was over stays so', async () => {
    const expected = await through();
    const store = memory();
    const backup = sg.callbacks.backupAndRestore(store, { deleteCheckpoint: false });
    await begin().run([backup, ...watching([])]);
    const logs: string[] = [];
    const { model, run } = begin();
    await run([backup, ...watching([]), note(logs)]);
    expect(logs).toEqual([]);
    expect(sha(model)).toBe(expected.hash);
  });

  it('others than those of the backup are an error, and the model is as it was', async () => {
    const store = memory();
    const backup = sg.callbacks.backupAndRestore(store);
    await expect(begin().run([...watching([]), backup, crash(9)])).rejects.toThrow('power cut');
    const { model, run } = begin();
    const before = sha(model);
    await expect(run([backup])).rejects.toThrow(
      /other callbacks \(reduceLROnPlateau val_loss, modelCheckpoint val_loss, /,
    );
    const mixed = watching([]).reverse();
    await expect(run([...mixed, backup])).rejects.toThrow(/give the same in their order/);
    expect(sha(model)).toBe(before);
  });

  it('of your own', async () => {
    class Count extends sg.Callback {
      epochs = 0;
      override onEpochEnd(): void {
        this.epochs++;
      }
      override state() {
        // At the beginning there is nothing to remember.
        if (this.epochs === 0) return undefined;
        return { kind: 'count', values: { epochs: this.epochs, most: Number.POSITIVE_INFINITY }, weights: [] };
      }
      override restoreState({ values }: sg.CallbackState): void {
        expect(values.most).toBe(Number.POSITIVE_INFINITY);
        this.epochs = values.epochs as number;
      }
    }
    const store = memory();
    const run = (count: Count, more: sg.Callback[] = []) => {
      sg.setSeed(3);
      return dense(train.sgd()).run([count, sg.callbacks.backupAndRestore(store), ...more]);
    };
    await expect(run(new Count(), [crash(14)])).rejects.toThrow('power cut');
    const count = new Count();
    await run(count);
    expect(count.epochs).toBe(EPOCHS);
  });
});

describe('backupAndRestore', () => {
  const trainWith = (args: sg.callbacks.BackupAndRestoreArgs, more: sg.Callback[] = []) => {
    sg.setSeed(3);
    const { model, run } = dense(train.adam());
    return run([sg.callbacks.backupAndRestore(directory, args), ...more]).then(() => sha(model));
  };

  it('in a directory, which is made, and empty at the end unless the backup is to stay', async () => {
    await trainWith({ deleteCheckpoint: false });
    expect(readdirSync(directory)).toEqual(['training.safetensors']);
    // All epochs are done: there is nothing left to train, and the model is the one that was.
    const logs: string[] = [];
    const hash = await trainWith({}, [note(logs)]);
    expect(logs).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
    expect(hash).toBe(await trainWith({}));
  });

  it('of another model: an error, and the model is as it was', async () => {
    const store = memory();
    const { run } = dense(train.adam());
    await expect(run([sg.callbacks.backupAndRestore(store), crash(8)])).rejects.toThrow('power cut');
    const other = settle(classifier());
    other.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const before = sha(other);
    const backup = sg.callbacks.backupAndRestore(store);
    await expect(other.fit(x, y, { callbacks: backup, verbose: 0 })).rejects.toThrow(
      /saved totals are of other losses/,
    );
    expect(sha(other)).toBe(before);
    store.bytes = new TextEncoder().encode('no backup at all');
    await expect(other.fit(x, y, { callbacks: backup, verbose: 0 })).rejects.toThrow(sg.FormatError);
  });

  it.each([0, 1.5, Number.NaN])('refuses to save every %s batches', (saveFreq) => {
    expect(() => sg.callbacks.backupAndRestore('a', { saveFreq })).toThrow(
      /saveFreq must be 'epoch' or a positive integer/,
    );
  });

  it('refuses what is no directory and no store', () => {
    expect(() => sg.callbacks.backupAndRestore('')).toThrow(/needs a directory/);
    expect(() => sg.callbacks.backupAndRestore({} as never)).toThrow(/needs a directory/);
  });
});

it('a process that is killed, and another that goes on', async () => {
  const backup = join(directory, 'killed');
  const script = (...args: string[]) => runScript('io/scripts/training', args, 60_000);
  const through = await script(join(directory, 'through'));
  await expect(script(backup, '57')).rejects.toThrow();
  expect(readdirSync(backup)).toEqual(['training.safetensors']);
  expect(await script(backup, '31')).toBe(through);
});
