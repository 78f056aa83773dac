import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { type Connection, connect } from '../../src/worker';
import { bundle, runScript } from '../support/child';
import type { functions } from './scripts/served';

const folder = mkdtempSync(join(tmpdir(), 'samegrad-worker-'));
const file = join(folder, 'served.mjs');
const open: Connection<typeof functions>[] = [];

beforeAll(() => bundle('worker/scripts/served', file), 60_000);
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function connected(path = file): Connection<typeof functions> {
  const connection = connect<typeof functions>(new Worker(path));
  open.push(connection);
  return connection;
}

describe('a worker of its own', () => {
  it('answers calls, several at the same time', async () => {
    const { remote } = connected();
    expect(await Promise.all([remote.add(1, 2), remote.add(3, 4)])).toEqual([3, 7]);
  });

  it('sends tensors as data and shapes, both ways', async () => {
    const { remote } = connected();
    expect(await remote.tensors()).toEqual({
      one: { data: new Float32Array([1, 2, 3, 4]), shape: [2, 2], dtype: 'float32' },
      more: [
        { data: new Int32Array([5]), shape: [1], dtype: 'int32' },
        { data: new Float32Array(0), shape: [0, 3], dtype: 'float32' },
      ],
      note: 'text',
    });
    expect(await remote.sum(sg.tensor([1, 2, 3], [3]) as never)).toBe(6);
  });

  it('trains with the bits of this thread, and calls back', async () => {
    const xs = Float32Array.from({ length: 64 }, (_, i) => (i % 7) / 7);
    const ys = Float32Array.from({ length: 32 }, (_, i) => (i % 5) / 5);
    const { remote } = connected();
    const epochs: unknown[] = [];
    const weights = await remote.train(xs, ys, (epoch, kernel) => epochs.push([epoch, kernel]));
    sg.setSeed(1);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const seen: unknown[] = [];
    const kernel = (): unknown => ({ data: model.getWeights()[0]?.dataSync(), shape: [2, 1], dtype: 'float32' });
    await model.fit(sg.tensor(xs, [32, 2]), sg.tensor(ys, [32, 1]), {
      epochs: 3,
      verbose: 0,
      callbacks: { onEpochEnd: (epoch) => void seen.push([epoch, kernel()]) },
    });
    expect(epochs).toEqual(seen);
    expect(weights.map(({ data }) => data)).toEqual(model.getWeights().map((w) => w.dataSync()));
  });

  it('passes errors on with their class', async () => {
    const { remote } = connected();
    await expect(remote.fail()).rejects.toThrow(sg.ShapeError);
    await expect(remote.fail()).rejects.toThrow(/matMul/);
    await expect(remote.failOtherwise()).rejects.toThrow(TypeError);
    await expect(remote.failWithText()).rejects.toThrow('only text');
    await expect(remote.notTravelling()).rejects.toThrow(sg.ArgumentError);
    await expect(remote.add(1, { run: () => 1 } as never)).rejects.toThrow(/argument or the result of add/);
    expect(await remote.add(1, 1)).toBe(2);
  });

  it('refuses names that are not exposed', async () => {
    const { remote } = connected();
    const names = remote as unknown as Record<string, () => Promise<unknown>>;
    for (const name of ['missing', 'constructor', 'toString', '__proto__'])
      await expect(names[name]?.()).rejects.toThrow(new RegExp(`exposes no function ${name}, only add, tensors`));
    expect(await remote).toBe(remote);
  });

  it('rejects what is not answered when it is closed, and what is called then', async () => {
    const { remote, close } = connected();
    expect(await remote.add(0, 1)).toBe(1);
    const waiting = remote.forever();
    setTimeout(close);
    await expect(waiting).rejects.toThrow(sg.StateError);
    await expect(remote.add(1, 2)).rejects.toThrow(/it was closed/);
    close();
  });

  it('rejects when the worker ends by itself', async () => {
    const crashing = connected().remote;
    const waiting = crashing.forever();
    await crashing.crash();
    await expect(waiting).rejects.toThrow(/nobody caught this/);
    await expect(crashing.add(1, 2)).rejects.toThrow(sg.StateError);
    await expect(connected().remote.exit()).rejects.toThrow(/code 3/);
  });

  it('rejects when the file of the worker is not there', async () => {
    await expect(connected(join(folder, 'missing.mjs')).remote.add(1, 2)).rejects.toThrow(/missing\.mjs/);
  });

  it('connects to nothing but workers', () => {
    for (const wrong of [undefined, './worker.js', {}]) expect(() => connect(wrong as never)).toThrow(sg.ArgumentError);
  });

  it('is not exposed outside of a worker', async () => {
    await expect(runScript('worker/scripts/served', [], 20_000)).rejects.toThrow(
      /RuntimeSupportError: expose: this is no worker/,
    );
  });
});
