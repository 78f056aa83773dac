/** A small part of each example, in a process of its own, on the built package and on real data. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashes, names, runExample } from '../../examples/index.mjs';

describe('examples', () => {
  const known = hashes();

  it.concurrent.each(names())(
    '%s learns the same as everywhere',
    async (name) => {
      const { status, output, result } = await runExample(name, { short: true });
      expect({ status, output }, output).toMatchObject({ status: 0 });
      expect(result?.sha256).toBe(known.short[name]);
      expect(result?.reached).not.toBeNaN();
      expect(result?.pictures.length).toBeGreaterThan(0);
      expect(new Set(result?.pictures).size).toBe(result?.pictures.length);
    },
    120_000,
  );

  it.each(names())('%s fits on two screens and says what is seen', (name) => {
    const lines = (file: string) => readFileSync(`examples/${name}/${file}`, 'utf8').trim().split('\n');
    expect(lines('main.mjs').length).toBeLessThanOrEqual(100);
    expect(existsSync(`examples/${name}/README.md`)).toBe(true);
    expect(lines('README.md').join(' ')).toContain(`node examples/${name}/main.mjs`);
  });

  it('hashes are those of examples that are there', () => {
    for (const kind of ['full', 'short'] as const) expect(Object.keys(known[kind]).sort()).toEqual(names());
  });
});
