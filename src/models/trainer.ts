/** The training of a model: the result of `compile`, the programs of its steps, and its position. */
import { type Shapes, shapeList } from '../layers/base/shapes';
import type { Program } from '../plan/program';
import { delegateFromNow, needsDelegate } from '../runtime/aside';
import { engine } from '../runtime/engine';
import { relieved } from '../runtime/pressure';
import { yieldToEventLoop } from '../runtime/yield';
import { within } from '../support/arguments';
import { ArgumentError, StateError } from '../support/errors';
import type { Tensor } from '../tensor/tensor';
import { freezing } from '../tensor/variable';
import type { Optimizer } from '../train/optimizers/optimizer';
import type { Position } from '../train/totals/state';
import { type CompileArgs, type Compiled, checkCompileArgs, settle, takeIn, warnOfChanges } from './compile';
import { batchOf, batchSizeOf, checkData, type Data, type DataArg, type Prepared } from './feed/check';
import { checkClasses, checkShares } from './feed/faults';
import type { Source, Steps } from './feed/source';
import {
  type BatchWeightArgs,
  type ClassWeight,
  type PerTarget,
  withClassWeights,
  withSampleWeights,
} from './feed/weighting';
import type { DistributionArgs } from './loop/settings';
import type { Model, ModelPart } from './model';
import { measure } from './step/measure';
import { StepCache } from './step/program-cache';
import { beginStep, type Feed, type Remaining, type Step, type StepKind } from './step/programs';
import type { Trackers } from './step/trackers';

export class Trainer implements ModelPart {
  /** Ends the training after the present batch. */
  stopTraining = false;
  isTraining = false;
  /** The position of the present, or the last, training; callbacks may change it when a training begins. */
  position: { -readonly [K in keyof Position]: Position[K] } = { epoch: 0, batch: 0, seed: [0, 0] };
  #compiled: Compiled | undefined;
  /** The last change of `trainable` that was reported to the user. */
  #frozen = 0;
  /** Number of trainings and evaluations that are running. */
  #busy = 0;
  readonly #steps = new StepCache();

  constructor(readonly model: Model) {
    model.addPart(this);
  }

  /** The result of `compile`, if it was called. */
  get compiled(): Compiled | undefined {
    return this.#compiled;
  }

  /** The result of `compile`. @throws StateError if it was not called */
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

  /** As `prepare`; also checks targets that must be probabilities, which takes time as they are many. */
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

  /** As `prepareAll` for the first batch of a kind, otherwise as `prepare`. */
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

  /** The step for `rows` examples of the shapes of the data; compiled when it is first needed. */
  stepFor(kind: StepKind, feed: Feed, data: Data, rows: number): Step {
    const found = this.#steps.find(kind, feed, data, rows);
    if (found) return found;
    const step = this.#begin(kind, feed, data, rows)()();
    this.#steps.add(step);
    return step;
  }

