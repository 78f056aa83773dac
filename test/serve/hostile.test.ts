/** A short form of scripts/evidence/serve/hostile.mjs: what is malformed or hostile is refused, and right requests go on. */
import { expect, test } from 'vitest';
import { attack } from '../../scripts/evidence/serve/hostile.mjs';
import * as sg from '../../src/index';
import { listen, serve } from '../../src/serve';
import { fp32, mlp, numbers } from './support';

test('hostile requests are refused, and leave nothing behind', async () => {
  const model = mlp();
  const repository = { list: () => [], load: () => Promise.reject(new Error('nothing is there')) };
  const listening = await listen(serve({ models: { model }, repository, timeout: 200 }), { port: 0 });
  const path = '/v2/models/model/infer';
  const [input = ''] = model.inputNames;
  const body = JSON.stringify({ inputs: [fp32(input, [1, 6], numbers(6))] });
  const answer = async (): Promise<string> => (await fetch(listening.url + path, { method: 'POST', body })).text();
  const expected = await answer();
  const tensors = sg.memory().numTensors;
  const check = async (): Promise<void> => expect(await answer()).toBe(expected);
  const { accepted, statuses } = await attack(
    { port: listening.port, path, input, features: 6 },
    { count: 420, seed: 3, check },
  );
  expect(accepted).toEqual([]);
  expect(statuses[400]).toBeGreaterThan(100);
  expect(sg.memory().numTensors).toBe(tensors);
  await listening.close();
});
