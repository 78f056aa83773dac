/** Types of index.mjs: what the test uses of it. */
export interface Line {
  readonly system: string;
  readonly section: string;
  readonly data: string;
  readonly metric: string;
  readonly bar: string;
  readonly reached: number;
  readonly isReached: boolean;
  readonly seconds: number;
  readonly sha256: string;
  readonly pictures: readonly string[];
}
export interface Run {
  readonly name: string;
  readonly status: number | null;
  readonly output: string;
  readonly result: Line | undefined;
}
export function names(): string[];
export function runExample(name: string, options?: { short?: boolean }): Promise<Run>;
export function hashes(): Record<'full' | 'short', Record<string, string>>;
