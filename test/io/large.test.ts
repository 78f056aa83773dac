/** Files of several pieces: read piece by piece into the memory of their weights. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import type { Elements, Source } from '../../src/io/formats/format';
import { storedArrays } from '../../src/io/own/arrays';
import { encodeSafetensors } from '../../src/io/safetensors/format';
import { parseHeader, startOfData } from '../../src/io/safetensors/header';
import { piecesOfFile } from '../../src/io/storage/file-pieces';
import { sourceOfBytes } from '../../src/io/storage/sources';
import { Digest } from '../../src/io/weights/digest';
import { keepWeights, pourWeights } from '../../src/io/weights/pour';
import { File } from '../../src/runtime/files';
import { random } from '../models/helpers';
import { generator } from '../support/random';

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

describe.each(['h5', 'keras', 'weights.h5'])('a .%s file', (extension) => {
  it.each(['float32', 'float16'] as const)('as %s, with its training', async (weights) => {
    const hasModel = extension !== 'weights.h5';
    const model = make();
    await model.trainOnBatch(x, y);
    const path = at(`model.${extension}`);
    await model.save(path, { weights, includeOptimizer: hasModel });
    const bytes = new Uint8Array(readFileSync(path));
    const models = [make(), make()];
    await models[0]?.loadWeights(path);
    await models[1]?.loadWeights(bytes);
    if (hasModel) {
      // A path is read in pieces; bytes are there already.
      models.push((await sg.loadModel(path)) as sg.Sequential, (await sg.loadModel(bytes)) as sg.Sequential);
      const losses = await Promise.all(models.slice(2).map((m) => m.trainOnBatch(x, y)));
      expect(losses[0]).toEqual(losses[1]);
      expect(valuesOf(models[2] as sg.Sequential)).toEqual(valuesOf(models[3] as sg.Sequential));
    }
    expect(valuesOf(models[0] as sg.Sequential)).toEqual(valuesOf(models[1] as sg.Sequential));
    if (weights === 'float32') {
      if (hasModel) await model.trainOnBatch(x, y);
      expect(valuesOf(models[hasModel ? 2 : 0] as sg.Sequential)).toEqual(valuesOf(model));
    }
    for (const each of [model, ...models]) each.dispose();
  });
});

it('a .keras file that was damaged anywhere is refused, and leaves nothing', async () => {
  const model = make();
  await model.save(at('whole.keras'));
  const bytes = new Uint8Array(readFileSync(at('whole.keras')));
  const before = { numBytes: sg.memory().numBytes, values: valuesOf(model) };
  for (const place of [200, 20_000, bytes.length >> 1, (1 << 20) + 4000, bytes.length - 30]) {
    const damaged = bytes.slice();
    damaged[place] = (damaged[place] as number) ^ 4;
    writeFileSync(at('damaged.keras'), damaged);
    for (const source of [at('damaged.keras'), damaged]) {
      await expect(sg.loadModel(source)).rejects.toThrow(sg.FormatError);
      await expect(model.loadWeights(source)).rejects.toThrow(sg.FormatError);
    }
  }
  expect(sg.memory().numBytes).toBe(before.numBytes);
  expect(valuesOf(model)).toEqual(before.values);
  model.dispose();
});

/** A source whose pieces have any length, as those of a network. */
function inPieces(bytes: Uint8Array, most: number): Source {
  const next = generator(most);
  const { name, size, read } = sourceOfBytes(bytes);
  return {
    name,
    size,
    read,
    async *pieces(from, to) {
      for (let at = from; at < to; ) {
        const end = Math.min(to, at + Math.floor(next() * (most + 1)));
        const piece = bytes.slice(at, end);
        yield piece;
        // It is gone when the next is asked for.
        piece.fill(0xaa);
        at = end;
      }
    },
  };
}

