/** The loop over epochs and batches. */
import { randomUniform } from '../ops/random';
import { slice } from '../ops/shaping';
import { engine } from '../runtime/engine';
import { ArgumentError } from '../runtime/errors';
import { yieldToEventLoop } from '../runtime/yield';
import { untracked } from '../tensor/scope';
import { Storage } from '../tensor/storage';
import type { Tensor } from '../tensor/tensor';
import { type CallbackArgs, CallbackList, type CallbackTarget, History, type Logs } from '../train/callbacks';
import { isTerminal, Progress } from '../train/progress';
import { checkWhole, type Data, type DataArg } from './check';
import { type Feed, meanOf, resultOf, type Share, type Step, type StepKind } from './steps';

/** What the loop needs of a model. */
export interface Fittable extends CallbackTarget {
  readonly metricsNames: readonly string[];
  stepFor(kind: StepKind, feed: Feed, data: Data, rows: number): Step;
  checkData(where: string, x: DataArg, y: DataArg): Data;
  evaluateData(data: Data, batchSize: number): number[];
}

export interface FitArgs {
  /** Examples of one step; default 32. The last batch of an epoch may be shorter. */
  batchSize?: number;
  /** Passes over the data; default 1. */
  epochs?: number;
  /** Number of the first epoch, for going on with a training; default 0. */
  initialEpoch?: number;
  /** Whether examples take a new order in every epoch; default true. */
  shuffle?: boolean;
  /** Share of the examples, taken from the end, that is set apart for validation. */
  validationSplit?: number;
  /** Examples and targets for validation. */
  validationData?: readonly [DataArg, DataArg];
  validationBatchSize?: number;
  callbacks?: CallbackArgs | readonly CallbackArgs[];
  /** 1: a bar in a terminal, else a line for each epoch; 2: a line; 0: nothing. Default: 1 in a terminal, else 0. */
  verbose?: number;
  /** Milliseconds after which the event loop may run; default 16, so that a page stays alive. */
  yieldEvery?: number;
}

/** The two parts of the data, and views to dispose of. */
function splitData(
  model: Fittable,
  data: Data,
  args: FitArgs,
): { train: Data; validation: Data | undefined; views: Tensor[] } {
  if (args.validationData) {
    const [x, y] = args.validationData;
    if (!x || !y) throw new ArgumentError('fit: validationData must be [x, y]');
    return { train: data, validation: model.checkData('fit: validationData', x, y), views: [] };
  }
  const share = args.validationSplit ?? 0;
  if (!(share >= 0 && share < 1)) throw new ArgumentError(`fit: validationSplit must be in [0, 1), got ${share}`);
  const kept = Math.floor(data.count * (1 - share));
  if (share === 0 || kept === data.count) return { train: data, validation: undefined, views: [] };
  if (kept === 0)
    throw new ArgumentError(`fit: validationSplit ${share} leaves none of ${data.count} examples to train on`);
  const train = data.tensors.map((t) => slice(t, 0, kept));
  const validation = data.tensors.map((t) => slice(t, kept));
  return {
    train: { ...data, tensors: train, count: kept },
    validation: { ...data, tensors: validation, count: data.count - kept },
    views: [...train, ...validation],
  };
}

/** The order of the examples, in linear memory where the steps read it. */
class Order {
  readonly #storage: Storage;

  constructor(readonly count: number) {
    this.#storage = untracked(() => new Storage(count * 4));
    const at = this.#storage.address >>> 2;
    for (let i = 0; i < count; i++) engine.memory.i32[at + i] = i;
  }

  address(first: number): number {
    return this.#storage.address + first * 4;
  }

  /** Fisher and Yates' shuffle with numbers of the library's seed. */
  shuffle(): void {
    const numbers = untracked(() => randomUniform([this.count]));
    const u = numbers.dataSync<'float32'>();
    numbers.dispose();
    const { i32 } = engine.memory;
    const at = this.#storage.address >>> 2;
    for (let i = this.count - 1; i > 0; i--) {
      const j = Math.floor((u[i] as number) * (i + 1));
      const swap = i32[at + i] as number;
      i32[at + i] = i32[at + j] as number;
      i32[at + j] = swap;
    }
  }

  dispose(): void {
    this.#storage.release();
  }
}

