/** HDF5 files: what h5py writes is read (goldens/hdf5_files.py), and what is written is read again. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';
import { FormatError } from '../../../src/index';
import { Archive, archive } from '../../../src/io/formats/archive';
import { FileBytes, type Group, openHDF5, startOf } from '../../../src/io/keras/hdf5/tree';
import { encodeHDF5, type NewArray, NewGroup } from '../../../src/io/keras/hdf5/writer';
import { sourceOfBytes } from '../../../src/io/storage/sources';

const fileOf = (name: string): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(new URL(`../../goldens/keras/${name}.h5.gz`, import.meta.url))));

const numbers = (root: Group, path: string): number[] => {
  const dataset = root.dataset(path);
  const target = new Float64Array(dataset?.size ?? 0);
  dataset?.copyTo(target);
  return [...target];
};
const openBytes = (bytes: Uint8Array): Group => openHDF5(new FileBytes(sourceOfBytes(bytes)));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('what h5py writes', () => {
  const root = openBytes(fileOf('everything'));

  it('has attributes of many kinds', () => {
    expect(Object.fromEntries(root.attributes)).toEqual({
      text: 'hällo',
      bytes: 'padded',
      whole: 5,
      real: 1.5,
      long: 'x'.repeat(70000),
      flag: 1,
      fixed: ['a', 'bcd', 'ef'],
      names: ['a', 'bcd', ''],
      list: [0, 1, 2, 3, 4],
    });
  });

  it.each(root.group('types')?.names ?? [])('has elements of type %s', (type) => {
    const expected = upTo(12).map((i) => (type === '?' ? Number(i % 7 !== 0) : i % 7));
    expect(root.dataset(`types/${type}`)?.shape).toEqual([3, 4]);
    expect(numbers(root, `types/${type}`)).toEqual(expected);
  });

  it('has all types', () => expect(root.group('types')?.names.length).toBe(17));

  it('has chunks, shuffled and compressed, that reach beyond the array', () => {
    expect(numbers(root, 'gzip')).toEqual(upTo(7000));
    expect(numbers(root, 'cube')).toEqual(upTo(24));
    expect(numbers(root, 'pieces')).toEqual(upTo(1000));
  });

  it('has arrays of one element, of none, and what was never written', () => {
    expect(numbers(root, 'scalar')).toEqual([3.5]);
    expect(root.dataset('none')?.shape).toEqual([0, 3]);
    expect(numbers(root, 'unwritten')).toEqual([0, 0, 0]);
  });

  it('has groups of many names', () => {
    expect(root.group('many')?.names.length).toBe(100);
    expect(upTo(100).map((i) => numbers(root, `many/${i}`)[0])).toEqual(upTo(100));
    expect(root.get('many/100')).toBeUndefined();
    expect(root.get('scalar/x')).toBeUndefined();
  });

  it('may begin behind other bytes, and be of the latest version', () => {
    expect(startOf(new FileBytes(sourceOfBytes(fileOf('behind'))))).toBe(1024);
    expect(numbers(openBytes(fileOf('behind')), 'x')).toEqual([0, 1, 2]);
    expect(numbers(openBytes(fileOf('latest')), 'g/x')).toEqual([0, 1, 2]);
    expect(openBytes(fileOf('latest')).attributes.get('a')).toBe('b');
  });

  it('is refused where it is no number, or compressed in other ways', () => {
    expect(() => numbers(root, 'texts')).toThrow(/texts/);
    expect(() => numbers(root, 'lzf')).toThrow(/filter 32000/);
    expect(() => root.dataset('pieces')?.copyTo(new Float32Array(3))).toThrow(FormatError);
  });

  it('is refused where it was cut off', () => {
    const bytes = fileOf('everything');
    for (const length of [0, 8, 50, 95, 2000, bytes.length - 1])
      expect(() => openBytes(bytes.subarray(0, length))).toThrow(FormatError);
  });
});

describe('what is written', () => {
  const array = (type: NewArray['type'], shape: number[], bytes: number[]): NewArray => ({
    type,
    shape,
    fill: (target) => target.set(bytes),
  });
  const made = (): NewGroup => {
    const root = new NewGroup();
    root.attributes.set('text', 'hällo');
    root.attributes.set('names', ['a', '', 'é'.repeat(40000)]);
    root.attributes.set('none', []);
    root.attributes.set('numbers', [1, 2.5]);
    root.attributes.set('count', 7);
    for (let i = 0; i < 1000; i++) root.set(`many/${i}`, array('i4', [], [i & 255, i >> 8]));
    root.set('types/f4', array('f4', [2], [0, 0, 128, 63, 0, 0, 0, 64]));
    root.set('types/f2', array('f2', [1, 2], [0, 60, 0, 64]));
    root.set('types/bool', array('bool', [2], [0, 1]));
    root.set('none', array('f4', [0, 3], []));
    root.group('empty/deep');
    return root;
  };

  it('is read as it was', () => {
    const root = openBytes(encodeHDF5(made()));
    expect(Object.fromEntries(root.attributes)).toEqual(Object.fromEntries(made().attributes));
    expect(upTo(1000).map((i) => numbers(root, `many/${i}`)[0])).toEqual(upTo(1000));
    expect(['f4', 'f2', 'bool'].map((type) => numbers(root, `types/${type}`))).toEqual([
      [1, 2],
      [1, 2],
      [0, 1],
    ]);
    expect(root.dataset('none')?.shape).toEqual([0, 3]);
    expect(root.group('empty/deep')?.names).toEqual([]);
  });

  it('has the same bytes whenever it is written, and whatever the order of names', () => {
    const [a, b] = [new NewGroup(), new NewGroup()];
    for (const [group, order] of [
      [a, ['x', 'y', 'z']],
      [b, ['z', 'x', 'y']],
    ] as const)
      for (const name of order) group.set(name, array('u1', [1], [5]));
    expect(encodeHDF5(a)).toEqual(encodeHDF5(b));
  });
});

describe('archives', () => {
  const files = { 'a.json': new TextEncoder().encode('{}'), 'b/c.bin': new Uint8Array([1, 2, 3]) };
  const bytes = archive(files);
  const changed = (at: number, value: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at] = value;
    return copy;
  };
  /** Where the directory begins. */
  const directory = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 6, true);

  it('hold files, the same bytes each time', async () => {
    expect(archive(files)).toEqual(bytes);
    const found = await Archive.open(sourceOfBytes(bytes));
    expect(found.names).toEqual(Object.keys(files));
    expect(await found.get('b/c.bin')).toEqual(files['b/c.bin']);
    expect(await found.get('d')).toBeUndefined();
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ['were cut off', () => bytes.subarray(0, -30), /cut off/],
    ['have a changed byte', () => changed(36, 99), /checksum/],
    ['tell another size', () => changed(directory + 24, 77), /cannot have/],
    ['lead out of the archive', () => archive({ '../a': new Uint8Array(1) }), /no name of a file/],
    ['lead to a root', () => archive({ '/a': new Uint8Array(1) }), /no name of a file/],
    ['are encrypted', () => changed(directory + 8, 1), /encrypted/],
    ['are compressed in other ways', () => changed(directory + 10, 12), /way 12/],
    ['are elsewhere', () => changed(directory + 42, 9), /not where/],
  ])('%s: refused', async (_, make, message) => {
    const read = async (): Promise<void> => {
      const found = await Archive.open(sourceOfBytes(make()));
      for (const name of Object.keys(files)) await found.get(name);
    };
    await expect(read()).rejects.toThrow(FormatError);
    await expect(read()).rejects.toThrow(message);
  });
});

it.each(['keras', 'h5'])('%s: many groups in a large file are no circles', async (format) => {
  const units = 64;
  const layers = Array.from({ length: 150 }, (_, i) =>
    sg.layers.dense({ units, name: `layer_${i}`, ...(i === 0 && { inputShape: [units] }) }),
  );
  const model = sg.sequential({ layers });
  const again = await sg.loadModel(await sg.io.toBytes(model, { format }));
  const x = sg.ones([1, units]);
  expect((again.predict(x) as sg.Tensor).dataSync()).toEqual((model.predict(x) as sg.Tensor).dataSync());
});
