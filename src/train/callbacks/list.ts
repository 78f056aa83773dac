/** Callbacks as one, and functions as a callback. */
import { checkFunction } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { nearest, unknown } from '../../support/names';
import { isPlainObject } from '../../support/plain-object';
import { Callback, type CallbackArgs, type CallbackTarget, type Logs } from './callback';

/** Events with the logs alone, and with the number of the epoch or batch before them. */
const WITH_LOGS = ['onTrainBegin', 'onTrainEnd', 'onTestBegin', 'onTestEnd'] as const;
const BATCHES = ['onBatchBegin', 'onBatchEnd', 'onTrainBatchBegin', 'onTrainBatchEnd'] as const;
const WITH_COUNT = ['onEpochBegin', 'onEpochEnd', ...BATCHES, 'onTestBatchBegin', 'onTestBatchEnd'] as const;

type LogsEvent = (typeof WITH_LOGS)[number];
type CountEvent = (typeof WITH_COUNT)[number];

/** Keras' name of an event that TensorFlow.js calls otherwise. */
const ALIASES: Partial<Record<CountEvent, CountEvent>> = {
  onBatchBegin: 'onTrainBatchBegin',
  onBatchEnd: 'onTrainBatchEnd',
};

const KNOWN: readonly string[] = [...WITH_LOGS, ...WITH_COUNT, 'onYield', 'setModel', 'setParams'];

/** A callback, or a list of callbacks and lists. */
export type Callbacks = CallbackArgs | readonly Callbacks[];

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Programs pass these where there is nothing to call: null, `{}`, an object whose functions are all null. */
const isNothing = (value: unknown): boolean =>
  isAbsent(value) || (isPlainObject(value) && Object.values(value).every(isAbsent));

/** A promise holds no functions; TensorFlow.js takes it for a callback without any. */
function isPromise(value: unknown): boolean {
  if (!(value instanceof Promise)) return false;
  console.warn('callbacks: a promise is not a callback and is ignored; await it first');
  return true;
}

const proposal = (event: string): string => {
  const meant = nearest(event, KNOWN);
  return meant ? `; did you mean '${meant}'?` : '';
};

/** Why a value is not a callback; undefined if it is one. */
function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `${String(value).slice(0, 40)} is no object`;
  const functions = value as Readonly<Record<string, unknown>>;
  const wrong = KNOWN.find((name) => !isAbsent(functions[name]) && typeof functions[name] !== 'function');
  if (wrong !== undefined) return `${wrong} is no function`;
  // Classes may have further functions.
  const unknown =
    isPlainObject(value) &&
    Object.keys(value).find((k) => /^on[A-Z]/.test(k) && !KNOWN.includes(k) && !isAbsent(value[k]));
  if (unknown) return `there is no event '${unknown}'${proposal(unknown)}`;
  return KNOWN.some((name) => name in value) ? undefined : 'it has no function for any event';
}

/** Calls a list of callbacks in turn, each before the next. */
export class CallbackList {
  /** The callbacks, in the order in which they are called. */
  readonly callbacks: CallbackArgs[] = [];

  /** @throws ArgumentError for a value that is not a callback */
  constructor(callbacks: readonly Callbacks[] = []) {
    this.append(callbacks);
  }

  /**
   * Adds a callback, or a list of them.
   * @throws ArgumentError for a value that is not a callback; nothing was added then
   */
  append(callback: Callbacks): void {
    const all = ([callback] as unknown[]).flat(Number.POSITIVE_INFINITY).filter((c) => !isNothing(c) && !isPromise(c));
    const fault = all.map(faultOf).find((f) => f !== undefined);
    if (fault !== undefined)
      throw new ArgumentError(
        `callbacks: ${fault}; needs what sg.callbacks makes, or objects with some of ${KNOWN.join(', ')}`,
      );
    const isLast = (c: CallbackArgs): boolean => c instanceof Callback && c.isLast;
    const given = [...this.callbacks.splice(0), ...(all as CallbackArgs[])];
    this.callbacks.push(...given.filter((c) => !isLast(c)), ...given.filter(isLast));
  }

  /** Passes the model to all callbacks. */
  setModel(model: CallbackTarget): void {
    for (const c of this.callbacks) {
      c.setModel?.(model);
      if (c instanceof Callback) c.setPeers(this.callbacks);
    }
  }

