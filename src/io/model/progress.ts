/** What a training has gathered, taken from a model and given to another. */
import { FAMILY, RANDOM } from '../../layers/base/keys';
import { type Progress, restoreProgress, saveProgress } from '../../models/loop/state';
import { trainerOf } from '../../models/trainer';
import type { Draws } from '../../ops/core/keys';
import { FormatError } from '../../support/errors';
import type { Variable } from '../../tensor/variable';
import type { AnyModel, RandomState, StoredTraining } from '../formats/format';

/** The variables that a compiled model trains, in the order of its optimizer. */
export const trainedOf = (model: AnyModel): readonly Variable[] => trainerOf(model).settled('save').arena.variables;

/** Everything but the weights, of a compiled model. */
export function progressOf(model: AnyModel): Progress & { readonly undecayed: readonly number[] } {
  const { optimizer } = model;
  const undecayed = trainedOf(model).flatMap((v, i) => (optimizer.excludes(v) ? [i] : []));
  return { ...saveProgress(trainerOf(model)), undecayed };
}

/** Lets a compiled model continue from it. @throws ArgumentError, ShapeError, FormatError; nothing has changed then */
export function continueFrom(where: string, model: AnyModel, stored: StoredTraining): void {
  const trainer = trainerOf(model);
  const now = saveProgress(trainer);
  const trained = trainedOf(model);
  const undecayed = (stored.undecayed ?? []).map((i) => {
    const v = trained[i];
    if (!v)
      throw new FormatError(`${where}: weight decay leaves out variable ${i}, the model trains ${trained.length}`);
    return v;
  });
  const { optimizer, learningRate = now.learningRate, states = now.states } = stored;
  restoreProgress(where, trainer, { optimizer, learningRate, states, step: stored.step ?? optimizer.calls });
  if (undecayed.length) model.optimizer.excludeFromWeightDecay(undecayed);
}

const drawsOf = (model: AnyModel): Draws[] => model[FAMILY].flatMap((layer) => layer[RANDOM]);

/** Where a model's random numbers come from. */
export function randomOf(model: AnyModel): RandomState {
  return { ...model.draws.state, layers: drawsOf(model).map((d) => d.state) };
}

const isWord = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0 && (n as number) <= 0xffffffff;

/** Random numbers as those of the saved model; to be set before it is compiled. @throws FormatError for what is no such state */
export function drawFrom(where: string, model: AnyModel, { seed, calls, layers }: RandomState): void {
  const draws = drawsOf(model);
  const isState =
    Array.isArray(seed) &&
    seed.length === 2 &&
    seed.every(isWord) &&
    isWord(calls) &&
    Array.isArray(layers) &&
    layers.every((l) => Array.isArray(l) && l.length === 4 && l.every(isWord));
  if (!isState || layers.length !== draws.length)
    throw new FormatError(`${where}: the state of the random numbers is not that of this model`);
  model.draws.state = { seed, calls };
  for (const [i, d] of draws.entries()) d.state = layers[i] as Draws['state'];
}
