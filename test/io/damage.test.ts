/** Damaged checkpoints: every flipped bit and every cut is found, and no number in a file costs time or memory. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { seal } from '../../src/io/checkpoints/digest';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors/format';
import { File } from '../../src/runtime/files';
import { linear, random, settle } from '../models/helpers';
import { generator } from '../support/random';

const directory = mkdtempSync(join(tmpdir(), 'damage-'));
afterAll(() => rmSync(directory, { recursive: true }));

const [x, y] = [random(1, [12, 4]), random(2, [12, 3])];

function compiled(): sg.Sequential {
  const model = settle(linear(4, 3));
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}

async function saved(): Promise<Uint8Array> {
  const model = compiled();
  await model.fit(x, y, { epochs: 1, batchSize: 5 });
  return sg.io.encodeTraining(model.trainingState());
}

/** The bytes as version 1 had them: without a digest. */
function unsealed(bytes: Uint8Array, change: (training: Record<string, unknown>) => void = () => {}): Uint8Array {
  const { arrays, metadata } = decodeSafetensors(bytes);
  const training = JSON.parse(metadata.training as string) as Record<string, unknown>;
  change(training);
  return encodeSafetensors({ arrays, metadata: { samegrad: '1', training: JSON.stringify(training) } });
}

describe('a digest', () => {
  it('is CRC-32 over the file with zeros in its place', async () => {
    const bytes = await saved();
    const { crc32: written } = decodeSafetensors(bytes).metadata;
    const text = Buffer.from(bytes);
    text.write('00000000', text.indexOf(written as string), 'latin1');
    // Node 20.15 and later.
    if (crc32) expect(crc32(text).toString(16).padStart(8, '0')).toBe(written);
    expect(seal(new Uint8Array(text))).toEqual(bytes);
  });

  it('finds every single bit that is flipped', async () => {
    const bytes = await saved();
    const accepted: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const at = bit >>> 3;
      bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
      try {
        sg.io.decodeTraining(bytes);
        accepted.push(bit);
      } catch (error) {
        if (!(error instanceof sg.FormatError)) throw error;
      }
      bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
    }
    expect(accepted).toEqual([]);
    expect(bytes.length * 8).toBeGreaterThan(8000);
  });

  it('finds every cut, and what was added', async () => {
    const bytes = await saved();
    for (let length = 0; length < bytes.length; length++)
      expect(() => sg.io.decodeTraining(bytes.slice(0, length))).toThrow(sg.FormatError);
    expect(() => sg.io.decodeTraining(Uint8Array.of(...bytes, 0))).toThrow(/the file is damaged/);
  });

  it('of a file is named with the file', async () => {
    const bytes = await saved();
    const path = join(directory, 'flipped.safetensors');
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(path, bytes);
    await expect(sg.io.loadCheckpoint(compiled(), path)).rejects.toThrow(
      `loadCheckpoint: '${path}': checkpoint: the file is damaged`,
    );
    const backup = join(directory, 'backup');
    await new File(join(backup, 'training.safetensors'), 'test').makeParent();
    writeFileSync(join(backup, 'training.safetensors'), bytes);
    const callbacks = sg.callbacks.backupAndRestore(backup);
    const training = compiled().fit(x, y, { callbacks });
    await expect(training).rejects.toThrow(sg.FormatError);
    await expect(training).rejects.toThrow(`'${backup}/training.safetensors': checkpoint: `);
  });
});

