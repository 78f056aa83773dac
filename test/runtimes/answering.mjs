// Trains the README's CNN in pages, with and without isolation, and in Node: how long was the page held up, how many frames
// a second did it draw, and are the bits the same?
//   answering.mjs [--only chromium,firefox,...] [--dist DIR]
// Exit code: 0 the same bits everywhere and every page answered, 1 not.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { deadline } from './host/attempt.mjs';
import { answering } from './inside/answering.mjs';
import { select } from './runtimes.mjs';

const BROWSERS = {
  chromium: '/usr/bin/chromium',
  firefox: '/usr/bin/firefox-esr',
  webkit: '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
};
const { values } = parseArgs({
  options: {
    only: {
      type: 'string',
      default: Object.keys(BROWSERS)
        .filter((name) => existsSync(BROWSERS[name]))
        .join(','),
    },
    dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
  },
});
const dist = resolve(values.dist);
const temporary = mkdtempSync(join(tmpdir(), 'samegrad-answering-'));
/** Turns of the event loop during a training that takes longer than these would. */
const TURNS = 20;

const show = (name, { hash, threads, ...parts }) => {
  console.log(`${name}: ${threads} threads, hash ${hash.slice(0, 12)}`);
  for (const [part, { ms, longest, turns, fps }] of Object.entries(parts))
    console.log(
      `  ${part.padEnd(9)} ${ms} ms, held up ${longest} ms at the most, ${turns} turns, ${fps} frames a second`,
    );
};

const found = await answering(await import(pathToFileURL(join(dist, 'index.js')).href));
show('node', found);
let isRight = true;
for (const row of select(values.only))
  for (const isolated of [true, false]) {
    const name = `${row.name}${isolated ? '' : ', not isolated'}`;
    const limit = deadline(new AbortController().signal, 180_000, 'timed out');
    const folder = mkdtempSync(join(temporary, `${row.name}-`));
    try {
      const { run } = await import(`./adapters/${row.adapter}.mjs`);
      const task = { name: 'answering' };
      const { version, elapsed, ...line } = await run({ ...row, isolated, task, dist, folder, signal: limit.signal });
      show(`${name} ${version}`, line);
      if (line.hash !== found.hash) throw new Error('other bits than in Node');
      for (const part of ['fit', 'evaluate', 'predict', ...(isolated ? [] : ['worker'])])
        if (line[part].turns < Math.min(TURNS, line[part].ms / 40))
          throw new Error(`the page did not answer during ${part}`);
    } catch (error) {
      isRight = false;
      console.log(name, 'FAILURE:', error.message, error.detail ?? error.stack);
    } finally {
      limit.clear();
    }
  }
rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.exit(isRight ? 0 : 1);
