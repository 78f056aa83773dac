// Many right requests, in a row on each of some connections: every answer must have its own bytes, and memory must not grow.
// node --expose-gc scripts/evidence/serve/soak.mjs [REQUESTS = 200000] [CONNECTIONS = 16], after a build. JSON and binary
// requests of one to three rows come mixed, so that batches of all kinds are joined.
import { Agent, request } from 'node:http';
import * as sg from 'samegrad';
import { listen, serve } from 'samegrad/serve';

const FEATURES = 32;
const PATH = '/v2/models/model/infer';
const [count, connections] = [process.argv[2] ?? 200_000, process.argv[3] ?? 16].map(Number);

const { dense } = sg.layers;
const model = sg.sequential({
  layers: [
    dense({ units: 64, activation: 'tanh', inputShape: [FEATURES] }),
    dense({ units: 8, activation: 'softmax' }),
  ],
});
const listening = await listen(serve({ models: { model } }), { port: 0 });
const agent = new Agent({ keepAlive: true, maxSockets: connections });

function bodyOf(i) {
  const rows = 1 + (i % 3);
  const data = Float32Array.from({ length: rows * FEATURES }, (_, j) => (((i + 1) * (j + 7)) % 101) / 50 - 1);
  const input = { name: model.inputNames[0], datatype: 'FP32', shape: [rows, FEATURES] };
  if (i % 2) return { body: Buffer.from(JSON.stringify({ inputs: [{ ...input, data: [...data] }] })), headers: {} };
  const head = JSON.stringify({ inputs: [{ ...input, parameters: { binary_data_size: data.byteLength } }] });
  const headers = { 'Inference-Header-Content-Length': head.length };
  return { body: Buffer.concat([Buffer.from(head), Buffer.from(data.buffer)]), headers };
}

const ask = ({ body, headers }) =>
  new Promise((resolve, reject) => {
    const length = { 'Content-Length': body.length };
    const sent = request(
      { agent, port: listening.port, path: PATH, method: 'POST', headers: { ...headers, ...length } },
      (answer) => {
        let text = `${answer.statusCode} `;
        answer.setEncoding('utf8');
        answer.on('data', (part) => {
          text += part;
        });
        answer.on('end', () => resolve(text));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

const bodies = Array.from({ length: 60 }, (_, i) => bodyOf(i));
const expected = [];
for (const body of bodies) expected.push(await ask(body)); // alone, one after another
let wrong = 0;

async function run(total) {
  let next = 0;
  const connection = async () => {
    for (let i = next++; i < total; i = next++) {
      const at = (i * 7) % bodies.length;
      if ((await ask(bodies[at])) !== expected[at]) wrong++;
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
}

const memory = () => {
  globalThis.gc?.();
  return { resident: Math.round(process.memoryUsage().rss / 1e6), tensors: sg.memory().numTensors };
};

await run(count / 10);
const before = memory();
const start = performance.now();
await run(count);
const seconds = Math.round((performance.now() - start) / 1000);
const after = memory();
console.log(JSON.stringify({ requests: count, connections, seconds, wrong, before, after }));
agent.destroy();
await listening.close();
if (wrong > 0 || after.tensors !== before.tensors) process.exitCode = 1;
