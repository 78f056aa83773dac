/** Public functions: values against references, compiled against eager, gradients against central differences. */
import { describe, expect, it } from 'vitest';
import type { FunctionCase } from '../tables/functions/case';
import { checkCompiled, checkGradient, checkLeaks, checkValues, hasGradient } from '../tables/functions/checks';
import { functionTable } from '../tables/functions/table';

const all = (rows: readonly FunctionCase[], check: (c: FunctionCase) => string | undefined): string[] =>
  rows.flatMap((c) => {
    const complaint = check(c);
    return complaint === undefined ? [] : [`${c.name}: ${complaint}`];
  });

describe.each(Object.entries(functionTable))('%s', (_, rows) => {
  it('gives what the reference gives', () => expect(all(rows, checkValues)).toEqual([]));
  it('compiled: the same bits', () => expect(all(rows, checkCompiled)).toEqual([]));
  it('leaves nothing behind', () => expect(all(rows, checkLeaks)).toEqual([]));
  it('gradients', () => expect(all(rows.filter(hasGradient), checkGradient)).toEqual([]));
});
