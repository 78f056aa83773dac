// Figures that concern samegrad alone: how near to its microkernel, the cost of a command, memory, garbage, size.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import asc from 'assemblyscript/asc';
import * as sg from 'samegrad';
import { int8Figures } from './int8.mjs';
import { local, measure } from './measure.mjs';
import { opcodeOf } from './opcodes.mjs';
import { optimizerFigures } from './optimizers.mjs';

const root = new URL('..', import.meta.url);

async function compileMicrokernel() {
  const flags = [
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--initialMemory',
    '4',
    '--outFile',
    'out.wasm',
  ];
  let bytes;
  const { error, stderr } = await asc.main(['bench/assembly/microkernel.ts', ...flags, '--disableWarning', '112'], {
    readFile: (name) => readFileSync(new URL(name, root), { encoding: 'utf8', flag: 'r' }),
    writeFile: (_name, contents) => {
      bytes = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const memory = new WebAssembly.Memory({ initial: 16 });
  new Float32Array(memory.buffer).fill(1e-3);
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory, abort() {} } });
  return instance.exports.microkernel;
}

/** Products against the microkernel, in turn; GFLOP/s of both. */
async function efficiency(pace) {
  const microkernel = await compileMicrokernel();
  const rows = [];
  for (const n of [64, 128, 256, 512, 1024]) {
    const a = sg.randomNormal([n, n]);
    const b = sg.randomNormal([n, n]);
    const flops = 2 * n ** 3;
    const tiles = Math.max(1, Math.round(flops / (64 * 256)));
    const results = await measure(
      [local('matMul', () => sg.matMul(a, b).dispose()), local('microkernel', () => microkernel(tiles, 256))],
      pace,
    );
    const [product, kernel] = results.map(({ min }, i) => (i ? tiles * 64 * 256 : flops) / min / 1e6);
    rows.push({
      what: `matMul ${n}: GFLOP/s, share of the microkernel's ${kernel.toFixed(1)}`,
      value: `${product.toFixed(1)}, ${((100 * product) / kernel).toFixed(1)} %`,
    });
    a.dispose();
    b.dispose();
  }
  return rows;
}

/** A program of commands that do next to nothing: `Count` on one cell. */
function dispatch() {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 64 });
  const module = new WebAssembly.Module(readFileSync(new URL('build/samegrad.wasm', root)));
  const { run } = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports;
  const opCount = opcodeOf('Count');
  const words = new Uint32Array(memory.buffer);
  const start = 4096;
  const commands = 100_000;
  for (let i = 0; i < commands; i++) words.set([opCount, 16, 2048, 0], start / 4 + 4 * i);
  words.set([0, 8], start / 4 + 4 * commands);
  let best = Infinity;
  for (let i = 0; i < 20; i++) {
    const t = performance.now();
    run(start, 1, 1);
    best = Math.min(best, performance.now() - t);
  }
  return { what: 'dispatch of one command, ns', value: ((best * 1e6) / commands).toFixed(2) };
}

function cnn() {
  const { layers } = sg;
  const model = sg.sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** The last line of the printed plan says what the workspace takes. */
function plan() {
  const model = cnn();
  const x = sg.randomUniform([32, 28, 28, 1]);
  const y = sg.oneHot(sg.randomUniformInt([32], 0, 10), 10);
  const line = model.describeStep('train', x, y).split('\n').at(-1);
  return { what: 'memory of the CNN train step', value: line };
}

/** Bytes of JavaScript heap that one step of `fit` leaves behind. */
async function garbage() {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const model = sg.sequential({ layers: [sg.layers.dense({ units: 10, activation: 'softmax', inputShape: [16] })] });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const steps = 2000;
  const x = sg.randomUniform([8 * steps, 16]);
  const y = sg.oneHot(sg.randomUniformInt([8 * steps], 0, 10), 10);
  const settings = { batchSize: 8, shuffle: false, verbose: 0, yieldEvery: 1e9 };
  await model.fit(x, y, { ...settings, epochs: 5 });
  gc();
  const before = process.memoryUsage().heapUsed;
  await model.fit(x, y, { ...settings, epochs: 1 });
  return {
    what: 'JavaScript garbage of one step of fit, bytes',
    value: Math.round((process.memoryUsage().heapUsed - before) / steps),
  };
}

async function predictOne(pace) {
  const { layers } = sg;
  const model = sg.sequential({
    layers: [
      layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  const x = sg.randomUniform([1, 784]);
  const [{ min, median }] = await measure([local('predict', () => model.predict(x).dispose())], pace);
  return {
    what: 'predict MLP, batch 1: microseconds (min, median)',
    value: `${(min * 1000).toFixed(2)}, ${(median * 1000).toFixed(2)}`,
  };
}

function size() {
  const gz = (name) => gzipSync(readFileSync(new URL(`dist/${name}`, root)), { level: 9 }).length;
  const index = gz('index.js') + gz('samegrad.wasm.js');
  return {
    what: 'size, gzipped: default entry with its wasm; with the threaded module too',
    value: `${(index / 1000).toFixed(1)} KB; ${((index + gz('samegrad-threads.wasm.js')) / 1000).toFixed(1)} KB`,
  };
}

/** All rows, as { what, value }. */
export async function ownFigures(pace) {
  return [
    ...(await efficiency(pace)),
    ...(await int8Figures(pace)),
    ...(await optimizerFigures(pace)),
    dispatch(),
    await predictOne(pace),
    plan(),
    await garbage(),
    size(),
  ];
}
