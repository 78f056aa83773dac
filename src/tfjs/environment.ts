/** Flags of the library and the runtime, asked for as in TensorFlow.js. */

import { getThreads } from '../runtime/threads';
import { ArgumentError } from '../support/errors';
import type { WebRequestInit, WebResponse } from '../support/web';
import { watchResults } from './debug';

/** Value of a flag. */
export type FlagValue = number | boolean | string;
/** Values of flags by name. */
export type Flags = Record<string, FlagValue>;

const runtime = globalThis as {
  readonly process?: { readonly versions?: { readonly node?: string } };
  readonly document?: unknown;
};
const isNode = runtime.process?.versions?.node !== undefined;

/** Values of the flags in this library. */
const KNOWN: Readonly<Record<string, () => FlagValue>> = {
  DEBUG: () => false,
  PROD: () => false,
  IS_BROWSER: () => runtime.document !== undefined,
  IS_NODE: () => isNode,
  IS_CHROME: () => /Chrome/.test(globalThis.navigator?.userAgent ?? ''),
  IS_SAFARI: () => /Safari/.test(globalThis.navigator?.userAgent ?? '') && !/Chrome/.test(navigator.userAgent),
  DEPRECATION_WARNINGS_ENABLED: () => true,
  TENSORLIKE_CHECK_SHAPE_CONSISTENCY: () => true,
  WASM_HAS_SIMD_SUPPORT: () => true,
  WASM_HAS_MULTITHREAD_SUPPORT: () => getThreads() > 1,
};

/** Flags of backends that are not here: they can be set, which changes nothing, and are false until then. */
const ELSEWHERE =
  /^(WEBGL|WEBGPU|CPU|CANVAS2D|WASM|IS_TEST|KEEP_INTERMEDIATE|CHECK_COMPUTATION|WRAP_TO_IMAGEBITMAP|USE_SETTIMEOUTCUSTOM|ENGINE_COMPILE)/;

/** The runtime's clock, network and text encoding. */
const platform = {
  now: (): number => performance.now(),
  fetch: (path: string, init?: WebRequestInit): Promise<WebResponse> => fetch(path, init),
  encode: (text: string): Uint8Array => new TextEncoder().encode(text),
  decode: (bytes: Uint8Array, encoding: string): string => new TextDecoder(encoding).decode(bytes),
};

/** Flags of the library, as `sg.env()` returns them. */
export class Environment {
  readonly #set = new Map<string, FlagValue>();
  /** The runtime's clock, network and text encoding. */
  readonly platform = platform;

  /** 'node' (Deno and Bun too) or 'browser'. */
  readonly platformName = isNode ? 'node' : 'browser';

  /** Every known flag with its value. */
  get features(): Flags {
    return this.getFlags();
  }

  /**
   * The value of a flag.
   * @throws ArgumentError for a name that neither the library nor TensorFlow.js has
   */
  get(name: string): FlagValue {
    const value = this.#set.get(name) ?? KNOWN[name]?.();
    if (value !== undefined) return value;
    if (ELSEWHERE.test(name)) return false;
    throw new ArgumentError(`env: there is no flag '${name}'; flags are ${Object.keys(KNOWN).join(', ')}`);
  }

  /** `get`, as a promise. */
  async getAsync(name: string): Promise<FlagValue> {
    return this.get(name);
  }

  /** The value of a flag as a number. @throws as `get` */
  getNumber(name: string): number {
    return Number(this.get(name));
  }

  /** The value of a flag as true or false. @throws as `get` */
  getBool(name: string): boolean {
    return Boolean(this.get(name));
  }

  /** The value of a flag as a string. @throws as `get` */
  getString(name: string): string {
    return String(this.get(name));
  }

  /**
   * Sets a flag. `DEBUG` does what `enableDebugMode` does; the others are stored and change nothing.
   * @throws ArgumentError for a name that neither the library nor TensorFlow.js has
   */
  set(name: string, value: FlagValue): void {
    this.get(name);
    this.#set.set(name, value);
    if (name === 'DEBUG') watchResults(Boolean(value));
  }

  /** Values of all known flags, and of those that were set. */
  getFlags(): Flags {
    const known = Object.entries(KNOWN).map(([name, value]) => [name, value()] as const);
    return Object.fromEntries([...known, ...this.#set]);
  }

  /** Sets several flags. @throws as `set` */
  setFlags(flags: Flags): void {
    for (const [name, value] of Object.entries(flags)) this.set(name, value);
  }

  /** Resets every flag to its initial value. */
  reset(): void {
    this.#set.clear();
    watchResults(false);
  }
}

/** The flags of the library; the same as `sg.env()`. */
export const ENV = new Environment();

/**
 * The flags of the library, as TensorFlow.js has them: few of them matter here.
 * @example
 * sg.env().getBool('WASM_HAS_SIMD_SUPPORT'); // true
 */
export const env = (): Environment => ENV;

/**
 * Sets the flag `PROD`. It changes nothing: arguments are always checked, because the checks are cheap.
 * @example
 * sg.enableProdMode();
 */
export const enableProdMode = (): void => ENV.set('PROD', true);

/**
 * From here on, NaN and infinities in the results of eager ops are reported on the console. Slow.
 * @example
 * sg.enableDebugMode();
 * sg.env().set('DEBUG', false);
 */
export const enableDebugMode = (): void => ENV.set('DEBUG', true);

/**
 * Silences `deprecationWarn`.
 * @example
 * sg.disableDeprecationWarnings();
 */
export const disableDeprecationWarnings = (): void => ENV.set('DEPRECATION_WARNINGS_ENABLED', false);

/**
 * Warns on the console that something is deprecated, unless such warnings are disabled.
 * @example
 * sg.deprecationWarn('f is deprecated; use g');
 */
export function deprecationWarn(msg: string): void {
  if (ENV.getBool('DEPRECATION_WARNINGS_ENABLED')) console.warn(msg);
}
