/** Looks for a learning rate by trying many, one step each (Smith, 2017, Cyclical Learning Rates). */

import { tensor1d } from '../../ops/create/creation';
import { randomUniform } from '../../ops/create/random';
import { gather } from '../../ops/indexing/indexing';
import { engine } from '../../runtime/engine';
import { relieve } from '../../runtime/pressure';
import { yieldToEventLoop } from '../../runtime/yield';
import { isWhole, show, within } from '../../support/arguments';
import { ArgumentError, StateError } from '../../support/errors';
import * as is from '../../support/settings';
import { dispose } from '../../tensor/lifetime';
import { untracked } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import type { CallbackTarget } from '../callbacks/callback';
import { type DiagnosisData, flatLayers } from './probe';

/** Settings of `findLearningRate`. */
export interface RateFinderArgs {
  /** The first rate; default 1e-7. */
  minRate?: number;
  /** The last rate; default 10. */
  maxRate?: number;
  /** Number of rates, each a constant factor above the one before; default 100. */
  steps?: number;
  /** Examples in a step; default 32. */
  batchSize?: number;
  /** Weight of the earlier losses in the smoothed loss, in [0, 1); default 0.9. */
  smoothing?: number;
  /** The search ends when the smoothed loss exceeds this multiple of its minimum; default 4. */
  stopFactor?: number;
  /** Seed of the order of the examples; default 0. */
  seed?: number;
}

/** What `findLearningRate` returns. */
export interface RateFinderResult {
  /** The rates that were tried. */
  readonly rates: number[];
  /** The losses of their batches, before the step. */
  readonly losses: number[];
  /** The losses as a running mean. */
  readonly smoothed: number[];
  /** The rate at which the smoothed loss fell most, not counting the first tenth; undefined if it never fell. */
  readonly suggestion: number | undefined;
}

/** What the search needs of a model. */
export interface RateFinderTarget extends Omit<CallbackTarget, 'stopTraining'> {
  /** Whether a training is running. */
  isTraining: boolean;
  /** A step of training. */
  trainOnBatch(x: DiagnosisData, y: DiagnosisData): Promise<number | number[]>;
}

/** More would take for ever and tell no more. */
const MOST_STEPS = 100_000;
const SETTINGS = {
  minRate: is.positive(1e-7),
  maxRate: is.positive(10),
  steps: is.given(`an integer from 2 to ${MOST_STEPS}`, (v) => isWhole(v, 2, MOST_STEPS), 100),
  batchSize: is.count(32),
  smoothing: is.share(0.9),
  stopFactor: is.given('a number above 1', (v) => typeof v === 'number' && v > 1, 4),
  seed: is.real(0),
} satisfies is.TableOf<RateFinderArgs>;

function check(given: RateFinderArgs | null | undefined): is.Values<typeof SETTINGS> {
  const settings = is.checked('findLearningRate', SETTINGS, given);
  const { minRate, maxRate } = settings;
  if (minRate >= maxRate)
    throw new ArgumentError(`findLearningRate: needs minRate < maxRate, got ${minRate} and ${maxRate}`);
  return settings;
}

const times = (factor: number, count: number): number => {
  let product = 1;
  for (let i = 0; i < count; i++) product *= factor;
  return product;
};

/** The count-th root, by bisection: engines differ in their own powers. */
function root(value: number, count: number): number {
  let [low, high] = [1, value];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return low;
    if (times(middle, count) > value) high = middle;
    else low = middle;
  }
}

/** A random order of the examples, with its own seed: the library's random numbers do not change. */
function orderOf(count: number, seed: number): number[] {
  const numbers = randomUniform([count], 0, 1, 'float32', seed);
  const keys = numbers.dataSync();
  numbers.dispose();
  return Array.from({ length: count }, (_, i) => i).sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
}

/** Examples by their numbers. */
function rowsOf(data: DiagnosisData, indices: Tensor): DiagnosisData {
  if (data instanceof Tensor) return gather(data, indices);
  if (Array.isArray(data)) return (data as readonly Tensor[]).map((t) => gather(t, indices));
  return Object.fromEntries(Object.entries(data as Record<string, Tensor>).map(([k, t]) => [k, gather(t, indices)]));
}

/** Where the smoothed loss fell most from its neighbours, between its first tenth, which is noisy yet, and its minimum. */
function steepest(smoothed: readonly number[]): number | undefined {
  const from = Math.floor(smoothed.length / 10);
  const lowest = smoothed.indexOf(Math.min(...smoothed.slice(from).filter(Number.isFinite)), from);
  let [best, at] = [0, -1];
  for (let i = from + 1; i <= lowest; i++) {
    const change = (smoothed[Math.min(i + 1, lowest)] as number) - (smoothed[i - 1] as number);
    if (change < best) [best, at] = [change, i];
  }
  return at < 0 ? undefined : at;
}

