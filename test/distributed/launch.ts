/** Programs under the launchers of Open MPI and MPICH, in Node, Deno and Bun. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from '../support/child';
import { isAll } from '../support/effort';

const root = resolve(import.meta.dirname, '../..');
const installed = join(root, 'test/runtimes/node_modules');

/** Command lines up to the number of ranks, by names that Debian never gives to another MPI, as it does `mpirun`. */
const LAUNCHERS = {
  openmpi: ['mpirun.openmpi', '--allow-run-as-root', '--oversubscribe', '-n'],
  mpich: ['mpiexec.mpich', '-n'],
};
export type Launcher = keyof typeof LAUNCHERS;

const isInstalled = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Those that are there; in CI all, as nothing may be missing there. */
export const launchers = (Object.keys(LAUNCHERS) as Launcher[]).filter(
  (l) => isAll || isInstalled(LAUNCHERS[l][0] as string),
);
export const canLaunch = launchers.includes('openmpi');

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
  /** Default: openmpi. */
  readonly launcher?: Launcher;
  readonly args?: readonly string[];
  /** Milliseconds after which everything is killed. */
  readonly timeout?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program in all ranks; resolves when they have ended, whichever way. */
export async function launch(
  file: string,
  runtime: Runtime,
  { ranks, launcher = 'openmpi', args = [], timeout = 60_000, env = {} }: Launch,
): Promise<Ended> {
  const [command, ...options] = LAUNCHERS[launcher] as [string, ...string[]];
  const started = performance.now();
  const child = spawn(command, [...options, String(ranks), ...COMMANDS[runtime], file, ...args], {
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

  /** As the function `launch`. */
  async launch(runtime: Runtime, settings: Launch): Promise<Ended> {
    this.#isBundled ??= bundle(`distributed/programs/${this.name}`, this.file);
    await this.#isBundled;
    return launch(this.file, runtime, settings);
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
