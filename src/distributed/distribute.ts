/** Worlds that `fit` and `evaluate` take as `distribute`. */
import { batchSizeOf } from '../models/feed/check';
import type { Model } from '../models/model';
import type { Distribution } from '../models/step/distribution';
import { ChunkedSteps } from './chunks/steps';
import type { Trainable } from './chunks/trainable';
import { alone as single, type World } from './world';

/** A world whose processes train models together. */
export type TrainingWorld = World & Distribution;

/** Examples of a chunk, where nothing else is said. */
const CHUNK = 32;

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

/** Enables a world to make the steps of models. */
export const training = <W extends World>(world: W): W & Distribution =>
  Object.assign(world, {
    stepsOf: (where: string, trainer: object, chunk = CHUNK): ChunkedSteps => {
      const own = trainer as Trainable;
      batchSizeOf(where, own.model.inputPorts, chunk, chunk, 'chunk');
      return stepsFor(world, own, chunk);
    },
  });

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
