/** Programs under mpirun, in Node, Deno and Bun. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from '../support/child';
import { isAll } from '../support/effort';

const root = resolve(import.meta.dirname, '../..');
const installed = join(root, 'test/runtimes/node_modules');

function hasMpi(): boolean {
  try {
    execFileSync('mpirun', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** In CI nothing may be missing. */
export const canLaunch = isAll || hasMpi();

/** The command lines of the runtimes. */
const COMMANDS = {
  node: [process.execPath],
  deno: [join(installed, '@deno/linux-x64-glibc/deno'), 'run', '--allow-all', '--no-config', '--no-lock'],
  bun: [join(installed, '@oven/bun-linux-x64/bin/bun'), 'run', '--no-install'],
};
export type Runtime = keyof typeof COMMANDS;

/** Those that are there; in CI all. */
export const runtimes = (Object.keys(COMMANDS) as Runtime[]).filter(
  (r) => isAll || existsSync(COMMANDS[r][0] as string),
);

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface Launch {
  readonly ranks: number;
  readonly args?: readonly string[];
  /** Milliseconds after which everything is killed. */
  readonly timeout?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program below test/distributed/programs, bundled where it finds the packages of the project. */
export class Launchable {
  readonly #folder: string;
  #isBundled: Promise<void> | undefined;

  constructor(readonly name: string) {
    mkdirSync(join(root, 'build'), { recursive: true });
    this.#folder = mkdtempSync(join(root, 'build/mpi-'));
  }

  get file(): string {
    return join(this.#folder, 'program.mjs');
  }

  /** Resolves when all ranks have ended, whichever way. */
  async launch(runtime: Runtime, { ranks, args = [], timeout = 60_000, env = {} }: Launch): Promise<Ended> {
    this.#isBundled ??= bundle(`distributed/programs/${this.name}`, this.file);
    await this.#isBundled;
    const options = ['--allow-run-as-root', '--oversubscribe', '-n', String(ranks)];
    const started = performance.now();
    const child = spawn('mpirun', [...options, ...COMMANDS[runtime], this.file, ...args], {
      env: { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1', ...env },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    // Told so, it ends the ranks.
    const timer = setTimeout(() => child.kill('SIGTERM'), timeout);
    const code = await new Promise<number | null>((done, fail) => {
      child.on('error', fail);
      child.on('close', done);
    });
    clearTimeout(timer);
    return { code, stdout, stderr, milliseconds: performance.now() - started };
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
