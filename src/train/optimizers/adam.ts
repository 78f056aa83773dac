/** Adam and its variants. */
import { Op, StepCells } from '../../../assembly/isa';
import { engine } from '../../runtime/engine';
import { within } from '../../support/arguments';
import { amount, flag, isSerialized, share, type Values } from '../../support/settings';
import { Elementwise } from './elementwise';
import { type LearningRate, type OptimizerArgs, rate, type Table, type TableOf } from './options';
import { powersOf, Running } from './running';

const { rate: RATE, p: P, q: Q, r: R, s: S, e: E, fix: FIX } = StepCells;

/** Settings of `radam`, `nadam` and `lamb`, which the others of the family have too. */
export interface MomentsArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.001. */
  learningRate?: LearningRate | null;
  /** Decay rate of the first moment; default 0.9. */
  beta1?: number | null;
  /** Decay rate of the second moment; default 0.999. */
  beta2?: number | null;
  /** Added to the root of the second moment; default 1e-7. */
  epsilon?: number | null;
}

/** Settings of `adam` and `adamW`. */
export interface AdamArgs extends MomentsArgs {
  /** Whether the largest second moment so far is used (Reddi et al., 2018); default false. */
  amsgrad?: boolean | null;
}

const ADAM = {
  learningRate: rate(0.001),
  beta1: share(0.9),
  beta2: share(0.999),
  epsilon: amount(1e-7),
} satisfies TableOf<MomentsArgs>;
const AMSGRAD = { amsgrad: flag(false) } satisfies TableOf<Omit<AdamArgs, keyof MomentsArgs>>;

/** Shared by Adam and its variants: two moments, corrected for their bias. */
abstract class Moments extends Elementwise<Values<typeof ADAM>> {
  protected readonly op: Op = Op.Adam;
  protected readonly slotNames: readonly string[] = ['m', 'v'];
  /** @internal */
  protected readonly powers1 = powersOf(this.settings.beta1);
  /** @internal */
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
 * Adam, algorithm 1 of Kingma and Ba (2015). With `amsgrad`, the largest second moment so far replaces the
 * present one (Reddi, Kale and Kumar, 2018).
 */
export class AdamOptimizer extends Moments {
  readonly className: string = 'Adam';
  protected override readonly flag = (this.settings as unknown as Values<typeof AMSGRAD>).amsgrad;
  protected override readonly slotNames = this.flag ? ['m', 'v', 'vHat'] : ['m', 'v'];

  /** Name in errors, and settings that Adam does not have. @internal */
  protected static get own(): { readonly where: string; readonly extras: Table } {
    return { where: 'adam', extras: {} };
  }

  constructor(learningRate?: LearningRate | AdamArgs | null, beta1?: number, beta2?: number, epsilon?: number) {
    const { where, extras } = new.target.own;
    super(where, ADAM, { ...AMSGRAD, ...extras }, [learningRate, beta1, beta2, epsilon]);
  }
}

/**
 * Adam (Kingma and Ba, 2015): steps of the first moment of the gradients over the root of the second.
 * @param learningRate 0.001 by default; or all settings by name
 * @param beta1 decay rate of the first moment; default 0.9
 * @param beta2 decay rate of the second moment; default 0.999
 * @param epsilon added to the root; default 1e-7
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.adam({ learningRate: sg.schedules.cosineDecay(0.001, 10000), globalClipNorm: 1 });
 */
export const adam = (
  learningRate?: LearningRate | AdamArgs | null,
  beta1?: number,
  beta2?: number,
  epsilon?: number,
): AdamOptimizer => new AdamOptimizer(learningRate, beta1, beta2, epsilon);

/**
 * Adam whose second moments never shrink (Reddi, Kale and Kumar, 2018).
 * @param learningRate as for `adam`
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.amsgrad(0.001);
 */
export const amsgrad = (learningRate?: LearningRate | AdamArgs | null): AdamOptimizer =>
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

  protected static override get own() {
    return { where: 'adamW', extras: { weightDecay: amount(0.004) } };
  }

