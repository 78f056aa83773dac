/** The built package inside a user's bundle: papaparse comes along, and where it is missing the error says so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { run } from '../support/child';

const program = `
  import * as sg from './dist/index.js';
  sg.data.csv({ text: 'a,b\\n1,"x\\ny"\\n' }).toArray().then(
    (rows) => console.log(JSON.stringify(rows)),
    (error) => console.log(error instanceof sg.RuntimeSupportError, error.message),
  );
`;

test.each([
  ['with papaparse', [], /^\[{"a":1,"b":"x\\ny"}\]$/],
  ['without', ['papaparse'], /^true data\.csv: .*npm install papaparse/],
] as const)('a bundle for browsers %s', async (_, external, printed) => {
  // Outside of the project, where there is no node_modules above.
  const dir = mkdtempSync(join(tmpdir(), 'samegrad-'));
  try {
    const outfile = join(dir, 'bundle.mjs');
    await build({
      stdin: { contents: program, resolveDir: process.cwd() },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'browser',
      external: ['cli-progress', 'node:*', ...external],
      logLevel: 'error',
    });
    expect((await run(process.execPath, [outfile], { timeout: 60_000, cwd: dir })).trim()).toMatch(printed);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
