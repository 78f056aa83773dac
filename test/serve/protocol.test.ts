/** The Open Inference Protocol: metadata, inference with JSON and binary tensors, element types, errors. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import type { Servable } from '../../src/serve';
import { binaryAnswer, binaryRequest, client, fp32, mlp, numbers } from './support';

const model = mlp();
const own = client({ models: { mlp: model }, name: 'test' });
const expected = (data: readonly number[], rows: number): Float32Array => {
  const x = sg.tensor2d([...data], [rows, 6]);
  return (model.predict(x) as sg.Tensor).dataSync() as Float32Array;
};
const input = model.inputNames[0] as string;

test('health, server and model metadata', async () => {
  expect((await own.get('/v2/health/live')).status).toBe(200);
  expect((await own.get('/v2/health/ready')).status).toBe(200);
  expect(await (await own.get('/v2')).json()).toEqual({
    name: 'test',
    version: sg.version.samegrad,
    extensions: ['model_repository', 'binary_tensor_data', 'generate', 'metrics'],
  });
  const metadata = {
    name: 'mlp',
    versions: ['1'],
    platform: 'samegrad_layers',
    inputs: [{ name: input, datatype: 'FP32', shape: [-1, 6] }],
    outputs: [{ name: 'scores', datatype: 'FP32', shape: [-1, 3] }],
  };
  expect(await (await own.get('/v2/models/mlp')).json()).toEqual(metadata);
  expect(await (await own.get('/v2/models/mlp/versions/1/?x=1')).json()).toEqual(metadata);
  expect((await own.get('/v2/models/mlp/ready')).status).toBe(200);
  expect((await own.get('/v2/models/other/ready')).status).toBe(404);
  expect((await own.get('/v2/models/mlp/versions/2')).status).toBe(404);
});

test('JSON, flat and nested, has the bits of predict', async () => {
  const data = numbers(12);
  const flat = await own.infer('mlp', { id: 'a', inputs: [fp32(input, [2, 6], data)] });
  expect(flat.headers.get('content-type')).toBe('application/json');
  const answer = await flat.json();
  expect(answer).toEqual({
    model_name: 'mlp',
    model_version: '1',
    id: 'a',
    outputs: [{ name: 'scores', datatype: 'FP32', shape: [2, 3], data: [...expected(data, 2)] }],
  });
  const nested = await own.infer('mlp', { inputs: [fp32(input, [2, 6], [data.slice(0, 6), data.slice(6)])] });
  expect((await nested.json()).outputs).toEqual(answer.outputs);
});

test('binary tensors in and out', async () => {
  const data = new Float32Array(numbers(18));
  const request = {
    inputs: [{ name: input, datatype: 'FP32', shape: [3, 6], parameters: { binary_data_size: data.byteLength } }],
    outputs: [{ name: 'scores', parameters: { binary_data: true } }],
  };
  const { body, headers } = binaryRequest(request, data);
  const { head, rest } = await binaryAnswer(await own.infer('mlp', body, headers));
  expect(head.outputs).toEqual([
    { name: 'scores', datatype: 'FP32', shape: [3, 3], parameters: { binary_data_size: 36 } },
  ]);
  expect(new Float32Array(rest.buffer)).toEqual(expected([...data], 3));
  const all = await own.infer('mlp', {
    parameters: { binary_data_output: true },
    inputs: [fp32(input, [3, 6], [...data])],
  });
  expect((await binaryAnswer(all)).rest).toEqual(rest);
});

test('no rows, and more than a batch has', async () => {
  const none = await own.infer('mlp', { inputs: [fp32(input, [0, 6], [])] });
  expect((await none.json()).outputs[0]).toEqual({ name: 'scores', datatype: 'FP32', shape: [0, 3], data: [] });
  const data = numbers(6 * 70);
  const many = await own.infer('mlp', { inputs: [fp32(input, [70, 6], data)] });
  expect((await many.json()).outputs[0].data).toEqual([...expected(data, 70)]);
});

/** Returns what it is given. */
const echo = (datatype: Servable['inputs'][number]['datatype']): Servable => ({
  inputs: [{ name: 'x', datatype, shape: [-1] }],
  outputs: [{ name: 'x', datatype, shape: [-1] }],
  isBatched: true,
  run: (feeds) => feeds,
});
const TYPES = [
  'FP16',
  'FP32',
  'FP64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'BOOL',
  'BYTES',
] as const;
const echoes = client({ models: Object.fromEntries(TYPES.map((type) => [type, echo(type)])) });
const send = (to: string, datatype: string, data: readonly unknown[]): Promise<Response> =>
  echoes.infer(to, { inputs: [{ name: 'x', datatype, shape: [data.length], data }] });

