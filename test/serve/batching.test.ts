/** Batches that nobody sees: the same bits, bounds of the queue, failures that stay with their request. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import type { Servable, ServedTensor } from '../../src/serve';
import { client, cnn, fp32, mlp, numbers } from './support';

const metricOf = async (get: (path: string) => Promise<Response>, name: string): Promise<number> =>
  Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(await (await get('/metrics')).text())?.[1] ?? 0);

test.each([
  ['mlp', mlp, [6]],
  ['cnn', cnn, [8, 8, 1]],
] as const)('%s: rows of %s in batches have the bits of rows alone', async (name, make, row) => {
  const model = make();
  const own = client({ models: { [name]: model } });
  const size = row.reduce((product: number, d) => product * d, 1);
  const input = model.inputNames[0] as string;
  // Requests of one to three rows, all at once: they are joined in batches of several sizes.
  const requests = Array.from({ length: 40 }, (_, i) => ({
    rows: 1 + (i % 3),
    data: numbers((1 + (i % 3)) * size, i),
  }));
  const answers = await Promise.all(
    requests.map(async ({ rows, data }) => {
      const response = await own.infer(name, { inputs: [fp32(input, [rows, ...row], data)] });
      return (await response.json()).outputs[0].data;
    }),
  );
  requests.forEach(({ rows, data }, i) => {
    const alone = Array.from({ length: rows }, (_, k) => {
      const x = sg.tensor(data.slice(k * size, (k + 1) * size), [1, ...row]);
      return [...(model.predict(x) as sg.Tensor).dataSync()];
    });
    expect(answers[i]).toEqual(alone.flat());
  });
  const batches = await metricOf(own.get, 'samegrad_batch_rows_count');
  expect(batches).toBeGreaterThan(1);
  expect(batches).toBeLessThan(10);
});

/** Adds one, and notes the shapes it is called with. Fails for 13. */
function adder(calls: number[][], milliseconds = 0): Servable {
  return {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
    isBatched: true,
    async run({ x }) {
      const { shape, data } = x as ServedTensor;
      calls.push([...shape]);
      if (milliseconds) await new Promise((resolve) => setTimeout(resolve, milliseconds));
      if ((data as Float32Array).includes(13)) throw new sg.IndexError('13 is not known');
      return { y: { datatype: 'FP32', shape, data: (data as Float32Array).map((v) => v + 1) } };
    },
  };
}

const ask = async (
  infer: (model: string, body: unknown) => Promise<Response>,
  shape: readonly number[],
  data: readonly number[],
): Promise<{ status: number; data: number[]; error: string; retry: string | null }> => {
  const response = await infer('adder', { inputs: [fp32('x', shape, data)] });
  const { outputs, error } = await response.json();
  return { status: response.status, data: outputs?.[0].data, error, retry: response.headers.get('retry-after') };
};

test('rows of other shapes are not joined', async () => {
  const calls: number[][] = [];
  const { infer } = client({ models: { adder: adder(calls) } });
  const answers = await Promise.all([
    ask(infer, [1, 2], [1, 2]),
    ask(infer, [1, 3], [1, 2, 3]),
    ask(infer, [2, 2], [3, 4, 5, 6]),
    ask(infer, [1, 2], [7, 8]),
  ]);
  expect(answers.map(({ data }) => data)).toEqual([
    [2, 3],
    [2, 3, 4],
    [4, 5, 6, 7],
    [8, 9],
  ]);
  // The first one comes when nothing is there.
  expect(calls).toEqual([
    [1, 2],
    [1, 3],
    [3, 2],
  ]);
});

test('batches are filled up to few sizes, and have at most maxBatchSize rows', async () => {
  const calls: number[][] = [];
  const { infer } = client({ models: { adder: adder(calls) }, maxBatchSize: 8 });
  const answers = await Promise.all(Array.from({ length: 13 }, (_, i) => ask(infer, [1, 1], [i === 12 ? 12 : i / 2])));
  expect(answers.map(({ data }) => data[0])).toEqual([...Array.from({ length: 12 }, (_, i) => i / 2 + 1), 13]);
  expect(calls).toEqual([
    [1, 1],
    [8, 1],
    [4, 1],
  ]);
});

test('requests that come one by one are computed at once; where several came in a turn, the first of the next waits', async () => {
  const calls: number[][] = [];
  const { infer } = client({ models: { adder: adder(calls) } });
  const together = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, i) => ask(infer, [1, 1], [i])));
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  for (const count of [1, 1, 3, 3, 1, 3]) {
    await together(count);
    await turn();
  }
  expect(calls.map(([rows]) => rows)).toEqual([1, 1, 1, 2, 3, 1, 1, 2]);
});

test('a request that fails does not take others with it', async () => {
  const { infer } = client({ models: { adder: adder([]) } });
  const answers = await Promise.all([ask(infer, [1, 1], [1]), ask(infer, [1, 1], [13]), ask(infer, [1, 1], [3])]);
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 200]);
  expect(answers[1]?.error).toBe('13 is not known');
  expect(answers[2]?.data).toEqual([4]);
});

test('what is unknown about a failure stays in the log', async () => {
  const causes: unknown[] = [];
  const broken: Servable = { ...adder([]), run: () => Promise.reject(new Error('secret')) };
  const { infer } = client({ models: { adder: broken }, log: ({ cause }) => causes.push(cause) });
  expect(await ask(infer, [1, 1], [1])).toMatchObject({ status: 500, error: 'the model failed' });
  expect(causes).toEqual([expect.objectContaining({ message: 'secret' })]);
});

test('results that are not what the model says are a failure', async () => {
  const broken: Servable = { ...adder([]), run: () => ({}) };
  const { infer } = client({ models: { adder: broken } });
  expect((await ask(infer, [1, 1], [1])).status).toBe(500);
});

test('the queue is bounded: 503 with Retry-After', async () => {
  const { infer } = client({ models: { adder: adder([], 30) }, maxQueue: 3, maxBatchSize: 1 });
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => ask(infer, [1, 1], [i])));
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ retry }) => retry === '1')).toBe(true);
  expect(answers.filter(({ status }) => status === 200).length).toBe(10 - refused.length);
});

test('an answer that takes too long is a 504, and what waits behind it is not computed', async () => {
  const calls: number[][] = [];
  const { infer } = client({ models: { adder: adder(calls, 200) }, timeout: 40, maxBatchSize: 1 });
  const answers = await Promise.all([ask(infer, [1, 1], [1]), ask(infer, [1, 1], [2])]);
  expect(answers.map(({ status }) => status)).toEqual([504, 504]);
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(calls.length).toBe(1);
});

test('maxDelay waits for others', async () => {
  const calls: number[][] = [];
  const { infer } = client({ models: { adder: adder(calls) }, maxDelay: 60 });
  const first = ask(infer, [1, 1], [1]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await Promise.all([first, ask(infer, [1, 1], [2])]);
  expect(calls).toEqual([[2, 1]]);
});
