/** What all optimizers share: settings, state, and the commands that make a step. */
import { Count, Op, ScaleF64 } from '../../assembly/isa';
import { type Effect, type Emitter, f64, type Ref, type Value } from '../ops/ir';
import { NOTHING } from '../plan/effects';
import { type Jitted, jit } from '../plan/jit';
import { ownerOf, variableGrads } from '../plan/variables';
import { engine } from '../runtime/engine';
import { ArgumentError, ShapeError } from '../runtime/errors';
import { currentGraph, type Graph, type Location } from '../tensor/graph';
import { dispose } from '../tensor/lifetime';
import { untracked } from '../tensor/scope';
import { sameShape, showShape } from '../tensor/shape';
import { releaseWith, Storage } from '../tensor/storage';
import { Tensor } from '../tensor/tensor';
import { layout, type Variable, variablesNamed } from '../tensor/variable';
import type { Arena, Segment } from './arena';

/** Cells of the state block, in bytes. */
enum Cell {
  /** f32 */
  rate = 0,
  /** u32 */
  iterations = 4,
  /** f64: beta1 and beta2 to the power of the coming step. */
  powerA = 8,
  powerB = 16,
  size = 32,
}

function checkRate(rate: number, where: string): number {
  if (!Number.isFinite(rate) || rate < 0)
    throw new ArgumentError(`${where}: learningRate must be a finite number >= 0, got ${rate}`);
  return rate;
}

export function checkShare(value: number, name: string, where: string): number {
  if (!(value >= 0 && value < 1)) throw new ArgumentError(`${where}: ${name} must be in [0, 1), got ${value}`);
  return value;
}

export type UpdateOperands = Record<string, number | Ref>;

/** Gradients by the names of their variables, or as a list with names. */
export type NamedGradients =
  | Readonly<Record<string, Tensor>>
  | readonly { readonly name: string; readonly tensor: Tensor }[];

/**
 * Changes parameters by their gradients: those of the model that it is compiled into, or those that `minimize` and
 * `applyGradients` are called for. It keeps state (moments, step count) with them.
 */
export abstract class Optimizer {
  abstract readonly className: string;
  #rate: number;
  #state: Storage | undefined;
  readonly #owned: Storage[] = [];
  #arena: Arena | undefined;
  #slots: Storage[] = [];
  /** Slots of variables outside the arena. */
  #loose = new WeakMap<Variable, Storage[]>();
  readonly #looseLists = new Set<Storage[]>();
  #apply: Jitted<[Variable[], Tensor[]], void> | undefined;

