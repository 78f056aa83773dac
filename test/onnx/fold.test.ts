/** Weights in narrow integers are the floats that they stand for from the start. */
import { expect, test } from 'vitest';
import * as onnx from '../../src/onnx/index';
import { file, floats, node, port, spread } from './support/build';

const [ROWS, COLUMNS] = [70, 80];
const codes = Int8Array.from({ length: ROWS * COLUMNS }, (_, i) => ((i * 37) % 255) - 127);
const integers = { name: 'codes', dims: [ROWS, COLUMNS], dataType: 3, rawData: new Uint8Array(codes.buffer) };
const scales = spread(COLUMNS, 0.01, 0.05).map(Math.fround);

/** x times weights that are codes times scales. */
const quantized = (kind: 'nodes' | 'operator'): Uint8Array =>
  file({
    node: [
      ...(kind === 'nodes'
        ? [node('Cast', ['codes'], ['wide'], { to: 1 }), node('Mul', ['wide', 'scales'], ['weights'])]
        : [node('DequantizeLinear', ['codes', 'scales'], ['weights'], { axis: 1 })]),
      node('MatMul', ['x', 'weights'], ['y']),
    ],
    initializer: [integers, floats('scales', [COLUMNS], scales)],
    input: [port('x', [1, ROWS])],
    output: [port('y', [1, COLUMNS])],
  });

const x = { data: Float32Array.from({ length: ROWS }, (_, i) => Number(i === 3)), shape: [1, ROWS] };
const expected = Array.from({ length: COLUMNS }, (_, j) =>
  Math.fround((codes[3 * COLUMNS + j] as number) * (scales[j] as number)),
);
const run = (model: onnx.OnnxModel): number[] => Array.from((model.run({ x }).y as onnx.OnnxTensor).data, Number);

test.each(['nodes', 'operator'] as const)('%s of constants are computed when the file is read', async (kind) => {
  const model = onnx.loadSync(quantized(kind));
  expect(run(model)).toEqual(expected);
  // The integers themselves are no longer needed.
  expect(Object.values(model.weights).map(({ shape, dtype }) => [shape, dtype])).toEqual([
    [[ROWS, COLUMNS], 'float32'],
  ]);
  model.dispose();
});

test('integers that are used as they are too stay', () => {
  const model = onnx.loadSync(
    file({
      node: [
        node('Cast', ['codes'], ['wide'], { to: 1 }),
        node('MatMul', ['x', 'wide'], ['y']),
        node('Gather', ['codes', 'at'], ['row']),
        node('Cast', ['row'], ['z'], { to: 1 }),
      ],
      initializer: [integers],
      input: [port('x', [1, ROWS]), port('at', [1], 'int64')],
      output: [port('y', [1, COLUMNS]), port('z', [1, COLUMNS])],
    }),
  );
  const { y, z } = model.run({ x, at: { data: [3], shape: [1] } }) as Record<string, onnx.OnnxTensor>;
  expect([...(y as onnx.OnnxTensor).data]).toEqual([...(z as onnx.OnnxTensor).data]);
  model.dispose();
});
