/** Adam and its kin. */
import { Op, StepCells } from '../../../assembly/isa';
import { engine } from '../../runtime/engine';
import { within } from '../../support/arguments';
import { amount, flag, isSerialized, share, type Values } from '../../support/settings';
import { Elementwise } from './elementwise';
import { type Args, type First, type LearningRate, type Options, rate, type Table } from './options';
import { powersOf, Running } from './running';

const { rate: RATE, p: P, q: Q, r: R, s: S, e: E, fix: FIX } = StepCells;

const ADAM = { learningRate: rate(0.001), beta1: share(0.9), beta2: share(0.999), epsilon: amount(1e-7) };
const AMSGRAD = { amsgrad: flag(false) };

/** What the whole family does: two moments whose bias is corrected. */
abstract class Moments extends Elementwise<Values<typeof ADAM>> {
  protected readonly op: Op = Op.Adam;
  protected readonly slotNames: readonly string[] = ['m', 'v'];
  protected readonly powers1 = powersOf(this.settings.beta1);
  protected readonly powers2 = powersOf(this.settings.beta2);

  protected fill(cells: Float32Array, at: number, t: number, rate: number): void {
    const { beta1, beta2, epsilon } = this.settings;
    cells[at + RATE / 4] = rate / (1 - this.powers1.at(t));
    cells[at + P / 4] = beta1;
    cells[at + Q / 4] = beta2;
    cells[at + R / 4] = epsilon;
    cells[at + S / 4] = 1 - beta2;
    cells[at + FIX / 4] = 1 / (1 - this.powers2.at(t));
  }
}

/**
 * Adam, algorithm 1 of Kingma and Ba (2015). With `amsgrad`, the largest second moment so far stands in the place of
 * the present one (Reddi, Kale and Kumar, 2018).
 */
export class AdamOptimizer extends Moments {
  readonly className: string = 'Adam';
  protected override readonly flag = (this.settings as unknown as Values<typeof AMSGRAD>).amsgrad;
  protected override readonly slotNames = this.flag ? ['m', 'v', 'vHat'] : ['m', 'v'];

  constructor(
    learningRate?: LearningRate | Options<typeof ADAM, typeof AMSGRAD> | null,
    beta1?: number,
    beta2?: number,
    epsilon?: number,
    /** For subclasses. */
    where = 'adam',
    extras: Table = {},
  ) {
    super(where, ADAM, { ...AMSGRAD, ...extras }, [learningRate, beta1, beta2, epsilon]);
  }
}

/**
 * Adam.
 * @param args learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7; or settings, with amsgrad false besides
 * @example
 * sg.train.adam({ learningRate: sg.schedules.cosineDecay(0.001, 10000), globalClipNorm: 1 });
 */
export const adam = (...args: Args<typeof AdamOptimizer>): AdamOptimizer =>
  new AdamOptimizer(...(args.slice(0, 4) as typeof args));

/**
 * Adam whose second moments never shrink.
 * @param learningRate as `adam`
 * @example
 * sg.train.amsgrad(0.001);
 */
export const amsgrad = (learningRate?: First<typeof AdamOptimizer>): AdamOptimizer =>
  within(
    'amsgrad',
    () =>
      new AdamOptimizer({
        ...(typeof learningRate === 'object' && !isSerialized(learningRate) ? learningRate : { learningRate }),
        amsgrad: true,
      }),
  );

/** Adam with decoupled weight decay, 0.004 by default (Loshchilov and Hutter, 2019). */
export class AdamWOptimizer extends AdamOptimizer {
  override readonly className = 'AdamW';

  constructor(learningRate?: LearningRate | Options<typeof ADAM, typeof AMSGRAD> | null) {
    super(learningRate, undefined, undefined, undefined, 'adamW', { weightDecay: amount(0.004) });
  }
}

/**
 * Adam with decoupled weight decay.
 * @param learningRate as `adam`, with weightDecay 0.004
 * @example
 * const optimizer = sg.train.adamW({ learningRate: 0.001, weightDecay: 0.01 });
 * optimizer.excludeFromWeightDecay(['bias']);
 */
export const adamW = (learningRate?: First<typeof AdamWOptimizer>): AdamWOptimizer => new AdamWOptimizer(learningRate);

/**
 * Rectified Adam (Liu et al., 2020): as long as the variance of the second moment is not known, a step of the first
 * moment alone; then Adam's times the rectification. As the authors' own program, it counts as known above 5.
 */
export class RAdamOptimizer extends Moments {
  readonly className = 'RAdam';

  constructor(learningRate?: LearningRate | Options<typeof ADAM> | null) {
    super('radam', ADAM, {}, [learningRate]);
  }

