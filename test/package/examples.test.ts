/** A small part of each example, in a process of its own, on the built package and on real data. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashes, names, runExample } from '../../examples/index.mjs';
import { run } from '../support/child';
import { effort } from '../support/effort';

/** Not yet in the form of the others: they have tests of their own. */
const OLD = ['wgan'];
const current = names().filter((name) => !OLD.includes(name));

describe('examples', () => {
  const known = hashes();

  it.concurrent.each(current)(
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

  it.each(current)('%s fits on two screens and says what is seen', (name) => {
    const lines = (file: string) => readFileSync(`examples/${name}/${file}`, 'utf8').trim().split('\n');
    expect(lines('main.mjs').length).toBeLessThanOrEqual(100);
    expect(existsSync(`examples/${name}/README.md`)).toBe(true);
    expect(lines('README.md').join(' ')).toContain(`node examples/${name}/main.mjs`);
  });

  it('hashes are those of examples that are there', () => {
    for (const kind of ['full', 'short'] as const) expect(Object.keys(known[kind]).sort()).toEqual(current);
  });
});

it('the Wasserstein GAN with gradient penalty trains', async () => {
  const steps = effort(40, 10);
  const output = await run(process.execPath, ['examples/wgan/main.mjs', String(steps)], { timeout: 50_000 });
  const distances = [...output.matchAll(/real images (\S+)/g)].map((m) => Number(m[1]));
  expect(distances.length).toBe(10);
  expect(distances.every(Number.isFinite)).toBe(true);
  expect(output).toMatch(new RegExp(`${steps} steps in .* tensors alive: \\d+`));
});
