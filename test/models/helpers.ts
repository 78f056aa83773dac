/** Small models, data and ways to look at them. */
import * as sg from '../../src/index';
import { uniform } from '../support/random';

type Tensor = sg.Tensor;

/** Random numbers of a shape. */
export const random = (seed: number, shape: readonly number[], low = -1, high = 1): Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
      low,
      high,
    ),
    shape,
  );

export const values = (t: Tensor): number[] => [...t.dataSync()];

/** All weights as arrays, without leaving tensors behind. */
export function weightsOf(model: sg.LayersModel | sg.Layer): number[][] {
  const weights = model.getWeights();
  const numbers = weights.map(values);
  sg.dispose(weights);
  return numbers;
}

/** The value of a scalar, which is disposed of. */
export function read(t: Tensor | Tensor[]): number[] {
  const list = Array.isArray(t) ? t : [t];
  const numbers = list.map((s) => s.dataSync()[0] as number);
  sg.dispose(list);
  return numbers;
}

/** The same weights for every model of one architecture. */
export function settle<M extends sg.LayersModel>(model: M, seed = 1): M {
  const weights = model.weights.map((w, i) => random(seed + i, w.shape, -0.5, 0.5));
  model.setWeights(weights);
  sg.dispose(weights);
  return model;
}

/** One dense layer from `inputs` to `outputs`. */
export const linear = (inputs: number, outputs: number, args: Partial<Parameters<typeof sg.layers.dense>[0]> = {}) =>
  sg.sequential({ layers: [sg.layers.dense({ units: outputs, inputShape: [inputs], ...args })] });

/** Two dense layers, for three classes. */
export const classifier = (): sg.Sequential =>
  sg.sequential({
    layers: [
      sg.layers.dense({ name: 'hidden', units: 8, activation: 'tanh', inputShape: [4] }),
      sg.layers.dense({ name: 'output', units: 3, activation: 'softmax' }),
    ],
  });

/** Class indices, in turn. */
export const classes = (count: number, of = 3): Tensor =>
  sg.tensor1d(
    Array.from({ length: count }, (_, i) => i % of),
    'int32',
  );
