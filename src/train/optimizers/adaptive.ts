/** Optimizers that divide by running statistics of the gradients. */
import { Op, StepCells } from '../../../assembly/isa';
import { ArgumentError } from '../../support/errors';
import { amount, flag, given, real, share, type Values } from '../../support/settings';
import { Elementwise } from './elementwise';
import { type LearningRate, type OptimizerArgs, rate, type TableOf } from './options';

const { rate: RATE, p: P, q: Q, r: R, s: S, e: E } = StepCells;
const ROOT = { epsilonInRoot: flag(true) };

/** Epsilon under the root, or beside it. */
function fillEpsilon(cells: Float32Array, at: number, epsilon: number, isInRoot: boolean): void {
  cells[at + R / 4] = isInRoot ? epsilon : 0;
  cells[at + E / 4] = isInRoot ? 0 : epsilon;
}

/** Settings of `adagrad`. */
export interface AdagradArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.001. */
  learningRate?: LearningRate | null;
  /** First value of the sums of squared gradients; default 0.1. */
  initialAccumulatorValue?: number | null;
  /** Keeps the division finite; default 1e-7. */
  epsilon?: number | null;
  /** Whether epsilon is added under the root, as in TensorFlow.js and Keras; otherwise beside it. Default true. */
  epsilonInRoot?: boolean | null;
}

const ADAGRAD_EXTRAS = { epsilon: amount(1e-7), ...ROOT } satisfies Partial<TableOf<AdagradArgs>>;
const ADAGRAD = { learningRate: rate(0.001), initialAccumulatorValue: amount(0.1) } satisfies TableOf<
  Omit<AdagradArgs, keyof typeof ADAGRAD_EXTRAS>
>;

/**
 * Divides by the root of the sum of all squared gradients (Duchi, Hazan and Singer, 2011). Epsilon is under the
 * root, as in TensorFlow.js and Keras, or beside it with `epsilonInRoot: false`, as in the paper and PyTorch.
 */
export class AdagradOptimizer extends Elementwise<Values<typeof ADAGRAD & typeof ADAGRAD_EXTRAS>> {
  readonly className = 'Adagrad';
  protected readonly op = Op.Adagrad;
  protected readonly slotNames = ['accumulator'];
  protected override readonly initial = this.settings.initialAccumulatorValue;

  constructor(learningRate?: LearningRate | AdagradArgs | null, initialAccumulatorValue?: number) {
    super('adagrad', ADAGRAD, ADAGRAD_EXTRAS, [learningRate, initialAccumulatorValue]);
  }

  protected fill(cells: Float32Array, at: number, _t: number, rate: number): void {
    cells[at + RATE / 4] = rate;
    fillEpsilon(cells, at, this.settings.epsilon, this.settings.epsilonInRoot);
  }
}

/**
 * Adagrad (Duchi, Hazan and Singer, 2011): divides by the root of the sum of all squared gradients.
 * @param learningRate 0.001 by default; or all settings by name
 * @param initialAccumulatorValue first value of the sums; default 0.1
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.adagrad(0.01);
 */
export const adagrad = (
  learningRate?: LearningRate | AdagradArgs | null,
  initialAccumulatorValue?: number,
): AdagradOptimizer => new AdagradOptimizer(learningRate, initialAccumulatorValue);

/** Settings of `rmsprop`. */
export interface RMSPropArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.001. */
  learningRate?: LearningRate | null;
  /** Decay rate of the mean square; default 0.9. */
  decay?: number | null;
  /** Share of the velocity that is kept; default 0: no momentum. */
  momentum?: number | null;
  /** Keeps the division finite; default 1e-7. */
  epsilon?: number | null;
  /** Whether to divide by the standard deviation instead of the root mean square (Graves, 2013); default false. */
  centered?: boolean | null;
  /** Same as `decay`, by its name in Keras. */
  rho?: number | null;
  /** Whether epsilon is added under the root, as in TensorFlow.js and Keras; otherwise beside it. Default true. */
  epsilonInRoot?: boolean | null;
}

