/**
 * Every public function and method, called with wrong and half-right arguments: each error is one of the library's and
 * names the function, no memory is lost, no tensor changes. SAMEGRAD_FUZZ_CALLS asks for more calls, SAMEGRAD_FUZZ_SEED
 * for others, SAMEGRAD_FUZZ_ONLY (a pattern) for some functions alone, SAMEGRAD_FUZZ_REPORT for a file of the findings,
 * SAMEGRAD_FUZZ_LOUD prints each call before it is made (one that never returns is the last).
 */

import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { effort } from '../support/effort';
import { inOwnFolder } from '../support/folder';
import { generator } from '../support/generate';
import { Canaries } from './junk';
import { findSubjects } from './subjects';
import { type Finding, Walk } from './walk';

const { SAMEGRAD_FUZZ_CALLS, SAMEGRAD_FUZZ_SEED, SAMEGRAD_FUZZ_ONLY, SAMEGRAD_FUZZ_LOUD, SAMEGRAD_FUZZ_REPORT } =
  process.env;
const CALLS = Number(SAMEGRAD_FUZZ_CALLS ?? effort(25_000, 8_000));
const SEED = Number(SAMEGRAD_FUZZ_SEED ?? 1);

// A text may be taken as the path that a model is saved to.
inOwnFolder();

const { subjects: all, unknown, stale } = findSubjects();
const subjects = SAMEGRAD_FUZZ_ONLY ? all.filter(({ name }) => new RegExp(SAMEGRAD_FUZZ_ONLY).test(name)) : all;

const rejections: unknown[] = [];
const note = (reason: unknown): void => {
  rejections.push(reason);
};

beforeAll(() => {
  process.on('unhandledRejection', note);
  for (const method of ['log', 'warn', 'error', 'info'] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});
afterAll(() => {
  process.off('unhandledRejection', note);
  vi.restoreAllMocks();
});

it('every public name has a recipe (test/fuzz/recipes), and every recipe a public name', () => {
  expect({ unknown, stale }).toEqual({ unknown: [], stale: [] });
});

/** The first of each kind and place, with their number. */
function summary(findings: readonly Finding[]): string[] {
  const groups = new Map<string, { first: Finding; count: number }>();
  for (const finding of findings) {
    const key = `${finding.name} ${finding.kind} ${finding.text.slice(0, 40)}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { first: finding, count: 1 });
  }
  return [...groups.values()].map(({ first, count }) => `${first.kind} x${count} ${first.name}: ${first.text}`);
}

it(`${CALLS} calls`, async () => {
  const canaries = new Canaries();
  const walk = new Walk(generator(SEED), canaries, SAMEGRAD_FUZZ_LOUD !== undefined);
  const wrong: string[] = [];
  for (const subject of subjects)
    await walk.right(subject).catch((error: Error) => {
      if (!subject.isWrong) wrong.push(`${subject.name}: ${error.stack}`);
    });
  expect(wrong, 'recipes that fail').toEqual([]);
  const sum = canaries.sum();
  while (walk.walked.calls < CALLS) {
    for (const subject of subjects) await walk.visit(subject);
    expect(canaries.sum()).toBe(sum);
  }
  canaries.dispose();
  const { calls, errors, findings } = walk.walked;
  process.stdout.write(`${calls} calls of ${subjects.length} functions and methods, ${errors} errors\n`);
  if (SAMEGRAD_FUZZ_REPORT) writeFileSync(SAMEGRAD_FUZZ_REPORT, summary(findings).join('\n'));
  expect(summary(findings)).toEqual([]);
  await sg.nextFrame();
  expect(rejections).toEqual([]);
}, 3_600_000);
