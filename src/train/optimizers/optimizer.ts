/** What all optimizers share: settings, state, and how a step becomes part of a program. */
import { Op, Update } from '../../../assembly/isa';
import { tensor } from '../../ops/create/creation';
import { add, div, where } from '../../ops/math/arithmetic';
import { addEffect } from '../../plan/effects';
import { record } from '../../plan/trace';
import { type Jitted, jit } from '../../plan/transform/jit';
import { gradsOfVariables, type VariableGrads } from '../../plan/transform/variables';
import type { Effect, Emitter, Ref } from '../../program/ir';
import { relieve, relieved } from '../../runtime/pressure';
import { checkList, show } from '../../support/arguments';
import { ArgumentError, StateError } from '../../support/errors';
import { INSPECT } from '../../support/inspect';
import type { Values } from '../../support/settings';
import { currentGraph, type Graph, type Location, type Node } from '../../tensor/graph';
import { dispose } from '../../tensor/lifetime';
import type { Storage } from '../../tensor/storage';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { placement, type Variable } from '../../tensor/variable';
import type { Arena } from './arena';
import { clip } from './clip';
import { Clock, type Turn } from './clock';
import { type NamedGradients, resolve } from './named';
import {
  COMMON,
  type LearningRate,
  matches,
  type Read,
  readOptions,
  type Table,
  type VariablePattern,
} from './options';
import { gateOf, placed, type SlotSpec, Slots, type SlotValues } from './slots';

/** A tensor with a name, as weights are saved. */
export interface NamedTensor {
  /** Name of the weight. */
  readonly name: string;
  /** Its values. */
  readonly tensor: Tensor;
}

/** Everything that an optimizer has accumulated, as a copy. */
export interface OptimizerState {
  /** Number of calls; equals `iterations` unless gradients are accumulated over several. */
  readonly calls: number;
  /** Moments and the like, variable by variable. */
  readonly slots: readonly SlotValues[];
}

/** Gradients, and where they have to be before a step of a model's parameters. */
export type Pins = readonly (readonly [Node, Location])[];

const AVERAGE = 'average';
const GATHERED = 'gathered';

/**
 * Changes parameters by their gradients: those of the model that it is compiled into, or those passed to `minimize` and
 * `applyGradients`. It keeps state (moments, step count) for them.
 *
 * All optimizers take, besides their own settings, those of `sg.train.OptimizerArgs`: `weightDecay`; one of
 * `clipValue`, `clipNorm` and `globalClipNorm`; `useEma` with `emaMomentum` and `emaOverwriteFrequency`; and
 * `gradientAccumulationSteps`. A gradient that is NaN makes weights NaN.
 */
export abstract class Optimizer<S = object> {
  /** Name of the class in saved models and `compile`. */
  abstract readonly className: string;
  /** Values of the settings. @internal */
  protected readonly settings: Values<typeof COMMON> & S;
  readonly #read: Read;
  readonly #clock: Clock;
  #arena: Arena | undefined;
  readonly #slots: Slots;
  #apply: Jitted<[Variable[], Tensor[]], void> | undefined;
  #excluded: readonly VariablePattern[] = [];

  /**
   * @param table settings that may come by position, learningRate first
   * @param extras settings by name alone, beside those of all optimizers
   * @hidden
   */
  protected constructor(where: string, table: Table, extras: Table, args: readonly unknown[]) {
    this.#read = readOptions(where, table, { ...COMMON, ...extras }, args);
    this.settings = this.#read.values as Values<typeof COMMON> & S;
    const rate = this.#read.values.learningRate as LearningRate;
    this.#clock = new Clock(where, rate, this.settings, this, (cells, at, t, r) => this.fill(cells, at, t, r));
    this.#slots = new Slots((v) => this.#specsOf(v), this);
  }

  /**
   * The rate of the next step. Setting it takes effect with the next step, without recompilation.
   * @throws ArgumentError for a negative or infinite rate; StateError if the rate follows a schedule
   */
  get learningRate(): number {
    return this.#clock.rateAt(this.iterations);
  }

  /**
   * Takes effect with the next step; nothing is compiled again.
   * @throws ArgumentError; StateError if the rate follows a schedule
   */
  set learningRate(rate: number) {
    this.#clock.setRate(rate);
  }

