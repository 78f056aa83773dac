/**
 * Layers that ask for more than their file has: every number in the settings of every layer, absurd, ends in an error of
 * ours before memory is taken, or changes nothing that matters.
 */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { seal, UNSEALED } from '../../src/io/own/seal';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors/format';
import type { LayerCase } from '../tables/layers/case';
import { layerTable } from '../tables/layers/table';

type Path = readonly (string | number)[];
type Parts = sg.io.ModelArtifacts;

/** Numbers that a file may hold in the place of any other. */
const ABSURD = [12_345, 1e6, 1e9, 2 ** 31, 2 ** 40, 2 ** 53, -1, 0];
/** Bytes by which memory may grow: that of a batch or two. */
const GROWTH = 1 << 24;

async function partsOf(model: sg.LayersModel, options?: sg.io.SaveOptions): Promise<Parts> {
  let parts: Parts | undefined;
  const handler = sg.io.withSaveHandler(async (artifacts) => {
    parts = artifacts;
    return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler, options);
  model.dispose();
  return { ...JSON.parse(JSON.stringify(parts)), weightData: (parts as Parts).weightData };
}

function modelOf({ layer, config, inputs, args }: LayerCase): sg.LayersModel {
  const make = (sg.layers as unknown as Record<string, (config: object) => sg.Layer>)[layer];
  const symbols = inputs.map((shape, i) => sg.input({ shape: [...shape], name: `in${i}` }));
  const given = symbols.length === 1 ? symbols[0] : symbols;
  const outputs = make?.({ ...config, name: 'it' }).apply(given as sg.SymbolicTensor, { ...args });
  return sg.model({ inputs: symbols, outputs: outputs as sg.SymbolicTensor });
}

/** Where the numbers of a configuration are. */
const numbersIn = (value: unknown, path: Path = []): Path[] =>
  typeof value === 'number'
    ? [path]
    : Object.entries(value ?? {}).flatMap(([key, v]) => (typeof v === 'string' ? [] : numbersIn(v, [...path, key])));

function changed(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string, unknown>)[key] = changed((value as Record<string, unknown>)[key], rest, to);
  return copy;
}

async function attempt(parts: Parts, what: string): Promise<unknown> {
  const [{ numBytes, capacity }, start] = [sg.memory(), performance.now()];
  let failure: unknown;
  try {
    (await sg.loadModel(sg.io.fromMemory(parts))).dispose();
  } catch (error) {
    failure = error;
    expect(error, `${what}: ${(error as Error).stack}`).toBeInstanceOf(sg.SamegradError);
  }
  expect(sg.memory().numBytes, what).toBeLessThanOrEqual(numBytes);
  expect(sg.memory().capacity - capacity, `${what}: memory grew`).toBeLessThan(GROWTH);
  // No measure of speed: what fills a billion numbers takes longer.
  expect(performance.now() - start, what).toBeLessThan(5000);
  return failure;
}

const names = [...new Set(layerTable.map(({ layer }) => layer))];

describe('absurd numbers among the settings', () => {
  it.each(names)('%s', async (name) => {
    const seen = new Set<string>();
    for (const row of layerTable.filter(({ layer }) => layer === name)) {
      const parts = await partsOf(modelOf(row));
      const topology = parts.modelTopology as { config: object };
      for (const path of numbersIn(topology.config)) {
        const place = path.slice(2).join('.');
        if (seen.has(place)) continue;
        seen.add(place);
        for (const value of ABSURD) {
          const config = changed(topology.config, path, value);
          await attempt({ ...parts, modelTopology: { ...topology, config } }, `${name}: ${place} = ${value}`);
        }
      }
    }
  });
});

const { layers } = sg;
const tree = (config: object, depth: number): object =>
  depth === 0
    ? { class_name: 'Dense', config }
    : { class_name: 'TimeDistributed', config: { layer: tree(config, depth - 1) } };

