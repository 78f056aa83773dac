/** Calls with wrong arguments, and what has to hold after each. */
import * as sg from '../../src/index';
import { type Canaries, type Draw, isPlain, Junk } from './junk';

/** Something that is called: a function or a method of an object. */
export interface Subject {
  /** As in the list of public names: `image.resizeBilinear`, `Optimizer.minimize`. */
  readonly name: string;
  /** Words of which an error's message has to hold one; but that memory is exhausted, or
   * that a tensor is no number, is told without a name. */
  readonly called: readonly string[];
  /** True: the recipe's arguments are wrong on purpose, as right ones would take a whole training. */
  readonly isWrong: boolean;
  /** What is called, with right arguments; `close` lets go of it. */
  open(): Opened;
}

export interface Opened {
  call(...args: readonly unknown[]): unknown;
  args(): readonly unknown[];
  close(): void;
  /** How often it is called before it is closed. */
  readonly times: number;
}

/** What went wrong. */
export interface Finding {
  readonly name: string;
  readonly kind: 'raw error' | 'unnamed' | 'memory' | 'canary' | 'hang' | 'recipe';
  readonly text: string;
}

export interface Walked {
  readonly calls: number;
  readonly errors: number;
  readonly findings: readonly Finding[];
}

/** A short text of any value. */
export function show(value: unknown, depth = 0): string {
  if (value instanceof sg.Tensor)
    return `${value.constructor.name}[${value.shape}]${value.dtype}${value.isDisposed ? '!' : ''}`;
  if (Array.isArray(value))
    return depth > 2 ? '[…]' : `[${Array.from(value.slice(0, 6), (v) => show(v, depth + 1)).join(', ')}]`;
  if (isPlain(value))
    return depth > 2
      ? '{…}'
      : `{${Object.entries(value)
          .map(([k, v]) => `${k}: ${show(v, depth + 1)}`)
          .join(', ')}}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return String(value).slice(0, 40);
  if (typeof value === 'object' && value !== null)
    return `${Object.getPrototypeOf(value)?.constructor?.name ?? 'null-object'}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Tensors, and what can be disposed of, in a result. */
function letGo(value: unknown, spare: ReadonlySet<unknown>, depth = 0): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || spare.has(value) || depth > 4)
    return;
  if (value instanceof sg.SymbolicTensor) {
    letGo(value.source.layer, spare, depth + 1);
  } else if (typeof (value as { dispose?: unknown }).dispose === 'function') {
    try {
      (value as { dispose(): void }).dispose();
    } catch {
      // An argument that was disposed of by the call.
    }
  } else if (Array.isArray(value)) for (const v of value) letGo(v, spare, depth + 1);
  else if (isPlain(value)) for (const v of Object.values(value)) letGo(v, spare, depth + 1);
}

/** All objects inside of arguments: results that are one of them are not disposed of twice. */
function gather(value: unknown, into: Set<unknown>, depth = 0): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || depth > 4) return;
  into.add(value);
  if (Array.isArray(value)) for (const v of value) gather(v, into, depth + 1);
  else if (isPlain(value)) for (const v of Object.values(value)) gather(v, into, depth + 1);
}

/** Intermediates of a layer's own `call` belong to the caller's scope. */
const UNSCOPED = /^(Layer|Model)\.(call|computeMask|computeOutputShape)$|^(Regularizer|Constraint)\.apply$/;

/** What leaves programs behind in caches of the library, which let go by themselves. */
const KEEPS_PROGRAMS = /grad|minimize|diagnose|findLearningRate|World\.reduce/i;

const PATIENCE = 20_000;
const late = Symbol('late');

const settled = (promise: PromiseLike<unknown>): Promise<unknown> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(() => resolve(late), PATIENCE);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
};

interface Counts {
  readonly numTensors: number;
  readonly numDataBuffers: number;
}

const counts = (): Counts => {
  const { numTensors, numDataBuffers, numBytes } = sg.memory();
  if (!Number.isSafeInteger(numBytes) || numBytes < 0) throw new Error(`memory() counts ${numBytes} bytes`);
  return { numTensors, numDataBuffers };
};

