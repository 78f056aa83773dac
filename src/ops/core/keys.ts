/** Seeds and keys: which stream of random numbers a draw takes. */
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { Seed } from '../../tensor/draws';
import { currentGraph, type Graph } from '../../tensor/graph';
import type { RandomKey } from '../descriptors/randomness';

/** The library's own seed; the time of loading until `setSeed` is called. */
let globalSeed: Seed = splitSeed(Date.now());
/** Draws from it outside of compiled programs, and owners of programs. */
let draws = 0;
let owners = 0;

/** A seed as two 32-bit words; text is folded with the FNV-1a hash. @throws ArgumentError for NaN and infinities */
export function splitSeed(seed: number | string): [number, number] {
  if (typeof seed === 'string') {
    let hash = 0x811c9dc5;
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
    return [hash >>> 0, seed.length];
  }
  if (!Number.isFinite(seed)) throw new ArgumentError(`seed must be a finite number or a string, got ${show(seed)}`);
  const bits = new DataView(new ArrayBuffer(8));
  // Integers keep their value in the low word; others differ through their bit pattern.
  if (Number.isInteger(seed) && Math.abs(seed) <= Number.MAX_SAFE_INTEGER)
    return [seed >>> 0, Math.floor(seed / 4294967296) >>> 0];
  bits.setFloat64(0, seed);
  return [bits.getUint32(4), bits.getUint32(0)];
}

/**
 * Makes everything random from here on repeatable: initial weights, shuffling, dropout, random tensors. The same calls
 * after the same seed return the same bits, in every runtime and with any number of threads. Random layers, models and
 * functions of `jit` take their seed when they are made and count their calls from then on: set the seed before.
 * @throws ArgumentError for NaN and infinities
 * @example
 * sg.setSeed(42);
 * const a = sg.randomNormal([3]);
 * sg.setSeed(42);
 * const b = sg.randomNormal([3]); // the same numbers
 */
export function setSeed(seed: number | string): void {
  if (seed === undefined || seed === null)
    throw new ArgumentError(`setSeed: seed must be a finite number or a string, got ${seed}`);
  checkSeed(seed, 'setSeed');
  globalSeed = splitSeed(seed);
  draws = 0;
  owners = 0;
}

/** A seed as users pass it; without one the library's own is used. */
export type Seeding = number | string | null | undefined;

/** @throws ArgumentError unless a seed is a finite number, a string, null or undefined */
export function checkSeed(seed: unknown, where: string): void {
  const isNone = seed === undefined || seed === null;
  if (!isNone && !Number.isFinite(seed) && typeof seed !== 'string')
    throw new ArgumentError(`${where}: seed must be a finite number or a string, got ${show(seed)}`);
}

/** A seed for the programs of one owner: of the library's seed and a running number of owners. */
export function ownSeed(): Seed {
  owners++;
  return [(globalSeed[0] + Math.imul(owners, 0x9e3779b1)) >>> 0, (globalSeed[1] ^ 0x85ebca6b) >>> 0];
}

/**
 * The key of the next draw: of the given seed alone; in a program of the program's seed and the draw's place in it;
 * else of the library's seed and a running number.
 */
export function nextKey(seed?: number | string | null): RandomKey {
  if (seed !== undefined && seed !== null) return { seed: splitSeed(seed), stream: 0 };
  const graph = currentGraph();
  if (!graph || graph.isOnce) return { seed: globalSeed, stream: ++draws };
  // A trace without a source of keys is never run: it only finds shapes.
  return graph.draws ? { seed: graph.draws.seed, stream: graph.draws.nextStream() } : { seed: globalSeed, stream: 0 };
}

/** Two words of a seed, stream, calls. */
export type DrawsState = readonly [number, number, number, number];

/** Random numbers of a layer: new ones in each call. Its n-th call draws the same bits as the n-th run of a program. */
export class Draws {
  #key: RandomKey;
  #calls = 0;
  /** Calls in the programs that are being traced: each has a separate stream. */
  readonly #traced = new WeakMap<Graph, number>();

  constructor(seed?: number | string | null) {
    this.#key = nextKey(seed);
  }

  /** Its seed, its stream, and the calls made outside of programs. */
  get state(): DrawsState {
    const { seed, stream } = this.#key;
    return [seed[0], seed[1], stream, this.#calls];
  }

  /** Programs that were traced before keep what they draw. */
  set state([low, high, stream, calls]: DrawsState) {
    this.#key = { seed: [low, high], stream };
    this.#calls = calls;
  }

  /** The key of a call. Programs that run again and again count their steps themselves. */
  next(): RandomKey {
    let graph = currentGraph();
    if (!graph || graph.isOnce) return { ...this.#key, step: this.#calls++ };
    while (graph.parent) graph = graph.parent;
    const before = this.#traced.get(graph) ?? 0;
    this.#traced.set(graph, before + 1);
    return { ...this.#key, stream: (this.#key.stream + Math.imul(before, 0x9e3779b1)) >>> 0 };
  }
}
