/** The settings that all optimizers share. */
import { ArgumentError } from '../../support/errors';
import {
  amount,
  count,
  flag,
  type Given,
  given,
  isSerialized,
  positive,
  readSettings,
  required,
  type Setting,
  share,
} from '../../support/settings';
import { Variable } from '../../tensor/variable';
import type { Schedule, SerializedSchedule } from '../schedules';

/** A rate, or a function of the step: a schedule, or one of your own. */
export type LearningRate = number | Schedule | ((t: number) => number) | SerializedSchedule;

export type Table = Record<string, Setting<unknown>>;

export const COMMON = {
  weightDecay: amount(),
  clipValue: positive(),
  clipNorm: positive(),
  globalClipNorm: positive(),
  useEma: flag(false),
  emaMomentum: share(0.99),
  emaOverwriteFrequency: count(),
  gradientAccumulationSteps: count(),
};

/** Settings of an optimizer as one object. */
export type Options<T, E = unknown> = Given<T> & Given<E> & Given<typeof COMMON>;

const isRate = (v: unknown): boolean => amount().fits(v) || typeof v === 'function' || isSerialized(v);

export const rate = (initial?: number): Setting<LearningRate> => {
  const setting = given<LearningRate>('a finite number >= 0 or a schedule', isRate);
  return initial === undefined ? required(setting) : { ...setting, initial };
};

export interface Read {
  readonly values: Readonly<Record<string, unknown>>;
  /** Settings of the table, and others that differ from their defaults. */
  config(): Record<string, unknown>;
}

/** @throws ArgumentError */
export function readOptions(where: string, table: Table, extras: Table, args: readonly unknown[]): Read {
  const all: Table = { ...table, ...extras };
  const values = readSettings(where, all, args) as Record<string, unknown>;
  const limits = ['clipValue', 'clipNorm', 'globalClipNorm'].filter((name) => values[name] !== undefined);
  if (limits.length > 1) throw new ArgumentError(`${where}: ${limits.join(' and ')} exclude each other; give one`);
  return {
    values,
    config: () =>
      Object.fromEntries(
        Object.entries(values).filter(([name, v]) => name in table || v !== (all[name] as Setting<unknown>).initial),
      ),
  };
}

/** A variable, or what its name contains or matches. */
export type Pattern = Variable | string | RegExp;

export const matches = (patterns: readonly Pattern[], v: Variable): boolean =>
  patterns.some((p) =>
    p instanceof Variable ? p === v : typeof p === 'string' ? v.name.includes(p) : v.name.search(p) >= 0,
  );

/** What a factory takes: the arguments of its class. */
export type Args<C extends new (...args: never[]) => unknown> = ConstructorParameters<C>;
/** Settings by name, or the rate alone. */
export type First<C extends new (...args: never[]) => unknown> = Args<C>[0];
