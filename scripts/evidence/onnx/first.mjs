// From importing a model to its first prediction, beside onnxruntime-web: in fresh processes, and again in the same process.
//   node scripts/evidence/onnx/first.mjs FOLDER --ort FOLDER [--only minilm] [--runs 5]
// FOLDER is what scripts/evidence/onnx/models.py writes; --ort is a folder in which onnxruntime-web is installed. A fresh
// process loads the library, too.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: 'minilm-int8' },
    ort: { type: 'string', default: 'bench' },
    runs: { type: 'string', default: '5' },
    peer: { type: 'string' },
  },
});
const [folder = ''] = positionals;
const AGAIN = 6;
const ARRAYS = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array };

function read(name) {
  const told = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  const { buffer, byteOffset } = readFileSync(join(folder, `${name}.bin`));
  return told.inputs.map(({ name: input, dtype, shape, at }) => {
    const View = ARRAYS[dtype];
    const size = shape.reduce((a, b) => a * b, 1) * View.BYTES_PER_ELEMENT;
    return [input, { data: new View(buffer.slice(byteOffset + at, byteOffset + at + size)), shape, dtype }];
  });
}

/** Each returns a function that loads the model and predicts once. */
const peers = {
  samegrad: async () => {
    const onnx = await import('samegrad/onnx');
    return async (bytes, inputs) => {
      const model = await onnx.load(bytes);
      model.run(Object.fromEntries(inputs));
      model.dispose();
    };
  },
  'onnxruntime-web': async () => {
    const ort = await import(
      pathToFileURL(join(options.ort, 'node_modules/onnxruntime-web/dist/ort.node.min.mjs')).href
    );
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'error';
    return async (bytes, inputs) => {
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      const feeds = inputs.map(([name, { data, shape, dtype }]) => [name, new ort.Tensor(dtype, data, shape)]);
      await session.run(Object.fromEntries(feeds));
      await session.release();
    };
  },
};

/** In a process of its own: milliseconds of the first time, and of each after it. */
async function measure(peer) {
  const bytes = new Uint8Array(readFileSync(join(folder, `${options.only}.onnx`)));
  const inputs = read(options.only);
  const times = [];
  let from = performance.now();
  const run = await peers[peer]();
  for (let i = 0; i < AGAIN; i++) {
    await run(bytes, inputs);
    times.push(performance.now() - from);
    from = performance.now();
  }
  console.log(JSON.stringify(times));
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

function compare() {
  const found = Object.fromEntries(Object.keys(peers).map((peer) => [peer, { fresh: [], again: [] }]));
  for (let i = 0; i < Number(options.runs); i++)
    for (const peer of Object.keys(peers)) {
      const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--peer', peer];
      const [first, ...rest] = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
      found[peer].fresh.push(first);
      found[peer].again.push(...rest);
    }
  const { samegrad: own, 'onnxruntime-web': theirs } = found;
  for (const kind of ['fresh', 'again']) {
    const [a, b] = [median(own[kind]), median(theirs[kind])];
    console.log(
      `${options.only}, ${kind}: ${a.toFixed(0)} ms, onnxruntime-web ${b.toFixed(0)}, ratio ${(a / b).toFixed(2)}`,
    );
  }
}

if (options.peer) await measure(options.peer);
else compare();