test.each(TYPES)('%s goes in and out, as JSON and binary', async (type) => {
  const data = type === 'BYTES' ? ['', 'a"é', '{'] : type === 'BOOL' ? [true, false, true] : [0, 1, 100];
  const plain = await (await send(type, type, data)).json();
  expect(plain.outputs).toEqual([{ name: 'x', datatype: type, shape: [3], data }]);
  const asBinary = await echoes.infer(type, {
    parameters: { binary_data_output: true },
    inputs: [{ name: 'x', datatype: type, shape: [3], data }],
  });
  const { rest } = await binaryAnswer(asBinary);
  const parameters = { binary_data_size: rest.length };
  const { body, headers } = binaryRequest({ inputs: [{ name: 'x', datatype: type, shape: [3], parameters }] }, rest);
  expect(await (await echoes.infer(type, body, headers)).json()).toEqual(plain);
});

test.each([
  ['FP32', 'INT64', [16777216, -16777216], [16777216, -16777216]],
  ['FP32', 'FP16', [0.5, 65504], [0.5, 65504]],
  ['FP32', 'UINT8', [255], [255]],
  ['INT32', 'INT64', [2147483647, -2147483648], [2147483647, -2147483648]],
  ['INT64', 'INT8', [-128], [-128]],
  ['UINT64', 'INT8', [127], [127]],
])('%s takes %s', async (to, from, data, result) => {
  expect((await (await send(to, from, data)).json()).outputs[0].data).toEqual(result);
});

test.each([
  ['FP32', 'INT64', [0, 16777217], /element 1 is 16777217, which FP32 of the model cannot hold/],
  ['INT32', 'INT64', [2147483648], /element 0 is 2147483648/],
  ['INT32', 'UINT32', [4294967295], /element 0/],
  ['UINT64', 'INT8', [-1], /element 0 is -1/],
  ['FP32', 'FP64', [0.5], /takes FP32, got FP64/],
  ['INT32', 'FP32', [1], /takes INT32, got FP32/],
  ['BOOL', 'UINT8', [1], /takes BOOL, got UINT8/],
  ['FP32', 'BYTES', ['a'], /takes FP32, got BYTES/],
  ['INT8', 'INT8', [128], /element 0 must be INT8, got 128/],
  ['INT32', 'INT32', [1.5], /element 0 must be INT32, got 1.5/],
  ['FP32', 'FP32', ['1'], /element 0 must be FP32, got '1'/],
  ['FP32', 'FP32', [null], /element 0 must be FP32, got null/],
  ['BOOL', 'BOOL', [2], /element 0 must be BOOL, got 2/],
])('%s does not take %s %s', async (to, from, data, error) => {
  const response = await send(to, from, data);
  expect(response.status).toBe(400);
  expect((await response.json()).error).toMatch(error);
});

test('numbers that JSON cannot hold are refused, and go as bytes', async () => {
  const nan = new Float32Array([1, Number.NaN]);
  const input = { name: 'x', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } };
  const plain = binaryRequest({ inputs: [input] }, nan);
  const refused = await echoes.infer('FP32', plain.body, plain.headers);
  expect(refused.status).toBe(406);
  expect((await refused.json()).error).toMatch(/element 1 is NaN, which JSON cannot hold/);
  const binary = binaryRequest({ inputs: [input], parameters: { binary_data_output: true } }, nan);
  const { rest } = await binaryAnswer(await echoes.infer('FP32', binary.body, binary.headers));
  expect(new Float32Array(rest.buffer)).toEqual(nan);
});

