// A server asked over a socket where the runtime listens to one (Deno.serve, Bun.serve, node:http), elsewhere by requests of
// the web platform: the same bytes in every answer, errors and events among them.
const weights = (count, seed) =>
  Float32Array.from({ length: count }, (_, i) => (((i + seed) * 7919) % 2003) / 1001 - 1);

function make(sg) {
  const { layers } = sg;
  const model = sg.sequential({
    layers: [
      layers.conv2d({ filters: 2, kernelSize: 3, activation: 'tanh', inputShape: [6, 6, 1], name: 'conv' }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
    ],
  });
  model.setWeights(model.getWeights().map((w, i) => sg.tensor(weights(w.size, i), w.shape)));
  return model;
}

function binary(name) {
  const data = weights(72, 5);
  const parameters = { binary_data_size: data.byteLength };
  const head = {
    inputs: [{ name, datatype: 'FP32', shape: [2, 6, 6, 1], parameters }],
    parameters: { binary_data_output: true },
  };
  const json = new TextEncoder().encode(JSON.stringify(head));
  const body = new Uint8Array(json.length + data.byteLength);
  body.set(json);
  body.set(new Uint8Array(data.buffer), json.length);
  return { body, headers: { 'Inference-Header-Content-Length': String(json.length) } };
}

/** FNV-1a. */
function hashOf(parts) {
  let hash = 0x811c9dc5;
  for (const bytes of parts) for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** What asks a server, and ends it. */
async function opened(server, listen) {
  const { Deno, Bun, navigator, process } = globalThis;
  if (Deno) {
    const own = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, server.fetch);
    const url = `http://127.0.0.1:${own.addr.port}`;
    return { ask: (path, init) => fetch(url + path, init), stop: () => own.shutdown() };
  }
  if (Bun) {
    const own = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: server.fetch });
    return { ask: (path, init) => fetch(`http://127.0.0.1:${own.port}${path}`, init), stop: () => own.stop(true) };
  }
  if (process?.versions?.node && navigator?.userAgent !== 'Cloudflare-Workers') {
    const { url, close } = await listen(server, { port: 0 });
    return { ask: (path, init) => fetch(url + path, init), stop: close };
  }
  return {
    ask: (path, init) => server.fetch(new Request(`http://localhost${path}`, init)),
    stop: () => server.close(),
  };
}

/** The server that is asked: a conv net that also generates. */
export function serverOf(sg, serve) {
  async function* generate({ text, parameters }) {
    for (let i = 0; i < parameters.count; i++) yield `${text}${i}`;
  }
  return serve({ models: { cnn: { model: make(sg), generate } }, maxBodySize: 10_000 });
}

/** Status, headers that matter and bytes of all answers, as one hash. */
export async function serving(sg, { listen, serve }) {
  const server = serverOf(sg, serve);
  const { ask, stop } = await opened(server, listen);
  const hash = await asked(ask);
  await stop();
  await server.close();
  return hash;
}

/** The same of a server elsewhere. */
export async function asked(ask) {
  const post = (path, body, headers = {}) =>
    ask(`/v2/models/cnn/${path}`, {
      method: 'POST',
      headers,
      body: typeof body === 'object' && !(body instanceof Uint8Array) ? JSON.stringify(body) : body,
    });
  const { inputs } = await (await ask('/v2/models/cnn')).json();
  const [{ name }] = inputs;
  const image = (rows, seed) => ({
    name,
    datatype: 'FP32',
    shape: [rows, 6, 6, 1],
    data: [...weights(36 * rows, seed)],
  });
  const { body, headers } = binary(name);
  const answers = await Promise.all([
    ask('/v2'),
    ask('/v2/models/cnn'),
    ask('/v2/health/ready'),
    ask('/nothing'),
    ...Array.from({ length: 5 }, (_, i) => post('infer', { id: String(i), inputs: [image(1 + (i % 2), i)] })),
    post('infer', body, headers),
    post('infer', '{"inputs":['),
    post('infer', { inputs: [{ ...image(1, 1), shape: [2 ** 53, 1] }] }),
    post('infer', 'x'.repeat(10_001)),
    post('generate', { text_input: 'a', count: 2 }),
    post('generate_stream', { text_input: 'ä', count: 3 }),
  ]);
  const parts = await Promise.all(
    answers.map(async (answer) => {
      const head = ['content-type', 'inference-header-content-length', 'allow'].map(
        (key) => answer.headers.get(key) ?? '',
      );
      const own = new TextEncoder().encode(`${answer.status} ${head}\n`);
      return [own, new Uint8Array(await answer.arrayBuffer())];
    }),
  );
  return hashOf(parts.flat());
}
