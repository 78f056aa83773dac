/**
 * `sg.schedules`: learning rates as functions of t. Given to an optimizer, t counts its steps from 0; given to the
 * callback `learningRateScheduler`, t counts epochs. The same bits in every runtime.
 */
import { nameOf, registered } from '../layers/base/names';
import { engine } from '../runtime/engine';
import { show, within } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import { lookUp } from '../support/names';
import {
  amount,
  checked,
  count,
  flag,
  type Given,
  given,
  positive,
  readSettings,
  real,
  required,
  SERIALIZED,
  type Setting,
  share,
  type Values,
} from '../support/settings';

/** A rate as a function of the step, or of the epoch. */
export interface Schedule {
  (t: number): number;
  readonly className: string;
  getConfig(): Record<string, unknown>;
}

/** A schedule as configurations hold it. */
export interface SerializedSchedule {
  readonly className: string;
  readonly config: Record<string, unknown>;
}

const { pow, exp, cosPi } = engine.scalars;

type Factory<T> = (first?: Given<T> | Values<T>[keyof T], ...rest: Values<T>[keyof T][]) => Schedule;

/** A factory whose settings come by position or as one object. */
const schedule =
  <T extends Record<string, Setting<unknown>>>(
    className: string,
    table: T,
    make: (settings: Values<T>, where: string) => (t: number) => number,
  ): Factory<T> =>
  (...args) => {
    const where = `schedules.${className[0]?.toLowerCase()}${className.slice(1)}`;
    const settings = readSettings(where, table, args);
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
 * The same rate throughout.
 * @example
 * sg.schedules.constant(0.01)(100); // 0.01
 */
export const constant = schedule('Constant', { learningRate: required(amount()) }, (s) => () => s.learningRate);

/** initialLearningRate / (1 + k t) */
export const timeBased = schedule(
  'TimeBased',
  { initialLearningRate, k: required(amount()) },
  (s) => (t) => s.initialLearningRate / (1 + s.k * t),
);

/** initialLearningRate drop^floor((1 + t) / epochsDrop): a drop after every `epochsDrop` epochs. */
export const stepBased = schedule(
  'StepBased',
  { initialLearningRate, drop: amount(0.5), epochsDrop: positive(10) },
  (s) => (t) => s.initialLearningRate * pow(s.drop, Math.floor((1 + t) / s.epochsDrop)),
);

/** initialLearningRate e^(-k t) */
export const exponential = schedule(
  'Exponential',
  { initialLearningRate, k: required(amount()) },
  (s) => (t) => s.initialLearningRate * exp(-s.k * t),
);

/**
 * initialLearningRate decayRate^(t / decaySteps); with `staircase` the exponent is rounded down.
 * @example
 * sg.train.adam({ learningRate: sg.schedules.exponentialDecay(0.01, 1000, 0.9) });
 */
export const exponentialDecay = schedule(
  'ExponentialDecay',
  { initialLearningRate, decaySteps, decayRate: required(amount()), staircase: flag(false) },
  (s) => (t) => s.initialLearningRate * pow(s.decayRate, step(t / s.decaySteps, s.staircase)),
);

/** initialLearningRate / (1 + decayRate t / decaySteps); with `staircase` the quotient is rounded down. */
export const inverseTimeDecay = schedule(
  'InverseTimeDecay',
  { initialLearningRate, decaySteps, decayRate: required(amount()), staircase: flag(false) },
  (s) => (t) => s.initialLearningRate / (1 + s.decayRate * step(t / s.decaySteps, s.staircase)),
);

const numbers = (must: string): Setting<readonly number[]> =>
  required(given(must, (v) => Array.isArray(v) && v.every((x) => real().fits(x))));

/**
 * values[i] as long as t <= boundaries[i], and the last value from then on.
 * @throws ArgumentError unless there is one value more than boundaries, which ascend
 * @example
 * sg.schedules.piecewiseConstantDecay([1000, 2000], [0.1, 0.01, 0.001]);
 */
export const piecewiseConstantDecay = schedule(
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
 * (initialLearningRate - endLearningRate) (1 - t / decaySteps)^power + endLearningRate, and the end from there on.
 * With `cycle` it starts anew instead: decaySteps grows to its next multiple that t does not exceed.
 */
export const polynomialDecay = schedule(
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
 * Half a cosine from initialLearningRate to `alpha` of it (Loshchilov and Hutter, 2016). With `warmupTarget`, a line
 * from initialLearningRate to that within warmupSteps comes first, and the cosine falls from there.
 */
export const cosineDecay = schedule(
  'CosineDecay',
  { initialLearningRate, decaySteps, alpha: amount(0), warmupTarget: amount(), warmupSteps: amount(0) },
  (s) => (t) => {
    const { warmupTarget, alpha } = s;
    const warm = warmupTarget === undefined ? 0 : s.warmupSteps;
    if (warmupTarget !== undefined && t < warm) return mix(s.initialLearningRate, warmupTarget, t / warm);
    const part = cosine(Math.min(t - warm, s.decaySteps) / s.decaySteps);
    return (warmupTarget ?? s.initialLearningRate) * ((1 - alpha) * part + alpha);
  },
);

/**
 * Cosines that start anew (SGDR; Loshchilov and Hutter, 2016): the first lasts firstDecaySteps, each next one tMul
 * times as long, from mMul times as high.
 */
export const cosineDecayRestarts = schedule(
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
 * A line from initialLearningRate to the first rate of another schedule (or a number), which follows with t counted
 * from the end of the line.
 * @example
 * sg.schedules.warmup({ schedule: sg.schedules.cosineDecay(0.01, 9000), warmupSteps: 1000 });
 */
export const warmup = schedule(
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
 * Up to maxLearningRate within pctStart of totalSteps and down again (Smith and Topin, 2017): from max / divFactor, to
 * that divided by finalDivFactor, each along half a cosine, or a line.
 * @example
 * sg.schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 500 });
 */
export const oneCycle = schedule(
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
 * A schedule as settings. Functions of your own are known by the name that `sg.serialization.registerClass` gave them.
 * @throws ArgumentError for a function that has no such name
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

/** A schedule from its settings. @throws ArgumentError for an unknown name, or settings that do not fit */
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
