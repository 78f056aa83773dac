/**
 * Scripts in a process of their own: for what could hang, as a blocked thread cannot be interrupted, and for kernels
 * other than those of the build.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Kernels with the constants that they were compiled with: `isa` is the path of their isa.ts. */
export interface Kernels {
  readonly plain: string;
  readonly threaded: string;
  readonly isa: string;
}

export const builtKernels: Kernels = {
  plain: join(root, 'build/samegrad.wasm'),
  threaded: join(root, 'build/samegrad-threads.wasm'),
  isa: join(root, 'assembly/isa.ts'),
};

/** `#kernels` and `#kernels-threads` for a bundle. */
const wasmModule = ({ plain, threaded }: Kernels): string => `
  import { readFileSync } from 'node:fs';
  const read = (path) => new Uint8Array(readFileSync(path));
  export const kernels = read(${JSON.stringify(plain)});
  export const threaded = async () => read(${JSON.stringify(threaded)});
`;

/** Runs a command; returns what it prints. @throws if it fails, or has not ended after so many milliseconds */
export function run(
  file: string,
  args: readonly string[],
  options: { timeout: number; cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((done, fail) => {
    execFile(file, args, { ...options, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (!error) done(stdout);
      else
        fail(
          new Error(
            error.killed
              ? `did not end within ${options.timeout} ms; it printed: ${stdout}`
              : `${error.message}\n${stderr}`,
          ),
        );
    });
  });
}

interface Surroundings {
  readonly kernels?: Kernels;
  /** Of Node. */
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Writes a script below test with the library and everything that it imports into one file. */
export async function bundle(name: string, outfile: string, kernels = builtKernels): Promise<void> {
  await build({
    entryPoints: [join(root, 'test', `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    logLevel: 'error',
    // Scripts of single modules have kernels too.
    inject: [join(root, 'src/runtime/kernels.ts')],
    plugins: [
      {
        name: 'kernels',
        setup(b) {
          b.onResolve({ filter: /^#kernels/ }, () => ({ path: 'wasm', namespace: 'kernels' }));
          b.onLoad({ filter: /.*/, namespace: 'kernels' }, () => ({ contents: wasmModule(kernels) }));
          b.onResolve({ filter: /\/assembly\/isa$/ }, () => ({ path: kernels.isa }));
        },
      },
    ],
  });
}

/** Runs a script below test with the library and everything that it imports. */
export async function runScript(
  name: string,
  args: readonly string[],
  timeout: number,
  { kernels = builtKernels, flags = [], env = process.env }: Surroundings = {},
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'samegrad-'));
  try {
    const outfile = join(directory, 'script.mjs');
    await bundle(name, outfile, kernels);
    return await run(process.execPath, [...flags, outfile, ...args], { timeout, env });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
