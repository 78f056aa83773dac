// Malformed and hostile requests to a server of samegrad/serve over real connections, in a random order that a seed fixes.
//   node scripts/evidence/serve/hostile.mjs [count = 20000] [seed = 1]      (after a build)
// Each must be answered with a status from 400 to 499, 503 or 504, or by closing the connection; right requests in between
// must have right answers, and memory must stay. The suite runs a short form.
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

/** Park and Miller's generator. */
function randomOf(seed) {
  let state = (seed * 48271) % 2147483647 || 1;
  return (most) => {
    state = (state * 48271) % 2147483647;
    return state % most;
  };
}

const json = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

/** A request as its bytes. */
function post(path, body, headers = {}) {
  const bytes = typeof body === 'object' && body instanceof Uint8Array ? body : Buffer.from(json(body));
  const all = { Host: 'a', Connection: 'close', 'Content-Length': bytes.length, ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head.join('')}\r\n`), bytes]);
}

/** Kinds of attacks: each makes the bytes of one. `cut`: the connection ends after them, or nothing follows. */
function attacksOf({ path, input, features }) {
  const good = { name: input, datatype: 'FP32', shape: [1, features], data: new Array(features).fill(0.5) };
  const infer = (inputs, more = {}) => post(path, { inputs, ...more });
  const binary = (size, bytes, length) => {
    const head = JSON.stringify({ inputs: [{ ...good, data: undefined, parameters: { binary_data_size: size } }] });
    const headers = { 'Inference-Header-Content-Length': length ?? head.length };
    return post(path, Buffer.concat([Buffer.from(head), Buffer.alloc(bytes)]), headers);
  };
  const odd = [2 ** 53, 2 ** 31, -1, 1.5, null, '1', Number.MAX_VALUE, [], {}];
  return {
    brackets: (r) => post(path, '['.repeat(1 + r(100_000))),
    nested: (r) => post(path, `{"inputs":${'[{"a":'.repeat(1 + r(5000))}`),
    objects: (r) => post(path, `{"inputs":[${'{},'.repeat(10_001 + r(5000))}{}]}`),
    names: (r) => post(path, { inputs: [{ ...good, name: 'x'.repeat(r(100_000)) }] }),
    shapes: (r) => infer([{ ...good, shape: [odd[r(odd.length)], odd[r(odd.length)]] }]),
    products: () => infer([{ ...good, shape: [2 ** 40, 2 ** 40, 2 ** 40] }]),
    ranks: (r) => infer([{ ...good, shape: new Array(r(2000)).fill(1) }]),
    counts: (r) => infer([{ ...good, data: new Array(r(features)).fill(1) }]),
    elements: (r) => infer([{ ...good, data: new Array(features).fill(['1', null, {}, [], true][r(5)]) }]),
    types: (r) => infer([{ ...good, datatype: ['FP64', 'BYTES', '__proto__', 7, null][r(5)] }]),
    twice: () => infer([good, good]),
    none: (r) => post(path, ['', '{}', '[]', 'null', '0', '{"inputs":{}}', '{"inputs":[1]}'][r(7)]),
    prototype: () => post(path, '{"__proto__":{"inputs":[]},"constructor":1}'),
    cutJSON: (r) => {
      const text = JSON.stringify({ inputs: [good] });
      return post(path, text.slice(0, 1 + r(text.length - 1)));
    },
    noise: (r) =>
      post(
        path,
        Uint8Array.from({ length: r(2000) }, () => r(256)),
      ),
    sizes: (r) => binary(r(1000) * 4 + (features + 1000) * 4, r(1000)),
    headers: (r) => binary(features * 4, features * 4, ['-1', '9'.repeat(20), 'x', '1e3', 3][r(5)]),
    rest: (r) => binary(features * 4, features * 4 + 1 + r(50)),
    traversal: (r) => {
      const names = ['..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e', '..\\..', '%00', '%ff', '....//', '%c0%af', 'a%2fb'];
      return post(`/v2/repository/models/${names[r(names.length)]}/load`, '{}');
    },
    paths: (r) => post(`/${'a/'.repeat(r(1000))}`, '{}'),
    generate: () => post(path.replace('/infer', '/generate'), { text_input: 'a' }),
    large: () => post(path, '', { 'Content-Length': 10 ** 12 }),
    length: (r) => post(path, '{}', { 'Content-Length': ['-5', 'x', '1, 2', '1e9'][r(4)] }),
    chunks: (r) =>
      post(path, `${['zz', 'ffffffffffff', '-1'][r(3)]}\r\nabc`, {
        'Content-Length': undefined,
        'Transfer-Encoding': 'chunked',
      }),
    encoding: () => post(path, { inputs: [good] }, { 'Content-Encoding': 'gzip' }),
    method: (r) =>
      Buffer.from(`${['GET', 'PUT', 'DELETE', 'XYZ'][r(4)]} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
    protocol: (r) => Buffer.from(Uint8Array.from({ length: 10 + r(300) }, () => r(256))),
    smuggled: () => post(path, '{}', { 'Transfer-Encoding': 'chunked' }),
    aborted: (r) => ({ bytes: post(path, 'x'.repeat(50), { 'Content-Length': 100 + r(1000) }), cut: true }),
    slow: (r) => ({ bytes: post(path, '{"in', { 'Content-Length': 50 }), waits: r(4) === 0 }),
  };
}

