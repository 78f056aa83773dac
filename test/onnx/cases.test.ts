/**
 * ONNX' own backend cases: a selection, or all of a file that the environment variable SAMEGRAD_ONNX_CASES names (made
 * by `scripts/evidence/onnx_cases.py` of PyPI's onnx).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import '../../src/onnx/index';
import { Cases, runCase } from './support/cases';

/** Cases that fail, with the reason. */
const FAILING: Readonly<Record<string, string>> = {
  test_dft_inverse: 'where the exact values are 0 it expects rounding of float32 above its own tolerance',
  test_dft_inverse_opset19: 'where the exact values are 0 it expects rounding of float32 above its own tolerance',
};

const path = process.env.SAMEGRAD_ONNX_CASES;
const packed = readFileSync(path ?? join(import.meta.dirname, '../fixtures/onnx-cases.bin.gz'));
const cases = new Cases(new Uint8Array(packed[0] === 0x1f ? gunzipSync(packed) : packed));

test('the backend cases pass, but for those that are listed', () => {
  const faults = cases.list.flatMap((one) => {
    const { fault } = runCase(cases, one);
    return fault && !one.noise && !(one.name in FAILING) ? [`${one.name}: ${fault}`] : [];
  });
  // Operators that are not there yet.
  const missing = faults.filter((fault) => /cannot run/.test(fault));
  expect(faults.filter((fault) => !missing.includes(fault))).toEqual([]);
  expect(cases.list.length - missing.length).toBeGreaterThanOrEqual(path ? 1050 : 120);
});
