/** Every op against its reference, bit for bit. */
import { describe, expect, it } from 'vitest';
import { descriptors } from '../support/ops';
import { checkReference, complaints } from '../support/run';
import { casesByOp } from '../tables/kernels';

describe('eager results equal the reference', () => {
  it.each([...casesByOp])('%s', (_, rows) => {
    expect(complaints(rows, checkReference)).toEqual([]);
  });
});

it('the table has rows for every op', () => {
  expect(Object.keys(descriptors).filter((op) => !casesByOp.has(op))).toEqual([]);
});
