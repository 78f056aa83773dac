/**
 * Section 2.5 of "Deep Learning Basics", equation by equation in float64, beside the library's gradients; and section
 * 3.2, the three forms of gradient descent, each in one call.
 */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { classes, random, settle, weightsOf } from '../models/helpers';
import { expectClose } from '../support/compare';

type Tensor = sg.Tensor;
type Vector = number[];
type Matrix = number[][];

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
/** ½ Σ (a - ȳ)² (8.25). */
const halfSquares = (yTrue: Tensor, yPred: Tensor): Tensor => yPred.sub(yTrue).square().sum(-1).mul(0.5);
/** a ∘ b (8.28, 8.29). */
const hadamard = (a: Vector, b: Vector): Vector => a.map((v, i) => v * (b[i] as number));
const transpose = (w: Matrix): Matrix => (w[0] as Vector).map((_, k) => w.map((row) => row[k] as number));
const times = (w: Matrix, v: Vector): Vector => w.map((row) => row.reduce((s, x, k) => s + x * (v[k] as number), 0));
const outer = (a: Vector, b: Vector): Matrix => a.map((x) => b.map((y) => x * y));

/** A network of sigmoid layers, and its weights as the text has them: w[j][k] from neuron k to neuron j. */
function network(sizes: readonly number[]) {
  const model = settle(
    sg.sequential({
      layers: sizes
        .slice(1)
        .map((units, l) =>
          sg.layers.dense({ units, activation: 'sigmoid', ...(l === 0 && { inputShape: [sizes[0] as number] }) }),
        ),
    }),
  );
  const layers = model.layers.map((layer) => {
    const [kernel, bias] = layer.getWeights() as [Tensor, Tensor];
    return { w: transpose(kernel.arraySync() as Matrix), b: [...bias.dataSync()] };
  });
  return { model, layers };
}

/** The library's gradients of the model's loss on one example: kernels transposed to w[j][k], and biases. */
function gradients(model: sg.Sequential, x: Vector, y: Vector): { w: Matrix; b: Vector }[] {
  const { grads } = sg.variableGrads(() =>
    halfSquares(sg.tensor2d([y]), model.call(sg.tensor2d([x]), { training: true }) as Tensor).sum(),
  );
  return model.layers.map((layer) => {
    const [kernel, bias] = layer.weights as [sg.Variable, sg.Variable];
    return {
      w: transpose((grads[kernel.name] as Tensor).arraySync() as Matrix),
      b: [...(grads[bias.name] as Tensor).dataSync()],
    };
  });
}

describe('backpropagation, layers of one neuron (8.16 to 8.23)', () => {
  it.each([1, 2, 5])('%i layers', (depth) => {
    const { model, layers } = network(new Array<number>(depth + 1).fill(1));
    const [x, y] = [0.7, 0.2];
    const a = [x];
    for (const { w, b } of layers) {
      const z = (w[0]?.[0] as number) * (a.at(-1) as number) + (b[0] as number); // 8.16
      a.push(sigmoid(z)); // 8.17
    }
    const last = a[depth] as number;
    const delta = new Array<number>(depth + 1).fill(0);
    delta[depth] = (last - y) * last * (1 - last); // 8.20
    for (let l = depth - 1; l >= 1; l--) {
      const next = layers[l]?.w[0]?.[0] as number;
      delta[l] = (delta[l + 1] as number) * next * (a[l] as number) * (1 - (a[l] as number)); // 8.23
    }
    const found = gradients(model, [x], [y]);
    for (let l = 1; l <= depth; l++) {
      const { w, b } = found[l - 1] as { w: Matrix; b: Vector };
      expectClose(w.flat(), [(delta[l] as number) * (a[l - 1] as number)], 1e-7, `w ${l}`); // 8.21 (8.18)
      expectClose(b, [delta[l] as number], 1e-7, `b ${l}`); // 8.22 (8.19)
    }
  });
});

