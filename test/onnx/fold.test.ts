/** Weights in narrow integers are the floats that they stand for from the start. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx/index';
import { bytesOf, file, floats, modelOf, node, port, spread } from './support/build';

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

/** Relative to the greatest slope. */
const SLOPES = 2e-3;

test.each(['nodes', 'operator'] as const)('weights that %s computed of integers train', async (kind) => {
  const bytes = quantized(kind);
  const model = await onnx.load(bytes);
  expect(Object.keys(model.weights)).toEqual(['weights']);
  expect(model.trainableWeights.map(({ name }) => name)).toEqual(['weights']);
  const feed = sg.randomNormal([1, ROWS], 0, 1, 'float32', 1);
  const loss = (): sg.Tensor => (model.predict(feed) as sg.Tensor).square().sum() as sg.Scalar;
  const { grads } = sg.variableGrads(loss as () => sg.Scalar);
  const slopes = (grads.weights as sg.Tensor).dataSync();
  const weights = model.weights.weights as sg.Variable;
  const start = weights.dataSync().slice();
  const lossAt = (i: number, delta: number): number => {
    const moved = start.slice();
    moved[i] = (moved[i] as number) + delta;
    weights.assign(sg.tensor(moved, [ROWS, COLUMNS]));
    return loss().dataSync()[0] as number;
  };
  const greatest = Math.max(...slopes.map(Math.abs));
  for (const i of [0, 1234, ROWS * COLUMNS - 1]) {
    const step = 2 ** -5;
    const difference = (lossAt(i, step) - lossAt(i, -step)) / (2 * step);
    expect(Math.abs((slopes[i] as number) - difference)).toBeLessThan(SLOPES * greatest);
  }
  weights.assign(sg.tensor(start, [ROWS, COLUMNS]));
  // What has not changed is written as it was: integers.
  expect(model.toBytes().length).toBe(bytes.length);

  sg.train.sgd(1e-4).minimize(loss as () => sg.Scalar);
  expect([...weights.dataSync()]).not.toEqual([...start]);
  const copy = await onnx.load(model.toBytes());
  expect(run(copy)).toEqual(run(model));
  expect(Object.keys(copy.weights)).toEqual(['weights']);

  model.freeze(/^weights$/);
  expect(model.trainableWeights).toEqual([]);
  copy.dispose();
  model.dispose();
});

test('weights of eight bits are trained however few they are', async () => {
  const bias = Int32Array.from([3, -5, 8]);
  const model = await onnx.load(
    file({
      node: [node('DequantizeLinear', ['few', 'scale'], ['bias']), node('Add', ['x', 'bias'], ['y'])],
      initializer: [
        { name: 'few', dims: [3], dataType: 6, rawData: new Uint8Array(bias.buffer) },
        floats('scale', [], [0.5]),
      ],
      input: [port('x', ['batch', 3])],
      output: [port('y', ['batch', 3])],
    }),
  );
  expect(model.trainableWeights.map(({ name }) => name)).toEqual(['bias']);
  const y = model.predict(sg.zeros([1, 3])) as sg.Tensor;
  expect([...y.dataSync()]).toEqual([1.5, -2.5, 4]);
  model.dispose();
});

test('weights that a function computes of integers: unchanged they are saved, changed that is an error', async () => {
  const model = await onnx.load(
    bytesOf(
      modelOf(
        {
          node: [node('Decode', ['x', 'codes', 'scales'], ['y'], {}, 'own')],
          initializer: [integers, floats('scales', [COLUMNS], scales)],
          input: [port('x', [1, ROWS])],
          output: [port('y', [1, COLUMNS])],
        },
        18,
        {
          opsetImport: [
            { domain: '', version: 18 },
            { domain: 'own', version: 1 },
          ],
          functions: [
            {
              name: 'Decode',
              domain: 'own',
              input: ['a', 'b', 'c'],
              output: ['d'],
              opsetImport: [{ domain: '', version: 18 }],
              node: [node('DequantizeLinear', ['b', 'c'], ['w'], { axis: 1 }), node('MatMul', ['a', 'w'], ['d'])],
            },
          ],
        },
      ),
    ),
  );
  expect(run(model)).toEqual(expected);
  const [weights] = model.trainableWeights as [sg.Variable];
  expect(run(await onnx.load(model.toBytes()))).toEqual(expected);
  weights.assign(sg.zeros([ROWS, COLUMNS]));
  expect(() => model.toBytes()).toThrow(sg.StateError);
  expect(() => model.toBytes()).toThrow(/inside a function/);
  model.dispose();
});
