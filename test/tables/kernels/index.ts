/** The case table: ops, operands, results. It drives correctness, memory safety, threads and block sizes alike. */

import { opRows } from '../ops';
import type { Case } from './case';
import { cumulativeCases } from './cumulative';
import { depthwiseCases } from './depthwise';
import { elementwiseCases } from './elementwise';
import { imageCases } from './image';
import { indexingCases } from './indexing';
import { int8Cases } from './int8';
import { matMulCases } from './matmul';
import { movementCases } from './movement';
import { randomCases } from './random';
import { reductionCases } from './reduction';
import { sortingCases } from './sorting';
import { stridedCases } from './strided';
import { windowCases } from './window';

export const cases: readonly Case[] = [
  ...elementwiseCases,
  ...matMulCases,
  ...int8Cases,
  ...windowCases,
  ...depthwiseCases,
  ...reductionCases,
  ...movementCases,
  ...imageCases,
  ...randomCases,
  ...cumulativeCases,
  ...sortingCases,
  ...indexingCases,
  ...stridedCases,
  ...Object.values(opRows).flatMap(({ bits }) => bits),
];

/** The rows of each op, in the order of the table. */
export const casesByOp: ReadonlyMap<string, readonly Case[]> = new Map(
  [...new Set(cases.map((c) => c.op))].map((op) => [op, cases.filter((c) => c.op === op)]),
);
