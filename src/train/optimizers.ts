/** Optimizers: settings, state, and the commands that make a step. Kernels: `assembly/update.ts`. */
import { Count, Op, ScaleF64, Update } from '../../assembly/isa';
import { lookUp } from '../layers/identifiers';
import { f32, f64, type Ref } from '../ops/ir';
import { fixedBuffer, type PlanEmitter } from '../plan/lower';
import { engine } from '../runtime/engine';
import { ArgumentError } from '../runtime/errors';
import { releaseWith, Storage } from '../tensor/storage';
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

function checkShare(value: number, name: string, where: string): number {
  if (!(value >= 0 && value < 1)) throw new ArgumentError(`${where}: ${name} must be in [0, 1), got ${value}`);
  return value;
}

/**
 * Changes parameters by their gradients. An optimizer keeps its state (moments, step count) with the model it is
 * compiled into.
 */
export abstract class Optimizer {
  abstract readonly className: string;
  #rate: number;
  #state: Storage | undefined;
  readonly #owned: Storage[] = [];
  #arena: Arena | undefined;
  #slots: Storage[] = [];

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
  protected abstract emitUpdate(e: PlanEmitter, operands: Record<string, number | Ref>): void;

  /** Whether a compiled model uses it; an optimizer serves one model at a time. */
  get isInUse(): boolean {
    return this.#state !== undefined;
  }

