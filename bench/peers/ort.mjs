import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as data from '../data.mjs';
import { model } from '../onnx.mjs';
import { startup } from '../startup.mjs';

function matMul({ n }) {
  const shape = [n, n];
  return model({ inputs: { a: shape, b: shape }, outputs: { y: shape }, nodes: [['MatMul', ['a', 'b'], 'y']] });
}

function named(params, names) {
  const arrays = data.weights(params.weights);
  return Object.fromEntries(names.map((name, i) => [name, { data: arrays[i], dims: params.weights[i] }]));
}

function mlp(params) {
  return model({
    inputs: { x: params.x },
    outputs: { y: [params.x[0], 10] },
    weights: named(params, ['w1', 'b1', 'w2', 'b2']),
    nodes: [
      ['Gemm', ['x', 'w1', 'b1'], 'h1'],
      ['Relu', ['h1'], 'h2'],
      ['Gemm', ['h2', 'w2', 'b2'], 'h3'],
      ['Softmax', ['h3'], 'y'],
    ],
  });
}

/** ONNX is NCHW: kernels are turned, and so are the rows of the dense layer that reads the flattened image. */
function cnn(params) {
  const weights = named(params, ['k1', 'c1', 'k2', 'c2', 'w1', 'b1', 'w2', 'b2']);
  for (const key of ['k1', 'k2']) {
    const { data: kernel, dims } = weights[key];
    weights[key] = { data: data.transpose(kernel, dims, [3, 2, 0, 1]), dims: [dims[3], dims[2], dims[0], dims[1]] };
  }
  weights.w1.data = data.transpose(weights.w1.data, [5, 5, 64, 128], [2, 0, 1, 3]);
  const pool = { kernel_shape: [2, 2], strides: [2, 2] };
  return model({
    inputs: { x: [params.x[0], 1, 28, 28] },
    outputs: { y: [params.x[0], 10] },
    weights,
    nodes: [
      ['Conv', ['x', 'k1', 'c1'], 'h1', { kernel_shape: [3, 3] }],
      ['Relu', ['h1'], 'h2'],
      ['MaxPool', ['h2'], 'h3', pool],
      ['Conv', ['h3', 'k2', 'c2'], 'h4', { kernel_shape: [3, 3] }],
      ['Relu', ['h4'], 'h5'],
      ['MaxPool', ['h5'], 'h6', pool],
      ['Flatten', ['h6'], 'h7'],
      ['Gemm', ['h7', 'w1', 'b1'], 'h8'],
      ['Relu', ['h8'], 'h9'],
      ['Gemm', ['h9', 'w2', 'b2'], 'h10'],
      ['Softmax', ['h10'], 'y'],
    ],
  });
}

async function bench(threads, bytes, feeds) {
  const ort = await import('onnxruntime-web');
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, [array, shape]]) => [name, new ort.Tensor('float32', array, shape)]),
  );
  return {
    run: async () => (await session.run(tensors)).y.data[0],
    dispose: () => session.release(),
  };
}

/** The child reads its model from a file, as a user's program would. */
async function first(params) {
  const folder = mkdtempSync(join(tmpdir(), 'samegrad-bench-'));
  const file = join(folder, 'mlp.onnx');
  writeFileSync(file, mlp(params));
  const { run } = await startup('ort.mjs', file)();
  return { run, dispose: () => rmSync(folder, { recursive: true }) };
}

const peer = (threads) => ({
  name: `ort ${threads}t`,
  available: async () => true,
  cases: {
    gemm: ({ n }) => {
      const operand = (seed) => [data.uniform(seed, n * n), [n, n]];
      return bench(threads, matMul({ n }), { a: operand(1), b: operand(2) });
    },
    predictMlp: (params) => bench(threads, mlp(params), { x: [data.input(params.x), params.x] }),
    predictCnn: (params) => bench(threads, cnn(params), { x: [data.input(params.x), [params.x[0], 1, 28, 28]] }),
    ...(threads === 1 && { importToFirstPrediction: first }),
  },
});

export const peers = [peer(1), peer(2)];