  #begin(kind: StepKind, feed: Feed, data: Data, rows: number): Remaining {
    const { model } = this;
    batchSizeOf(kind, model.inputPorts, rows, rows, 'the batch');
    return this.make(kind, (compiled) => beginStep(model, compiled, kind, feed, data, rows));
  }

  /** Has the step that `stepFor` returns ready. The main thread of a page answers between the parts of its making. */
  async #prepareStep(kind: StepKind, { feed, data, rows }: Source): Promise<void> {
    const plan = this.#begin(kind, feed, data, rows);
    await yieldToEventLoop();
    const finish = plan();
    await yieldToEventLoop();
    this.#steps.add(finish());
  }

  /**
   * Makes a step; weights that layers make in their first call are taken in.
   * @param make returns undefined if layers have made weights, so that it has to be called again
   * @throws StateError for weights that cannot be trained, what `make` throws
   */
  make<T>(kind: StepKind, make: (compiled: Compiled) => T | undefined): T {
    const { model } = this;
    if (kind === 'train') this.#checkTrainable();
    let step = make(this.settled(kind));
    if (!step) {
      this.#compiled = takeIn(model.name, model, this.settled(kind));
      step = make(this.settled(kind));
    }
    if (!step) throw new StateError(`${model.name}: a layer makes new weights whenever it is called`);
    return step;
  }

  /**
   * Who makes the steps in its place, if somebody does.
   * @throws ArgumentError for a chunk without anybody, or of another size than the model is built for
   */
  stepsOf(where: string, { distribute, chunk }: DistributionArgs): Steps | undefined {
    if (!distribute) {
      if (chunk === undefined) return undefined;
      throw new ArgumentError(`${where}: chunk ${chunk} needs distribute, a world of samegrad/mpi`);
    }
    this.settled(where);
    return distribute.stepsOf(where, this, chunk) as Steps;
  }

  /** @throws StateError if layers to be trained have weights of eight bits */
  #checkTrainable(): void {
    const [first, ...more] = this.model.untrainable;
    if (first)
      throw new StateError(
        `${this.model.name}: ${first.name}${more.length ? ` and ${more.length} more weights` : ''} are kept as int8 and cannot be trained; train the float32 model and quantize it again, or set trainable = false for these layers and train others`,
      );
  }

  /** One step on the present batch of a source. @param call number of a test, on which its random numbers depend */
  run(kind: StepKind, source: Source, call = 0): void {
    if (source.steps) source.steps.run(kind, source, call);
    else this.#bind(kind, source, call).run();
  }

  /**
   * As `run`; in pages a worker may take the step, while this thread is free: then it returns a promise.
   * @param prepare is called right before the step begins, after the steps of others that it waits for
   */
  runAside(kind: StepKind, source: Source, call = 0, prepare?: () => void): Promise<void> | undefined {
    const needsTurn = engine.isAside || (!source.steps && this.#needsPreparation(kind, source));
    return needsTurn ? this.#runInTurn(kind, source, call, prepare) : this.#runAtOnce(kind, source, call, prepare);
  }

  #needsPreparation(kind: StepKind, { feed, data, rows }: Source): boolean {
    const step = this.#steps.find(kind, feed, data, rows);
    return step ? needsDelegate(step.program.work) : !engine.mayWait;
  }

  #runAtOnce(kind: StepKind, source: Source, call: number, prepare?: () => void): Promise<void> | undefined {
    prepare?.();
    if (!source.steps) return this.#bind(kind, source, call).runAside();
    this.run(kind, source, call);
    return undefined;
  }

  async #runInTurn(kind: StepKind, source: Source, call: number, prepare?: () => void): Promise<void> {
    if (!source.steps) {
      const { feed, data, rows } = source;
      if (!this.#steps.find(kind, feed, data, rows)) await this.#prepareStep(kind, source);
      if (needsDelegate(this.stepFor(kind, feed, data, rows).program.work)) await delegateFromNow();
    }
    while (engine.isAside) await engine.idle();
    await this.#runAtOnce(kind, source, call, prepare);
  }

  #bind(kind: StepKind, source: Source, call: number): Program {
    const { program } = this.stepFor(kind, source.feed, source.data, source.rows);
    source.bind(program);
    if (kind === 'test') this.model.draws.set(call, source.firstRow);
    return program;
  }

  /** The training loss of traced tensors that take the place of a data set's. */
  lossOf({ layout }: Data, tensors: readonly Tensor[], training: boolean): Tensor {
    return measure(this.model, this.settled('loss'), batchOf(tensors, layout), training).total;
  }

  /** Runs a training. @throws StateError while another is running */
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

  /** Runs an asynchronous use of the model, during which its layers cannot change. */
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

/** The one trainer of a model, created when it is first needed. */
export function trainerOf(model: Model): Trainer {
  let trainer = trainers.get(model);
  if (!trainer) {
    trainer = new Trainer(model);
    trainers.set(model, trainer);
  }
  return trainer;
}
