/** The one instance of the module: runs programs, holds the memory, and knows which workers take part. */
import { instantiateSync } from '@assemblyscript/loader';
import { Control, Fault, Sharing } from '../../assembly/isa';
import { RuntimeSupportError, StateError } from '../support/errors';
import { enforce, type Seat } from './control';
import type { Delegate, Outcome } from './delegate';
import { MAX_PAGES, Memory } from './memory';
import { ScratchArea } from './scratch';

export interface Kernels extends Record<string, unknown> {
  /** Runs the program at an address; returns the fault, 0 if none. */
  run(program: number, sharing: Sharing, mayWait: boolean): number;
  expF64(x: number): number;
  powF64(x: number, y: number): number;
  cosPiF64(x: number): number;
  widen(from: number, to: number, end: number, isBrain: boolean): void;
  digestWords(lanes: number, from: number, groups: number): void;
}

const INITIAL_PAGES = 16;

/** `env` of the module; the kernels are built without assertions, so `abort` is never reached. */
export const imports = (memory: WebAssembly.Memory): { env: Record<string, unknown> } => ({
  env: { memory, abort: () => undefined },
});

/** @throws RuntimeSupportError where pages or workers may not compile, with what to do there */
function instantiated(module: Uint8Array<ArrayBuffer> | WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  try {
    return instantiateSync<Kernels>(module, imports(memory)).exports;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (/content.security.policy|unsafe-eval|\bCSP\b/i.test(reason))
      throw new RuntimeSupportError(
        "samegrad: the Content-Security-Policy of this page forbids WebAssembly; add 'wasm-unsafe-eval' to its script-src",
        { cause },
      );
    if (/disallowed by embedder/i.test(reason))
      throw new RuntimeSupportError(
        "samegrad: this runtime compiles no WebAssembly from bytes; bundle with the condition 'workerd', or import samegrad/dist/workerd/index.js, which takes the kernels as a module",
        { cause },
      );
    throw cause;
  }
}

const missing = (): never => {
  throw new StateError("samegrad: no kernels are loaded; import 'samegrad' or 'samegrad/predict' as well");
};
const NO_KERNELS = new Proxy({} as Kernels, { get: () => missing });

class Engine {
  #kernels = NO_KERNELS;
  /** Whether the kernels are all that there are. */
  #isComplete = false;
  #wasm: WebAssembly.Memory;
  readonly memory: Memory;
  #seats: readonly Seat[] = [];
  /** Of the scratch: the caller's, and one for each slot up to the last that is taken. */
  #parts = 1;
  readonly #scratch: ScratchArea;
  /** Whether this thread may sleep until workers have finished. */
  readonly mayWait = mayWait();
  /** Who has set the number of threads: they start by themselves unless somebody has. */
  threadsSetBy: 'library' | 'user' | undefined;

  constructor() {
    this.#wasm = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_PAGES });
    this.memory = new Memory(this.#wasm, Control.end);
    this.#scratch = new ScratchArea(this.memory);
  }

  /**
   * Replaces the kernels, unless the present ones can do as much: entries bring the kernels that their programs need.
   * @param isComplete whether they are all that there are
   * @throws RuntimeSupportError where pages or workers may not compile
   */
  equip(module: Uint8Array<ArrayBuffer> | WebAssembly.Module, isComplete: boolean): void {
    if (this.#isComplete || (this.#kernels !== NO_KERNELS && !isComplete)) return;
    this.#kernels = instantiated(module, this.#wasm);
    this.#isComplete = isComplete;
  }

  /** Threads that compute, the calling one included. */
  get threads(): number {
    return this.#seats.length + 1;
  }

  /** Runs programs while this thread, which must not be held up, awaits them. */
  delegate: Delegate | undefined;
  /** The program that the delegate runs. */
  #delegated: Promise<Outcome> | undefined;

  /** Called when workers that may still write were left by a run: they must lose access to the memory. */
  abandon: () => void = () => undefined;

  /** Runs an encoded program, whose scratch is held; returns the fault, 0 if none. */
  run(program: number, sharing: Sharing): number {
    let fault = Fault.WorkerLost;
    this.memory.awaitReturn?.();
    // A thread that has to poll shares only with workers that were asked for.
    const shares = this.#seats.length > 0 && (this.mayWait || this.threadsSetBy === 'user');
    try {
      fault = this.#kernels.run(program, shares ? sharing : Sharing.none, this.mayWait);
    } finally {
      this.#scratch.free();
      // A stack that overflows ends a run without waiting for the workers.
      if (fault === Fault.WorkerLost && this.#seats.length) this.abandon();
    }
    return fault;
  }

  /** As `run`, but by the delegate, while this thread is free. `isAside` must be false. */
  async runAside(program: number, sharing: Sharing): Promise<Outcome> {
    const running = (this.delegate as Delegate).run(program, this.#seats.length ? sharing : Sharing.none, this.memory);
    this.#delegated = running;
    const outcome = await running;
    this.#delegated = undefined;
    this.#scratch.free();
    if (outcome.fault === Fault.WorkerLost) this.abandon();
    return outcome;
  }

  /** Whether the delegate runs a program. */
  get isAside(): boolean {
    return this.#delegated !== undefined;
  }

  /** Resolves when what the delegate runs now has ended. Others may have waited too: ask `isAside` again. */
  async idle(): Promise<void> {
    await this.#delegated;
  }

  /** Functions on f64 that have the same bits in every runtime, for what the host computes; see `assembly/math/scalars.ts`. */
  readonly scalars = {
    exp: (x: number): number => this.#kernels.expF64(x),
    /** NaN for x < 0. */
    pow: (x: number, y: number): number => this.#kernels.powF64(x, y),
    /** cos(pi x) */
    cosPi: (x: number): number => this.#kernels.cosPiF64(x),
  };

  /** What the module exports. */
  get kernels(): Kernels {
    this.memory.awaitReturn?.();
    return this.#kernels;
  }

  /** Makes room for the scratch of a program, for each thread; lasts until it has run. @throws OutOfMemoryError */
  holdScratch(bytes: number): void {
    if (bytes > 0 && this.#scratch.hold(bytes, this.#parts)) this.#publishScratch();
  }

  /** Puts workers in force, none or some; between two runs, at any time. */
  seat(seats: readonly Seat[]): void {
    this.memory.awaitReturn?.();
    this.#seats = seats;
    this.#parts = 1 + Math.max(0, ...seats.map(({ slot }) => slot));
    enforce(this.#wasm, seats);
  }

  /**
   * Puts an instance with other memory in the place of the present one, without workers; tensors keep their addresses.
   * @throws OutOfMemoryError; nothing has changed then
   */
  adopt(kernels: Kernels, wasm: WebAssembly.Memory, maximum: number): void {
    this.memory.moveTo(wasm, maximum);
    this.#wasm = wasm;
    this.#kernels = kernels;
    this.#isComplete = true;
    this.#publishScratch();
    this.seat([]);
  }

  #publishScratch(): void {
    const { u32 } = this.memory;
    u32[Control.scratch / 4] = this.#scratch.address;
    u32[Control.scratchStride / 4] = this.#scratch.stride;
  }
}

/** A browser's main thread may not sleep: it polls. */
const mayWait = (): boolean => typeof (globalThis as { document?: unknown }).document === 'undefined';

export const engine = new Engine();
