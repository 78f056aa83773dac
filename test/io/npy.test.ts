/** Arrays of numpy: as numpy itself writes them, there and back, and damaged. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { Archive, archive } from '../../src/io/formats/archive';
import { sourceOfBytes } from '../../src/io/storage/sources';
import { inOwnFolder } from '../support/folder';
import { generator } from '../support/random';
import { mutate } from './mutate';

const golden = JSON.parse(readFileSync(new URL('../goldens/arrays/npyfiles.json', import.meta.url), 'utf8')) as {
  rows: { name: string; file: string; shape: number[]; values: (number | string)[] }[];
  refused: Record<string, string>;
  archives: Record<string, string>;
  written: Record<string, string>;
};
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const dtypeOf = (name: string): string =>
  /[iu]\d|Fortran, big/.test(name) ? 'int32' : name === 'bool' ? 'bool' : 'float32';

inOwnFolder();

describe('reads what numpy writes', () => {
  it.each(golden.rows)('$name', async ({ name, file, shape, values }) => {
    const tensor = await sg.io.loadNpy(bytesOf(file));
    expect(tensor.shape).toEqual(shape);
    expect(tensor.dtype).toBe(dtypeOf(name));
    const expected = values.map((v) => (v === 'inf' ? Infinity : Number(v)));
    expect([...tensor.dataSync()]).toEqual(tensor.dtype === 'float32' ? expected.map(Math.fround) : expected);
  });

  it('also from the middle of a larger block, wherever that begins', async () => {
    for (const { file, shape } of golden.rows) {
      const bytes = bytesOf(file);
      const block = new Uint8Array(bytes.length + 1);
      block.set(bytes, 1);
      const [one, other] = [await sg.io.loadNpy(bytes), await sg.io.loadNpy(block.subarray(1))];
      expect([...other.dataSync()]).toEqual([...one.dataSync()]);
      expect(other.shape).toEqual(shape);
      sg.dispose([one, other]);
    }
  });

  it.each(Object.entries(golden.archives))('%s', async (name, file) => {
    const arrays = await sg.io.loadNpz(bytesOf(file));
    expect(arrays.x?.arraySync()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect([...(arrays.y?.dataSync() ?? [])]).toEqual([1, 0]);
    expect(arrays.y?.dtype).toBe('bool');
    expect(Object.keys(arrays)).toEqual(name === 'savez' ? ['x', 'y'] : ['x', 'y', 'zeros']);
  });
});

describe('refuses what there are no tensors of', () => {
  it.each(Object.entries(golden.refused))('%s', async (_, file) => {
    const before = sg.memory().numTensors;
    const error = await sg.io.loadNpy(bytesOf(file)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(sg.DTypeError);
    expect((error as Error).message).toMatch(/^loadNpy: /);
    expect(sg.memory().numTensors).toBe(before);
  });
});

describe('writes', () => {
  const x = sg.tensor2d([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  const whole = x.cast('int32');
  const tensors: Record<string, sg.Tensor> = { int64: whole, uint8: whole, bool: x.greater(2) };

  it.each(Object.entries(golden.written))('%s byte for byte as numpy', async (dtype, file) => {
    const bytes = await sg.io.encodeNpy(tensors[dtype] ?? x, { dtype: dtype as sg.io.NumberTypeName });
    expect(Buffer.from(bytes).toString('base64')).toBe(file);
  });

  it('files that are read again', async () => {
    await sg.io.saveNpy('x.npy', x);
    await sg.io.saveNpz(join('folder', 'all.npz'), { x, whole, scalar: sg.scalar(2) }, { compress: true });
    expect((await sg.io.loadNpy('x.npy')).arraySync()).toEqual(x.arraySync());
    const { scalar, whole: back } = await sg.io.loadNpz(`file://${process.cwd()}/folder/all.npz`);
    expect(back?.dtype).toBe('int32');
    expect(scalar?.shape).toEqual([]);
  });

  it('one type for the numbers that it can hold, or types by name', async () => {
    const one = await sg.io.encodeNpz({ x, whole }, { dtype: 'float16' });
    const each = await sg.io.encodeNpz({ x, whole }, { dtype: { x: 'float64', whole: 'uint16' } });
    const sizes = async (bytes: Uint8Array): Promise<number[]> => {
      const files = await Archive.open(sourceOfBytes(bytes));
      return Promise.all(files.names.map(async (name) => ((await files.get(name)) as Uint8Array).length));
    };
    expect(await sizes(one)).toEqual([128 + 12, 128 + 24]);
    expect(await sizes(each)).toEqual([128 + 48, 128 + 12]);
  });

  it('no type that does not fit, and no number out of range', async () => {
    const refused = async (t: sg.Tensor, dtype: string): Promise<unknown> =>
      sg.io.encodeNpy(t, { dtype: dtype as sg.io.NumberTypeName }).catch((e: unknown) => e);
    for (const [t, dtype] of [
      [x, 'int32'],
      [whole, 'float32'],
      [x, 'bfloat16'],
      [sg.tensor1d([256], 'int32'), 'uint8'],
      [sg.tensor1d([-1], 'int32'), 'uint64'],
      [sg.tensor1d([-129], 'int32'), 'int8'],
    ] as const)
      expect(await refused(t, dtype)).toBeInstanceOf(sg.DTypeError);
    expect(await refused(x, 'float')).toBeInstanceOf(sg.ArgumentError);
    await expect(sg.io.encodeNpz({ x }, { dtype: { y: 'float16' } })).rejects.toThrow(/names 'y'/);
  });
});

describe('damaged files', () => {
  /** A file of version 1 with a header of its own. */
  function withHeader(header: string, data = 24, version = 1): Uint8Array {
    const text = new TextEncoder().encode(`${header}\n`);
    const start = version === 1 ? 10 : 12;
    const bytes = new Uint8Array(start + text.length + data);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
    const view = new DataView(bytes.buffer);
    if (version === 1) view.setUint16(8, text.length, true);
    else view.setUint32(8, text.length, true);
    bytes.set(text, start);
    return bytes;
  }
  const of = (shape: string, descr = "'<f4'", order = 'False'): Uint8Array =>
    withHeader(`{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`);
  const good = of('(2, 3)');

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a pickle', Uint8Array.of(0x80, 4, 0x95, 0)],
    ['the magic alone', good.subarray(0, 8)],
    ['half a header', good.subarray(0, 30)],
    ['data that was cut off', good.subarray(0, good.length - 1)],
    ['more data', new Uint8Array([...good, 0])],
    ['a lying shape', of('(3, 3)')],
    ['a shape of 2^53 elements', of('(9007199254740993,)')],
    ['a shape with nothing beside too much', of('(0, 9007199254740991, 3)')],
    ['a negative shape', of('(-2, 3)')],
    ['too many dimensions', of(`(${'1, '.repeat(40)})`)],
    ['a shape of texts', of("('2', '3')")],
    ['an order that is a number', of('(2, 3)', "'<f4'", '0')],
    ['an entry twice', withHeader("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}")],
    ['an entry that is missing', withHeader("{'descr': '<f4', 'shape': (2, 3)}")],
    ['an entry too many', withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), '__proto__': 'x'}")],
    ['code', withHeader("{'descr': exit(), 'fortran_order': False, 'shape': (2, 3)}")],
    ['version 9', withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 24, 9)],
    [
      'a header of 4 GB',
      (() => {
        const b = withHeader('{}', 0, 2);
        new DataView(b.buffer).setUint32(8, 0xffffffff, true);
        return b;
      })(),
    ],
    ['a long header that is not closed', withHeader(`{'descr': '<f4', 'shape': (${' '.repeat(60_000)}`)],
  ])('%s', async (_, bytes) => {
    const before = sg.memory().numBytes;
    await expect(sg.io.loadNpy(bytes)).rejects.toBeInstanceOf(sg.FormatError);
    expect(sg.memory().numBytes).toBe(before);
  });

  it.each([
    ['a type that nobody has', of('(2, 3)', "'<q4'")],
    ['a name that objects have', of('(2, 3)', "'constructor'")],
    ['an empty name', of('(2, 3)', "''")],
    ['a name of several lines', of('(2, 3)', "'<\nf4'")],
  ])('%s', (_, bytes) => expect(sg.io.loadNpy(bytes)).rejects.toBeInstanceOf(sg.DTypeError));

  it('archives: other files, names that lead out, sizes that lie', async () => {
    const file = await sg.io.encodeNpz({ x: sg.ones([50, 50]) }, { compress: true });
    const bomb = file.slice();
    // The size in the directory.
    const at = bomb.findLastIndex(
      (_, i) => new DataView(bomb.buffer).getUint32(Math.min(i, bomb.length - 4), true) === 0x02014b50,
    );
    new DataView(bomb.buffer).setUint32(at + 24, 0x7fffffff, true);
    for (const bytes of [
      archive({ 'x.npy': good, 'notes.txt': Uint8Array.of(1) }),
      archive({ '../x.npy': good }),
      bomb,
      file.subarray(0, 60),
      good,
    ])
      await expect(sg.io.loadNpz(bytes)).rejects.toBeInstanceOf(sg.FormatError);
  });

  it('names that objects have are names like others', async () => {
    const arrays = await sg.io.loadNpz(archive({ '__proto__.npy': good, 'constructor.npy': good }));
    expect(Object.keys(arrays)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(arrays)).toBe(Object.prototype);
  });

  it('2,000 mutations end in tensors or typed errors, and leave nothing', async () => {
    const random = generator(7);
    const files: [(b: Uint8Array) => Promise<unknown>, Uint8Array][] = [
      [sg.io.loadNpy, good],
      [sg.io.loadNpy, bytesOf((golden.rows.find((r) => r.name === 'Fortran') as { file: string }).file)],
      [sg.io.loadNpz, bytesOf(golden.archives.savez_compressed as string)],
      [
        async (b) => (await sg.io.openSafetensors(b)).getTensors(),
        await sg.io.encodeSafetensors({ a: sg.ones([3]), b: sg.zeros([2, 2]) }),
      ],
    ];
    const before = sg.memory().numBytes;
    for (let i = 0; i < 2_000; i++) {
      const [load, bytes] = files[i % files.length] as (typeof files)[number];
      const result = await load(mutate(bytes, random)).catch((error: unknown) => error);
      if (result instanceof Error) expect(result, result.stack).toBeInstanceOf(sg.SamegradError);
      else sg.dispose(result as sg.Tensor);
      expect(sg.memory().numBytes).toBe(before);
    }
  });
});
