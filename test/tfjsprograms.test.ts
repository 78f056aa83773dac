/**
 * Programs in the manner of TensorFlow.js' examples run on the built package when the line that imports it is changed, and
 * print what they print there: the same words, and numbers that are the same to 1e-4. What TensorFlow.js printed is kept;
 * `scripts/evidence/tfjs-programs.mjs` runs both, and times them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './support/child';
import { compared, goldens, programs, rewritten, runProgram, samegrad } from './support/tfjsprograms.mjs';

const printed: Record<string, string[]> = JSON.parse(readFileSync(goldens, 'utf8'));

test('every program has its golden', () => {
  expect(Object.keys(printed).sort()).toEqual([...programs].sort());
  expect(programs.length).toBeGreaterThanOrEqual(20);
});

test.each([...programs])('%s', async (file) => {
  const { output } = await runProgram(file, samegrad);
  const { count, largest, others } = compared(printed[file] as string[], output);
  expect(others).toEqual([]);
  expect(count).toBeGreaterThan(25);
  expect(largest).toBeLessThan(1e-4);
});

test('those in TypeScript compile', async () => {
  mkdirSync(samegrad.folder, { recursive: true });
  const files = programs
    .filter((file) => file.endsWith('.mts'))
    .map((file) => {
      const path = join(samegrad.folder, `types-${file}`);
      writeFileSync(path, rewritten(file, samegrad));
      return path;
    });
  const options = ['--noEmit', '--strict', '--ignoreConfig', '--module', 'esnext', '--moduleResolution', 'bundler'];
  options.push('--target', 'es2022', '--lib', 'es2022,esnext.disposable,dom', '--types', 'node');
  const errors = await run(process.execPath, ['node_modules/typescript/bin/tsc', ...options, ...files], {
    timeout: 60_000,
  }).catch((error: { stdout?: string }) => error.stdout ?? String(error));
  expect(errors).toBe('');
});
