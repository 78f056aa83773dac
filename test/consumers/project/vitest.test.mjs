import { expect, test } from 'vitest';
import { result } from './program.mjs';

test('trains and predicts', async () => {
  const hash = await result();
  expect(hash).toMatch(/^[0-9a-f]{8}$/);
  console.log(`hash ${hash}`);
});
