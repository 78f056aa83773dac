// Runs all examples, or those that are named, one after the other, and prints what each has reached.
//
//   npm run examples [-- [name…] [--short] [--update]]
//
// What an example learns has the same bits on every machine: its SHA-256 is compared with the one in hashes.json, which
// --update writes, as it does the pictures of the README. The gallery of the site takes its results from build/examples.json.
import { fork } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(fileURLToPath(import.meta.url));
const HASHES = join(root, 'hashes.json');
const RESULTS = join(root, '../build/examples.json');
/** Named EXAMPLE.PICTURE.svg. */
const README_PICTURES = join(root, '../site/pictures');

/** The names of all examples. */
export const names = () =>
  readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'main.mjs')))
    .sort();

/**
 * Runs one example in a process of its own.
 * @returns its line in the table and what it printed
 */
export function runExample(name, { short = false } = {}) {
  return new Promise((resolve) => {
    const args = short ? ['--short'] : [];
    const child = fork(join(root, name, 'main.mjs'), args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    let output = '';
    let result;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += text;
      });
    child.on('message', (message) => {
      result = message;
    });
    child.on('close', (status) => resolve({ name, status, output, result }));
  });
}

/** The hashes that examples are known to end with: `{ full: { name: sha256 }, short: { … } }`. */
export const hashes = () => JSON.parse(readFileSync(HASHES, 'utf8'));

/** By name, without examples that are no more. */
const sorted = (hashes) => Object.fromEntries(names().flatMap((name) => (hashes[name] ? [[name, hashes[name]]] : [])));

/** Puts the results of this run beside those of earlier ones. */
function keep(runs) {
  const before = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : [];
  const all = new Map(
    [...before, ...runs.map(({ name, result }) => ({ name, ...result }))].map((one) => [one.name, one]),
  );
  mkdirSync(dirname(RESULTS), { recursive: true });
  const isThere = ({ name }) => names().includes(name);
  writeFileSync(RESULTS, JSON.stringify([...all.values()].filter(isThere)));
}

/** The README shows some pictures: those of this run take the place of the older ones. */
function showInReadme(runs) {
  for (const { name } of runs)
    for (const file of readdirSync(README_PICTURES).filter((file) => file.startsWith(`${name}.`)))
      copyFileSync(join(root, name, 'pictures', file.slice(name.length + 1)), join(README_PICTURES, file));
}

function line({ name, status, output, result }, known) {
  if (!result) return `${name}: no result, exit status ${status}\n${output}`;
  const verdict = known === undefined ? 'new' : known === result.sha256 ? 'as known' : 'DIFFERS';
  const { system, data, metric, bar, reached, isReached, seconds } = result;
  const cells = [name, system, data, metric, bar, reached.toPrecision(4), `${seconds.toFixed(1)} s`, verdict];
  return `| ${cells.join(' | ')} |${isReached ? '' : '  BAR MISSED'}`;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { short: { type: 'boolean' }, update: { type: 'boolean' } },
  });
  const kind = values.short ? 'short' : 'full';
  const all = hashes();
  const unknown = positionals.find((name) => !names().includes(name));
  if (unknown) throw new Error(`there is no example '${unknown}'; there are ${names().join(', ')}`);
  console.log('| example | system | data | metric | bar | reached | time | hash |\n|---|---|---|---|---|---|---|---|');
  let isGood = true;
  const runs = [];
  for (const name of positionals.length ? positionals : names()) {
    const run = await runExample(name, values);
    console.log(line(run, all[kind][name]));
    const isKnown = all[kind][name] === undefined || all[kind][name] === run.result?.sha256;
    isGood &&= run.status === 0 && run.result !== undefined && (values.update || isKnown);
    if (run.result) {
      all[kind][name] = run.result.sha256;
      runs.push(run);
    }
  }
  if (values.update)
    writeFileSync(HASHES, `${JSON.stringify({ full: sorted(all.full), short: sorted(all.short) }, null, 2)}\n`);
  if (!values.short) keep(runs);
  if (values.update && !values.short) showInReadme(runs);
  if (!isGood) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
