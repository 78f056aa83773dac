/** Training from the same weights as TensorFlow.js on its cpu backend: the same curve, within float tolerance. */
import '@tensorflow/tfjs-backend-cpu';
import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import * as sg from '../../src/index';

const STEPS = 15;

beforeAll(async () => {
  await tfc.setBackend('cpu');
});

/** The part of either library that a network is made with. */
interface Kit {
  // biome-ignore lint/suspicious/noExplicitAny: the two libraries' types have nothing in common
  layers: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  sequential: (args: { layers: any[] }) => any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  train: any;
}

const ours = sg as unknown as Kit;
const theirs = { layers: tfl.layers, sequential: tfl.sequential, train: tfc.train } as unknown as Kit;

const networks = {
  mlp: ({ layers, sequential }: Kit) =>
    sequential({
      layers: [
        layers.dense({ units: 16, activation: 'relu', inputShape: [6] }),
        layers.dense({ units: 9, activation: 'tanh' }),
        layers.dense({ units: 5, activation: 'softmax' }),
      ],
    }),
  cnn: ({ layers, sequential }: Kit) =>
    sequential({
      layers: [
        layers.conv2d({ filters: 5, kernelSize: 3, activation: 'relu', padding: 'same', inputShape: [8, 7, 2] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 4, kernelSize: 2, strides: 1, activation: 'sigmoid' }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 5, activation: 'softmax' }),
      ],
    }),
  normalized: ({ layers, sequential }: Kit) =>
    sequential({
      layers: [
        layers.dense({ units: 12, inputShape: [6] }),
        layers.batchNormalization({ momentum: 0.9 }),
        layers.leakyReLU({ alpha: 0.1 }),
        layers.dense({ units: 5, activation: 'softmax' }),
      ],
    }),
  binary: ({ layers, sequential }: Kit) =>
    sequential({
      layers: [
        layers.dense({ units: 7, activation: 'relu', inputShape: [6] }),
        layers.dense({ units: 5, activation: 'sigmoid' }),
      ],
    }),
};

const optimizers = {
  sgd: ({ train }: Kit) => train.sgd(0.1),
  momentum: ({ train }: Kit) => train.momentum(0.05, 0.9),
  nesterov: ({ train }: Kit) => train.momentum(0.05, 0.9, true),
  rmsprop: ({ train }: Kit) => train.rmsprop(0.005, 0.9, 0.5, 1e-7),
  adam: ({ train }: Kit) => train.adam(0.01),
};

const shapes: Record<keyof typeof networks, number[]> = {
  mlp: [6],
  cnn: [8, 7, 2],
  normalized: [6],
  binary: [6],
};

const BATCH = 12;

/** Repeatable numbers of [-1, 1). */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Losses of the steps, then the weights. */
async function train(network: keyof typeof networks, optimizer: keyof typeof optimizers, loss: string) {
  const size = shapes[network].reduce((a, b) => a * b, 1);
  const x = numbers(BATCH * size, 7);
  const classes = Array.from({ length: BATCH }, (_, i) => (i * 3 + (i >> 2)) % 5);
  const isSparse = loss.startsWith('sparse');
  const y = isSparse
    ? Float32Array.from(classes)
    : Float32Array.from({ length: BATCH * 5 }, (_, i) => (classes[Math.floor(i / 5)] === i % 5 ? 1 : 0));
  const yShape = isSparse ? [BATCH, 1] : [BATCH, 5];
  const run = async (kit: Kit, tensor: (v: Float32Array, s: number[]) => unknown) => {
    const model = networks[network](kit);
    model.compile({ optimizer: optimizers[optimizer](kit), loss });
    // Layer by layer: whole models list their weights in different orders.
    let seed = 100;
    for (const layer of model.layers) {
      const initial = layer.getWeights().map((w: { shape: number[]; size: number }) => {
        // Moving variances and gammas of batch normalization must be positive.
        const isPositive = network === 'normalized' && w.shape.length === 1;
        return tensor(
          numbers(w.size, seed++).map((v) => (isPositive ? 1 + v / 4 : v / 2)),
          w.shape,
        );
      });
      layer.setWeights(initial);
    }
    const losses: number[] = [];
    for (let i = 0; i < STEPS; i++) {
      losses.push((await model.trainOnBatch(tensor(x, [BATCH, ...shapes[network]]), tensor(y, yShape))) as number);
    }
    const weights: Float32Array[] = model.layers.flatMap((layer: { getWeights(): { dataSync(): Float32Array }[] }) =>
      layer.getWeights().map((w) => w.dataSync()),
    );
    return { losses, weights };
  };
  return {
    own: await run(ours, (v, s) => sg.tensor(v, s)),
    other: await run(theirs, (v, s) => tfc.tensor(v, s)),
  };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    expect(Math.abs(a - b), `element ${i}: ${a} and ${b}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(b)));
  }
}

const rows = [
  ...Object.keys(optimizers).map((o) => ['mlp', o, 'categoricalCrossentropy']),
  ['mlp', 'adam', 'meanSquaredError'],
  ['mlp', 'adam', 'sparseCategoricalCrossentropy'],
  ...['sgd', 'adam'].map((o) => ['cnn', o, 'categoricalCrossentropy']),
  ['normalized', 'sgd', 'categoricalCrossentropy'],
  ['normalized', 'adam', 'meanSquaredError'],
  ['binary', 'momentum', 'binaryCrossentropy'],
] as [keyof typeof networks, keyof typeof optimizers, string][];

describe('training curves', () => {
  test.each(rows)('%s, %s, %s', async (network, optimizer, loss) => {
    const { own, other } = await train(network, optimizer, loss);
    expectClose(own.losses, other.losses, 2e-4);
    expect(own.losses.at(-1)).toBeLessThan(own.losses[0] as number);
    own.weights.forEach((w, i) => expectClose(w, other.weights[i] as Float32Array, 2e-3));
  });
});
