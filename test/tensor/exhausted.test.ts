/** When linear memory is exhausted: all reserves have gone before, and the error tells who holds what. */
import { expect, it } from 'vitest';
import { runScript } from '../support/child';

it('an error that tells who holds what, after all that can be let go has gone', async () => {
  const found = JSON.parse(await runScript('tensor/scripts/exhausted', [], 60_000)) as Record<string, unknown>;
  expect(found).toMatchObject({ isTyped: true, isEqual: true });
  expect(found.message).toMatch(/64\.0 MiB asked for.*tensors 40\d\d\.\d MiB, variables 4\.0 MiB, programs 0\.0 MiB/);
  // 4 GiB, less x of 16 MiB and one block that is lost to the rest: the function's workspace is not among it.
  expect(found.count).toBeGreaterThanOrEqual(62);
}, 70_000);