/** Copies everything that training changes. @returns a function that restores it */
function remember(model: RateFinderTarget): () => void {
  const { optimizer } = model;
  const [rate, state, weights] = [optimizer.learningRate, optimizer.state(), untracked(() => model.getWeights())];
  const { storage, offset } = model.draws.step;
  const counter = (storage.address + offset) >>> 2;
  const step = engine.memory.u32[counter] as number;
  return () => {
    model.setWeights(weights);
    dispose(weights);
    // A schedule is the rate's only master; it has refused the search then.
    if (optimizer.learningRate !== rate) optimizer.learningRate = rate;
    optimizer.restore(state);
    engine.memory.u32[counter] = step;
  };
}

/** One step on the examples from `first` on, in the given order, around its end. @returns the loss before it */
async function stepOn(
  model: RateFinderTarget,
  x: DiagnosisData,
  y: DiagnosisData,
  order: readonly number[],
  first: number,
  rows: number,
): Promise<number> {
  const indices = Array.from({ length: rows }, (_, k) => order[(first + k) % order.length] as number);
  const batch = untracked(() => {
    const at = tensor1d(indices, 'int32');
    return [rowsOf(x, at), rowsOf(y, at), at] as const;
  });
  try {
    const values = await model.trainOnBatch(batch[0], batch[1]);
    return typeof values === 'number' ? values : (values[0] as number);
  } finally {
    dispose(batch);
  }
}

/**
 * Trains for a few steps while the learning rate grows from `minRate` to `maxRate` (Smith, 2017), and restores
 * everything: weights, the optimizer's state, and random numbers are as before, bit for bit.
 *
 * @param model a compiled model whose layers keep no states from batch to batch
 * @param x examples, as for `fit`
 * @param y targets, as for `fit`
 * @returns rates and losses, while the loss stays within bounds, and a suggestion: where it fell most
 * @throws ArgumentError for settings out of range; StateError while the model is trained; what `trainOnBatch` throws
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * const { suggestion } = await sg.train.findLearningRate(model, sg.ones([64, 2]), sg.ones([64, 1]));
 */
export async function findLearningRate(
  model: RateFinderTarget,
  x: DiagnosisData,
  y: DiagnosisData,
  given: RateFinderArgs = {},
): Promise<RateFinderResult> {
  try {
    return await search(model, x, y, given);
  } catch (error) {
    return within('findLearningRate', () => {
      throw error;
    });
  }
}

async function search(
  model: RateFinderTarget,
  x: DiagnosisData,
  y: DiagnosisData,
  given: RateFinderArgs,
): Promise<RateFinderResult> {
  const where = 'findLearningRate';
  const { minRate, maxRate, steps, batchSize, smoothing, stopFactor, seed } = check(given);
  if (typeof (model as Partial<RateFinderTarget> | null | undefined)?.prepare !== 'function')
    throw new ArgumentError(`${where}: needs a model, got ${show(model)}`);
  const { count } = model.prepare(where, x, y).data;
  if (model.isTraining) throw new StateError(`${where}: the model is being trained; await that first`);
  const stateful = flatLayers(model.layers).find((l) => l.getConfig().stateful === true);
  if (stateful) throw new ArgumentError(`${where}: ${stateful.name} is stateful: its states would be lost`);
  const order = within(where, () => orderOf(count, seed));
  const bringBack = remember(model);
  const { optimizer } = model;
  const rows = Math.min(batchSize, count);
  const factor = root(maxRate / minRate, steps - 1);
  const [rates, losses, smoothed]: [number[], number[], number[]] = [[], [], []];
  let [rate, average, weight, lowest, lastYield] = [minRate, 0, 1, Infinity, performance.now()];
  model.isTraining = true;
  try {
    for (let i = 0; i < steps; i++, rate *= factor) {
      optimizer.learningRate = rate;
      const loss = await stepOn(model, x, y, order, i * rows, rows);
      average = average * smoothing + loss * (1 - smoothing);
      weight *= smoothing;
      const mean = average / (1 - weight);
      rates.push(rate);
      losses.push(loss);
      smoothed.push(mean);
      lowest = Math.min(lowest, mean);
      if (!Number.isFinite(mean) || (i > 0 && mean > stopFactor * Math.abs(lowest))) break;
      if (performance.now() - lastYield < 16) continue;
      await yieldToEventLoop();
      lastYield = performance.now();
    }
  } finally {
    bringBack();
    model.isTraining = false;
  }
  await relieve();
  const at = steepest(smoothed);
  return { rates, losses, smoothed, suggestion: at === undefined ? undefined : rates[at] };
}
