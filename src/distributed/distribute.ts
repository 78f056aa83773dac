/** Worlds that `fit` and `evaluate` take as `distribute`. */
import type { Batched } from '../data/collate';
import type { Dataset } from '../data/dataset';
import { batchSizeOf } from '../models/feed/check';
import type { Model } from '../models/model';
import type { Distribution } from '../models/step/distribution';
import { ChunkedSteps } from './chunks/steps';
import type { Trainable } from './chunks/trainable';
import { Reducer } from './reduce';
import { CHUNK, type ShardArgs, shard } from './shard';
import { alone as single, type World } from './world';

/** A world whose processes train together: models by `fit`, and whatever a loop of your own trains. */
export interface TrainingWorld extends World, Distribution {
  /**
   * Sums over the chunks of a batch: each process calls the function for its own chunks, and all of them get the sums over
   * all chunks, with the same bits whatever the number of processes. Collective: all processes make the same calls.
   *
   * The function computes with the examples `from` to `to`, usually by a function of `sg.jit`, whose random numbers
   * follow the chunk here, not the process. A mean over the batch is a sum that is divided by the batch's size.
   * @param count examples of the batch, at least 1
   * @param chunk examples of a chunk; it decides how sums are rounded. The last chunk may be shorter
   * @param of returns a float32 tensor, or lists and plain objects of them, of the same shapes for all chunks. What it makes
   * is disposed of
   * @returns the sums, new tensors in the structure that `of` has returned
   * @throws ArgumentError for other sizes, and for results that are no such tensors; StateError inside of `sg.jit`;
   * what `of` throws
   * @example
   * const w = sg.variable(sg.zeros([2, 1]), true, 'w');
   * const [x, y] = [sg.ones([64, 2]), sg.ones([64, 1])];
   * const gradients = sg.jit((x, y) => sg.variableGrads(() => x.matMul(w).sub(y).square().sum().div(64)));
   * const { value, grads } = mpi.alone.reduce(64, 16, (from, to) =>
   *   gradients(x.slice(from, to - from), y.slice(from, to - from)),
   * );
   * sg.train.sgd(0.1).applyGradients(grads);
   * w.dataSync(); // [0.2, 0.2]
   */
  reduce<T>(count: number, chunk: number, of: (from: number, to: number) => T): T;
  /**
   * Batches of a data set of examples, of which each process makes its own rows alone: for `fitDataset` and
   * `evaluateDataset` with `distribute`, as it is. All processes go through the same elements in the same order (shuffle
   * with a seed); `load` makes examples of them, and is only called for those of this process.
   * @param examples a data set whose elements, or what `load` makes of them, are one example each: `{ xs, ys }`
   * @param args batchSize, chunk (both 32 by default), load
   * @throws ArgumentError for anything but a data set, and for other settings
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
   * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
   * const names = sg.data.array([...Array(100).keys()]).shuffle(100, 'seed');
   * const load = async (i) => ({ xs: [i / 100, 1], ys: [i % 2] });
   * const batches = mpi.alone.shard(names, { batchSize: 50, chunk: 10, load });
   * await model.fitDataset(batches, { distribute: mpi.alone, chunk: 10, epochs: 2, verbose: 0 });
   */
  shard<T, U = T>(examples: Dataset<T>, args?: ShardArgs<T, U> | null): Dataset<Batched<Awaited<U>>>;
}

/** The steps of each model, by world and by the size of a chunk. They last until the model is compiled again. */
const known = new WeakMap<Model, WeakMap<World, Map<number, ChunkedSteps>>>();

function stepsFor(world: World, trainer: Trainable, chunk: number): ChunkedSteps {
  const { model } = trainer;
  const worlds = known.get(model) ?? new WeakMap<World, Map<number, ChunkedSteps>>();
  known.set(model, worlds);
  const sizes = worlds.get(world) ?? new Map<number, ChunkedSteps>();
  worlds.set(world, sizes);
  const steps = sizes.get(chunk) ?? new ChunkedSteps(world, trainer, chunk);
  if (!sizes.has(chunk)) model.addPart({ ensureIdle: () => undefined, reset: () => steps.reset() });
  sizes.set(chunk, steps);
  return steps;
}

/** Enables a world to make the steps of models, and to sum over chunks. */
export const training = <W extends World>(world: W): W & TrainingWorld => {
  const reducer = new Reducer(world);
  return Object.assign(world, {
    reduce: <T>(count: number, chunk: number, of: (from: number, to: number) => T): T =>
      reducer.reduce(count, chunk, of),
    shard: <T, U = T>(examples: Dataset<T>, args?: ShardArgs<T, U> | null): Dataset<Batched<Awaited<U>>> =>
      shard(world, examples, args),
    stepsOf: (where: string, trainer: object, chunk = CHUNK): ChunkedSteps => {
      const own = trainer as Trainable;
      batchSizeOf(where, own.model.inputPorts, chunk, chunk, 'chunk');
      return stepsFor(world, own, chunk);
    },
  });
};

/**
 * The world of this process alone: training in chunks without MPI, in every runtime, with the bits that any number of
 * processes have.
 * @example
 * import * as mpi from 'samegrad/mpi';
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * await model.fit(sg.ones([64, 2]), sg.ones([64, 1]), { distribute: mpi.alone, chunk: 16 });
 */
export const alone: TrainingWorld = training({ ...single });
