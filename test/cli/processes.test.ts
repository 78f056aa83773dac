/** Several processes on one port, from the built package: replaced while requests come, and none of those is lost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import * as sg from '../../src/index';
import { inOwnFolder } from '../support/folder';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

inOwnFolder();

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGTERM');
});

/** A line of the log. */
type Line = Record<string, unknown>;

interface Running {
  readonly port: number;
  readonly lines: Line[];
  /** Resolves with the first line from now on that fits. */
  until(fits: (line: Line) => boolean): Promise<Line>;
  signal(name: NodeJS.Signals): void;
  readonly code: Promise<number | null>;
}

async function start(...more: readonly string[]): Promise<Running> {
  const own = spawn(process.execPath, [CLI, 'serve', 'models', '--port', '0', ...more]);
  child = own;
  const lines: Line[] = [];
  const waiting = new Set<(line: Line) => void>();
  let errors = '';
  own.stderr.on('data', (data) => {
    errors += data;
  });
  createInterface(own.stdout).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    for (const hear of waiting) hear(line);
  });
  const until = (fits: (line: Line) => boolean): Promise<Line> =>
    new Promise((resolve, reject) => {
      const hear = (line: Line): void => {
        if (!fits(line)) return;
        waiting.delete(hear);
        resolve(line);
      };
      waiting.add(hear);
      own.once('exit', () => reject(new Error(`it ended: ${errors}`)));
    });
  const code = new Promise<number | null>((resolve) => own.once('exit', resolve));
  const { url } = await until((line) => 'url' in line);
  const port = Number(new URL(url as string).port);
  return { port, lines, until, signal: (name) => void own.kill(name), code };
}

/** A model of one number: it multiplies by `factor`. */
async function save(factor: number): Promise<void> {
  const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1], name: 'd', useBias: false })] });
  model.setWeights([sg.tensor2d([factor], [1, 1])]);
  await model.save('models/own.safetensors');
  model.dispose();
}

const post = (agent: Agent, port: number, path: string, body = ''): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = { 'Content-Length': body.length };
    const sent = request({ agent, port, path, method: 'POST', headers }, (answer) => {
      let text = '';
      answer.on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });

const BODY = JSON.stringify({ inputs: [{ name: 'd', datatype: 'FP32', shape: [1, 1], data: [3] }] });
const INFER = '/v2/models/own/infer';

/** Asks without a pause over several connections, until it is told to end. */
function asking(port: number): { answers: Map<string, number>; end(): Promise<void> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 6 });
  const answers = new Map<string, number>();
  let isOver = false;
  const one = async (): Promise<void> => {
    while (!isOver) {
      const outcome = await post(agent, port, INFER, BODY).then(
        ({ status, text }) => (status === 200 ? String(JSON.parse(text).outputs[0].data) : String(status)),
        (error: Error) => error.message,
      );
      answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
    }
  };
  const all = Array.from({ length: 6 }, one);
  return {
    answers,
    async end() {
      isOver = true;
      await Promise.all(all);
      agent.destroy();
    },
  };
}

test('processes are replaced, and models loaded, without a lost request', { timeout: 60_000 }, async () => {
  mkdirSync('models');
  await save(2);
  const { port, lines, until, signal, code } = await start('--processes', '2');
  expect(lines[0]).toMatchObject({ processes: 2, models: ['own'] });
  const client = asking(port);
  const pids = (from: Line[]): number => new Set(from.flatMap(({ pid, path }) => (path ? [pid] : []))).size;
  await until((line) => line.path === INFER);

  // A new version by a signal: both processes are replaced, one after another.
  await save(5);
  let replaced = 0;
  const both = until((line) => line.replaced === true && ++replaced === 2);
  signal('SIGHUP');
  await both;
  const agent = new Agent();
  const ask = async (): Promise<string> => (await post(agent, port, INFER, BODY)).text;
  expect(await ask()).toContain('[15]');

  // A new version by a request: all processes have it when that is answered.
  await save(7);
  const { status } = await post(agent, port, '/v2/repository/models/own/load');
  expect(status).toBe(200);
  for (let i = 0; i < 6; i++) expect(await ask()).toContain('[21]');

  // Processes that end by themselves have successors.
  const { pid } = lines.filter(({ path }) => path === INFER).at(-1) as { pid: number };
  await client.end();
  expect([...client.answers.keys()].sort()).toEqual(['15', '21', '6']);
  expect(pids(lines)).toBe(4);
  const died = until(({ error }) => typeof error === 'string' && error.startsWith('the process ended'));
  process.kill(pid, 'SIGKILL');
  await died;
  expect(await ask()).toContain('[21]');

  signal('SIGTERM');
  expect(await code).toBe(0);
});

test('models that one process unloads are unloaded in all', { timeout: 30_000 }, async () => {
  mkdirSync('models', { recursive: true });
  await save(2);
  const { port, signal, code } = await start('--processes', '2');
  const agent = new Agent();
  expect((await post(agent, port, '/v2/repository/models/own/unload')).status).toBe(200);
  for (let i = 0; i < 6; i++) expect((await post(agent, port, INFER, BODY)).status).toBe(404);
  signal('SIGINT');
  expect(await code).toBe(0);
});

test('processes that cannot start are said', async () => {
  mkdirSync('models/empty', { recursive: true });
  await expect(start('--processes', '0')).rejects.toThrow(/processes must be a whole number, at least 1/);
});
