/** Seeds, and tensors of random numbers. */

import { Distribution } from '../../assembly/isa';
import { checkFinite, show } from '../runtime/arguments';
import { ArgumentError } from '../runtime/errors';
import { checkDType, type DType } from '../tensor/dtype';
import { currentGraph, type Graph } from '../tensor/graph';
import { tidy, untracked } from '../tensor/scope';
import { checkShape, type Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { cast, round } from './arithmetic';
import type { RandomKey } from './descriptors/randomness';
import { apply } from './dispatch';

/** The library's own seed; the time of loading until `setSeed` is called. */
let globalSeed: readonly [number, number] = splitSeed(Date.now());
let draws = 0;

/** A seed as two 32-bit words; text is folded with the FNV-1a hash. @throws ArgumentError for NaN and infinities */
export function splitSeed(seed: number | string): [number, number] {
  if (typeof seed === 'string') {
    let hash = 0x811c9dc5;
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
    return [hash >>> 0, seed.length];
  }
  if (!Number.isFinite(seed)) throw new ArgumentError(`seed must be a finite number or a string, got ${show(seed)}`);
  const bits = new DataView(new ArrayBuffer(8));
  // Whole numbers keep their value in the low word; others differ through their bit pattern.
  if (Number.isInteger(seed) && Math.abs(seed) <= Number.MAX_SAFE_INTEGER)
    return [seed >>> 0, Math.floor(seed / 4294967296) >>> 0];
  bits.setFloat64(0, seed);
  return [bits.getUint32(4), bits.getUint32(0)];
}

/**
 * Makes all that is random from here on repeatable: initial weights, shuffling, dropout, random tensors.
 * The same calls after the same seed give the same bits, in every runtime and with any number of threads. Random layers
 * take their seed when they are made, and count their calls from then on: make them after it.
 */
export function setSeed(seed: number | string): void {
  if (seed === undefined || seed === null)
    throw new ArgumentError(`setSeed: seed must be a finite number or a string, got ${seed}`);
  checkSeed(seed, 'setSeed');
  globalSeed = splitSeed(seed);
  draws = 0;
}

/** Runs `fn`; what is drawn afterwards is what would be drawn without it. */
export function keepDraws<T>(fn: () => T): T {
  const before = draws;
  try {
    return fn();
  } finally {
    draws = before;
  }
}

/** @throws ArgumentError unless a seed is a finite number or a text; where none is needed, null and undefined are none */
export function checkSeed(seed: unknown, where: string): void {
  const isNone = seed === undefined || seed === null;
  if (!isNone && !Number.isFinite(seed) && typeof seed !== 'string')
    throw new ArgumentError(`${where}: seed must be a finite number or a string, got ${show(seed)}`);
}

/** The key of the next draw: of the given seed alone, or of the library's seed and a running number. */
export function nextKey(seed?: number | string | null): RandomKey {
  if (seed !== undefined && seed !== null) return { seed: splitSeed(seed), stream: 0 };
  return { seed: globalSeed, stream: ++draws };
}

/** What a layer draws: something new in each call. Its n-th call gives the bits of the n-th run of a program. */
export class Draws {
  readonly #key: RandomKey;
  #calls = 0;
  /** Calls in the programs that are being traced: each has a stream of its own. */
  readonly #traced = new WeakMap<Graph, number>();

  constructor(seed?: number | string | null) {
    this.#key = nextKey(seed);
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

function draw(
  where: string,
  kind: Distribution,
  shape: Shape,
  p: number,
  q: number,
  given: DType | null | undefined,
  seed: number | string | null | undefined,
): Tensor {
  checkShape(shape, where);
  const isInt = kind === Distribution.uniformInt;
  const dtype = checkDType(given, where, isInt ? 'int32' : 'float32');
  checkSeed(seed, where);
  const key = nextKey(seed);
  const make = (): Tensor =>
    apply('random', [], { ...key, shape: [...shape], kind, p, q, dtype: isInt ? 'int32' : 'float32' });
  if (dtype === (isInt ? 'int32' : 'float32')) return make();
  // A normal number becomes the nearest integer; a uniform one stays inside its interval.
  const isNormal = kind === Distribution.normal || kind === Distribution.truncatedNormal;
  return tidy(() => cast(dtype === 'int32' && isNormal ? round(make()) : make(), dtype));
}

/** Uniform numbers of [minval, maxval). */
export const randomUniform = (
  shape: Shape,
  minval?: number | null,
  maxval?: number | null,
  dtype?: DType | null,
  seed?: number | string | null,
): Tensor =>
  draw(
    'randomUniform',
    Distribution.uniform,
    shape,
    checkFinite(minval, 'randomUniform', 'minval', 0),
    checkFinite(maxval, 'randomUniform', 'maxval', 1),
    dtype,
    seed,
  );

/** Normal numbers. */
export const randomNormal = (
  shape: Shape,
  mean?: number | null,
  stdDev?: number | null,
  dtype?: DType | null,
  seed?: number | string | null,
): Tensor =>
  draw(
    'randomNormal',
    Distribution.normal,
    shape,
    checkFinite(mean, 'randomNormal', 'mean', 0),
    checkFinite(stdDev, 'randomNormal', 'stdDev', 1),
    dtype,
    seed,
  );

/** Normal numbers no further than two standard deviations from the mean. */
export const truncatedNormal = (
  shape: Shape,
  mean?: number | null,
  stdDev?: number | null,
  dtype?: DType | null,
  seed?: number | string | null,
): Tensor =>
  draw(
    'truncatedNormal',
    Distribution.truncatedNormal,
    shape,
    checkFinite(mean, 'truncatedNormal', 'mean', 0),
    checkFinite(stdDev, 'truncatedNormal', 'stdDev', 1),
    dtype,
    seed,
  );

/** Whole numbers of [minval, maxval), int32. */
export const randomUniformInt = (shape: Shape, minval: number, maxval: number, seed?: number | string | null): Tensor =>
  draw(
    'randomUniformInt',
    Distribution.uniformInt,
    shape,
    checkFinite(minval, 'randomUniformInt', 'minval'),
    checkFinite(maxval, 'randomUniformInt', 'maxval'),
    'int32',
    seed,
  );

/** Uniform numbers of [0, 1) that a key determines, and in a model the step. */
export const uniformOf = (key: RandomKey, shape: Shape): Tensor =>
  apply('random', [], { ...key, shape: [...shape], kind: Distribution.uniform, p: 0, q: 1, dtype: 'float32' });

/** Normal numbers that a key determines, and in a model the step. */
export const normalOf = (key: RandomKey, shape: Shape, mean: number, stddev: number): Tensor =>
  apply('random', [], { ...key, shape: [...shape], kind: Distribution.normal, p: mean, q: stddev, dtype: 'float32' });

/** 0 to count - 1 in a random order (Fisher and Yates' shuffle). */
export function permutationOf(key: RandomKey, count: number): Int32Array {
  const numbers = untracked(() => uniformOf(key, [count]));
  const u = numbers.dataSync();
  numbers.dispose();
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((u[i] as number) * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
