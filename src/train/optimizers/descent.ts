/** Gradient descent, plain and with momentum. */
import { Op, StepCells } from '../../../assembly/isa';
import { ArgumentError } from '../../support/errors';
import { flag, share, type Values } from '../../support/settings';
import { Elementwise } from './elementwise';
import { type Args, type First, type LearningRate, type Options, rate, type Table } from './options';

const SGD = { learningRate: rate(0.01) };
const SGD_EXTRAS = { momentum: share(0), nesterov: flag(false), dampening: flag(false) };
const MOMENTUM = { learningRate: rate(0.01), momentum: share(0.9), useNesterov: flag(false) };
const MOMENTUM_EXTRAS = { dampening: flag(false) };

/** Both classes: the velocity v exists only where there is momentum. */
abstract class Descent extends Elementwise<Values<typeof SGD_EXTRAS>> {
  protected readonly op: Op = this.settings.momentum ? Op.Momentum : Op.Sgd;
  protected readonly slotNames: readonly string[] = this.settings.momentum ? ['momentum'] : [];
  protected abstract override readonly flag: boolean;

  protected constructor(where: string, table: Table, extras: Table, args: readonly unknown[]) {
    super(where, table, extras, args);
    const { dampening, nesterov, useNesterov } = this.settings as unknown as Record<string, boolean>;
    if (dampening && (nesterov || useNesterov))
      throw new ArgumentError(`${where}: dampening and Nesterov's momentum exclude each other`);
  }

  /** As in TensorFlow.js: sets `learningRate`. */
  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  protected fill(cells: Float32Array, at: number, _t: number, rate: number): void {
    const { momentum, dampening } = this.settings;
    cells[at + StepCells.rate / 4] = rate;
    cells[at + StepCells.p / 4] = momentum;
    cells[at + StepCells.s / 4] = dampening ? 1 - momentum : 1;
  }
}

/**
 * w -= rate g. With `momentum`, v = momentum v + g and w -= rate v (Polyak, 1964); with `nesterov`, w -= rate (g +
 * momentum v) (Sutskever et al., 2013); with `dampening`, v is the exponential average momentum v + (1 - momentum) g.
 */
export class SGDOptimizer extends Descent {
  readonly className = 'SGD';
  protected readonly flag = this.settings.nesterov;

  constructor(learningRate?: LearningRate | Options<typeof SGD, typeof SGD_EXTRAS> | null) {
    super('sgd', SGD, SGD_EXTRAS, [learningRate]);
  }
}

/**
 * Gradient descent; with `momentum` and `nesterov`, as Keras has them.
 * @param learningRate 0.01 by default; or settings: momentum 0, nesterov false, dampening false, and those of all optimizers
 * @example
 * sg.train.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, clipNorm: 1 });
 */
export const sgd = (learningRate?: First<typeof SGDOptimizer>): SGDOptimizer => new SGDOptimizer(learningRate);

/** SGD with momentum, by the arguments of TensorFlow.js. */
export class MomentumOptimizer extends Descent {
  readonly className = 'Momentum';
  readonly useNesterov = (this.settings as unknown as Values<typeof MOMENTUM>).useNesterov;
  protected readonly flag = this.useNesterov;

  constructor(
    learningRate?: LearningRate | Options<typeof MOMENTUM, typeof MOMENTUM_EXTRAS> | null,
    momentum?: number,
    useNesterov?: boolean,
  ) {
    super('momentum', MOMENTUM, MOMENTUM_EXTRAS, [learningRate, momentum, useNesterov]);
  }
}

/**
 * Gradient descent with momentum.
 * @param args learningRate 0.01, momentum 0.9, useNesterov false; or settings, with dampening false besides
 * @example
 * sg.train.momentum({ learningRate: 0.1, momentum: 0.9, dampening: true }); // v = 0.9 v + 0.1 g
 */
export const momentum = (...args: Args<typeof MomentumOptimizer>): MomentumOptimizer =>
  new MomentumOptimizer(...(args.slice(0, 3) as typeof args));
