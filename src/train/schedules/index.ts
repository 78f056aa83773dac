/**
 * `sg.schedules`: learning rates as functions of t. Given to an optimizer, t counts its steps from 0; given to the
 * callback `learningRateScheduler`, t counts epochs. The same bits in every runtime.
 */
import { nameOf, registered } from '../../layers/base/names';
import { engine } from '../../runtime/engine';
import { show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { lookUp } from '../../support/names';
import {
  amount,
  checked,
  count,
  flag,
  given,
  positive,
  readSettings,
  real,
  required,
  SERIALIZED,
  type Setting,
  share,
} from '../../support/settings';
import type {
  ConstantSettings,
  CosineDecayRestartsSettings,
  CosineDecaySettings,
  ExponentialDecaySettings,
  ExponentialSettings,
  InverseTimeDecaySettings,
  OneCycleSettings,
  PiecewiseConstantDecaySettings,
  PolynomialDecaySettings,
  StepBasedSettings,
  TimeBasedSettings,
  WarmupSettings,
} from './settings';

export type * from './settings';

/** A rate as a function of the step or the epoch. */
export interface Schedule {
  (t: number): number;
  /** Name of the schedule in configurations. */
  readonly className: string;
  /** Settings from which the schedule can be recreated. */
  getConfig(): Record<string, unknown>;
}

/** A schedule in a configuration. */
export interface SerializedSchedule {
  /** Name of the schedule. */
  readonly className: string;
  /** Settings of the schedule. */
  readonly config: Record<string, unknown>;
}

const { pow, exp, cosPi } = engine.scalars;

/** Makes a schedule, from one object of settings or from their values in order. */
export interface ScheduleFactory<Settings, Values extends readonly unknown[]> {
  (settings: Settings): Schedule;
  (...values: Values): Schedule;
}

/** The table of a schedule: exactly the settings of its interface. */
type TableOf<S> = { readonly [K in keyof S]-?: Setting<NonNullable<S[K]>> | Setting<NonNullable<S[K]> | undefined> };
type Checked<S> = { readonly [K in keyof S]-?: NonNullable<S[K]> };

const schedule =
  <S, V extends readonly unknown[]>(
    className: string,
    table: TableOf<S>,
    make: (settings: Checked<S>, where: string) => (t: number) => number,
  ): ScheduleFactory<S, V> =>
  (...args: readonly unknown[]) => {
    const where = `schedules.${className[0]?.toLowerCase()}${className.slice(1)}`;
    const settings = readSettings(where, table, args) as Checked<S>;
    const config = Object.entries(settings).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[name, typeof value === 'function' ? within(where, () => serialize(value as Schedule)) : value]],
    );
    return Object.assign(make(settings, where), { className, getConfig: () => Object.fromEntries(config) });
  };

const initialLearningRate = required(amount());
const decaySteps = required(positive());
const step = (x: number, isWhole: boolean): number => (isWhole ? Math.floor(x) : x);
const mix = (from: number, to: number, part: number): number => from + (to - from) * part;
/** From 1 at part 0 to 0 at part 1. */
const cosine = (part: number): number => 0.5 * (1 + cosPi(part));

/**
 * rate(t) = learningRate: the same throughout.
 * @throws ArgumentError without a rate, or for a negative one
 * @example
 * sg.schedules.constant(0.01)(100); // 0.01
 */
export const constant = schedule<ConstantSettings, [learningRate: number]>(
  'Constant',
  { learningRate: required(amount()) },
  (s) => () => s.learningRate,
);

/**
 * initialLearningRate / (1 + k t)
 * @throws ArgumentError for a missing or negative setting
 * @example
 * sg.schedules.timeBased(0.1, 0.5)(2); // 0.05
 */
export const timeBased = schedule<TimeBasedSettings, [initialLearningRate: number, k: number]>(
  'TimeBased',
  { initialLearningRate, k: required(amount()) },
  (s) => (t) => s.initialLearningRate / (1 + s.k * t),
);

/**
 * initialLearningRate · drop^floor((1 + t) / epochsDrop): a drop (default 0.5) after every `epochsDrop` (default 10)
 * epochs.
 * @throws ArgumentError for a missing or negative setting
 * @example
 * sg.schedules.stepBased({ initialLearningRate: 0.1, epochsDrop: 5 })(4); // 0.05
 */