  protected override fill(cells: Float32Array, at: number, t: number, rate: number): void {
    super.fill(cells, at, t, rate);
    const power = this.powers2.at(t);
    const longest = 2 / (1 - this.settings.beta2) - 1;
    const length = longest - (2 * t * power) / (1 - power);
    const first = rate / (1 - this.powers1.at(t));
    if (length > 5) {
      const share = ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length);
      cells[at + RATE / 4] = first * Math.sqrt(share);
    } else {
      // The root becomes 1.
      cells[at + FIX / 4] = 0;
      cells[at + R / 4] = 1;
    }
  }
}

/**
 * Rectified Adam.
 * @param learningRate 0.001; or settings: beta1 0.9, beta2 0.999, epsilon 1e-7
 * @example
 * sg.train.radam(0.001);
 */
export const radam = (learningRate?: First<typeof RAdamOptimizer>): RAdamOptimizer => new RAdamOptimizer(learningRate);

/** Adam with Nesterov's momentum (Dozat, 2016), with the schedule of the momentum that Keras has. */
export class NadamOptimizer extends Moments {
  readonly className = 'Nadam';
  protected override readonly op = Op.Nadam;
  readonly #share = (t: number): number => this.settings.beta1 * (1 - 0.5 * engine.scalars.pow(0.96, t));
  readonly #product = new Running(this.#share);

  constructor(learningRate?: LearningRate | Options<typeof ADAM> | null) {
    super('nadam', ADAM, {}, [learningRate]);
  }

  protected override fill(cells: Float32Array, at: number, t: number, rate: number): void {
    super.fill(cells, at, t, rate);
    const now = this.#share(t);
    const next = this.#share(t + 1);
    const product = this.#product.at(t);
    cells[at + RATE / 4] = (rate * next) / (1 - product * next);
    cells[at + E / 4] = (rate * (1 - now)) / (1 - product);
  }
}

/**
 * Nadam.
 * @param learningRate 0.001; or settings: beta1 0.9, beta2 0.999, epsilon 1e-7
 * @example
 * sg.train.nadam(0.001);
 */
export const nadam = (learningRate?: First<typeof NadamOptimizer>): NadamOptimizer => new NadamOptimizer(learningRate);

const ADAMAX = { ...ADAM, learningRate: rate(0.002), decay: amount(0) };

/** Adam with the infinity norm (Kingma and Ba, 2015, section 7.1); the rate is divided by 1 + decay (t - 1). */
export class AdamaxOptimizer extends Moments {
  readonly className = 'Adamax';
  protected override readonly op = Op.Adamax;

  constructor(
    learningRate?: LearningRate | Options<typeof ADAMAX> | null,
    beta1?: number,
    beta2?: number,
    epsilon?: number,
    decay?: number,
  ) {
    super('adamax', ADAMAX, {}, [learningRate, beta1, beta2, epsilon, decay]);
  }

  protected override fill(cells: Float32Array, at: number, t: number, rate: number): void {
    const { decay } = this.settings as unknown as Values<typeof ADAMAX>;
    super.fill(cells, at, t, rate / (1 + decay * (t - 1)));
  }
}

/**
 * Adamax.
 * @param args learningRate 0.002, beta1 0.9, beta2 0.999, epsilon 1e-7, decay 0; or settings
 * @example
 * sg.train.adamax(0.002);
 */
export const adamax = (...args: Args<typeof AdamaxOptimizer>): AdamaxOptimizer =>
  new AdamaxOptimizer(...(args.slice(0, 5) as typeof args));

const LION = { learningRate: rate(0.001), beta1: share(0.9), beta2: share(0.99) };

/** Steps of one size: the sign of an average (Chen et al., 2023). A gradient of 0 keeps still while the average is 0. */
export class LionOptimizer extends Elementwise<Values<typeof LION>> {
  readonly className = 'Lion';
  protected readonly op = Op.Lion;
  protected readonly slotNames = ['m'];

  constructor(learningRate?: LearningRate | Options<typeof LION> | null) {
    super('lion', LION, {}, [learningRate]);
  }

  protected fill(cells: Float32Array, at: number, _t: number, rate: number): void {
    cells[at + RATE / 4] = rate;
    cells[at + P / 4] = this.settings.beta1;
    cells[at + Q / 4] = this.settings.beta2;
  }
}

/**
 * Lion. Its steps are larger than Adam's: take a rate three to ten times smaller.
 * @param learningRate 0.001; or settings: beta1 0.9, beta2 0.99
 * @example
 * sg.train.lion({ learningRate: 0.0001, weightDecay: 0.1 });
 */
export const lion = (learningRate?: First<typeof LionOptimizer>): LionOptimizer => new LionOptimizer(learningRate);
