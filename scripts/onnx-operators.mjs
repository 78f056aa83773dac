// The guide with the table of ONNX' operators: which opsets and types run, what trains, what exports contain, backend cases.
//   node scripts/onnx-operators.mjs FILE [--wide FILE] [--write]
// FILE is what scripts/evidence/onnx/cases.py packs of PyPI's onnx, that of --wide with its option of that name: it tells of more
// types. With --write the guide is written to site/guides, else printed.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { importSources } from './sources.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false }, wide: { type: 'string' } },
});
const bytesOf = (file) => {
  const packed = readFileSync(file);
  return new Uint8Array(packed[0] === 0x1f ? gunzipSync(packed) : packed);
};
const [own, wide] = [positionals[0] ?? '', values.wide].map((file) => file !== undefined && bytesOf(file));
process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const { Cases, guideOf, tableOf } = await importSources(
  'onnx-operators',
  "export * from './test/onnx/support/cases'; export * from './test/onnx/support/table';",
);
const text = guideOf(await tableOf(new Cases(own), wide ? new Cases(wide) : undefined));
if (values.write) writeFileSync('site/guides/onnx-operators.md', text);
else console.log(text);
