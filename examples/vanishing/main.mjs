// Ten hidden layers: gradients shrink on the way back through sigmoids, until the first layers learn nothing. ReLU, or
// normalizing each batch, keeps them alive.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'deep MLP',
  section: '4.4 Vanishing Gradients',
  data: 'MNIST, 5,000 digits',
  metric: 'lowest test accuracy with ReLU or batch normalization',
  atLeast: 0.85,
};
const DEPTH = 10;

function deep({ activation, isNormalized = false }) {
  const model = sg.sequential();
  model.add(sg.layers.flatten({ inputShape: [28, 28, 1] }));
  const kernelInitializer = activation === 'relu' ? 'heNormal' : 'glorotUniform';
  for (let i = 1; i <= DEPTH; i++) {
    model.add(sg.layers.dense({ units: 32, kernelInitializer, name: `hidden${i}` }));
    if (isNormalized) model.add(sg.layers.batchNormalization());
    model.add(sg.layers.activation({ activation }));
  }
  model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: sg.train.adam(0.001), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

await example(about, async ({ pick, draw }) => {
  const { train, test } = mnist({ train: pick(5000, 256), test: pick(5000, 200) });
  const nets = {
    sigmoid: { activation: 'sigmoid' },
    ReLU: { activation: 'relu' },
    'sigmoid, normalized': { activation: 'sigmoid', isNormalized: true },
  };
  const [gradients, losses, models, accuracies, results] = [[], [], [], {}, {}];
  for (const [name, settings] of Object.entries(nets)) {
    sg.setSeed(1991);
    const model = deep(settings);
    // Before the first step: the root mean square of each layer's gradient.
    const layers = sg.train.diagnose(model, train.x, train.y).layers.filter((layer) => layer.name.startsWith('hidden'));
    const y = layers.map((layer) => layer.gradientRms);
    gradients.push({ name, x: y.map((_, i) => i + 1), y });
    const { history } = await model.fit(train.x, train.y, { epochs: pick(10, 1), batchSize: 32, verbose: 0 });
    accuracies[name] = model.evaluate(test.x, test.y)[1].dataSync()[0];
    results[name] = {
      'gradient of layer 1': y[0].toExponential(1),
      [`of layer ${DEPTH}`]: y.at(-1).toExponential(1),
      'test accuracy': accuracies[name].toFixed(3),
    };
    losses.push({ name, x: history.loss.map((_, i) => i + 1), y: history.loss });
    models.push(model);
  }
  console.table(results);
  const axes = { xLabel: 'hidden layer', yLabel: 'gradient (root mean square)', yScale: 'log' };
  await draw('gradients', vis.lines(gradients, { title: 'Gradients before the first step', ...axes }));
  await draw('losses', vis.lines(losses, { title: 'Training', xLabel: 'epoch', yLabel: 'loss' }));
  const { sigmoid, ...alive } = accuracies;
  return { reached: Math.min(...Object.values(alive)), learned: models };
});
