// Weights too large: on the way back through ten layers gradients grow with each, and the first step ruins the network.
// Clipping their norm makes the same network learn.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'deep MLP',
  section: '4.4 Exploding Gradients',
  data: 'MNIST, 5,000 digits',
  metric: 'test accuracy with clipping',
  atLeast: 0.75,
};
const [DEPTH, UNITS] = [10, 32];

/** @param gain how many times the deviation that suits ReLU (He et al., 2015) the weights have */
function deep({ gain, clip }) {
  const model = sg.sequential();
  model.add(sg.layers.flatten({ inputShape: [28, 28, 1] }));
  for (let i = 1; i <= DEPTH; i++) {
    const kernelInitializer = sg.initializers.varianceScaling({
      scale: 2 * gain ** 2,
      mode: 'fanIn',
      distribution: 'normal',
    });
    model.add(sg.layers.dense({ units: UNITS, activation: 'relu', kernelInitializer, name: `hidden${i}` }));
  }
  model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
  const optimizer = sg.train.sgd({ learningRate: 0.05, globalClipNorm: clip });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

await example(about, async ({ pick, draw }) => {
  const { train, test } = mnist({ train: pick(5000, 320), test: pick(5000, 200) });
  const nets = {
    'too large': { gain: 1.6, clip: null },
    'too large, clipped': { gain: 1.6, clip: 1 },
    suitable: { gain: 1, clip: null },
  };
  const [gradients, losses, models, accuracies, results] = [[], [], [], {}, {}];
  for (const [name, settings] of Object.entries(nets)) {
    sg.setSeed(2013);
    const model = deep(settings);
    const found = sg.train.diagnose(model, train.x, train.y);
    const y = found.layers.filter((layer) => layer.name.startsWith('hidden')).map((layer) => layer.gradientRms);
    if (!settings.clip) gradients.push({ name, x: y.map((_, i) => i + 1), y });
    const steps = [];
    const onBatchEnd = (_, { loss }) => steps.push(loss);
    await model.fit(train.x, train.y, { epochs: pick(15, 1), batchSize: 32, verbose: 0, callbacks: { onBatchEnd } });
    accuracies[name] = model.evaluate(test.x, test.y)[1].dataSync()[0];
    const lost = steps.findIndex((loss) => !Number.isFinite(loss));
    results[name] = {
      'gradient of layer 1': y[0].toExponential(1),
      'not a number from step': lost < 0 ? 'never' : lost,
      'test accuracy': accuracies[name].toFixed(3),
    };
    losses.push({ name, x: steps.map((_, i) => i + 1), y: steps });
    if (lost < 0) models.push(model);
  }
  console.table(results);
  const axes = { xLabel: 'hidden layer', yLabel: 'gradient (root mean square)', yScale: 'log' };
  await draw('gradients', vis.lines(gradients, { title: 'Gradients before the first step', ...axes }));
  const curves = losses.slice(1); // the other ends at once
  await draw(
    'losses',
    vis.lines(curves, { title: 'Training', xLabel: 'step', yLabel: 'loss of the batch', yScale: 'log' }),
  );
  return { reached: accuracies['too large, clipped'], learned: models };
});
