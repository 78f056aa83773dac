/** The optimizers. Kernels: `assembly/update.ts`. */
import { Op, Update } from '../../assembly/isa';
import { lookUp } from '../layers/identifiers';
import { type Emitter, f32 } from '../ops/ir';
import { checkShare, Optimizer, type UpdateOperands } from './optimizer';

const WRITES = ['param', 'slotA', 'slotB', 'slotC'];

/** w -= rate g */
export class SGDOptimizer extends Optimizer {
  readonly className: string = 'SGD';
  protected readonly slotCount: number = 0;

  constructor(learningRate = 0.01) {
    super(learningRate, 'sgd');
  }

  protected emitUpdate(e: Emitter, operands: UpdateOperands): void {
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

  protected emitUpdate(e: Emitter, operands: UpdateOperands): void {
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

  protected emitUpdate(e: Emitter, operands: UpdateOperands): void {
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

  protected emitUpdate(e: Emitter, operands: UpdateOperands): void {
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