/** Running means over an epoch. */
class Totals {
  readonly sums: Float64Array;
  readonly counts: Float64Array;

  constructor(readonly names: readonly string[]) {
    this.sums = new Float64Array(names.length);
    this.counts = new Float64Array(names.length);
  }

  reset(): void {
    this.sums.fill(0);
    this.counts.fill(0);
  }

  add(step: Step): void {
    const { sums, counts } = this;
    for (let i = 0; i < sums.length; i++) {
      const { factor, count } = step.shares[i] as Share;
      sums[i] = (sums[i] as number) + resultOf(step, i) * factor;
      counts[i] = (counts[i] as number) + count;
    }
  }

  logs(): Logs {
    const logs: Logs = {};
    this.names.forEach((name, i) => {
      logs[name] = (this.sums[i] as number) / (this.counts[i] as number);
    });
    return logs;
  }
}

/** Values of one batch. */
function batchLogs(names: readonly string[], step: Step, batch: number, size: number): Logs {
  const logs: Logs = { batch, size };
  names.forEach((name, i) => {
    logs[name] = meanOf(step, i);
  });
  return logs;
}

export async function fitModel(model: Fittable, data: Data, args: FitArgs): Promise<History> {
  const batchSize = checkWhole('fit', 'batchSize', args.batchSize ?? 32, 1);
  const epochs = checkWhole('fit', 'epochs', args.epochs ?? 1, 0);
  const validationBatch = checkWhole('fit', 'validationBatchSize', args.validationBatchSize ?? batchSize, 1);
  const initialEpoch = checkWhole('fit', 'initialEpoch', args.initialEpoch ?? 0, 0);
  const { train, validation, views } = splitData(model, data, args);
  const history = new History();
  const given = args.callbacks === undefined ? [] : Array.isArray(args.callbacks) ? args.callbacks : [args.callbacks];
  const verbose = args.verbose ?? (isTerminal() ? 1 : 0);
  const callbacks = new CallbackList([
    history,
    ...(verbose ? [new Progress(verbose)] : []),
    ...(given as readonly CallbackArgs[]),
  ]);
  const params = {
    epochs,
    initialEpoch,
    batchSize,
    samples: train.count,
    steps: Math.ceil(train.count / batchSize),
    verbose,
  };
  for (const c of callbacks.callbacks) {
    c.setParams?.(params);
    c.setModel?.(model);
  }
  const names = model.metricsNames;
  const totals = new Totals(names);
  const { tensors } = train;
  const order = new Order(train.count);
  const shuffle = args.shuffle ?? true;
  const yieldEvery = args.yieldEvery ?? 16;
  let lastYield = performance.now();
  try {
    await callbacks.each((c) => c.onTrainBegin?.());
    for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
      await callbacks.each((c) => c.onEpochBegin?.(epoch));
      totals.reset();
      if (shuffle) order.shuffle();
      for (let at = 0, batch = 0; at < train.count && !model.stopTraining; at += batchSize, batch++) {
        const rows = Math.min(batchSize, train.count - at);
        const isHeard = !callbacks.ignoresBatches;
        if (isHeard) await callbacks.each((c) => c.onBatchBegin?.(batch, { batch, size: rows }));
        const step = model.stepFor('train', 'rows', train, rows);
        for (let i = 0; i < tensors.length; i++) step.program.bindExternal(i, (tensors[i] as Tensor).address());
        step.program.bindExternal(tensors.length, order.address(at));
        step.program.run();
        totals.add(step);
        if (isHeard) {
          const logs = batchLogs(names, step, batch, rows);
          await callbacks.each((c) => c.onBatchEnd?.(batch, logs));
        }
        const now = performance.now();
        if (now - lastYield >= yieldEvery) {
          await yieldToEventLoop();
          lastYield = performance.now();
          await callbacks.each((c) => c.onYield?.(epoch, batch, totals.logs()));
        }
      }
      const logs = totals.logs();
      if (validation) {
        const values = model.evaluateData(validation, validationBatch);
        names.forEach((name, i) => {
          logs[`val_${name}`] = values[i] as number;
        });
      }
      await callbacks.each((c) => c.onEpochEnd?.(epoch, logs));
    }
    await callbacks.each((c) => c.onTrainEnd?.());
    return history;
  } finally {
    order.dispose();
    for (const view of views) view.dispose();
  }
}
