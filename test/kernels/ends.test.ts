/** Calls that must come to an end. */
import { expect, it } from 'vitest';
import { runScript } from '../support/child';

it('a convolution of an image without channels gives zeros', async () => {
  expect(JSON.parse(await runScript('kernels/scripts/empty-conv', [], 5_000))).toEqual(new Array(8).fill(0));
});
