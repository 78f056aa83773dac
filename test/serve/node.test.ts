/** The server of Node: connections that are slow, end early or never end, and what goes on beside them. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Feeds, type Listening, listen, type Servable, serve } from '../../src/serve';
import { binaryRequest, client, fp32, mlp, numbers } from './support';

const model = mlp();
const body = JSON.stringify({ inputs: [fp32(model.inputNames[0] as string, [1, 6], numbers(6))] });
const options = { models: { mlp: model }, maxBodySize: 2000, timeout: 300 };
let listening: Listening;
beforeAll(async () => {
  listening = await listen(serve(options), { port: 0 });
});
afterAll(() => listening.close());

const post = (text: string, path = '/v2/models/mlp/infer'): Promise<Response> =>
  fetch(listening.url + path, { method: 'POST', body: text });

/** Sends bytes over a connection of its own; resolves with all that comes until it closes. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve) => {
    let got = '';
    const socket = connect(listening.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => {
      got += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });

test('its answers have the bytes of fetch', async () => {
  const { infer } = client(options);
  const [own, direct] = [await post(body), await infer('mlp', body)];
  expect(own.status).toBe(200);
  expect(await own.text()).toBe(await direct.text());
  expect(own.headers.get('content-type')).toBe(direct.headers.get('content-type'));
});

test('binary tensors of halves arrive as they were sent', async () => {
  const half: Servable = {
    inputs: [{ name: 'x', datatype: 'FP16', shape: [-1] }],
    outputs: [{ name: 'x', datatype: 'FP16', shape: [-1] }],
    run: (feeds) => feeds,
  };
  const own = await listen(serve({ models: { half } }), { port: 0 });
  const bytes = new Uint16Array([0x3c00, 0xc000, 0x7bff]); // 1, -2, 65504
  const input = { name: 'x', datatype: 'FP16', shape: [3], parameters: { binary_data_size: 6 } };
  const { body, headers } = binaryRequest({ inputs: [input] }, bytes);
  const init = { method: 'POST', headers, body: body as BodyInit };
  const { outputs } = await (await fetch(`${own.url}/v2/models/half/infer`, init)).json();
  expect(outputs[0].data).toEqual([1, -2, 65504]);
  await own.close();
});

test('a connection serves request after request', async () => {
  const one = `POST /v2/models/mlp/infer HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const last = 'GET /v2/health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const got = await raw(one + one + last);
  expect(got.match(/HTTP\/1\.1 200 OK/g)?.length).toBe(3);
});

test('a body is the same in chunks, and in packets of its own', async () => {
  const expected = await (await post(body)).text();
  const head = 'POST /v2/models/mlp/infer HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
  const half = body.length >> 1;
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  const chunks = `${chunk(body.slice(0, half))}${chunk(body.slice(half))}${chunk('')}`;
  expect(await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`)).toContain(expected);
  const late = await new Promise<string>((resolve) => {
    let got = '';
    const socket = connect(listening.port, '127.0.0.1', () => {
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, half)}`);
      setTimeout(() => socket.write(body.slice(half)), 20);
    });
    socket.on('data', (data) => {
      got += data;
    });
    socket.on('close', () => resolve(got));
  });
  expect(late).toContain(expected);
  const tooMuch = chunk('x'.repeat(2001)) + chunk('');
  expect(await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${tooMuch}`)).toMatch(/^HTTP\/1\.1 413 /);
});

test('a body that is too large is refused before it has come, and the connection ends', async () => {
  const got = await raw('POST /v2/models/mlp/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\nabc');
  expect(got).toMatch(/^HTTP\/1\.1 413 /);
  expect((await post('x'.repeat(2001))).status).toBe(413);
});

test('a body that never ends is refused after the time limit', async () => {
  const got = await raw('POST /v2/models/mlp/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"inputs"');
  expect(got).toMatch(/^HTTP\/1\.1 408 /);
});

test('a connection that ends early leaves the server as it was', async () => {
  await Promise.all(
    Array.from(
      { length: 20 },
      () =>
        new Promise<void>((resolve) => {
          const socket = connect(listening.port, '127.0.0.1', () => {
            socket.write('POST /v2/models/mlp/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"in');
            setTimeout(() => socket.destroy(), 5);
          });
          socket.on('close', () => resolve());
        }),
    ),
  );
  expect((await post(body)).status).toBe(200);
});

test('what is not HTTP is refused', async () => {
  expect(await raw('\x16\x03\x01\x02\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
});

test('closing answers what has come', async () => {
  const slow = serve({
    models: {
      slow: {
        inputs: [],
        outputs: [],
        run: () => new Promise<Feeds>((resolve) => setTimeout(() => resolve({}), 100)),
      },
    },
  });
  const own = await listen(slow, { port: 0 });
  const answer = fetch(`${own.url}/v2/models/slow/infer`, { method: 'POST', body: '{"inputs":[]}' });
  await new Promise((resolve) => setTimeout(resolve, 40));
  await own.close();
  expect((await answer).status).toBe(200);
  await expect(fetch(own.url)).rejects.toThrow();
});

test('with a grace, what comes on open connections is answered, and connections end with their answers', async () => {
  const own = await listen(serve(options), { port: 0 });
  const one = `POST /v2/models/mlp/infer HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  let got = '';
  const socket = connect(own.port, '127.0.0.1', () => socket.write(one));
  const first = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (data) => {
    got += data;
  });
  await first;
  const start = performance.now();
  const closed = own.close({ grace: 20_000 });
  await expect(fetch(own.url)).rejects.toThrow();
  socket.write(one);
  await Promise.all([ended, closed]);
  expect(got.match(/HTTP\/1\.1 200 OK/g)?.length).toBe(2);
  expect(got.match(/connection: close/gi)?.length).toBe(1);
  // It does not wait for connections that are there no more.
  expect(performance.now() - start).toBeLessThan(15_000);
});

test('connections that are idle end with the grace', async () => {
  const own = await listen(serve(options), { port: 0 });
  const socket = connect(own.port, '127.0.0.1');
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.resume();
  await own.close({ grace: 50 });
  await ended;
  await expect(own.close({ grace: -1 })).rejects.toThrow(/grace must be/);
});

test('an address that is taken is an error', async () => {
  await expect(listen(serve(options), { port: listening.port })).rejects.toThrow(/listen: .*EADDRINUSE/);
  await expect(listen(serve(options), { port: 70000 })).rejects.toThrow(/port must be an integer from 0 to 65535/);
  await expect(listen({} as never)).rejects.toThrow(/listen: needs a server/);
});
