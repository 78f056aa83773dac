// ONNX' own backend cases: how many pass, by operator, why the others do not, and a hash of all outputs.
//   node scripts/evidence/onnx/cases.mjs FILE [--only TEXT] [--reasons] [--operators]
// FILE is what scripts/evidence/onnx/cases.py packs of PyPI's onnx.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { importSources } from '../../sources.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    reasons: { type: 'boolean', default: false },
    operators: { type: 'boolean', default: false },
  },
});

const { Cases, prepare, runCase } = await importSources(
  'onnx-cases',
  "export { prepare } from './src/onnx/index'; export * from './test/onnx/support/cases';",
);

await prepare();
const packed = readFileSync(positionals[0] ?? '');
const cases = new Cases(new Uint8Array(packed[0] === 0x1f ? gunzipSync(packed) : packed));
const hash = createHash('sha256');
const byOperator = new Map();
const faults = [];
const chosen = cases.list.filter(({ name }) => name.includes(values.only));
let slowest = ['', 0];
const start = performance.now();
for (const one of chosen) {
  const from = performance.now();
  const { fault, outputs } = runCase(cases, one);
  const took = performance.now() - from;
  if (took > slowest[1]) slowest = [one.name, took];
  for (const { data } of outputs)
    if (ArrayBuffer.isView(data)) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (fault) faults.push([one, fault]);
  for (const op of one.ops) {
    const [passed, all] = byOperator.get(op) ?? [0, 0];
    byOperator.set(op, [passed + (fault ? 0 : 1), all + 1]);
  }
}
const seconds = (performance.now() - start) / 1000;
if (values.operators) for (const [op, [passed, all]] of [...byOperator].sort()) console.log(`${op}\t${passed}/${all}`);
if (values.reasons) for (const [one, fault] of faults) console.log(`${one.name} (opset ${one.opset}): ${fault}`);
console.log(
  `${chosen.length - faults.length} of ${chosen.length} cases pass, ${seconds.toFixed(1)} s (slowest ${slowest[0]} ${slowest[1].toFixed(0)} ms), outputs ${hash.digest('hex')}`,
);
