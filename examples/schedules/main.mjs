// The learning rate over time: constant, or falling by one of the rules, with what each makes of the same network.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const { schedules } = sg;
const about = {
  system: 'MLP',
  section: '3.3 Learning Rate Schedules',
  data: 'MNIST, 5,000 digits',
  metric: 'test accuracy that a falling rate gains over a constant one, at least',
  atLeast: 0.01,
};

await example(about, async ({ pick, draw }) => {
  const { train, test } = mnist({ train: pick(5000, 640), test: pick(10000, 500) });
  const [epochs, batchSize, rate] = [pick(8, 2), 16, 0.6];
  const perEpoch = Math.ceil(train.y.size / batchSize);
  const steps = epochs * perEpoch;
  const rules = {
    constant: schedules.constant(rate),
    'time-based': schedules.timeBased(rate, 8 / steps),
    'step-based': schedules.stepBased(rate, 0.5, 2 * perEpoch),
    exponential: schedules.exponential(rate, 4 / steps),
    cosine: schedules.cosineDecay(rate, steps),
    'one cycle': schedules.oneCycle({ maxLearningRate: rate, totalSteps: steps }),
  };
  const [rates, losses, models] = [[], [], []];
  const accuracies = {};
  for (const [name, rule] of Object.entries(rules)) {
    sg.setSeed(1951);
    const model = sg.sequential();
    model.add(sg.layers.flatten({ inputShape: [28, 28, 1] }));
    model.add(sg.layers.dense({ units: 64, activation: 'relu' }));
    model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
    model.compile({ optimizer: sg.train.sgd(rule), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const { history } = await model.fit(train.x, train.y, { epochs, batchSize, verbose: 0 });
    const accuracy = model.evaluate(test.x, test.y)[1].dataSync()[0];
    accuracies[name] = accuracy;
    rates.push({ name, x: [...Array(steps).keys()].map((i) => i / perEpoch), y: [...Array(steps).keys()].map(rule) });
    losses.push({ name, x: history.loss.map((_, i) => i + 1), y: history.loss });
    models.push(model);
    console.log(`${name.padEnd(12)} loss ${history.loss.at(-1).toFixed(4)}, test accuracy ${accuracy.toFixed(4)}`);
  }
  const width = 640;
  await draw('rates', vis.lines(rates, { title: 'Learning rates', xLabel: 'epoch', yLabel: 'rate', width }));
  const scales = { xLabel: 'epoch', yLabel: 'training loss', yScale: 'log' };
  await draw('losses', vis.lines(losses, { title: 'What they lead to', ...scales, width }));
  const errors = Object.fromEntries(Object.entries(accuracies).map(([name, accuracy]) => [name, 100 * (1 - accuracy)]));
  await draw('errors', vis.bars(errors, { title: 'Test digits read wrongly', yLabel: 'share (%)' }));
  const { constant, ...falling } = accuracies;
  return { reached: Math.min(...Object.values(falling)) - constant, learned: models };
});
