// A multilayer perceptron reads handwritten digits: 784 pixels, two hidden layers, ten probabilities.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'MLP',
  section: '1.5 Applications (MLP), 2.4 Feedforward Neural Networks',
  data: 'MNIST',
  metric: 'test accuracy',
  atLeast: 0.98,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1986);
  await sg.setThreads(pick(2, 1));
  const { train, test } = mnist({ train: pick(60000, 2000), test: pick(10000, 500) });
  const [epochs, batchSize] = [pick(6, 2), 64];
  const steps = epochs * Math.ceil(train.y.size / batchSize);

  const model = sg.sequential();
  model.add(sg.layers.flatten({ inputShape: [28, 28, 1] }));
  model.add(sg.layers.dense({ units: 256, activation: 'relu' }));
  model.add(sg.layers.dropout({ rate: 0.25 }));
  model.add(sg.layers.dense({ units: 128, activation: 'relu' }));
  model.add(sg.layers.dropout({ rate: 0.25 }));
  model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({
    optimizer: sg.train.adam(sg.schedules.cosineDecay(0.002, steps)),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  model.summary();
  const { history } = await model.fit(train.x, train.y, {
    epochs,
    batchSize,
    validationData: [test.x, test.y],
    verbose: 0,
  });
  history.val_acc.forEach((accuracy, epoch) => {
    console.log(`epoch ${epoch + 1}: loss ${history.loss[epoch].toFixed(4)}, test accuracy ${accuracy.toFixed(4)}`);
  });
  const found = model.predict(test.x, { batchSize: 500 }).argMax(-1);
  const matrix = sg.metrics.confusionMatrix(test.y, found, 10);
  const [truth, guesses] = [test.y.dataSync(), found.dataSync()];
  const wrong = [...truth.keys()].filter((i) => truth[i] !== guesses[i]).slice(0, 24);
  const titles = wrong.map((i) => `${truth[i]}, not ${guesses[i]}`);
  const seen = model.layers[1].getWeights()[0].slice([0, 0], [-1, 24]).reshape([28, 28, 1, 24]);
  await draw('model', await vis.modelGraph(model, { title: 'The network' }));
  await draw('history', vis.history(history, { title: 'MLP on MNIST', width: 640 }));
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'Digits, and what they were taken for', width: 560 }));
  await draw('errors', vis.images(test.x.gather(wrong), { title: 'Read wrongly', titles, columns: 8, width: 640 }));
  await draw('weights', vis.filters(seen, { title: 'Weights of 24 neurons', columns: 8, width: 640 }));
  return { reached: history.val_acc.at(-1), learned: model };
});