describe('arrays that begin anywhere', () => {
  const count = 40_001;
  const numbers = Float32Array.from({ length: count }, (_, i) => i / 7);
  const bytes = encodeSafetensors({
    arrays: {
      flags: { shape: [3], data: Uint8Array.of(1, 0, 1), type: 'BOOL' },
      odd: { shape: [count], data: numbers },
      none: { shape: [0], data: new Float32Array(0) },
      halves: { shape: [count], data: Uint16Array.from(numbers, (_, i) => i & 0x3fff), type: 'F16' },
      long: { shape: [count], data: BigInt64Array.from(numbers, (_, i) => BigInt(i - 1000)) },
      small: { shape: [100, 3], data: Int8Array.from({ length: 300 }, (_, i) => i - 150) },
      'small::scale': { shape: [3], data: Float32Array.of(0.5, 2, 4) },
    },
    metadata: {},
  });
  const start = startOfData(bytes, bytes.length);
  const { entries } = parseHeader(bytes.subarray(8, start), start, bytes.length);
  const targetsOf = (weights: readonly { shape: readonly number[]; dtype: string }[]): Elements[] =>
    weights.map(({ shape, dtype }) =>
      dtype === 'float32'
        ? new Float32Array(shape.reduce((a, b) => a * b, 1))
        : new Int32Array(shape.reduce((a, b) => a * b, 1)),
    );
  const hash = (targets: readonly Elements[]): string =>
    targets.reduce((h, t) => h.update(t), createHash('sha1')).digest('hex');

  async function poured(source: Source): Promise<Elements[]> {
    const weights = storedArrays(source, entries);
    const targets = targetsOf(weights);
    await pourWeights(source, weights, (i) => targets[i] as Elements);
    return targets;
  }
  async function kept(source: Source): Promise<Elements[]> {
    const weights = storedArrays(source, entries);
    await keepWeights(source, weights);
    const targets = targetsOf(weights);
    for (const [i, w] of weights.entries()) w.copyTo(targets[i] as Elements);
    return targets;
  }

  it.each([3, 100, 4097, 1e6])('are read in pieces of up to %i bytes as at once', async (most) => {
    const all = await kept(sourceOfBytes(bytes));
    expect((all[1] as Float32Array)[count - 1]).toBe(Math.fround((count - 1) / 7));
    expect(all[0]).toEqual(Int32Array.of(1, 0, 1));
    expect((all[4] as Int32Array)[7]).toBe(-993);
    // -150, -149 and -148 are 106, 107 and 108 in eight bits.
    expect([...(all[5] as Float32Array).subarray(0, 3)]).toEqual([53, 214, 432]);
    for (const targets of [
      await poured(sourceOfBytes(bytes)),
      await poured(inPieces(bytes, most)),
      await kept(inPieces(bytes, most)),
    ])
      expect(hash(targets)).toBe(hash(all));
  });

  it('are skipped where nobody wants them', async () => {
    const read: number[] = [];
    const big = new Uint8Array(4 << 20);
    const file = encodeSafetensors({
      arrays: {
        a: { shape: [2], data: Float32Array.of(1, 2) },
        big: { shape: [big.length], data: big },
        b: { shape: [1], data: Float32Array.of(3) },
      },
      metadata: {},
    });
    const from = startOfData(file, file.length);
    const source: Source = {
      ...inPieces(file, 1 << 16),
      async *pieces(f, t) {
        read.push(t - f);
        yield file.subarray(f, t);
      },
    };
    const weights = storedArrays(source, parseHeader(file.subarray(8, from), from, file.length).entries);
    const wanted = [weights[0], undefined, weights[2]];
    const targets = [new Float32Array(2), new Float32Array(0), new Float32Array(1)];
    await pourWeights(source, wanted, (i) => targets[i] as Elements);
    expect(targets.flatMap((t) => [...t])).toEqual([1, 2, 3]);
    expect(read).toEqual([8, 4]);
  });
});

it('pieces of a block have the digest of the block', () => {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 37) % 251);
  for (const length of [0, 1, 31, 32, 33, 64, 96, 1000, 49_999])
    for (const size of [1, 7, 32, 96, 20_001]) {
      const block = bytes.subarray(0, length);
      const pieces = new Digest();
      for (let i = 0; i < length; i += size) pieces.addPiece(block.subarray(i, i + size));
      expect(pieces.end().toString()).toBe(new Digest().add(block).toString());
    }
});

describe('pieces of a file', () => {
  const bytes = Uint8Array.from({ length: 10_007 }, (_, i) => (i * 7) % 256);
  const file = new File(at('pieces'), 'test');
  const gather = async (from: number, to: number, size: number): Promise<Uint8Array[]> => {
    writeFileSync(at('pieces'), bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of piecesOfFile(file, from, to, size)) pieces.push(piece.slice());
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
    for await (const piece of piecesOfFile(file, 0, bytes.length, 100)) {
      expect(piece[0]).toBe(0);
      break;
    }
  });

  it('of a file that is not there are an error with its path', async () => {
    const all = async (): Promise<void> => {
      for await (const _ of piecesOfFile(new File(at('nothing'), 'test'), 0, 10, 10));
    };
    await expect(all()).rejects.toThrow(/cannot read .*nothing/);
  });
});
