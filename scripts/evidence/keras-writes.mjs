// Writes a .keras file for each row of the table of layers, with what the model predicts; keras_reads.py compares.
// node scripts/evidence/keras-writes.mjs FOLDER, after a build; then python scripts/evidence/keras_reads.py FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as sg from 'samegrad';

const folder = process.argv[2];
if (!folder) throw new Error('keras-writes: where to? node scripts/evidence/keras-writes.mjs FOLDER');
mkdirSync(folder, { recursive: true });
const outfile = resolve('build/evidence/rows.mjs');
await build({
  stdin: {
    contents:
      "export { layerTable } from './test/tables/layers/table'; export { generator } from './test/support/random';",
    resolveDir: process.cwd(),
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  outfile,
  logLevel: 'warning',
  plugins: [
    {
      name: 'built package',
      setup: (b) => b.onResolve({ filter: /\/src\/index$/ }, () => ({ path: 'samegrad', external: true })),
    },
  ],
});
const { layerTable, generator } = await import(pathToFileURL(outfile).href);
const random = generator(1);
const listOf = (x) => (Array.isArray(x) ? x : [x]);
const single = (list) => (list.length === 1 ? list[0] : list);
const floats = (size, make) => Float32Array.from({ length: size }, make);
const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);
/** Keras 3 computes the gates of these otherwise by default. */
const extra = [
  { layer: 'lstm', config: { units: 3 }, inputs: [[4, 2]] },
  { layer: 'gru', config: { units: 3, resetAfter: true, returnSequences: true }, inputs: [[4, 2]] },
  { layer: 'convLstm1d', config: { filters: 2, kernelSize: 2 }, inputs: [[3, 4, 2]] },
];

const rows = [];
for (const [i, c] of [...layerTable, ...extra].entries()) {
  // Those draw other numbers in Keras.
  if (c.layer.startsWith('random')) continue;
  const symbols = c.inputs.map((shape, k) => sg.input({ shape: [...shape], name: `in${k}` }));
  const y = sg.layers[c.layer]({ ...c.config }).apply(single(symbols), { ...c.args });
  const model = sg.model({ inputs: symbols, outputs: y });
  const positive = (w) => Number(/variance/.test(w.name));
  model.setWeights(
    model.weights.map((w) =>
      sg.tensor(
        floats(w.size, () => random() - 0.5 + positive(w)),
        w.shape,
        w.dtype,
      ),
    ),
  );
  const value = () => (c.below ? Math.floor(random() * c.below) : random() * 2 - 1);
  const xs = c.inputs.map((s) => sg.tensor(floats(3 * sizeOf(s), value), [3, ...s]));
  const told = (t) => ({ shape: t.shape, values: [...t.dataSync()] });
  try {
    writeFileSync(join(folder, `${i}.keras`), await sg.io.toBytes(model, { format: 'keras' }));
  } catch (error) {
    console.log(`${c.layer} ${JSON.stringify(c.config ?? {})}: ${error.message}`);
    continue;
  }
  const name = `${c.layer} ${JSON.stringify(c.config ?? {})} ${JSON.stringify(c.args ?? {})}`;
  rows.push({ file: `${i}.keras`, name, xs: xs.map(told), ys: listOf(model.predict(single(xs))).map(told) });
}
writeFileSync(join(folder, 'rows.json'), JSON.stringify(rows));
console.log(`${rows.length} files`);
