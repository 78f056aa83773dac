// The kernels with asc: one module for each way of memory, and one with those alone that predictions need.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeCodes } from '../codes.mjs';

const newest = (dir) =>
  readdirSync(dir, { withFileTypes: true }).reduce((time, entry) => {
    const path = join(dir, entry.name);
    return Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }, 0);

const { targets: TARGETS } = JSON.parse(readFileSync('asconfig.json', 'utf8'));

/** Compiles the modules, at the same time, unless they are newer than their sources. */
export async function kernels() {
  mkdirSync('build', { recursive: true });
  writeCodes();
  const sources = Math.max(newest('assembly'), statSync('asconfig.json').mtimeMs);
  const outdated = Object.entries(TARGETS).filter(
    ([, { outFile }]) => !existsSync(outFile) || statSync(outFile).mtimeMs <= sources,
  );
  await Promise.all(
    outdated.map(async ([target]) => {
      const args = ['node_modules/assemblyscript/bin/asc.js', 'assembly/index.ts', '--target', target];
      const { stderr } = await promisify(execFile)(process.execPath, args);
      process.stderr.write(stderr);
    }),
  );
}
