/** The training of a model: what `compile` settled, the programs of its steps, and how far it is. */
import { type Shapes, shapeList } from '../layers/base/shapes';
import { relieved } from '../runtime/pressure';
import { within } from '../support/arguments';
import { StateError } from '../support/errors';
import type { Tensor } from '../tensor/tensor';
import { freezing } from '../tensor/variable';
import type { Optimizer } from '../train/optimizers/optimizer';
import type { Position } from '../train/totals/state';
import { type CompileArgs, type Compiled, checkCompileArgs, settle, takeIn, warnOfChanges } from './compile';
import { batchOf, batchSizeOf, checkData, type Data, type DataArg, type Prepared } from './feed/check';
import { checkClasses, checkShares } from './feed/faults';
import type { Source } from './feed/source';
import {
  type BatchWeightArgs,
  type ClassWeight,
  type PerTarget,
  withClassWeights,
  withSampleWeights,
} from './feed/weighting';
import type { Model, ModelPart } from './model';
import { measure } from './step/measure';
import { StepCache } from './step/program-cache';
import { type Feed, makeStep, type Step, type StepKind } from './step/programs';
import type { Trackers } from './step/trackers';

export class Trainer implements ModelPart {
  /** Ends the training after the present batch. */
  stopTraining = false;
  isTraining = false;
  /** How far the present, or the last, training is; callbacks may change it when a training begins. */
  position: { -readonly [K in keyof Position]: Position[K] } = { epoch: 0, batch: 0, seed: [0, 0] };
  #compiled: Compiled | undefined;
  /** Up to which change of `trainable` the user has been warned. */
  #frozen = 0;
  /** Trainings and evaluations that are under way. */
  #busy = 0;
  readonly #steps = new StepCache();

  constructor(readonly model: Model) {
    model.addPart(this);
  }

  /** What `compile` settled, if it was called. */
  get compiled(): Compiled | undefined {
    return this.#compiled;
  }