const good = fp32(input, [1, 6], numbers(6));
test.each<[string, unknown, RegExp]>([
  ['no JSON', '{"inputs": [', /not valid JSON/],
  ['a list', '[]', /must be an object/],
  ['nothing', '', /inputs must be a list/],
  ['no inputs', { inputs: [] }, /input '.*' is missing/],
  ['an input of another name', { inputs: [{ ...good, name: 'y' }] }, /the model has no input 'y'/],
  ['an input twice', { inputs: [good, good] }, /takes 1 inputs, got 2/],
  ['another rank', { inputs: [fp32(input, [6], numbers(6))] }, /takes the shape \[-1, 6\], got \[6\]/],
  ['another shape', { inputs: [fp32(input, [1, 5], numbers(5))] }, /takes the shape \[-1, 6\], got \[1, 5\]/],
  ['too few elements', { inputs: [fp32(input, [2, 6], numbers(6))] }, /takes 12 elements, got 6/],
  ['a shape of 2^53', { inputs: [fp32(input, [2 ** 53, 6], [])] }, /shape must be a list/],
  ['a shape that overflows', { inputs: [fp32(input, [2 ** 40, 2 ** 40], [])] }, /is too large/],
  ['negative sizes', { inputs: [fp32(input, [-1, 6], [])] }, /shape must be a list/],
  ['many dimensions', { inputs: [fp32(input, new Array(1000).fill(1), [1])] }, /at most 16/],
  ['ragged data', { inputs: [fp32(input, [2, 6], [numbers(6), numbers(5)])] }, /nested as the shape/],
  ['data that is no list', { inputs: [{ ...good, data: 'abc' }] }, /nested as the shape/],
  ['no data', { inputs: [{ ...good, data: undefined }] }, /needs either data/],
  ['an unknown type', { inputs: [{ ...good, datatype: 'FP8' }] }, /datatype must be/],
  ['a type of the prototype', { inputs: [{ ...good, datatype: 'constructor' }] }, /datatype must be/],
  [
    'bytes that are not there',
    { inputs: [{ ...good, data: undefined, parameters: { binary_data_size: 24 } }] },
    /0 bytes are left/,
  ],
  ['an unknown output', { inputs: [good], outputs: [{ name: 'z' }] }, /the model has no output 'z'/],
  ['an id that is a number', { id: 1, inputs: [good] }, /id must be a string/],
  ['deep nesting', '{"inputs":'.concat('['.repeat(100_000)), /nested too deep/],
  ['many objects', `{"a":[${'{},'.repeat(20_000)}{}]}`, /nested too deep/],
])('%s: 400', async (_, body, error) => {
  const response = await own.infer('mlp', body);
  expect(response.status).toBe(400);
  expect((await response.json()).error).toMatch(error);
});

test.each<[string, string, string, number]>([
  ['GET', '/v2/models/mlp/infer', '', 405],
  ['POST', '/v2/models/mlp', '', 405],
  ['GET', '/', '', 404],
  ['GET', '/v2/models/', '', 404],
  ['GET', '/v2/models/..%2f..%2fetc%2fpasswd', '', 404],
  ['GET', '/v2/models/%ff', '', 400],
  ['GET', '/v2/models/__proto__', '', 404],
  ['POST', '/v2/models/mlp/generate', '{"text_input":"a"}', 400],
  ['POST', '/v2/repository/models/mlp/unload', '', 400],
  ['POST', '/v2/repository/models/mlp/load', '', 400],
])('%s %s %s: %d', async (method, path, body, status) => {
  const request = new Request(`http://localhost${path}`, { method, ...(body && { body }) });
  const response = (await own.server.fetch(request)) as Response;
  expect(response.status).toBe(status);
  expect(await response.json()).toHaveProperty('error');
});

test('a header of another length is refused', async () => {
  for (const length of ['-1', '1e3', '99999', 'x']) {
    const response = await own.infer('mlp', { inputs: [good] }, { 'Inference-Header-Content-Length': length });
    expect(response.status).toBe(400);
  }
  const more = binaryRequest({ inputs: [good] }, new Uint8Array(3));
  const response = await own.infer('mlp', more.body, more.headers);
  expect((await response.json()).error).toMatch(/3 bytes after the JSON belong to no input/);
});
