/** Examples that `npm start` does not run: a few steps of each, in a process of its own, on the built package. */
import { expect, it } from 'vitest';
import { run } from './support/child';

it('the Wasserstein GAN with gradient penalty trains', async () => {
  const output = await run(process.execPath, ['examples/wgan/main.mjs', '40'], { timeout: 50_000 });
  const distances = [...output.matchAll(/real images (\S+)/g)].map((m) => Number(m[1]));
  expect(distances.length).toBe(10);
  expect(distances.every(Number.isFinite)).toBe(true);
  expect(output).toMatch(/40 steps in .* tensors alive: \d+/);
});
