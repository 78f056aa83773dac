/** The server around its models: repository, tokens, limits, metrics, logs, closing, generation. */
import { expect, test, vi } from 'vitest';
import * as sg from '../../src/index';
import { type LogEntry, type ModelRepository, type Servable, type ServedTensor, serve } from '../../src/serve';
import { client, fp32, mlp, numbers } from './support';

/** Multiplies by a factor, after some time. */
function times(factor: number, milliseconds = 0, disposed: number[] = []): Servable {
  return {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
    async run({ x }) {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      const { shape, data } = x as ServedTensor;
      return { y: { datatype: 'FP32', shape, data: (data as Float32Array).map((v) => v * factor) } };
    },
    dispose: () => void disposed.push(factor),
  };
}

const ask = { inputs: [fp32('x', [2], [1, 2])] };

/** A repository in which each load of `a` has the next factor. */
function repositoryOf(disposed: number[]): ModelRepository {
  let factor = 0;
  return {
    list: () => ['a', 'broken'],
    async load(name) {
      if (name === 'broken') throw new sg.FormatError('the file is cut off');
      return times(++factor, 20, disposed);
    },
  };
}

test('models are loaded, replaced without a dropped request, unloaded', async () => {
  const disposed: number[] = [];
  const { infer, post, get } = client({ repository: repositoryOf(disposed) });
  const load = (name: string): Promise<Response> => post(`/v2/repository/models/${name}/load`, {});
  const index = async (body: object = {}): Promise<unknown> => (await post('/v2/repository/index', body)).json();
  expect((await infer('a', ask)).status).toBe(404);
  expect(await index()).toEqual([
    { name: 'a', version: '1', state: 'UNAVAILABLE', reason: 'it was not loaded' },
    { name: 'broken', version: '1', state: 'UNAVAILABLE', reason: 'it was not loaded' },
  ]);
  expect((await load('a')).status).toBe(200);
  expect(await index({ ready: true })).toEqual([{ name: 'a', version: '1', state: 'READY', reason: '' }]);

  const before = infer('a', ask);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await load('a');
  const after = infer('a', ask);
  expect((await (await before).json()).outputs[0].data).toEqual([1, 2]);
  expect((await (await after).json()).outputs[0].data).toEqual([2, 4]);
  await vi.waitFor(() => expect(disposed).toEqual([1]));

  const last = infer('a', ask);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await post('/v2/repository/models/a/unload', '')).status).toBe(200);
  expect((await last).status).toBe(200);
  expect(disposed).toEqual([1, 2]);
  expect((await (await infer('a', ask)).json()).error).toBe("there is no model 'a': it was unloaded");
  expect((await get('/v2/models/a/ready')).status).toBe(404);
});

test('what cannot be loaded is said, and leaves what is there', async () => {
  const { post } = client({ repository: repositoryOf([]) });
  const broken = await post('/v2/repository/models/broken/load', '{}');
  expect(broken.status).toBe(400);
  expect((await broken.json()).error).toMatch(/the file is cut off/);
  expect((await post('/v2/repository/models/..%2Fsecret/load', '{}')).status).toBe(404);
  const configured = await post('/v2/repository/models/a/load', { parameters: { config: '{}' } });
  expect((await configured.json()).error).toMatch(/load takes no parameters/);
});

test('bearers are checked, but for health', async () => {
  const { get, infer } = client({
    models: { a: times(2) },
    bearer: async (token) => token === 'good',
  });
  expect((await get('/v2/health/ready')).status).toBe(200);
  const without = await infer('a', ask);
  expect(without.status).toBe(401);
  expect(without.headers.get('www-authenticate')).toBe('Bearer');
  expect((await infer('a', ask, { authorization: 'Bearer bad' })).status).toBe(401);
  expect((await infer('a', ask, { authorization: 'bearer good' })).status).toBe(200);
  expect((await get('/metrics')).status).toBe(401);
});

