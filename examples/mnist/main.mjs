// Trains a LeNet-5-class network on the whole of MNIST and shows what came of it.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as sg from 'samegrad';
import { loadMnist } from './data.mjs';
import { confusionMatrix, drawDigits } from './report.mjs';

const EPOCHS = 5;
const BATCH = 64;
const WEIGHTS = fileURLToPath(new URL('out/weights.f32', import.meta.url));

function network() {
  const model = sg.sequential({ name: 'lenet' });
  model.add(
    sg.layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 5, padding: 'same', activation: 'relu' }),
  );
  model.add(sg.layers.maxPooling2d({ poolSize: 2 }));
  model.add(sg.layers.conv2d({ filters: 32, kernelSize: 5, activation: 'relu' }));
  model.add(sg.layers.maxPooling2d({ poolSize: 2 }));
  model.add(sg.layers.flatten());
  model.add(sg.layers.dense({ units: 120, activation: 'relu' }));
  model.add(sg.layers.dropout({ rate: 0.3 }));
  model.add(sg.layers.dense({ units: 84, activation: 'relu' }));
  model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
  return model;
}

/** The bytes of all weights, one array after another. */
const weightBytes = (model) => Buffer.concat(model.getWeights().map((w) => Buffer.from(w.dataSync().buffer)));

/** Fills a model from such bytes; the shapes are the model's own. */
function loadWeights(model, bytes) {
  let at = 0;
  const tensors = model.getWeights().map(({ shape, size }) => {
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size * 4));
    at += size * 4;
    return sg.tensor(values, shape);
  });
  model.setWeights(tensors);
}

sg.setSeed(1998);
const threads = await sg.setThreads(Math.min(2, availableParallelism()));
const { train, test } = loadMnist(sg);
const model = network();
model.summary();
const optimizer = sg.train.adam(0.002);
model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });

const start = performance.now();
await model.fit(train.x, train.y, {
  epochs: EPOCHS,
  batchSize: BATCH,
  verbose: 1,
  callbacks: {
    onEpochEnd: () => {
      optimizer.learningRate *= 0.5;
    },
  },
});
const seconds = (performance.now() - start) / 1000;

const [loss, accuracy] = model.evaluate(test.x, test.y, { batchSize: 100 }).map((t) => t.dataSync()[0]);
const predictions = model.predict(test.x, { batchSize: 100 });
const classes = predictions.argMax(-1).dataSync();
console.log(`\n${confusionMatrix(test.labels, classes)}\n`);
const wrong = [...classes.keys()].filter((i) => classes[i] !== test.labels[i]);
console.log(drawDigits(test.images, test.labels, classes, [0, 1, 2]));
console.log(`\n${wrong.length} of ${classes.length} are wrong, among them:`);
console.log(drawDigits(test.images, test.labels, classes, wrong.slice(0, 3)));

mkdirSync(dirname(WEIGHTS), { recursive: true });
const bytes = weightBytes(model);
writeFileSync(WEIGHTS, bytes);
const loaded = network();
loadWeights(loaded, readFileSync(WEIGHTS));
const same = Buffer.from(loaded.predict(test.x).dataSync().buffer).equals(Buffer.from(predictions.dataSync().buffer));
console.log(
  `\nweights saved to ${relative(process.cwd(), WEIGHTS)}; loaded, they predict ${same ? 'the same, bit for bit' : 'SOMETHING ELSE'}`,
);

console.log(`test accuracy  ${accuracy.toFixed(4)} (loss ${loss.toFixed(4)})`);
console.log(`training       ${seconds.toFixed(1)} s, ${EPOCHS} epochs, ${threads} threads`);
console.log(`images/s       ${Math.round((EPOCHS * train.labels.length) / seconds)}`);
console.log(`weights        SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`);
if (!same || !(accuracy >= 0.99)) process.exitCode = 1;