  constructor(learningRate: number, where: string) {
    this.#rate = checkRate(learningRate, where);
    releaseWith(this, this.#owned);
  }

  get learningRate(): number {
    return this.#rate;
  }

  /** Takes effect with the next step; nothing is compiled anew. */
  set learningRate(rate: number) {
    this.#rate = checkRate(rate, this.className);
    if (this.#state) engine.memory.f32[(this.#state.address + Cell.rate) >>> 2] = rate;
  }

  /** Steps made so far. */
  get iterations(): number {
    return this.#state ? (engine.memory.u32[(this.#state.address + Cell.iterations) >>> 2] as number) : 0;
  }

  /** Arrays in the layout of the parameters that the optimizer keeps. */
  protected abstract readonly slotCount: number;
  /** Factors of the two running powers; 1 where none is needed. */
  protected readonly powers: readonly [number, number] = [1, 1];
  protected abstract emitUpdate(e: Emitter, operands: UpdateOperands): void;

  /** Whether a compiled model uses it; an optimizer serves one model at a time. */
  get isInUse(): boolean {
    return this.#arena !== undefined;
  }

  /** Prepares fresh state for the parameters of a model. */
  attach(arena: Arena): void {
    this.detach();
    this.#arena = arena;
    this.#slots = Array.from({ length: this.slotCount }, () => arena.mirror());
    this.#begin();
  }

  /** Forgets all state. */
  detach(): void {
    if (!this.#state) return;
    this.#apply?.dispose();
    for (const list of [this.#owned, ...this.#looseLists]) for (const storage of list.splice(0)) storage.release();
    this.#looseLists.clear();
    this.#state = undefined;
    this.#arena = undefined;
    this.#slots = [];
    this.#loose = new WeakMap();
    // Programs that step with the old state are stale.
    layout.version++;
  }

  /** Gives back the memory of its state. */
  dispose(): void {
    this.detach();
  }

  /** The state block: made when it is first needed. */
  #begin(): Storage {
    if (this.#state) return this.#state;
    const state = untracked(() => new Storage(Cell.size));
    this.#state = state;
    this.#owned.push(state);
    const { f32: floats, f64: doubles, u32 } = engine.memory;
    floats[(state.address + Cell.rate) >>> 2] = this.#rate;
    u32[(state.address + Cell.iterations) >>> 2] = 0;
    doubles[(state.address + Cell.powerA) >>> 3] = this.powers[0];
    doubles[(state.address + Cell.powerB) >>> 3] = this.powers[1];
    return state;
  }

  /** Where a variable's slots stand. */
  #slotsOf(variable: Variable): Location[] {
    const arena = this.#arena;
    const at = arena ? arena.variables.indexOf(variable) : -1;
    if (arena && at >= 0) return this.#slots.map((storage) => ({ storage, offset: arena.offsets[at] as number }));
    let slots = this.#loose.get(variable);
    if (!slots) {
      slots = Array.from({ length: this.slotCount }, () => zeroed(Math.max(4, variable.size * 4)));
      this.#loose.set(variable, slots);
      this.#looseLists.add(slots);
      releaseWith(variable, slots);
    }
    return slots.map((storage) => ({ storage, offset: 0 }));
  }

  #emitParameter(e: Emitter, param: Ref, grad: Ref, count: number, slots: readonly Ref[]): void {
    const [slotA, slotB, slotC] = slots;
    this.emitUpdate(e, {
      param,
      grad,
      count,
      rate: this.#cell(e, Cell.rate),
      ...(slotA && { slotA }),
      ...(slotB && { slotB }),
      ...(slotC && { slotC }),
      powerA: this.#cell(e, Cell.powerA),
      powerB: this.#cell(e, Cell.powerB),
    });
  }

  #cell(e: Emitter, offset: Cell): Ref {
    return { buffer: e.fixed({ storage: this.#state as Storage, offset: 0 }, 'optimizer'), offset };
  }

  #emitCounters(e: Emitter): void {
    e.command(Op.Count, Count, { cell: this.#cell(e, Cell.iterations) }, ['cell']);
    for (const [power, offset] of [
      [this.powers[0], Cell.powerA],
      [this.powers[1], Cell.powerB],
    ] as const) {
      if (power !== 1) e.command(Op.ScaleF64, ScaleF64, { cell: this.#cell(e, offset), factor: f64(power) }, ['cell']);
    }
  }

  /** Emits one step of the model's parameters: every segment, then the counters. */
  emit(e: Emitter, gradients: Storage): void {
    const mirror = (storage: Storage, { offset }: Segment, label: string): Ref => ({
      buffer: e.fixed({ storage, offset: 0 }, label),
      offset,
    });
    for (const segment of (this.#arena as Arena).segments) {
      this.#emitParameter(
        e,
        { buffer: e.fixed(segment.param, 'parameters'), offset: 0 },
        mirror(gradients, segment, 'gradients'),
        segment.count,
        this.#slots.map((s, i) => mirror(s, segment, `slot ${i}`)),
      );
    }
    this.#emitCounters(e);
  }

  /**
   * One step that makes f's value smaller: its gradients, and their application. Inside `sg.jit` the step becomes part
   * of the program.
   *
   * @param f without arguments, to a scalar.
   * @param returnCost whether to return f's value (from before the step); null otherwise.
   * @param varList only these variables; by default all trainable ones that f reads.
   * @throws what `variableGrads` throws
   * @example
   * const w = sg.variable(sg.scalar(3));
   * sg.train.sgd(0.1).minimize(() => w.square());
   * w.dataSync(); // [2.4]
   */
  minimize(f: () => Tensor, returnCost: true, varList?: Variable | readonly Variable[]): Tensor;
  minimize(f: () => Tensor, returnCost?: boolean, varList?: Variable | readonly Variable[]): Tensor | null;
  minimize(f: () => Tensor, returnCost = false, varList?: Variable | readonly Variable[]): Tensor | null {
    const { value, grads } = variableGrads(f, varList);
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
   * One step of the given gradients.
   * @param gradients as `variableGrads` gives them: by the variables' names.
   * @throws ArgumentError if no variable, or more than one, has such a name; ShapeError; no variable has changed then
   */
  applyGradients(gradients: NamedGradients): void {
    const named = Array.isArray(gradients)
      ? (gradients as readonly { name: string; tensor: Tensor }[]).map((g) => [g.name, g.tensor] as const)
      : Object.entries(gradients as Record<string, Tensor>);
    const variables = named.map(([name, g]) => variableOf(name, g));
    const tensors = named.map(([, g]) => g);
    const graph = currentGraph();
    if (graph) return this.#record(graph, variables, tensors);
    this.#apply ??= jit((vs: Variable[], gs: Tensor[]) => this.#record(currentGraph() as Graph, vs, gs));
    this.#apply(variables, tensors);
  }

  /** Adds the step to a trace. */
  #record(graph: Graph, variables: readonly Variable[], gradients: readonly Tensor[]): void {
    graph.retain(this.#begin());
    const updated = variables.map((v, i) => {
      const slots = this.#slotsOf(v);
      for (const { storage } of slots) graph.retain(storage);
      const location = v.location('applyGradients');
      const effect: Effect = {
        location,
        emit: (e, [, grad], out) => {
          const places = slots.map((s, k) => ({ buffer: e.fixed(s, `slot ${k}`), offset: 0 }));
          this.#emitParameter(e, out.ref, (grad as Value).ref, v.size, places);
        },
      };
      const operands = [v.node(graph, 'applyGradients'), (gradients[i] as Tensor).node(graph, 'applyGradients')];
      const node = graph.effect(`${this.className} ${v.name}`, operands, effect, v);
      graph.assign(location, node);
      return node;
    });
    const counters: Effect = { location: undefined, emit: (e) => this.#emitCounters(e) };
    graph.effect(`${this.className} counters`, updated, counters, NOTHING);
  }

  /** Copies of what steps of the model change besides its weights: counters and moments. For `restore`. */
  state(): Uint32Array[] {
    return this.#blocks.map(({ address, bytes }) => engine.memory.u32.slice(address >>> 2, (address + bytes) >>> 2));
  }

  /** Brings back what `state` gave; the next step is as it would have been then. */
  restore(state: readonly Uint32Array[]): void {
    this.#blocks.forEach(({ address }, i) => {
      engine.memory.u32.set(state[i] as Uint32Array, address >>> 2);
    });
    const [{ address }] = this.#blocks as [Storage];
    const rate = engine.memory.f32[(address + Cell.rate) >>> 2] as number;
    if (rate !== Math.fround(this.#rate)) this.#rate = rate;
  }

  get #blocks(): Storage[] {
    return [this.#begin(), ...this.#slots];
  }

  abstract getConfig(): Record<string, unknown>;
}

function zeroed(bytes: number): Storage {
  const storage = untracked(() => new Storage(bytes));
  engine.memory.u32.fill(0, storage.address >>> 2, (storage.address + bytes) >>> 2);
  return storage;
}

/** The variable that a gradient belongs to. @throws ArgumentError, ShapeError */
function variableOf(name: string, gradient: Tensor): Variable {
  if (!(gradient instanceof Tensor))
    throw new ArgumentError(`applyGradients: the gradient of '${name}' must be a tensor, got ${typeof gradient}`);
  const owner = ownerOf(gradient);
  const found = owner && owner.name === name ? [owner] : variablesNamed(name);
  const [variable] = found;
  if (!variable || found.length > 1) {
    throw new ArgumentError(
      `applyGradients: ${found.length ? `${found.length} variables are` : 'no variable is'} named '${name}'; a gradient needs one of its own`,
    );
  }
  if (variable.dtype !== 'float32' || !sameShape(variable.shape, gradient.shape)) {
    throw new ShapeError(
      `applyGradients: variable '${name}' is ${variable.dtype} ${showShape(variable.shape)}, its gradient ${gradient.dtype} ${showShape(gradient.shape)}; both must be float32 of one shape`,
    );
  }
  return variable;
}
