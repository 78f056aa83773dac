// Runs one row within its time and gives back a plain record, whatever happens.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Missing } from './missing.mjs';
import { orAborted } from './process.mjs';

const GRACE = 10_000;

// Aborts with `message` after `ms`, or with `parent`'s reason.
export function deadline(parent, ms, message) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(message)), ms);
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener('abort', follow);
  const clear = () => {
    clearTimeout(timer);
    parent.removeEventListener('abort', follow);
  };
  return { signal: controller.signal, clear };
}

// Once aborted, leaves the adapter time to end what it started, but not for ever.
async function withGrace(promise, signal) {
  const hard = new AbortController();
  let timer;
  const count = () => {
    timer = setTimeout(() => hard.abort(new Error(`${signal.reason.message} and could not be ended`)), GRACE);
  };
  signal.addEventListener('abort', count);
  try {
    return await orAborted(promise, hard.signal);
  } finally {
    signal.removeEventListener('abort', count);
    clearTimeout(timer);
  }
}

function verify(line, threads) {
  if (!/^[0-9a-f]{64}$/.test(line.hash)) throw new Error(`no SHA-256 in ${JSON.stringify(line)}`);
  if (!line.ops || Object.keys(line.ops).length === 0) throw new Error('no hashes of ops');
  if (!/^[0-9a-f]{64}$/.test(line.onnx?.outputs)) throw new Error('no hash of the outputs of ONNX');
  if (!line.files || Object.keys(line.files).length === 0) throw new Error('no hashes of files');
  if (line.threads !== threads) throw new Error(`${line.threads} threads, not ${threads}`);
  return line;
}

// { name, threads, status: 'ok' | 'failed' | 'missing', and either the line's values or reason, detail and optional }
export async function attempt(row, { dist, ops, temporary, seconds, interrupted }) {
  const { name, threads, slow = 1 } = row;
  const limit = deadline(interrupted, seconds * slow * 1000, `timed out after ${seconds * slow} s`);
  try {
    const folder = mkdtempSync(join(temporary, `${name}-`));
    const { run } = await import(`../adapters/${row.adapter}.mjs`);
    const line = await withGrace(run({ ...row, dist, ops, folder, signal: limit.signal }), limit.signal);
    return { name, status: 'ok', ...verify(line, threads) };
  } catch (error) {
    const status = error instanceof Missing ? 'missing' : 'failed';
    return {
      name,
      threads,
      optional: row.optional,
      status,
      reason: error.message,
      detail: error.detail ?? error.stack,
    };
  } finally {
    limit.clear();
  }
}
