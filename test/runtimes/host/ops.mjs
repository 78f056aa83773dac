// Bundles programs for every runtime: of inside/ with the library's sources, and the cases of bench/ without.
import { copyFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { host as kernelsOf } from '../../../scripts/build/shared.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const MODULES = ['samegrad.wasm', 'samegrad.wasm.js', 'samegrad-threads.wasm.js'];

/** Name of a bundle: its source, and the kernels that it is built with. */
const BUNDLES = {
  ops: ['test/runtimes/inside/ops.ts', 'inline'],
  'ops-workerd': ['test/runtimes/inside/ops.ts', 'workerd'],
  switches: ['test/runtimes/inside/switches.ts', 'inline'],
  bench: ['bench/runtimes/inside.mjs'],
};

/** Writes bundles and the modules that they import to a folder; by default those of the report. */
export async function bundleOps(dist, folder, wanted = ['ops', 'ops-workerd']) {
  for (const file of MODULES) copyFileSync(`${dist}/${file}`, `${folder}/${file}`);
  for (const name of wanted) {
    const [source, host] = BUNDLES[name];
    await build({
      absWorkingDir: root,
      entryPoints: [source],
      outfile: `${folder}/${name}.js`,
      bundle: true,
      format: 'esm',
      target: 'es2022',
      ...(host && { alias: kernelsOf(host), inject: ['src/runtime/kernels.ts'] }),
      external: ['node:*', '*.wasm.js', 'cli-progress'],
      plugins: [
        {
          name: 'wasm',
          setup: (b) =>
            b.onResolve({ filter: /^samegrad\.wasm$/ }, () => ({ path: './samegrad.wasm', external: true })),
        },
        {
          name: 'unpacked',
          setup: (b) =>
            b.onLoad({ filter: /\.bin\.gz$/ }, ({ path }) => ({
              contents: gunzipSync(readFileSync(process.env.SAMEGRAD_ONNX_CASES ?? path)),
              loader: 'binary',
            })),
        },
      ],
      logLevel: 'warning',
    });
  }
}