test('bodies are bounded in size and time', async () => {
  const { server, infer } = client({ models: { a: times(1) }, maxBodySize: 100, timeout: 50 });
  expect((await infer('a', ' '.repeat(101))).status).toBe(413);
  const streamed = (pull: (c: ReadableStreamDefaultController) => void): Promise<Response> => {
    const init = { method: 'POST', body: new ReadableStream({ pull }), duplex: 'half' };
    return server.fetch(new Request('http://localhost/v2/models/a/infer', init as RequestInit)) as Promise<Response>;
  };
  expect((await streamed((c) => c.enqueue(new Uint8Array(64)))).status).toBe(413);
  expect((await streamed(() => {})).status).toBe(408);
  expect((await streamed((c) => c.error(new Error('gone')))).status).toBe(400);
  expect((await infer('a', ask, { 'content-encoding': 'gzip' })).status).toBe(415);
  expect((await infer('a', ask)).status).toBe(200);
});

test('requests are counted and logged', async () => {
  const log: LogEntry[] = [];
  const model = mlp();
  const { get, infer } = client({ models: { mlp: model }, log: (entry) => log.push(entry) });
  await infer('mlp', { inputs: [fp32(model.inputNames[0] as string, [1, 6], numbers(6))] });
  await infer('mlp', '{');
  await get('/nothing"\n');
  const text = await (await get('/metrics')).text();
  expect(text).toContain('samegrad_requests_total{route="infer",status="200"} 1\n');
  expect(text).toContain('samegrad_requests_total{route="infer",status="400"} 1\n');
  expect(text).toContain('samegrad_requests_total{route="other",status="404"} 1\n');
  expect(text).toContain('samegrad_batch_rows_bucket{model="mlp",le="1"} 1\n');
  expect(text).toContain('samegrad_waiting_requests{model="mlp"} 0\n');
  // Every line is a comment or a sample.
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+)$/);
  expect(log.map(({ method, status, error }) => [method, status, error])).toEqual([
    ['POST', 200, undefined],
    ['POST', 400, 'the request is not valid JSON in UTF-8: it ends after 1 bytes'],
    ['GET', 404, 'there is nothing at this path'],
    ['GET', 200, undefined],
  ]);
});

test('closing answers what has come, and refuses the rest', async () => {
  const disposed: number[] = [];
  const { server, infer, get, post } = client({
    models: { own: times(5, 0, disposed) },
    repository: repositoryOf(disposed),
  });
  await post('/v2/repository/models/a/load', '');
  const last = infer('a', ask);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const closed = server.close();
  const late = await infer('a', ask);
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await get('/v2/health/ready')).status).toBe(503);
  expect((await get('/v2/health/live')).status).toBe(200);
  await closed;
  expect((await last).status).toBe(200);
  // Models that the server was given stay.
  expect(disposed).toEqual([1]);
});

/** Counts up to the number that is asked for. */
const counting: Servable & { generated: number } = { ...times(1), generated: 0 };
async function* count({ text, parameters }: { text: string; parameters: Readonly<Record<string, unknown>> }) {
  const { max_tokens: most = 3 } = parameters;
  if (typeof most !== 'number') throw new sg.ArgumentError('max_tokens must be a number');
  for (let i = 1; i <= most; i++) {
    counting.generated = i;
    yield `${text}${i}`;
  }
}

test('generate answers with the whole, generate_stream with an event for each piece', async () => {
  const { post, server } = client({ models: { counting: { model: counting, generate: count } } });
  const whole = await post('/v2/models/counting/generate', { text_input: 'n', max_tokens: 2, id: 'x' });
  expect(await whole.json()).toEqual({ id: 'x', model_name: 'counting', model_version: '1', text_output: 'n1n2' });

  const stream = await post('/v2/models/counting/generate_stream', { text_input: 'n', parameters: { max_tokens: 2 } });
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  const event = (text: string): string =>
    `data: {"model_name":"counting","model_version":"1","text_output":"${text}"}\n\n`;
  expect(await stream.text()).toBe(event('n1') + event('n2'));

  const wrong = await post('/v2/models/counting/generate_stream', { text_input: 'n', max_tokens: 'many' });
  expect([wrong.status, (await wrong.json()).error]).toEqual([400, 'max_tokens must be a number']);
  expect((await post('/v2/models/counting/generate', { text_input: 1 })).status).toBe(400);

  // A client that leaves ends the sequence.
  const endless = await post('/v2/models/counting/generate_stream', { text_input: 'n', max_tokens: 1e9 });
  const reader = (endless.body as ReadableStream).getReader();
  await reader.read();
  await reader.cancel();
  const at = counting.generated;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(counting.generated).toBeLessThanOrEqual(at + 2);
  await server.close();
});