export const stepBased = schedule<
  StepBasedSettings,
  [initialLearningRate: number, drop?: number | null, epochsDrop?: number | null]
>(
  'StepBased',
  { initialLearningRate, drop: amount(0.5), epochsDrop: positive(10) },
  (s) => (t) => s.initialLearningRate * pow(s.drop, Math.floor((1 + t) / s.epochsDrop)),
);

/**
 * initialLearningRate · e^(-k t)
 * @throws ArgumentError for a missing or negative setting
 * @example
 * sg.schedules.exponential(0.1, 0.5)(0); // 0.1
 */
export const exponential = schedule<ExponentialSettings, [initialLearningRate: number, k: number]>(
  'Exponential',
  { initialLearningRate, k: required(amount()) },
  (s) => (t) => s.initialLearningRate * exp(-s.k * t),
);

/**
 * initialLearningRate · decayRate^(t / decaySteps); with `staircase` (default false) the exponent is rounded down.
 * @throws ArgumentError for a missing or negative setting
 * @example
 * const learningRate = sg.schedules.exponentialDecay(0.01, 1000, 0.9);
 * learningRate(1000); // 0.009
 * sg.train.adam({ learningRate });
 */
export const exponentialDecay = schedule<
  ExponentialDecaySettings,
  [initialLearningRate: number, decaySteps: number, decayRate: number, staircase?: boolean | null]
>(
  'ExponentialDecay',
  { initialLearningRate, decaySteps, decayRate: required(amount()), staircase: flag(false) },
  (s) => (t) => s.initialLearningRate * pow(s.decayRate, step(t / s.decaySteps, s.staircase)),
);

/**
 * initialLearningRate / (1 + decayRate t / decaySteps); with `staircase` (default false) the quotient is rounded down.
 * @throws ArgumentError for a missing or negative setting
 * @example
 * sg.schedules.inverseTimeDecay(0.1, 100, 1)(100); // 0.05
 */
export const inverseTimeDecay = schedule<
  InverseTimeDecaySettings,
  [initialLearningRate: number, decaySteps: number, decayRate: number, staircase?: boolean | null]
>(
  'InverseTimeDecay',
  { initialLearningRate, decaySteps, decayRate: required(amount()), staircase: flag(false) },
  (s) => (t) => s.initialLearningRate / (1 + s.decayRate * step(t / s.decaySteps, s.staircase)),
);

const numbers = (must: string): Setting<readonly number[]> =>
  required(given(must, (v) => Array.isArray(v) && v.every((x) => real().fits(x))));

/**
 * values[i] while t <= boundaries[i], and the last value after all boundaries.
 * @throws ArgumentError unless boundaries ascend and there is one value more
 * @example
 * sg.schedules.piecewiseConstantDecay([1000, 2000], [0.1, 0.01, 0.001])(1500); // 0.01
 */
export const piecewiseConstantDecay = schedule<
  PiecewiseConstantDecaySettings,
  [boundaries: readonly number[], values: readonly number[]]
>(
  'PiecewiseConstantDecay',
  { boundaries: numbers('a list of ascending numbers'), values: numbers('a list of numbers') },
  ({ boundaries, values }, where) => {
    if (values.length !== boundaries.length + 1 || boundaries.some((b, i) => b <= (boundaries[i - 1] ?? -Infinity)))
      throw new ArgumentError(
        `${where}: needs ascending boundaries and one value more, got boundaries [${boundaries}] and values [${values}]`,
      );
    return (t) => values[boundaries.filter((b) => t > b).length] as number;
  },
);

/**
 * (initialLearningRate - endLearningRate) · (1 - t / decaySteps)^power + endLearningRate, and endLearningRate after
 * decaySteps. By default endLearningRate 0.0001, power 1. With `cycle` (default false) it restarts: decaySteps grows to
 * the next multiple of itself that is at least t.
 * @throws ArgumentError for a missing or negative setting
 * @example
 * sg.schedules.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 100, endLearningRate: 0 })(50); // 0.05
 */
