/** The notebook, executed by Deno's kernel where Jupyter is, as in CI: its outputs are those that stand in it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const MISSING = 3;
interface Cell {
  readonly cell_type: string;
  readonly outputs?: readonly { readonly data?: Readonly<Record<string, { $schema: string }>> }[];
}

it('stands with its outputs: four pictures, for those who only read it', () => {
  const { cells } = JSON.parse(readFileSync('examples/notebook.ipynb', 'utf8')) as { cells: Cell[] };
  const code = cells.filter((cell) => cell.cell_type === 'code');
  expect(code.every(({ outputs }) => outputs?.length)).toBe(true);
  const pictures = code.flatMap(({ outputs = [] }) => outputs.flatMap(({ data }) => (data ? Object.values(data) : [])));
  expect(pictures).toHaveLength(4);
  for (const picture of pictures) expect(picture.$schema).toMatch(/vega-lite\/v5/);
});

it('prints the same numbers and pictures again', { timeout: 300_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/notebook/run.mjs'], { encoding: 'utf8' });
  expect(process.env.CI ? [0] : [0, MISSING], `${stdout}\n${stderr}`).toContain(status);
});
