/** Functions to minimize: with ops, and with gradients by hand in float64. */
import * as sg from '../../src/index';
import { uniform } from '../support/random';

export interface Problem {
  readonly shapes: readonly number[][];
  readonly start: number[][];
  /** With ops, of variables. */
  loss(w: readonly sg.Tensor[]): sg.Tensor;
  gradients(w: readonly number[][]): number[][];
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const random = (seed: number, shape: readonly number[]): number[] => [...uniform(seed, size(shape))].map(Math.fround);

/** c (w - target)^2 / 2, c from 1 to 20. */
export function ravine(): Problem {
  const shapes = [[3, 4], [5], [4, 2]];
  const targets = shapes.map((s, i) => random(30 + i, s));
  const slopes = shapes.map((s) => Array.from({ length: size(s) }, (_, i) => 1 + (19 * i) / (size(s) - 1)));
  return {
    shapes,
    start: shapes.map((s, i) => random(40 + i, s)),
    loss: (ws) =>
      sg.addN(
        ws.map((w, i) => {
          const [c, target] = [slopes, targets].map((x) => sg.tensor(x[i] as number[], shapes[i] as number[]));
          return w
            .sub(target as sg.Tensor)
            .square()
            .mul(c as sg.Tensor)
            .sum()
            .mul(0.5);
        }),
      ),
    gradients: (ws) =>
      ws.map((w, i) => w.map((x, k) => (slopes[i]?.[k] as number) * (x - (targets[i]?.[k] as number)))),
  };
}

/** 100 (y - x^2)^2 + (1 - x)^2, a pair in each row. */
export function rosenbrock(): Problem {
  return {
    shapes: [[3, 2]],
    start: [[-1.2, 1, 0.5, -0.75, 1.5, 2].map(Math.fround)],
    loss: ([w]) => {
      const [x, y] = (w as sg.Tensor).split(2, 1) as [sg.Tensor, sg.Tensor];
      return y.sub(x.square()).square().mul(100).add(sg.sub(1, x).square()).sum();
    },
    gradients: ([w]) => {
      const out = [...(w as number[])];
      for (let i = 0; i < 6; i += 2) {
        const [x, y] = [w?.[i] as number, w?.[i + 1] as number];
        out[i] = -400 * x * (y - x * x) - 2 * (1 - x);
        out[i + 1] = 200 * (y - x * x);
      }
      return [out];
    },
  };
}

/** tanh(x w1 + b1) w2 + b2, mean squared error over 8 examples. */
export function perceptron(): Problem {
  const [n, a, h, o] = [8, 3, 5, 2];
  const shapes = [[a, h], [h], [h, o], [o]];
  const [x, y] = [random(50, [n, a]), random(51, [n, o])];
  return {
    shapes,
    start: shapes.map((s, i) => random(60 + i, s)),
    loss: ([w1, b1, w2, b2]) =>
      sg
        .tensor(x, [n, a])
        .matMul(w1 as sg.Tensor)
        .add(b1 as sg.Tensor)
        .tanh()
        .matMul(w2 as sg.Tensor)
        .add(b2 as sg.Tensor)
        .sub(sg.tensor(y, [n, o]))
        .square()
        .mean(),
    gradients: (w) => {
      const [w1, b1, w2, b2] = w as [number[], number[], number[], number[]];
      const out = shapes.map((s) => new Array<number>(size(s)).fill(0));
      const put = (p: number, i: number, v: number): void => {
        (out[p] as number[])[i] = (out[p]?.[i] as number) + v;
      };
      for (let e = 0; e < n; e++) {
        const hidden = Array.from({ length: h }, (_, j) => {
          let sum = b1[j] as number;
          for (let k = 0; k < a; k++) sum += (x[e * a + k] as number) * (w1[k * h + j] as number);
          return Math.tanh(sum);
        });
        const back = new Array<number>(h).fill(0);
        for (let c = 0; c < o; c++) {
          let sum = b2[c] as number;
          for (let j = 0; j < h; j++) sum += (hidden[j] as number) * (w2[j * o + c] as number);
          const slope = (2 * (sum - (y[e * o + c] as number))) / (n * o);
          put(3, c, slope);
          for (let j = 0; j < h; j++) {
            put(2, j * o + c, slope * (hidden[j] as number));
            back[j] = (back[j] as number) + slope * (w2[j * o + c] as number);
          }
        }
        for (let j = 0; j < h; j++) {
          const slope = (back[j] as number) * (1 - (hidden[j] as number) ** 2);
          put(1, j, slope);
          for (let k = 0; k < a; k++) put(0, k * h + j, slope * (x[e * a + k] as number));
        }
      }
      return out;
    },
  };
}
