/** What is timed: the models of `bench/`, with their weights and inputs. It runs in Node too. */
import { cases as all } from '../../../bench/cases.mjs';
import { layersCases } from '../../../bench/models.mjs';
import { hexDigest } from '../shared/digest.js';

/** Results that are compared bit for bit, before anything is timed. */
const FIRST = 4;
const SAMPLES = 5;

const known = Object.keys(layersCases(async () => undefined));
/** Of all cases those that are written with the layers' API. */
export const cases = all
  .filter(({ id, params }) => known.includes(id) && (params.n ?? 0) <= 512)
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
  const one = await layersCases(async () => sg)[id](params);
  const first = [];
  for (let i = 0; i < FIRST; i++) first.push(await one.run());
  const ms = await time(one.run, sampleMs);
  one.dispose();
  return { ms, sha256: await hexDigest(new Uint8Array(Float64Array.from(first).buffer)) };
}
