// The same network with a learning rate too small, right, too large; and how to find the right one in a hundred steps.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'MLP',
  section: '3.3 Learning Rate and Optimization',
  data: 'MNIST, 10,000 digits',
  metric: 'test accuracy with the rate that was found',
  atLeast: 0.9,
};

function network(rate) {
  sg.setSeed(2017);
  const model = sg.sequential();
  model.add(sg.layers.flatten({ inputShape: [28, 28, 1] }));
  model.add(sg.layers.dense({ units: 64, activation: 'relu' }));
  model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: sg.train.sgd(rate), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

await example(about, async ({ pick, draw }) => {
  const { train, test } = mnist({ train: pick(10000, 640), test: pick(10000, 200) });
  const found = await sg.train.findLearningRate(network(0.01), train.x, train.y, { minRate: 1e-5, maxRate: 10 });
  const rate = found.suggestion;
  console.log(`the finder proposes ${rate.toFixed(3)}`);

  const rates = { 'too small': rate / 100, right: rate, 'too large': 10 * rate };
  const [losses, models, accuracies] = [[], [], {}];
  for (const [name, value] of Object.entries(rates)) {
    const model = network(value);
    const { history } = await model.fit(train.x, train.y, { epochs: pick(10, 2), batchSize: 32, verbose: 0 });
    accuracies[name] = model.evaluate(test.x, test.y)[1].dataSync()[0];
    console.log(
      `${name.padEnd(9)} ${value.toPrecision(2).padEnd(7)} loss ${history.loss.at(-1).toFixed(3)}, test accuracy ${accuracies[name].toFixed(3)}`,
    );
    losses.push({ name: `${name}: ${value.toPrecision(2)}`, x: history.loss.map((_, i) => i + 1), y: history.loss });
    models.push(model);
  }
  await draw('finder', vis.learningRates(found, { title: 'One step with each rate' }));
  const axes = { xLabel: 'epoch', yLabel: 'training loss', yScale: 'log' };
  await draw('losses', vis.lines(losses, { title: 'The same network with three rates', ...axes }));
  return { reached: accuracies.right, learned: models };
});
