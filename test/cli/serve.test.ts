/** The command `samegrad serve`, from the built package, as people run it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx';
import { inOwnFolder } from '../support/folder';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

inOwnFolder();

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync('models', { recursive: true, force: true });
});

interface Running {
  readonly url: string;
  readonly models: readonly string[];
  readonly lines: Record<string, unknown>[];
  /** Tells it to end; resolves with its exit code. */
  stop(): Promise<number | null>;
}

const start = (env: Record<string, string> = {}): Promise<Running> =>
  new Promise((resolve, reject) => {
    const own = spawn(process.execPath, [CLI, 'serve', 'models', '--port', '0'], { env: { ...process.env, ...env } });
    child = own;
    const code = new Promise<number | null>((done) => own.once('exit', done));
    let errors = '';
    own.stderr.on('data', (data) => {
      errors += data;
    });
    code.then(() => reject(new Error(errors)));
    const lines: Record<string, unknown>[] = [];
    createInterface(own.stdout).on('line', (line) => {
      lines.push(JSON.parse(line));
      const [first] = lines as unknown as [{ url: string; models: string[] }];
      const stop = (): Promise<number | null> => {
        own.kill('SIGTERM');
        return code;
      };
      resolve({ ...first, lines, stop });
    });
  });

const dense = (): sg.LayersModel =>
  sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2], name: 'd' })] });

const graph = {
  format: 'graph-model',
  modelTopology: {
    node: [
      {
        name: 'x',
        op: 'Placeholder',
        attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '2' }] } } },
      },
      { name: 'y', op: 'Relu', input: ['x'], attr: { T: { type: 'DT_FLOAT' } } },
    ],
  },
  weightsManifest: [],
};

test('all models of a folder are served, until it is told to end', async () => {
  mkdirSync('models/graph', { recursive: true });
  mkdirSync('models/versioned/1', { recursive: true });
  const model = dense();
  await model.save('models/own.safetensors');
  await model.save('models/keras.keras');
  await model.save('models/layers', { format: 'tfjs' });
  writeFileSync('models/graph/model.json', JSON.stringify(graph));
  writeFileSync('models/versioned/1/model.onnx', await onnx.toONNX(model));
  writeFileSync('models/notes.txt', 'no model');
  writeFileSync('secret.safetensors', await sg.io.toBytes(model));

  const { url, models, lines, stop } = await start();
  expect(models).toEqual(['graph', 'keras', 'layers', 'own', 'versioned']);
  const expected = (model.predict(sg.tensor2d([1, 2], [1, 2])) as sg.Tensor).dataSync()[0];
  for (const name of models) {
    const { inputs } = await (await fetch(`${url}/v2/models/${name}`)).json();
    const body = JSON.stringify({ inputs: [{ name: inputs[0].name, datatype: 'FP32', shape: [1, 2], data: [1, 2] }] });
    const answer = await fetch(`${url}/v2/models/${name}/infer`, { method: 'POST', body });
    const { outputs } = await answer.json();
    expect([name, outputs[0].data]).toEqual([name, name === 'graph' ? [1, 2] : [expected]]);
  }
  for (const name of ['..%2Fsecret', '%2e%2e%2fsecret', 'notes', 'notes.txt', '.', '..%5Csecret']) {
    const loaded = await fetch(`${url}/v2/repository/models/${name}/load`, { method: 'POST' });
    expect([name, loaded.status]).toEqual([name, 404]);
  }
  expect(await stop()).toBe(0);
  expect(lines.slice(1).every(({ status, path }) => typeof status === 'number' && typeof path === 'string')).toBe(true);
});

test('a token is needed if there is one', async () => {
  mkdirSync('models');
  await dense().save('models/own.safetensors');
  const { url, stop } = await start({ SAMEGRAD_TOKEN: 'secret' });
  const status = async (token?: string): Promise<number> =>
    (await fetch(`${url}/v2`, { headers: token ? { Authorization: `Bearer ${token}` } : {} })).status;
  expect([await status(), await status('secre'), await status('secrets'), await status('secret')]).toEqual([
    401, 401, 401, 200,
  ]);
  await stop();
});

test('what cannot be served is said', async () => {
  await expect(start()).rejects.toThrow(/models cannot be read/);
  mkdirSync('models');
  await expect(start()).rejects.toThrow(/models has no models/);
  writeFileSync('models/broken.safetensors', 'no model');
  await expect(start()).rejects.toThrow(/model 'broken' could not be loaded/);
});
