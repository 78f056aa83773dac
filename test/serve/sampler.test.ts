/** Tokens drawn from scores: probabilities, limits, seeds. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import { sampler } from '../../src/serve';

/** How often each token is drawn. */
function shares(options: Parameters<typeof sampler>[0], scores: readonly number[], count = 4000): number[] {
  const next = sampler(options);
  const counts = scores.map(() => 0);
  for (let i = 0; i < count; i++) {
    const token = next(scores);
    counts[token] = (counts[token] as number) + 1;
  }
  return counts.map((n) => n / count);
}

/** The logarithms of these probabilities. */
const logs = (...probabilities: readonly number[]): number[] => [...sg.log(sg.tensor1d([...probabilities])).dataSync()];

test.each([
  ['all', { seed: 1 }, logs(0.5, 0.1, 0.4), [0.5, 0.1, 0.4]],
  ['a high temperature', { seed: 2, temperature: 2 }, logs(0.64, 0.36), [0.8 / 1.4, 0.6 / 1.4]],
  ['a low temperature', { seed: 3, temperature: 0.5 }, logs(0.75, 0.25), [0.9, 0.1]],
  ['the best two', { seed: 4, topK: 2 }, logs(0.1, 0.6, 0.3), [0, 2 / 3, 1 / 3]],
  ['those with 0.7 of all', { seed: 5, topP: 0.7 }, logs(0.15, 0.5, 0.25, 0.1), [0, 2 / 3, 1 / 3, 0]],
  ['those with exactly that', { seed: 6, topP: 0.5 }, logs(0.5, 0.25, 0.25), [1, 0, 0]],
  ['one that is masked', { seed: 7 }, [0, Number.NEGATIVE_INFINITY, 0], [0.5, 0, 0.5]],
  ['far scores', { seed: 8, temperature: 1e-30 }, [3e38, -3e38, 3e38], [0.5, 0, 0.5]],
  ['the greatest, the first of equals', { temperature: 0 }, [1, 3, 3], [0, 1, 0]],
] as const)('%s', (_, options, scores, expected) => {
  const found = shares(options, scores);
  expected.forEach((p, i) => {
    // Five standard deviations.
    expect(Math.abs((found[i] as number) - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / 4000));
  });
});

test('a seed determines the tokens, whatever else is drawn', () => {
  const scores = Array.from({ length: 50 }, (_, i) => ((i * 37) % 11) / 4);
  const tokens = (seed: number | string): number[] => {
    const next = sampler({ seed });
    return Array.from({ length: 20 }, () => {
      sg.randomNormal([3]).dispose();
      return next(sg.tensor1d(scores));
    });
  };
  expect(tokens(7)).toEqual(tokens(7));
  expect(tokens('a')).toEqual(tokens('a'));
  expect(tokens(7)).not.toEqual(tokens(8));
  expect(new Set(tokens(7)).size).toBeGreaterThan(5);
});

test('nothing stays behind', () => {
  const next = sampler({ seed: 1 });
  const { numTensors } = sg.memory();
  for (let i = 0; i < 10; i++) next([1, 2, 3]);
  expect(sg.memory().numTensors).toBe(numTensors);
});

test.each([
  [{ temperature: -1 }, /sampler: temperature must be/],
  [{ topK: 0 }, /sampler: topK must be/],
  [{ topP: 0 }, /sampler: topP must be a number above 0, at most 1, got 0/],
  [{ seed: Number.NaN }, /sampler: seed must be/],
  [{ topk: 1 } as object, /topk/],
])('%j is refused', (options, message) => {
  expect(() => sampler(options)).toThrow(message);
});

test.each([
  [[1, Number.NaN], /got NaN at 1/],
  [[Number.POSITIVE_INFINITY], /got Infinity at 0/],
  [[Number.NEGATIVE_INFINITY], /needs a score/],
  [[], /needs a score/],
])('scores %j are refused', (scores, message) => {
  expect(() => sampler()(scores)).toThrow(message);
});

test('scores of a batch are refused, those of one row are taken', () => {
  expect(() => sampler()(sg.ones([2, 3]))).toThrow(/\[tokens\] or \[1, tokens\], got \[2, 3\]/);
  expect(sampler({ temperature: 0 })(sg.tensor2d([[1, 5, 2]]))).toBe(1);
});
