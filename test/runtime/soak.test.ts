/** Loops that dispose of nothing: the built package, each in a process of its own. `npm run soak` runs all, for long. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/child';
import { effort } from '../support/effort';

const MOST = 600;
const loops = [
  'fit',
  'fit that never yields, in its callbacks',
  'trainOnBatch',
  'fitDataset, in its data',
  'minimize',
  'for await of a dataset',
  'slices of what is forgotten',
  'models that are forgotten',
];

// Each forgets 2.4 GB, or 1.2 GB.
test.each(loops)('%s', async (name) => {
  const script = join(import.meta.dirname, '../../scripts/soak/loops.mjs');
  const megabytes = Number(await run(process.execPath, [script, name, String(effort(300, 150))], { timeout: 60_000 }));
  expect(megabytes).toBeLessThan(MOST);
});
