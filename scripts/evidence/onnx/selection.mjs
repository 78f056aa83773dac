// A selection of ONNX' own backend cases, small enough for the repository: each operator by its smallest cases.
//   node scripts/evidence/onnx/selection.mjs FILE [--each 2] [--most 20000]
// FILE is what scripts/evidence/onnx/cases.py packs of PyPI's onnx; writes test/fixtures/onnx-cases.bin.gz.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { each: { type: 'string', default: '2' }, most: { type: 'string', default: '20000' } },
});
const file = gunzipSync(readFileSync(positionals[0] ?? ''));
const length = file.readUInt32LE(8);
const head = JSON.parse(file.toString('utf8', 16, 16 + length));
const blobs = file.subarray(16 + length);

const tensorsOf = ({ sets }) => sets.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
const sizeOf = (one) => one.model[1] + tensorsOf(one).reduce((sum, { at }) => sum + (at?.[1] ?? 0), 0);
const counts = new Map();
const chosen = head.cases
  .filter((one) => sizeOf(one) <= Number(values.most))
  .sort((a, b) => a.ops.length - b.ops.length || sizeOf(a) - sizeOf(b))
  .filter(({ ops }) => {
    const isNew = ops.some((op) => (counts.get(op) ?? 0) < Number(values.each));
    if (isNew) for (const op of ops) counts.set(op, (counts.get(op) ?? 0) + 1);
    return isNew;
  })
  .sort((a, b) => (a.name < b.name ? -1 : 1));

const parts = [];
const places = new Map();
let size = 0;
function keep([from, count]) {
  const bytes = blobs.subarray(from, from + count);
  const key = bytes.toString('latin1');
  if (!places.has(key)) {
    const padding = Buffer.alloc(-size & 15);
    places.set(key, [size + padding.length, count]);
    parts.push(padding, bytes);
    size += padding.length + count;
  }
  return places.get(key);
}
const cases = chosen.map(({ name, suite, tier, opset, ops, rtol, atol, model, sets, noise }) => ({
  ...{ name, suite, tier, opset, ops, rtol, atol, model: keep(model), ...(noise ? { noise } : {}) },
  sets: sets.map(({ inputs, outputs }) => {
    const moved = (t) => (t.at ? { ...t, at: keep(t.at) } : t);
    return { inputs: inputs.map(moved), outputs: outputs.map(moved) };
  }),
}));
const json = Buffer.from(JSON.stringify({ onnx: head.onnx, cases }));
const text = Buffer.concat([json, Buffer.alloc(-json.length & 15, ' ')]);
const start = Buffer.alloc(16);
start.write('ONNXCASE', 'latin1');
start.writeUInt32LE(text.length, 8);
const packed = gzipSync(Buffer.concat([start, text, ...parts]), { level: 9 });
const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
writeFileSync(join(root, 'test/fixtures/onnx-cases.bin.gz'), packed);
console.log(`${cases.length} of ${head.cases.length} cases, ${counts.size} operators, ${packed.length} bytes`);