export const polynomialDecay = schedule<
  PolynomialDecaySettings,
  [
    initialLearningRate: number,
    decaySteps: number,
    endLearningRate?: number | null,
    power?: number | null,
    cycle?: boolean | null,
  ]
>(
  'PolynomialDecay',
  { initialLearningRate, decaySteps, endLearningRate: amount(0.0001), power: amount(1), cycle: flag(false) },
  (s) => (t) => {
    const steps = s.cycle ? s.decaySteps * Math.max(1, Math.ceil(t / s.decaySteps)) : s.decaySteps;
    return (
      (s.initialLearningRate - s.endLearningRate) * pow(1 - Math.min(t, steps) / steps, s.power) + s.endLearningRate
    );
  },
);

/**
 * Half a cosine from initialLearningRate to `alpha` (default 0) of it (Loshchilov and Hutter, 2016). With
 * `warmupTarget`, the rate first rises linearly from initialLearningRate to it within `warmupSteps`, and the cosine
 * falls from there.
 * @throws ArgumentError for a missing or negative setting
 * @example
 * sg.schedules.cosineDecay(0.1, 100)(50); // 0.05
 */
export const cosineDecay = schedule<
  CosineDecaySettings,
  [
    initialLearningRate: number,
    decaySteps: number,
    alpha?: number | null,
    warmupTarget?: number | null,
    warmupSteps?: number | null,
  ]
>(
  'CosineDecay',
  { initialLearningRate, decaySteps, alpha: amount(0), warmupTarget: amount(), warmupSteps: amount(0) },
  (s) => (t) => {
    const alpha = s.alpha;
    const warmupTarget: number | undefined = s.warmupTarget;
    const warm = warmupTarget === undefined ? 0 : s.warmupSteps;
    if (warmupTarget !== undefined && t < warm) return mix(s.initialLearningRate, warmupTarget, t / warm);
    const part = cosine(Math.min(t - warm, s.decaySteps) / s.decaySteps);
    return (warmupTarget ?? s.initialLearningRate) * ((1 - alpha) * part + alpha);
  },
);

/**
 * Cosines with restarts (SGDR; Loshchilov and Hutter, 2016): the first takes firstDecaySteps, each next one is tMul
 * (default 2) times as long and starts from mMul (default 1) times the rate. `alpha` (default 0) is the end of each.
 * @throws ArgumentError for a missing or negative setting, or tMul below 1
 * @example
 * sg.schedules.cosineDecayRestarts(0.1, 100)(100); // 0.1
 */
export const cosineDecayRestarts = schedule<
  CosineDecayRestartsSettings,
  [
    initialLearningRate: number,
    firstDecaySteps: number,
    tMul?: number | null,
    mMul?: number | null,
    alpha?: number | null,
  ]
>(
  'CosineDecayRestarts',
  {
    initialLearningRate,
    firstDecaySteps: required(positive()),
    tMul: given<number>('a finite number >= 1', (v) => real().fits(v) && (v as number) >= 1, 2),
    mMul: amount(1),
    alpha: amount(0),
  },
  (s) => (t) => {
    let [length, height, at] = [s.firstDecaySteps, 1, t];
    if (s.tMul === 1) {
      const cycle = Math.floor(t / length);
      at = t - cycle * length;
      height = pow(s.mMul, cycle);
    } else for (; at >= length; length *= s.tMul, height *= s.mMul) at -= length;
    return s.initialLearningRate * ((1 - s.alpha) * height * cosine(at / length) + s.alpha);
  },
);

const isRate = (v: unknown): boolean => typeof v === 'function' || amount().fits(v);

/**
 * A linear rise from initialLearningRate (default 0) to the first rate of another schedule (or a number), which follows
 * with t counted from the end of the rise: schedule(t - warmupSteps). (Goyal et al., 2017)
 * @throws ArgumentError without a schedule or warmupSteps
 * @example
 * const schedule = sg.schedules.warmup({ schedule: sg.schedules.cosineDecay(0.01, 9000), warmupSteps: 1000 });
 * schedule(500); // 0.005
 */
export const warmup = schedule<
  WarmupSettings,
  [schedule: number | ((t: number) => number), warmupSteps: number, initialLearningRate?: number | null]
