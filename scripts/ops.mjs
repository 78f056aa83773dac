// Prints the case table (`--differential`: the comparison with TensorFlow.js): bundles it with the sources, and runs it.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
execFileSync(process.execPath, ['scripts/build.mjs', '--kernels'], { stdio: 'inherit' });
const name = process.argv.includes('--differential') ? 'differential' : 'print';
await build({
  entryPoints: [`test/ops/${name}.ts`],
  outfile: 'build/ops/ops.mjs',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'es2022',
  alias: { '#kernels': './test/support/wasm.ts', '#kernels-threads': './test/support/wasm.ts' },
  external: ['cli-progress', '@tensorflow/*'],
  logLevel: 'warning',
});
await import('../build/ops/ops.mjs');
