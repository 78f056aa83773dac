/**
 * `npm run ops`: every op and public function with what is checked of it. Ops are compared bit for bit with their
 * references; functions made of ops with float64 references; gradients with central differences.
 */

import { checkCompiled, checkReference } from '../support/run';
import * as functions from '../tables/functions/checks';
import { functionTable } from '../tables/functions/table';
import { cases as gradientCases } from '../tables/gradients/cases';
import { checkFirst, checkSecond } from '../tables/gradients/checks';
import { casesByOp } from '../tables/kernels';

interface Count {
  cases: number;
  failed: string[];
}

function run<C extends { name: string }>(rows: readonly C[], check: (c: C) => string | undefined): Count {
  const failed = rows.flatMap((c) => {
    try {
      const complaint = check(c);
      return complaint === undefined ? [] : [`${c.name}: ${complaint}`];
    } catch (error) {
      return [`${c.name}: ${String(error)}`];
    }
  });
  return { cases: rows.length, failed };
}

const show = ({ cases, failed }: Count): string =>
  cases === 0 ? 'none' : failed.length ? `${failed.length} of ${cases} FAIL` : `${cases}`;

let failures = 0;

function print(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly [string, readonly Count[]])[],
): void {
  const width = Math.max(title.length, ...rows.map(([name]) => name.length));
  console.log(`\n${title.padEnd(width)}  ${columns.map((c) => c.padStart(18)).join('')}`);
  for (const [name, counts] of rows) {
    console.log(`${name.padEnd(width)}  ${counts.map((c) => show(c).padStart(18)).join('')}`);
    for (const { failed } of counts) {
      failures += failed.length;
      for (const f of failed.slice(0, 3)) console.log(`    ${f}`);
    }
  }
  const total = (i: number): number => rows.reduce((sum, [, counts]) => sum + (counts[i] as Count).cases, 0);
  console.log(
    `${`${rows.length} rows`.padEnd(width)}  ${columns.map((_, i) => String(total(i)).padStart(18)).join('')}`,
  );
}

print(
  'op',
  ['bits = reference', 'compiled = eager', 'gradient', '2nd derivative'],
  [...casesByOp].map(([op, rows]) => {
    const gradients = gradientCases[op as keyof typeof gradientCases];
    return [
      op,
      [run(rows, checkReference), run(rows, checkCompiled), run(gradients, checkFirst), run(gradients, checkSecond)],
    ];
  }),
);
print(
  'function',
  ['reference', 'compiled = eager', 'gradient'],
  Object.entries(functionTable).map(([name, rows]) => [
    name,
    [
      run(rows, functions.checkValues),
      run(
        rows.filter((c) => !c.eagerOnly),
        functions.checkCompiled,
      ),
      run(rows.filter(functions.hasGradient), functions.checkGradient),
    ],
  ]),
);
console.log(failures ? `\n${failures} checks fail` : '\nall checks hold');
process.exitCode = failures ? 1 : 0;
