// jax-js counts references: passing an array to a function gives it away, and .ref keeps a share of it.

import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import * as data from '../data.mjs';

await init('wasm');
defaultDevice('wasm');

// Models give the logits: (weights, x) => logits.

function mlp([w1, b1, w2, b2], x) {
  const h = nn.relu(np.matmul(x, w1).add(b1));
  return np.matmul(h, w2).add(b2);
}

/** With the library's own convolution: NCHW and OIHW. */
function cnn([k1, c1, k2, c2, ...dense], x) {
  const conv = (h, kernel, bias) => nn.relu(lax.conv(h, kernel, [1, 1], 'VALID').add(bias.reshape([-1, 1, 1])));
  // Windows that do not overlap are a reshape.
  const pool = (h) => {
    const [n, c, height, width] = h.shape;
    const [rows, columns] = [height >> 1, width >> 1];
    const cropped = h.slice([], [], [0, 2 * rows], [0, 2 * columns]);
    return cropped.reshape([n, c, rows, 2, columns, 2]).max([3, 5]);
  };
  const h = pool(conv(pool(conv(x, k1, c1)), k2, c2));
  return mlp(dense, h.reshape([h.shape[0], -1]));
}

/** What an expert writes instead: patches and a matrix product, in NHWC. */
function cnnIm2col([k1, c1, k2, c2, ...dense], x) {
  const conv = (h, kernel, bias) => {
    const [n, height, width, c] = h.shape;
    const [rows, columns, filters] = [height - 2, width - 2, kernel.shape[3]];
    const taps = Array.from({ length: 9 }, (_, tap) => [Math.trunc(tap / 3), tap % 3]);
    const shifted = taps.map(([i, j]) => h.ref.slice([], [i, i + rows], [j, j + columns]));
    h.dispose();
    const patches = np.concatenate(shifted, -1).reshape([n * rows * columns, 9 * c]);
    const y = np.matmul(patches, kernel.reshape([9 * c, filters])).add(bias);
    return nn.relu(y).reshape([n, rows, columns, filters]);
  };
  const pool = (h) => {
    const [n, height, width, c] = h.shape;
    const [rows, columns] = [height >> 1, width >> 1];
    const cropped = h.slice([], [0, 2 * rows], [0, 2 * columns]);
    return cropped.reshape([n, rows, 2, columns, 2, c]).max([2, 4]);
  };
  const h = pool(conv(pool(conv(x, k1, c1)), k2, c2));
  return mlp(dense, h.reshape([h.shape[0], -1]));
}

/** Keras' layout as it is. */
function channelsLast(params) {
  return { arrays: data.weights(params.weights), shapes: params.weights, xShape: params.x };
}

/** Kernels turned for lax.conv, and the rows of the dense layer that reads the flattened image. */
function channelsFirst(params) {
  const { arrays, shapes } = channelsLast(params);
  const turned = [...shapes];
  for (const i of [0, 2]) {
    arrays[i] = data.transpose(arrays[i], shapes[i], [3, 2, 0, 1]);
    turned[i] = [3, 2, 0, 1].map((axis) => shapes[i][axis]);
  }
  arrays[4] = data.transpose(arrays[4], [5, 5, 64, 128], [2, 0, 1, 3]);
  return { arrays, shapes: turned, xShape: [params.x[0], 1, 28, 28] };
}

const models = {
  mlp: [mlp, channelsLast],
  cnn: [cnn, channelsFirst],
  cnnIm2col: [cnnIm2col, channelsLast],
};

function load(model, params) {
  const [logits, layout] = models[model];
  const { arrays, shapes, xShape } = layout(params);
  return {
    logits,
    weights: arrays.map((array, i) => np.array(array, { shape: shapes[i] })),
    x: np.array(data.input(params.x), { shape: xShape }),
  };
}

/** One Adam step as one jitted program; c1 and c2 are the bias corrections. */
function adamStep(logits, batch) {
  const loss = (weights, x, y) => {
    const logProbabilities = nn.logSoftmax(logits(weights, x), -1);
    return logProbabilities
      .mul(y)
      .sum()
      .mul(-1 / batch);
  };
  return jit((weights, m, v, x, y, c1, c2) => {
    const [value, grads] = valueAndGrad(loss)(tree.ref(weights), x, y);
    const m2 = m.map((mi, i) => mi.mul(0.9).add(grads[i].ref.mul(0.1)));
    const v2 = v.map((vi, i) => vi.mul(0.999).add(grads[i].ref.mul(grads[i]).mul(0.001)));
    const next = weights.map((w, i) => {
      const root = np.sqrt(v2[i].ref.mul(c2.ref)).add(1e-7);
      return w.sub(m2[i].ref.mul(c1.ref).div(root).mul(0.001));
    });
    c1.dispose();
    c2.dispose();
    return [value, next, m2, v2];
  });
}

export function train(params, model) {
  const { logits, weights, x } = load(model, params);
  const [batch] = params.x;
  const step = adamStep(logits, batch);
  const zeros = () => weights.map((w) => np.zeros(w.shape));
  let state = [weights, zeros(), zeros()];
  const ys = data.targets(batch).map((y) => np.array(y, { shape: [batch, 10] }));
  let t = 0;
  return {
    run() {
      const y = ys[t++ % ys.length];
      const corrections = [1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t)].map((c) => np.array(c));
      const [loss, ...next] = step(...state, x.ref, y.ref, ...corrections);
      state = next;
      return loss.dataSync()[0];
    },
    dispose: () => tree.dispose([state, x, ys]),
  };
}

export function predict(params, model) {
  const { logits, weights, x } = load(model, params);
  const forward = jit((w, input) => nn.softmax(logits(w, input), -1));
  return {
    run: () => forward(tree.ref(weights), x.ref).dataSync()[0],
    dispose: () => tree.dispose([weights, x]),
  };
}

export function gemm({ n }) {
  const [a, b] = [1, 2].map((seed) => np.array(data.uniform(seed, n * n), { shape: [n, n] }));
  const product = jit((p, q) => np.matmul(p, q));
  return {
    run: () => product(a.ref, b.ref).dataSync()[0],
    dispose: () => tree.dispose([a, b]),
  };
}
