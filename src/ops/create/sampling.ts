/** Draws from other than plain distributions. */

import { Distribution } from '../../../assembly/isa';
import { checkFinite, checkFlag, checkWhole, show } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { checkDType } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { checkShape, type Shape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import { checkSeed, nextKey } from '../core/keys';
import { float } from '../core/operands';
import * as indexing from '../descriptors/indexing';
import { add, cast, div, exp, less, log, mul, round, square, sub, where } from '../math/arithmetic';
import { softmax } from '../math/reduce';
import { reshape } from '../shape/shaping';
import { fill, type TensorLike } from './creation';
import { randomNormal, randomOf } from './random';

/**
 * Random numbers of a normal distribution of mean 0 and standard deviation 1.
 * @param shape of the result.
 * @param dtype 'float32' (default) or 'int32'.
 * @param seed of this draw; by default that of `setSeed` and a running number.
 * @throws ShapeError, DTypeError
 * @example
 * sg.randomStandardNormal([2, 3]).shape; // [2, 3]
 */
export const randomStandardNormal = (
  shape: Shape,
  dtype?: 'float32' | 'int32' | null,
  seed?: number | string | null,
): Tensor => {
  checkShape(shape, 'randomStandardNormal');
  checkDType(dtype, 'randomStandardNormal', 'float32');
  checkSeed(seed, 'randomStandardNormal');
  return randomNormal(shape, 0, 1, dtype, seed);
};

/** Draws that share a seed and differ in their stream. */
function drawer(shape: Shape, seed: number | string | null | undefined): (kind: Distribution) => Tensor {
  const isSeeded = seed !== undefined && seed !== null;
  let stream = 0;
  return (kind) => {
    const key = isSeeded ? { ...nextKey(seed), stream: ++stream } : nextKey();
    return randomOf(key, { shape: [...shape], kind, p: 0, q: 1, dtype: 'float32' });
  };
}

/**
 * Draws indices with given probabilities.
 * @param logits unnormalized logarithms of probabilities, [outcomes] or [batch, outcomes].
 * @param numSamples number of indices for each row.
 * @param seed of this draw; by default that of `setSeed` and a running number.
 * @param normalized whether `logits` holds probabilities instead; default false.
 * @returns int32, [numSamples] or [batch, numSamples]
 * @throws ShapeError for another rank; ArgumentError
 * @example
 * sg.multinomial([0, 1, 0], 3, null, true).dataSync(); // [1, 1, 1]
 */
export function multinomial(
  logits: TensorLike,
  numSamples: number,
  seed?: number | string | null,
  normalized?: boolean,
): Tensor {
  checkWhole(numSamples, 'multinomial', 'numSamples');
  const isNormalized = checkFlag(normalized, 'multinomial', 'normalized');
  checkSeed(seed, 'multinomial');
  return tidy(() => {
    const t = float(logits, 'multinomial', 'logits');
    if (t.rank < 1 || t.rank > 2 || (t.shape[t.rank - 1] as number) < 1)
      throw new ShapeError(`multinomial: logits must be [outcomes] or [batch, outcomes], got ${showShape(t.shape)}`);
    const rows = t.rank === 1 ? reshape(t, [1, t.size]) : t;
    const u = drawer([rows.shape[0] as number, numSamples], seed)(Distribution.uniform);
    const out = apply(indexing.pick, [isNormalized ? rows : softmax(rows), u], {});
    return t.rank === 1 ? reshape(out, [numSamples]) : out;
  });
}

/** Tries of Marsaglia and Tsang's method: each fails for at most one number in twenty, all for one in three millions. */
const TRIES = 5;

/**
 * Random numbers of the gamma distribution of shape `alpha` and rate `beta` (mean alpha / beta), by Marsaglia and
 * Tsang's method ("A simple method for generating gamma variables", 2000).
 * @param shape of the result.
 * @param beta default 1.
 * @param dtype 'float32' (default), or 'int32' for rounded numbers.
 * @param seed of this draw; by default that of `setSeed` and a running number.
 * @throws ArgumentError unless alpha and beta are positive; ShapeError, DTypeError
 * @example
 * sg.randomGamma([2, 3], 2).shape; // [2, 3]
 */
export function randomGamma(
  shape: Shape,
  alpha: number,
  beta?: number | null,
  dtype?: 'float32' | 'int32' | null,
  seed?: number | string | null,
): Tensor {
  checkShape(shape, 'randomGamma');
  checkFinite(alpha, 'randomGamma', 'alpha');
  const rate = checkFinite(beta, 'randomGamma', 'beta', 1);
  if (!(alpha > 0 && rate > 0))
    throw new ArgumentError(`randomGamma: alpha and beta must be finite and above 0, got ${show(alpha)} and ${rate}`);
  if (checkDType(dtype, 'randomGamma', 'float32') === 'bool')
    throw new DTypeError("randomGamma: dtype must be 'float32' or 'int32', got 'bool'");
  checkSeed(seed, 'randomGamma');
  const draw = drawer(shape, seed);
  // Below 1 the method works on alpha + 1, and a power of a uniform number leads back.
  const d = (alpha < 1 ? alpha + 1 : alpha) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  const positive = (): Tensor => sub(1, draw(Distribution.uniform));
  return tidy(() => {
    let cube: Tensor = fill(shape, 1);
    for (let i = 0; i < TRIES; i++) {
      const x = draw(Distribution.normal);
      const root = add(1, mul(c, x));
      const v = mul(root, square(root));
      const bound = add(mul(0.5, square(x)), mul(d, add(sub(1, v), log(v))));
      // Where root <= 0 the bound is NaN or -Infinity, and nothing is less.
      cube = where(less(log(positive()), bound), v, cube);
    }
    const scaled = div(mul(d, cube), rate);
    const y = alpha < 1 ? mul(scaled, exp(div(log(positive()), alpha))) : scaled;
    return dtype === 'int32' ? cast(round(y), 'int32') : y;
  });
}
