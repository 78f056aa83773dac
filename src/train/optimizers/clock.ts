/** Where an optimizer is in its training: the count of calls, the rate, and the numbers of each step. */
import { Count, Op, StepCells } from '../../../assembly/isa';
import type { Emitter } from '../../program/ir';
import { engine } from '../../runtime/engine';
import { show, within } from '../../support/arguments';
import { ArgumentError, StateError } from '../../support/errors';
import { isSerialized, type Values } from '../../support/settings';
import type { Graph } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { releaseWith, Storage } from '../../tensor/storage';
import { deserialize, type SerializedSchedule, serialize } from '../schedules';
import type { COMMON, LearningRate } from './options';

/** One step in a program: its numbers, which the host writes before each run. */
export interface Turn {
  /** Of `StepCells`. */
  readonly cells: Storage;
  readonly prepare: () => void;
}

export class Clock {
  #rate: Exclude<LearningRate, SerializedSchedule>;
  /** The count of calls, which programs raise. */
  #cell: Storage | undefined;
  /** The count while there is no memory for it. */
  #before = 0;
  readonly #owned: Storage[] = [];
  /** Steps in each program that is being traced, and calls before the first. */
  #turns = new WeakMap<Graph, { steps: number; readonly before: number }>();

  /**
   * @param where for errors
   * @param owner when it is forgotten, so is the memory
   * @param fill writes the numbers that are the optimizer's own, for step t (from 1 on)
   */
  constructor(
    readonly where: string,
    rate: LearningRate,
    readonly settings: Values<typeof COMMON>,
    owner: object,
    readonly fill: (cells: Float32Array, at: number, t: number, rate: number) => void,
  ) {
    this.#rate = isSerialized(rate)
      ? within(where, () => deserialize(rate))
      : (rate as Exclude<LearningRate, SerializedSchedule>);
    releaseWith(owner, this.#owned);
  }

  get calls(): number {
    return this.#cell ? (engine.memory.u32[this.#cell.address >>> 2] as number) : this.#before;
  }

  set calls(calls: number) {
    this.#before = calls;
    if (this.#cell) engine.memory.u32[this.#cell.address >>> 2] = calls;
  }

  /** Calls that make one step. */
  get every(): number {
    return this.settings.gradientAccumulationSteps ?? 1;
  }

  get iterations(): number {
    return Math.floor(this.calls / this.every);
  }

  /** The rate as configurations hold it. */
  get config(): number | SerializedSchedule {
    return typeof this.#rate === 'number' ? this.#rate : serialize(this.#rate);
  }

  rateAt(t: number): number {
    return typeof this.#rate === 'number'
      ? this.#rate
      : this.#check(this.#rate(t), `the schedule must give, at step ${t},`);
  }

  setRate(rate: number): void {
    if (typeof this.#rate !== 'number')
      throw new StateError(`${this.where}: learningRate follows a schedule; give a number instead to set it later`);
    this.#rate = this.#check(rate, 'learningRate must be');
  }

  #check(rate: number, what: string): number {
    if (typeof rate !== 'number' || !Number.isFinite(rate) || rate < 0)
      throw new ArgumentError(`${this.where}: ${what} a finite number >= 0, got ${show(rate)}`);
    return rate;
  }

  /** Whether there is memory, and so there may be programs. */
  get isRunning(): boolean {
    return this.#cell !== undefined;
  }

  begin(): Storage {
    if (this.#cell) return this.#cell;
    const cell = untracked(() => new Storage(4));
    engine.memory.u32[cell.address >>> 2] = this.#before;
    this.#cell = cell;
    this.#owned.push(cell);
    return cell;
  }

  /** Back to the start. */
  stop(): void {
    for (const storage of this.#owned.splice(0)) storage.release();
    this.#cell = undefined;
    this.#before = 0;
    this.#turns = new WeakMap();
  }

  /** A new step in a trace. */
  turn(graph: Graph): Turn {
    const turns = this.#turns.get(graph) ?? { steps: 0, before: this.calls };
    this.#turns.set(graph, turns);
    const ahead = turns.steps++;
    const cells = untracked(() => new Storage(StepCells.size));
    for (const storage of [cells, this.begin()]) graph.retain(storage);
    // The graph keeps it.
    cells.release();
    // In a program that runs once, reads may already have made some of its steps happen.
    const before = (): number => (graph.isOnce ? turns.before : this.calls);
    return { cells, prepare: () => this.#prepare(cells.address >>> 2, before() + ahead) };
  }

  /** Writes the numbers of a step that depend on its position. @throws ArgumentError unless the schedule returns a rate */
  #prepare(at: number, calls: number): void {
    const { weightDecay, emaMomentum, emaOverwriteFrequency: frequency } = this.settings;
    const t = Math.floor(calls / this.every) + 1;
    const rate = Math.fround(this.rateAt(t - 1));
    const { f32, u32 } = engine.memory;
    u32[at + StepCells.gate / 4] = (calls + 1) % this.every === 0 ? 1 : 0;
    u32[at + StepCells.overwrite / 4] = frequency !== undefined && t % frequency === 0 ? 1 : 0;
    f32[at + StepCells.decay / 4] = rate * (weightDecay ?? 0);
    // The first average is the first value.
    f32[at + StepCells.average / 4] = t === 1 ? 0 : emaMomentum;
    this.fill(f32, at, t, rate);
  }

  emitCount(e: Emitter): void {
    const cell = { buffer: e.fixed({ storage: this.begin(), offset: 0 }, 'calls'), offset: 0 };
    e.command(Op.Count, Count, { cell }, ['cell']);
  }
}
