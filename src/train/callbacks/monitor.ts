/** Watches one value of the logs. */
import { lookUp } from '../../layers/identifiers';
import { ArgumentError } from '../../runtime/errors';
import type { Logs } from './callback';

export type MonitorMode = 'auto' | 'min' | 'max';

export interface MonitorArgs {
  /** Key of the logs; default 'val_loss'. */
  monitor?: string;
  /** What a change has to exceed to count; its sign does not matter. */
  minDelta?: number;
  /** Epochs without an improvement that are borne. */
  patience?: number;
  /** What is better: 'min' the smaller, 'max' the larger value; 'auto' (default) goes by the name. */
  mode?: MonitorMode;
  /** 1: tells of it on the console; default 0. */
  verbose?: number;
}

/** Names of what grows as a model gets better. */
const GROWING = /acc|auc|precision|recall|sensitivity|specificity|f1|fbeta|iou|r2|correlation|true(pos|neg)/i;
const SIGNS = { auto: 0, min: -1, max: 1 };

/** @throws ArgumentError unless it is a number >= min, or whole where it has to be */
export function checkSetting(where: string, name: string, value: number, isWhole = false, min = 0): number {
  if (!(value >= min) || (isWhole && !Number.isInteger(value)))
    throw new ArgumentError(`${where}: ${name} must be a ${isWhole ? 'whole ' : ''}number >= ${min}, got ${value}`);
  return value;
}

/** One value of the logs and the best of it so far. */
export class Monitor {
  best: number | undefined;
  readonly key: string;
  readonly #sign: number;
  readonly #minDelta: number;

  /** @throws ArgumentError */
  constructor(
    readonly where: string,
    args: MonitorArgs,
    minDelta: number,
  ) {
    this.key = args.monitor ?? 'val_loss';
    this.#minDelta = checkSetting(where, 'minDelta', Math.abs(args.minDelta ?? minDelta));
    this.#sign = lookUp(SIGNS, args.mode ?? 'auto', 'mode', where) || (GROWING.test(this.key) ? 1 : -1);
  }

  /**
   * The value of an epoch; undefined if `validationFreq` leaves out its validation.
   * @throws ArgumentError that lists what there is
   */
  read(epoch: number, logs: Logs, { validationFreq = 1 }: Readonly<Record<string, unknown>>): number | undefined {
    const value = logs[this.key];
    if (value !== undefined) return value;
    const isValidation = this.key.startsWith('val_');
    const isDue = Array.isArray(validationFreq)
      ? validationFreq.includes(epoch + 1)
      : (epoch + 1) % (validationFreq as number) === 0;
    if (isValidation && !isDue) return undefined;
    throw new ArgumentError(
      `${this.where}: there is no '${this.key}' in the logs; there are ${Object.keys(logs).join(', ') || 'none'}${
        isValidation ? ' (fit needs validationData or validationSplit for val_ values)' : ''
      }`,
    );
  }

  /** Whether a value is better than another by more than minDelta; NaN never is, and anything beats nothing. */
  isBetter(value: number, than: number | undefined): boolean {
    return this.#sign * value - this.#minDelta > (than === undefined ? -Infinity : this.#sign * than);
  }

  /** Takes a value on if it is better than the best. */
  improves(value: number): boolean {
    const isBetter = this.isBetter(value, this.best);
    if (isBetter) this.best = value;
    return isBetter;
  }
}
