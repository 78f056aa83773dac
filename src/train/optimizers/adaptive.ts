/** Optimizers that divide by what gradients have been. */
import { Op, StepCells } from '../../../assembly/isa';
import { ArgumentError } from '../../support/errors';
import { amount, flag, given, real, share, type Values } from '../../support/settings';
import { Elementwise } from './elementwise';
import { type Args, type First, type LearningRate, type Options, rate } from './options';

const { rate: RATE, p: P, q: Q, r: R, s: S, e: E } = StepCells;
const ROOT = { epsilonInRoot: flag(true) };

/** Epsilon under the root, or beside it. */
function fillEpsilon(cells: Float32Array, at: number, epsilon: number, isInRoot: boolean): void {
  cells[at + R / 4] = isInRoot ? epsilon : 0;
  cells[at + E / 4] = isInRoot ? 0 : epsilon;
}

const ADAGRAD = { learningRate: rate(0.001), initialAccumulatorValue: amount(0.1) };
const ADAGRAD_EXTRAS = { epsilon: amount(1e-7), ...ROOT };

/**
 * Divides by the root of the sum of all squared gradients (Duchi, Hazan and Singer, 2011). Epsilon stands under the
 * root, as in TensorFlow.js and Keras, or beside it with `epsilonInRoot: false`, as in the paper and PyTorch.
 */
export class AdagradOptimizer extends Elementwise<Values<typeof ADAGRAD & typeof ADAGRAD_EXTRAS>> {
  readonly className = 'Adagrad';
  protected readonly op = Op.Adagrad;
  protected readonly slotNames = ['accumulator'];
  protected override readonly initial = this.settings.initialAccumulatorValue;

  constructor(
    learningRate?: LearningRate | Options<typeof ADAGRAD, typeof ADAGRAD_EXTRAS> | null,
    initialAccumulatorValue?: number,
  ) {
    super('adagrad', ADAGRAD, ADAGRAD_EXTRAS, [learningRate, initialAccumulatorValue]);
  }

  protected fill(cells: Float32Array, at: number, _t: number, rate: number): void {
    cells[at + RATE / 4] = rate;
    fillEpsilon(cells, at, this.settings.epsilon, this.settings.epsilonInRoot);
  }
}

/**
 * Adagrad.
 * @param args learningRate 0.001, initialAccumulatorValue 0.1; or settings, with epsilon 1e-7, epsilonInRoot true besides
 * @example
 * sg.train.adagrad(0.01);
 */
export const adagrad = (...args: Args<typeof AdagradOptimizer>): AdagradOptimizer =>
  new AdagradOptimizer(...(args.slice(0, 2) as typeof args));

const RMSPROP = {
  learningRate: rate(0.001),
  decay: share(0.9),
  momentum: share(0),
  epsilon: amount(1e-7),
  centered: flag(false),
};
/** Keras' name of `decay`. */
const RMSPROP_EXTRAS = { rho: share(), ...ROOT };

/**
 * Divides by a running root mean square of the gradients (Tieleman and Hinton, 2012); `centered`, by a running standard
 * deviation (Graves, 2013). Epsilon stands under the root, as in TensorFlow and Keras, or beside it with
 * `epsilonInRoot: false`, as in PyTorch.
 */
export class RMSPropOptimizer extends Elementwise<Values<typeof RMSPROP & typeof RMSPROP_EXTRAS>> {
  readonly className = 'RMSProp';
  protected readonly op = Op.RmsProp;
  readonly centered = this.settings.centered;
  protected override readonly flag = this.centered;
  protected readonly slotNames = ['rms', 'momentum', ...(this.centered ? ['mg'] : [])];

  constructor(
    learningRate?: LearningRate | Options<typeof RMSPROP, typeof RMSPROP_EXTRAS> | null,
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
 * RMSProp.
 * @param args learningRate 0.001, decay (or `rho`) 0.9, momentum 0, epsilon 1e-7, centered false; or settings, with
 *   epsilonInRoot true besides
 * @example
 * sg.train.rmsprop({ learningRate: 0.001, rho: 0.9, centered: true });
 */
export const rmsprop = (...args: Args<typeof RMSPropOptimizer>): RMSPropOptimizer =>
  new RMSPropOptimizer(...(args.slice(0, 5) as typeof args));

const ADADELTA = { learningRate: rate(0.001), rho: share(0.95), epsilon: amount(1e-7) };

/**
 * Divides by the running root mean square of the gradients and multiplies by that of the steps (Zeiler, 2012). The
 * paper has no rate: that is learningRate 1.
 */
export class AdadeltaOptimizer extends Elementwise<Values<typeof ADADELTA>> {
  readonly className = 'Adadelta';
  protected readonly op = Op.Adadelta;
  protected readonly slotNames = ['accum_grad', 'accum_var'];

  constructor(learningRate?: LearningRate | Options<typeof ADADELTA> | null, rho?: number, epsilon?: number) {
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
 * Adadelta.
 * @param args learningRate 0.001, rho 0.95, epsilon 1e-7; or settings
 * @example
 * sg.train.adadelta(1);
 */
export const adadelta = (...args: Args<typeof AdadeltaOptimizer>): AdadeltaOptimizer =>
  new AdadeltaOptimizer(...(args.slice(0, 3) as typeof args));

const FTRL = {
  learningRate: rate(0.001),
  learningRatePower: given<number>('a finite number <= 0', (v) => real().fits(v) && (v as number) <= 0, -0.5),
  initialAccumulatorValue: amount(0.1),
  l1RegularizationStrength: amount(0),
  l2RegularizationStrength: amount(0),
  l2ShrinkageRegularizationStrength: amount(0),
  beta: amount(0),
};

/**
 * Follow the regularized leader (McMahan et al., 2013, "Ad click prediction", with Keras' shrinkage). Weights come
 * from the sums of gradients alone: one whose gradients have all been 0 becomes 0 with the first step.
 */
export class FtrlOptimizer extends Elementwise<Values<typeof FTRL>> {
  readonly className = 'Ftrl';
  protected readonly op = Op.Ftrl;
  protected readonly slotNames = ['accumulator', 'linear'];
  protected override readonly initial = this.settings.initialAccumulatorValue;
  protected override readonly flag = this.settings.learningRatePower === -0.5;

  constructor(learningRate?: LearningRate | Options<typeof FTRL> | null) {
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
 * Follow the regularized leader: sparse weights with `l1RegularizationStrength`.
 * @param learningRate 0.001; or settings: learningRatePower -0.5, initialAccumulatorValue 0.1, l1RegularizationStrength 0,
 *   l2RegularizationStrength 0, l2ShrinkageRegularizationStrength 0, beta 0
 * @example
 * sg.train.ftrl({ learningRate: 0.1, l1RegularizationStrength: 0.01 });
 */
export const ftrl = (learningRate?: First<typeof FtrlOptimizer>): FtrlOptimizer => new FtrlOptimizer(learningRate);
