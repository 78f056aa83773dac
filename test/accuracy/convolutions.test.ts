/** Convolutions and their gradients against float64, in units of the root mean square of all results. */
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../src/ops/core/descriptor';
import { apply } from '../../src/ops/core/dispatch';
import { tensor } from '../../src/ops/create/creation';
import * as windows from '../../src/ops/descriptors/window';
import { tidy } from '../../src/tensor/scope';
import { generator } from '../support/random';

/** Image, filter, and how it moves. */
interface Row {
  readonly x: readonly [number, number, number, number];
  readonly filter: readonly [number, number, number, number];
  readonly pad?: number;
  readonly stride?: number;
  readonly dilation?: number;
}

const ROWS: readonly Row[] = [
  // Winograd's form: planes of networks, whole and partial tiles, few and many channels, long folds of each kind.
  { x: [1, 56, 56, 64], filter: [3, 3, 64, 16], pad: 1 },
  { x: [8, 28, 28, 16], filter: [3, 3, 16, 32], pad: 1 },
  { x: [1, 14, 14, 256], filter: [3, 3, 256, 32], pad: 1 },
  { x: [1, 7, 7, 512], filter: [3, 3, 512, 64], pad: 1 },
  { x: [1, 7, 7, 64], filter: [3, 3, 64, 512], pad: 1 },
  { x: [32, 13, 13, 32], filter: [3, 3, 32, 64], pad: 0 },
  { x: [2, 7, 9, 8], filter: [3, 3, 8, 17], pad: 1 },
  { x: [1, 7, 7, 1024], filter: [3, 3, 1024, 16], pad: 1 },
  { x: [8, 56, 56, 8], filter: [3, 3, 8, 16], pad: 1 },
  // Term by term.
  { x: [8, 28, 28, 1], filter: [3, 3, 1, 32], pad: 0 },
  { x: [1, 56, 56, 16], filter: [3, 3, 16, 32], pad: 1, stride: 2 },
  { x: [1, 28, 28, 128], filter: [1, 1, 128, 64], pad: 0 },
  { x: [2, 14, 14, 32], filter: [5, 5, 32, 16], pad: 2 },
  { x: [1, 20, 20, 32], filter: [3, 3, 32, 16], pad: 2, dilation: 2 },
  { x: [1, 5, 5, 256], filter: [3, 3, 256, 64], pad: 1 },
];

/** Normal numbers; those of images are activations, and so not negative. */
function normal(seed: number, count: number, isImage: boolean): Float32Array<ArrayBuffer> {
  const next = generator(seed);
  return Float32Array.from({ length: count }, () => {
    const value = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return isImage ? Math.max(0, value) : value;
  });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Calls `at` with the pixels (image, output) that each tap joins, as offsets of their first channels. */
function eachTap(row: Row, oh: number, ow: number, at: (x: number, tap: number, y: number) => void): void {
  const [n, h, w, c] = row.x;
  const [kh, kw, , oc] = row.filter;
  const { pad = 0, stride = 1, dilation = 1 } = row;
  for (let image = 0; image < n; image++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++)
        for (let tap = 0; tap < kh * kw; tap++) {
          const r = i * stride + Math.floor(tap / kw) * dilation - pad;
          const s = j * stride + (tap % kw) * dilation - pad;
          if (r < 0 || r >= h || s < 0 || s >= w) continue;
          at(((image * h + r) * w + s) * c, tap, ((image * oh + i) * ow + j) * oc);
        }
}

/** The three results in float64. */
function exact(row: Row, shapeY: readonly number[], x: Float32Array, filter: Float32Array, dy: Float32Array) {
  const [, , c, oc] = row.filter;
  const [y, dx, df] = [sizeOf(shapeY), x.length, filter.length].map((size) => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  eachTap(row, shapeY[1] as number, shapeY[2] as number, (atX, tap, atY) => {
    for (let l = 0; l < c; l++) {
      const from = (tap * c + l) * oc;
      const value = x[atX + l] as number;
      let sum = 0;
      for (let o = 0; o < oc; o++) {
        const weight = filter[from + o] as number;
        const slope = dy[atY + o] as number;
        (y[atY + o] as number) += value * weight;
        (df[from + o] as number) += value * slope;
        sum += slope * weight;
      }
      (dx[atX + l] as number) += sum;
    }
  });
  return { y, dx, df };
}

/** Greatest and mean error, in root mean squares of what is exact. */
function errors(found: ArrayLike<number>, right: Float64Array): { greatest: number; mean: number } {
  let [greatest, sum, squares] = [0, 0, 0];
  for (const [i, value] of right.entries()) {
    const error = Math.abs((found[i] as number) - value);
    greatest = Math.max(greatest, error);
    sum += error;
    squares += value * value;
  }
  const unit = Math.sqrt(squares / right.length);
  return { greatest: greatest / unit, mean: sum / right.length / unit };
}

describe('errors of convolutions', () => {
  it.each(ROWS.map((row) => [JSON.stringify(row), row] as const))('%s', (_, row) => {
    const { pad = 0, stride = 1, dilation = 1 } = row;
    const positions = [0, 1].map((d) => {
      const [size, window] = [row.x[d + 1] as number, row.filter[d] as number];
      return Math.floor((size + 2 * pad - ((window - 1) * dilation + 1)) / stride) + 1;
    }) as [number, number];
    const attrs = {
      strides: [stride, stride],
      dilations: [dilation, dilation],
      padHeight: [pad, pad],
      padWidth: [pad, pad],
      positions,
    } as const;
    const shapeY = [row.x[0], ...positions, row.filter[3]];
    const [x, filter, dy] = [
      normal(1, sizeOf(row.x), true),
      normal(2, sizeOf(row.filter), false),
      normal(3, sizeOf(shapeY), false),
    ] as const;
    const right = exact(row, shapeY, x, filter, dy);
    const found = tidy(() => {
      const [tx, tf, tdy] = [tensor(x, row.x), tensor(filter, row.filter), tensor(dy, shapeY)];
      const run = <A>(op: Descriptor<A>, inputs: Parameters<typeof apply>[1], a: A): Float32Array =>
        apply(op, inputs, a).dataSync() as Float32Array;
      return {
        y: run(windows.conv2d, [tx, tf], attrs),
        dx: run(windows.conv2dInputGrad, [tdy, tf], { ...attrs, inputSize: [row.x[1], row.x[2]] }),
        df: run(windows.conv2dFilterGrad, [tx, tdy], { ...attrs, window: [row.filter[0], row.filter[1]] }),
      };
    });
    for (const key of ['y', 'dx', 'df'] as const) {
      const { greatest, mean } = errors(found[key], right[key]);
      expect(greatest, `greatest error of ${key}`).toBeLessThan(2e-5);
      expect(mean, `mean error of ${key}`).toBeLessThan(1.5e-6);
    }
  });
});