  /** What `compile` settled. @throws StateError */
  settled(where: string): Compiled {
    if (!this.#compiled)
      throw new StateError(`${where}: the model is not compiled; call model.compile({ optimizer, loss }) first`);
    return this.#compiled;
  }

  get optimizer(): Optimizer {
    return this.settled('optimizer').optimizer;
  }

  /** Totals of training, or of testing. @throws StateError unless compiled */
  trackers(kind: StepKind): Trackers {
    return this.settled(kind === 'train' ? 'fit' : 'evaluate').trackers[kind];
  }

  compile(args: CompileArgs): void {
    const { model } = this;
    checkCompileArgs(args);
    this.ensureIdle('compile');
    const make = (): (() => Compiled) => settle(args, model, this.#compiled?.optimizer);
    make();
    model.ensureReady('compile');
    const begin = make();
    this.reset();
    this.#compiled = begin();
    this.#frozen = freezing.version;
  }

  /**
   * Checked data, with the weights of its examples.
   * @throws ShapeError, ArgumentError, IndexError unless it fits inputs, outputs and losses
   */
  prepare(where: string, x: DataArg, y: DataArg, { sampleWeight, classWeight }: BatchWeightArgs = {}): Prepared {
    const { objectives } = this.settled(where);
    const names = objectives.map((o) => o.name);
    let data = checkData(where, this.model.inputPorts, names, x, y);
    checkClasses(where, objectives, data, shapeList(this.model.outputShape as Shapes));
    if (sampleWeight) data = within(where, () => withSampleWeights(where, objectives, data, sampleWeight));
    return classWeight ? this.weigh(where, data, classWeight) : { data, owned: [] };
  }

  /** As `prepare`; targets that have to be probabilities, which are as many as the predictions, are looked at too. */
  prepareAll(where: string, x: DataArg, y: DataArg, args?: BatchWeightArgs): Prepared {
    const prepared = this.prepare(where, x, y, args);
    try {
      checkShares(where, this.settled(where).objectives, prepared.data);
      return prepared;
    } catch (error) {
      for (const t of prepared.owned) t.dispose();
      throw error;
    }
  }

  /** As `prepareAll` for the first batch of its kind, else as `prepare`. */
  prepareBatch(kind: StepKind, where: string, x: DataArg, y: DataArg, args?: BatchWeightArgs): Prepared {
    const prepared = this.prepare(where, x, y, args);
    const { data, owned } = prepared;
    if (this.#steps.find(kind, 'batch', data, data.count)) return prepared;
    for (const t of owned) t.dispose();
    return this.prepareAll(where, x, y, args);
  }

  /** The data with weights by class. @throws ArgumentError */
  weigh(where: string, data: Data, classWeight: PerTarget<ClassWeight>): Prepared {
    const ranks = shapeList(this.model.outputShape as Shapes).map((s) => s.length);
    return withClassWeights(where, this.settled(where).objectives, data, classWeight, ranks);
  }

  /** The step for `rows` examples like those of the data; made when it is first needed. */
  stepFor(kind: StepKind, feed: Feed, data: Data, rows: number): Step {
    const found = this.#steps.find(kind, feed, data, rows);
    if (found) return found;
    const { model } = this;
    batchSizeOf(kind, model.inputPorts, rows, rows, 'the batch');
    const make = (): Step | undefined => makeStep(model, this.settled(kind), kind, feed, data, rows);
    let step = make();
    if (!step) {
      this.#compiled = takeIn(model.name, model, this.settled(kind));
      step = make();
    }
    if (!step) throw new StateError(`${model.name}: a layer makes new weights whenever it is called`);
    this.#steps.add(step);
    return step;
  }

  /** One step on the batch that a source has gone to. @param call of a test: its number, which random numbers follow */
  run(kind: StepKind, source: Source, call = 0): void {
    const { program } = this.stepFor(kind, source.feed, source.data, source.rows);
    source.bind(program);
    if (kind === 'test') this.model.draws.set(call, source.firstRow);
    program.run();
  }

  /** The loss that training makes smaller, of traced tensors in the place of those of a data set. */
  lossOf({ layout }: Data, tensors: readonly Tensor[], training: boolean): Tensor {
    return measure(this.model, this.settled('loss'), batchOf(tensors, layout), training).total;
  }

  /** Runs a training. @throws StateError while there is another */
  async train<T>(where: string, run: () => Promise<T>): Promise<T> {
    this.warnOfChanges(where);
    if (this.isTraining) throw new StateError(`${where}: this model is being trained already; await the other fit`);
    this.isTraining = true;
    this.stopTraining = false;
    const result = await this.busily(run).finally(() => {
      this.isTraining = false;
    });
    return relieved(result);
  }

  /** Runs what uses the model for a while: its layers stay as they are. */
  async busily<T>(run: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await run();
    } finally {
      this.#busy--;
    }
  }

  /** Warns of layers that were frozen or freed since `compile`, once for each change. */
  warnOfChanges(where: string): void {
    const compiled = this.settled(where);
    if (this.#frozen === freezing.version) return;
    this.#frozen = freezing.version;
    warnOfChanges(where, compiled, this.model.trainableWeights);
  }

  ensureIdle(where: string): void {
    if (this.#busy > 0)
      throw new StateError(`${where}: the model is being trained or evaluated; await that, or set stopTraining first`);
  }

  reset(): void {
    this.#steps.clear();
    this.#compiled?.optimizer.detach();
    this.#compiled?.arena.dispose();
    this.#compiled?.trackers.train.dispose();
    this.#compiled?.trackers.test.dispose();
    this.#compiled = undefined;
  }
}

const trainers = new WeakMap<Model, Trainer>();

/** The training of a model: one for each, made when it is first asked for. */
export function trainerOf(model: Model): Trainer {
  let trainer = trainers.get(model);
  if (!trainer) {
    trainer = new Trainer(model);
    trainers.set(model, trainer);
  }
  return trainer;
}
