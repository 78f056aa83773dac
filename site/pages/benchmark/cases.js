/** What is timed: the cases of `bench/` that run in every runtime, with their weights and inputs. It runs in Node too. */

import { libraryCases } from '../../../bench/library.mjs';
import { portableCases } from '../../../bench/runtimes/inside.mjs';
import { hexDigest } from '../shared/digest.js';

/** Results that are compared bit for bit, before anything is timed. */
const FIRST = 4;
const SAMPLES = 5;

/** Elements of the memory-bound ops: of the sizes of the bench the one in the middle. */
const ELEMENTS = 1e5;

export const cases = portableCases
  .filter(({ id, n }) => id !== 'memory' || n === ELEMENTS)
  .map((one) => ({ ...one, key: one.label }));

/** Milliseconds of one run: the least of several samples. */
async function time(run, sampleMs) {
  await run();
  const start = performance.now();
  await run();
  const count = Math.max(1, Math.ceil(sampleMs / Math.max(0.001, performance.now() - start)));
  let least = Infinity;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const begin = performance.now();
    for (let i = 0; i < count; i++) await run();
    least = Math.min(least, (performance.now() - begin) / count);
  }
  return least;
}

/**
 * The first results of a case as SHA-256, then its time.
 * @param {typeof import('samegrad')} sg
 * @param {number} sampleMs milliseconds of each of five samples
 */
export async function run(sg, { id, params }, sampleMs) {
  const one = await libraryCases(async () => sg)[id](params);
  const first = [];
  for (let i = 0; i < FIRST; i++) first.push(await one.run());
  const ms = await time(one.run, sampleMs);
  one.dispose();
  return {
    ms,
    sha256: await hexDigest(new Uint8Array(Float64Array.from(first.filter((value) => value !== undefined)).buffer)),
  };
}