test('graph models are served, strings among their inputs', async () => {
  const placeholder = (name: string, type: string): object => ({
    name,
    op: 'Placeholder',
    attr: { dtype: { type }, shape: { shape: { dim: [{ size: '-1' }, { size: '2' }] } } },
  });
  const modelTopology = {
    node: [
      placeholder('x', 'DT_FLOAT'),
      placeholder('s', 'DT_STRING'),
      { name: 'y', op: 'Relu', input: ['x'], attr: { T: { type: 'DT_FLOAT' } } },
      { name: 't', op: 'Identity', input: ['s'], attr: { T: { type: 'DT_STRING' } } },
    ],
  };
  const graph = await sg.loadGraphModel(sg.io.fromMemory({ modelTopology }));
  const { infer, get } = client({ models: { graph } });
  const { platform, inputs } = await (await get('/v2/models/graph')).json();
  expect(platform).toBe('samegrad_graph');
  expect(inputs).toEqual([
    { name: 'x', datatype: 'FP32', shape: [-1, 2] },
    { name: 's', datatype: 'BYTES', shape: [-1, 2] },
  ]);
  const response = await infer('graph', {
    inputs: [fp32('x', [1, 2], [-1, 3]), { name: 's', datatype: 'BYTES', shape: [1, 2], data: ['a', 'ö'] }],
  });
  const { outputs } = await response.json();
  expect(outputs).toContainEqual({ name: 'y', datatype: 'FP32', shape: [1, 2], data: [0, 3] });
  expect(outputs).toContainEqual({ name: 't', datatype: 'BYTES', shape: [1, 2], data: ['a', 'ö'] });
});

test('quantized models are served', async () => {
  const wide = sg.sequential({ layers: [sg.layers.dense({ units: 32, inputShape: [32] })] });
  const int8 = sg.quantize(wide);
  const { infer } = client({ models: { int8 } });
  const data = numbers(32);
  const response = await infer('int8', { inputs: [fp32(int8.inputNames[0] as string, [1, 32], data)] });
  const expected = (int8.predict(sg.tensor2d(data, [1, 32])) as sg.Tensor).dataSync();
  expect((await response.json()).outputs[0].data).toEqual([...expected]);
});

test('a state that is kept from batch to batch is never shared', async () => {
  const stateful = sg.sequential({
    layers: [sg.layers.simpleRNN({ units: 2, stateful: true, batchInputShape: [1, 3, 2] })],
  });
  const { get, infer } = client({ models: { stateful } });
  expect((await (await get('/v2/models/stateful')).json()).inputs[0].shape).toEqual([1, 3, 2]);
  const [input] = stateful.inputNames;
  expect((await infer('stateful', { inputs: [fp32(input as string, [2, 3, 2], numbers(12))] })).status).toBe(400);
});

test('wrong settings are refused', () => {
  expect(() => serve({})).toThrow(/serve: needs models or a repository/);
  expect(() => serve({ models: { a: 1 as never } })).toThrow(/serve: model 'a' must be a model/);
  expect(() => serve({ models: {}, maxQueue: 0 })).toThrow(/maxQueue must be a positive integer/);
  expect(() => serve({ models: {}, batch: 1 } as never)).toThrow(/batch/);
  const unbuilt = sg.sequential({ layers: [sg.layers.dense({ units: 1 })] });
  expect(() => serve({ models: { unbuilt } })).toThrow(/not built/);
});