/** Keras' name of `decay`. */
const RMSPROP_EXTRAS = { rho: share(), ...ROOT } satisfies { readonly [K in keyof RMSPropArgs]?: unknown };
const RMSPROP = {
  learningRate: rate(0.001),
  decay: share(0.9),
  momentum: share(0),
  epsilon: amount(1e-7),
  centered: flag(false),
} satisfies TableOf<Omit<RMSPropArgs, keyof typeof RMSPROP_EXTRAS>>;

/**
 * Divides by a running root mean square of the gradients (Tieleman and Hinton, 2012); `centered`, by a running standard
 * deviation (Graves, 2013). Epsilon is under the root, as in TensorFlow and Keras, or beside it with
 * `epsilonInRoot: false`, as in PyTorch.
 */
export class RMSPropOptimizer extends Elementwise<Values<typeof RMSPROP & typeof RMSPROP_EXTRAS>> {
  readonly className = 'RMSProp';
  protected readonly op = Op.RmsProp;
  /** Whether it divides by the standard deviation. */
  readonly centered = this.settings.centered;
  protected override readonly flag = this.centered;
  protected readonly slotNames = ['rms', 'momentum', ...(this.centered ? ['mg'] : [])];

  constructor(
    learningRate?: LearningRate | RMSPropArgs | null,
    decay?: number,
    momentum?: number,
    epsilon?: number,
    centered?: boolean,
  ) {
    super('rmsprop', RMSPROP, RMSPROP_EXTRAS, [learningRate, decay, momentum, epsilon, centered]);
  }

  protected fill(cells: Float32Array, at: number, _t: number, rate: number): void {
    const { rho = this.settings.decay, momentum, epsilon, epsilonInRoot } = this.settings;
    cells[at + RATE / 4] = rate;
    cells[at + P / 4] = rho;
    cells[at + Q / 4] = momentum;
    cells[at + S / 4] = 1 - rho;
    fillEpsilon(cells, at, epsilon, epsilonInRoot);
  }
}

/**
 * RMSProp (Tieleman and Hinton, 2012): divides by a running root mean square of the gradients.
 * @param learningRate 0.001 by default; or all settings by name
 * @param decay decay rate of the mean square (in Keras `rho`); default 0.9
 * @param momentum share of the velocity that is kept; default 0
 * @param epsilon keeps the division finite; default 1e-7
 * @param centered whether to divide by the standard deviation instead; default false
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.rmsprop({ learningRate: 0.001, rho: 0.9, centered: true });
 */
export const rmsprop = (
  learningRate?: LearningRate | RMSPropArgs | null,
  decay?: number,
  momentum?: number,
  epsilon?: number,
  centered?: boolean,
): RMSPropOptimizer => new RMSPropOptimizer(learningRate, decay, momentum, epsilon, centered);

/** Settings of `adadelta`. */
export interface AdadeltaArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.001. */
  learningRate?: LearningRate | null;
  /** Decay rate of the mean squares; default 0.95. */
  rho?: number | null;
  /** Added to the mean squares; default 1e-7. */
  epsilon?: number | null;
}

const ADADELTA = { learningRate: rate(0.001), rho: share(0.95), epsilon: amount(1e-7) } satisfies TableOf<AdadeltaArgs>;

/**
 * Divides by the running root mean square of the gradients and multiplies by that of the steps (Zeiler, 2012). The
 * paper has no rate: that is learningRate 1.
 */
export class AdadeltaOptimizer extends Elementwise<Values<typeof ADADELTA>> {
  readonly className = 'Adadelta';
  protected readonly op = Op.Adadelta;
  protected readonly slotNames = ['accum_grad', 'accum_var'];

  constructor(learningRate?: LearningRate | AdadeltaArgs | null, rho?: number, epsilon?: number) {
    super('adadelta', ADADELTA, {}, [learningRate, rho, epsilon]);
  }

