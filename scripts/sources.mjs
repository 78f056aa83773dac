// What tests and sources export, for programs that run without vitest.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Bundles and imports.
 * @param {string} name of the file that is written
 * @param {string} contents a module of TypeScript; its imports begin at the root of the project
 */
export async function importSources(name, contents) {
  // As deep as what it reads the kernels from.
  const outfile = join(root, `build/sources/${name}.mjs`);
  await build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    outfile,
    alias: { '#kernels': './test/support/wasm.ts', '#kernels-threads': './test/support/wasm.ts' },
    external: ['@tensorflow/*', 'papaparse', 'pbf', 'crc-32/*', 'cli-progress'],
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
