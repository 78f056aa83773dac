/** Graphs of ONNX: functions, branches, loops, integers of 64 bits, element types. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx/index';
import type { GraphProto, ModelProto } from '../../src/onnx/proto/schema';
import type { OnnxType } from '../../src/onnx/proto/types';
import { bytesOf, file, floats, longs, modelOf, node, port } from './support/build';

await onnx.prepare();

type Results = Record<string, onnx.OnnxTensor>;
const x = { data: Float32Array.of(1, -2, 3), shape: [3] };

function computed(
  graph: GraphProto,
  feeds: Record<string, onnx.OnnxInput> = { x },
  more?: Partial<ModelProto>,
): Results {
  const model = onnx.loadSync(bytesOf(modelOf(graph, 18, more)));
  try {
    return model.run(feeds) as Results;
  } finally {
    model.dispose();
  }
}
const y = (graph: GraphProto, feeds?: Record<string, onnx.OnnxInput>, more?: Partial<ModelProto>): unknown[] => [
  ...((computed(graph, feeds, more).y as onnx.OnnxTensor).data as Iterable<unknown>),
];
const ports = (type: OnnxType = 'float32') => ({ input: [port('x', ['n'])], output: [port('y', undefined, type)] });

describe('functions of the model', () => {
  const scaled = {
    name: 'Scaled',
    domain: 'own',
    input: ['a', 'shift'],
    output: ['b'],
    attribute: ['factor'],
    node: [
      { ...node('Constant', [], ['f']), attribute: [{ name: 'value_float', refAttrName: 'factor', type: 1 }] },
      node('Mul', ['a', 'f'], ['b']),
    ],
    opsetImport: [{ domain: '', version: 18 }],
  };
  test('are put in the place of their calls, with their attributes', () => {
    const nodes = [
      node('Scaled', ['x'], ['t'], { factor: 2.5 }, 'own'),
      node('Scaled', ['t'], ['y'], { factor: -0.5 }, 'own'),
    ];
    expect(y({ ...ports(), node: nodes }, undefined, { functions: [scaled] })).toEqual([-1.25, 2.5, -3.75]);
  });
});

describe('branches and loops', () => {
  const branches = {
    then_branch: { name: 'then', node: [node('Add', ['x', 'w'], ['a'])], output: [port('a', undefined)] },
    else_branch: { name: 'else', node: [node('Sub', ['x', 'w'], ['b'])], output: [port('b', undefined)] },
  };
  const initializer = [floats('w', [], [10]), floats('limit', [], [1])];

  test('If takes the branch that a computed condition says, with values from outside', () => {
    const graph = {
      ...ports(),
      node: [
        node('ReduceSum', ['x'], ['sum'], { keepdims: 0 }),
        node('Greater', ['sum', 'limit'], ['c']),
        node('If', ['c'], ['y'], branches),
      ],
      initializer,
    };
    expect(y(graph)).toEqual([11, 8, 13]);
    expect(y(graph, { x: { data: Float32Array.of(0, 0, 0), shape: [3] } })).toEqual([-10, -10, -10]);
  });

  test('Loop carries values, stacks outputs, sees its count and values from outside', () => {
    const body: GraphProto = {
      name: 'body',
      node: [
        node('Add', ['v', 'x'], ['next']),
        node('Cast', ['i'], ['number'], { to: 1 }),
        node('Identity', ['c'], ['again']),
      ],
      input: [port('i', [], 'int64'), port('c', [], 'bool'), port('v', ['n'])],
      output: [port('again', [], 'bool'), port('next', ['n']), port('number', [])],
    };
    const found = computed({
      node: [node('Loop', ['count', '', 'x'], ['last', 'numbers'], { body })],
      initializer: [longs('count', [], [3])],
      input: [port('x', ['n'])],
      output: [port('last', ['n']), port('numbers', ['t'])],
    });
    expect(found.last?.data).toEqual(Float32Array.of(4, -8, 12));
    expect(found.numbers?.data).toEqual(Float32Array.of(0, 1, 2));
  });

  test('a loop trains through its steps', () => {
    const body: GraphProto = {
      name: 'body',
      node: [node('Mul', ['v', 'w'], ['next']), node('Identity', ['c'], ['again'])],
      input: [port('i', [], 'int64'), port('c', [], 'bool'), port('v', ['n'])],
      output: [port('again', [], 'bool'), port('next', ['n'])],
    };
    const model = onnx.loadSync(
      file({
        ...ports(),
        node: [node('Loop', ['count', '', 'x'], ['y'], { body })],
        initializer: [longs('count', [], [3]), floats('w', [3], [2, 1, -1])],
      }),
    );
    const { grads } = sg.variableGrads(() => (model.predict(sg.tensor([1, 1, 1])) as sg.Tensor).sum());
    expect([...(grads.w as sg.Tensor).dataSync()]).toEqual([12, 3, 3]);
    model.dispose();
  });
});

describe('integers', () => {
  test('of 64 bits that are known are exact, and ends of slices', () => {
    const graph = {
      ...ports('int64'),
      node: [node('Mul', ['big', 'three'], ['product']), node('Add', ['product', 'one'], ['y'])],
      initializer: [longs('big', [1], [1n << 60n]), longs('three', [], [3]), longs('one', [], [1])],
    };
    expect(y(graph)).toEqual([3n * (1n << 60n) + 1n]);
    const sliced = {
      ...ports(),
      node: [
        node('Unsqueeze', ['most', 'zero'], ['end']),
        node('Concat', ['end'], ['ends'], { axis: 0 }),
        node('Slice', ['x', 'one', 'ends'], ['y']),
      ],
      initializer: [longs('most', [], [9223372036854775807n]), longs('zero', [1], [0]), longs('one', [1], [1])],
    };
    expect(y(sliced)).toEqual([-2, 3]);
  });

  test('that do not fit tensors are errors', () => {
    const graph = {
      input: [port('i', [2], 'int64')],
      output: [port('y', undefined, 'int64')],
      node: [node('Add', ['i', 'i'], ['y'])],
    };
    const fed = (data: bigint[]): unknown[] =>
      y(graph, { i: { data: BigInt64Array.from(data), shape: [2], dtype: 'int64' } });
    expect(fed([1n, -5n])).toEqual([2n, -10n]);
    // A few are known, and exact.
    expect(fed([1n << 40n, 1n])).toEqual([1n << 41n, 2n]);
    const mixed = { ...graph, node: [node('Cast', ['i'], ['f'], { to: 1 }), node('Cast', ['f'], ['y'], { to: 7 })] };
    expect(() => y(mixed, { i: { data: [1n << 40n, 1n], shape: [2], dtype: 'int64' } })).toThrow(
      /1099511627776 does not fit int32/,
    );
  });

  test('of 8 bits wrap, and keep their type', () => {
    const of = (type: OnnxType, Data: typeof Int8Array | typeof Uint8Array): onnx.OnnxTensor =>
      computed(
        { input: [port('a', [2], type)], output: [port('y', undefined, type)], node: [node('Add', ['a', 'a'], ['y'])] },
        { a: { data: Data.of(100, 120), shape: [2], dtype: type } },
      ).y as onnx.OnnxTensor;
    expect(of('int8', Int8Array)).toEqual({ data: Int8Array.of(-56, -16), shape: [2], dtype: 'int8' });
    expect(of('uint8', Uint8Array)).toEqual({ data: Uint8Array.of(200, 240), shape: [2], dtype: 'uint8' });
  });
});

test('half and double floats are read, and results have the type that the graph states', () => {
  const of = (type: OnnxType, data: Uint16Array | Float64Array): onnx.OnnxTensor =>
    computed(
      { input: [port('a', [2], type)], output: [port('y', undefined, type)], node: [node('Mul', ['a', 'a'], ['y'])] },
      { a: { data, shape: [2], dtype: type } },
    ).y as onnx.OnnxTensor;
  // 1.5 and -2
  expect(of('float16', Uint16Array.of(0x3e00, 0xc000))).toEqual({
    data: Uint16Array.of(0x4080, 0x4400),
    shape: [2],
    dtype: 'float16',
  });
  expect(of('bfloat16', Uint16Array.of(0x3fc0, 0xc000)).data).toEqual(Uint16Array.of(0x4010, 0x4080));
  expect(of('float64', Float64Array.of(1.5, -2))).toEqual({
    data: Float64Array.of(2.25, 4),
    shape: [2],
    dtype: 'float64',
  });
});

test('inputs may be named like the parts of a value', () => {
  const graph = {
    input: [port('data', ['n']), port('shape', ['r'], 'int64')],
    output: [port('y', undefined)],
    node: [node('Reshape', ['data', 'shape'], ['y'])],
  };
  const model = onnx.loadSync(file(graph));
  const data = sg.tensor([1, 2, 3, 4]);
  const shape = { data: BigInt64Array.of(2n, 2n), shape: [2], dtype: 'int64' };
  for (const inputs of [{ data, shape }, [data, shape]])
    expect((model.predict(inputs) as sg.Tensor).shape).toEqual([2, 2]);
  model.dispose();
});

test('an input named like a part of a value takes a value alone, too', () => {
  const graph = { input: [port('data', ['n'])], output: [port('y', undefined)], node: [node('Neg', ['data'], ['y'])] };
  const model = onnx.loadSync(file(graph));
  const one = { data: Float32Array.of(1, -2), shape: [2] };
  for (const inputs of [one, { data: one }, [one]])
    expect([...(model.predict(inputs) as sg.Tensor).dataSync()]).toEqual([-1, 2]);
  model.dispose();
});