>(
  'Warmup',
  {
    schedule: required(given<number | ((t: number) => number)>('a schedule or a number >= 0', isRate)),
    warmupSteps: required(count()),
    initialLearningRate: amount(0),
  },
  ({ schedule: after, warmupSteps, initialLearningRate: from }) => {
    const rate = (t: number): number => (typeof after === 'number' ? after : after(t));
    return (t) => (t < warmupSteps ? mix(from, rate(0), t / warmupSteps) : rate(t - warmupSteps));
  },
);

/**
 * The one-cycle policy (Smith and Topin, 2017): the rate rises to maxLearningRate within the share pctStart (default
 * 0.3) of totalSteps and falls again, from max / divFactor (default 25) and to that divided by finalDivFactor (default
 * 10000), each along half a cosine or, with annealStrategy 'linear', a line.
 * @throws ArgumentError for a missing setting, or one out of range
 * @example
 * sg.schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 500 })(0); // 0.004
 */
export const oneCycle = schedule<
  OneCycleSettings,
  [
    maxLearningRate: number,
    totalSteps: number,
    pctStart?: number | null,
    annealStrategy?: 'cos' | 'linear' | null,
    divFactor?: number | null,
    finalDivFactor?: number | null,
  ]
>(
  'OneCycle',
  {
    maxLearningRate: required(amount()),
    totalSteps: required(count()),
    pctStart: share(0.3),
    annealStrategy: given<'cos' | 'linear'>("'cos' or 'linear'", (v) => v === 'cos' || v === 'linear', 'cos'),
    divFactor: positive(25),
    finalDivFactor: positive(10000),
  },
  (s) => {
    const [top, peak, last] = [s.maxLearningRate, s.pctStart * s.totalSteps - 1, s.totalSteps - 1];
    const low = top / s.divFactor;
    const ease = (from: number, to: number, part: number): number =>
      s.annealStrategy === 'cos' ? mix(to, from, cosine(part)) : mix(from, to, part);
    return (t) => {
      if (t < peak) return ease(low, top, t / peak);
      const from = Math.max(peak, 0);
      return t >= last ? low / s.finalDivFactor : ease(top, low / s.finalDivFactor, (t - from) / (last - from));
    };
  },
);

const byName: Readonly<Record<string, (config: never) => Schedule>> = {
  constant,
  timeBased,
  stepBased,
  exponential,
  exponentialDecay,
  inverseTimeDecay,
  piecewiseConstantDecay,
  polynomialDecay,
  cosineDecay,
  cosineDecayRestarts,
  warmup,
  oneCycle,
};

/**
 * A schedule as settings. Functions of your own must be registered with `sg.serialization.registerClass`.
 * @throws ArgumentError for a function that is not registered
 * @example
 * sg.schedules.serialize(sg.schedules.constant(0.01)); // { className: 'Constant', config: { learningRate: 0.01 } }
 */
export function serialize(rate: Schedule | ((t: number) => number)): SerializedSchedule {
  if (typeof rate !== 'function')
    throw new ArgumentError(`schedules.serialize: needs a schedule or a function, got ${show(rate)}`);
  if ('className' in rate) return { className: rate.className, config: rate.getConfig() };
  const className = nameOf(rate);
  if (className === undefined)
    throw new ArgumentError(
      'schedules.serialize: a function has no settings; make it known by sg.serialization.registerClass(fn, undefined, name)',
    );
  return { className, config: {} };
}

/**
 * A schedule from its settings.
 * @throws ArgumentError for an unknown name, or settings that do not fit
 * @example
 * sg.schedules.deserialize({ className: 'Constant', config: { learningRate: 0.01 } })(5); // 0.01
 */
export function deserialize(serialized: SerializedSchedule): Schedule | ((t: number) => number) {
  const { className, config } = checked('schedules.deserialize', SERIALIZED, serialized);
  const own = registered(className);
  if (own) return own as (t: number) => number;
  const nested = config.schedule as SerializedSchedule | number | undefined;
  const made = typeof nested === 'object' ? { ...config, schedule: deserialize(nested) } : config;
  return within('schedules.deserialize', () =>
    lookUp(byName, className, 'schedule', 'schedules.deserialize')(made as never),
  );
}
