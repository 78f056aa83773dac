/** The sizes of blocks, bands and panels in cache change no bit: other kernels, compiled with other constants. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import * as isa from '../../assembly/isa';
import { type Kernels, run, runScript } from '../support/child';
import { effort } from '../support/effort';
import { hash } from '../support/hash';
import { runEagerly } from '../support/run';
import { cases } from '../tables/kernels';

const SETTINGS = {
  small: {
    BLOCK_K: 32,
    BLOCK_N: 32,
    BLOCK_M: 8,
    CONV_BLOCK_K: 64,
    CONV_BAND: 40,
    WINOGRAD_BLOCK: 5,
    WINOGRAD_GRAIN: 3,
    WINOGRAD_STRIP: 7,
    WINOGRAD_INPUTS: 16,
    WINOGRAD_OUTPUTS: 16,
    MAP_BLOCK: 64,
    TRANSPOSE_ROWS: 16,
    REDUCE_COLUMNS: 32,
    TRANSPOSE_LARGE: 512,
  },
  large: {
    BLOCK_K: 2048,
    BLOCK_N: 512,
    BLOCK_M: 512,
    CONV_BLOCK_K: 8192,
    CONV_BAND: 4096,
    WINOGRAD_BLOCK: 200,
    WINOGRAD_GRAIN: 100,
    WINOGRAD_STRIP: 512,
    WINOGRAD_INPUTS: 512,
    WINOGRAD_OUTPUTS: 512,
    MAP_BLOCK: 8192,
    TRANSPOSE_ROWS: 4096,
    REDUCE_COLUMNS: 1024,
  },
} as const;

const hashes = cases.map((c) => hash(runEagerly(c)));
const directory = mkdtempSync(join(tmpdir(), 'samegrad-blocks-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Compiles a copy of the kernels with other constants. */
async function compile(name: keyof typeof SETTINGS): Promise<Kernels> {
  const copy = join(directory, name);
  cpSync('assembly', join(copy, 'assembly'), { recursive: true });
  cpSync('asconfig.json', join(copy, 'asconfig.json'));
  const path = join(copy, 'assembly/isa.ts');
  let text = readFileSync(path, 'utf8');
  for (const [constant, value] of Object.entries(SETTINGS[name])) {
    const changed = text.replace(new RegExp(`(export const ${constant} = )\\d+;`), `$1${value};`);
    if (changed === text) throw new Error(`isa.ts has no other ${constant} than ${value}`);
    text = changed;
  }
  writeFileSync(path, text);
  const asc = resolve('node_modules/assemblyscript/bin/asc.js');
  await run(process.execPath, [asc, 'assembly/index.ts', '--target', 'plain', '--optimizeLevel', '1'], {
    timeout: 60_000,
    cwd: copy,
  });
  const plain = join(copy, 'build/samegrad.wasm');
  return { plain, threaded: plain, isa: path };
}

const names = Object.keys(SETTINGS) as (keyof typeof SETTINGS)[];
it.concurrent.each(names.slice(0, effort(2, 1)))('%s blocks give the same bits', async (name) => {
  for (const [constant, value] of Object.entries(SETTINGS[name]))
    expect(isa[constant as keyof typeof isa]).not.toBe(value);
  const kernels = await compile(name);
  const others = JSON.parse(await runScript('kernels/scripts/table', ['1'], 40_000, { kernels })) as string[];
  const differing = cases.filter((_, i) => others[i] !== hashes[i]);
  expect(differing.map((c) => `${c.op} ${c.name}`)).toEqual([]);
});