  /** Passes the settings of the training to all callbacks. */
  setParams(params: Readonly<Record<string, unknown>>): void {
    for (const c of this.callbacks) c.setParams?.(params);
  }

  /** Ends a training, also one that failed: callbacks free what they hold for it. @internal */
  letGo(): void {
    for (const c of this.callbacks) if (c instanceof Callback) c.letGo();
  }

  /** Whether no callback listens to the batches of a training, so that `fit` need not stop for them. @internal */
  get ignoresBatches(): boolean {
    return !this.hears(...BATCHES);
  }

  /** Whether any callback listens to one of the events. @internal */
  hears(...events: readonly (keyof CallbackArgs)[]): boolean {
    const own = Callback.prototype as CallbackArgs;
    return this.callbacks.some((c) => events.some((e) => c[e] && c[e] !== own[e]));
  }

  /** Calls a function for each callback, one after the other. */
  async each(call: (c: CallbackArgs) => void | Promise<void> | undefined): Promise<void> {
    for (const c of this.callbacks) {
      const pending = call(c);
      if (pending) await pending;
    }
  }

  /**
   * Calls all callbacks for an event. `onBatchBegin` and `onBatchEnd` also reach `onTrainBatchBegin` and
   * `onTrainBatchEnd`.
   * @example
   * const list = new sg.CallbackList([sg.callbacks.terminateOnNaN()]);
   * await list.tell('onEpochEnd', 0, { loss: 0.5 });
   */
  tell(event: LogsEvent, logs?: Logs): Promise<void>;
  tell(event: CountEvent, count: number, logs?: Logs): Promise<void>;
  async tell(event: LogsEvent | CountEvent, ...given: unknown[]): Promise<void> {
    const other = ALIASES[event as CountEvent];
    const args = WITH_LOGS.includes(event as LogsEvent) ? [given[0] ?? {}] : [given[0], given[1] ?? {}];
    for (const c of this.callbacks) {
      for (const name of other ? [event, other] : [event]) {
        const pending = (c[name] as ((...args: unknown[]) => void | Promise<void>) | undefined)?.apply(c, args);
        if (pending) await pending;
      }
    }
  }

  // As TensorFlow.js has them.
  /** Calls `onTrainBegin` of all callbacks. */
  onTrainBegin = (logs?: Logs): Promise<void> => this.tell('onTrainBegin', logs);
  /** Calls `onTrainEnd` of all callbacks. */
  onTrainEnd = (logs?: Logs): Promise<void> => this.tell('onTrainEnd', logs);
  /** Calls `onEpochBegin` of all callbacks. */
  onEpochBegin = (epoch: number, logs?: Logs): Promise<void> => this.tell('onEpochBegin', epoch, logs);
  /** Calls `onEpochEnd` of all callbacks. */
  onEpochEnd = (epoch: number, logs?: Logs): Promise<void> => this.tell('onEpochEnd', epoch, logs);
  /** Calls `onBatchBegin` and `onTrainBatchBegin` of all callbacks. */
  onBatchBegin = (batch: number, logs?: Logs): Promise<void> => this.tell('onBatchBegin', batch, logs);
  /** Calls `onBatchEnd` and `onTrainBatchEnd` of all callbacks. */
  onBatchEnd = (batch: number, logs?: Logs): Promise<void> => this.tell('onBatchEnd', batch, logs);
}

/** A callback of functions; in those that are no arrow functions `this` is the callback, with `model` and `params`. */
export class CustomCallback extends Callback implements CallbackArgs {
  /** @throws ArgumentError for an unknown name, or a value that is not a function */
  constructor(functions: CallbackArgs) {
    super();
    if (!isPlainObject(functions))
      throw new ArgumentError(
        'callbacks.lambda: needs an object of functions; of a class, give the instance itself to fit, without lambda',
      );
    for (const [name, value] of Object.entries(functions)) {
      if (isAbsent(value)) continue;
      if (!KNOWN.includes(name)) throw unknown('callbacks.lambda', 'event', name, KNOWN);
      checkFunction(value, 'callbacks.lambda', name);
    }
    Object.assign(this, Object.fromEntries(Object.entries(functions).filter(([, value]) => !isAbsent(value))));
  }
}
