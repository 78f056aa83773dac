// Child processes that never outlive their row: each leads a process group, and the whole group is ended.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const live = new Set();

function signalGroup(child, name) {
  try {
    process.kill(-child.pid, name);
    return true;
  } catch {
    return false; // nobody is left in the group
  }
}

// The last net, for a runner that is itself on its way out.
process.on('exit', () => {
  for (const child of live) signalGroup(child, 'SIGKILL');
});

// Politely first: xvfb-run and browsers then remove what they made.
async function stop(child) {
  signalGroup(child, 'SIGTERM');
  for (let wait = 0; wait < 40 && signalGroup(child, 0); wait++) await sleep(50);
  signalGroup(child, 'SIGKILL');
  live.delete(child);
}

// Starts a process: `ended` gives { code, stdout, stderr }, `stop` ends it and what it started.
export function start(command, args, options = {}) {
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  live.add(child);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  }
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => resolve({ code: code ?? killedBy, ...output }));
  });
  ended.catch(() => {}); // awaited or not, as the caller likes
  return { ended, output, stop: () => (child.pid === undefined ? live.delete(child) : stop(child)) };
}

// The promise, or the signal's reason as soon as it is aborted.
export async function orAborted(promise, signal) {
  signal.throwIfAborted();
  let listener;
  const aborted = new Promise((_, reject) => {
    listener = () => reject(signal.reason);
    signal.addEventListener('abort', listener);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', listener);
  }
}

// An error with what the process wrote, for the reader of a failed row.
export function failure(message, { stdout, stderr }) {
  return Object.assign(new Error(message), { detail: `${stdout}${stderr}`.trim() });
}

// Runs a process to its end and returns its output; anything but exit code 0 throws.
export async function complete(command, args, { signal, ...options }) {
  const running = start(command, args, options);
  try {
    const { code, ...output } = await orAborted(running.ended, signal);
    if (code !== 0) throw failure(`exit ${code}: ${firstError(output)}`, output);
    return output;
  } catch (error) {
    if (error.detail !== undefined || error !== signal.reason) throw error;
    const result = running.output.stdout.includes('"hash"') ? ' (after giving its result)' : '';
    throw failure(`did not exit${result}: ${error.message}`, running.output);
  } finally {
    await running.stop();
  }
}

// The message among source lines and stack frames; at most one line of a terminal.
function firstError({ stdout, stderr }) {
  const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => /\w/.test(line));
  const line = lines.find((line) => /\b\w*error: /i.test(line)) ?? lines.at(-1) ?? 'no output';
  return line.trim().slice(0, 160);
}