describe('what is larger than its file', () => {
  const refusal = async (parts: Parts, what: string): Promise<unknown> => {
    const error = await attempt(parts, what);
    expect(error, what).toBeInstanceOf(sg.SamegradError);
    return error;
  };
  const sequential = (list: readonly object[], parts: Parts): Parts => ({
    ...parts,
    modelTopology: { class_name: 'Sequential', config: { name: 'it', layers: list } },
  });
  const small = (): Promise<Parts> =>
    partsOf(sg.sequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: 'only' })] }));

  it('many layers that are each small', async () => {
    const parts = await small();
    const dense = (i: number) => ({
      class_name: 'Dense',
      config: { name: `d${i}`, units: 4000, ...(i === 0 && { batch_input_shape: [null, 4000] }) },
    });
    const error = await refusal(
      sequential(
        Array.from({ length: 500 }, (_, i) => dense(i)),
        parts,
      ),
      'many layers',
    );
    expect((error as Error).message).toMatch(/need more weights than the file has/);
  });

  it('the same in a file of this library', async () => {
    const model = sg.sequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: 'only' })] });
    const { arrays, metadata } = decodeSafetensors(await sg.io.toBytes(model));
    const { config } = JSON.parse(metadata.topology as string);
    const load = async (layer: string): Promise<unknown> => {
      const topology = `{"className":"Sequential","config":{"name":"it","layers":[${layer}]}}`;
      const bytes = seal(encodeSafetensors({ arrays, metadata: { ...metadata, digest: UNSEALED, topology } }));
      return sg.loadModel(bytes).catch((error) => error);
    };
    const [own] = config.layers;
    const large = { ...own, config: { ...own.config, units: 1e8 } };
    expect(await load(JSON.stringify(large))).toBeInstanceOf(sg.FormatError);
    for (const depth of [90, 5000, 100_000]) {
      const deep = `${'{"className":"TimeDistributed","config":{"layer":'.repeat(depth)}${JSON.stringify(own)}${'}}'.repeat(depth)}`;
      expect(await load(deep)).toBeInstanceOf(sg.SamegradError);
    }
  });

  it('layers in layers without end', async () => {
    const parts = await small();
    for (const depth of [150, 1000, 5000])
      await refusal(sequential([tree({ units: 2, batch_input_shape: [null, 3] }, depth)], parts), `${depth} deep`);
  });

  it('the batch of a layer that keeps states', async () => {
    const parts = await partsOf(
      sg.sequential({ layers: [layers.lstm({ units: 3, stateful: true, batchInputShape: [2, 4, 3] })] }),
    );
    const topology = parts.modelTopology as { config: object };
    for (const batch of [1e8, 2 ** 31, 2 ** 53]) {
      const config = changed(topology.config, ['layers', 0, 'config', 'batch_input_shape', 0], batch);
      await attempt({ ...parts, modelTopology: { ...topology, config } }, `a batch of ${batch}`);
    }
  });

  it.each(['forward', 'backward'])('thousands of layers, listed %s', async (order) => {
    const parts = await partsOf(
      ((x) => sg.model({ inputs: x, outputs: layers.dense({ units: 2, name: 'only' }).apply(x) }))(
        sg.input({ shape: [3], name: 'in0' }),
      ),
    );
    const topology = parts.modelTopology as { config: { layers: object[] } };
    const more = Array.from({ length: 3000 }, (_, i) => ({
      class_name: 'Activation',
      name: `a${i}`,
      config: { name: `a${i}`, activation: 'relu' },
      inbound_nodes: [[[i === 0 ? 'only' : `a${i - 1}`, 0, 0, {}]]],
    }));
    if (order === 'backward') more.reverse();
    const config = {
      ...topology.config,
      layers: [...topology.config.layers, ...more],
      output_layers: [['a2999', 0, 0]],
    };
    await attempt({ ...parts, modelTopology: { ...topology, config } }, order);
  });
});
