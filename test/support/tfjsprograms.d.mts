/** Types of tfjsprograms.mjs: what the test uses of it. */
export interface Library {
  readonly name: string;
  readonly folder: string;
  readonly script: string;
}
export const programs: readonly string[];
export const samegrad: Library;
export const goldens: string;
export function rewritten(file: string, library: Library): string;
export function runProgram(file: string, library: Library): Promise<{ output: string; milliseconds: number }>;
export function compared(
  expected: readonly string[],
  output: string,
): { count: number; largest: number; others: string[] };
