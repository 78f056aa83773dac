// Rosenblatt's perceptron: one neuron with a step. Example by example its weights move by target - output times the input.
// It tells two kinds of iris apart without an error, and one handwritten digit from all others nearly so.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { iris, mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const DIGIT = 0;
const about = {
  system: 'perceptron',
  section: '2.2 The Perceptron Model',
  data: 'iris: setosa and versicolor',
  metric: 'accuracy',
  atLeast: 1,
};

/** One unit: 1 if x · w + b > 0, else 0. */
function perceptron(inputShape) {
  const model = sg.sequential();
  model.add(sg.layers.flatten({ inputShape }));
  model.add(sg.layers.dense({ units: 1, activation: 'step', kernelInitializer: 'zeros' }));
  // Steepest descent on this loss, example by example, is Rosenblatt's rule.
  model.compile({ optimizer: sg.train.sgd(1), loss: 'perceptron', metrics: ['accuracy'] });
  return model;
}

const accuracyOf = (model, x, y) => model.evaluate(x, y, { batchSize: 1000 })[1].dataSync()[0];

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1958);
  const { x, y, names } = iris();
  const flowers = x.gather([0, 3], 1); // length of the sepal, width of the petal
  const errors = {};
  const models = [];
  // Setosa can be told from versicolor by a line; versicolor from virginica cannot.
  for (const first of [0, 1]) {
    const [rows, labels] = [flowers.slice(50 * first, 100), y.slice(50 * first, 100).sub(first)];
    const model = perceptron([2]);
    const target = labels.toFloat().expandDims(1);
    const { history } = await model.fit(rows, target, { epochs: pick(30, 10), batchSize: 1, verbose: 0 });
    const pair = `${names[first]} and ${names[first + 1]}`;
    errors[pair] = history.acc.map((share) => Math.round(100 * (1 - share)));
    console.log(`${pair}: errors in each epoch ${errors[pair].slice(0, 10).join(' ')} …`);
    models.push(model);
    const classNames = names.slice(first, first + 2);
    const axes = { xLabel: 'length of the sepal (cm)', yLabel: 'width of the petal (cm)' };
    await draw(
      `regions-${first}`,
      vis.decisionRegions(model, rows, labels, { title: `Perceptron: ${pair}`, classNames, ...axes }),
    );
  }
  const isVersicolor = y.slice(0, 100).toFloat().expandDims(1);
  const accuracy = accuracyOf(models[0], flowers.slice(0, 100), isVersicolor);
  const axes = { xLabel: 'epoch', yLabel: 'errors among 100 flowers', zero: true };
  await draw('errors', vis.lines(errors, { title: 'Errors of the perceptron', ...axes }));

  const { train, test } = mnist({ train: pick(20000, 1000), test: pick(10000, 500) });
  const isDigit = (labels) => labels.equal(DIGIT).toFloat().expandDims(1);
  const reader = perceptron([28, 28, 1]);
  await reader.fit(train.x, isDigit(train.y), { epochs: pick(3, 1), batchSize: 1, verbose: 0 });
  const found = accuracyOf(reader, test.x, isDigit(test.y));
  console.log(`a ${DIGIT} among handwritten digits: accuracy ${found.toFixed(4)}`);
  const weights = reader.getWeights()[0].reshape([28, 28, 1, 1]);
  await draw('weights', vis.filters(weights, { title: `What speaks for a ${DIGIT}, and against` }));
  return { reached: accuracy, learned: [...models, reader] };
});
