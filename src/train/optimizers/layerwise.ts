/** Optimizers with one scale for a whole variable: LAMB, Adafactor, Muon. */
import { StepCells } from '../../../assembly/isa';
import { matMul } from '../../ops/linear/products';
import { add, div, greater, logicalAnd, maximum, mul, sqrt, square, sub, where } from '../../ops/math/arithmetic';
import { mean } from '../../ops/math/reduce';
import { expandDims, transpose } from '../../ops/shape/shaping';
import { engine } from '../../runtime/engine';
import { amount, count, flag, given, positive, real, share, type Values } from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { MomentsArgs } from './adam';
import { blend, Composed, flushed, moments, type Numbers, norm, type Outcome, rootMeanSquare } from './composed';
import { type LearningRate, matches, type OptimizerArgs, rate, type TableOf, type VariablePattern } from './options';
import { powersOf } from './running';
import type { SlotSpec } from './slots';

const { rate: RATE, p: P, s: S, e: E, fix: FIX } = StepCells;

const LAMB = {
  learningRate: rate(0.001),
  beta1: share(0.9),
  beta2: share(0.999),
  epsilon: amount(1e-7),
} satisfies TableOf<MomentsArgs>;

/**
 * LAMB (You et al., 2020), for large batches: Adam's direction, scaled to the length of each variable; its
 * own length where one of both is 0. As in Keras, `weightDecay` is decoupled.
 */
export class LambOptimizer extends Composed<Values<typeof LAMB>> {
  readonly className = 'Lamb';
  readonly #powers1 = powersOf(this.settings.beta1);
  readonly #powers2 = powersOf(this.settings.beta2);

  constructor(learningRate?: LearningRate | MomentsArgs | null) {
    super('lamb', LAMB, {}, [learningRate]);
  }

  protected slotsOf(v: Variable): SlotSpec[] {
    return [this.same('m', v), this.same('v', v)];
  }

  protected fill(cells: Float32Array, at: number, t: number, rate: number): void {
    cells[at + RATE / 4] = rate;
    cells[at + P / 4] = 1 / (1 - this.#powers1.at(t));
    cells[at + FIX / 4] = 1 / (1 - this.#powers2.at(t));
  }

  protected advance(_v: Variable, w: Tensor, g: Tensor, slots: readonly Tensor[], numbers: Numbers): Outcome {
    const { direction, slots: next } = moments(g, slots, this.settings, numbers);
    const [long, short] = [norm(w), norm(direction)];
    const ratio = where(logicalAnd(greater(long, 0), greater(short, 0)), div(long, short), 1);
    return { value: sub(w, mul(mul(ratio, numbers('rate')), direction)), slots: next };
  }
}

/**
 * LAMB (You et al., 2020), for large batches: Adam's direction, scaled to the norm of each variable.
 * @param learningRate 0.001 by default; or all settings by name
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.lamb({ learningRate: 0.002, weightDecay: 0.01 });
 */
export const lamb = (learningRate?: LearningRate | MomentsArgs | null): LambOptimizer =>
  new LambOptimizer(learningRate);

/** Settings of `adafactor`. */
export interface AdafactorArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.001. */
  learningRate?: LearningRate | null;
  /** The second moment decays by 1 - step^beta2Decay, at most 0; default -0.8. */
  beta2Decay?: number | null;
  /** Added to squared gradients; default 1e-30. */
  epsilon1?: number | null;
  /** Smallest size of the weights that steps are relative to; default 0.001. */
  epsilon2?: number | null;
  /** Limit of the root mean square of a direction; default 1. */
  clipThreshold?: number | null;
  /** Whether the rate is at most 1 / √step; default true. */
  relativeStep?: boolean | null;
}

const ADAFACTOR = {
  learningRate: rate(0.001),
  beta2Decay: given<number>('a finite number <= 0', (v) => real().fits(v) && (v as number) <= 0, -0.8),
  epsilon1: amount(1e-30),
  epsilon2: amount(1e-3),
  clipThreshold: positive(1),
  relativeStep: flag(true),
} satisfies TableOf<AdafactorArgs>;

/**
 * Adafactor (Shazeer and Stern, 2018): of a matrix, only means of its squared gradients by rows and by columns are
 * kept; steps are relative to the size of the weights. With `relativeStep` the rate is no more than 1 / sqrt(t).
 */
export class AdafactorOptimizer extends Composed<Values<typeof ADAFACTOR>> {
  readonly className = 'Adafactor';

