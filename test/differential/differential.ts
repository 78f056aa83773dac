/**
 * The differential run: the same calls on samegrad and on TensorFlow.js' cpu backend, over seeded random shapes,
 * settings and types. Both libraries name functions and arguments alike, so that a call is written once.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
// For the gradients that it registers; methods of tensors it does not, so that calls are functions of the kit.
import '@tensorflow/tfjs-layers';
import * as sg from '../../src/index';
import { generator, seedOf } from '../support/generate';
import type { Operand } from '../tables/functions/case';
import type { Nd } from '../tables/gradients/float64';

/** Either library; its functions are typed by neither. */
// biome-ignore lint/suspicious/noExplicitAny: the two libraries' types have nothing in common
export type Kit = any;
type AnyTensor = sg.Tensor;

/** Seeded choices. */
export interface Random {
  /** An integer of [low, high]. */
  int(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
  /** [low, high) */
  float(low?: number, high?: number): number;
  /** Sizes of [0 or 1, most], mostly small. */
  shape(rank: number, most?: number): number[];
  /** Numbers of the type: float32 of [low, high), integers of [low, high], or 0 and 1. */
  operand(shape: readonly number[], dtype?: sg.DType, low?: number, high?: number): Operand;
}

export interface Call {
  /** Settings, for messages. */
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly run: (kit: Kit, ...xs: AnyTensor[]) => AnyTensor | readonly AnyTensor[] | Promise<AnyTensor>;
}

export interface Row {
  readonly op: string;
  /** Random calls; default 30. */
  readonly count?: number;
  readonly make: (random: Random) => Call;
  /** Largest difference, relative to the largest value or 1; default 2e-6. */
  readonly bound?: number;
  /**
   * Where TensorFlow.js is wrong: in what. A disagreement is excused only if `truth`, written on its own, agrees with
   * samegrad and not with TensorFlow.js.
   */
  readonly fault?: string;
  readonly truth?: (call: Call) => Operand | readonly Operand[];
}

export interface Report {
  readonly op: string;
  readonly cases: number;
  /** Largest relative difference. */
  readonly largest: number;
  readonly disagreements: readonly string[];
  /** Calls in which TensorFlow.js was shown to be wrong. */
  readonly faults: readonly string[];
}

function randomOf(seed: number): Random {
  const next = generator(seed);
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const float = (low = -2, high = 2): number => low + next() * (high - low);
  return {
    int,
    float,
    pick: (choices) => choices[int(0, choices.length - 1)] as never,
    shape: (rank, most = 5) => Array.from({ length: rank }, () => int(1, most)),
    operand(shape, dtype = 'float32', low = -2, high = 2) {
      const size = shape.reduce((a, b) => a * b, 1);
      const value = (): number =>
        dtype === 'bool' ? int(0, 1) : dtype === 'int32' ? int(low, high) : Math.fround(float(low, high));
      return { shape: [...shape], dtype, data: Float64Array.from({ length: size }, value) };
    },
  };
}

interface Result {
  readonly shape: readonly number[];
  readonly dtype?: string;
  readonly data: ArrayLike<number>;
}

const listOf = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as readonly T[]) : [x as T]);

async function runOn(kit: Kit, call: Call): Promise<readonly Result[] | string> {
  try {
    const xs = call.operands.map(({ shape, dtype = 'float32', data }) => kit.tensor(Array.from(data), shape, dtype));
    const results = listOf(await call.run(kit, ...xs));
    return results.map((t: AnyTensor) => ({ shape: t.shape, dtype: t.dtype, data: t.dataSync() }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Largest difference relative to the largest finite value or 1; Infinity if shapes, types or kinds of values differ. */
function distance(a: readonly Result[] | string, b: readonly Result[] | string): number {
  if (typeof a === 'string' || typeof b === 'string') return Number.POSITIVE_INFINITY;
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [k, x] of a.entries()) {
    const y = b[k] as Result;
    if (String(x.shape) !== String(y.shape)) return Number.POSITIVE_INFINITY;
    if (x.dtype && y.dtype && x.dtype !== y.dtype) return Number.POSITIVE_INFINITY;
    let scale = 1;
    for (let i = 0; i < x.data.length; i++)
      if (Number.isFinite(y.data[i])) scale = Math.max(scale, Math.abs(y.data[i] as number));
    for (let i = 0; i < x.data.length; i++) {
      const [v, w] = [x.data[i] as number, y.data[i] as number];
      if (v === w || (Number.isNaN(v) && Number.isNaN(w))) continue;
      const far = Math.abs(v - w) / scale;
      if (!(far <= largest)) largest = Number.isNaN(far) ? Number.POSITIVE_INFINITY : far;
    }
  }
  return largest;
}

const show = (r: readonly Result[] | string): string =>
  typeof r === 'string'
    ? `throws ${r.slice(0, 120)}`
    : r.map((x) => `${x.dtype} [${x.shape}] ${Array.from(x.data).slice(0, 6)}`).join('; ');

/** Runs all random calls of a row on both libraries. */
export async function compare(row: Row): Promise<Report> {
  const bound = row.bound ?? 2e-6;
  const disagreements: string[] = [];
  const faults: string[] = [];
  const cases = row.count ?? 30;
  let largest = 0;
  for (let i = 0; i < cases; i++) {
    const call = row.make(randomOf(seedOf(`${row.op} ${i}`)));
    const [own, other] = [await runOn(sg, call), await runOn(tf, call)];
    const far = distance(own, other);
    if (far <= bound) {
      largest = Math.max(largest, far);
      continue;
    }
    const where = `${row.op} ${call.operands.map((x) => `${x.dtype} [${x.shape}]`).join(', ')} ${call.name}`;
    const truth = row.fault && row.truth ? listOf(row.truth(call) as Nd | readonly Nd[]) : undefined;
    if (truth && distance(own, truth) <= bound && !(distance(other, truth) <= bound)) faults.push(where);
    else disagreements.push(`${where}: samegrad ${show(own)}, TensorFlow.js ${show(other)}`);
  }
  return { op: row.op, cases, largest, disagreements, faults };
}