describe('backpropagation, layers of several neurons (8.24 to 8.35)', () => {
  /** δ of every layer, and all activations. */
  function byHand(layers: readonly { w: Matrix; b: Vector }[], x: Vector, y: Vector) {
    const a = [x];
    for (const { w, b } of layers) a.push(times(w, a.at(-1) as Vector).map((z, j) => sigmoid(z + (b[j] as number)))); // 8.24
    const depth = layers.length;
    const last = a[depth] as Vector;
    const delta: Vector[] = [];
    delta[depth] = hadamard(
      hadamard(
        last.map((v, j) => v - (y[j] as number)),
        last,
      ),
      last.map((v) => 1 - v),
    ); // 8.26, 8.27
    for (let l = depth - 1; l >= 1; l--) {
      const own = a[l] as Vector;
      const { w } = layers[l] as { w: Matrix };
      const back = times(transpose(w), delta[l + 1] as Vector);
      delta[l] = hadamard(
        hadamard(back, own),
        own.map((v) => 1 - v),
      ); // 8.31
      own.forEach((v, j) => {
        const sum = (delta[l + 1] as Vector).reduce((s, d, k) => s + d * (w[k]?.[j] as number), 0);
        expect(delta[l]?.[j]).toBeCloseTo(sum * v * (1 - v), 15); // 8.30
      });
    }
    return { a, delta };
  }

  it.each([[[3, 4, 2]], [[1, 5, 1]], [[4, 3]], [[2, 6, 5, 4, 3]], [[17, 33, 9, 10]]])('%j', (sizes) => {
    const { model, layers } = network(sizes);
    const x = [...random(7, [sizes[0] as number]).dataSync()];
    const y = [...random(8, [sizes.at(-1) as number], 0, 1).dataSync()];
    const { a, delta } = byHand(layers, x, y);
    gradients(model, x, y).forEach(({ w, b }, i) => {
      expectClose(w.flat(), outer(delta[i + 1] as Vector, a[i] as Vector).flat(), 1e-7, `layer ${i}: w`); // 8.32, 8.33
      expectClose(b, delta[i + 1] as Vector, 1e-7, `layer ${i}: b`); // 8.34, 8.35
    });
  });

  it('a step of gradient descent moves the weights against them', async () => {
    const { model, layers } = network([3, 4, 2]);
    const [x, y] = [
      [0.1, -0.5, 0.9],
      [0, 1],
    ];
    const { a, delta } = byHand(layers, x as Vector, y as Vector);
    model.compile({ optimizer: sg.train.sgd(0.5), loss: halfSquares });
    await model.trainOnBatch(sg.tensor2d([x as Vector]), sg.tensor2d([y as Vector]));
    const moved = layers.flatMap(({ w, b }, i) => {
      const steps = outer(delta[i + 1] as Vector, a[i] as Vector);
      return [
        transpose(w.map((row, j) => row.map((v, k) => v - 0.5 * (steps[j]?.[k] as number)))).flat(),
        b.map((v, j) => v - 0.5 * (delta[i + 1]?.[j] as number)),
      ];
    });
    expectClose(weightsOf(model).flat(), moved.flat(), 1e-6);
  });
});

describe('gradient descent (3.2)', () => {
  const n = 12;
  const x = random(1, [n, 4]);
  const y = sg.oneHot(classes(n).toInt(), 3).toFloat();
  const rate = 0.3;

  const make = (): sg.Sequential => {
    const model = settle(
      sg.sequential({ layers: [sg.layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })] }),
    );
    model.compile({ optimizer: sg.train.sgd(rate), loss: 'categoricalCrossentropy' });
    return model;
  };

  /** The mean gradient of softmax and cross-entropy over so many examples at a time, by hand. */
  function byHand(epochs: number, size: number): number[] {
    const [kernel, bias] = weightsOf(make()) as [number[], number[]];
    const [xs, ys] = [x.arraySync() as Matrix, y.arraySync() as Matrix];
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let at = 0; at < n; at += size) {
        const rows = xs.slice(at, at + size);
        const deltas = rows.map((row, r) => {
          const logits = bias.map((b, j) => row.reduce((s, v, k) => s + v * (kernel[k * 3 + j] as number), b));
          const exps = logits.map(Math.exp);
          const sum = exps.reduce((p, q) => p + q);
          return exps.map((e, j) => (e / sum - (ys[at + r]?.[j] as number)) / rows.length);
        });
        for (let j = 0; j < 3; j++) {
          for (let k = 0; k < 4; k++)
            kernel[k * 3 + j] =
              (kernel[k * 3 + j] as number) -
              rate * rows.reduce((s, row, r) => s + (row[k] as number) * (deltas[r]?.[j] as number), 0);
          bias[j] = (bias[j] as number) - rate * deltas.reduce((s, d) => s + (d[j] as number), 0);
        }
      }
    }
    return [...kernel, ...bias];
  }

  it.each([
    ['batch: all examples', n],
    ['stochastic: one example', 1],
    ['mini-batch: four examples', 4],
    ['mini-batch with a rest: five examples', 5],
  ])('%s a step', async (_, batchSize) => {
    const model = make();
    const { history } = await model.fit(x, y, { epochs: 10, batchSize, shuffle: false });
    expect(model.optimizer.iterations).toBe(10 * Math.ceil(n / batchSize));
    expectClose(weightsOf(model).flat(), byHand(10, batchSize), 1e-5);
    expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number);
  });
});
