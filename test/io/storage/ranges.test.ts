/** Safetensors files of which only what is asked for is read: from paths, Blobs, bytes, and servers of all manners. */
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';
import { inOwnFolder } from '../../support/folder';

type Manner = (range: RegExpExecArray | null, response: ServerResponse, request: IncomingMessage) => void;

let file: Uint8Array;
let server: Server;
let base: string;
/** Ranges that the server was asked for, and bytes that it sent. */
let asked: string[];
let sent: number;

const send = (response: ServerResponse, status: number, headers: Record<string, string>, body: Uint8Array): void => {
  sent += body.length;
  response.writeHead(status, { etag: '"1"', ...headers, 'content-length': String(body.length) }).end(body);
};

const partial: Manner = (range, response) => {
  const from = Number(range?.[1]);
  const part = file.subarray(from, Math.min(Number(range?.[2]) + 1, file.length));
  if (part.length === 0) return send(response, 416, { 'content-range': `bytes */${file.length}` }, part);
  const last = from + part.length - 1;
  send(response, 206, { 'content-range': `bytes ${from}-${last}/${file.length}` }, part);
};

const MANNERS: Record<string, Manner> = {
  partial,
  whole: (_, response) => send(response, 200, {}, file),
  // As a page sees the answers of another server that does not allow more.
  silent: (range, response, { method }) => {
    if (method === 'HEAD') {
      response.writeHead(200, { etag: '"1"', 'content-length': file.length }).end();
      return;
    }
    const part = file.subarray(Number(range?.[1]), Math.min(Number(range?.[2]) + 1, file.length));
    send(response, 206, {}, part);
  },
  wrong: (range, response) =>
    send(response, 206, { 'content-range': `bytes 1-4/${file.length}` }, file.subarray(0, Number(range?.[2]))),
  short: (range, response) =>
    send(response, 206, { 'content-range': `bytes ${range?.[1]}-${range?.[2]}/${file.length}` }, file.subarray(0, 10)),
  // Another tag with each answer.
  changing: (range, response) => {
    const [from, to] = [Number(range?.[1]), Math.min(Number(range?.[2]) + 1, file.length)];
    const headers = { etag: `"${asked.length}"`, 'content-range': `bytes ${from}-${to - 1}/${file.length}` };
    send(response, 206, headers, file.subarray(from, to));
  },
  missing: (_, response) => send(response, 404, {}, new Uint8Array(0)),
  empty: (_, response) => send(response, 416, { 'content-range': 'bytes */0' }, new Uint8Array(0)),
};

inOwnFolder();

const values = (n: number, first: number): sg.Tensor => sg.range(first, first + n, 1);

