/** The one instance of the module: runs programs, holds the memory, knows how many threads take part. */
import { instantiateSync } from '@assemblyscript/loader';
import { plain } from '#wasm';
import { Control } from '../../assembly/isa';
import { MAX_PAGES, Memory } from './memory';

export interface Kernels extends Record<string, unknown> {
  /** Runs the program at an address; returns the fault, 0 if none. */
  run(program: number, threads: number, mayWait: boolean): number;
  /** A worker's loop; never returns. */
  work(thread: number, seen: number): void;
  expF64(x: number): number;
  powF64(x: number, y: number): number;
  cosPiF64(x: number): number;
}

const INITIAL_PAGES = 16;

/** `env` of the module; the kernels are built without assertions, so `abort` is never reached. */
export const imports = (memory: WebAssembly.Memory): { env: Record<string, unknown> } => ({
  env: { memory, abort: () => undefined },
});

class Engine {
  #kernels: Kernels;
  readonly memory: Memory;
  #shared: WebAssembly.Memory | undefined;
  #threads = 1;
  readonly #mayWait = mayWait();

  constructor() {
    const wasm = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_PAGES });
    this.#kernels = instantiateSync<Kernels>(plain, imports(wasm)).exports;
    this.memory = new Memory(wasm, Control.end);
  }

  /** Threads that walk each program. Plans made for another number are stale. */
  get threads(): number {
    return this.#threads;
  }

  /** Runs an encoded program on the first `threads` threads; returns the fault, 0 if none. */
  run(program: number, threads: number): number {
    return this.#kernels.run(program, threads, this.#mayWait);
  }

  /** Functions on f64 that have the same bits in every runtime, for what the host computes; see `assembly/scalars.ts`. */
  readonly scalars = {
    exp: (x: number): number => this.#kernels.expF64(x),
    /** NaN for x < 0. */
    pow: (x: number, y: number): number => this.#kernels.powF64(x, y),
    /** cos(pi x) */
    cosPi: (x: number): number => this.#kernels.cosPiF64(x),
  };

  /** The shared memory, once there is one. */
  get sharedMemory(): WebAssembly.Memory | undefined {
    return this.#shared;
  }

  /** Puts a module with shared memory in the place of the present one; tensors keep their addresses. */
  adopt(kernels: Kernels, shared: WebAssembly.Memory): void {
    this.memory.moveTo(shared);
    this.#kernels = kernels;
    this.#shared = shared;
  }

  /** Programs run from here on are shared with count - 1 workers. */
  useThreads(count: number): void {
    this.#threads = count;
  }
}

/** A browser's main thread may not sleep: it polls. */
const mayWait = (): boolean => typeof (globalThis as { document?: unknown }).document === 'undefined';

export const engine = new Engine();