/** Sends bytes; resolves with the status of the answer, 0 if the connection was closed without one. */
function send(port, attack) {
  const { bytes, cut, waits } = attack instanceof Uint8Array ? { bytes: attack } : attack;
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
      if (cut) setTimeout(() => socket.destroy(), 1);
      // What is not HTTP, or has no end, would be waited for; so that the run ends, most of it is given up soon.
      else if (waits === false) setTimeout(() => socket.end(), 20);
    });
    socket.on('data', (data) => {
      if (got.length < 100) got += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(got)?.[1] ?? 0)));
  });
}

const isRefused = (status) => status === 0 || (status >= 400 && status < 500) || status === 503 || status === 504;

/**
 * Attacks a server.
 * @param target its port, the path of infer, the input's name and its features
 * @param check resolves if a right request has a right answer
 * @returns how often each status came, by kind; what was not refused; right requests between
 */
export async function attack(target, { count, seed, check }) {
  const random = randomOf(seed);
  const kinds = Object.entries(attacksOf(target));
  const statuses = {};
  const accepted = [];
  let checks = 0;
  const one = async (i) => {
    const [name, make] = kinds[i % kinds.length];
    const status = await send(target.port, make(random));
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (!isRefused(status)) accepted.push(`${name}: ${status}`);
  };
  const AT_ONCE = 31;
  for (let i = 0; i < count; i += AT_ONCE) {
    const all = Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, k) => one(i + k));
    await Promise.all([...all, check()]);
    checks++;
  }
  return { statuses, accepted, checks };
}

async function main(count, seed) {
  const sg = await import('samegrad');
  const { listen, serve } = await import('samegrad/serve');
  const model = sg.sequential({ layers: [sg.layers.dense({ units: 4, activation: 'tanh', inputShape: [16] })] });
  const server = serve({ models: { model }, repository: { list: () => [], load: () => {} }, timeout: 200 });
  const listening = await listen(server, { port: 0 });
  const path = '/v2/models/model/infer';
  const [input] = model.inputNames;
  const body = JSON.stringify({
    inputs: [{ name: input, datatype: 'FP32', shape: [1, 16], data: new Array(16).fill(1) }],
  });
  const expected = await (await fetch(listening.url + path, { method: 'POST', body })).text();
  const check = async () => {
    const answer = await (await fetch(listening.url + path, { method: 'POST', body })).text();
    if (answer !== expected) throw new Error(`a right request was answered with ${answer}`);
  };
  const target = { port: listening.port, path, input, features: 16 };
  await attack(target, { count: 2000, seed: seed + 1, check });
  const memory = () => {
    globalThis.gc?.();
    return Math.round(process.memoryUsage().rss / 1e6);
  };
  const before = memory();
  const start = performance.now();
  const { statuses, accepted, checks } = await attack(target, { count, seed, check });
  const seconds = Math.round((performance.now() - start) / 1000);
  await listening.close();
  console.log(
    JSON.stringify({
      requests: count,
      seed,
      seconds,
      statuses,
      accepted,
      checks,
      tensors: sg.memory().numTensors,
      before,
      after: memory(),
    }),
  );
  if (accepted.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await main(Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 1));
