/** The settings that all optimizers share. */
import { ArgumentError } from '../../support/errors';
import {
  amount,
  count,
  flag,
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

/** A rate, a schedule, a function of the step, or a serialized schedule. */
export type LearningRate = number | Schedule | ((t: number) => number) | SerializedSchedule;

/** Settings by name. */
export type Table = Record<string, Setting<unknown>>;

/** Settings of all optimizers. */
export interface OptimizerArgs {
  /** Decoupled weight decay: each step first subtracts rate · weightDecay of the weight; none by default. */
  weightDecay?: number | null;
  /** Clips every element of the gradients to [-clipValue, clipValue]; none by default. Excludes the other clips. */
  clipValue?: number | null;
  /** Scales the gradient of each variable to at most this norm; none by default. Excludes the other clips. */
  clipNorm?: number | null;
  /** Scales all gradients together to at most this norm; none by default. Excludes the other clips. */
  globalClipNorm?: number | null;
  /** Whether running averages of the weights are kept; `fit` ends with them. Default false. */
  useEma?: boolean | null;
  /** Momentum of the running averages; default 0.99. */
  emaMomentum?: number | null;
  /** The averages replace the weights after every so many steps; never by default. */
  emaOverwriteFrequency?: number | null;
  /** A step is made every so many calls, with the mean of their gradients; default 1. */
  gradientAccumulationSteps?: number | null;
}

/** The table of an optimizer's own settings: exactly those of its interface. */
export type TableOf<A> = {
  readonly [K in Exclude<keyof A, keyof OptimizerArgs>]-?: Setting<Exclude<A[K], null | undefined>>;
};

export const COMMON = {
  weightDecay: amount(),
  clipValue: positive(),
  clipNorm: positive(),
  globalClipNorm: positive(),
  useEma: flag(false),
  emaMomentum: share(0.99),
  emaOverwriteFrequency: count(),
  gradientAccumulationSteps: count(),
} satisfies { readonly [K in keyof OptimizerArgs]-?: Setting<OptimizerArgs[K]> };

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

/** A variable, a part of its name, or an expression that matches its name. */
export type VariablePattern = Variable | string | RegExp;

export const matches = (patterns: readonly VariablePattern[], v: Variable): boolean =>
  patterns.some((p) =>
    p instanceof Variable ? p === v : typeof p === 'string' ? v.name.includes(p) : v.name.search(p) >= 0,
  );
