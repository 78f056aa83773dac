/** The case table: ops, operands, results. It drives correctness, memory safety, threads and block sizes alike. */
import type { Case } from './case';
import { depthwiseCases } from './cases/depthwise';
import { elementwiseCases } from './cases/elementwise';
import { imageCases } from './cases/image';
import { indexingCases } from './cases/indexing';
import { matMulCases } from './cases/matmul';
import { movementCases } from './cases/movement';
import { randomCases } from './cases/random';
import { reductionCases } from './cases/reduction';
import { scanCases } from './cases/scan';
import { sortingCases } from './cases/sorting';
import { stridedCases } from './cases/strided';
import { windowCases } from './cases/window';

export const cases: readonly Case[] = [
  ...elementwiseCases,
  ...matMulCases,
  ...windowCases,
  ...depthwiseCases,
  ...reductionCases,
  ...movementCases,
  ...imageCases,
  ...randomCases,
  ...scanCases,
  ...sortingCases,
  ...indexingCases,
  ...stridedCases,
];

/** The rows of each op, in the order of the table. */
export const casesByOp: ReadonlyMap<string, readonly Case[]> = new Map(
  [...new Set(cases.map((c) => c.op))].map((op) => [op, cases.filter((c) => c.op === op)]),
);
