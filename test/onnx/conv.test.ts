/** Convolutions of ONNX whose neighbors are computed as channels, beside sums by their definition. */
import { expect, test } from 'vitest';
import * as onnx from '../../src/onnx/index';
import { file, floats, node, port, spread } from './support/build';

test.each([
  // height, width, channels, filters, kernel, stride
  [1, 50, 1, 1, [1, 9], 2],
  [5, 23, 2, 1, [3, 5], 1],
  [4, 31, 3, 4, [3, 13], 1],
  [4, 30, 2, 8, [2, 21], 3],
  [3, 9, 2, 1, [3, 9], 1],
] as const)('%d x %d, %d channels, %d filters, kernel %o, stride %d', (h, w, c, filters, [kh, kw], stride) => {
  const oh = h - kh + 3;
  const ow = Math.floor((w - kw + 3) / stride) + 1;
  const x = spread(h * w * c, -1, 1).map(Math.fround);
  const f = spread(filters * c * kh * kw, -0.7, 0.9).map(Math.fround);
  const model = onnx.loadSync(
    file({
      node: [node('Conv', ['x', 'f'], ['y'], { pads: [1, 1, 1, 2], strides: [1, stride] })],
      initializer: [floats('f', [filters, c, kh, kw], f)],
      input: [port('x', [1, c, h, w])],
      output: [port('y', undefined)],
    }),
  );
  const y = model.run({ x: { data: Float32Array.from(x), shape: [1, c, h, w] } }).y as onnx.OnnxTensor;
  expect(y.shape).toEqual([1, filters, oh, ow]);
  for (let o = 0; o < filters; o++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++) {
        let sum = 0;
        for (let k = 0; k < c; k++)
          for (let a = 0; a < kh; a++)
            for (let b = 0; b < kw; b++) {
              const [row, column] = [i + a - 1, j * stride + b - 1];
              if (row >= 0 && row < h && column >= 0 && column < w)
                sum += (x[(k * h + row) * w + column] as number) * (f[((o * c + k) * kh + a) * kw + b] as number);
            }
        expect(y.data[(o * oh + i) * ow + j]).toBeCloseTo(sum, 4);
      }
  model.dispose();
});