describe('a file of version 1, which has no digest', () => {
  it('is read as before', async () => {
    const bytes = await saved();
    expect(sg.io.decodeTraining(unsealed(bytes))).toEqual(sg.io.decodeTraining(bytes));
  });

  it('damaged anywhere: it is refused with an error of ours, or can be used', async () => {
    const bytes = unsealed(await saved());
    const next = generator(11);
    const model = compiled();
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const damaged = bytes.slice(0, i % 3 === 0 ? Math.floor(next() * bytes.length) : undefined);
      // Most of the flips in the header, which has the numbers.
      const at = Math.floor(next() ** 2 * damaged.length);
      damaged[at] = (damaged[at] as number) ^ (1 << Math.floor(next() * 8));
      try {
        model.restoreTraining(sg.io.decodeTraining(damaged));
      } catch (error) {
        expect(error).toBeInstanceOf(sg.SamegradError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1500);
    model.dispose();
  });

  const absurd = 2 ** 52;
  const counters: [string, (t: Record<string, unknown>) => void][] = [
    ['step', (t) => Object.assign(t, { step: absurd })],
    ['calls', (t) => Object.assign(t, { calls: absurd })],
    ['epoch', (t) => Object.assign(t.position as object, { epoch: absurd })],
    ['batch', (t) => Object.assign(t.position as object, { batch: absurd })],
    ['seed', (t) => Object.assign(t.position as object, { seed: [absurd, 0] })],
    ['rate', (t) => Object.assign(t, { learningRate: null })],
    ['arrays of callbacks', (t) => Object.assign(t, { callbacks: [['x', {}, absurd]] })],
    ['values of callbacks', (t) => Object.assign(t, { callbacks: [['x', { best: 'much' }, 0]] })],
  ];
  it.each(counters)('an absurd %s', async (_, change) => {
    const bytes = unsealed(await saved(), change);
    const model = compiled();
    const before = model.getWeights().map((w) => w.dataSync().join());
    expect(() => model.restoreTraining(sg.io.decodeTraining(bytes))).toThrow(sg.SamegradError);
    expect(model.getWeights().map((w) => w.dataSync().join())).toEqual(before);
  });
});

describe('absurd headers', () => {
  const fileOf = (header: unknown, data: number, length?: bigint): Uint8Array => {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const bytes = new Uint8Array(8 + text.length + data);
    bytes.set(text, 8);
    new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
    return bytes;
  };
  const entry = (shape: unknown, offsets: unknown): unknown => ({ dtype: 'F32', shape, data_offsets: offsets });
  const whole = [0, 4096];
  const headers: [string, unknown, bigint?][] = [
    ['a length of 2⁶³', {}, 2n ** 63n],
    ['a length of the file and one', {}, 4099n],
    ['a shape of 2⁵⁰ elements', { a: entry([2 ** 50], whole) }],
    ['a shape of many dimensions', { a: entry(new Array(1000).fill(2 ** 50), whole) }],
    ['a fractional shape', { a: entry([1024.5], whole) }],
    ['offsets behind the end', { a: entry([1024], [2 ** 50, 2 ** 50 + 4096]) }],
    ['offsets backward', { a: entry([0], [4096, 0]) }],
    [
      'arrays that share their bytes',
      Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, entry([1024], whole)])),
    ],
  ];
  it.each(headers)('%s', (_, header, length) => {
    expect(() => decodeSafetensors(fileOf(header, 4096, length))).toThrow(sg.FormatError);
  });
});

describe('a training that continues behind the end of its data', () => {
  const behind = (batch: number): sg.Callback =>
    new (class extends sg.Callback {
      override onTrainBegin(): void {
        Object.assign((this.model as unknown as sg.Sequential).position, { batch });
      }
    })();

  it('of tensors', async () => {
    await expect(compiled().fit(x, y, { batchSize: 5, callbacks: behind(2 ** 31) })).rejects.toThrow(
      /after batch 2147483648, but an epoch has 3/,
    );
  });

  it('of a data set', async () => {
    const dataset = sg.data.array([{ xs: x, ys: y }]);
    await expect(compiled().fitDataset(dataset as never, { callbacks: behind(2 ** 31) })).rejects.toThrow(
      /after 2147483648 batches, but the data set ended after 1/,
    );
  });
});

describe('files that are written', () => {
  it('use again what an interrupted write has left behind', async () => {
    const path = join(directory, 'kept', 'a.safetensors');
    const file = new File(path, 'test');
    await file.makeParent();
    writeFileSync(`${path}.tmp`, 'half of a file');
    await file.write('all');
    expect(readFileSync(path, 'utf8')).toBe('all');
    writeFileSync(`${path}.tmp`, 'half of a file');
    await file.remove();
    expect(readdirSync(join(directory, 'kept'))).toEqual([]);
  });

  it('one after the other, if several are under way', async () => {
    const path = join(directory, 'kept', 'b');
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(20_000 - 900 * i));
    const writes = texts.map((text) => new File(path, 'test').write(text));
    await Promise.all(writes);
    expect(readFileSync(path, 'utf8')).toBe(texts.at(-1));
    expect(readdirSync(join(directory, 'kept'))).toEqual(['b']);
  });

  it('by modelCheckpoint have one name while they are written, whatever the values in their path', async () => {
    const place = join(directory, 'epochs');
    const path = join(place, 'm-{epoch:02d}-{loss:.4f}.safetensors');
    await new File(path, 'test').makeParent();
    writeFileSync(join(place, 'm-epoch02d-loss.4f.safetensors.tmp'), 'half of a file');
    await compiled().fit(x, y, { epochs: 2, callbacks: sg.callbacks.modelCheckpoint(path) });
    expect(readdirSync(place).map((name) => name.slice(0, 5))).toEqual(['m-01-', 'm-02-']);
    expect(readdirSync(place).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
