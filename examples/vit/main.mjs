// A small vision Transformer (Dosovitskiy et al., 2021): an image is a sequence of 49 patches of 4 x 4 pixels, and attention
// finds out which belong together.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';
import { block } from '../support/transformer.mjs';

const { layers } = sg;
const [DIM, BLOCKS] = [48, 2];

/** The network, and one whose outputs are the attention of all heads, one [batch, heads, 49, 49] for each block. */
function network() {
  const image = sg.input({ shape: [28, 28, 1] });
  const patches = layers.conv2d({ filters: DIM, kernelSize: 4, strides: 4 }).apply(image);
  let x = layers.reshape({ targetShape: [49, DIM] }).apply(patches);
  x = layers.add().apply([x, layers.positionEmbedding({ sequenceLength: 49 }).apply(x)]);
  const attention = [];
  for (let i = 0; i < BLOCKS; i++) {
    const { output, scores } = block(x, { heads: 4, hidden: 2 * DIM, dropout: 0.1 });
    attention.push(scores);
    x = output;
  }
  const all = layers.flatten().apply(layers.layerNormalization().apply(x));
  const outputs = layers.dense({ units: 10, activation: 'softmax' }).apply(all);
  return [sg.model({ inputs: image, outputs, name: 'vit' }), sg.model({ inputs: image, outputs: attention })];
}

const about = {
  system: 'Transformer for images (ViT)',
  section: '1.5 Applications (Transformer Networks)',
  data: 'MNIST, 20,000 digits',
  metric: 'test accuracy',
  atLeast: 0.96,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2021);
  await sg.setThreads(pick(2, 1));
  const { train, test } = mnist({ train: pick(20000, 192), test: pick(10000, 64) });
  const [model, attention] = network();
  const [epochs, batchSize] = [pick(4, 1), 64];
  const totalSteps = epochs * Math.ceil(train.y.size / batchSize);
  model.compile({
    optimizer: sg.train.adamW(sg.schedules.oneCycle({ maxLearningRate: 0.004, totalSteps })),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const training = await model.fit(train.x, train.y, { epochs, batchSize, verbose: 2 });
  const [, accuracy] = model.evaluate(test.x, test.y).map((t) => t.dataSync()[0]);
  console.log(`${model.countParams()} weights; test accuracy ${(100 * accuracy).toFixed(2)} %`);
  await draw('training', vis.history(training));
  // How much each patch is attended to, by all patches and heads of a block, on average.
  const digits = test.x.slice(0, 6);
  const looks = attention.predict(digits).flatMap((scores) => {
    const seen = scores.mean([1, 2]).reshape([-1, 7, 7, 1]);
    return [sg.image.resizeNearestNeighbor(seen.div(seen.max()), [28, 28])];
  });
  const title = 'Digits, and where the first and the second block look';
  await draw('attention', vis.images(sg.concat([digits, ...looks]), { title, columns: 6, coloring: 'viridis' }));
  return { reached: accuracy, learned: model };
});
