/** Settings with wrong and half-right values: a server that answers, or an error of the library that names the function. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import { listen, type Server, sampler, serve } from '../../src/serve';
import { Canaries, Junk, pick } from '../fuzz/junk';
import { generator } from '../support/generate';
import { mlp } from './support';

const OPTIONS = [
  'models',
  'repository',
  'name',
  'bearer',
  'log',
  'maxBodySize',
  'timeout',
  'maxQueue',
  'maxBatchSize',
  'maxDelay',
  'other',
];
const OF_MODEL = ['model', 'maxBatchSize', 'maxDelay', 'isBatched', 'generate', 'other'];

/** An error that is the library's and names the function; undefined if it is. */
function wrongError(error: unknown, where: string): string | undefined {
  const isOwn = error instanceof sg.SamegradError && error.message.startsWith(where);
  return isOwn ? undefined : `${(error as Error).stack}`;
}

test('options of serve, of models and of samplers', async () => {
  const draw = generator(11);
  const canaries = new Canaries();
  const junk = new Junk(draw, canaries);
  const model = mlp();
  const findings: string[] = [];
  const attempt = async (where: string, call: () => unknown): Promise<boolean> => {
    try {
      await call();
      return true;
    } catch (error) {
      const wrong = wrongError(error, where);
      if (wrong) findings.push(wrong);
      return false;
    }
  };
  let served = 0;
  for (let i = 0; i < 3000; i++) {
    const ofModel: Record<string, unknown> = { model };
    if (draw() < 0.5) ofModel[pick(draw, OF_MODEL)] = junk.value();
    const options: Record<string, unknown> = { models: { a: draw() < 0.1 ? junk.value() : ofModel } };
    for (let n = Math.floor(draw() * 3); n > 0; n--) options[pick(draw, OPTIONS)] = junk.value();
    let server: Server | undefined;
    const given = draw() < 0.05 ? junk.value() : options;
    await attempt('serve: ', () => {
      server = serve(given as never);
    });
    if (!server) continue;
    served++;
    const { status } = (await server.fetch(new Request('http://localhost/v2/health/live'))) as Response;
    if (status !== 200) findings.push(`status ${status}`);
    await server.close();
  }
  expect(served).toBeGreaterThan(300);
  for (let i = 0; i < 1000; i++) {
    const options = { [pick(draw, ['temperature', 'topK', 'topP', 'seed', 'other'])]: junk.value() };
    await attempt('sampler: ', () => sampler(options as never)([1, 2, 3]));
    // Of a tensor that was disposed of, its own error.
    await attempt('', () => sampler()(junk.value() as never));
  }
  expect(canaries.fault()).toBeUndefined();
  expect(findings.slice(0, 5)).toEqual([]);
});

test('options of listen and close', async () => {
  const draw = generator(12);
  const canaries = new Canaries();
  const junk = new Junk(draw, canaries);
  const model = mlp();
  for (let i = 0; i < 60; i++) {
    const server = serve({ models: { model } });
    const options = draw() < 0.2 ? junk.value() : { port: 0, [pick(draw, ['port', 'host', 'other'])]: junk.value() };
    // Ports of the system's own are not tried.
    const { port, host } = Object(options) as { port?: unknown; host?: unknown };
    // Nor are names of hosts looked up.
    if (typeof host === 'string') continue;
    if (port !== 0 && (port === undefined || port === null || (Number.isInteger(port) && (port as number) > 0)))
      continue;
    const listening = await listen(server, options as never).catch((error: unknown) => {
      expect(wrongError(error, 'listen: ')).toBeUndefined();
      return undefined;
    });
    if (!listening) continue;
    const grace = junk.value();
    await listening.close({ grace } as never).catch(async (error: unknown) => {
      expect(wrongError(error, 'listen.close: ')).toBeUndefined();
      await listening.close();
    });
  }
});