  constructor(learningRate?: LearningRate | AdafactorArgs | null) {
    super('adafactor', ADAFACTOR, {}, [learningRate]);
  }

  protected slotsOf(v: Variable): SlotSpec[] {
    if (v.rank < 2) return [this.same('v', v)];
    const [rows, columns] = [v.shape.slice(0, -1), [...v.shape.slice(0, -2), v.shape[v.rank - 1] as number]];
    return [
      { name: 'r', shape: rows, initial: 0 },
      { name: 'c', shape: columns, initial: 0 },
    ];
  }

  protected fill(cells: Float32Array, at: number, t: number, rate: number): void {
    const part = engine.scalars.pow(t, this.settings.beta2Decay);
    cells[at + RATE / 4] = this.settings.relativeStep ? Math.min(rate, 1 / Math.sqrt(t)) : rate;
    cells[at + P / 4] = 1 - part;
    cells[at + S / 4] = part;
  }

  protected advance(v: Variable, w: Tensor, g: Tensor, slots: readonly Tensor[], numbers: Numbers): Outcome {
    const { epsilon1, epsilon2, clipThreshold } = this.settings;
    const squares = add(square(g), epsilon1);
    const keep = (slot: Tensor, now: Tensor): Tensor => blend(numbers('p'), slot, numbers('s'), now);
    const [a, b] = slots as [Tensor, Tensor];
    const next = v.rank < 2 ? [keep(a, squares)] : [keep(a, mean(squares, -1)), keep(b, mean(squares, -2))];
    const [r, c] = next as [Tensor, Tensor];
    const second = v.rank < 2 ? r : mul(expandDims(div(r, mean(r, -1, true)), -1), expandDims(c, -2));
    const u = div(g, sqrt(second));
    const clipped = div(u, maximum(div(rootMeanSquare(u), clipThreshold), 1));
    const step = mul(maximum(rootMeanSquare(w), epsilon2), numbers('rate'));
    return { value: sub(w, mul(step, clipped)), slots: next };
  }
}

/**
 * Adafactor (Shazeer and Stern, 2018): needs less memory than Adam.
 * @param learningRate 0.001 by default; or all settings by name
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.adafactor(0.01);
 */
export const adafactor = (learningRate?: LearningRate | AdafactorArgs | null): AdafactorOptimizer =>
  new AdafactorOptimizer(learningRate);

/** Settings of `muon`. */
export interface MuonArgs extends OptimizerArgs {
  /** Learning rate, or a schedule of it; default 0.001. */
  learningRate?: LearningRate | null;
  /** Decay rate of the first moment of Adam; default 0.9. */
  adamBeta1?: number | null;
  /** Decay rate of the second moment of Adam; default 0.999. */
  adamBeta2?: number | null;
  /** Added to the root of the second moment of Adam; default 1e-7. */
  epsilon?: number | null;
  /** Decoupled weight decay of the variables that Muon changes; default 0.004. */
  weightDecay?: number | null;
  /** Decoupled weight decay of the variables that Adam changes; default 0.004. */
  adamWeightDecay?: number | null;
  /** Variables that Adam changes, by parts of their names or expressions; none by default. */
  excludeLayers?: readonly VariablePattern[] | null;
  /** Whether Adam changes embeddings; default true. */
  excludeEmbeddings?: boolean | null;
  /** First coefficient of the iterations; default 3.4445. */
  muonA?: number | null;
  /** Second coefficient of the iterations; default -4.775. */
  muonB?: number | null;
  /** Third coefficient of the iterations; default 2.0315. */
  muonC?: number | null;
  /** Rate of Adam relative to the learning rate; default 1. */
  adamLrRatio?: number | null;
  /** Share of the momentum that is kept; default 0.95. */
  momentum?: number | null;
  /** Number of Newton-Schulz iterations; default 5. */
  nsSteps?: number | null;
  /** Whether Nesterov momentum is used; default true. */
  nesterov?: boolean | null;
  /** Size of the steps, relative to the root of the longer side; default 0.2. */
  rmsRate?: number | null;
}

const MUON_EXTRAS = {
  weightDecay: amount(0.004),
  adamWeightDecay: amount(0.004),
  excludeLayers: given<readonly VariablePattern[]>('a list of names', Array.isArray, []),
  excludeEmbeddings: flag(true),
  muonA: real(3.4445),
  muonB: real(-4.775),
  muonC: real(2.0315),
  adamLrRatio: amount(1),
  momentum: share(0.95),
  nsSteps: count(5),
  nesterov: flag(true),
  rmsRate: amount(0.2),
};
const MUON = {
  learningRate: rate(0.001),
  adamBeta1: share(0.9),
  adamBeta2: share(0.999),
  epsilon: amount(1e-7),
} satisfies TableOf<Omit<MuonArgs, keyof typeof MUON_EXTRAS>>;

/**
 * Muon (Jordan et al., 2024): the momentum of a matrix, with all its singular values moved near 1 by iterations of
 * Newton and Schulz, times `rmsRate` sqrt(the longer side) (Liu et al., 2025). Variables that are not matrices,
 * embeddings, and those whose names contain one of `excludeLayers` are changed by Adam, with `adamWeightDecay`.
 */
export class MuonOptimizer extends Composed<Values<typeof MUON & typeof MUON_EXTRAS>> {
  readonly className = 'Muon';
  readonly #powers1 = powersOf(this.settings.adamBeta1);
  readonly #powers2 = powersOf(this.settings.adamBeta2);

