/** Weights in several files, and in streams. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';
import { inOwnFolder } from '../../support/folder';

inOwnFolder();

const make = (): sg.Sequential =>
  sg.sequential({ layers: [sg.layers.dense({ units: 8, inputShape: [16] }), sg.layers.dense({ units: 2 })] });
const x = sg.range(0, 32, 1).reshape([2, 16]);
const outputs = (model: sg.LayersModel): number[] => [...(model.predict(x) as sg.Tensor).dataSync()];
const weightFiles = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.bin'));

describe('shards', () => {
  it('have the size that was asked for, and are one model', async () => {
    const model = make();
    await model.save('some', { weightShardSize: 100 });
    // 616 bytes.
    const names = Array.from({ length: 7 }, (_, i) => `weights-shard${i + 1}of7.bin`);
    expect(weightFiles('some')).toEqual(names);
    expect(names.map((name) => statSync(`some/${name}`).size)).toEqual([100, 100, 100, 100, 100, 100, 16]);
    const json = JSON.parse(readFileSync('some/model.json', 'utf8'));
    expect(json.weightsManifest).toHaveLength(1);
    expect(json.weightsManifest[0].paths).toEqual(names);
    expect(outputs(await sg.loadModel('some'))).toEqual(outputs(model));
  });

  it('are 4 MB by default', async () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1100, inputShape: [1000], useBias: false })] });
    await model.save('large');
    expect(weightFiles('large').map((name) => statSync(`large/${name}`).size)).toEqual([
      4_194_304,
      4_400_000 - 4_194_304,
    ]);
  });

  it('take the place of others, and only of those that were written here', async () => {
    const model = make();
    for (const [size, stem, count] of [
      [undefined, 'weights', 1],
      [400, 'weights', 2],
      [400, 'weights.1', 2],
      [100, 'weights', 7],
      [undefined, 'weights', 1],
    ] as const) {
      await model.save('again', { weightShardSize: size ?? null });
      const names = weightFiles('again');
      expect(names).toHaveLength(count);
      expect(names[0]).toBe(count === 1 ? `${stem}.bin` : `${stem}-shard1of${count}.bin`);
      expect(outputs(await sg.loadModel('again'))).toEqual(outputs(model));
    }
  });

  it('one of which is damaged or gone ends in an error', async () => {
    await make().save('torn', { weightShardSize: 200 });
    const { truncateSync, rmSync } = await import('node:fs');
    truncateSync('torn/weights-shard2of4.bin', 100);
    await expect(sg.loadModel('torn')).rejects.toBeInstanceOf(sg.FormatError);
    rmSync('torn/weights-shard2of4.bin');
    await expect(sg.loadModel('torn')).rejects.toBeInstanceOf(sg.ArgumentError);
  });

  it('are for folders', async () => {
    await expect(make().save('one.safetensors', { weightShardSize: 100 })).rejects.toThrow(
      /weightShardSize is for folders/,
    );
    await expect(sg.io.toBytes(make(), { weightShardSize: 100 })).rejects.toThrow(/weightShardSize is for folders/);
    await expect(make().save('none', { weightShardSize: 0 })).rejects.toThrow(/must be a positive integer/);
    expect(existsSync('one.safetensors') || existsSync('none')).toBe(false);
  });
});

describe('streams', () => {
  const streamOf = (bytes: Uint8Array, size: number, pulled: number[] = []): ReadableStream<Uint8Array> => {
    let at = 0;
    return new ReadableStream(
      {
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          controller.enqueue(bytes.slice(at, at + size));
          at += size;
          pulled.push(at);
        },
      },
      { highWaterMark: 0 },
    );
  };

  it('of a handler are a model', async () => {
    const model = make();
    let kept: sg.io.ModelArtifacts = {};
    await model.save(
      sg.io.withSaveHandler(async (artifacts) => {
        kept = artifacts;
        return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
      }),
    );
    const { weightData, ...rest } = kept;
    const getWeightStream = () => streamOf(new Uint8Array(weightData as ArrayBuffer), 50);
    const copy = await sg.loadModel({ load: async () => ({ ...rest, getWeightStream }) });
    expect(outputs(copy)).toEqual(outputs(model));
  });

  it('become tensors as they arrive, and are read no further than needed', async () => {
    const { data, specs } = await sg.io.encodeWeights({ a: sg.ones([10]), b: sg.zeros([5]), c: sg.ones([7], 'bool') });
    const bytes = new Uint8Array(new Uint8Array([...new Uint8Array(data), ...new Uint8Array(1000)]));
    const pulled: number[] = [];
    const { a, b, c } = await sg.io.decodeWeightsStream(streamOf(bytes, 6, pulled), specs);
    expect([a, b, c].map((t) => t?.sum().dataSync()[0])).toEqual([10, 0, 7]);
    expect(Math.max(...pulled)).toBe(72);
  });

  it('that break off leave nothing', async () => {
    const { data, specs } = await sg.io.encodeWeights({ a: sg.ones([10]), b: sg.zeros([5]) });
    const before = sg.memory().numTensors;
    for (const length of [0, 39, 40, 59])
      await expect(
        sg.io.decodeWeightsStream(streamOf(new Uint8Array(data).slice(0, length), 7), specs),
      ).rejects.toBeInstanceOf(sg.FormatError);
    expect(sg.memory().numTensors).toBe(before);
  });
});
