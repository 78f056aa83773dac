// Twelve models that Keras trained, and twelve that were built and trained here, written for Keras: keras_models.py loads
// them, trains on, and compares. The table is keras-models.md beside this file.
// node scripts/evidence/keras-models.mjs FOLDER, after a build; then python scripts/evidence/keras_models.py FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as sg from 'samegrad';

const STEPS = 2;
const folder = process.argv[2];
if (!folder) throw new Error('keras-models: where to? node scripts/evidence/keras-models.mjs FOLDER');
mkdirSync(folder, { recursive: true });
const outfile = resolve('build/evidence/models.mjs');
await build({
  stdin: {
    contents: "export * from './test/io/keras/files'; export { ofKeras } from './test/io/twelve';",
    resolveDir: process.cwd(),
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'node',
  outfile,
  logLevel: 'warning',
  // Where the goldens are found from.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(resolve('test/io/keras/files.ts')).href) },
  plugins: [
    {
      name: 'built package',
      setup: (b) => b.onResolve({ filter: /\/src\/index$/ }, () => ({ path: 'samegrad', external: true })),
    },
  ],
});
const { fixture, goldens, inputsOf, load, ofKeras, predict, Sampling, save, single, targetsOf, train } = await import(
  pathToFileURL(outfile).href
);
sg.serialization.registerClass(Sampling, 'vae');

const told = (t) => ({ shape: t.shape, dtype: t.dtype, values: [...t.dataSync()] });
const FILES = { keras: '.keras', h5: '.h5' };
const rows = [];

async function write(from, name, model, inputs, targets, expected) {
  for (const [format, suffix] of Object.entries(FILES)) {
    const file = `${from === 'Keras' ? 'there' : 'here'}-${name}${suffix}`;
    writeFileSync(join(folder, file), await save(model, format));
    rows.push({ from, name, file, inputs: inputs.map(told), targets: targets.map(told) });
  }
  const { before, losses, after } = await expected();
  for (const row of rows.slice(-2)) Object.assign(row, { before, losses, after });
}

// What Keras itself computed after the same steps is compared with.
for (const [name, golden] of Object.entries(goldens)) {
  const model = await load(fixture('archives', name));
  const values = (list) => list.map((y) => y.values);
  const expected = () => ({ before: values(golden.before), losses: golden.losses, after: values(golden.after) });
  await write('Keras', name, model, inputsOf(model, golden), targetsOf(name, golden), expected);
}
for (const [name, make] of Object.entries(ofKeras)) {
  const { model, inputs, targets } = make();
  for (let i = 0; i < STEPS; i++) await model.trainOnBatch(single(inputs), single(targets));
  await write('samegrad', name, model, inputs, targets, async () => {
    const before = predict(model, inputs);
    return { before, losses: await train(model, inputs, targets), after: predict(model, inputs) };
  });
}
writeFileSync(join(folder, 'rows.json'), JSON.stringify(rows));
console.log(`${rows.length} files`);
