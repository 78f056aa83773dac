/** Gradient descent, plain and with momentum. */
import { Op, StepCells } from '../../../assembly/isa';
import { ArgumentError } from '../../support/errors';
import { flag, share, type Values } from '../../support/settings';
import { Elementwise } from './elementwise';
import { type LearningRate, type OptimizerArgs, rate, type Table, type TableOf } from './options';

/** Settings of `sgd`. */
export interface SGDArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.01. */
  learningRate?: LearningRate | null;
  /** Share of the velocity that is kept; default 0: no momentum. */
  momentum?: number | null;
  /** Whether Nesterov momentum is used; default false. */
  nesterov?: boolean | null;
  /** Whether the velocity is an average of the gradients instead of a sum; default false. Excludes `nesterov`. */
  dampening?: boolean | null;
}

/** Settings of `momentum`. */
export interface MomentumArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.01. */
  learningRate?: LearningRate | null;
  /** Share of the velocity that is kept; default 0.9. */
  momentum?: number | null;
  /** Whether Nesterov momentum is used; default false. */
  useNesterov?: boolean | null;
  /** Whether the velocity is an average of the gradients instead of a sum; default false. Excludes `useNesterov`. */
  dampening?: boolean | null;
}

const SGD = { learningRate: rate(0.01) } satisfies TableOf<Pick<SGDArgs, 'learningRate'>>;
const SGD_EXTRAS = { momentum: share(0), nesterov: flag(false), dampening: flag(false) } satisfies TableOf<
  Omit<SGDArgs, keyof typeof SGD>
>;
const MOMENTUM_EXTRAS = { dampening: flag(false) } satisfies Partial<TableOf<MomentumArgs>>;
const MOMENTUM = { learningRate: rate(0.01), momentum: share(0.9), useNesterov: flag(false) } satisfies TableOf<
  Omit<MomentumArgs, keyof typeof MOMENTUM_EXTRAS>
>;

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

  /** Sets `learningRate`, as in TensorFlow.js. */
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

  constructor(learningRate?: LearningRate | SGDArgs | null) {
    super('sgd', SGD, SGD_EXTRAS, [learningRate]);
  }
}

/**
 * Gradient descent: w -= rate · gradient; with `momentum` and `nesterov` as in Keras.
 * @param learningRate 0.01 by default; or all settings by name
 * @throws ArgumentError for an unknown setting, a value out of range, or `dampening` with `nesterov`
 * @example
 * sg.train.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, clipNorm: 1 });
 */
export const sgd = (learningRate?: LearningRate | SGDArgs | null): SGDOptimizer => new SGDOptimizer(learningRate);

/** SGD with momentum, by the arguments of TensorFlow.js. */
export class MomentumOptimizer extends Descent {
  readonly className = 'Momentum';
  /** Whether Nesterov momentum is used. */
  readonly useNesterov = (this.settings as unknown as Values<typeof MOMENTUM>).useNesterov;
  protected readonly flag = this.useNesterov;

  constructor(learningRate?: LearningRate | MomentumArgs | null, momentum?: number, useNesterov?: boolean) {
    super('momentum', MOMENTUM, MOMENTUM_EXTRAS, [learningRate, momentum, useNesterov]);
  }
}

/**
 * Gradient descent with momentum (Polyak, 1964), with the arguments of TensorFlow.js.
 * @param learningRate 0.01 by default; or all settings by name
 * @param momentum share of the velocity that is kept; default 0.9
 * @param useNesterov whether Nesterov momentum is used; default false
 * @throws ArgumentError for an unknown setting, a value out of range, or `dampening` with `useNesterov`
 * @example
 * sg.train.momentum({ learningRate: 0.1, momentum: 0.9, dampening: true }); // v = 0.9 v + 0.1 g
 */
export const momentum = (
  learningRate?: LearningRate | MomentumArgs | null,
  momentum?: number,
  useNesterov?: boolean,
): MomentumOptimizer => new MomentumOptimizer(learningRate, momentum, useNesterov);
