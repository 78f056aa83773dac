/** Files: what is written comes back, and a write that fails leaves everything as it was. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { File } from '../../src/runtime/files';
import { ArgumentError } from '../../src/support/errors';

const directory = mkdtempSync(join(tmpdir(), 'files-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (...names: string[]): File => new File(join(directory, ...names), 'test');

it('text and bytes, appended or replaced', async () => {
  const file = at('a');
  expect(await file.exists()).toBe(false);
  await file.append('ä');
  await file.append(Uint8Array.of(1, 0, 255));
  expect(await file.exists()).toBe(true);
  expect([...(await file.read())]).toEqual([0xc3, 0xa4, 1, 0, 255]);
  await file.write('');
  expect(await file.read()).toHaveLength(0);
  await Promise.all(Array.from({ length: 20 }, (_, i) => file.write(String(i).repeat(1000))));
  expect(readFileSync(file.path, 'utf8')).toMatch(/^(\d+)\1{999}$/);
});

it('directories, also those above', async () => {
  await at('x', 'y', 'z').makeDirectory();
  await at('x', 'y', 'z').makeDirectory();
  await at('x', 'y', 'z', 'file').write('1');
  expect(await at('x', 'y', 'z', 'file').exists()).toBe(true);
  await at('u', 'v', 'file').makeParent();
  await at('u', 'v', 'file').write('1');
  await new File('file', 'test').makeParent();
});

it('a write that fails leaves what was there, and nothing beside it', async () => {
  mkdirSync(join(directory, 'taken', 'inner'), { recursive: true });
  writeFileSync(join(directory, 'taken', 'inner', 'f'), 'old');
  await expect(at('taken').write('new')).rejects.toThrow(ArgumentError);
  expect(readFileSync(join(directory, 'taken', 'inner', 'f'), 'utf8')).toBe('old');
  expect(readdirSync(directory).filter((n) => n.endsWith('.tmp'))).toEqual([]);
});

it.each(['read', 'append', 'write', 'makeDirectory', 'makeParent'] as const)(
  '%s names function and path if it fails',
  async (what) => {
    writeFileSync(join(directory, 'plain'), '');
    const run = at('plain', 'below')[what]('');
    await expect(run).rejects.toThrow(ArgumentError);
    await expect(run).rejects.toThrow(/^test: cannot .*plain.below/);
  },
);