  constructor(learningRate?: LearningRate | AdamArgs | null) {
    super(learningRate);
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
 * @param learningRate 0.001 by default; or all settings by name, as for `adam`, with weightDecay 0.004
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * const optimizer = sg.train.adamW({ learningRate: 0.001, weightDecay: 0.01 });
 * optimizer.excludeFromWeightDecay(['bias']);
 */
export const adamW = (learningRate?: LearningRate | AdamArgs | null): AdamWOptimizer =>
  new AdamWOptimizer(learningRate);

/**
 * Rectified Adam (Liu et al., 2020): while the variance of the second moment is not known, steps use the first
 * moment alone; then Adam's times the rectification. As in the authors' program, it counts as known above 5.
 */
export class RAdamOptimizer extends Moments {
  readonly className = 'RAdam';

  constructor(learningRate?: LearningRate | MomentsArgs | null) {
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
 * Rectified Adam (Liu et al., 2020), which needs no warmup.
 * @param learningRate 0.001 by default; or all settings by name
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.radam(0.001);
 */
export const radam = (learningRate?: LearningRate | MomentsArgs | null): RAdamOptimizer =>
  new RAdamOptimizer(learningRate);

/** Adam with Nesterov's momentum (Dozat, 2016), with the schedule of the momentum that Keras has. */
export class NadamOptimizer extends Moments {
  readonly className = 'Nadam';
  protected override readonly op = Op.Nadam;
  readonly #share = (t: number): number => this.settings.beta1 * (1 - 0.5 * engine.scalars.pow(0.96, t));
  readonly #product = new Running(this.#share);

  constructor(learningRate?: LearningRate | MomentsArgs | null) {
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
 * Adam with Nesterov momentum (Dozat, 2016).
 * @param learningRate 0.001 by default; or all settings by name
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.nadam(0.001);
 */
export const nadam = (learningRate?: LearningRate | MomentsArgs | null): NadamOptimizer =>
  new NadamOptimizer(learningRate);

/** Settings of `adamax`. */
export interface AdamaxArgs extends MomentsArgs {
  /** Learning rate, or a schedule of it; default 0.002. */
  learningRate?: LearningRate | null;
  /** The rate is divided by 1 + decay · (step - 1); default 0. */
  decay?: number | null;
}

const ADAMAX = { ...ADAM, learningRate: rate(0.002), decay: amount(0) } satisfies TableOf<AdamaxArgs>;

/** Adam with the infinity norm (Kingma and Ba, 2015, section 7.1); the rate is divided by 1 + decay (t - 1). */
export class AdamaxOptimizer extends Moments {
  readonly className = 'Adamax';
  protected override readonly op = Op.Adamax;

  constructor(
    learningRate?: LearningRate | AdamaxArgs | null,
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
 * Adam with the infinity norm (Kingma and Ba, 2015, section 7.1).
 * @param learningRate 0.002 by default; or all settings by name
 * @param beta1 decay rate of the first moment; default 0.9
 * @param beta2 decay rate of the norm; default 0.999
 * @param epsilon added to the norm; default 1e-7
 * @param decay the rate is divided by 1 + decay · (step - 1); default 0
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.adamax(0.002);
 */
export const adamax = (
  learningRate?: LearningRate | AdamaxArgs | null,
  beta1?: number,
  beta2?: number,
  epsilon?: number,
  decay?: number,
): AdamaxOptimizer => new AdamaxOptimizer(learningRate, beta1, beta2, epsilon, decay);

/** Settings of `lion`. */
export interface LionArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.001. */
  learningRate?: LearningRate | null;
  /** Share of the average in the direction of a step; default 0.9. */
  beta1?: number | null;
  /** Decay rate of the average; default 0.99. */
  beta2?: number | null;
}

const LION = { learningRate: rate(0.001), beta1: share(0.9), beta2: share(0.99) } satisfies TableOf<LionArgs>;

/** Steps of one size: the sign of an average (Chen et al., 2023). Where gradient and average are 0 nothing changes. */
export class LionOptimizer extends Elementwise<Values<typeof LION>> {
  readonly className = 'Lion';
  protected readonly op = Op.Lion;
  protected readonly slotNames = ['m'];

  constructor(learningRate?: LearningRate | LionArgs | null) {
    super('lion', LION, {}, [learningRate]);
  }

  protected fill(cells: Float32Array, at: number, _t: number, rate: number): void {
    cells[at + RATE / 4] = rate;
    cells[at + P / 4] = this.settings.beta1;
    cells[at + Q / 4] = this.settings.beta2;
  }
}

/**
 * Lion (Chen et al., 2023). Its steps are larger than Adam's: use a rate three to ten times smaller.
 * @param learningRate 0.001 by default; or all settings by name
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.lion({ learningRate: 0.0001, weightDecay: 0.1 });
 */
export const lion = (learningRate?: LearningRate | LionArgs | null): LionOptimizer => new LionOptimizer(learningRate);
