/** CSV: what is read from where, and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as sg from '../../src/index';
import { generator } from '../support/random';

type Config = sg.data.CSVConfig;
const read = (text: string, config: Config = {}): Promise<unknown[]> => sg.data.csv({ text }, config).toArray();

/** Bytes in pieces of the given length. */
const streamOf = (bytes: Uint8Array | string, size: number, onCancel?: () => void): ReadableStream<Uint8Array> => {
  const all = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= all.length) controller.close();
        else controller.enqueue(all.slice(at, at + size));
        at += size;
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
};

describe('text', () => {
  const rows: Record<string, readonly [text: string, config: Config, expected: readonly unknown[]]> = {
    'numbers and texts': [
      'a,b\n1,x\n-2.5e3, y \n',
      {},
      [
        { a: 1, b: 'x' },
        { a: -2500, b: ' y ' },
      ],
    ],
    'no line end at the end': ['a\n1\n2', {}, [{ a: 1 }, { a: 2 }]],
    'CRLF, also after quotes, and a byte order mark': [
      '\ufeffa,b\r\n1,"x"\r\n"2",y\r\n',
      {},
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
    ],
    'quotes, doubled quotes, delimiters and line ends in quotes': [
      '"a ""1""","b,c"\n"x\ny\r\nz","""q"""\n,""\n"",\n',
      { columnConfigs: { 'a "1"': { dtype: 'string' }, 'b,c': { default: 'none' } } },
      [
        { 'a "1"': 'x\ny\r\nz', 'b,c': '"q"' },
        { 'a "1"': '', 'b,c': 'none' },
        { 'a "1"': '', 'b,c': 'none' },
      ],
    ],
    'a quote inside a field is a character': ['a,b\n5" pipe,it"s\n', {}, [{ a: '5" pipe', b: 'it"s' }]],
    'empty lines are no rows': [
      '\n\na,b\n\n1,2\n\r\n3,4\n\n',
      {},
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    ],
    'but missing values in a single column': ['a\n1\n\n3\n', {}, [{ a: 1 }, { a: Number.NaN }, { a: 3 }]],
    'a header alone': ['a,b\n', {}, []],
    'a header alone, unfinished': ['a,b', {}, []],
    'no header': [
      '1,2\n3,4',
      { hasHeader: false, columnNames: ['x', 'y'] },
      [
        { x: 1, y: 2 },
        { x: 3, y: 4 },
      ],
    ],
    'no header and no rows': ['', { hasHeader: false, columnNames: ['x'] }, []],
    'other names': ['a,b\n1,2', { columnNames: ['x', 'y'] }, [{ x: 1, y: 2 }]],
    'another delimiter': ['a;b\n1;"2;"\n', { delimiter: ';' }, [{ a: 1, b: '2;' }]],
    tabs: ['a\tb\n1\t \n', { delimiter: '\t' }, [{ a: 1, b: Number.NaN }]],
    'a long delimiter': ['a||b\n1||2|\n', { delimiter: '||' }, [{ a: 1, b: '2|' }]],
    whitespace: [
      '  a  b\t c \n1 2   "x  ""y"""\n\t3\t4 \t "\t"  \r\n5 6 7" ',
      { delimWhitespace: true },
      [
        { a: 1, b: 2, c: 'x  "y"' },
        { a: 3, b: 4, c: '\t' },
        { a: 5, b: 6, c: '7"' },
      ],
    ],
    labels: ['a,b,y\n1,2,3\n', { columnConfigs: { y: { isLabel: true } } }, [{ xs: { a: 1, b: 2 }, ys: { y: 3 } }]],
    'some columns, in the order of the file': [
      'a,b,c,d\n1,2,3,x\n',
      { columnConfigs: { c: {}, a: { isLabel: true } }, configuredColumnsOnly: true },
      [{ xs: { c: 3 }, ys: { a: 1 } }],
    ],
    dtypes: [
      'f,i,b,s\n1.75,1.75,TRUE,01\n-1.75,-1.75,0,1\n nan,inf, false ,nan\n',
      {
        columnConfigs: { f: { dtype: 'float32' }, i: { dtype: 'int32' }, b: { dtype: 'bool' }, s: { dtype: 'string' } },
      },
      [
        { f: 1.75, i: 1, b: 1, s: '01' },
        { f: -1.75, i: -2, b: 0, s: '1' },
        { f: Number.NaN, i: Number.POSITIVE_INFINITY, b: 0, s: 'nan' },
      ],
    ],
    'missing values: default, NaN, text': [
      'd,n,s,o,t,b\n1,1,x,?,,true\n,, ,,,\n0,NaN,NaN,-inf,2,false\n',
      {
        columnConfigs: {
          d: { default: -1, required: true },
          t: { dtype: 'string' },
          b: { dtype: 'bool', default: false },
        },
      },
      [
        { d: 1, n: 1, s: 'x', o: '?', t: '', b: 1 },
        { d: -1, n: Number.NaN, s: ' ', o: '', t: '', b: false },
        { d: 0, n: Number.NaN, s: 'NaN', o: '-inf', t: '2', b: 0 },
      ],
    ],
    'a mixed column': ['a\nx\n1\n', {}, [{ a: 'x' }, { a: 1 }]],
    'names of the prototype': [
      'constructor,__proto__,toString\nconstructor,2,3\n',
      {},
      [
        Object.fromEntries([
          ['constructor', 'constructor'],
          ['__proto__', 2],
          ['toString', 3],
        ]),
      ],
    ],
    'letters of all kinds': ['ключ,名\n🦊,é\n', {}, [{ ключ: '🦊', 名: 'é' }]],
  };

  test.each(Object.entries(rows))('%s', async (_, [text, config, expected]) => {
    const whole = await read(text, config);
    expect(whole).toStrictEqual(expected);
    // In pieces of all lengths, which split letters, quotes and line ends.
    for (let size = 1; size < 9; size++) {
      const pieces = await sg.data.csv(streamOf(text, size), config).toArray();
      expect(pieces, `pieces of ${size} bytes`).toStrictEqual(expected);
    }
  });

  test('what is written is read, whatever the pieces', async () => {
    const random = generator(7);
    const pick = (n: number) => Math.floor(random() * n);
    const letters = ['a', ',', '"', '\n', '\r\n', ' ', 'é', '🦊', ';', '\ufeff', '\t', '"",'];
    for (let round = 0; round < 60; round++) {
      const columns = 1 + pick(4);
      const names = [...Array(columns).keys()].map((i) => `c${i}`);
      const table = Array.from({ length: pick(12) }, () =>
        names.map(() => `#${Array.from({ length: pick(6) }, () => letters[pick(letters.length)]).join('')}`),
      );
      const end = pick(2) ? '\n' : '\r\n';
      const field = (s: string) => (/[",\r\n]/.test(s) || pick(2) ? `"${s.replaceAll('"', '""')}"` : s);
      const text = [names, ...table].map((row) => row.map(field).join(',')).join(end) + (pick(2) ? end : '');
      const expected = table.map((row) => Object.fromEntries(row.map((v, i) => [`c${i}`, v])));
      expect(await sg.data.csv(streamOf(text, 1 + pick(30))).toArray()).toStrictEqual(expected);
    }
  });

  test('a field of megabytes in small pieces takes no quadratic time', async () => {
    const long = 'x\n'.repeat(2_000_000);
    const [row] = await sg.data.csv(streamOf(`a,b\n1,"${long}"\n`, 4096)).toArray();
    expect(row?.a).toBe(1);
    expect(row?.b === long).toBe(true);
  });

  test('columnNames', async () => {
    const data = sg.data.csv({ text: 'a,b,c\n1,2,3' }, { columnConfigs: { b: {} }, configuredColumnsOnly: true });
    expect(await data.columnNames()).toEqual(['b']);
    expect(await sg.data.csv({ text: 'a,b\n' }).columnNames()).toEqual(['a', 'b']);
    expect(await sg.data.csv({ text: 'a,b\n' }, { columnNames: ['x', 'y'] }).columnNames()).toEqual(['x', 'y']);
    // Of a source for one pass they take nothing away.
    const once = sg.data.csv(streamOf('a,b\n1,2\n', 3));
    expect(await once.columnNames()).toEqual(['a', 'b']);
    expect(await once.columnNames()).toEqual(['a', 'b']);
    expect(await once.toArray()).toEqual([{ a: 1, b: 2 }]);
  });
});

test('into batches for training', async () => {
  const { csv } = sg.data;
  const text = `a,b,name,y\n${[...Array(5).keys()].map((i) => `${i},${i === 3 ? '' : -i},n${i},${i % 2}`).join('\n')}\n`;
  const batches = csv({ text }, { columnConfigs: { y: { isLabel: true }, b: { default: 9 } } })
    .map(({ xs, ys }) => ({ xs: [xs.a, xs.b] as number[], ys: Object.values(ys) as number[] }))
    .batch(4);
  const all = await batches.toArray();
  expect(all.map(({ xs, ys }) => [xs.shape, ys.shape])).toEqual([
    [
      [4, 2],
      [4, 1],
    ],
    [
      [1, 2],
      [1, 1],
    ],
  ]);
  expect([...(all[0]?.xs.dataSync() ?? [])]).toEqual([0, 0, 1, -1, 2, -2, 3, 9]);
  const columns = await csv({ text }).batch(2).take(1).toArray();
  const { a, name } = columns[0] as { a: sg.Tensor; name: string[] };
  expect([...a.dataSync()]).toEqual([0, 1]);
  expect(name).toEqual(['n0', 'n1']);
});

describe('sources', () => {
  const text = 'a,b\n1,"x\ny"\n2,é\n';
  const expected = [
    { a: 1, b: 'x\ny' },
    { a: 2, b: 'é' },
  ];
  let dir: string;
  let file: string;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'samegrad csv é-'));
    file = join(dir, 'da ta#1.csv');
    writeFileSync(file, text);
    server = createServer((request, answer) => {
      if (request.url !== '/data.csv') answer.statusCode = 404;
      answer.end(text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.csv`;
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
    server.close();
  });

  const sources: Record<string, () => sg.data.CSVSource> = {
    path: () => file,
    'relative path': () => relative(process.cwd(), file),
    'file URL': () => pathToFileURL(file),
    'file URL as text': () => pathToFileURL(file).href,
    'file:// before a path, as TensorFlow.js has it': () => `file://${relative(process.cwd(), file)}`,
    'http URL': () => new URL(url),
    'http URL as text': () => url,
    request: () => new Request(url, { headers: { 'x-any': '1' } }),
    'data URL': () => `data:text/csv,${encodeURIComponent(text)}`,
    Blob: () => new Blob([text]),
    File: () => new File([text.slice(0, 5), text.slice(5)], 'x.csv'),
    text: () => ({ text }),
  };
  test.each(Object.entries(sources))('%s, again and again', async (_, source) => {
    const data = sg.data.csv(source());
    expect(await data.columnNames()).toEqual(['a', 'b']);
    expect(await data.repeat(2).toArray()).toEqual([...expected, ...expected]);
    expect(await data.take(1).toArray()).toEqual(expected.slice(0, 1));
  });

  test('streams of bytes and of texts, once', async () => {
    const bytes = sg.data.csv(streamOf(text, 2));
    expect(await bytes.toArray()).toEqual(expected);
    await expect(bytes.toArray()).rejects.toThrow(sg.StateError);
    await expect(bytes.toArray()).rejects.toThrow(/read already/);
    const latin = new Uint8Array([...'a\né'].map((c) => c.charCodeAt(0)));
    const decoded = streamOf(latin, 1).pipeThrough(
      new TextDecoderStream('latin1') as TransformStream<Uint8Array, string>,
    );
    expect(await sg.data.csv(decoded).toArray()).toEqual([{ a: 'é' }]);
  });

  test('leaving early cancels the stream; no more is read than needed', async () => {
    let cancelled = 0;
    const stream = streamOf(`a\n${'1\n'.repeat(1e5)}`, 100, () => cancelled++);
    for await (const { a } of sg.data.csv(stream)) {
      expect(a).toBe(1);
      break;
    }
    expect(cancelled).toBe(1);
  });

  test('an error in the configuration closes it as well', async () => {
    let cancelled = 0;
    const stream = streamOf('a\n1\n', 1, () => cancelled++);
    const config = { columnConfigs: { a: { dtype: 'text' as never } } };
    await expect(sg.data.csv(stream, config).toArray()).rejects.toThrow(sg.ArgumentError);
    expect(cancelled).toBe(1);
  });

  test('a stream longer than memory would hold', async () => {
    const piece = new TextEncoder().encode('1,2.5,text\n'.repeat(5000));
    let left = 400;
    let ahead = 0;
    let most = 0;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (left-- > 0) controller.enqueue(piece);
          else controller.close();
          most = Math.max(most, ++ahead);
        },
      },
      { highWaterMark: 0 },
    );
    let count = 0;
    for await (const { b } of sg.data.csv(stream, { hasHeader: false, columnNames: ['a', 'b', 'c'] })) {
      if (b !== 2.5) throw new Error(`row ${count}: ${b}`);
      if (++count % 5000 === 0) ahead--;
    }
    expect(count).toBe(2_000_000);
    expect(most).toBeLessThan(3);
  });

  const unreadable: Record<string, readonly [() => sg.data.CSVSource, RegExp]> = {
    'no such file': [() => join(dir, 'none.csv'), /cannot read '.*none\.csv'.*ENOENT/],
    directory: [() => dir, /cannot read/],
    'no such page': [() => `${url}/none`, /404/],
    'no such server': [() => 'http://127.0.0.1:1/x.csv', /cannot read 'http:\/\/127\.0\.0\.1:1/],
    'not UTF-8': [() => new Blob([new Uint8Array([97, 10, 0xff, 10])]), /not UTF-8/],
    'cut letter': [() => new Blob([new Uint8Array([97, 10, 0xc3])]), /not UTF-8/],
    'broken stream': [
      () =>
        new ReadableStream({
          pull() {
            throw new Error('gone');
          },
        }),
      /gone/,
    ],
  };
  test.each(Object.entries(unreadable))('%s', async (_, [source, message]) => {
    for (const config of [{}, { hasHeader: false, columnNames: ['a'] }] as Config[]) {
      const error = await sg.data
        .csv(source(), config)
        .toArray()
        .catch((e: unknown) => e);
      expect(error).toBeInstanceOf(sg.SamegradError);
      expect((error as Error).message).toMatch(message);
      expect((error as Error).cause).toBeInstanceOf(Error);
    }
  });
});

