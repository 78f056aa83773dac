/** samegrad against TensorFlow.js' cpu backend, family by family. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compare } from './differential';
import { families } from './families';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(Object.entries(families))('%s', (_, rows) => {
  it('has at least 200 cases', () =>
    expect(rows.reduce((sum, r) => sum + (r.count ?? 30), 0)).toBeGreaterThanOrEqual(200));

  it.each(rows.map((r) => [r.op, r] as const))('%s', async (_name, row) => {
    const report = await compare(row);
    expect(report.disagreements).toEqual([]);
    // A fault that is claimed has to show.
    if (row.fault) expect(report.faults.length, row.fault).toBeGreaterThan(0);
  });
});
