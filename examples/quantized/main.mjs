// A convolutional network and an LSTM learn digits in float32; then both predict with integers of eight bits, from files of
// a quarter of the size. How much accuracy does that cost?
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'CNN and LSTM with weights of eight bits',
  section: '1.5 Applications (CNN, LSTM)',
  data: 'MNIST, digits as images and as sequences of rows',
  metric: 'points of accuracy that are lost',
  atMost: 0.3,
};
const { layers } = sg;

const cnn = () =>
  sg.sequential({
    layers: [
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });

/** Reads an image row by row. */
const lstm = () =>
  sg.sequential({
    layers: [
      layers.reshape({ targetShape: [28, 28], inputShape: [28, 28, 1] }),
      layers.lstm({ units: 128 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });

await example(about, async ({ pick, draw }) => {
  sg.setSeed(8);
  const { train, test } = mnist({ train: pick(12000, 256), test: pick(10000, 100) });
  const accuracyOf = (found) => found.argMax(-1).equal(test.y).mean().dataSync()[0] * 100;
  const models = { CNN: cnn(), LSTM: lstm() };
  const lost = [];
  for (const [name, model] of Object.entries(models)) {
    model.compile({ optimizer: sg.train.adam(0.002), loss: 'sparseCategoricalCrossentropy' });
    await model.fit(train.x, train.y, { epochs: pick(3, 1), batchSize: 64, verbose: 0 });

    const small = sg.quantize(model, { calibration: train.x.slice(0, pick(500, 50)) });
    const [whole, file] = await Promise.all([model, small].map((m) => sg.io.toBytes(m)));
    const loaded = await sg.loadModel(file);
    const [before, after] = [model, loaded].map((m) => accuracyOf(m.predict(test.x)));
    lost.push(before - after);
    const part = ((100 * file.length) / whole.length).toFixed(1);
    console.log(`${name}: ${before.toFixed(2)} % in float32, ${after.toFixed(2)} % in int8; ${part} % of the bytes`);
    models[name] = loaded;
  }
  const matrix = sg.metrics.confusionMatrix(test.y, models.CNN.predict(test.x), 10);
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'Digits read with integers of eight bits' }));
  return { reached: Math.max(...lost), learned: Object.values(models) };
});
