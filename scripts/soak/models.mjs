// Mutated files of models, many: none may end in an error that is not the library's, take long, or leave memory behind.
// node scripts/soak/models.mjs [count=200000] [seed=1] [kind], after a build
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as sg from 'samegrad';

const [count = '200000', seed = '1', only = ''] = process.argv.slice(2);
/** Milliseconds of processor time that one file may take: those of a clock depend on what else runs. */
const LONGEST = 1000;
const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const rss = () => process.memoryUsage.rss() >> 20;
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const outfile = join(root, 'build/soak/models.mjs');
mkdirSync(dirname(outfile), { recursive: true });
await build({
  absWorkingDir: root,
  stdin: {
    contents:
      "export { mutate } from './test/io/mutate'; export { generator } from './test/support/random'; export { damagedArchive } from './test/io/keras/damage'; export { seal, UNSEALED } from './src/io/own/seal'; export { zipSync } from 'fflate/browser';",
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  outfile,
  logLevel: 'warning',
});
const { mutate, generator, damagedArchive, seal, UNSEALED, zipSync } = await import(pathToFileURL(outfile).href);

const { layers } = sg;
const model = sg.sequential({
  layers: [
    layers.conv1d({ filters: 4, kernelSize: 2, inputShape: [6, 3], activation: 'relu' }),
    layers.bidirectional({ layer: layers.lstm({ units: 3 }) }),
    layers.dropout({ rate: 0.2 }),
    layers.batchNormalization(),
    layers.dense({ units: 2 }),
  ],
});
model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
await model.trainOnBatch(sg.ones([4, 6, 3]), sg.ones([4, 2]));

let parts;
const kept = sg.io.withSaveHandler(async (artifacts) => {
  parts = artifacts;
  return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
});
await model.save(kept, { includeOptimizer: true });
const { weightData, ...json } = parts;
const own = await sg.io.toBytes(model, { includeOptimizer: true });
const keras = await sg.io.toBytes(model, { includeOptimizer: true, format: 'keras' });
const h5 = await sg.io.toBytes(model, { includeOptimizer: true, format: 'h5' });
const h5Weights = await sg.io.toBytes(model, { format: 'keras-weights' });
const npy = await sg.io.encodeNpy(sg.ones([3, 4]));
const npz = await sg.io.encodeNpz({ x: sg.ones([3, 4]), y: sg.zeros([5]) }, { compress: true });
const end = 8 + Number(new DataView(own.buffer).getBigUint64(0, true));
const text = (value) => new TextEncoder().encode(value);

/** A header with whatever length it has, before the data as they were. */
function framed(header) {
  const bytes = new Uint8Array(8 + header.length + own.length - end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(own.subarray(end), 8 + header.length);
  return bytes;
}

/** The first of some texts that is JSON. */
function parsed(make) {
  for (;;)
    try {
      return JSON.parse(new TextDecoder().decode(make()));
    } catch {}
}

/** A mutation of each kind of file. */
const kinds = {
  'own file': (random) => mutate(own, random),
  // What is behind the digest is not reached by others; of those that lost its place there is none.
  'own file, sealed again': (random) => {
    for (;;) {
      const header = mutate(own.subarray(8, end), random);
      const open = new TextDecoder('latin1')
        .decode(header)
        .replace(/"digest":"[0-9a-f]{64}"/, `"digest":"${UNSEALED}"`);
      if (open.includes(`"digest":"${UNSEALED}"`)) return seal(framed(Uint8Array.from(open, (c) => c.charCodeAt(0))));
    }
  },
  'header of safetensors': (random) => {
    const header = new TextDecoder().decode(own.subarray(8, end)).replace('samegrad-model', 'samegrad-xxxxx');
    return framed(mutate(text(header), random));
  },
  'model.json': (random) => {
    const mutated = parsed(() => mutate(text(JSON.stringify(json)), random));
    return { load: async () => ({ ...mutated, weightData }) };
  },
  'weight data': (random) =>
    sg.io.fromMemory({ ...json, weightData: mutate(new Uint8Array(weightData), random).slice().buffer }),
  '.keras': (random) => mutate(keras, random),
  'parts of .keras': (random) => damagedArchive(keras, (n) => Math.floor(random() * n)),
  '.h5': (random) => mutate(h5, random),
  '.weights.h5': (random) => mutate(h5Weights, random),
  npy: (random) => mutate(npy, random),
  npz: (random) => mutate(npz, random),
  'parts of npz': (random) => zipSync({ 'x.npy': mutate(npy, random), 'y.npy': npy }),
};

async function attempt(source, name = '') {
  try {
    if (name === 'npy') (await sg.io.loadNpy(source)).dispose();
    else if (name.includes('npz')) sg.dispose(await sg.io.loadNpz(source));
    else if (name === 'header of safetensors' || name === '.weights.h5') await model.loadWeights(source, false);
    else (await sg.loadModel(source)).dispose();
  } catch (error) {
    return error;
  }
}

for (const source of [own, keras, h5, sg.io.fromMemory(parts)]) await attempt(source);
const { log, warn } = console;
console.warn = () => undefined;
if (only && !(only in kinds)) throw new Error(`No kind ${only}: ${Object.keys(kinds).join(', ')}`);
let failed = false;
for (const [name, make] of Object.entries(kinds)) {
  if (only && name !== only) continue;
  const random = generator(Number(seed));
  const before = sg.memory().numBytes;
  const wrong = new Map();
  const start = spent();
  let [loaded, refused, slowest] = [0, 0, 0];
  for (let i = 0; i < Number(count); i++) {
    // What weak references point to stays until other tasks had their turn: without this, all models would.
    if (i % 100 === 0) await new Promise(setImmediate);
    const source = make(random);
    const from = spent();
    const error = await attempt(source, name);
    const took = spent() - from;
    slowest = Math.max(slowest, took);
    if (took > LONGEST) wrong.set(`took ${took.toFixed(0)} ms`, i);
    if (error === undefined) loaded++;
    else if (error instanceof sg.SamegradError) refused++;
    else wrong.set(String(error?.stack).split('\n').slice(0, 6).join(' | '), i);
    if ((i + 1) % 20000 === 0) log(`${name}: ${i + 1}, slowest ${slowest.toFixed(0)} ms, ${rss()} MB`);
    const left = sg.memory().numBytes - before;
    if (left > 0) wrong.set(`${left} bytes left`, i);
  }
  for (const [place, i] of wrong) log(`${name}, mutation ${i}: ${place}`);
  failed ||= wrong.size > 0;
  log(
    `${name.padEnd(24)} ${loaded} loaded, ${refused} refused, ${wrong.size} wrong, slowest ${slowest.toFixed(0)} ms, ${((spent() - start) / 1000).toFixed(0)} s, ${rss()} MB`,
  );
}
console.warn = warn;
if (failed) process.exitCode = 1;
