// Real Layers models, those of the package nsfwjs, beside TensorFlow.js: outputs, and the time of an image on one thread.
// npm install --ignore-scripts nsfwjs @tensorflow/tfjs-layers@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0, in a folder of its own;
// node scripts/evidence/nsfwjs.mjs FOLDER, after a build
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as sg from 'samegrad';

const [folder = '.', only = ''] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(resolve(folder), 'x.js')));
const own = createRequire(import.meta.url);
/** From the folder, else from this repository. */
const load = (name) => {
  try {
    return require(name);
  } catch {
    return own(name);
  }
};
const tfc = load('@tensorflow/tfjs-core');
const tfl = load('@tensorflow/tfjs-layers');
load('@tensorflow/tfjs-backend-cpu');

/** The parts of a model whose files are scripts with base64. */
function partsOf(name) {
  const dir = join(resolve(folder), 'node_modules/nsfwjs/dist/models', name);
  const json = require(join(dir, 'model.min.js'));
  const shards = readdirSync(dir).filter((f) => f.startsWith('group'));
  const data = Buffer.concat(
    shards.sort().map((f) => {
      const text = require(join(dir, f));
      return Buffer.from(text.default ?? text, 'base64');
    }),
  );
  const { modelTopology, weightsManifest, ...rest } = json.default ?? json;
  const weightData = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
  return { ...rest, modelTopology, weightSpecs: weightsManifest.flatMap((g) => g.weights), weightData };
}

async function fastest(run, times) {
  let least = Infinity;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

const far = (a, b) => Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i])));

sg.setThreads(1);
let worst = 0;
for (const [name, size] of [
  ['mobilenet_v2', 224],
  ['inception_v3', 299],
]) {
  if (!name.includes(only)) continue;
  const parts = partsOf(name);
  const values = Float32Array.from({ length: size * size * 3 }, (_, i) => ((i * 7919) % 256) / 255);
  const start = performance.now();
  const model = await sg.loadLayersModel(sg.io.fromMemory(parts));
  const loaded = performance.now() - start;
  const x = sg.tensor(values, [1, size, size, 3]);
  const output = model.predict(x).dataSync();
  const time = await fastest(() => model.predict(x).dataSync(), 10);

  await tfc.setBackend('cpu');
  const other = await tfl.loadLayersModel(tfc.io.fromMemory(parts));
  const expected = other.predict(tfc.tensor(values, [1, size, size, 3])).dataSync();
  const distance = far(output, expected);
  worst = Math.max(worst, distance);
  let wasm = Number.NaN;
  try {
    const { setThreadsCount } = load('@tensorflow/tfjs-backend-wasm');
    setThreadsCount(1);
    await tfc.setBackend('wasm');
    const fast = await tfl.loadLayersModel(tfc.io.fromMemory(parts));
    const y = tfc.tensor(values, [1, size, size, 3]);
    fast.predict(y).dataSync();
    wasm = await fastest(() => fast.predict(y).dataSync(), 10);
  } catch (error) {
    console.log(`no TensorFlow.js wasm: ${error.message}`);
  }
  console.log(
    `${name}: outputs differ from TensorFlow.js cpu by at most ${distance.toExponential(1)}; loaded in ${loaded.toFixed(0)} ms; ` +
      `${time.toFixed(1)} ms an image, TensorFlow.js wasm ${wasm.toFixed(1)} (${(wasm / time).toFixed(1)} times)`,
  );
}
if (!(worst < 1e-4)) process.exitCode = 1;
