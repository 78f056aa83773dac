/** Kernels write nothing outside of their result and their scratch, and nothing outside of their operands counts. */
import { describe, expect, it } from 'vitest';
import { difference } from '../support/bits';
import { complaints, runEagerly, runGuarded } from '../support/run';
import { casesByOp } from '../tables/kernels';

describe('between guards the bits stay, and so do the guards', () => {
  it.each([...casesByOp])('%s', (_, rows) => {
    const check = complaints(rows, (c) => {
      const guarded = runGuarded(c);
      if (!guarded) return undefined;
      return guarded.damaged.length
        ? `wrote outside of: ${guarded.damaged}`
        : difference(guarded.result, runEagerly(c));
    });
    expect(check).toEqual([]);
  });
});
