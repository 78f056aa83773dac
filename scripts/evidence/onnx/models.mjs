// Real models in ONNX: outputs beside those of onnxruntime without its optimizations, times beside onnxruntime-web's on one
// thread, in one run.
//   node scripts/evidence/onnx/models.mjs FOLDER [--only TEXT] [--ort FOLDER] [--runs 12] [--threads 1]
// FOLDER is what scripts/evidence/onnx/models.py writes; --ort is a folder in which onnxruntime-web is installed. The exit
// code is 1 if an output differs by more than 1e-4 (relative to the largest number of the output, if that is above 1).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as sg from 'samegrad';
import * as onnx from 'samegrad/onnx';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    ort: { type: 'string' },
    runs: { type: 'string', default: '12' },
    threads: { type: 'string', default: '1' },
  },
});
const [folder] = positionals;
const BOUND = 1e-4;
/** Runs of one of the two before the other's turn, and the pause before them, in ms. */
const EACH = 4;
const PAUSE = 200;
const ARRAYS = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array };

let ort;
if (options.ort) {
  const path = join(options.ort, 'node_modules/onnxruntime-web/dist/ort.node.min.mjs');
  ort = await import(pathToFileURL(path).href);
  ort.env.wasm.numThreads = Number(options.threads);
  ort.env.logLevel = 'error';
}
await sg.setThreads(Number(options.threads));

function read(name) {
  const told = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  const { buffer, byteOffset } = readFileSync(join(folder, `${name}.bin`));
  const tensor = ({ dtype, shape, at }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const View = ARRAYS[dtype];
    const bytes = buffer.slice(byteOffset + at, byteOffset + at + size * View.BYTES_PER_ELEMENT);
    return { data: new View(bytes), shape, dtype };
  };
  const all = (list) => Object.fromEntries(list.map((t) => [t.name, tensor(t)]));
  return { model: readFileSync(join(folder, `${name}.onnx`)), inputs: all(told.inputs), outputs: all(told.outputs) };
}

function worst(found, wanted) {
  let most = 0;
  for (const [name, { data }] of Object.entries(wanted)) {
    const own = found[name].data;
    const largest = data.reduce((a, v) => Math.max(a, Math.abs(v)), 1);
    data.forEach((v, i) => {
      const error = Math.abs(Number(own[i]) - Number(v)) / largest;
      most = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(most, error);
    });
  }
  return most;
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const timed = async (f) => {
  const from = performance.now();
  await f();
  return performance.now() - from;
};

let isWrong = false;
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
for (const name of names.filter((n) => n.includes(options.only))) {
  const { model: bytes, inputs, outputs } = read(name);
  let model;
  let found;
  const first = await timed(async () => {
    model = await onnx.load(new Uint8Array(bytes));
    found = model.run(inputs);
  });
  const error = worst(found, outputs);
  isWrong ||= !(error <= BOUND);
  let line = `${name}: error ${error.toExponential(1)}, first ${first.toFixed(0)} ms`;
  // The second time a shape comes it is compiled; later ones are what counts.
  for (let i = 0; i < 3; i++) model.run(inputs);
  const own = [];
  const theirs = [];
  let session;
  let feeds;
  if (ort) {
    const make = async () => {
      session = await ort.InferenceSession.create(new Uint8Array(bytes), { executionProviders: ['wasm'] });
      feeds = Object.fromEntries(
        Object.entries(inputs).map(([key, { data, shape, dtype }]) => [key, new ort.Tensor(dtype, data, shape)]),
      );
      await session.run(feeds);
    };
    line += `, onnxruntime-web ${(await timed(make)).toFixed(0)}`;
    for (let i = 0; i < 2; i++) await session.run(feeds);
  }
  // In turns, so that both meet the same load; with a pause between, as threads that wait for work may poll for a while.
  const sample = async (times, run) => {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    await run();
    for (let i = 0; i < EACH; i++) times.push(await timed(run));
  };
  for (let i = 0; i < Number(options.runs); i += EACH) {
    await sample(own, async () => model.run(inputs));
    if (session) await sample(theirs, () => session.run(feeds));
  }
  line += `; run ${median(own).toFixed(2)} ms`;
  if (session)
    line += `, onnxruntime-web ${median(theirs).toFixed(2)}, ratio ${(median(own) / median(theirs)).toFixed(2)}`;
  console.log(line);
  await session?.release();
  model.dispose();
}
await sg.setThreads(1);
process.exitCode = isWrong ? 1 : 0;
