/** Tensors of random numbers. */

import { Distribution } from '../../../assembly/isa';
import { checkFinite } from '../../support/arguments';
import { ArgumentError, DTypeError } from '../../support/errors';
import { checkDType, type DType } from '../../tensor/dtype';
import { currentGraph, type Graph } from '../../tensor/graph';
import { tidy, untracked } from '../../tensor/scope';
import { checkShape, type Shape } from '../../tensor/shape';
import { type Tensor, tensorOf } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { checkSeed, nextKey, type Seeding } from '../core/keys';
import type { RandomAttrs, RandomKey } from '../descriptors/randomness';
import * as randomness from '../descriptors/randomness';
import { add, cast, floor, greaterEqual, mul, round } from '../math/arithmetic';
import { scalar } from './creation';

/** The number of the iteration in the loops around, counted through; undefined outside of loops. */
function iterationOf(graph: Graph | undefined): Tensor | undefined {
  if (!graph?.loop) return undefined;
  const node = graph.loop.iteration();
  const own = tensorOf(node);
  const outer = iterationOf(graph.parent);
  return outer ? add(mul(outer, scalar(graph.loop.length, 'int32')), own) : own;
}

/** What a draw knows of its place: the iteration of a loop as an operand, and its number in a program. */
function placeOf(shape: Shape): { operands: Tensor[]; draw?: number } {
  const graph = currentGraph();
  if (!graph) return { operands: [] };
  const iteration = iterationOf(graph);
  return { operands: iteration ? [iteration] : [], ...(graph.draws && { draw: graph.draws.note(shape) }) };
}

/** Numbers of a distribution that a key determines, and in a program the step. */
export function randomOf(key: RandomKey, attrs: Pick<RandomAttrs, 'shape' | 'kind' | 'p' | 'q' | 'dtype'>): Tensor {
  return tidy(() => {
    const { operands, ...place } = placeOf(attrs.shape);
    return apply(randomness.random, operands, { ...key, ...attrs, ...place });
  });
}

/** x with elements set to 0, each with probability `rate`, and the others divided by 1 - rate. */
export function dropOf(key: RandomKey, x: Tensor, rate: number): Tensor {
  return tidy(() => {
    const { operands, ...place } = placeOf(x.shape);
    return apply(randomness.dropout, [x, ...operands], { ...key, rate, ...place });
  });
}

function draw(where: string, kind: Distribution, shape: Shape, p: number, q: number, seed: Seeding): Tensor {
  checkShape(shape, where);
  checkSeed(seed, where);
  const dtype = kind === Distribution.uniformInt ? 'int32' : 'float32';
  return randomOf(nextKey(seed), { shape: [...shape], kind, p, q, dtype });
}

/** Up to this many integers, one float of 24 bits suffices: their probabilities differ by less than 1/256. */
const FEW = 65_536;
const LIMIT = 2_147_483_648;

/** Integers of [minval, maxval), all equally likely. */
function uniformIntegers(shape: Shape, minval: number, maxval: number, seed: Seeding): Tensor {
  const low = Math.ceil(minval);
  const high = minval === maxval ? low + 1 : Math.ceil(maxval);
  if (!(low >= -LIMIT && high <= LIMIT && low < high))
    throw new ArgumentError(`randomUniform: there is no int32 in [${minval}, ${maxval}); pass other bounds`);
  if (Math.max(-low, high) > FEW) return draw('randomUniform', Distribution.uniformInt, shape, low, high, seed);
  return tidy(() => cast(floor(draw('randomUniform', Distribution.uniform, shape, low, high, seed)), 'int32'));
}

/**
 * Random numbers, uniform in [minval, maxval). int32: all integers of the interval are equally likely; bool: true is as
 * likely as false.
 * @param shape of the result.
 * @param minval default 0.
 * @param maxval default 1.
 * @param dtype default 'float32'.
 * @param seed of this draw; by default that of `setSeed` and a running number.
 * @throws ShapeError, DTypeError; ArgumentError if there is no integer in the interval
 * @example
 * sg.randomUniform([100], -5, 5, 'int32'); // from -5 to 4
 */