describe('errors', () => {
  const label = { columnConfigs: { b: { isLabel: true } } };
  const bad: Record<string, readonly [text: string, config: Config, message: RegExp, element: number]> = {
    'an empty label': ['a,b\n1,2\n3,\n', label, /row 3, column 'b': the field is empty, but the column is required/, 1],
    'an empty required field': ['a,b\n\n,2\n', { columnConfigs: { a: { required: true } } }, /row 3, column 'a'/, 0],
    'a text for a number': [
      'a\n1\nx\n',
      { columnConfigs: { a: { dtype: 'float32' } } },
      /row 3, column 'a': 'x' is no float32/,
      1,
    ],
    'a word of the prototype': ['a\nconstructor\n', { columnConfigs: { a: { dtype: 'int32' } } }, /no int32/, 0],
    'neither true nor false': ['a\n2\n', { columnConfigs: { a: { dtype: 'bool' } } }, /'2' is no bool/, 0],
    'too few fields': ['a,b\n1,2\n\n3\n', {}, /row 4: 1 fields, but 2 columns/, 1],
    'too many fields': ['1,2,3', { hasHeader: false, columnNames: ['a', 'b'] }, /row 1: 3 fields/, 0],
    'a quote that does not end': ['a,b\n1,2\n3,"4\n5,6\n', {}, /row 3: .*unterminated/, 1],
    'text after a quote, and another quote': ['a,b\n1,2\n3,4\n"5"x,"6"\n7,8\n', {}, /row 4: .*malformed/, 2],
    'text after a quote': ['a,b\n1,2\n"3"x,4\n5,6\n', {}, /row 3: .*malformed/, 1],
  };
  test.each(Object.entries(bad))('%s', async (_, [text, config, message, element]) => {
    for (const source of [{ text }, streamOf(text, 3)]) {
      const error = (await sg.data
        .csv(source, config)
        .toArray()
        .catch((e: unknown) => e)) as sg.DatasetError;
      expect(error).toBeInstanceOf(sg.DatasetError);
      expect(error.message).toMatch(message);
      expect(error.element).toBe(element);
    }
  });

  test('wrong arguments', async () => {
    const source = { text: 'a,b\n1,2\n' };
    const calls: (() => unknown)[] = [
      () => sg.data.csv(3 as never),
      () => sg.data.csv(null as never),
      () => sg.data.csv({} as never),
      () => sg.data.csv(source, { delimiter: '' }),
      () => sg.data.csv(source, { delimiter: '"' }),
      () => sg.data.csv(source, { delimiter: '\n' }),
      () => sg.data.csv(source, { delimiter: ' ', delimWhitespace: true }),
      () => sg.data.csv(source, { hasHeader: false }),
      () => sg.data.csv(source, { configuredColumnsOnly: true }),
      () => sg.data.csv(source, { columnNames: ['a', 'a'] }),
      () => sg.data.csv(source, { columnNames: ['a', 'b'], columnConfigs: { c: {} } }),
    ];
    for (const call of calls) expect(call, String(call)).toThrow(sg.ArgumentError);
    const later: (readonly [string, Config, RegExp])[] = [
      ['', {}, /empty/],
      ['\n\n', {}, /empty/],
      ['a,b,a\n', {}, /same name: a/],
      ['a,b\n', { columnConfigs: { c: {} } }, /has c, but the columns are a, b/],
      ['a,b\n', { columnNames: ['x'] }, /1 columnNames, but 2 columns/],
      ['a,b\n', { columnConfigs: { a: { dtype: 'float64' as never } } }, /float64/],
    ];
    for (const [text, config, message] of later) {
      const data = sg.data.csv({ text }, config);
      await expect(data.toArray()).rejects.toThrow(sg.ArgumentError);
      await expect(data.toArray()).rejects.toThrow(message);
    }
  });

  test('without papaparse the error says what to install', async () => {
    vi.doMock('papaparse', () => {
      throw new Error('not found');
    });
    try {
      for (const config of [{}, { hasHeader: false, columnNames: ['a'] }] as Config[]) {
        const rows = read('a\n1', config);
        await expect(rows).rejects.toThrow(sg.RuntimeSupportError);
        await expect(rows).rejects.toThrow(/npm install papaparse/);
      }
    } finally {
      vi.doUnmock('papaparse');
    }
  });
});
