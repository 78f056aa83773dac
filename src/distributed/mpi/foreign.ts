/** Functions of libraries written in C, in Node (by the package koffi), Deno and Bun: what MPI needs of them, and no more. */
import { RuntimeSupportError } from '../../support/errors';
import { loadBuiltin, loadPackage } from '../../support/optional-modules';

/** The type of a result or parameter: an int, or an address or another word of 64 bits. Numbers are exact up to 2^53. */
export type Kind = 'int' | 'word';

/** By name, the types of parameters and the result. */
export type Signatures = Readonly<Record<string, readonly [result: Kind, ...parameters: Kind[]]>>;
export type Functions<S extends Signatures> = { readonly [name in keyof S]: (...args: number[]) => number };

export interface Foreign {
  /** The functions of a library. @throws what the runtime throws if it, or one of them, is missing */
  open<S extends Signatures>(path: string, signatures: S): Functions<S>;
  /** Where the bytes are; it stays as long as their buffer. */
  addressOf(bytes: Uint8Array<ArrayBufferLike>): number;
}

type Call = (...args: number[]) => number | bigint;

/** Words may be bigints in some runtimes. */
const numbered =
  (call: Call) =>
  (...args: number[]): number =>
    Number(call(...args));

/** Each function by `bind`; those that return an int are left as the runtime has made them. */
function bound<S extends Signatures>(
  signatures: S,
  bind: (name: string, result: Kind, parameters: readonly Kind[]) => Call,
): Functions<S> {
  const entries = Object.entries(signatures).map(([name, [result, ...parameters]]) => {
    const call = bind(name, result, parameters);
    return [name, result === 'int' ? call : numbered(call)] as const;
  });
  return Object.fromEntries(entries) as Functions<S>;
}

interface Koffi {
  load(path: string): { func(name: string, result: string, parameters: readonly string[]): Call };
}

/** What this module and its neighbors ask of a runtime. */
export interface Process {
  readonly platform?: string;
  readonly versions?: { readonly node?: string };
  readonly env?: Readonly<Record<string, string | undefined>>;
  on(event: string, listener: (value: unknown) => void): void;
}

/** The process, as Node, Deno and Bun have it. */
export const thisProcess = (): Process | undefined => (globalThis as unknown as { process?: Process }).process;

export const isMac = (): boolean => thisProcess()?.platform === 'darwin';

/** The C library of this system. */
export const libc = (): string => (isMac() ? '/usr/lib/libSystem.B.dylib' : 'libc.so.6');

async function inNode(): Promise<Foreign> {
  let koffi: Koffi;
  try {
    koffi = (await loadPackage<{ default: Koffi }>('koffi')).default;
  } catch (cause) {
    throw new RuntimeSupportError(
      'mpi: Node calls libraries through the package koffi; install it: npm install koffi',
      {
        cause,
      },
    );
  }
  const types = { int: 'int', word: 'int64' };
  // What it copies nothing to is where it was.
  const copy = koffi.load(libc()).func('memcpy', 'int64', ['void *', 'int64', 'int64']) as unknown as (
    to: Uint8Array,
    from: number,
    bytes: number,
  ) => number;
  return {
    open: (path, signatures) => {
      const library = koffi.load(path);
      return bound(signatures, (name, result, parameters) =>
        library.func(
          name,
          types[result],
          parameters.map((p) => types[p]),
        ),
      );
    },
    addressOf: (bytes) => Number(copy(bytes, 0, 0)),
  };
}

interface Deno {
  dlopen(
    path: string,
    symbols: Record<string, { result: string; parameters: string[] }>,
  ): { symbols: Record<string, Call> };
  readonly UnsafePointer: { of(bytes: Uint8Array): object; value(pointer: object): number | bigint };
}

function inDeno({ dlopen, UnsafePointer }: Deno): Foreign {
  const types = { int: 'i32', word: 'i64' };
  return {
    open: (path, signatures) => {
      const wanted = Object.entries(signatures).map(([name, [result, ...parameters]]) => {
        return [name, { result: types[result], parameters: parameters.map((p) => types[p]) }] as const;
      });
      const { symbols } = dlopen(path, Object.fromEntries(wanted));
      return bound(signatures, (name) => symbols[name] as Call);
    },
    addressOf: (bytes) => Number(UnsafePointer.value(UnsafePointer.of(bytes))),
  };
}

interface Bun {
  dlopen(path: string, symbols: Record<string, { returns: string; args: string[] }>): { symbols: Record<string, Call> };
  ptr(bytes: Uint8Array): number;
}

async function inBun(): Promise<Foreign> {
  const { dlopen, ptr } = await loadBuiltin<Bun>('bun:ffi');
  const types = { int: 'i32', word: 'i64' };
  return {
    open: (path, signatures) => {
      const wanted = Object.entries(signatures).map(([name, [result, ...parameters]]) => {
        return [name, { returns: types[result], args: parameters.map((p) => types[p]) }] as const;
      });
      const { symbols } = dlopen(path, Object.fromEntries(wanted));
      return bound(signatures, (name) => symbols[name] as Call);
    },
    addressOf: ptr,
  };
}

/** @throws RuntimeSupportError in runtimes that cannot call libraries, or where what that takes is not installed */
export async function foreign(): Promise<Foreign> {
  const host = globalThis as { Deno?: Deno; Bun?: unknown };
  if (host.Deno) return inDeno(host.Deno);
  if (host.Bun) return inBun();
  if (thisProcess()?.versions?.node) return inNode();
  throw new RuntimeSupportError('mpi: this runtime cannot call libraries; Node, Deno and Bun can');
}
