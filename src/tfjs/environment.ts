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

/** What is true here. */
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

/** Flags of the library: `sg.env()`. */
export class Environment {
  readonly #set = new Map<string, FlagValue>();
  readonly platform = platform;

  /** 'node' (Deno and Bun too) or 'browser'. */
  readonly platformName = isNode ? 'node' : 'browser';

  /** Every known flag with its value. */
  get features(): Flags {
    return this.getFlags();
  }

  /** The value of a flag. @throws ArgumentError for a name that no version of the library or of TensorFlow.js has */
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

  /** The value of a flag as a number. */
  getNumber(name: string): number {
    return Number(this.get(name));
  }

  /** The value of a flag as true or false. */
  getBool(name: string): boolean {
    return Boolean(this.get(name));
  }

  /** The value of a flag as text. */
  getString(name: string): string {
    return String(this.get(name));
  }

  /**
   * Sets a flag. `DEBUG` acts as `enableDebugMode`; the others are kept, and change nothing.
   * @throws ArgumentError for a name that no version of the library or of TensorFlow.js has
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

  /** Sets several flags. */
  setFlags(flags: Flags): void {
    for (const [name, value] of Object.entries(flags)) this.set(name, value);
  }

  /** Gives every flag the value that it had at first. */
  reset(): void {
    this.#set.clear();
    watchResults(false);
  }
}

/** The flags of the library. */
export const ENV = new Environment();

/** The flags of the library, as TensorFlow.js has them: few of them matter here. */
export const env = (): Environment => ENV;

/** Sets the flag `PROD`. Nothing is left out for it: the checks of arguments are cheap, and stay. */
export const enableProdMode = (): void => ENV.set('PROD', true);

/** From here on, NaN and infinities in the result of an op that runs at once are reported on the console. Slow. */
export const enableDebugMode = (): void => ENV.set('DEBUG', true);

/** Silences `deprecationWarn`. */
export const disableDeprecationWarnings = (): void => ENV.set('DEPRECATION_WARNINGS_ENABLED', false);

/** Warns on the console of something that will be gone one day, unless such warnings are disabled. */
export function deprecationWarn(msg: string): void {
  if (ENV.getBool('DEPRECATION_WARNINGS_ENABLED')) console.warn(msg);
}
