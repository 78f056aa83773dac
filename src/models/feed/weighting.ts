/** Makes sample weights and class weights into one weight for each example (or position). */

import { tensor1d } from '../../ops/create/creation';
import { gather } from '../../ops/indexing/indexing';
import { cast, where as choose, greaterEqual, less, logicalAnd, mul } from '../../ops/math/arithmetic';
import { argMax } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { tidy } from '../../tensor/scope';
import { alive, Tensor } from '../../tensor/tensor';
import { spreadWeights } from '../../train/losses/sample-weights';
import type { Objective } from '../step/objective';
import { batchOf, checkCount, type Data, type Prepared } from './check';

/** Factors of the losses by class; default 1 for each class. */
export type ClassWeight = Readonly<Record<number, number>>;
/** One for the only target; or a list, or an object by the outputs' names. */
export type PerTarget<T> = T | readonly (T | null | undefined)[] | Readonly<Record<string, T>>;

/** Weights of examples. */
export interface BatchWeightArgs {
  /** Of the examples [n], or of their positions [n, time]; for several outputs a list, or an object by name. Default 1. */
  sampleWeight?: PerTarget<Tensor>;
  /** Factors of the losses by class: `{ 0: 1, 1: 5 }`; for several outputs a list, or an object by name. Default 1. */
  classWeight?: PerTarget<ClassWeight>;
}

const isClassWeight = (value: unknown): boolean =>
  isPlainObject(value) && Object.values(value).every((v) => typeof v === 'number');

/** The value for each target. @throws ArgumentError */
function perTarget<T>(
  where: string,
  value: PerTarget<T> | undefined,
  objectives: readonly Objective[],
  isOne: (value: unknown) => boolean,
): (T | undefined)[] {
  const targets = objectives.map((o) => o.name);
  if (value === undefined || value === null) return targets.map(() => undefined);
  if (isOne(value)) {
    if (targets.length > 1)
      throw new ArgumentError(
        `${where}: there are ${targets.length} outputs; give a list, or an object by their names`,
      );
    return [value as T];
  }
  const list = Array.isArray(value)
    ? (value as readonly (T | null | undefined)[])
    : isPlainObject(value) && Object.keys(value).every((k) => targets.includes(k))
      ? targets.map((n) => (value as Record<string, T>)[n])
      : undefined;
  if (list?.length !== targets.length || !list.every((v) => v === undefined || v === null || isOne(v)))
    throw new ArgumentError(`${where}: must be given for ${targets.join(', ')}, or for none`);
  return list.map((v) => v ?? undefined);
}

/**
 * The weights of the classes that a target names, as numbers or one-hot: [n, ...].
 * @param rank of the output: targets are one-hot if they have as many dimensions.
 * @throws ArgumentError for keys or values that make no sense
 */
function byClass(y: Tensor, weights: ClassWeight, rank: number): Tensor {
  const entries = Object.entries(weights).map(([k, v]) => [Number(k), v] as const);
  const bad = entries.find(([k, v]) => !Number.isInteger(k) || k < 0 || !(v >= 0 && Number.isFinite(v)));
  if (bad)
    throw new ArgumentError(
      `fit: classWeight must map classes (0, 1, …) to finite weights >= 0, got ${bad[0]}: ${bad[1]}`,
    );
  // The entry after the last is for classes that are not named.
  const rest = Math.max(-1, ...entries.map(([k]) => k)) + 1;
  const table = new Float32Array(rest + 1).fill(1);
  for (const [k, v] of entries) table[k] = v;
  const last = y.shape[y.rank - 1] as number;
  const isColumn = y.rank > 1 && last === 1;
  const isOneHot = y.rank > 1 && last > 1 && y.rank >= rank;
  const found = isOneHot ? argMax(y, -1) : isColumn ? reshape(y, y.shape.slice(0, -1)) : y;
  const classes = cast(found, 'int32');
  const isKnown = logicalAnd(less(classes, rest), greaterEqual(classes, 0));
  return gather(tensor1d(table), cast(choose(isKnown, cast(classes, 'float32'), rest), 'int32'));
}

/** Data with other weights, and its new tensors. */
function withWeights(data: Data, weights: readonly (Tensor | undefined)[]): Prepared {
  const { inputs, targets } = data.layout;
  const before = new Set(data.tensors);
  const given = weights.filter((t) => t !== undefined);
  const weighted = weights.flatMap((t, i) => (t ? [i] : []));
  return {
    data: {
      tensors: [...data.tensors.slice(0, inputs + targets), ...given],
      layout: { inputs, targets, weighted },
      count: data.count,
    },
    owned: given.filter((t) => !before.has(t)),
  };
}

/** The data with weights of its examples, or of their positions. @throws ArgumentError, ShapeError */
export function withSampleWeights(
  where: string,
  objectives: readonly Objective[],
  data: Data,
  sampleWeight: PerTarget<Tensor>,
): Data {
  const place = `${where}: sampleWeight`;
  const weights = perTarget<Tensor>(place, sampleWeight, objectives, (v) => v instanceof Tensor);
  for (const w of weights) if (w) checkCount(where, data.count, alive(w, where), 'sampleWeight');
  return withWeights(data, weights).data;
}

/**
 * The data with weights by the classes of its targets, times those it has.
 * @param ranks of the model's outputs.
 * @throws ArgumentError, ShapeError
 */
export function withClassWeights(
  where: string,
  objectives: readonly Objective[],
  data: Data,
  classWeight: PerTarget<ClassWeight>,
  ranks: readonly number[],
): Prepared {
  if (Array.isArray(classWeight) && classWeight.length > 0 && classWeight.every((w) => typeof w === 'number'))
    throw new ArgumentError(
      `${where}: classWeight maps classes to weights, got a list; write { ${classWeight.map((w, i) => `${i}: ${w}`).join(', ')} }`,
    );
  const tables = perTarget<ClassWeight>(`${where}: classWeight`, classWeight, objectives, isClassWeight);
  const { ys, weights } = batchOf(data.tensors, data.layout);
  return tidy(() =>
    withWeights(
      data,
      weights.map((own, i) => {
        const table = tables[i];
        if (!table) return own;
        const { output } = objectives[i] as Objective;
        const found = byClass(ys[i] as Tensor, table, ranks[output] as number);
        return own ? mul(found, spreadWeights(`${where}: sampleWeight`, own, found.shape)) : found;
      }),
    ),
  );
}