  protected fill(cells: Float32Array, at: number, _t: number, rate: number): void {
    const { rho, epsilon } = this.settings;
    cells[at + RATE / 4] = rate;
    cells[at + P / 4] = rho;
    cells[at + R / 4] = epsilon;
    cells[at + S / 4] = 1 - rho;
  }
}

/**
 * Adadelta (Zeiler, 2012): divides by the running root mean square of the gradients, multiplies by that of the steps.
 * @param learningRate 0.001 by default (the paper has 1); or all settings by name
 * @param rho decay rate of the mean squares; default 0.95
 * @param epsilon added to the mean squares; default 1e-7
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.adadelta(1);
 */
export const adadelta = (
  learningRate?: LearningRate | AdadeltaArgs | null,
  rho?: number,
  epsilon?: number,
): AdadeltaOptimizer => new AdadeltaOptimizer(learningRate, rho, epsilon);

/** Settings of `ftrl`. */
export interface FtrlArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.001. */
  learningRate?: LearningRate | null;
  /** Power by which rates fall with the sums of squared gradients, at most 0; default -0.5. */
  learningRatePower?: number | null;
  /** First value of the sums of squared gradients; default 0.1. */
  initialAccumulatorValue?: number | null;
  /** Factor of the l1 penalty, which makes weights exactly 0; default 0. */
  l1RegularizationStrength?: number | null;
  /** Factor of the l2 penalty; default 0. */
  l2RegularizationStrength?: number | null;
  /** Factor of an l2 penalty on the size of the steps alone; default 0. */
  l2ShrinkageRegularizationStrength?: number | null;
  /** Added to the l2 penalty, over the rate; default 0. */
  beta?: number | null;
}

const FTRL = {
  learningRate: rate(0.001),
  learningRatePower: given<number>('a finite number <= 0', (v) => real().fits(v) && (v as number) <= 0, -0.5),
  initialAccumulatorValue: amount(0.1),
  l1RegularizationStrength: amount(0),
  l2RegularizationStrength: amount(0),
  l2ShrinkageRegularizationStrength: amount(0),
  beta: amount(0),
} satisfies TableOf<FtrlArgs>;

/**
 * Follow the regularized leader (McMahan et al., 2013, "Ad click prediction", with Keras' shrinkage). Weights come
 * from the sums of gradients alone: a variable whose gradients have all been 0 becomes 0 with the first step.
 */
export class FtrlOptimizer extends Elementwise<Values<typeof FTRL>> {
  readonly className = 'Ftrl';
  protected readonly op = Op.Ftrl;
  protected readonly slotNames = ['accumulator', 'linear'];
  protected override readonly initial = this.settings.initialAccumulatorValue;
  protected override readonly flag = this.settings.learningRatePower === -0.5;

  constructor(learningRate?: LearningRate | FtrlArgs | null) {
    super('ftrl', FTRL, {}, [learningRate]);
  }

  protected fill(cells: Float32Array, at: number, _t: number, rate: number): void {
    if (rate === 0) throw new ArgumentError('ftrl: learningRate must be > 0, got 0: the rule divides by it');
    const s = this.settings;
    cells[at + RATE / 4] = rate;
    cells[at + P / 4] = s.l1RegularizationStrength;
    cells[at + Q / 4] = 2 * s.l2RegularizationStrength + s.beta / rate;
    cells[at + R / 4] = -s.learningRatePower;
    cells[at + S / 4] = 2 * s.l2ShrinkageRegularizationStrength;
  }
}

/**
 * Follow the regularized leader (McMahan et al., 2013): sparse weights with `l1RegularizationStrength`.
 * @param learningRate 0.001 by default; or all settings by name
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.ftrl({ learningRate: 0.1, l1RegularizationStrength: 0.01 });
 */
export const ftrl = (learningRate?: LearningRate | FtrlArgs | null): FtrlOptimizer => new FtrlOptimizer(learningRate);
