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

  /** Bits of a float. */
  floatPrecision(): 16 | 32 {
    return 32;
  }

  /** Blocks of memory that hold tensors and programs. */
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

/** Nothing has to be awaited: importing the library is all the set-up. Resolves at once. */
export const ready = (): Promise<void> => relieved(undefined);

/**
 * Whether the library computes by what is asked for: true for 'wasm'. For other names, false, and a warning once for
 * each: nothing changes, the results are the same everywhere.
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

/** The name of what computes: 'wasm'. */
export const getBackend = (): string => NAME;

/** What computes, for its own name; else null. */
export const findBackend = (name: string): Backend | null => (name === NAME ? only : null);

/** What computes. */
export const backend = (): Backend => only;

/** What `engine().state` tells. */
export interface EngineState {
  readonly numTensors: number;
  readonly numDataBuffers: number;
  readonly numBytes: number;
  /** Living variables by name; of several with one name, the youngest. */
  readonly registeredVariables: Readonly<Record<string, object>>;
}

/** Scopes and numbers of tensors, as far as TensorFlow.js' engine has them for programs. */
export class Engine {
  readonly backend = only;
  readonly backendName = NAME;

  /** Begins a scope, as the begin of a `tidy` does. @param _name ignored */
  startScope(_name?: string): void {
    openScope();
  }

  /** Ends the innermost scope: what was made in it is disposed of, but what `result` holds and what is kept. */
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

  /** Resolves at once: nothing has to be awaited. */
  ready(): Promise<void> {
    return ready();
  }

  /** Names of what can compute: 'wasm'. */
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

  /** Numbers of tensors, blocks of memory and variables, and bytes. */
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

/** Scopes and numbers of tensors: `sg.engine().startScope()`. */
export const engine = (): Engine => one;

/** Disposes of every living variable, weights of layers among them. */
export function disposeVariables(): void {
  for (const variable of livingVariables()) variable.dispose();
}
