/** A thousand random models against Keras 3 (goldens/models.py): eager, as a function of `jit` and as a model, before and after training. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { farOff } from '../support/distance';
import { effort } from '../support/effort';

type Tensor = sg.Tensor;
type LayerSettings = readonly [name: string, config: Settings];
interface Settings {
  readonly layer?: LayerSettings;
  readonly [key: string]: unknown;
}
interface Golden {
  readonly inputs: readonly (readonly [kind: string, shape: readonly number[]])[];
  /** A layer's name and settings, or 'again' and the number of an earlier step; then the values that it is called on. */
  readonly steps: readonly (readonly [name: string, config: Settings | number, inputs: readonly number[]])[];
  readonly outputs: readonly number[];
  /** Two elements of each output, two losses, two elements of each output after training. */
  readonly numbers: readonly number[];
}

const BATCH = 3;
const RATE = 0.05;
const GROUPS = 20;
const goldens = JSON.parse(
  readFileSync(new URL('../goldens/models.json', import.meta.url), 'utf8'),
) as readonly Golden[];

/** As `values` of the generator. */
function values(shape: readonly number[], seed: number, low = -1, high = 1): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = Float32Array.from({ length: size }, (_, i) => {
    const mixed = (Math.imul(i + 1, 2654435761) + Math.imul(seed + 1, 2246822519)) >>> 0;
    const hash = Math.imul(mixed ^ (mixed >>> 15), 2654435769) >>> 0;
    return low + ((high - low) * (hash >>> 8)) / 2 ** 24;
  });
  return sg.tensor(numbers, shape);
}

function dataOf(kind: string, shape: readonly number[], seed: number): Tensor {
  const x = values([BATCH, ...shape], seed);
  if (kind === 'words') return x.add(1).mul(3.5).floor();
  if (kind !== 'masked') return x;
  // The last step of the first row and all but the first of the second are padding.
  const steps = shape[0] as number;
  const kept = (row: number, step: number): number => Number(row === 0 ? step < steps - 1 : row > 1 || step === 0);
  const mask = Array.from({ length: BATCH }, (_, r) => Array.from({ length: steps }, (_, s) => [kept(r, s)]));
  return x.mul(sg.tensor(mask));
}

function layerOf(name: string, { layer, ...settings }: Settings): sg.Layer {
  const make = (sg.layers as unknown as Record<string, (config: object) => sg.Layer>)[name];
  if (!make) throw new Error(`sg.layers.${name} is missing`);
  return make(layer ? { ...settings, layer: layerOf(...layer) } : settings);
}

function build({ inputs, steps, outputs }: Golden) {
  const symbols = inputs.map(([, shape]) => sg.input({ shape: [...shape] }));
  const all: sg.SymbolicTensor[] = [...symbols];
  const layers: sg.Layer[] = [];
  for (const [name, config, from] of steps) {
    const layer = typeof config === 'number' ? (layers[config] as sg.Layer) : layerOf(name, config);
    layers.push(layer);
    const ends = from.map((i) => all[i] as sg.SymbolicTensor);
    all.push(layer.apply(ends.length > 1 ? ends : (ends[0] as sg.SymbolicTensor)) as sg.SymbolicTensor);
  }
  const model = sg.model({ inputs: symbols, outputs: outputs.map((i) => all[i] as sg.SymbolicTensor) });
  let seed = 100;
  for (const layer of new Set(layers))
    if (layer.weights.length)
      layer.setWeights(
        layer.weights.map((w) =>
          /gamma|variance/i.test(w.name) ? values(w.shape, seed++, 0.5, 1.5) : values(w.shape, seed++, -0.6, 0.6),
        ),
      );
  return model;
}

const listOf = <T>(x: T | T[]): T[] => (Array.isArray(x) ? x : [x]);
const bitsOf = (tensors: readonly Tensor[]): string =>
  tensors.map((t) => Buffer.from(t.dataSync().buffer.slice(0)).toString('hex')).join();
const firstTwo = (tensors: readonly Tensor[]): number[] => tensors.flatMap((t) => [...t.dataSync().slice(0, 2)]);

/** What is wrong with a model, or undefined. */
async function fault(golden: Golden): Promise<string | undefined> {
  const model = build(golden);
  const xs = golden.inputs.map(([kind, shape], i) => dataOf(kind, shape, i));
  const call = (): Tensor[] => listOf(model.apply(xs.length > 1 ? xs : (xs[0] as Tensor)) as Tensor | Tensor[]);
  const predict = (): Tensor[] => listOf(model.predict(xs));
  const before = predict();
  const compiled = sg.jit((...inputs: Tensor[]) => model.apply(inputs.length > 1 ? inputs : (inputs[0] as Tensor)));
  if (bitsOf(call()) !== bitsOf(before)) return 'eager and predicted bits differ';
  if (bitsOf(listOf(compiled(...xs) as Tensor | Tensor[])) !== bitsOf(before)) return 'bits of jit and predict differ';
  const numbers = firstTwo(before);
  const ys = before.map((y, i) => values(y.shape, 50 + i));
  model.compile({ optimizer: sg.train.sgd(RATE), loss: 'meanSquaredError' });
  for (let step = 0; step < 2; step++) numbers.push(listOf(await model.trainOnBatch(xs, ys))[0] as number);
  const after = predict();
  if (bitsOf(call()) !== bitsOf(after)) return 'eager and predicted bits differ after training';
  numbers.push(...firstTwo(after));
  compiled.dispose();
  model.dispose();
  return farOff(Float32Array.from(numbers), golden.numbers, 2e-4);
}

describe('random models of Keras 3', () => {
  const size = Math.ceil(goldens.length / GROUPS);
  it.each(Array.from({ length: GROUPS }, (_, g) => [g * size, Math.min(goldens.length, (g + 1) * size) - 1] as const))(
    'models %i to %i',
    async (first, last) => {
      const faults: string[] = [];
      for (let i = first; i <= last; i += effort(1, 4)) {
        const golden = goldens[i] as Golden;
        const found = await fault(golden).catch((error: Error) => `${error.name}: ${error.message}`);
        if (found) faults.push(`${i}: ${found}\n  ${JSON.stringify(golden)}`);
      }
      expect(faults).toEqual([]);
    },
  );

  it('are a thousand', () => expect(goldens.length).toBe(1000));
});
