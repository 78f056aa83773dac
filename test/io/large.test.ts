/** Files of several pieces: read piece by piece into the memory of their weights. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { FileData } from '../../src/io/own/data';
import { encodeSafetensors } from '../../src/io/safetensors/format';
import { parseHeader, startOfData } from '../../src/io/safetensors/header';
import { sourceOfBytes } from '../../src/io/storage/sources';
import { Digest } from '../../src/io/weights/digest';
import { File } from '../../src/runtime/files';
import { random } from '../models/helpers';

const folder = mkdtempSync(join(tmpdir(), 'samegrad-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** About 4 MB of weights, whose ends are not those of pieces; with the training three times that. */
function make(): sg.Sequential {
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 701, inputShape: [701], activation: 'tanh', name: 'first' }),
      sg.layers.batchNormalization({ name: 'normal' }),
      sg.layers.dense({ units: 733, name: 'last' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}
const [x, y] = [random(1, [2, 701]), random(2, [2, 733])];
const valuesOf = (model: sg.LayersModel): string =>
  model.weights.reduce((hash, w) => hash.update(w.dataSync()), createHash('sha1')).digest('hex');

describe('a file of this library', () => {
  it.each(['float32', 'float16', 'bfloat16', 'int8'] as const)('as %s, with its training', async (weights) => {
    const model = make();
    await model.trainOnBatch(x, y);
    await model.save(at('model.safetensors'), { weights, includeOptimizer: true });
    const bytes = new Uint8Array(readFileSync(at('model.safetensors')));
    // A path is read in pieces; bytes at once, into a model that is there already.
    const piecewise = (await sg.loadModel(at('model.safetensors'))) as sg.Sequential;
    const whole = make();
    await whole.loadWeights(bytes);
    expect(valuesOf(piecewise)).toEqual(valuesOf(whole));
    const fromBytes = (await sg.loadModel(bytes)) as sg.Sequential;
    const losses = await Promise.all([piecewise, fromBytes].map((m) => m.trainOnBatch(x, y)));
    expect(losses[0]).toEqual(losses[1]);
    if (weights === 'float32') expect(losses[0]).toEqual(await model.trainOnBatch(x, y));
    expect(valuesOf(piecewise)).toEqual(valuesOf(fromBytes));
    // Before they are collected, which would be seen in the memory of the next test.
    for (const each of [model, piecewise, whole, fromBytes]) each.dispose();
  });

  it('is refused when it was damaged anywhere, and leaves nothing', async () => {
    const model = make();
    await model.save(at('whole.safetensors'));
    const bytes = new Uint8Array(readFileSync(at('whole.safetensors')));
    const before = { numBytes: sg.memory().numBytes, values: valuesOf(model) };
    for (const place of [200, 3000, bytes.length >> 1, (1 << 20) + 4000, bytes.length - 1]) {
      const damaged = bytes.slice();
      damaged[place] = (damaged[place] as number) ^ 4;
      writeFileSync(at('damaged.safetensors'), damaged);
      for (const source of [at('damaged.safetensors'), damaged]) {
        await expect(sg.loadModel(source)).rejects.toThrow(sg.FormatError);
        await expect(model.loadWeights(source)).rejects.toThrow(sg.FormatError);
      }
    }
    expect(sg.memory().numBytes).toBe(before.numBytes);
    expect(valuesOf(model)).toEqual(before.values);
  });

  it('is refused for its damage, not for what the damage makes of its layers', async () => {
    const bytes = await sg.io.toBytes(make());
    const text = new TextDecoder('latin1').decode(bytes);
    for (const [good, bad] of [
      ['BatchNormalization', 'batchNormalizatioX'],
      ['\\"units\\":701', '\\"units\\":901'],
      ['\\"units\\":701', '\\"units\\":7x1'],
    ] as const) {
      const damaged = bytes.slice();
      damaged.set(new TextEncoder().encode(bad), text.indexOf(good));
      await expect(sg.loadModel(damaged)).rejects.toThrow(/is damaged: its digest/);
    }
  });
});

it('arrays that begin anywhere are read in pieces as at once', async () => {
  const count = 400_001;
  const numbers = Float32Array.from({ length: count }, (_, i) => i / 7);
  const bytes = encodeSafetensors({
    arrays: {
      flags: { shape: [3], data: Uint8Array.of(1, 0, 1), type: 'BOOL' },
      odd: { shape: [count], data: numbers },
      halves: { shape: [count], data: Uint16Array.from(numbers, (_, i) => i & 0x3fff), type: 'F16' },
      long: { shape: [count], data: BigInt64Array.from(numbers, (_, i) => BigInt(i - 1000)) },
    },
    metadata: {},
  });
  const source = sourceOfBytes(bytes);
  const start = startOfData(bytes, bytes.length);
  const { entries } = parseHeader(bytes.subarray(8, start), start, bytes.length);
  const targets = (): (Float32Array | Int32Array)[] => [
    new Int32Array(3),
    new Float32Array(count),
    new Float32Array(count),
    new Int32Array(count),
  ];
  const [poured, loaded] = [targets(), targets()];
  const data = new FileData(source, start, entries);
  await data.pour(data.arrays, (i) => poured[i] as Float32Array, []);
  const other = new FileData(source, start, entries);
  await other.load();
  for (const [i, array] of other.arrays.entries()) array.copyTo(loaded[i] as Float32Array);
  for (const [i, target] of poured.entries())
    expect(Buffer.from(target.buffer).equals(Buffer.from((loaded[i] as Float32Array).buffer))).toBe(true);
  expect((loaded[1] as Float32Array)[count - 1]).toBe(Math.fround((count - 1) / 7));
});

it('pieces of a block have the digest of the block', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) % 251);
  for (const length of [0, 1, 31, 32, 33, 64, 96, 1000]) {
    const block = bytes.subarray(0, length);
    const pieces = new Digest();
    for (let i = 0; i < length; i += 96) pieces.addPiece(block.subarray(i, i + 96));
    const last = block.subarray(length - (length % 96 || Math.min(length, 96)));
    expect(pieces.end(last, length).toString()).toBe(new Digest().add(block).toString());
  }
});

describe('pieces of a file', () => {
  const bytes = Uint8Array.from({ length: 10_007 }, (_, i) => (i * 7) % 256);
  const file = new File(at('pieces'), 'test');
  const gather = async (from: number, to: number, size: number): Promise<Uint8Array[]> => {
    writeFileSync(at('pieces'), bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of file.pieces(from, to, size)) pieces.push(piece.slice());
    return pieces;
  };

  it.each([
    [0, 10_007, 1000],
    [3, 10_000, 1000],
    [5, 5, 10],
    [0, 10_007, 20_000],
    [0, 12_000, 1000],
  ])('from %i to %i by %i', async (from, to, size) => {
    const pieces = await gather(from, to, size);
    expect(new Uint8Array(pieces.flatMap((p) => [...p]))).toEqual(bytes.slice(from, to));
    expect(pieces.slice(0, -1).every((p) => p.length === size)).toBe(true);
  });

  it('are not read on when nobody wants them', async () => {
    writeFileSync(at('pieces'), bytes);
    for await (const piece of file.pieces(0, bytes.length, 100)) {
      expect(piece[0]).toBe(0);
      break;
    }
  });

  it('of a file that is not there are an error with its path', async () => {
    const all = async (): Promise<void> => {
      for await (const _ of new File(at('nothing'), 'test').pieces(0, 10, 10));
    };
    await expect(all()).rejects.toThrow(/cannot read .*nothing/);
  });
});
