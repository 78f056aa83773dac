/**
 * Models saved here, in both formats and with their training, continue in other processes and runtimes with the same bits:
 * every layer, optimizer, loss, metric and regularizer. The others import the built package.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { run } from '../support/child';
import { isAll } from '../support/effort';
import { nameOf } from '../tables/layers/check';
import { layerTable } from '../tables/layers/table';
// @ts-expect-error a module for other runtimes
import { outcome as untyped } from './scripts/outcome.mjs';

interface Data {
  readonly shapes: readonly (readonly number[])[];
  readonly below?: number | undefined;
  readonly target: readonly number[];
  readonly classes?: number;
}
type Made = readonly [name: string, model: () => sg.LayersModel, data: Data];

const outcome = untyped as (library: typeof sg, model: sg.LayersModel, data: Data) => Promise<string>;
const { layers } = sg;
const BATCH = 2;

const vector: Data = { shapes: [[4]], target: [3] };

function mlp(args: Partial<sg.CompileArgs>, kernelRegularizer?: sg.regularizers.Regularizer): sg.LayersModel {
  const first = { units: 5, activation: 'sigmoid', inputShape: [4], ...(kernelRegularizer && { kernelRegularizer }) };
  const model = sg.sequential({
    layers: [
      layers.dense(first as never),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', ...args });
  return model;
}

/** Functions of a namespace that make something without arguments. */
const factories = (space: object, ...skip: string[]): [string, () => never][] =>
  Object.entries(space).filter(
    ([name, f]) => typeof f === 'function' && /^[a-z]/.test(name) && !skip.includes(name),
  ) as [string, () => never][];

const ofClasses = ['sparseCategoricalCrossentropy', 'categoricalGeneralizedCrossEntropy', 'circle'];

/** A layer in a model that trains. */
function withLayer(c: (typeof layerTable)[number]): sg.LayersModel {
  const make = (layers as unknown as Record<string, (config: object) => sg.Layer>)[c.layer];
  const inputs = c.inputs.map((shape) => sg.input({ batchShape: [BATCH, ...shape] }));
  const applied = (make as (config: object) => sg.Layer)({ ...c.config }).apply(
    (inputs.length === 1 ? inputs[0] : inputs) as never,
    c.args as never,
  );
  const [output] = [applied].flat() as sg.SymbolicTensor[];
  const flat = layers.flatten().apply(output as sg.SymbolicTensor) as sg.SymbolicTensor;
  const outputs = layers.dense({ units: 3 }).apply(flat) as sg.SymbolicTensor;
  const model = sg.model({ inputs, outputs });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}

/** The first row of each layer. */
const oneOfEach = layerTable.filter((c, i) => layerTable.findIndex(({ layer }) => layer === c.layer) === i);

/** Metrics of numbers, in models that train with them; those of classes need how many there are. */
function everyMetric(): Made[] {
  const makers = factories(sg.metrics, 'deserialize', 'serialize', 'meanMetricWrapper');
  return makers.flatMap(([name, f]): Made[] => {
    const isSparse = name.startsWith('sparse');
    for (const settings of [{ numClasses: 3, targetClassIds: [0] }, { numClasses: 3 }, undefined])
      try {
        const metric = (f as (s?: object) => unknown)(settings) as sg.metrics.Metric;
        mlp({ metrics: [metric] }).dispose();
        const args = { metrics: [(f as (s?: object) => sg.metrics.Metric)(settings)], weightedMetrics: ['mse'] };
        if (!isSparse) return [[name, () => mlp(args), { ...vector, classes: 2 }]];
        const loss = 'sparseCategoricalCrossentropy';
        return [[name, () => mlp({ ...args, loss, weightedMetrics: [] }), { ...vector, target: [1], classes: 3 }]];
      } catch {}
    return [];
  });
}