  constructor(learningRate?: LearningRate | MuonArgs | null) {
    super('muon', MUON, MUON_EXTRAS, [learningRate]);
  }

  #isAdam(v: Variable): boolean {
    const { excludeLayers, excludeEmbeddings } = this.settings;
    return v.rank !== 2 || matches([...excludeLayers, ...(excludeEmbeddings ? [/embedding/i] : [])], v);
  }

  protected slotsOf(v: Variable): SlotSpec[] {
    return [this.same('m', v), ...(this.#isAdam(v) ? [this.same('v', v)] : [])];
  }

  protected override decayOf(v: Variable): 'decay' | 'e' | undefined {
    if (!this.decays(v)) return undefined;
    return this.#isAdam(v) ? 'e' : 'decay';
  }

  protected fill(cells: Float32Array, at: number, t: number, rate: number): void {
    const { adamLrRatio, adamWeightDecay } = this.settings;
    cells[at + RATE / 4] = rate;
    cells[at + E / 4] = rate * adamWeightDecay;
    cells[at + P / 4] = (rate * adamLrRatio) / (1 - this.#powers1.at(t));
    cells[at + FIX / 4] = 1 / (1 - this.#powers2.at(t));
  }

  protected advance(v: Variable, w: Tensor, g: Tensor, slots: readonly Tensor[], numbers: Numbers): Outcome {
    const { momentum, nesterov, rmsRate, adamBeta1: beta1, adamBeta2: beta2, epsilon } = this.settings;
    if (this.#isAdam(v)) {
      const { direction, slots: next } = moments(g, slots, { beta1, beta2, epsilon }, numbers);
      return { value: sub(w, direction), slots: next };
    }
    const m = flushed(add(mul(slots[0] as Tensor, momentum), g));
    const direction = this.#orthogonal(nesterov ? add(g, mul(m, momentum)) : m);
    const [rows, columns] = v.shape as [number, number];
    const scale = rmsRate * Math.sqrt(Math.max(rows, columns));
    return { value: sub(w, mul(mul(numbers('rate'), scale), direction)), slots: [m] };
  }

  /** Singular values near 1: a x + (b A + c A A) x with A = x x', the shorter side first. */
  #orthogonal(g: Tensor): Tensor {
    const { muonA, muonB, muonC, nsSteps } = this.settings;
    const [rows, columns] = g.shape as [number, number];
    const isTall = rows > columns;
    let x = isTall ? transpose(g) : g;
    x = div(x, add(norm(x), 1e-7));
    for (let i = 0; i < nsSteps; i++) {
      const a = matMul(x, x, false, true);
      const b = add(mul(a, muonB), mul(matMul(a, a), muonC));
      x = add(mul(x, muonA), matMul(b, x));
    }
    return isTall ? transpose(x) : x;
  }
}

/**
 * Muon (Jordan et al., 2024) for matrices, Adam for all other variables.
 * @param learningRate 0.001 by default; or all settings by name
 * @throws ArgumentError for an unknown setting, or a value out of range
 * @example
 * sg.train.muon({ learningRate: 0.001, excludeLayers: ['head'] });
 */
export const muon = (learningRate?: LearningRate | MuonArgs | null): MuonOptimizer => new MuonOptimizer(learningRate);