  get #every(): number {
    return this.settings.gradientAccumulationSteps ?? 1;
  }

  /** Number of steps made. */
  get iterations(): number {
    return this.#clock.iterations;
  }

  /** State that the optimizer keeps for a variable. @internal */
  protected abstract slotsOf(v: Variable): readonly SlotSpec[];
  /** Whether every element changes by its own gradient alone, so that all variables are one run. @internal */
  protected abstract readonly isElementwise: boolean;
  /** Writes the numbers of step t (from 1) at `StepCells.rate` and after; `at` is the index of the cells. @internal */
  protected abstract fill(cells: Float32Array, at: number, t: number, rate: number): void;
  /** Adds one variable's step to a trace; the value of the node is the new value of the variable. @internal */
  protected abstract update(graph: Graph, turn: Turn, v: Variable, gradient: Tensor, slots: readonly Location[]): Node;
  /** Emits the step of an arena. @internal */
  protected emitArena(_e: Emitter, _turn: Turn, _arena: Arena, _block: Storage, _slots: readonly Location[]): void {}

  #specsOf(v: Variable): SlotSpec[] {
    const same = (name: string): SlotSpec => ({ name, shape: v.shape, initial: 0 });
    return [
      ...this.slotsOf(v),
      ...(this.#every > 1 ? [same(GATHERED)] : []),
      ...(this.settings.useEma ? [same(AVERAGE)] : []),
    ];
  }

  /** Whether `weightDecay` applies to this variable. @internal */
  protected decays(v: Variable): boolean {
    return !this.excludes(v);
  }

  /** Whether `excludeFromWeightDecay` named this variable. @internal */
  excludes(v: Variable): boolean {
    return matches(this.#excluded, v);
  }

  /** Whether only some calls make a step. @internal */
  protected get isGated(): boolean {
    return this.#every > 1;
  }

  /**
   * Excludes variables from `weightDecay`: usually biases and scales of normalizations.
   * @param which variables, parts of their names, or expressions that match their names
   * @throws ArgumentError if it is not a list
   * @example
   * const optimizer = sg.train.adamW({ learningRate: 0.001 });
   * optimizer.excludeFromWeightDecay(['bias', 'gamma', 'beta']);
   */
  excludeFromWeightDecay(which: readonly VariablePattern[]): void {
    if (!Array.isArray(which))
      throw new ArgumentError('excludeFromWeightDecay: needs a list of variables, strings or regular expressions');
    this.#excluded = [...which];
    // Programs hold which weights decay.
    placement.version++;
  }

  /** Whether a compiled model uses it; an optimizer serves one model at a time. */
  get isInUse(): boolean {
    return this.#arena !== undefined;
  }

  /** Checks a restored state against variables. @internal */
  expects(variables: readonly Variable[]): void {
    this.#slots.expects(variables);
  }

  /** Prepares the state for the parameters of a model: new, or restored from before. @internal */
  attach(arena: Arena): void {
    if (this.#clock.isRunning) this.detach();
    this.#arena = arena;
    this.#clock.begin();
    this.#slots.adopt(arena, this.isElementwise);
  }

  /** Drops all state. @internal */
  detach(): void {
    this.#slots.release();
    this.#arena = undefined;
    if (!this.#clock.isRunning) return this.#clock.stop();
    this.#apply?.dispose();
    this.#clock.stop();
    // Programs that step with the old state are stale.
    placement.version++;
  }

  /** Disposes of the memory of its state. */
  dispose(): void {
    this.detach();
  }

  /** Where the numbers of a step are. @internal */
  protected cells(e: Emitter, { cells }: Turn): Ref {
    return { buffer: e.fixed({ storage: cells, offset: 0 }, 'step'), offset: 0 };
  }

  /** Gathered and clipped gradients. */
  #ready(graph: Graph, turn: Turn, variables: readonly Variable[], gradients: readonly Tensor[]): readonly Tensor[] {
    const gathered = this.isGated
      ? gradients.map((g, i) => this.#gather(graph, turn, variables[i] as Variable, g))
      : gradients;
    return clip(
      gathered,
      variables.map((v) => v.id),
      this.settings,
    );
  }

  /** The mean of the gradients gathered so far; their sum restarts with a step. */
  #gather(graph: Graph, turn: Turn, v: Variable, g: Tensor): Tensor {
    const place = this.#slots.of(v)[this.slotsOf(v).length] as Location;
    graph.retain(place.storage);
    const sum = add(placed(graph, place, v), g);
    graph.assign(place, where(gateOf(graph, turn), 0, sum).node(graph, GATHERED));
    return div(sum, this.#every);
  }

  /** Adds a step of given variables to a trace. */
  #record(graph: Graph, variables: readonly Variable[], gradients: readonly Tensor[]): void {
    const turn = this.#clock.turn(graph);
    const ready = this.#ready(graph, turn, variables, gradients);
    const updated = variables.map((v, i) => {
      const slots = this.#slots.of(v);
      for (const { storage } of slots) graph.retain(storage);
      const node = this.update(graph, turn, v, ready[i] as Tensor, slots);
      graph.assign(v.location('applyGradients'), node);
      if (!this.settings.useEma) return node;
      const average: Effect = {
        location: v.location('applyGradients'),
        emit: (e, _, out) => {
          const slot = slots[slots.length - 1] as Location;
          this.emitAverage(e, turn, out.ref, { buffer: e.fixed(slot, AVERAGE), offset: 0 }, v.size);
        },
      };
      const averaged = addEffect(graph, `average ${v.name}`, [node], average, v);
      graph.assign(v.location('applyGradients'), averaged);
      return averaged;
    });
    const { prepare } = turn;
    const count: Effect = { location: undefined, prepare, emit: (e) => this.#clock.emitCount(e) };
    addEffect(graph, `${this.className} calls`, updated, count);
  }

  /**
   * A step of the model's parameters.
   * @param block where the gradients are, in the layout of the arena
   * @internal
   */
  step(graph: Graph, gradients: readonly Tensor[], block: Storage): Pins {
    const arena = this.#arena;
    if (!arena) throw new StateError(`${this.className}: was disposed of; compile the model with another optimizer`);
    return record(graph, () => {
      if (!this.isElementwise) {
        this.#record(graph, arena.variables, gradients);
        return [];
      }
      const turn = this.#clock.turn(graph);
      const pins = this.#ready(graph, turn, arena.variables, gradients).map(
        (g, i) => [g.node(graph, 'fit'), { storage: block, offset: arena.offsets[i] as number }] as const,
      );
      const [first] = arena.variables;
      const slots = first ? this.#slots.of(first).map(({ storage }) => ({ storage, offset: 0 })) : [];
      const { prepare } = turn;
      const emit = (e: Emitter): void => {
        this.emitArena(e, turn, arena, block, slots);
        this.#clock.emitCount(e);
      };
      const nodes = pins.map(([node]) => node);
      const changes = arena.variables.map((v) => ({ ...v.location('fit'), bytes: v.size * 4 }));
      const step: Effect = { location: undefined, changes, emit, prepare };
      const done = addEffect(graph, this.className, nodes, step);
      for (const v of arena.variables) graph.assign(v.location('fit'), graph.after(done, v.location('fit'), v));
      return pins;
    });
  }

  /** Emits the update of a running average. @internal */
  protected emitAverage(e: Emitter, turn: Turn, param: Ref, slotA: Ref, count: number): void {
    e.command(Op.Average, Update, { param, count, slotA, step: this.cells(e, turn) }, ['param', 'slotA'], 0, 0.3);
  }

  /**
   * One step that reduces the value of f: computes its gradients and applies them. Inside `sg.jit` the step becomes
   * part of the program. Otherwise f is traced in every call, and may read values (`dataSync`, `print`), which are then
   * computed. Tensors that f creates are disposed when it returns, unless they are kept (`sg.keep`).
   *
   * @param f function without arguments that returns a scalar
   * @param returnCost whether to return the value of f before the step; otherwise null
   * @param varList the variables to change; by default all trainable ones that f reads
   * @throws what `variableGrads` throws
   * @example
   * const w = sg.variable(sg.scalar(3));
   * sg.train.sgd(0.1).minimize(() => w.square());
   * w.dataSync(); // [2.4]
   */
  minimize(f: () => Tensor, returnCost: true, varList?: Variable | readonly Variable[]): Tensor;
  minimize(f: () => Tensor, returnCost?: boolean, varList?: Variable | readonly Variable[]): Tensor | null;
  minimize(f: () => Tensor, returnCost = false, varList?: Variable | readonly Variable[]): Tensor | null {
    const { value, grads } = gradsOfVariables(f, varList, 'minimize');
    try {
      this.applyGradients(grads);
    } finally {
      dispose(grads);
    }
    if (returnCost) return value;
    value.dispose();
    return null;
  }

  /**
   * The gradients that `minimize` would apply.
   * @throws what `variableGrads` throws
   */
  computeGradients(f: () => Tensor, varList?: Variable | readonly Variable[]): VariableGrads {
    return gradsOfVariables(f, varList, 'computeGradients');
  }

  /**
   * Makes one step with the given gradients.
   * @param gradients by the names of the variables, as `variableGrads` returns them
   * @throws ArgumentError if no variable, or more than one, has such a name; ShapeError; no variable has changed then
   */
  applyGradients(gradients: NamedGradients): void {
    const { variables, tensors } = resolve(gradients);
    const graph = currentGraph();
    if (graph) {
      this.#record(graph, variables, tensors);
      return;
    }
    this.#apply ??= jit((vs: Variable[], gs: Tensor[]): void => {
      this.#record(currentGraph() as Graph, vs, gs);
    });
    this.#apply(variables, tensors);
  }

  #averages(where: string, fn: (average: Float32Array, value: Float32Array) => void): void {
    if (!this.settings.useEma)
      throw new StateError(`${where}: the optimizer keeps no averages; make it with useEma: true`);
    if (this.iterations > 0) this.#slots.each(AVERAGE, fn);
  }

  /** Whether it was made with `useEma`. */
  get keepsAverages(): boolean {
    return this.settings.useEma;
  }

  /**
   * Sets all variables to their running averages; `fit` ends with it.
   * @throws StateError without `useEma`
   */
  finalizeVariableValues(): void {
    this.#averages('finalizeVariableValues', (average, value) => value.set(average));
  }

  /**
   * Swaps all variables with their running averages; a second call swaps them back.
   * @throws StateError without `useEma`
   * @example
   * const x = sg.variable(sg.scalar(1));
   * const optimizer = sg.train.sgd({ learningRate: 0.5, useEma: true });
   * optimizer.minimize(() => x.square());
   * optimizer.swapAverages(); // x is its running average now
   * optimizer.swapAverages();
   */
  swapAverages(): void {
    this.#averages('swapAverages', (average, value) => {
      const before = value.slice();
      value.set(average);
      average.set(before);
    });
  }

  /** A copy of all state. */
  state(): OptimizerState {
    return { calls: this.#clock.calls, slots: this.#slots.save() };
  }

  /**
   * Restores the state of an optimizer with the same settings, so that training continues as if it had not been
   * interrupted. Slots are matched by position; those of variables that this optimizer has not seen yet are kept for
   * them.
   * @throws ArgumentError, ShapeError; nothing has changed then
   */
  restore({ calls, slots }: OptimizerState): void {
    if (!Number.isInteger(calls) || calls < 0 || calls > 0xffffffff)
      throw new ArgumentError(`setWeights: the count of calls must be an integer of [0, 2³²), got ${calls}`);
    this.#slots.restore(slots, this.#arena !== undefined);
    this.#clock.calls = calls;
  }

  /** The state as tensors: the number of calls, then the slots, variable by variable. */
  async getWeights(): Promise<NamedTensor[]> {
    const { calls, slots } = this.state();
    const named = slots.map(({ name, shape, values }) => ({ name, tensor: tensor(values, shape) }));
    return relieved([{ name: 'iter', tensor: tensor(calls, [], 'int32') }, ...named]);
  }

  /**
   * Restores what `getWeights` returned.
   * @throws ArgumentError, ShapeError; nothing has changed then
   */
  async setWeights(weights: readonly NamedTensor[]): Promise<void> {
    checkList(weights, 'setWeights', 'weights', '{ name, tensor }');
    for (const [i, w] of weights.entries()) checkTensor(w?.tensor, 'setWeights', `weights[${i}].tensor`);
    const [count, ...rest] = weights;
    const calls = count?.tensor.size === 1 ? (count.tensor.dataSync()[0] as number) : Number.NaN;
    this.restore({
      calls,
      slots: rest.map(({ name, tensor: t }) => ({ name, shape: t.shape, values: Float32Array.from(t.dataSync()) })),
    });
    await relieve();
  }

  /** The name of the class, as optimizers of TensorFlow.js have it. */
  getClassName(): string {
    return this.className;
  }

  /** Settings: those by position, and those that differ from the defaults. */
  getConfig(): Record<string, unknown> {
    return { ...this.#read.config(), learningRate: this.#clock.config };
  }

  /** @internal On the console: class, settings that are in force, and steps so far. */
  [INSPECT](): string {
    const given = Object.entries(this.getConfig()).filter(([, value]) => value !== undefined && value !== null);
    const settings = given.map(([name, value]) => `${name}: ${show(value)}`).join(', ');
    return `${this.getClassName()} { ${settings} } after ${this.iterations} step${this.iterations === 1 ? '' : 's'}`;
  }

  /** Creates an optimizer from what `getConfig` returned. */
  static fromConfig<T extends Optimizer>(
    this: unknown,
    cls: new (config: never) => T,
    config: Record<string, unknown>,
  ): T {
    return new cls(config as never);
  }
}
