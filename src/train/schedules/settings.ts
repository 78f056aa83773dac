/** Settings of the schedules, one interface each. */

/** Settings of `constant`. */
export interface ConstantSettings {
  /** The rate. */
  learningRate: number;
}

/** Settings of `timeBased`. */
export interface TimeBasedSettings {
  /** Rate at t = 0. */
  initialLearningRate: number;
  /** How fast the rate falls. */
  k: number;
}

/** Settings of `stepBased`. */
export interface StepBasedSettings {
  /** Rate at t = 0. */
  initialLearningRate: number;
  /** What the rate is multiplied by; default 0.5. */
  drop?: number | null;
  /** Epochs between two drops; default 10. */
  epochsDrop?: number | null;
}

/** Settings of `exponential`. */
export interface ExponentialSettings {
  /** Rate at t = 0. */
  initialLearningRate: number;
  /** How fast the rate falls. */
  k: number;
}

/** Settings of `exponentialDecay`. */
export interface ExponentialDecaySettings {
  /** Rate at t = 0. */
  initialLearningRate: number;
  /** Steps in which the rate is multiplied by `decayRate` once. */
  decaySteps: number;
  /** What the rate is multiplied by. */
  decayRate: number;
  /** Whether the rate changes only after every `decaySteps`; default false. */
  staircase?: boolean | null;
}

/** Settings of `inverseTimeDecay`. */
export interface InverseTimeDecaySettings {
  /** Rate at t = 0. */
  initialLearningRate: number;
  /** Steps in which the divisor grows by `decayRate`. */
  decaySteps: number;
  /** How fast the rate falls. */
  decayRate: number;
  /** Whether the rate changes only after every `decaySteps`; default false. */
  staircase?: boolean | null;
}

/** Settings of `piecewiseConstantDecay`. */
export interface PiecewiseConstantDecaySettings {
  /** The last step of each value but the last one; ascending. */
  boundaries: readonly number[];
  /** Rates, one more than boundaries. */
  values: readonly number[];
}

/** Settings of `polynomialDecay`. */
export interface PolynomialDecaySettings {
  /** Rate at t = 0. */
  initialLearningRate: number;
  /** Steps until the end rate. */
  decaySteps: number;
  /** Rate after decaySteps; default 0.0001. */
  endLearningRate?: number | null;
  /** Power of the polynomial; default 1, a line. */
  power?: number | null;
  /** Whether the rate rises again after decaySteps; default false. */
  cycle?: boolean | null;
}

/** Settings of `cosineDecay`. */
export interface CosineDecaySettings {
  /** Rate at t = 0. */
  initialLearningRate: number;
  /** Steps that the cosine takes, without the warm-up. */
  decaySteps: number;
  /** Rate at the end, as a part of that at the start of the cosine; default 0. */
  alpha?: number | null;
  /** Rate at the end of a linear rise before the cosine; none by default. */
  warmupTarget?: number | null;
  /** Steps of that rise; default 0. */
  warmupSteps?: number | null;
}

/** Settings of `cosineDecayRestarts`. */
export interface CosineDecayRestartsSettings {
  /** Rate at t = 0. */
  initialLearningRate: number;
  /** Steps of the first cosine. */
  firstDecaySteps: number;
  /** How many times as long each next cosine is, at least 1; default 2. */
  tMul?: number | null;
  /** What the rate at the start of each next cosine is multiplied by; default 1. */
  mMul?: number | null;
  /** Rate at the end of each cosine, as a part of that at its start; default 0. */
  alpha?: number | null;
}

/** Settings of `warmup`. */
export interface WarmupSettings {
  /** The schedule, or the rate, that follows. */
  schedule: number | ((t: number) => number);
  /** Steps of the rise. */
  warmupSteps: number;
  /** Rate at t = 0; default 0. */
  initialLearningRate?: number | null;
}

/** Settings of `oneCycle`. */
export interface OneCycleSettings {
  /** The largest rate. */
  maxLearningRate: number;
  /** Steps of the whole cycle. */
  totalSteps: number;
  /** The share of the steps in which the rate rises; default 0.3. */
  pctStart?: number | null;
  /** Shape of the rise and the fall; default 'cos'. */
  annealStrategy?: 'cos' | 'linear' | null;
  /** Largest rate / first rate; default 25. */
  divFactor?: number | null;
  /** First rate / last rate; default 10000. */
  finalDivFactor?: number | null;
}
