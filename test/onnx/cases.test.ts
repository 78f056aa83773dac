/**
 * ONNX' own backend cases: a selection, or all of a file that the environment variable SAMEGRAD_ONNX_CASES names (made
 * by `scripts/evidence/onnx/cases.py` of PyPI's onnx).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { prepare } from '../../src/onnx/index';
import { Cases, runCase } from './support/cases';
import { FAILING } from './support/failing';

const path = process.env.SAMEGRAD_ONNX_CASES;
const packed = readFileSync(path ?? join(import.meta.dirname, '../fixtures/onnx-cases.bin.gz'));
const cases = new Cases(new Uint8Array(packed[0] === 0x1f ? gunzipSync(packed) : packed));

await prepare();

test('the backend cases pass, but for those that are listed', () => {
  const failing = cases.list.flatMap((one) => {
    const { fault } = runCase(cases, one);
    return fault ? [[one.name, fault]] : [];
  });
  expect(failing.filter(([name]) => !((name as string) in FAILING))).toEqual([]);
  // One that passes now is taken off the list.
  const listed = cases.list.filter(({ name }) => name in FAILING).map(({ name }) => name);
  expect(failing.map(([name]) => name).sort()).toEqual(listed.sort());
});