const MADE: readonly Made[] = [
  ...factories(sg.train, 'diagnose', 'findLearningRate', 'inspect', 'momentum').map(
    ([name, f]): Made => [name, () => mlp({ optimizer: (f as (rate: number) => sg.Optimizer)(0.05) }), vector],
  ),
  ['momentum', () => mlp({ optimizer: sg.train.momentum(0.05, 0.9, true) }), vector],
  ...factories(sg.losses, 'computeWeightedLoss', 'perceptron').map(
    ([name, f]): Made => [
      name,
      () => mlp({ loss: f() }),
      ofClasses.includes(name) ? { ...vector, target: [1], classes: 3 } : { ...vector, classes: 2 },
    ],
  ),
  ...everyMetric(),
  ...factories(sg.regularizers, 'serialize', 'deserialize', 'getRegularizer').map(
    ([name, f]): Made => [name, () => mlp({}, f()), vector],
  ),
  ...oneOfEach.map((c): Made => [nameOf(c), () => withLayer(c), { shapes: c.inputs, below: c.below, target: [3] }]),
];

let folder: string;
const cases: { name: string; files: string[]; data: Data; expected: string }[] = [];

const toFolder = (path: string): sg.io.IOHandler =>
  sg.io.withSaveHandler(async (artifacts) => {
    const { weightSpecs, weightData, ...parts } = artifacts;
    mkdirSync(path);
    const json = { ...parts, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
    writeFileSync(join(path, 'model.json'), JSON.stringify(json));
    writeFileSync(join(path, 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
    return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
  });

async function write([name, make, data]: Made): Promise<void> {
  const model = make();
  // The moments of the optimizer are something then.
  await outcome(sg, model, data);
  const place = `${cases.length}`;
  // Not by their paths, as a test need not wait for the disk.
  writeFileSync(join(folder, `${place}.safetensors`), await sg.io.toBytes(model, { includeOptimizer: true }));
  await model.save(toFolder(join(folder, place)), { includeOptimizer: true });
  cases.push({ name, files: [`${place}.safetensors`, place], data, expected: await outcome(sg, model, data) });
  model.dispose();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'samegrad-'));
  for (const made of MADE) await write(made);
  writeFileSync(join(folder, 'cases.json'), JSON.stringify({ cases }));
}, 600_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
}, 600_000);

it('every one of them was saved', () => {
  const saved = cases.map(({ name }) => name);
  const others = factories(sg.metrics).filter(([name]) => !saved.includes(name));
  // Curves, tables, functions of others: no metrics of a training.
  expect(others.map(([name]) => name).sort()).toEqual(
    ['classificationReport', 'confusionMatrix', 'deserialize', 'mean', 'meanMetricWrapper'].concat([
      'precisionRecallCurve',
      'rocCurve',
      'serialize',
      'sum',
    ]),
  );
  expect(cases.length).toBe(MADE.length);
  expect(cases.length).toBeGreaterThan(140);
});

const installed = (path: string): string => resolve('test/runtimes/node_modules', path);
const RUNTIMES: readonly (readonly [name: string, binary: string, args: readonly string[]])[] = [
  ['Node', process.execPath, []],
  ['Deno', installed('@deno/linux-x64-glibc/deno'), ['run', '--allow-read', '--allow-env', '--no-config', '--no-lock']],
  ['Bun', installed('@oven/bun-linux-x64/bin/bun'), ['run', '--no-install']],
];

it.each(RUNTIMES.filter(([name, binary]) => existsSync(binary) && (isAll || name !== 'Bun')))(
  '%s continues with the same bits',
  async (_, binary, args) => {
    const library = pathToFileURL(resolve('dist/index.js')).href;
    const script = resolve('test/io/scripts/continues.mjs');
    const output = await run(binary, [...args, script, library, folder], { timeout: 300_000 });
    const { loaded, faults } = JSON.parse(output.trim().split('\n').at(-1) as string) as {
      loaded: number;
      faults: string[];
    };
    expect(faults).toEqual([]);
    expect(loaded).toBe(cases.length * 2);
  },
  300_000,
);
