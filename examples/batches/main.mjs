// Gradient descent with all examples in a step, with one, and with 32: three ways through the same epochs.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'MLP',
  section: '3.2 Gradient Descent',
  data: 'MNIST, 4,000 digits',
  metric: 'test accuracy with mini-batches',
  atLeast: 0.9,
};

function network(rate) {
  const model = sg.sequential();
  model.add(sg.layers.flatten({ inputShape: [28, 28, 1] }));
  model.add(sg.layers.dense({ units: 32, activation: 'relu' }));
  model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: sg.train.sgd(rate), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

await example(about, async ({ pick, draw }) => {
  const count = pick(4000, 320);
  const { train, test } = mnist({ train: count, test: pick(10000, 500) });
  // The noisier the gradient, the smaller the steps.
  const forms = [
    { name: 'batch: all', batchSize: count, rate: 0.3 },
    { name: 'mini-batch: 32', batchSize: 32, rate: 0.2 },
    { name: 'stochastic: 1', batchSize: 1, rate: 0.02 },
  ];
  const [losses, models, results] = [[], [], {}];
  let reached;
  for (const { name, batchSize, rate } of forms) {
    sg.setSeed(1847);
    const model = network(rate);
    const y = [];
    const onBatchEnd = (_, { loss }) => y.push(loss);
    const epochs = pick(10, 2);
    await model.fit(train.x, train.y, { epochs, batchSize, verbose: 0, callbacks: { onBatchEnd } });
    const rises = y.filter((loss, i) => loss > y[i - 1]).length;
    const accuracy = model.evaluate(test.x, test.y)[1].dataSync()[0];
    results[name] = {
      steps: y.length,
      'steps up (%)': ((100 * rises) / y.length).toFixed(0),
      'test accuracy': accuracy.toFixed(3),
    };
    losses.push({ name, x: y.map((_, i) => (epochs * (i + 1)) / y.length), y });
    models.push(model);
    if (batchSize === 32) reached = accuracy;
  }
  console.table(results);
  const axes = { xLabel: 'epoch', yLabel: 'loss of the batch' };
  for (const [i, line] of losses.entries())
    await draw(`loss-${i + 1}`, vis.lines([line], { title: `Gradient descent, ${line.name}`, ...axes }));
  return { reached, learned: models };
});
