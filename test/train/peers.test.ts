/** Optimizers beside Keras 3, PyTorch and TensorFlow.js, on the same gradients. */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';

interface Row {
  factory: string;
  config: Record<string, unknown>;
  path: number[][][];
}
interface Golden {
  shapes: number[][];
  start: number[][];
  gradients: number[][][];
  keras: Row[];
  torch: Row[];
  oneCycle: { config: never; rates: number[] }[];
}
const golden = JSON.parse(readFileSync(new URL('../goldens/optimizers.json', import.meta.url), 'utf8')) as Golden;
const { shapes, start, gradients } = golden;
const make = (factory: string, ...args: unknown[]): sg.Optimizer =>
  (sg.train as unknown as Record<string, (...args: unknown[]) => sg.Optimizer>)[factory]?.(...args) as sg.Optimizer;

function path(optimizer: sg.Optimizer): number[][][] {
  const weights = start.map((w, i) => sg.variable(sg.tensor(w, shapes[i] as number[])));
  return gradients.map((gs) => {
    optimizer.applyGradients(
      weights.map((w, i) => ({ name: w.name, tensor: sg.tensor(gs[i] as number[], shapes[i] as number[]) })),
    );
    return weights.map((w) => [...w.dataSync()]);
  });
}

describe.each(['keras', 'torch'] as const)('%s', (peer) => {
  it.each(golden[peer].map((r) => [`${r.factory} ${JSON.stringify(r.config)}`, r] as const))('%s', (_, row) => {
    path(make(row.factory, row.config)).forEach((weights, t) => {
      weights.forEach((w, i) => expectClose(w, row.path[t]?.[i] as number[], 1e-5, `step ${t + 1}, variable ${i}`));
    });
  });
});

it.each(golden.oneCycle.map((r) => [JSON.stringify(r.config), r] as const))('torch: oneCycle %s', (_, row) => {
  expectClose(
    row.rates.map((_, t) => sg.schedules.oneCycle(row.config)(t)),
    row.rates,
    1e-14,
  );
});

/** By TensorFlow.js' positional arguments. Adadelta and centered RMSProp are wrong there. */
it.each([
  ['sgd', [0.05]],
  ['momentum', [0.05, 0.9]],
  ['momentum', [0.05, 0.8, true]],
  ['adagrad', [0.05]],
  ['adagrad', [0.05, 0.5]],
  ['rmsprop', [0.05]],
  ['rmsprop', [0.05, 0.8, 0.5, 1e-3]],
  ['adam', []],
  ['adam', [0.05, 0.8, 0.95, 1e-3]],
  ['adamax', []],
  ['adamax', [0.05, 0.8, 0.95, 1e-3, 0.5]],
] as const)('TensorFlow.js: %s %j', (factory, args) => {
  const optimizer = (tf.train as unknown as Record<string, (...a: readonly number[]) => tf.Optimizer>)[factory]?.(
    ...(args as readonly number[]),
  ) as tf.Optimizer;
  const weights = start.map((w, i) => tf.variable(tf.tensor(w, shapes[i] as number[])));
  const ours = path(make(factory, ...args));
  gradients.forEach((gs, t) => {
    optimizer.applyGradients(
      weights.map((w, i) => ({ name: w.name, tensor: tf.tensor(gs[i] as number[], shapes[i] as number[]) })),
    );
    weights.forEach((w, i) => expectClose(ours[t]?.[i] as number[], [...w.dataSync()], 1e-5, `step ${t + 1}`));
  });
  expect(make(factory, ...args).getConfig()).toMatchObject(optimizer.getConfig() as object);
});
