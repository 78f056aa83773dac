/** Messages of ONNX files: what is written is read again, and what is damaged fails at once. */
import { describe, expect, test } from 'vitest';
import { decodeModel, decodeTensor, encodeModel, encodeTensor } from '../../src/onnx/proto/model';
import type { ModelProto } from '../../src/onnx/proto/schema';
import { joined } from '../../src/onnx/proto/wire';
import { FormatError } from '../../src/support/errors';

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const raw = Uint8Array.from({ length: 10_000 }, (_, i) => i);

const model: ModelProto = {
  irVersion: 10,
  producerName: 'a test, ümläut',
  modelVersion: 9223372036854775807n,
  graph: {
    node: [
      {
        input: ['x', '', 'w'],
        output: ['y'],
        name: 'n',
        opType: 'Conv',
        attribute: [
          { name: 'ints', ints: [1, -1, 2147483648, -9223372036854775808n, Number.MAX_SAFE_INTEGER], type: 7 },
          { name: 'f', f: 0.5, type: 1 },
          { name: 'floats', floats: [1, -2.5, Infinity], type: 6 },
          { name: 's', s: text('SAME_UPPER'), type: 3 },
          { name: 'strings', strings: [text('a'), text('')], type: 8 },
          { name: 'g', g: { name: 'inner', node: [{ opType: 'Neg', input: ['y'], output: ['z'] }] }, type: 5 },
          { name: 't', t: { dims: [2], dataType: 7, int64Data: [0, -9223372036854775808n] }, type: 4 },
        ],
      },
    ],
    name: 'g',
    initializer: [
      { dims: [100, 100], dataType: 2, name: 'w', rawData: raw },
      { dims: [3], dataType: 1, floatData: [1, 2, 3], name: 'f' },
      { dims: [2], dataType: 6, int32Data: [-1, 7], name: 'i' },
      { dims: [2], dataType: 11, doubleData: [0.1, -0], name: 'd' },
      { dims: [1], dataType: 13, uint64Data: [18446744073709551615n], name: 'u' },
      { dims: [1], dataType: 8, stringData: [text('one')], name: 's' },
      { dims: [4], dataType: 1, externalData: [{ key: 'location', value: 'w.bin' }], dataLocation: 1 },
    ],
    input: [
      {
        name: 'x',
        type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'batch' }, { dimValue: 3 }, {}] } } },
      },
    ],
    output: [{ name: 'y', type: { sequenceType: { elemType: { tensorType: { elemType: 7 } } } } }],
  },
  opsetImport: [{ domain: '', version: 18 }],
  functions: [{ name: 'f', input: ['a'], output: ['b'], domain: 'own', attribute: ['k'] }],
};

const bytes = joined(encodeModel(model));

describe('messages', () => {
  test('are read as they were written', () => {
    expect(decodeModel(bytes)).toEqual(model);
    const tensor = { dims: [2], dataType: 1, rawData: raw.subarray(1, 9) };
    expect(decodeTensor(joined(encodeTensor(tensor)))).toEqual(tensor);
  });

  test('have large bytes in pieces that are not copied', () => {
    expect(encodeModel(model).some((piece) => piece === raw)).toBe(true);
    const at = 3;
    const file = new Uint8Array(bytes.length + at);
    file.set(bytes, at);
    const { rawData } = decodeModel(file.subarray(at)).graph?.initializer?.[0] ?? {};
    expect(rawData?.buffer).toBe(file.buffer);
    expect(rawData).toEqual(raw);
  });

  test('take lists of numbers packed or one by one, and pass over what they do not know', () => {
    // dims (1) packed, then one alone; field 99 of each wire type; float_data (4) one by one
    const mixed = [0x0a, 2, 2, 3, 0x08, 4, 0x98, 6, 5, 0x9a, 6, 1, 0, 0x99, 6, 0, 0, 0, 0, 0, 0, 0, 0];
    const single = [0x9d, 6, 0, 0, 0, 0, 0x25, 0, 0, 0x80, 0x3f, 0x25, 0, 0, 0, 0x40];
    expect(decodeTensor(Uint8Array.from([...mixed, ...single]))).toEqual({ dims: [2, 3, 4], floatData: [1, 2] });
  });

  test('that end too early fail, wherever that is', () => {
    for (let end = 1; end < 600; end++) {
      try {
        decodeModel(bytes.subarray(0, end));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
    expect(() => decodeModel(bytes.subarray(0, 300))).toThrow(/the model: is not an ONNX file, or damaged: \d+ bytes/);
  });

  test.each([
    ['a length beyond the end', [0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f], /34359738367 bytes are missing/],
    ['an integer without an end', [0x08, ...new Array<number>(11).fill(0xff)], /more than 64 bits/],
    ['a wire type that is none', [0x0b], /unknown wire type|wire type 3/],
    ['a field of another type', [0x12 - 2, 1], /field 2 has the wire type 0 in place of 2/],
  ])('with %s fail', (_, content, message) => {
    expect(() => decodeModel(Uint8Array.from(content))).toThrow(message);
  });

  test('that are nested without end fail', () => {
    let inner = Uint8Array.from([]);
    for (let i = 0; i < 400; i++) {
      // A graph (7 of the model) in an attribute (5 of a node, 1 of a graph): types in types are the shortest.
      const head = new Uint8Array([0x22, inner.length & 0x7f, 0]);
      inner = Uint8Array.from([0x0a, ...varint(inner.length), ...inner]);
      inner = Uint8Array.from([head[0] as number, ...varint(inner.length), ...inner]);
    }
    const value = Uint8Array.from([0x12, ...varint(inner.length), ...inner]);
    const graph = Uint8Array.from([0x5a, ...varint(value.length), ...value]);
    expect(() => decodeModel(Uint8Array.from([0x3a, ...varint(graph.length), ...graph]))).toThrow(/more than 200 deep/);
  });
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
