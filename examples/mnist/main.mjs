// A network of the kind of LeNet-5 (LeCun et al., 1998) learns all of MNIST. `npm start` runs this.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';
import { confusionMatrix, drawDigits } from './report.mjs';

const FILE = fileURLToPath(new URL('out/lenet.safetensors', import.meta.url));
const { layers } = sg;

function lenet() {
  const model = sg.sequential({ name: 'lenet' });
  model.add(
    layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 5, padding: 'same', activation: 'relu' }),
  );
  model.add(layers.maxPooling2d({ poolSize: 2 }));
  model.add(layers.conv2d({ filters: 32, kernelSize: 5, activation: 'relu' }));
  model.add(layers.maxPooling2d({ poolSize: 2 }));
  model.add(layers.flatten());
  model.add(layers.dense({ units: 120, activation: 'relu' }));
  model.add(layers.dropout({ rate: 0.3 }));
  model.add(layers.dense({ units: 84, activation: 'relu' }));
  model.add(layers.dense({ units: 10, activation: 'softmax' }));
  return model;
}

const bytes = (tensor) => Buffer.from(tensor.dataSync().buffer);

const about = {
  system: 'CNN (LeNet-5)',
  section: '1.5 Applications (CNN)',
  data: 'MNIST, 60,000 digits',
  metric: 'test accuracy',
  atLeast: 0.992,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1998);
  const threads = await sg.setThreads(Math.min(2, availableParallelism()));
  const { train, test } = mnist({ train: pick(60000, 640), test: pick(10000, 200) });
  const model = lenet();
  model.summary();
  model.compile({ optimizer: sg.train.adam(0.002), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const epochs = pick(5, 1);
  const start = performance.now();
  const halve = sg.callbacks.learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate / 2));
  const training = await model.fit(train.x, train.y, { epochs, batchSize: 64, verbose: 1, callbacks: halve });
  const seconds = (performance.now() - start) / 1000;

  const [loss, accuracy] = model.evaluate(test.x, test.y, { batchSize: 100 }).map((t) => t.dataSync()[0]);
  const predictions = model.predict(test.x, { batchSize: 100 });
  const [found, labels, images] = [predictions.argMax(-1), test.y, test.x].map((t) => t.dataSync());
  console.log(`\n${confusionMatrix(labels, found)}\n`);
  const wrong = [...found.keys()].filter((i) => found[i] !== labels[i]);
  console.log(drawDigits(images, labels, found, [0, 1, 2]));
  console.log(`\n${wrong.length} of ${found.length} are wrong, among them:`);
  console.log(drawDigits(images, labels, found, wrong.slice(0, 3)));

  mkdirSync(dirname(FILE), { recursive: true });
  await model.save(FILE);
  const loaded = await sg.loadModel(FILE);
  const isSame = bytes(loaded.predict(test.x)).equals(bytes(predictions));
  if (!isSame) throw new Error('the model that was loaded predicts something else');
  console.log(`\nmodel saved to ${relative(process.cwd(), FILE)}; loaded, it predicts the same, bit for bit`);

  console.log(`test accuracy  ${accuracy.toFixed(4)} (loss ${loss.toFixed(4)})`);
  console.log(`training       ${seconds.toFixed(1)} s, ${epochs} epochs, ${threads} threads`);
  console.log(`images/s       ${Math.round((epochs * train.y.size) / seconds)}`);
  const weights = Buffer.concat(model.getWeights().map(bytes));
  console.log(`weights        SHA-256 ${createHash('sha256').update(weights).digest('hex')}`);

  const matrix = sg.metrics.confusionMatrix(test.y, predictions, 10);
  const seven = test.x.slice(0, 1);
  await draw('training', vis.history(training, { metrics: ['loss', 'acc'] }));
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'What digits were taken for' }));
  await draw('filters', vis.filters(model.layers[0], { title: 'Filters of the first convolution' }));
  for (const [i, name] of ['first', 'second'].entries()) {
    const maps = model.execute(seven, model.layers[2 * i].name);
    await draw(`maps-${name}`, vis.featureMaps(maps, { title: `A seven after the ${name} convolution` }));
  }
  const mistakes = wrong.slice(0, 24);
  const titles = mistakes.map((i) => `${labels[i]}, not ${found[i]}`);
  await draw('mistakes', vis.images(test.x.gather(mistakes), { title: 'Digits that were read wrongly', titles }));
  return { reached: accuracy, learned: model };
});
