/** What a training has gathered, taken from a model and given to another. */
import { restoreProgress, saveProgress } from '../../models/loop/state';
import { trainerOf } from '../../models/trainer';
import { FormatError } from '../../support/errors';
import type { Variable } from '../../tensor/variable';
import type { AnyModel, PresentTraining, StoredTraining, WrittenTraining } from '../formats/format';
import { storedCompile } from './compile';

/** The variables that a compiled model trains, in the order of its optimizer. */
const trainedOf = (model: AnyModel): readonly Variable[] => trainerOf(model).settled('save').arena.variables;

/** Everything but the weights, of a compiled model. */
export function presentTraining(model: AnyModel): PresentTraining {
  const { optimizer } = trainerOf(model);
  const trained = trainedOf(model);
  const undecayed = trained.flatMap((v, i) => (optimizer.excludes(v) ? [i] : []));
  return { optimizer, trained, state: { ...saveProgress(trainerOf(model)), undecayed } };
}

/** What is written of a training; undefined if the model was not compiled. @throws ArgumentError as `storedCompile` */
export function writtenTraining(model: AnyModel, where: string): WrittenTraining | undefined {
  const compile = storedCompile(model, where);
  return compile && { ...presentTraining(model), compile };
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
  if (undecayed.length) trainer.optimizer.excludeFromWeightDecay(undecayed);
}
