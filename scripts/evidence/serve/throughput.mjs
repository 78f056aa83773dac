// Requests a second over loopback, by wrk, each server in a process of its own: node scripts/evidence/serve/throughput.mjs
// [SECONDS = 4] [ROUNDS = 3], after a build. A Node server that answers a constant after it has read the body is the yardstick
// of the MLP; a server that joins nothing that of batches; the least server of onnxruntime-web (of bench/node_modules, on one
// thread) with the same model, requests and answers is the other one. In each round all are measured one after another, as
// machines are noisy; the medians of the ratios count. Requests have binary tensors, or JSON where that is said.
import { execFileSync, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NETWORKS = {
  mlp: {
    shape: [784],
    layers: ({ dense }) => [
      dense({ units: 128, activation: 'relu', inputShape: [784] }),
      dense({ units: 10, activation: 'softmax' }),
    ],
  },
  cnn: {
    shape: [28, 28, 1],
    layers: ({ conv2d, maxPooling2d, flatten, dense }) => [
      conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 128, activation: 'relu' }),
      dense({ units: 10, activation: 'softmax' }),
    ],
  },
};

/** Reads bodies and answers with what `answer` returns of them. */
const plain = (answer) =>
  new Promise((resolve) => {
    const made = createServer((from, to) => {
      const parts = [];
      from.on('data', (part) => parts.push(part));
      from.on('end', async () => {
        const text = await answer(parts.length === 1 ? parts[0] : Buffer.concat(parts), from.headers);
        to.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
        to.end(text);
      });
    }).listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${made.address().port}`));
  });

/** Answers always the same, after it has read the body. */
const constant = (text) =>
  new Promise((resolve) => {
    const made = createServer((from, to) => {
      from.resume();
      from.on('end', () => {
        to.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
        to.end(text);
      });
    }).listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${made.address().port}`));
  });

/** Answers with onnxruntime-web, without checks, queues and batches. */
async function onnxruntime(model) {
  const { toONNX } = await import('samegrad/onnx');
  const root = fileURLToPath(new URL('../../../bench/package.json', import.meta.url));
  const ort = await import(pathToFileURL(createRequire(root).resolve('onnxruntime-web')).href);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await toONNX(model));
  return plain(async (body, headers) => {
    const length = Number(headers['inference-header-content-length'] ?? body.length);
    const { inputs } = JSON.parse(body.subarray(0, length).toString());
    const feeds = {};
    let at = length;
    for (const { name, shape, data, parameters } of inputs) {
      const size = parameters?.binary_data_size ?? 0;
      const values = data
        ? Float32Array.from(data)
        : new Float32Array(new Uint8Array(body.subarray(at, at + size)).buffer);
      at += size;
      feeds[name] = new ort.Tensor('float32', values, shape);
    }
    const results = Object.entries(await session.run(feeds));
    const outputs = results.map(([name, { dims, data }]) => ({ name, datatype: 'FP32', shape: dims, data: [...data] }));
    return JSON.stringify({ model_name: 'model', model_version: '1', outputs });
  });
}

/** A server of one kind; tells its parent where it is, and what requests it takes. */
async function child(kind, network, maxBatchSize, format) {
  const { shape, layers } = NETWORKS[network];
  const sg = await import('samegrad');
  const { listen, serve } = await import('samegrad/serve');
  const model = sg.sequential({ layers: layers(sg.layers) });
  const server = serve({ models: { model }, maxBatchSize: Number(maxBatchSize) });
  const size = shape.reduce((product, d) => product * d, 1);
  const [name] = model.inputNames;
  const pixels = Float32Array.from({ length: size }, (_, i) => (i % 17) / 17);
  const isText = format === 'json';
  const more = isText ? { data: [...pixels] } : { parameters: { binary_data_size: size * 4 } };
  const head = JSON.stringify({ inputs: [{ name, datatype: 'FP32', shape: [1, ...shape], ...more }] });
  const body = isText ? Buffer.from(head) : Buffer.concat([Buffer.from(head), Buffer.from(pixels.buffer)]);
  const path = '/v2/models/model/infer';
  const headers = { 'Inference-Header-Content-Length': String(head.length) };
  const request = new Request(`http://localhost${path}`, { method: 'POST', body, headers });
  const answer = await (await server.fetch(request)).text();
  const url =
    kind === 'constant'
      ? await constant(answer)
      : kind === 'onnxruntime'
        ? await onnxruntime(model)
        : (await listen(server, { port: 0 })).url;
  process.send({ url: url + path, head: head.length, body: body.toString('base64') });
}

