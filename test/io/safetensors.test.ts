/** Arrays in the safetensors format: as its own package writes them, there and back, and broken. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type Tensorfile } from '../../src/io/safetensors/format';
import { FormatError } from '../../src/support/errors';

const golden = JSON.parse(readFileSync(new URL('../goldens/arrays/safetensorsfile.json', import.meta.url), 'utf8')) as {
  hex: string;
  arrays: Record<string, { shape: number[]; data: number[] }>;
};
const file = Uint8Array.from(golden.hex.match(/../g) as string[], (h) => Number.parseInt(h, 16));

const several: Tensorfile = {
  arrays: {
    'a/b': { shape: [2, 1], data: new Float32Array([-0, Number.NaN]) },
    cells: { shape: [3], data: new Float64Array([1e300, -Infinity, 0.1]) },
    ids: { shape: [], data: new Int32Array([-(2 ** 31)]) },
    none: { shape: [0, 4], data: new Float32Array(0) },
    bytes: { shape: [5], data: new Uint8Array([0, 1, 2, 254, 255]) },
  },
  metadata: { epoch: '3', text: 'κόσμος "x"\n' },
};

/** The file with another header. */
function withHeader(text: string, data = new Uint8Array(8)): Uint8Array {
  const header = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes;
}

describe('safetensors', () => {
  it('reads what the package of that name writes', () => {
    const { arrays, metadata } = decodeSafetensors(file);
    expect(metadata).toEqual({ epoch: '3', note: 'κ' });
    expect(Object.keys(arrays).sort()).toEqual(Object.keys(golden.arrays).sort());
    for (const [name, { shape, data }] of Object.entries(golden.arrays)) {
      expect(arrays[name]?.shape).toEqual(shape);
      expect([...(arrays[name]?.data ?? [])]).toEqual(data);
    }
  });

  it('gives back what it wrote, also from the middle of a larger block', () => {
    const bytes = encodeSafetensors(several);
    expect(decodeSafetensors(bytes)).toEqual(several);
    const block = new Uint8Array(bytes.length + 3);
    block.set(bytes, 3);
    expect(decodeSafetensors(block.subarray(3))).toEqual(several);
    expect(decodeSafetensors(encodeSafetensors({ arrays: {}, metadata: {} }))).toEqual({ arrays: {}, metadata: {} });
  });

  it('starts the data at a multiple of eight', () => {
    for (const name of ['a', 'ab', 'abc', 'abcdefgh']) {
      const bytes = encodeSafetensors({ arrays: { [name]: { shape: [1], data: new Float64Array(1) } }, metadata: {} });
      expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
    }
  });

  it('refuses every file that was cut off', () => {
    const bytes = encodeSafetensors(several);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length)), `${length} bytes`).toThrow(FormatError);
  });

  it.each([
    ['no JSON', '{'],
    ['another type', '{"a":{"dtype":"C64","shape":[4],"data_offsets":[0,8]}}'],
    ['another size', '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}'],
    ['places after the end', '{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}'],
    ['places before the beginning', '{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}'],
    ['no places', '{"a":{"dtype":"F32","shape":[2]}}'],
    ['no entry', '{"a":null}'],
    ['a method of objects as type', '{"a":{"dtype":"toString","shape":[2],"data_offsets":[0,8]}}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"a"'],
    ['no shape', '{"a":{"dtype":"F32","data_offsets":[0,8]}}'],
    ['a number as shape', '{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}'],
    ['a shape of texts', '{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}'],
    ['negative sizes', '{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}'],
    ['parts of sizes', '{"a":{"dtype":"F32","shape":[0.5,4],"data_offsets":[0,8]}}'],
    ['sizes beyond all numbers', '{"a":{"dtype":"F32","shape":[1e300,1e300,0],"data_offsets":[0,0]}}'],
    ['parts of places', '{"a":{"dtype":"F32","shape":[2],"data_offsets":[-0.5,7.5]}}'],
    ['texts as places', '{"a":{"dtype":"F32","shape":[0],"data_offsets":["0","0"]}}'],
    ['three places', '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}'],
    ['places that are no list', '{"a":{"dtype":"F32","shape":[2],"data_offsets":8}}'],
    ['no type', '{"a":{"shape":[2],"data_offsets":[0,8]}}'],
    ['a list as type', '{"a":{"dtype":["F32"],"shape":[2],"data_offsets":[0,8]}}'],
    ['no metadata', '{"__metadata__":null}'],
    ['metadata in a list', '{"__metadata__":["a"]}'],
    ['numbers as metadata', '{"__metadata__":{"epoch":3}}'],
  ])('refuses %s', (_, header) => {
    expect(() => decodeSafetensors(withHeader(header))).toThrow(FormatError);
  });

  it('takes names of what objects have for names', () => {
    const entry = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';
    const empty = '{"dtype":"F32","shape":[0],"data_offsets":[8,8]}';
    const { arrays, metadata } = decodeSafetensors(
      withHeader(`{"__proto__":${entry},"constructor":${empty},"__metadata__":{"__proto__":"a"}}`),
    );
    expect(Object.keys(arrays)).toEqual(['__proto__', 'constructor']);
    expect(Object.keys(metadata)).toEqual(['__proto__']);
    expect(decodeSafetensors(encodeSafetensors({ arrays, metadata }))).toEqual({ arrays, metadata });
  });

  it('refuses arrays that do not fill their shape', () => {
    const arrays = { a: { shape: [3], data: new Float32Array(2) } };
    expect(() => encodeSafetensors({ arrays, metadata: {} })).toThrow(/'a'.*2 elements.*\[3\]/);
  });
});
