// Real graph models, from npm, beside TensorFlow.js: outputs against its cpu backend, times against its wasm backend with
// one thread, in one run on seeded inputs. Packages go to a folder outside of the repository.
//   node scripts/evidence/graph-models.mjs [--only TEXT] [--folder FOLDER] [--runs 12] [--fast]
// --fast leaves out the cpu backend, which takes seconds a model. The exit code is 1 if an output differs by more than 1e-4
// (relative to the largest number of the output, if that is above 1).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as sg from 'samegrad';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: join(tmpdir(), 'samegrad-graph-models') },
    runs: { type: 'string', default: '12' },
    fast: { type: 'boolean', default: false },
  },
});
const { folder } = options;
const BOUND = 1e-4;
const TFJS = ['core', 'converter', 'backend-cpu', 'backend-wasm'].map((name) => `@tensorflow/tfjs-${name}@4.22.0`);

if (!existsSync(join(folder, 'node_modules/nsfwjs'))) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const packages = ['nsfwjs@4.3.0', '@vladmandic/human@3.3.6', ...TFJS];
  execFileSync('npm', ['install', '--ignore-scripts', '--legacy-peer-deps', ...packages], {
    cwd: folder,
    stdio: 'inherit',
  });
}
const require = createRequire(pathToFileURL(join(folder, 'package.json')));
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const wasm = require('@tensorflow/tfjs-backend-wasm');
const { GraphModel } = require('@tensorflow/tfjs-converter');

/** The parts of a model of `human`: model.json and one file of weights. */
function ofHuman(name) {
  const path = join(folder, 'node_modules/@vladmandic/human/models', name);
  const { buffer, byteOffset, byteLength } = readFileSync(`${path}.bin`);
  return {
    json: JSON.parse(readFileSync(`${path}.json`, 'utf8')),
    data: buffer.slice(byteOffset, byteOffset + byteLength),
  };
}

/** `nsfwjs` keeps its files as base64 in scripts. */
function ofNsfw(name) {
  const path = join(folder, 'node_modules/nsfwjs/dist/models', name);
  const load = (file) => {
    const value = require(join(path, file));
    return value.default ?? value;
  };
  const shards = readdirSync(path).filter((file) => file.startsWith('group'));
  const bytes = Buffer.concat(shards.sort().map((file) => Buffer.from(load(file), 'base64')));
  return { json: load('model.min.js'), data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
}

const models = [
  ...readdirSync(join(folder, 'node_modules/@vladmandic/human/models'))
    .filter((file) => file.endsWith('.json') && file !== 'models.json')
    .map((file) => [`human ${file.slice(0, -5)}`, () => ofHuman(file.slice(0, -5))]),
  ['nsfwjs mobilenet_v2_mid', () => ofNsfw('mobilenet_v2_mid')],
].filter(([name]) => name.includes(options.only));

function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Random images for all inputs, for both libraries. */
function feedsOf(model) {
  const random = generator(7);
  return model.inputs.map(({ name, shape, dtype }) => {
    const sizes = shape.map((d) => d ?? 1);
    const count = sizes.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count }, () =>
      dtype === 'int32' ? Math.floor(random() * 256) : random(),
    );
    return { name, sizes, dtype, values };
  });
}

/** Largest difference, relative to the largest number or 1. */
function distance(ours, theirs) {
  let [worst, scale] = [0, 1];
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  for (let i = 0; i < ours.length; i++) {
    worst = Math.max(worst, Math.abs(ours[i] - theirs[i]));
    scale = Math.max(scale, Math.abs(theirs[i]));
  }
  return worst / scale;
}

const median = (times) =>
  times.slice(Math.min(3, times.length - 1)).sort((a, b) => a - b)[(times.length - 3) >> 1] ?? times[0];

async function compare(name, load) {
  const { json, data } = load();
  const weightSpecs = json.weightsManifest.flatMap((group) => group.weights);
  const { weightsManifest: _, ...rest } = json;
  const artifacts = { ...rest, weightSpecs, weightData: data };
  const start = performance.now();
  const own = await sg.loadGraphModel(sg.io.fromMemory(artifacts));
  const loaded = performance.now() - start;
  const other = new GraphModel({ load: async () => artifacts });
  await tf.setBackend('wasm');
  await other.load();
  const feeds = feedsOf(own);
  const inputs = Object.fromEntries(feeds.map((f) => [f.name, sg.tensor(f.values, f.sizes, f.dtype)]));
  const theirInputs = () => Object.fromEntries(feeds.map((f) => [f.name, tf.tensor(f.values, f.sizes, f.dtype)]));
  const run = () => {
    const results = [own.execute(inputs)].flat();
    const values = results.map((t) => t.dataSync());
    for (const t of results) t.dispose();
    return values;
  };
  const runTheirs = async (given) => {
    const results = [await other.executeAsync(given, other.outputNodes)].flat();
    const values = results.map((t) => t.dataSync());
    for (const t of results) t.dispose();
    return values;
  };
  const [times, theirTimes] = [[], []];
  const given = theirInputs();
  let ours;
  for (let i = 0; i < Number(options.runs); i++) {
    let from = performance.now();
    ours = run();
    times.push(performance.now() - from);
    from = performance.now();
    await runTheirs(given);
    theirTimes.push(performance.now() - from);
  }
  let difference;
  if (!options.fast) {
    await tf.setBackend('cpu');
    const reference = new GraphModel({ load: async () => artifacts });
    await reference.load();
    const results = [await reference.executeAsync(theirInputs(), reference.outputNodes)].flat();
    difference = Math.max(...results.map((t, i) => distance(ours[i], t.dataSync())));
    reference.dispose();
  }
  own.dispose();
  other.dispose();
  const [a, b] = [median(times), median(theirTimes)];
  const shown = difference === undefined ? '' : difference.toExponential(1);
  console.log(
    `${name.padEnd(28)} ${shown.padStart(8)} ${loaded.toFixed(0).padStart(7)} ${times[0].toFixed(0).padStart(7)} ${a.toFixed(2).padStart(9)} ${b.toFixed(2).padStart(9)} ${(a / b).toFixed(2).padStart(6)}`,
  );
  return difference;
}

const { log, warn } = console;
console.warn = (...args) => (/did not contain any nodes with control flow/.test(args[0]) ? undefined : warn(...args));
wasm.setThreadsCount(1);
wasm.setWasmPaths(`${join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);
await sg.setThreads(1);
log(
  `${'model'.padEnd(28)} ${'differs'.padStart(8)} ${'load ms'.padStart(7)} ${'1st run'.padStart(7)} ${'run ms'.padStart(9)} ${'tfjs wasm'.padStart(9)} ${'ratio'.padStart(6)}`,
);
for (const [name, load] of models) {
  const difference = await compare(name, load);
  if (difference > BOUND) process.exitCode = 1;
}
