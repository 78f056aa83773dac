/**
 * The guide with the table of operators is what is measured, as far as the selection of backend cases tells, or all of the
 * file that the environment variable SAMEGRAD_ONNX_CASES names.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Cases } from './support/cases';
import { guideOf, type Row, readTypes, tableOf } from './support/table';

const fixture = join(import.meta.dirname, '../fixtures/onnx-cases.bin.gz');
const path = process.env.SAMEGRAD_ONNX_CASES;
const guide = readFileSync('site/guides/onnx-operators.md', 'utf8');

/** What the selection leaves open is taken from the guide. */
const completed = (row: Row, [, , types, trains, , cases]: readonly string[]): Row => {
  const [passed = 0, all = 0] = (cases as string).split(' of ').map(Number);
  expect(all, row.name).toBeGreaterThanOrEqual(row.cases);
  // Opsets, operands and cases that do not pass are fewer in the selection.
  expect(all - passed, row.name).toBeGreaterThanOrEqual(row.cases - row.passed);
  const known = readTypes(types as string);
  expect(known, row.name).toEqual(expect.arrayContaining([...row.types]));
  return {
    ...row,
    types: known,
    passed,
    cases: all,
    trains: row.trains || (trains === '' ? undefined : trains === 'yes'),
  };
};

test('the guide of the operators is current', { timeout: 60_000 }, async () => {
  const packed = readFileSync(path ?? fixture);
  const rows = await tableOf(new Cases(new Uint8Array(packed[0] === 0x1f ? gunzipSync(packed) : packed)));
  const cells = new Map(
    guide.split('\n').flatMap((line) => {
      const row = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return row.length > 1 ? [[row[0] as string, row] as const] : [];
    }),
  );
  const of = ({ domain, name }: Row) => cells.get(domain ? `${domain} ${name}` : name) ?? ['', '', '', '', '', ''];
  expect(guide).toBe(guideOf(rows.map((row) => completed(row, of(row)))));
});
