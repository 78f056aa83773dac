/**
 * One seeded training, all ops, and cases of ONNX in every runtime: the same bits in all of them. In CI all have to be
 * there; without SAMEGRAD_TESTS=all other versions of Node and browsers are left out.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import { serve } from '../../src/serve';
import { isAll } from '../support/effort';
import { startTemplate } from './host/template.mjs';

interface Run {
  readonly name: string;
  readonly threads: number;
  readonly hash?: string;
  /** Of ONNX' backend cases. */
  readonly onnx?: { readonly passed: number };
}

const FEW = `node${process.versions.node.split('.')[0]}x,deno,bun,workerd`;

test('every runtime trains to the same weights', { timeout: 900_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'samegrad-'));
  try {
    const json = join(dir, 'runs.json');
    const allow = process.env.CI ? [] : ['--allow-missing'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['test/runtimes/run.mjs', '--json', json, ...allow, ...(isAll ? [] : ['--only', FEW])],
      { encoding: 'utf8' },
    );
    expect(status, `${stdout}\n${stderr}`).toBe(0);
    const { runs } = JSON.parse(readFileSync(json, 'utf8')) as { runs: Run[] };
    const hashes = runs.flatMap((r) => (r.hash ? [r.hash] : []));
    expect(new Set(hashes).size).toBe(1);
    for (const { onnx } of runs) if (onnx) expect(onnx.passed).toBeGreaterThanOrEqual(352);
    // This Node with one thread and with two, at the least.
    expect(hashes.length).toBeGreaterThanOrEqual(2);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

// Browsers are left out of quick runs.
test.runIf(isAll)('pages answer while they train, and get the bits of Node', { timeout: 600_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/runtimes/answering.mjs'], { encoding: 'utf8' });
  console.log(stdout);
  expect(status, `${stdout}\n${stderr}`).toBe(0);
});

// After the other, which installs workerd.
test('the Worker of the template answers with the bytes of Node', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'samegrad-worker-'));
  const model = sg.sequential({
    layers: [sg.layers.dense({ units: 3, activation: 'tanh', inputShape: [2], name: 'out' })],
  });
  const { url, stop } = await startTemplate(dir, await sg.io.toBytes(model), 'secret');
  try {
    const server = serve({ models: { model } });
    const headers = { Authorization: 'Bearer secret' };
    const inputs = [{ name: model.inputNames[0], datatype: 'FP32', shape: [1, 2], data: [0.5, -3] }];
    const body = JSON.stringify({ inputs });
    const path = '/v2/models/model/infer';
    expect((await fetch(url + path, { method: 'POST', body })).status).toBe(401);
    // Several at once: nothing waits for what belongs to another request.
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => fetch(url + path, { method: 'POST', body, headers })),
    );
    const own = (await server.fetch(new Request(`http://localhost${path}`, { method: 'POST', body }))) as Response;
    const expected = await own.text();
    for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([200, expected]);
  } finally {
    stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
