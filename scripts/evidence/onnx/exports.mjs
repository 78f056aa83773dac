// Exports the models of the examples, or with --tables all layers and functions of the tests' tables, quantized models,
// compiled functions and imported graphs among layers, to ONNX, with inputs and what they predict here.
//
//   node scripts/evidence/onnx/exports.mjs OUT [--tables | example…]
//   python scripts/evidence/onnx/exports.py OUT [TABLE.md]
//
// The second line, with onnx and onnxruntime of PyPI, checks each file and compares what onnxruntime predicts.
// Examples run their short form, in processes of their own that load this file first: it notes their models.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(import.meta.url);
const root = join(dirname(here), '../../..');
const NOTING = 'SAMEGRAD_ONNX_EXPORTS';

/** Sizes of dimensions that are open in the file: the batch, and others. */
const OPEN = { batch: 4, other: 6 };

/** Shapes of inputs that a model's own sizes settle, although it leaves them open. */
const SIZED = { 'fine-tuning': { functional: ['batch', 3, 48, 48] } };

/** All layers inside, for the tables whose indices inputs are. */
const layersOf = (model) => model.layers.flatMap((layer) => [layer, ...(layer.layers ? layersOf(layer) : [])]);

/** Numbers for the i-th input: indices where the model looks them up, else about ±1. */
function numbersFor(sg, model, shape, i) {
  const seed = i + 1;
  const size = shape.reduce((a, b) => a * b, 1);
  const tables = layersOf(model).filter((layer) => layer.getClassName() === 'Embedding');
  const rows = tables.map((layer) => layer.getConfig().inputDim);
  if (rows.length && shape.length === 2)
    return sg.tensor(
      Array.from({ length: size }, (_, k) => (k * 7 + seed) % Math.min(...rows)),
      shape,
      model.inputs[i]?.dtype ?? 'float32',
    );
  return sg.randomUniform(shape, -1, 1, 'float32', seed);
}

const portable = (x) => ({
  shape: x.shape,
  dtype: x.dtype,
  data: [...x.dataSync()].map((v) => (Number.isFinite(v) && !Object.is(v, -0) ? v : String(v).replace(/^0$/, '-0'))),
});

const list = (x) => (Array.isArray(x) ? x : [x]);

/** Writes a file and what goes in and comes out. */
function put(folder, name, bytes, inputs, outputs) {
  writeFileSync(join(folder, `${name}.onnx`), bytes);
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ inputs: inputs.map(portable), outputs: outputs.map(portable) }),
  );
}

/** In the process of an example: notes models, and exports them when they are disposed of or at the end. */
async function note(folder) {
  const [sg, onnx] = await Promise.all([import('samegrad'), import('samegrad/onnx')]);
  const example = basename(dirname(process.argv[1]));
  const Model = Object.getPrototypeOf(sg.Sequential.prototype);
  const noted = new Set();
  const exported = new Set();
  const write = async (model) => {
    if (exported.has(model)) return;
    exported.add(model);
    const name = `${example}-${exported.size}-${model.name.replace(/\W/g, '_')}`;
    try {
      const inputShapes = SIZED[example]?.[model.name];
      const shapes = inputShapes
        ? [inputShapes.map((d) => (typeof d === 'number' ? d : null))]
        : list(Array.isArray(model.inputShape[0]) ? model.inputShape : [model.inputShape]);
      const xs = shapes.map((shape, i) =>
        numbersFor(
          sg,
          model,
          shape.map((d, k) => d ?? (k ? OPEN.other : OPEN.batch)),
          i,
        ),
      );
      const ys = list(model.predict(xs.length === 1 ? xs[0] : xs));
      put(folder, name, await onnx.toONNX(model, { inputShapes }), xs, ys);
    } catch (error) {
      writeFileSync(join(folder, `${name}.failed`), String(error.stack));
    }
  };
  for (const method of ['compile', 'predict', 'fit', 'fitDataset', 'trainOnBatch', 'run', 'feed']) {
    const before = Model[method];
    if (!before) continue;
    Model[method] = function (...args) {
      noted.add(this);
      return before.apply(this, args);
    };
  }
  // A model that goes is exported first.
  const { dispose } = Model;
  Model.dispose = function () {
    if (noted.has(this) && !exported.has(this)) write(this).then(() => dispose.call(this));
    else return dispose.call(this);
    return { refCountAfterDispose: 0, numDisposedVariables: 0 };
  };
  process.once('beforeExit', async () => {
    for (const model of [...noted]) await write(model);
  });
}

/** The sources and the tables of the tests. */
async function tables() {
  // Not for the examples, which load this file too.
  const { importSources } = await import('../../sources.mjs');
  return importSources(
    'onnx-exports',
    `
      export * as sg from './src/index';
      export * as onnx from './src/onnx/index';
      export { toONNX } from './src/onnx/export';
      export { layerTable } from './test/tables/layers/table';
      export { functionTable } from './test/tables/functions/table';
      export { tensorOf } from './test/tables/functions/checks';
      export { uniform } from './test/support/random';`,
  );
}

