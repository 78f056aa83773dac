// The guide with the table of ONNX' operators: which opsets run, what trains, what exports contain, backend cases.
//   node scripts/onnx-operators.mjs FILE [--write]
// FILE is what scripts/evidence/onnx_cases.py packs of PyPI's onnx. With --write it is written to site/guides, else printed.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
});
const packed = readFileSync(positionals[0] ?? '');
process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
// As deep as what it reads the module from.
await build({
  stdin: {
    contents: "export * from './test/onnx/support/cases'; export * from './test/onnx/support/table';",
    resolveDir: process.cwd(),
    loader: 'ts',
  },
  outfile: 'build/ops/onnx.mjs',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'es2022',
  alias: { '#kernels': './test/support/wasm.ts', '#kernels-threads': './test/support/wasm.ts' },
  external: ['papaparse', 'pbf', 'crc-32/*', 'cli-progress'],
  logLevel: 'warning',
});
const { Cases, guideOf, tableOf } = await import('../build/ops/onnx.mjs');
const text = guideOf(await tableOf(new Cases(new Uint8Array(packed[0] === 0x1f ? gunzipSync(packed) : packed))));
if (values.write) writeFileSync('site/guides/onnx-operators.md', text);
else console.log(text);
