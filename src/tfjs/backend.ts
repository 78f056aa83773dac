/** What computes. TensorFlow.js lets the program choose; here it is WebAssembly, in every runtime. */

import { engine as module } from '../runtime/engine';
import { relieved } from '../runtime/pressure';
import { checkText } from '../support/arguments';
import { type MemoryInfo, memory } from '../tensor/lifetime';
import { closeScope, keep, openScope, tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { livingVariables } from '../tensor/variable';

const NAME = 'wasm';

/** The only backend: kernels in WebAssembly. */
export class Backend {
  /** The smallest number that makes a difference in divisions that must not be by zero: 1e-7. */
  epsilon(): number {
    return 1e-7;
  }

  /** Bits of a floating-point number. */
  floatPrecision(): 16 | 32 {
    return 32;
  }

  /** Number of blocks of memory that hold tensors and programs. */
  numDataIds(): number {
    return memory().numDataBuffers;
  }

  /** Bytes in use. */
  memory(): { unreliable: boolean; numBytes: number } {
    return { unreliable: false, numBytes: module.memory.bytesInUse };
  }
}

const only = new Backend();
const warned = new Set<string>();

/**
 * Resolves immediately: importing the library is all the setup. For programs written for TensorFlow.js.
 * @example
 * await sg.ready();
 */
export const ready = (): Promise<void> => relieved(undefined);

/**
 * Whether the library computes with the named backend: true for 'wasm'. For other names it returns false and warns once
 * for each: nothing changes, the results are the same everywhere.
 * @throws ArgumentError unless the name is a string; the promise is rejected
 * @example
 * await sg.setBackend('wasm'); // true
 */
export async function setBackend(backendName: string): Promise<boolean> {
  if (checkText(backendName, 'setBackend', 'backendName') === NAME) return true;
  if (!warned.has(backendName)) {
    warned.add(backendName);
    console.warn(
      `setBackend('${backendName}'): samegrad computes in WebAssembly ('${NAME}') in every runtime, with the same bits; there is no other backend`,
    );
  }
  return false;
}

/**
 * Name of the backend: 'wasm'.
 * @example
 * sg.getBackend(); // 'wasm'
 */
export const getBackend = (): string => NAME;

/**
 * The backend if it has the given name, else null.
 * @example
 * sg.findBackend('webgl'); // null
 */
export const findBackend = (name: string): Backend | null => (name === NAME ? only : null);

/**
 * The backend: kernels in WebAssembly.
 * @example
 * sg.backend().epsilon(); // 1e-7
 */
export const backend = (): Backend => only;

/** What `engine().state` returns. */
export interface EngineState {
  /** Tensors and variables that hold memory. */
  readonly numTensors: number;
  /** Blocks of memory that hold tensors and programs. */
  readonly numDataBuffers: number;
  /** Bytes in use. */
  readonly numBytes: number;
  /** Living variables by name; of several with one name, the youngest. */
  readonly registeredVariables: Readonly<Record<string, object>>;
}

/** Scopes and counts of tensors, as programs use them of TensorFlow.js' engine. */
export class Engine {
  /** The only backend. */
  readonly backend = only;
  /** 'wasm'. */
  readonly backendName = NAME;

  /**
   * Starts a scope, as `tidy` does.
   * @param _name ignored.
   */
  startScope(_name?: string): void {
    openScope();
  }

  /** Ends the innermost scope: disposes of tensors made in it, except those in `result` and kept ones. */
  endScope(result?: unknown): void {
    closeScope(result);
  }

  /** `sg.tidy`. */
  tidy<T>(nameOrFn: string | (() => T), fn?: () => T): T {
    return tidy(nameOrFn, fn);
  }

  /** `sg.memory`. */
  memory(): MemoryInfo {
    return memory();
  }

  /** Resolves immediately. */
  ready(): Promise<void> {
    return ready();
  }

  /** Names of the backends: ['wasm']. */
  backendNames(): string[] {
    return [NAME];
  }

  /** `sg.findBackend`. */
  findBackend(name: string): Backend | null {
    return findBackend(name);
  }

  /** `sg.setBackend`. */
  setBackend(name: string): Promise<boolean> {
    return setBackend(name);
  }

  /** `sg.keep`. */
  keep<T extends Tensor>(result: T): T {
    return keep(result);
  }

  /** `sg.disposeVariables`. */
  disposeVariables(): void {
    disposeVariables();
  }

  /** Counts of tensors, blocks of memory and variables, and bytes. */
  get state(): EngineState {
    const { numTensors, numDataBuffers, numBytes } = memory();
    return { numTensors, numDataBuffers, numBytes, registeredVariables: this.registeredVariables };
  }

  /** Living variables by name; of several with one name, the youngest. */
  get registeredVariables(): Readonly<Record<string, object>> {
    return Object.fromEntries(livingVariables().map((variable) => [variable.name, variable]));
  }
}

const one = new Engine();

/**
 * Scopes and counts of tensors, for programs written for TensorFlow.js.
 * @example
 * sg.engine().startScope();
 * const y = sg.ones([2]).square();
 * sg.engine().endScope(y); // disposes of the ones
 */
export const engine = (): Engine => one;

/**
 * Disposes of every living variable, including weights of layers.
 * @example
 * const w = sg.variable(sg.ones([2]));
 * sg.disposeVariables();
 * w.isDisposed; // true
 */
export function disposeVariables(): void {
  for (const variable of livingVariables()) variable.dispose();
}
