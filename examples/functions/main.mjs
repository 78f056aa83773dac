// Activation functions with their derivatives, and losses by how wrong a prediction is. The derivatives are the library's
// gradients; slopes between neighboring points confirm them.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { example } from '../support/example.mjs';

const { activations, metrics } = sg;
const about = {
  system: 'activations and losses',
  section: '2.3 Activation Functions, 2.6 Loss Functions',
  data: 'numbers from -4 to 4',
  metric: 'largest difference of a gradient from the slope',
  atMost: 1e-3,
};
const ACTIVATIONS = {
  step: activations.step,
  sigmoid: activations.sigmoid,
  tanh: activations.tanh,
  ReLU: activations.relu,
  'leaky ReLU': (x) => activations.leakyRelu(x, 0.1),
  ELU: activations.elu,
  GELU: activations.gelu,
  swish: activations.swish,
};
/** A loss of the library for each prediction p alone, where `truth` is true. */
const each = (loss, truth) => (p) => loss(sg.fill([p.size, 1], truth), p.expandDims(1));
const REGRESSION = {
  'squared error': each(metrics.meanSquaredError, 0),
  'absolute error': each(metrics.meanAbsoluteError, 0),
  'log cosh': each(metrics.logCosh, 0),
};
const CLASSIFICATION = {
  'cross-entropy, true: 1': each(metrics.binaryCrossentropy, 1),
  'cross-entropy, true: 0': each(metrics.binaryCrossentropy, 0),
};

/** (f(x + h) - f(x - h)) / 2h */
const slope = (f, x, h = 1 / 64) =>
  f(x.add(h))
    .sub(f(x.sub(h)))
    .div(2 * h);

await example(about, async ({ pick, draw }) => {
  const x = sg.linspace(-4, 4, pick(1000, 100));
  const isSmooth = x.abs().greater(1 / 32); // beside the kinks and the step
  const learned = [];
  let reached = 0;
  for (const [name, f] of Object.entries(ACTIVATIONS)) {
    const gradient = sg.grad(f)(x);
    const difference = slope(f, x).sub(gradient).abs().where(isSmooth, 0).max().dataSync()[0];
    const [at] = f(sg.tensor1d([-1])).dataSync();
    const [steepest] = gradient.max().dataSync();
    console.log(`${name.padEnd(11)} f(-1) = ${at.toFixed(3).padStart(6)}, steepest ${steepest.toFixed(3)}`);
    learned.push(f(x), gradient);
    reached = Math.max(reached, difference);
  }
  for (const f of Object.values({ ...REGRESSION, ...CLASSIFICATION })) learned.push(f(sg.linspace(0.1, 0.9, 9)));

  const scores = sg.tensor1d([2, 1, 0.1, -1]);
  const byName = (values) => Object.fromEntries([...values.dataSync()].map((v, i) => [`class ${i}`, v]));
  const shares = { softmax: byName(sg.softmax(scores)), sigmoid: byName(sg.sigmoid(scores)) };
  console.log(`softmax of ${[...scores.dataSync()].map((v) => v.toFixed(1)).join(', ')}:`, shares.softmax);
  await draw('activations', vis.functions(ACTIVATIONS, { title: 'Activation functions', width: 760 }));
  await draw(
    'losses-regression',
    vis.functions(REGRESSION, { title: 'Losses by the error', range: [-3, 3], width: 640 }),
  );
  const probabilities = { title: 'Losses by the probability that is predicted', range: [0.1, 0.9], width: 640 };
  await draw('losses-classification', vis.functions(CLASSIFICATION, probabilities));
  await draw('softmax', vis.bars(shares, { title: 'Scores 2, 1, 0.1 and -1 as shares', yLabel: 'output' }));
  return { reached, learned };
});