  /** Prepares fresh state for the parameters of a model. */
  attach(arena: Arena): void {
    this.detach();
    this.#arena = arena;
    this.#state = new Storage(Cell.size);
    this.#owned.push(this.#state);
    this.#slots = Array.from({ length: this.slotCount }, () => arena.mirror());
    const { f32: floats, f64: doubles, u32 } = engine.memory;
    floats[(this.#state.address + Cell.rate) >>> 2] = this.#rate;
    u32[(this.#state.address + Cell.iterations) >>> 2] = 0;
    doubles[(this.#state.address + Cell.powerA) >>> 3] = this.powers[0];
    doubles[(this.#state.address + Cell.powerB) >>> 3] = this.powers[1];
  }

  detach(): void {
    for (const storage of this.#owned.splice(0)) storage.release();
    this.#state = undefined;
    this.#arena = undefined;
    this.#slots = [];
  }

  /** Emits one step: every segment, then the counters. */
  emit(e: PlanEmitter, gradients: Storage): void {
    const state = this.#state as Storage;
    const cell = (offset: Cell): Ref => ({ buffer: fixedBuffer({ storage: state, offset: 0 }, 'optimizer'), offset });
    const mirror = (storage: Storage, { offset }: Segment, label: string): Ref => ({
      buffer: fixedBuffer({ storage, offset: 0 }, label),
      offset,
    });
    for (const segment of (this.#arena as Arena).segments) {
      const [a, b, c] = this.#slots;
      this.emitUpdate(e, {
        param: { buffer: fixedBuffer(segment.param, 'parameters'), offset: 0 },
        grad: mirror(gradients, segment, 'gradients'),
        count: segment.count,
        rate: cell(Cell.rate),
        ...(a && { slotA: mirror(a, segment, 'slot a') }),
        ...(b && { slotB: mirror(b, segment, 'slot b') }),
        ...(c && { slotC: mirror(c, segment, 'slot c') }),
        powerA: cell(Cell.powerA),
        powerB: cell(Cell.powerB),
      });
    }
    e.command(Op.Count, Count, { cell: cell(Cell.iterations) }, ['cell']);
    for (const [power, offset] of [
      [this.powers[0], Cell.powerA],
      [this.powers[1], Cell.powerB],
    ] as const) {
      if (power !== 1) e.command(Op.ScaleF64, ScaleF64, { cell: cell(offset), factor: f64(power) }, ['cell']);
    }
  }

  abstract getConfig(): Record<string, unknown>;
}

const WRITES = ['param', 'slotA', 'slotB', 'slotC'];

/** w -= rate g */
export class SGDOptimizer extends Optimizer {
  readonly className: string = 'SGD';
  protected readonly slotCount: number = 0;

  constructor(learningRate = 0.01) {
    super(learningRate, 'sgd');
  }

  protected emitUpdate(e: PlanEmitter, operands: Record<string, number | Ref>): void {
    e.command(Op.Sgd, Update, operands, WRITES);
  }

  getConfig(): Record<string, unknown> {
    return { learningRate: this.learningRate };
  }
}

/** v = momentum v + g; w -= rate v. With Nesterov, w -= rate (g + momentum v) (Sutskever et al., 2013). */
export class MomentumOptimizer extends Optimizer {
  readonly className = 'Momentum';
  protected readonly slotCount = 1;
  readonly #momentum: number;

  constructor(
    learningRate: number,
    momentum: number,
    readonly useNesterov = false,
  ) {
    super(learningRate, 'momentum');
    this.#momentum = checkShare(momentum, 'momentum', 'momentum');
  }

  protected emitUpdate(e: PlanEmitter, operands: Record<string, number | Ref>): void {
    e.command(Op.Momentum, Update, { ...operands, flag: this.useNesterov ? 1 : 0, p: f32(this.#momentum) }, WRITES);
  }

  getConfig(): Record<string, unknown> {
    return { learningRate: this.learningRate, momentum: this.#momentum, useNesterov: this.useNesterov };
  }
}

/**
 * Divides by a running root mean square of the gradients (Tieleman and Hinton, 2012). As in TensorFlow, epsilon
 * stands under the root.
 */
export class RMSPropOptimizer extends Optimizer {
  readonly className = 'RMSProp';
  protected readonly slotCount: number;
  readonly #decay: number;
  readonly #momentum: number;
  readonly #epsilon: number;

  constructor(
    learningRate = 0.001,
    decay = 0.9,
    momentum = 0,
    epsilon = 1e-7,
    readonly centered = false,
  ) {
    super(learningRate, 'rmsprop');
    this.slotCount = centered ? 3 : 2;
    this.#decay = checkShare(decay, 'decay', 'rmsprop');
    this.#momentum = checkShare(momentum, 'momentum', 'rmsprop');
    this.#epsilon = epsilon;
  }

  protected emitUpdate(e: PlanEmitter, operands: Record<string, number | Ref>): void {
    const settings = {
      p: f32(this.#decay),
      q: f32(this.#momentum),
      r: f32(this.#epsilon),
      s: f32(1 - this.#decay),
      flag: this.centered ? 1 : 0,
    };
    e.command(Op.RmsProp, Update, { ...operands, ...settings }, WRITES);
  }

  getConfig(): Record<string, unknown> {
    const { learningRate, centered } = this;
    return { learningRate, decay: this.#decay, momentum: this.#momentum, epsilon: this.#epsilon, centered };
  }
}

/** Adam, algorithm 1 of Kingma and Ba (2015). */
export class AdamOptimizer extends Optimizer {
  readonly className = 'Adam';
  protected readonly slotCount = 2;
  protected override readonly powers: readonly [number, number];
  readonly #epsilon: number;

  constructor(learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7) {
    super(learningRate, 'adam');
    this.powers = [checkShare(beta1, 'beta1', 'adam'), checkShare(beta2, 'beta2', 'adam')];
    this.#epsilon = epsilon;
  }

  protected emitUpdate(e: PlanEmitter, operands: Record<string, number | Ref>): void {
    const [beta1, beta2] = this.powers;
    e.command(
      Op.Adam,
      Update,
      { ...operands, p: f32(beta1), q: f32(beta2), r: f32(this.#epsilon), s: f32(1 - beta2) },
      WRITES,
    );
  }

  getConfig(): Record<string, unknown> {
    const [beta1, beta2] = this.powers;
    return { learningRate: this.learningRate, beta1, beta2, epsilon: this.#epsilon };
  }
}

/** Gradient descent. */
export const sgd = (learningRate?: number): SGDOptimizer => new SGDOptimizer(learningRate);
/** Gradient descent with momentum. */
export const momentum = (learningRate: number, momentumValue: number, useNesterov?: boolean): MomentumOptimizer =>
  new MomentumOptimizer(learningRate, momentumValue, useNesterov);
/** RMSProp. */
export const rmsprop = (
  learningRate?: number,
  decay?: number,
  momentumValue?: number,
  epsilon?: number,
  centered?: boolean,
): RMSPropOptimizer => new RMSPropOptimizer(learningRate, decay, momentumValue, epsilon, centered);
/** Adam. */
export const adam = (learningRate?: number, beta1?: number, beta2?: number, epsilon?: number): AdamOptimizer =>
  new AdamOptimizer(learningRate, beta1, beta2, epsilon);

const byName: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => sgd(),
  momentum: () => momentum(0.01, 0.9),
  rmsprop: () => rmsprop(),
  adam: () => adam(),
};

/** An optimizer, or the name of one with its defaults. @throws ArgumentError for an unknown name */
export const getOptimizer = (identifier: string | Optimizer, where: string): Optimizer =>
  identifier instanceof Optimizer ? identifier : lookUp(byName, identifier, 'optimizer', where)();
