// A small convolutional network with batch normalization learns to tell clothes apart. Its first layer mirrors images at
// random while it trains, so that each epoch sees others, and leaves them alone when it predicts.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { FASHION, fashionMnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const { layers } = sg;

/** Convolution, normalization, activation, and half the resolution. */
const block = (filters) => [
  layers.conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false }),
  layers.batchNormalization({ momentum: 0.9 }),
  layers.reLU(),
  layers.maxPooling2d({ poolSize: 2 }),
];

const network = () =>
  sg.sequential({
    layers: [
      layers.inputLayer({ inputShape: [28, 28, 1] }),
      layers.randomFlip({ mode: 'horizontal' }),
      ...[16, 32, 64].flatMap(block),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });

const about = {
  system: 'CNN with augmentation',
  section: '1.5 Applications (CNN)',
  data: 'Fashion-MNIST, 60,000 clothes',
  metric: 'test accuracy',
  atLeast: 0.91,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2017);
  await sg.setThreads(pick(2, 1));
  const { train, test } = fashionMnist({ train: pick(60000, 320), test: pick(10000, 200) });
  const epochs = pick(5, 2);
  const batchSize = 64;
  const totalSteps = epochs * Math.ceil(train.y.size / batchSize);
  const model = network();
  model.compile({
    optimizer: sg.train.adam({ learningRate: sg.schedules.oneCycle({ maxLearningRate: 0.006, totalSteps }) }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const training = await model.fit(train.x, train.y, {
    epochs,
    batchSize,
    validationData: [test.x, test.y],
    verbose: 2,
  });

  const probabilities = model.predict(test.x);
  const found = probabilities.argMax(-1);
  console.log(sg.metrics.classificationReport(test.y, found, { targetNames: FASHION }));
  const reached = training.history.val_acc.at(-1);

  const matrix = sg.metrics.confusionMatrix(test.y, probabilities, 10);
  const clothes = train.x.slice(0, 10);
  const [, flip] = model.layers;
  const both = sg.concat([clothes, flip.apply(clothes, { training: true })]);
  const [first] = model.layers.filter((layer) => layer.getClassName() === 'Conv2D');
  await draw('training', vis.history(training, { title: 'Training, and test images after each epoch' }));
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'What clothes were taken for', classNames: FASHION }));
  await draw('augmentation', vis.images(both, { title: 'Clothes, and as the network sees them', columns: 10 }));
  await draw('filters', vis.filters(first, { title: 'Filters of the first convolution' }));
  const maps = model.execute(test.x.slice(9, 1), first.name);
  await draw('maps', vis.featureMaps(maps, { title: 'A boot after the first convolution' }));
  return { reached, learned: model };
});
