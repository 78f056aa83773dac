/** Models from and to a server of this process. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as sg from '../../../src/index';

/** What the server has, and what it was sent. */
const files = new Map<string, Uint8Array>();
const requests: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
let server: Server;
let base: string;

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers });
    const path = url.replace(/\?.*$/, '');
    if (method === 'POST' || method === 'PUT') {
      const form = await new Response((await bodyOf(request)) as Uint8Array<ArrayBuffer>, {
        headers: { 'content-type': headers['content-type'] as string },
      }).formData();
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      for (const [name, file] of form.entries())
        files.set(folder + name, new Uint8Array(await (file as File).arrayBuffer()));
      response.end();
      return;
    }
    const file = files.get(path);
    if (path.endsWith('cut.bin') && file) {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, file.length / 2), () => response.destroy());
      return;
    }
    response.writeHead(file ? 200 : 404).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

const make = (): sg.Sequential =>
  sg.sequential({ layers: [sg.layers.dense({ units: 3, inputShape: [2] }), sg.layers.dense({ units: 1 })] });
const x = sg.tensor([[1, 2]]);
const output = (model: sg.LayersModel): number[] => [...(model.predict(x) as sg.Tensor).dataSync()];

it('saves with POST and loads with GET', async () => {
  const model = make();
  const { modelArtifactsInfo, responses } = await model.save(`${base}/a/model.json`);
  expect(modelArtifactsInfo.weightDataBytes).toBe(4 * 13);
  expect(responses?.[0]?.ok).toBe(true);
  const copy = await sg.loadLayersModel(`${base}/a/model.json`);
  expect(output(copy)).toEqual(output(model));
});

it('passes settings of requests on, and tells its progress', async () => {
  const model = make();
  await model.save(sg.io.http(`${base}/b/model.json`, { requestInit: { method: 'PUT', headers: { 'x-key': '1' } } }));
  expect(requests.at(-1)).toMatchObject({ method: 'PUT', headers: { 'x-key': '1' } });
  const told: number[] = [];
  const copy = await sg.loadModel(`${base}/b/model.json?token=7`, {
    requestInit: { headers: { 'x-key': '2' } },
    onProgress: (part) => told.push(part),
  });
  expect(output(copy)).toEqual(output(model));
  expect(requests.slice(-2).map(({ url, headers }) => [url, headers['x-key']])).toEqual([
    ['/b/model.json?token=7', '2'],
    ['/b/model.weights.bin?token=7', '2'],
  ]);
  expect(told.at(-1)).toBe(1);
  expect(told).toEqual([...told].sort());
});

it('takes weights from elsewhere: a prefix, a converter, an address of their own, a function in the place of fetch', async () => {
  const model = make();
  await model.save(`${base}/c/model.json`);
  const weights = files.get('/c/model.weights.bin') as Uint8Array;
  files.delete('/c/model.weights.bin');
  files.set('/w/model.weights.bin', weights);
  const ways = [
    sg.loadModel(`${base}/c/model.json`, { weightPathPrefix: `${base}/w/` }),
    sg.loadModel(`${base}/c/model.json`, { weightUrlConverter: async () => `${base}/w/model.weights.bin` }),
    sg.loadModel(sg.io.http([`${base}/c/model.json`, `${base}/w/model.json`])),
    sg.loadModel('http://nowhere.invalid/c/model.json', {
      fetchFunc: (url) =>
        fetch(url.replace('http://nowhere.invalid/c/', url.includes('weights') ? `${base}/w/` : `${base}/c/`)),
      streamWeights: true,
    }),
  ];
  for (const copy of await Promise.all(ways)) expect(output(copy)).toEqual(output(model));
  await expect(sg.loadModel(`${base}/c/model.json`)).rejects.toThrow(/404/);
});

it('reads shards', async () => {
  const model = make();
  await model.save(`${base}/d/model.json`);
  const json = JSON.parse(new TextDecoder().decode(files.get('/d/model.json')));
  const weights = files.get('/d/model.weights.bin') as Uint8Array;
  json.weightsManifest[0].paths = ['1of3', '2of3', '3of3'];
  files.set('/d/model.json', new TextEncoder().encode(JSON.stringify(json)));
  [0, 1, 2].forEach((i) => {
    files.set(`/d/${i + 1}of3`, weights.subarray(i * 19, i === 2 ? weights.length : (i + 1) * 19));
  });
  expect(output(await sg.loadModel(`${base}/d/model.json`))).toEqual(output(model));
  files.set('/d/3of3', weights.subarray(38, 50));
  await expect(sg.loadModel(`${base}/d/model.json`)).rejects.toThrow(sg.FormatError);
});

it('loads one file', async () => {
  const model = make();
  files.set('/e/mine', await sg.io.toBytes(model));
  expect(output(await sg.loadModel(`${base}/e/mine`))).toEqual(output(model));
});

it('says what failed', async () => {
  const before = sg.memory().numBytes;
  const failing: [string, RegExp][] = [
    ['/missing/model.json', /missing\/model\.json.*404/],
    ['/text', /known format/],
    ['/broken', /is no JSON/],
    ['/outside', /outside of the folder/],
    ['/cut', /cut\.bin/],
  ];
  files.set('/text', new TextEncoder().encode('Not a model, but a page that says so'));
  files.set('/broken', new TextEncoder().encode('{"modelTopology":'));
  const manifest = (path: string) =>
    new TextEncoder().encode(
      JSON.stringify({
        modelTopology: {},
        weightsManifest: [{ paths: [path], weights: [{ name: 'w', shape: [50], dtype: 'float32' }] }],
      }),
    );
  files.set('/outside', manifest('../../secret'));
  files.set('/cut', manifest('cut.bin'));
  files.set('/cut.bin', new Uint8Array(200));
  for (const [path, message] of failing) {
    const error = await sg.loadModel(base + path).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(sg.SamegradError);
    expect((error as Error).message).toMatch(message);
  }
  expect(sg.memory().numBytes).toBe(before);
});
