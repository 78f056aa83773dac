// What every example shares: its line in the table of `npm run examples`, its pictures and its hash.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vis from 'samegrad/vis';

/**
 * @typedef {object} About
 * @property {string} system what learns
 * @property {string} section of "Deep Learning Basics"
 * @property {string} data from where
 * @property {string} metric what is measured
 * @property {number} [atLeast] the bar, where more is better
 * @property {number} [atMost] the bar, where less is better
 */

/** The bytes of numbers, tensors, models and lists of them. */
function* bytesOf(value) {
  if (Array.isArray(value)) for (const entry of value) yield* bytesOf(entry);
  else if (typeof value === 'number') yield Buffer.from(Float64Array.of(value).buffer);
  else if (ArrayBuffer.isView(value)) yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  else yield* bytesOf(value.getWeights?.() ?? value.dataSync());
}

/**
 * Runs an example and says whether it reached its bar; the exit status is 1 if it did not.
 *
 * With `--short` on the command line the example does a small part of its work (a test does that), pictures are made but not
 * drawn, and there is no bar.
 *
 * @param {About} about
 * @param {(tools: {
 *   short: boolean,
 *   pick: <T>(full: T, short: T) => T,
 *   draw: (name: string, picture: import('samegrad/vis').Picture) => Promise<void>,
 * }) => Promise<{ reached: number, learned: unknown }>} body
 *   returns the metric, and what was learned (a model, tensors, numbers or a list of them): its SHA-256 is the same on
 *   every machine
 */
export async function example(about, body) {
  const short = process.argv.includes('--short');
  const folder = join(dirname(process.argv[1]), 'pictures');
  const pictures = [];
  const draw = async (name, picture) => {
    pictures.push(name);
    if (short) return;
    const svg = await vis.toSVG(picture);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.svg`), svg);
  };
  const start = performance.now();
  const { reached, learned } = await body({ short, draw, pick: (full, part) => (short ? part : full) });
  const seconds = (performance.now() - start) / 1000;

  const hash = createHash('sha256');
  for (const bytes of bytesOf([reached, learned])) hash.update(bytes);
  const sha256 = hash.digest('hex');
  const isReached = short || (reached >= (about.atLeast ?? -Infinity) && reached <= (about.atMost ?? Infinity));
  const bar = about.atLeast === undefined ? `at most ${about.atMost}` : `at least ${about.atLeast}`;
  console.log(`\n${about.system}: ${about.metric} ${reached.toPrecision(4)} (${bar}), ${seconds.toFixed(1)} s`);
  console.log(`SHA-256 of what was learned: ${sha256}`);
  process.send?.({ ...about, bar, reached, isReached, seconds, sha256, pictures });
  if (!isReached) process.exitCode = 1;
}
