/** The bench itself: its cases in a runtime, peers that die, the process that keeps a core busy. */

import { expect, it } from 'vitest';
import { Op } from '../../assembly/isa';
import * as sg from '../../src/index';

interface Row {
  readonly label: string;
  readonly threads: number;
  readonly min?: number;
  readonly values?: readonly number[];
  readonly error?: string;
}
interface Inside {
  readonly portableCases: readonly { readonly label: string }[];
  bench(library: unknown, settings: unknown): Promise<{ rows: readonly Row[] }>;
}
interface Remote {
  open(id: string, params: unknown): Promise<boolean>;
  end(): void;
}
interface Bench {
  readonly inside: Inside;
  readonly busy: { keepBusy(): () => void; worstOf(pairs: readonly unknown[]): string };
  readonly opcodes: { opcodeOf(name: string): number };
  readonly remote: { Remote: new (peer: unknown, url: string) => Remote };
}
const PATHS = { inside: 'runtimes/inside', busy: 'busy', opcodes: 'opcodes', remote: 'remote' };
const load = <Name extends keyof Bench>(name: Name): Promise<Bench[Name]> =>
  import(new URL(`../../bench/${PATHS[name]}.mjs`, import.meta.url).href) as Promise<Bench[Name]>;

const PACE = { rounds: 1, warmMs: 0, sampleMs: 0 };

it('every case has a name of its own', async () => {
  const { portableCases } = await load('inside');
  expect(portableCases.length).toBeGreaterThan(130);
  expect(new Set(portableCases.map(({ label }) => label)).size).toBe(portableCases.length);
});

it('a case is timed with each number of threads, and has the same first results with all', async () => {
  const { bench } = await load('inside');
  const { rows } = await bench(sg, { only: ['minimizeLinear', 'predictMlp'], threads: [1, 2], pace: PACE });
  expect(rows.map(({ threads }) => threads)).toEqual([1, 2, 1, 2]);
  for (const { error, min, values } of rows) {
    expect(error).toBeUndefined();
    expect(min).toBeGreaterThan(0);
    expect(values?.length).toBeGreaterThan(1);
  }
  expect(rows[1]?.values).toEqual(rows[0]?.values);
  expect(rows[3]?.values).toEqual(rows[2]?.values);
  expect(sg.getThreads()).toBe(1);
});

it('a case that fails is a row that says so', async () => {
  const { bench } = await load('inside');
  const broken = { ...sg, matMul: undefined };
  const { rows } = await bench(broken, { only: ['gemm'], threads: [1], pace: PACE });
  expect(rows).toHaveLength(5);
  for (const { error } of rows) expect(error).toMatch(/matMul/);
});

it('a peer that dies says with which exit code or signal, and what it wrote last', async () => {
  const { Remote } = await load('remote');
  const dying = (script: string): Remote => new Remote({ name: 'mine', command: [process.execPath, '-e', script] }, '');
  const said = dying('console.error("no such file"); process.exit(3)');
  await expect(said.open('gemm', {})).rejects.toThrow('mine ended with exit code 3: no such file');
  await expect(dying('process.kill(process.pid, "SIGKILL")').open('gemm', {})).rejects.toThrow(
    /^mine ended with signal SIGKILL$/,
  );
  await expect(new Remote({ name: 'mine', command: ['/no/such/program'] }, '').open('gemm', {})).rejects.toThrow(
    /mine ended with .*ENOENT/,
  );
});

it('of a busy machine the worst case is told, and all that take too long', async () => {
  const { worstOf } = await load('busy');
  const pairs = [
    { label: 'a', one: 2, two: 1 },
    { label: 'b', one: 1, two: 1.05 },
  ];
  expect(worstOf(pairs)).toBe('two threads take at most 1.05 times as long as one; 0 of 2 cases over 1.1: b 1.05');
  expect(worstOf([...pairs, { label: 'c', one: 1, two: 3 }])).toMatch(/1 of 3 cases over 1.1: c 3.00$/);
  expect(worstOf([])).toMatch(/no case/);
});

it('opcodes of programs that the bench writes itself are those of the kernels', async () => {
  const { opcodeOf } = await load('opcodes');
  expect([opcodeOf('Count'), opcodeOf('Gemm')]).toEqual([Op.Count, Op.Gemm]);
  expect(() => opcodeOf('None of these')).toThrow('no opcode');
});
