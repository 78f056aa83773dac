// Bundles inside/ops.ts with the library's sources, once as the default build and once for workerd, and switches.ts.
import { copyFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { host as kernelsOf } from '../../../scripts/build/shared.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const MODULES = ['samegrad.wasm', 'samegrad.wasm.js', 'samegrad-threads.wasm.js'];

/** Writes ops.js, ops-workerd.js, switches.js and the modules that they import to a folder. */
export async function bundleOps(dist, folder) {
  for (const file of MODULES) copyFileSync(`${dist}/${file}`, `${folder}/${file}`);
  for (const [name, source, host] of [
    ['ops', 'ops', 'inline'],
    ['ops-workerd', 'ops', 'workerd'],
    ['switches', 'switches', 'inline'],
  ])
    await build({
      absWorkingDir: root,
      entryPoints: [`test/runtimes/inside/${source}.ts`],
      outfile: `${folder}/${name}.js`,
      bundle: true,
      format: 'esm',
      target: 'es2022',
      alias: kernelsOf(host),
      inject: ['src/runtime/kernels.ts'],
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
              contents: gunzipSync(readFileSync(path)),
              loader: 'binary',
            })),
        },
      ],
      logLevel: 'warning',
    });
}
