// A process that takes a core away, and what it does to the times with two threads.
import { spawn } from 'node:child_process';
import { digits } from './table.mjs';

/** Ends by itself when its parent is gone, however that ended. */
const SPIN = `const parent = process.ppid;
while (process.ppid === parent) for (let i = 0; i < 1e8; i++);`;

/** Keeps one core busy until this process ends, or until what is returned is called. */
export function keepBusy() {
  const child = spawn(process.execPath, ['-e', SPIN], { stdio: 'ignore' });
  child.unref();
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  return stop;
}

/** What two threads may take of the time of one while another process has a core. */
const MOST = 1.1;

/**
 * How often as long two threads take as one, at the worst.
 * @param pairs of { label, one, two }: times with one thread and with two
 */
export function worstOf(pairs) {
  const ratios = pairs.map(({ label, one, two }) => ({ label, ratio: two / one })).sort((a, b) => b.ratio - a.ratio);
  if (ratios.length === 0) return 'no case ran with one thread and with two';
  const over = ratios.filter(({ ratio }) => ratio > MOST);
  const listed = (over.length ? over : ratios.slice(0, 1)).map(({ label, ratio }) => `${label} ${digits(ratio)}`);
  return `two threads take at most ${digits(ratios[0].ratio)} times as long as one; ${over.length} of ${ratios.length} cases over ${MOST}: ${listed.join('; ')}`;
}
