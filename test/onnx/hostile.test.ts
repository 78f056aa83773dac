/** Damaged and hostile files: a typed error, quickly, and memory as before. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx/index';
import type { GraphProto, ModelProto } from '../../src/onnx/proto/schema';
import { numberOfType } from '../../src/onnx/proto/types';
import { bytesOf, file, floats, longs, modelOf, node, port } from './support/build';
import { Cases } from './support/cases';
import { mutations } from './support/mutations';

await onnx.prepare();

const ports = { input: [port('x', [2])], output: [port('y', undefined)] };
const graph = (...nodes: GraphProto['node'] & object): GraphProto => ({ ...ports, node: nodes });
const many = (count: number): GraphProto['node'] =>
  Array.from({ length: count }, (_, i) => node('Neg', [i ? `v${i}` : 'x'], [i === count - 1 ? 'y' : `v${i + 1}`]));
const own = (name: string, callee: string, opset = 18): NonNullable<ModelProto['functions']>[number] => ({
  name,
  domain: 'own',
  input: ['a'],
  output: ['b'],
  node: [node(callee, ['a'], ['b'], {}, callee === 'Neg' ? '' : 'own')],
  opsetImport: [
    { domain: '', version: opset },
    { domain: 'own', version: 1 },
  ],
});

const LOADING: [string, Uint8Array, RegExp][] = [
  ['no bytes', new Uint8Array(0), /has no graph/],
  ['text', new TextEncoder().encode('{"format": "graph-model"}'), /is not an ONNX file, or damaged/],
  [
    'a value that nothing computes',
    file(graph(node('Neg', ['z'], ['y']))),
    /needs 'z', which no node before it computes/,
  ],
  ['a cycle', file(graph(node('Neg', ['b'], ['a']), node('Neg', ['a'], ['b']))), /needs 'b', which no node before/],
  ['an output that nothing computes', file(graph(node('Neg', ['x'], ['z']))), /no node computes the output 'y'/],
  [
    'two values of one name',
    file(graph(node('Neg', ['x'], ['y']), node('Abs', ['x'], ['y']))),
    /two values have the name 'y'/,
  ],
  [
    'operators that there are not, all at once',
    file(graph(node('Nothing', ['x'], ['a']), node('Nope', ['a'], ['y'], {}, 'com.example'))),
    /2 operators that cannot run: Nothing \(node 'a'\): unknown in ai\.onnx; com\.example::Nope .*the domain com\.example is unknown/,
  ],
  [
    'an opset that is too old for an operator',
    file(graph(node('Gelu', ['x'], ['y'])), 13),
    /Gelu .*opset 13 of ai\.onnx has another form of it; runs from opset 20 on/,
  ],
  [
    'an opset that is too new',
    file(graph(node('Neg', ['x'], ['y'])), 99),
    /Neg .*opset 99 of ai\.onnx is newer than 28/,
  ],
  [
    'weights that do not fill their shape',
    file({ ...graph(node('Add', ['x', 'w'], ['y'])), initializer: [floats('w', [1000000, 1000000], [1])] }),
    /tensor 'w': 4 bytes do not fill \[1000000,1000000\]/,
  ],
  [
    'a negative shape',
    file({ ...graph(node('Add', ['x', 'w'], ['y'])), initializer: [floats('w', [-1], [])] }),
    /tensor 'w': has the shape \[-1\]/,
  ],
  [
    'elements of an unknown type',
    file({ ...graph(node('Add', ['x', 'w'], ['y'])), initializer: [{ name: 'w', dims: [1], dataType: 99 }] }),
    /the unknown type 99/,
  ],
  [
    'complex numbers',
    file({
      ...graph(node('Add', ['x', 'w'], ['y'])),
      initializer: [{ name: 'w', dims: [1], dataType: numberOfType('complex64'), rawData: new Uint8Array(8) }],
    }),
    /type complex64, which tensors do not hold/,
  ],
  [
    'a function that calls itself',
    bytesOf(modelOf(graph(node('F', ['x'], ['y'], {}, 'own')), 18, { functions: [own('F', 'G'), own('G', 'F')] })),
    /function own::F calls itself/,
  ],
  [
    'functions that grow without end',
    bytesOf(
      modelOf(graph(node('F0', ['x'], ['y'], {}, 'own')), 18, {
        functions: Array.from({ length: 41 }, (_, i) => ({
          ...own(`F${i}`, 'Neg'),
          node:
            i === 40
              ? [node('Neg', ['a'], ['b'])]
              : [node(`F${i + 1}`, ['a'], ['c'], {}, 'own'), node(`F${i + 1}`, ['c'], ['b'], {}, 'own')],
        })),
      }),
    ),
    /more than 200000 nodes/,
  ],
];

const RUNNING: [string, Uint8Array, RegExp][] = [
  [
    'a shape larger than any memory',
    file({ ...graph(node('ConstantOfShape', ['s'], ['y'])), initializer: [longs('s', [2], [1 << 28, 1 << 28])] }),
    /out of memory/,
  ],
  [
    'a shape of no numbers',
    file({ ...graph(node('ConstantOfShape', ['s'], ['y'])), initializer: [longs('s', [1], [-4])] }),
    /must be a shape, got \[-4\]/,
  ],
  [
    'a shape beyond 2 to the 53rd',
    file({ ...graph(node('Expand', ['x', 's'], ['y'])), initializer: [longs('s', [1], [9223372036854775807n])] }),
    /must be an integer|out of memory/,
  ],
  [
    'a range without end',
    file({
      ...graph(node('Range', ['a', 'b', 'c'], ['y'])),
      initializer: [floats('a', [], [0]), floats('b', [], [1e30]), floats('c', [], [1e-30])],
    }),
    /out of memory|has no end/,
  ],
  [
    'repetition beyond memory',
    file({
      ...graph(node('Tile', ['x', 'r'], ['t']), node('Tile', ['t', 'r'], ['u']), node('Tile', ['u', 'r'], ['y'])),
      initializer: [longs('r', [1], [1 << 28])],
    }),
    /out of memory/,
  ],
  ['a missing operand', file(graph(node('Add', ['x'], ['y']))), /input 1 is missing, it has 1/],
  ['a missing attribute', file(graph(node('Concat', ['x'], ['y']))), /attribute axis is missing/],
  ['an axis outside', file(graph(node('Flatten', ['x'], ['y'], { axis: 7 }))), /axis 7 is outside of rank 1/],
  [
    'an attribute of another kind',
    file(graph(node('LeakyRelu', ['x'], ['y'], { alpha: 'a' }))),
    /alpha must be a number, is a text/,
  ],
  [
    'a step of 0',
    file({ ...graph(node('Slice', ['x', 'z', 'z', 'z', 'z'], ['y'])), initializer: [longs('z', [1], [0])] }),
    /a step is 0/,
  ],
  [
    'a loop that never ends',
    file({
      ...graph(
        node('Loop', ['', '', 'x'], ['y'], {
          body: {
            node: [node('Identity', ['c'], ['d']), node('Neg', ['v'], ['w'])],
            input: [port('i', [], 'int64'), port('c', [], 'bool'), port('v', [2])],
            output: [port('d', [], 'bool'), port('w', [2])],
          },
        }),
      ),
    }),
    /more than 50000 steps of loops/,
  ],
];

describe('files', () => {
  test.each(LOADING)('with %s are refused when they are loaded', (_, bytes, message) => {
    const before = sg.memory().numTensors;
    const fn = (): unknown => onnx.loadSync(bytes);
    expect(fn).toThrow(sg.SamegradError);
    expect(fn).toThrow(message);
    expect(sg.memory().numTensors).toBe(before);
  });

  test.each(RUNNING)('with %s are refused when they run', (_, bytes, message) => {
    const before = sg.memory().numTensors;
    const model = onnx.loadSync(bytes);
    const fn = (): unknown => model.run({ x: { data: Float32Array.of(1, 2), shape: [2] } });
    expect(fn).toThrow(sg.SamegradError);
    expect(fn).toThrow(message);
    model.dispose();
    expect(sg.memory().numTensors).toBe(before);
  });

  test('with long chains of nodes run', () => {
    const model = onnx.loadSync(file(graph(...(many(20_000) ?? []))));
    expect([...(model.predict(sg.tensor([1, -2])) as sg.Tensor).dataSync()]).toEqual([1, -2]);
    model.dispose();
  });
});

describe('weights beside the model', () => {
  const beside = (...entries: [string, string][]): Uint8Array =>
    file({
      ...graph(node('Add', ['x', 'w'], ['y'])),
      initializer: [
        {
          name: 'w',
          dims: [2],
          dataType: 1,
          dataLocation: 1,
          externalData: entries.map(([key, value]) => ({ key, value })),
        },
      ],
    });
  const weights = new Uint8Array(Float32Array.of(9, 10, 20).buffer);
  const asked: string[] = [];
  const external = async (path: string): Promise<Uint8Array> => {
    asked.push(path);
    return weights;
  };

  test('are read by a function', async () => {
    const model = await onnx.load(beside(['location', 'a/w.bin'], ['offset', '4'], ['length', '8']), { external });
    expect(asked).toEqual(['a/w.bin']);
    expect([...(model.predict(sg.tensor([1, 2])) as sg.Tensor).dataSync()]).toEqual([11, 22]);
    expect(onnx.loadSync(model.toBytes()).run({ x: sg.tensor([1, 2]) })).toEqual(model.run({ x: sg.tensor([1, 2]) }));
    model.dispose();
  });

  test.each(['../w.bin', '/etc/passwd', 'a/../../w', 'C:\\w', 'https://example.com/w', '\\\\host\\w', ''])(
    'are not read from %s',
    async (path) => {
      asked.length = 0;
      await expect(onnx.load(beside(['location', path]), { external })).rejects.toThrow(/is not in the folder/);
      expect(asked).toEqual([]);
    },
  );

  test.each([
    [
      'bytes that are not there',
      [
        ['location', 'w'],
        ['offset', '8'],
        ['length', '8'],
      ],
      /bytes 8 to 16 are not in 'w'/,
    ],
    [
      'too few bytes',
      [
        ['location', 'w'],
        ['offset', '8'],
      ],
      /4 bytes do not fill \[2\]/,
    ],
    [
      'no number',
      [
        ['location', 'w'],
        ['offset', '-1'],
      ],
      /offset must be a number of bytes/,
    ],
  ] as [string, [string, string][], RegExp][])('with %s fail', async (_, entries, message) => {
    const before = sg.memory().numTensors;
    await expect(onnx.load(beside(...entries), { external })).rejects.toThrow(message);
    expect(sg.memory().numTensors).toBe(before);
  });

  test('need a function or a path', async () => {
    const bytes = beside(['location', 'w']);
    await expect(onnx.load(bytes)).rejects.toThrow(/pass external, a function that reads it/);
    expect(() => onnx.loadSync(bytes)).toThrow(/its values are in another file/);
    await expect(onnx.load(bytes, { external: () => 3 as never })).rejects.toThrow(/external must return the bytes/);
    await expect(onnx.load(3 as never)).rejects.toThrow(/needs a path, a URL, or the bytes/);
  });
});

test('changed models end in typed errors or in results, quickly, and hold no memory', () => {
  const packed = readFileSync(join(import.meta.dirname, '../fixtures/onnx-cases.bin.gz'));
  const cases = new Cases(new Uint8Array(gunzipSync(packed)));
  const before = sg.memory().numTensors;
  const wrong: string[] = [];
  let ran = 0;
  mutations(cases, 1, 1500, ({ kind, error }, took, name) => {
    if (kind === 'ran') ran++;
    if (kind === 'wrong') wrong.push(`${name}: ${error instanceof Error ? error.stack?.slice(0, 600) : error}`);
    if (took > 20_000) wrong.push(`${name} took ${took} ms`);
  });
  expect(wrong).toEqual([]);
  expect(ran).toBeGreaterThan(100);
  expect(sg.memory().numTensors).toBe(before);
}, 120_000);
