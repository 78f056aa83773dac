// The other end of host.mjs (and of torch_bench.py, which speaks the same lines).

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const host = fileURLToPath(new URL('./host.mjs', import.meta.url));

export class Remote {
  #child;
  #answers;
  #errors = '';
  /** How the process ended. */
  #end;

  /** A peer of the module at this URL; a peer with a command of its own is not run in Node. */
  constructor(peer, url) {
    this.name = peer.name;
    const [command, ...args] = peer.command ?? [process.execPath, host, url, peer.name];
    this.#child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
    this.#child.stdin.on('error', () => {});
    this.#end = new Promise((resolve) => {
      this.#child.on('error', ({ message }) => resolve(message));
      this.#child.on('close', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
    });
    this.#child.stderr.on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#answers = createInterface({ input: this.#child.stdio[3] })[Symbol.asyncIterator]();
  }

  async #ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error([`${this.name} ended with ${await this.#end}`, ...lastLine(this.#errors)].join(': '));
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  /** Sets a case up; false if the peer has no such case. */
  async open(id, params) {
    return !(await this.#ask({ do: 'open', id, params })).missing;
  }

  /** Milliseconds that count runs take. */
  async time(count) {
    const { ms, values } = await this.#ask({ do: 'time', count });
    this.values = values;
    return ms;
  }

  async close() {
    this.values = undefined;
    await this.#ask({ do: 'close' });
  }

  /** The most memory that the process has held so far, in MB; undefined where the system does not tell. */
  get peakMegabytes() {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) / 1000;
    } catch {
      return undefined;
    }
  }

  end() {
    this.#child.stdin.end();
  }
}

const lastLine = (text) => text.trim().split('\n').slice(-1).filter(Boolean);