beforeAll(async () => {
  file = await sg.io.encodeSafetensors(
    {
      first: values(40_000, 0).reshape([200, 200]),
      a: values(10, 1),
      b: values(10, 2),
      half: values(8, 3),
      ids: sg.tensor1d([1, -2, 3], 'int32'),
      last: values(30_000, 4),
    },
    { dtype: { half: 'float16', ids: 'int64' }, metadata: { epoch: '3' } },
  );
  writeFileSync('weights.safetensors', file);
  server = createServer((request, response) => {
    const { range = '' } = request.headers;
    asked.push(range);
    (MANNERS[request.url?.slice(1) ?? ''] as Manner)(/^bytes=(\d+)-(\d+)$/.exec(range), response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  asked = [];
  sent = 0;
});

async function expectAll(opened: sg.io.SafetensorsFile): Promise<void> {
  expect(opened.names).toEqual(['first', 'a', 'b', 'half', 'ids', 'last']);
  expect(opened.metadata).toEqual({ epoch: '3' });
  expect(opened.getInfo('half')).toEqual({ shape: [8], dtype: 'float16', byteLength: 16 });
  expect(opened.getInfo('ids')).toEqual({ shape: [3], dtype: 'int64', byteLength: 24 });
  const { ids, half, first } = await opened.getTensors(['ids', 'half', 'first']);
  expect(ids?.dtype).toBe('int32');
  expect([...(ids?.dataSync() ?? [])]).toEqual([1, -2, 3]);
  expect([...(half?.dataSync() ?? [])]).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect(first?.shape).toEqual([200, 200]);
  expect(first?.sum().dataSync()).toEqual(values(40_000, 0).sum().dataSync());
  const last = await opened.getTensor('last');
  expect(last.dataSync()[29_999]).toBe(30_003);
  const all = await opened.getTensors();
  expect(Object.keys(all)).toEqual(opened.names);
  expect([...(all.b?.dataSync() ?? [])]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  sg.dispose(all);
}

describe('opens', () => {
  it.each([
    ['a path', () => 'weights.safetensors'],
    ['an URL of a file', () => `file://${process.cwd()}/weights.safetensors`],
    ['bytes', () => file],
    ['a buffer', () => file.slice().buffer],
    ['a Blob', () => new Blob([file as Uint8Array<ArrayBuffer>])],
    ['a File', () => new File([file as Uint8Array<ArrayBuffer>], 'weights.safetensors')],
    ['a server that knows ranges', () => `${base}/partial`],
    ['a server that does not', () => `${base}/whole`],
    ['a server that says nothing of its ranges', () => `${base}/silent`],
  ] as [string, () => sg.io.FileSource][])('%s', async (_, source) => expectAll(await sg.io.openSafetensors(source())));
});

describe('ranges', () => {
  it('ask for what is needed, neighbors at once', async () => {
    const opened = await sg.io.openSafetensors(`${base}/partial`);
    expect(asked).toEqual(['bytes=0-65535']);
    const { a, b } = await opened.getTensors(['b', 'a']);
    expect(asked.length).toBe(2);
    expect([...(b?.dataSync() ?? [])].slice(0, 2)).toEqual([2, 3]);
    expect(a?.shape).toEqual([10]);
    // The beginning, and the two of 40 bytes.
    expect(sent).toBe(65_536 + 80);
  });

  it('ask a server that does not know them once', async () => {
    await expectAll(await sg.io.openSafetensors(`${base}/whole`));
    expect(asked).toEqual(['bytes=0-65535']);
  });

  it('keep the headers of the caller', async () => {
    const seen: string[] = [];
    const fetchFunc = (url: string, init?: RequestInit): Promise<Response> => {
      seen.push(new Headers(init?.headers).get('authorization') ?? '');
      return fetch(url, init);
    };
    const requestInit = { headers: { authorization: 'Bearer x' } };
    const opened = await sg.io.openSafetensors(`${base}/partial`, { requestInit, fetchFunc });
    (await opened.getTensor('last')).dispose();
    expect(seen).toEqual(['Bearer x', 'Bearer x']);
  });
});

describe('errors', () => {
  it.each([
    ['wrong', /asked for the bytes 0 to/],
    ['short', /asked for the bytes 0 to/],
    ['empty', /0 bytes are no file/],
  ])('%s', async (manner, message) => {
    const error = await sg.io.openSafetensors(`${base}/${manner}`).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(sg.FormatError);
    expect((error as Error).message).toMatch(message);
  });

  it('a file that changes on its server', async () => {
    const opened = await sg.io.openSafetensors(`${base}/changing`);
    const before = sg.memory().numTensors;
    await expect(opened.getTensors(['first', 'last'])).rejects.toThrow(/was changed on its server/);
    expect(sg.memory().numTensors).toBe(before);
  });

  it('a file that becomes shorter', async () => {
    writeFileSync('shorter.safetensors', file);
    const opened = await sg.io.openSafetensors('shorter.safetensors');
    writeFileSync('shorter.safetensors', file.subarray(0, 100_000));
    await expect(opened.getTensor('last')).rejects.toBeInstanceOf(sg.FormatError);
  });

  it('nothing there, no file, names that it lacks', async () => {
    await expect(sg.io.openSafetensors(`${base}/missing`)).rejects.toThrow(/404/);
    await expect(sg.io.openSafetensors('nowhere.safetensors')).rejects.toBeInstanceOf(sg.ArgumentError);
    await expect(sg.io.openSafetensors('indexeddb://a')).rejects.toBeInstanceOf(sg.ArgumentError);
    await expect(sg.io.openSafetensors(3 as never)).rejects.toThrow(/^openSafetensors: needs a path/);
    const opened = await sg.io.openSafetensors(file);
    expect(() => opened.getInfo('none')).toThrow(/getInfo: the file has no tensor 'none'/);
    await expect(opened.getTensor('__proto__')).rejects.toBeInstanceOf(sg.ArgumentError);
    await expect(opened.getTensors('a' as never)).rejects.toBeInstanceOf(sg.ArgumentError);
  });

  it('integers that int32 does not hold', async () => {
    const data = BigInt64Array.of(1n << 40n);
    const { encodeSafetensors } = await import('../../../src/io/safetensors/format');
    const opened = await sg.io.openSafetensors(
      encodeSafetensors({ arrays: { n: { shape: [1], data } }, metadata: {} }),
    );
    await expect(opened.getTensor('n')).rejects.toBeInstanceOf(sg.DTypeError);
  });
});
