/** Models and requests for the tests of the server. */
import * as sg from '../../src/index';
import { type ServeOptions, type Server, serve } from '../../src/serve';

/** Numbers that are the same in every run. */
export const numbers = (count: number, seed = 1): number[] =>
  Array.from({ length: count }, (_, i) => Math.fround((((i + seed) * 7919) % 2003) / 1001 - 1));

/** A network of two layers: [?, 6] to [?, 3]. */
export function mlp(): sg.LayersModel {
  sg.setSeed(7);
  return sg.sequential({
    layers: [
      sg.layers.dense({ units: 8, activation: 'tanh', inputShape: [6], name: 'hidden' }),
      sg.layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
    ],
  });
}

/** A small conv net: [?, 8, 8, 1] to [?, 4]. */
export function cnn(): sg.LayersModel {
  sg.setSeed(9);
  return sg.sequential({
    layers: [
      sg.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
      sg.layers.maxPooling2d({ poolSize: 2 }),
      sg.layers.flatten(),
      sg.layers.dense({ units: 4 }),
    ],
  });
}

export interface Client {
  readonly server: Server;
  get(path: string): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  infer(model: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

const ORIGIN = 'http://localhost';

/** A server, and what asks it. */
export function client(options: ServeOptions): Client {
  const server = serve(options);
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    server.fetch(new Request(`${ORIGIN}${path}`, init)) as Promise<Response>;
  const post: Client['post'] = (path, body, headers = {}) =>
    ask(path, {
      method: 'POST',
      headers,
      body: body instanceof Uint8Array || typeof body === 'string' ? (body as BodyInit) : JSON.stringify(body),
    });
  return {
    server,
    get: (path) => ask(path),
    post,
    infer: (model, body, headers) => post(`/v2/models/${model}/infer`, body, headers),
  };
}

/** An input of numbers in JSON. */
export const fp32 = (name: string, shape: readonly number[], data: readonly unknown[]): object => ({
  name,
  datatype: 'FP32',
  shape,
  data,
});

/** The bytes of a request: JSON and then tensors. */
export function binaryRequest(
  request: object,
  ...tensors: readonly ArrayBufferView[]
): {
  body: Uint8Array;
  headers: Record<string, string>;
} {
  const json = new TextEncoder().encode(JSON.stringify(request));
  const parts = [json, ...tensors.map((t) => new Uint8Array(t.buffer, t.byteOffset, t.byteLength))];
  const body = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return { body, headers: { 'Inference-Header-Content-Length': String(json.length) } };
}

/** JSON and bytes of an answer. */
export async function binaryAnswer(response: Response): Promise<{ head: { outputs: unknown }; rest: Uint8Array }> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const length = Number(response.headers.get('inference-header-content-length') ?? bytes.length);
  return { head: JSON.parse(new TextDecoder().decode(bytes.subarray(0, length))), rest: bytes.slice(length) };
}
