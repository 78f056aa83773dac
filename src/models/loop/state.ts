/** A training as data, and back. */
import { STATES } from '../../layers/base/keys';
import { tensor } from '../../ops/create/creation';
import { engine } from '../../runtime/engine';
import { checkList, checkSettings, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import type { Location } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { sameShape, showShape } from '../../tensor/shape';
import type { Variable } from '../../tensor/variable';
import type { TrainingState, WeightValues } from '../../train/totals/state';
import type { Model } from '../model';
import type { Trainer } from '../trainer';

/** Counters have 32 bits. */
const MOST = 0xffffffff;

const isCount = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= 0 && (n as number) <= MOST;

const valuesOf = (v: Variable): WeightValues => ({ name: v.name, shape: v.shape, values: v.dataSync() });

const cellOf = ({ storage, offset }: Location): number => (storage.address + offset) >>> 2;

export function saveTraining(trainer: Trainer): TrainingState {
  const { model, position } = trainer;
  return {
    weights: model.weightsByLayer.map(valuesOf),
    ...saveProgress(trainer),
    position: { ...position },
    ...trainer.trackers('train').state(),
  };
}

function check(where: string, what: string, variables: readonly Variable[], values: readonly WeightValues[]): void {
  if (variables.length !== values.length)
    throw new ArgumentError(`${where}: the model has ${variables.length} ${what}, the saved one ${values.length}`);
  for (const [i, v] of variables.entries()) {
    const { name, shape, values: elements } = values[i] as WeightValues;
    const isFloat = elements instanceof Float32Array;
    if (!sameShape(v.shape, shape) || isFloat !== (v.dtype === 'float32'))
      throw new ArgumentError(
        `${where}: '${v.name}' is ${v.dtype} ${showShape(v.shape)}, the saved '${name}' ${isFloat ? 'float32' : 'another type'} ${showShape(shape)}`,
      );
    if (elements.length !== v.size)
      throw new ShapeError(`${where}: '${name}' has ${elements.length} values, ${v.size} are needed`);
  }
}

const assign = (variables: readonly Variable[], values: readonly WeightValues[]): void =>
  tidy(() => {
    for (const [i, v] of variables.entries()) v.assign(tensor((values[i] as WeightValues).values, v.shape, v.dtype));
  });

/** Sets weights alone. @param where names the caller in errors. @throws ArgumentError; nothing has changed then */
export function restoreWeights(
  where: string,
  model: Pick<Model, 'weightsByLayer'>,
  weights: readonly WeightValues[],
): void {
  check(where, 'weights', model.weightsByLayer, weights);
  assign(model.weightsByLayer, weights);
}

/** The part of a training's state that a new training continues from. */
export type Progress = Pick<TrainingState, 'optimizer' | 'learningRate' | 'step' | 'states'>;

/** The state of a training apart from the weights. */
export function saveProgress({ model, optimizer }: Trainer): Progress {
  return {
    states: model[STATES].map(valuesOf),
    optimizer: optimizer.state(),
    learningRate: optimizer.learningRate,
    step: engine.memory.u32[cellOf(model.draws.step)] as number,
  };
}

/** Restores it. @throws ArgumentError, ShapeError if it is of another model or optimizer; nothing has changed then */
export function restoreProgress(where: string, trainer: Trainer, progress: Progress): void {
  const { model, optimizer } = trainer;
  const { learningRate, step, states } = progress;
  check(where, 'states', model[STATES], states);
  if (!isCount(step) || !(learningRate >= 0 && learningRate < Infinity))
    throw new ArgumentError(
      `${where}: steps must be integers of [0, ${MOST}] and the rate finite; got ${show({ step, learningRate })}`,
    );
  // The last that may refuse.
  optimizer.restore(progress.optimizer);
  // A schedule knows the rate by the steps.
  if (typeof optimizer.getConfig().learningRate === 'number') optimizer.learningRate = learningRate;
  assign(model[STATES], states);
  engine.memory.u32[cellOf(model.draws.step)] = step;
}

/** @throws ArgumentError unless a value has the form of `model.trainingState()` */
export function checkState(state: TrainingState, where: string): void {
  const { weights, states, optimizer, position, names, totals } = checkSettings(state, where, 'state');
  for (const [name, list] of Object.entries({ weights, states, names, totals }))
    checkList(list, where, `state.${name}`);
  for (const list of [weights, states])
    for (const [i, w] of list.entries()) {
      const { shape, values } = checkSettings(w, where, `state.weights[${i}]`);
      checkList(shape, where, `state.weights[${i}].shape`);
      if (!ArrayBuffer.isView(values))
        throw new ArgumentError(`${where}: state.weights[${i}].values must be a typed array, got ${show(values)}`);
    }
  checkSettings(position, where, 'state.position');
  checkList(checkSettings(optimizer, where, 'state.optimizer').slots, where, 'state.optimizer.slots');
}

/** @throws ArgumentError, ShapeError if the state is that of another model or optimizer; nothing has changed then */
export function restoreTraining(trainer: Trainer, state: TrainingState): void {
  const { model } = trainer;
  checkState(state, 'restoreTraining');
  const { position } = state;
  const totals = trainer.trackers('train');
  check('restoreTraining', 'weights', model.weightsByLayer, state.weights);
  totals.check(state);
  const counts = [position?.epoch, position?.batch, ...(position?.seed ?? [Number.NaN])];
  if (!counts.every(isCount))
    throw new ArgumentError(
      `restoreTraining: counts of the position must be integers of [0, ${MOST}], got ${show(position)}`,
    );
  restoreProgress('restoreTraining', trainer, state);
  assign(model.weightsByLayer, state.weights);
  trainer.position = { ...position };
  totals.restore(state.totals);
}
