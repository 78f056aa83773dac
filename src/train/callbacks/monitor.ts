/** Watches one value of the logs. */
import { ArgumentError } from '../../support/errors';
import { lookUp } from '../../support/names';
import * as is from '../../support/settings';
import type { CallbackTarget, Logs } from './callback';

/** Whether smaller ('min') or larger ('max') values are better; 'auto' decides by the metric. */
export type MonitorMode = 'auto' | 'min' | 'max';

/** Settings of callbacks that watch a value of the logs. */
export interface MonitorArgs {
  /** Name of the value; default 'val_loss'. */
  monitor?: string;
  /** Smallest change that counts as an improvement; default 0 (reduceLROnPlateau: 0.0001). Its sign is ignored. */
  minDelta?: number;
  /** Epochs without improvement before the callback acts; default 0 (reduceLROnPlateau: 10). */
  patience?: number;
  /** The direction of improvement: 'min' smaller, 'max' larger values; 'auto' (default) decides by the metric. */
  mode?: MonitorMode;
  /** 1: prints to the console when it acts; default 0. */
  verbose?: number | boolean;
}

/** Settings of callbacks that watch a value. */
export const MONITOR = {
  monitor: is.text('val_loss'),
  minDelta: is.real(0),
  patience: is.natural(0),
  mode: is.text('auto'),
  verbose: is.verbosity(0),
};

/** As a word: 'acc', 'my_accuracy', 'pixelAcc', but not 'accident'. */
const ACCURACY = /(?:^|_)acc(?:uracy)?(?![a-z])|Acc(?:uracy)?(?![a-z])/;
const MODES = { auto: 0, min: -1, max: 1 };
const DIRECTIONS = { up: 1, down: -1 };

/** 1 if a key of the logs grows as the model gets better, -1 if it falls, 0 if nobody knows. */
function signOf(key: string, { metricsNames = [], metrics = [] }: Partial<CallbackTarget> = {}): number {
  const name = key.replace(/^val_/, '');
  if (/^(.*_)?loss$/.test(name)) return -1;
  // Names of metrics come last.
  const direction = metrics[metricsNames.indexOf(name) + metrics.length - metricsNames.length]?.direction;
  return direction ? DIRECTIONS[direction] : ACCURACY.test(name) ? 1 : 0;
}

/** One value of the logs and the best of it so far. */
export class Monitor {
  best: number | undefined;
  readonly key: string;
  #sign: number;
  #model: CallbackTarget | undefined;
  readonly #minDelta: number;

  /** @throws ArgumentError */
  constructor(
    readonly where: string,
    { monitor, mode, minDelta = 0 }: { readonly monitor: string; readonly mode: string; readonly minDelta?: number },
  ) {
    this.key = monitor;
    this.#minDelta = Math.abs(minDelta);
    this.#sign = lookUp(MODES, mode, 'mode', where);
  }

  /** Looks at the model that is trained. @throws ArgumentError if it has such a metric, but which direction is better is unknown */
  begin(model: CallbackTarget | undefined): void {
    this.#model = model;
    if (model?.metricsNames?.includes(this.key.replace(/^val_/, ''))) this.#settle();
  }

  #settle(): void {
    this.#sign ||= signOf(this.key, this.#model);
    if (this.#sign === 0)
      throw new ArgumentError(
        `${this.where}: whether a larger '${this.key}' is better is unknown; give mode: 'min' or 'max'`,
      );
  }

  /**
   * The value of an epoch; undefined if `validationFreq` leaves out its validation.
   * @throws ArgumentError that lists the logged names; also if the better direction is unknown
   */
  read(epoch: number, logs: Logs, { validationFreq = 1 }: Readonly<Record<string, unknown>>): number | undefined {
    const value = logs[this.key];
    if (value !== undefined) {
      this.#settle();
      return value;
    }
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