/** A body as wrk's Lua reads it. */
const lua = ({ head, body }) => {
  const bytes = [...Buffer.from(body, 'base64')].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('');
  return `wrk.method = "POST"\nwrk.headers["Inference-Header-Content-Length"] = "${head}"\nwrk.body = "${bytes}"\n`;
};

async function start(folder, kind, network, maxBatchSize, format) {
  const own = fork(fileURLToPath(import.meta.url), ['child', kind, network, maxBatchSize, format], {
    env: { ...process.env, SAMEGRAD_THREADS: '1' },
  });
  const told = await new Promise((resolve) => own.once('message', resolve));
  const script = join(folder, `${kind}-${network}.lua`);
  writeFileSync(script, lua(told));
  return { url: told.url, script, stop: () => own.kill('SIGKILL') };
}

const inMilliseconds = (text) => Number.parseFloat(text) * { us: 0.001, ms: 1, s: 1000 }[/[a-z]+/.exec(text)[0]];

/** Requests a second, and percentiles of the latency in ms. */
function measure({ url, script }, connections, seconds) {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const out = execFileSync('wrk', args, { encoding: 'utf8' });
  if (/Non-2xx|Socket errors/.test(out)) throw new Error(out);
  const percentile = (p) => inMilliseconds(new RegExp(`${p}% +(\\S+)`).exec(out)[1]);
  return { rate: Number(/Requests\/sec: +(\S+)/.exec(out)[1]), p50: percentile(50), p99: percentile(99) };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const show = (list) => list.map((x) => (x < 10 ? x.toFixed(2) : x.toFixed(0))).join(' ');

const CASES = [
  { name: 'MLP / constant, 1 connection', network: 'mlp', connections: 1, of: ['served', 32], to: ['constant', 1] },
  { name: 'MLP / constant, 8 connections', network: 'mlp', connections: 8, of: ['served', 32], to: ['constant', 1] },
  {
    name: 'MLP in JSON / constant, 8 connections',
    network: 'mlp',
    connections: 8,
    format: 'json',
    of: ['served', 32],
    to: ['constant', 1],
  },
  {
    name: 'MLP / onnxruntime-web, 8 connections',
    network: 'mlp',
    connections: 8,
    of: ['served', 32],
    to: ['onnxruntime', 1],
  },
  {
    name: 'CNN / onnxruntime-web, 8 connections',
    network: 'cnn',
    connections: 8,
    of: ['served', 32],
    to: ['onnxruntime', 1],
  },
  {
    name: 'CNN batched / alone, 64 connections',
    network: 'cnn',
    connections: 64,
    of: ['served', 32],
    to: ['served', 1],
  },
];

async function main(seconds, rounds) {
  for (const { name, network, connections, of, to, format = 'binary' } of CASES) {
    const folder = mkdtempSync(join(tmpdir(), 'samegrad-wrk-'));
    const results = [];
    for (let round = 0; round <= rounds; round++) {
      const pair = [];
      for (const [kind, batch] of [of, to]) {
        const server = await start(folder, kind, network, batch, format);
        measure(server, connections, 1); // until all is compiled
        pair.push(measure(server, connections, seconds));
        server.stop();
      }
      if (round > 0) results.push(pair);
    }
    rmSync(folder, { recursive: true });
    const [own, other] = [0, 1].map((i) => results.map((pair) => pair[i]));
    const ratio = median(results.map(([a, b]) => a.rate / b.rate));
    console.log(
      `${name}: ratio ${ratio.toFixed(2)}; requests/s ${show(own.map((r) => r.rate))} / ${show(other.map((r) => r.rate))}`,
    );
    console.log(`  p50 ms ${show(own.map((r) => r.p50))}; p99 ms ${show(own.map((r) => r.p99))}`);
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === 'child') await child(...rest);
else await main(Number(first ?? 4), Number(rest[0] ?? 3));