export function randomUniform(
  shape: Shape,
  minval?: number | null,
  maxval?: number | null,
  dtype?: DType | null,
  seed?: Seeding,
): Tensor {
  const where = 'randomUniform';
  const [low, high] = [checkFinite(minval, where, 'minval', 0), checkFinite(maxval, where, 'maxval', 1)];
  const type = checkDType(dtype, where, 'float32');
  if (type === 'int32') return uniformIntegers(shape, low, high, seed);
  if (type === 'float32') return draw(where, Distribution.uniform, shape, low, high, seed);
  return tidy(() => greaterEqual(draw(where, Distribution.uniform, shape, 0, 1, seed), 0.5));
}

/** Normal numbers; for int32 the nearest integers. */
function normals(kind: 'randomNormal' | 'truncatedNormal') {
  const distribution = kind === 'randomNormal' ? Distribution.normal : Distribution.truncatedNormal;
  return (shape: Shape, mean?: number | null, stdDev?: number | null, dtype?: DType | null, seed?: Seeding): Tensor => {
    const parameters = [checkFinite(mean, kind, 'mean', 0), checkFinite(stdDev, kind, 'stdDev', 1)] as const;
    const type = checkDType(dtype, kind, 'float32');
    if (type === 'bool') throw new DTypeError(`${kind}: dtype must be 'float32' or 'int32', got 'bool'`);
    const make = (): Tensor => draw(kind, distribution, shape, ...parameters, seed);
    return type === 'int32' ? tidy(() => cast(round(make()), 'int32')) : make();
  };
}

/**
 * Random numbers of a normal distribution; for int32 rounded to the nearest integer.
 * @param shape of the result.
 * @param mean default 0.
 * @param stdDev standard deviation, default 1.
 * @param dtype 'float32' (default) or 'int32'.
 * @param seed of this draw; by default that of `setSeed` and a running number.
 * @throws ShapeError, DTypeError
 * @example
 * sg.randomNormal([2, 3], 0, 0.1).shape; // [2, 3]
 */
export const randomNormal = normals('randomNormal');

/**
 * Random numbers of a normal distribution, at most two standard deviations from the mean; arguments as for
 * `randomNormal`.
 * @throws ShapeError, DTypeError
 * @example
 * sg.truncatedNormal([2, 3], 0, 0.1).shape; // [2, 3]
 */
export const truncatedNormal = normals('truncatedNormal');

/**
 * Random integers of [minval, maxval), int32.
 * @param shape of the result.
 * @param seed of this draw; by default that of `setSeed` and a running number.
 * @throws ShapeError; ArgumentError for bounds that are not finite
 * @example
 * sg.randomUniformInt([4], 0, 10).dtype; // 'int32'
 */
export const randomUniformInt = (shape: Shape, minval: number, maxval: number, seed?: Seeding): Tensor =>
  draw(
    'randomUniformInt',
    Distribution.uniformInt,
    shape,
    checkFinite(minval, 'randomUniformInt', 'minval'),
    checkFinite(maxval, 'randomUniformInt', 'maxval'),
    seed,
  );

/** Uniform numbers of [0, 1) that a key determines, and in a program the step. */
export const uniformOf = (key: RandomKey, shape: Shape): Tensor =>
  randomOf(key, { shape: [...shape], kind: Distribution.uniform, p: 0, q: 1, dtype: 'float32' });

/** Normal numbers that a key determines, and in a program the step. */
export const normalOf = (key: RandomKey, shape: Shape, mean: number, stddev: number): Tensor =>
  randomOf(key, { shape: [...shape], kind: Distribution.normal, p: mean, q: stddev, dtype: 'float32' });

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