export class Walk {
  readonly #findings: Finding[] = [];
  #calls = 0;
  #errors = 0;

  constructor(
    readonly draw: Draw,
    readonly canaries: Canaries,
    /** True: each call is printed before it is made, to find one that never returns. */
    readonly isLoud = false,
  ) {}

  get walked(): Walked {
    return { calls: this.#calls, errors: this.#errors, findings: this.#findings };
  }

  #report(name: string, kind: Finding['kind'], text: string): void {
    this.#findings.push({ name, kind, text });
  }

  /** Opens the subject, calls it rightly once and then wrongly, closes it; memory has to be as before. */
  async visit(subject: Subject): Promise<void> {
    const before = counts();
    const opened = subject.open();
    const trail: string[] = [];
    for (let i = 0; i < opened.times; i++) {
      const made = await this.#once(subject, opened, opened.args());
      trail.push(made);
    }
    opened.close();
    const after = counts();
    // Programs of gradients and single ops are kept for later calls.
    const isKept = KEEPS_PROGRAMS.test(subject.name);
    const isWrong =
      // Fewer: what was lost earlier, by a caller's own scope, has been collected.
      after.numTensors > before.numTensors || (!isKept && after.numDataBuffers > before.numDataBuffers);
    if (isWrong && !UNSCOPED.test(subject.name))
      this.#report(
        subject.name,
        'memory',
        `${after.numTensors - before.numTensors} tensors, ${after.numDataBuffers - before.numDataBuffers} blocks more after ${trail.join('; ')}`,
      );
    const fault = this.canaries.fault();
    if (fault) {
      this.#report(subject.name, 'canary', `${fault} after ${trail.join('; ')}`);
      throw new Error(`the canaries are gone: ${subject.name}: ${fault} after ${trail.join('; ')}`);
    }
  }

  /** The right call of a recipe. @throws what it throws */
  async right(subject: Subject): Promise<void> {
    const opened = subject.open();
    const args = opened.args();
    const spare = new Set<unknown>();
    gather(args, spare);
    try {
      letGo(await opened.call(...args), spare);
    } finally {
      letGo(args, new Set());
      opened.close();
    }
  }

  async #once(subject: Subject, opened: Opened, args: readonly unknown[]): Promise<string> {
    const junk = new Junk(this.draw, this.canaries);
    const spoiled = junk.spoil(args);
    const text = `${subject.name}(${spoiled.map((a) => show(a)).join(', ')})`;
    if (this.isLoud) process.stderr.write(`${text}\n`);
    this.#calls++;
    const spare = new Set<unknown>();
    gather(args, spare);
    gather(spoiled, spare);
    try {
      const result = opened.call(...spoiled);
      const value = isPromise(result) ? await settled(result) : result;
      if (value === late) this.#report(subject.name, 'hang', text);
      else letGo(value, spare);
    } catch (error) {
      this.#errors++;
      this.#judge(subject, text, error, spare);
    }
    letGo(args, new Set());
    junk.dispose();
    return text;
  }

  #judge(subject: Subject, text: string, error: unknown, spare: ReadonlySet<unknown>): void {
    // An error that was an argument comes back as it is.
    if (spare.has(error)) return;
    if (!(error instanceof sg.SamegradError)) {
      const at = error instanceof Error ? (error.stack ?? '').split('\n').find((l) => l.includes('/src/')) : '';
      this.#report(subject.name, 'raw error', `${String(error)}${at ?? ''} <= ${text}`);
    } else if (
      !(error instanceof sg.OutOfMemoryError) &&
      !/^a tensor is no number/.test(error.message) &&
      !subject.called.some((word) => error.message.toLowerCase().includes(word.toLowerCase()))
    )
      this.#report(subject.name, 'unnamed', `${error.message} <= ${text}`);
  }
}

const isPromise = (v: unknown): v is PromiseLike<unknown> =>
  typeof v === 'object' && v !== null && typeof (v as { then?: unknown }).then === 'function';
