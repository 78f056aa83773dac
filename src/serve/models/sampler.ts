/** Draws the next token of a sequence from a model's scores. */
import { Draws } from '../../ops/core/keys';
import { tensor } from '../../ops/create/creation';
import { uniformOf } from '../../ops/create/random';
import { softmax } from '../../ops/math/reduce';
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { tidy, untracked } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';

/** Settings of `sampler`. */
export interface SamplerOptions {
  /** What scores are divided by: below 1 likely tokens become likelier. 0: always the greatest score. By default 1. */
  temperature?: number | null;
  /** Only so many tokens with the greatest scores may be drawn; by default all. */
  topK?: number | null;
  /** Only the likeliest tokens that together have this probability may be drawn (Holtzman et al., 2020); by default 1, all. */
  topP?: number | null;
  /** The same seed draws the same tokens, in every runtime; by default that of `setSeed` and a running number. */
  seed?: number | string | null;
}

const OPTIONS = {
  temperature: is.amount(1),
  topK: is.count(Number.MAX_SAFE_INTEGER),
  topP: is.given('a number above 0, at most 1', (v) => typeof v === 'number' && v > 0 && v <= 1, 1),
  seed: is.seed(),
};

const areNumbers = (v: unknown): boolean =>
  v instanceof Float32Array || v instanceof Float64Array || (Array.isArray(v) && v.every((x) => typeof x === 'number'));

/** Numbers of float32. @throws ArgumentError unless one at least can be drawn */
function scoresOf(scores: Tensor | Float32Array | Float64Array | readonly number[]): Float32Array {
  const isTensor = scores instanceof Tensor;
  if (!isTensor && !areNumbers(scores))
    throw new ArgumentError(`sampler: scores must be a tensor or a list of numbers, got ${show(scores)}`);
  if (isTensor && scores.shape.at(-1) !== scores.size)
    throw new ArgumentError(
      `sampler: scores must have the shape [tokens] or [1, tokens], got [${scores.shape.join(', ')}]`,
    );
  const values = Float32Array.from<number>(isTensor ? scores.dataSync() : scores);
  const wrong = values.findIndex((value) => !(value < Number.POSITIVE_INFINITY));
  if (wrong >= 0)
    throw new ArgumentError(`sampler: scores must be numbers or -Infinity, got ${show(values[wrong])} at ${wrong}`);
  if (!values.some(Number.isFinite)) throw new ArgumentError('sampler: needs a score that is not -Infinity');
  return values;
}

const sumOf = (list: ArrayLike<number>, count: number): number => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += list[i] as number;
  return sum;
};

/** The first place from which on the sum is above a bound. */
function placeOf(list: ArrayLike<number>, bound: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += list[i] as number;
    if (sum > bound) return i;
  }
  return count - 1;
}

/**
 * Draws tokens from the scores of a model, one after another: for `generate`.
 * @param options temperature 1, all tokens and a seed of its own by default
 * @returns a function of scores before softmax, [tokens] or [1, tokens], as a tensor or numbers, that returns the position of
 * the token drawn; each of its calls draws again. It throws an ArgumentError for another shape, and for scores that are NaN,
 * Infinity, or all -Infinity
 * @throws ArgumentError for wrong settings
 * @example
 * import { sampler } from 'samegrad/serve';
 * const next = sampler({ temperature: 0.8, topK: 2, seed: 1 });
 * next([-9, 3, -9, 3]) % 2; // 1
 */
export function sampler(
  options?: SamplerOptions | null,
): (scores: Tensor | Float32Array | Float64Array | readonly number[]) => number {
  const { temperature, topK, topP, seed } = is.checked('sampler', OPTIONS, options);
  const draws = new Draws(seed);
  return (scores) => {
    const values = scoresOf(scores);
    const order = Array.from(values.keys()).sort((a, b) => (values[b] as number) - (values[a] as number) || a - b);
    if (temperature === 0) return order[0] as number;
    // Scores that cannot be drawn, -Infinity, are the last.
    const drawn = order.slice(0, topK).filter((i) => values[i] !== Number.NEGATIVE_INFINITY);
    const best = values[drawn[0] as number] as number;
    // Differences first: scores beyond what float32 holds after the division stay in order.
    const scaled = Float32Array.from(drawn, (i) => ((values[i] as number) - best) / temperature);
    const [shares, place] = untracked(() =>
      tidy(
        () =>
          [
            softmax(tensor(scaled, [scaled.length])).dataSync(),
            uniformOf(draws.next(), [1]).dataSync()[0] as number,
          ] as const,
      ),
    );
    const count = topP < 1 ? placeOf(shares, topP * (1 - 2e-7), shares.length) + 1 : shares.length;
    return drawn[placeOf(shares, place * sumOf(shares, count), count)] as number;
  };
}