/** Rows of the table of layers, each as a model. Those that only draw while training are left out. */
async function exportLayers(out, { sg, toONNX, layerTable, uniform }) {
  for (const [row, c] of layerTable.entries()) {
    if (c.args?.training) continue;
    sg.setSeed(1);
    const inputs = c.inputs.map((shape) => sg.input({ shape }));
    const outputs = sg.layers[c.layer]({ ...c.config }).apply(inputs.length === 1 ? inputs[0] : inputs, { ...c.args });
    const model = sg.model({ inputs, outputs });
    const values = model.weights.map((w, i) => {
      const drawn = sg.tensor(uniform(31 + i, w.size, -0.5, 0.5), w.shape);
      return /variance/.test(w.name) ? drawn.abs().add(0.1) : drawn;
    });
    model.setWeights(values);
    const xs = c.inputs.map((shape, i) => {
      const full = [OPEN.batch, ...shape];
      const drawn = sg.tensor(
        uniform(
          row + 7 * i,
          full.reduce((a, b) => a * b, 1),
          -1,
          1,
        ),
        full,
      );
      return c.below
        ? drawn
            .add(1)
            .mul(c.below / 2)
            .floor()
            .clipByValue(0, c.below - 1)
        : drawn;
    });
    const ys = list(model.predict(xs.length === 1 ? xs[0] : xs));
    put(out, `layer-${String(row).padStart(3, '0')}-${c.layer}`, await toONNX(model), xs, ys);
  }
}

/** Rows of the table of functions, each with the shapes of its operands. */
async function exportFunctions(out, { toONNX, functionTable, tensorOf }) {
  for (const [name, rows] of Object.entries(functionTable))
    for (const [row, c] of rows.entries()) {
      if (c.eagerOnly) continue;
      const xs = c.inputs.map(tensorOf);
      const ys = list(c.run(...xs));
      if (ys.length === 0) continue;
      const file = `function-${name}-${row}`;
      try {
        put(out, file, await toONNX((...inputs) => c.run(...inputs), { inputs: xs }), xs, ys);
      } catch (error) {
        writeFileSync(join(out, `${file}.failed`), String(error.message).replaceAll('\n', ' '));
      }
    }
}

/** Models with weights of eight bits, with and without calibration. */
async function exportQuantized(out, { sg, toONNX }) {
  const { layers } = sg;
  const x = sg.input({ shape: [6] });
  const table = layers.embedding({ inputDim: 50, outputDim: 30 }).apply(x);
  const seen = layers.multiHeadAttention({ numHeads: 2, keyDim: 16 }).apply([table, table]);
  const models = {
    dense: sg.sequential({
      layers: [layers.dense({ units: 64, activation: 'relu', inputShape: [100] }), layers.dense({ units: 10 })],
    }),
    convolutions: sg.sequential({
      layers: [
        layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [12, 12, 8] }),
        layers.conv2d({ filters: 16, kernelSize: 1 }),
        layers.depthwiseConv2d({ kernelSize: 5 }),
        layers.flatten(),
        layers.dense({ units: 10 }),
      ],
    }),
    text: sg.model({ inputs: x, outputs: layers.lstm({ units: 16 }).apply(seen) }),
  };
  for (const [name, model] of Object.entries(models)) {
    const input = numbersFor(sg, model, [OPEN.batch, ...model.inputShape.slice(1)], 0);
    for (const calibration of [undefined, input]) {
      const small = sg.quantize(model, { calibration });
      const file = `quantized-${name}${calibration ? '-calibrated' : ''}`;
      put(out, file, await toONNX(small), [input], list(small.predict(input)));
    }
  }
}

/** Compiled functions, and an imported graph that was trained among layers. */
async function exportOthers(out, { sg, onnx }) {
  const w = sg.variable(sg.randomNormal([8, 3], 0, 1, 'float32', 5));
  const x = sg.randomUniform([OPEN.batch, 8], -1, 1, 'float32', 2);
  const logits = sg.jit((t) => t.matMul(w).softmax());
  put(out, 'others-jit', await onnx.toONNX(logits, { inputs: [['batch', 8]] }), [x], [logits(x)]);
  const named = sg.jit((t, scale) => ({ scaled: t.mul(scale), total: t.sum(-1) }));
  const scale = sg.tensor([2, 0.5, 1, 4, 1, 1, 1, 3]);
  const { scaled, total } = named(x, scale);
  const file = await onnx.toONNX(named, { inputs: [['batch', 8], [8]] });
  put(out, 'others-jit-named', file, [x, scale], [scaled, total]);

  const base = sg.sequential({
    layers: [
      sg.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [10, 10, 3] }),
      sg.layers.batchNormalization(),
      sg.layers.globalAveragePooling2d({}),
    ],
  });
  const imported = await onnx.load(await onnx.toONNX(base));
  for (const trainable of [false, true]) {
    const model = sg.sequential({
      layers: [
        imported.asLayer({ trainable, inputShape: [10, 10, 3] }),
        sg.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: sg.train.adam(0.01), loss: 'sparseCategoricalCrossentropy' });
    const images = sg.randomUniform([12, 10, 10, 3], -1, 1, 'float32', 7);
    await model.fit(images, sg.tensor([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]), { epochs: 2, verbose: 0 });
    const some = images.slice(0, OPEN.batch);
    const name = `others-imported${trainable ? '-trained' : ''}`;
    put(out, name, await onnx.toONNX(model), [some], [model.predict(some)]);
  }
}

async function main([out, ...wanted]) {
  mkdirSync(out, { recursive: true });
  if (wanted[0] === '--tables') {
    const parts = await tables();
    await exportLayers(out, parts);
    await exportFunctions(out, parts);
    await exportQuantized(out, parts);
    await exportOthers(out, parts);
    return;
  }
  const { names } = await import(pathToFileURL(join(root, 'examples/index.mjs')));
  for (const name of wanted.length ? wanted : names()) {
    const start = performance.now();
    const { status } = spawnSync(
      process.execPath,
      ['--import', pathToFileURL(here), join(root, 'examples', name, 'main.mjs'), '--short'],
      { env: { ...process.env, [NOTING]: out }, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 },
    );
    console.log(
      `${name}: ${status === 0 ? 'done' : `status ${status}`}, ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
  }
}

if (process.env[NOTING]) await note(process.env[NOTING]);
else await main(process.argv.slice(2));
