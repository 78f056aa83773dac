/** Every op against its reference, bit for bit. */
import { describe, expect, it } from 'vitest';
import { descriptors } from '../../src/ops/table';
import { bitsOf, difference } from '../support/bits';
import { complaints, runEagerly } from '../support/run';
import { casesByOp } from './cases';

describe('eager results equal the reference', () => {
  it.each([...casesByOp])('%s', (_, rows) => {
    expect(complaints(rows, (c) => difference(runEagerly(c), bitsOf(c.expected())))).toEqual([]);
  });
});

it('the table has rows for every op', () => {
  expect(Object.keys(descriptors).filter((op) => !casesByOp.has(op))).toEqual([]);
});
