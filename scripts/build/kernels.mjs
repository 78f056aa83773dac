// The kernels with asc: one module for each way of memory.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeCodes } from '../codes.mjs';

const newest = (dir) =>
  readdirSync(dir, { withFileTypes: true }).reduce((time, entry) => {
    const path = join(dir, entry.name);
    return Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }, 0);

/** Compiles both modules, unless they are newer than their sources. */
export function kernels() {
  mkdirSync('build', { recursive: true });
  writeCodes();
  const sources = Math.max(newest('assembly'), statSync('asconfig.json').mtimeMs);
  for (const [target, file] of [
    ['plain', 'build/samegrad.wasm'],
    ['threads', 'build/samegrad-threads.wasm'],
  ]) {
    if (existsSync(file) && statSync(file).mtimeMs > sources) continue;
    execFileSync(
      process.execPath,
      ['node_modules/assemblyscript/bin/asc.js', 'assembly/index.ts', '--target', target],
      { stdio: 'inherit' },
    );
  }
}
