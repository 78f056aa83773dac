// How models are judged: parts for training, validation and test, folds, confusion matrices, and each metric by its formula
// beside the library's.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { boston, iris } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const { metrics, preprocessing } = sg;
const about = {
  system: 'dense layers',
  section: '5.1 Training, Validation, and Test Sets, 5.2 Metrics for Classification and Regression',
  data: 'iris, houses of Boston',
  metric: 'largest difference of a metric from its formula',
  atMost: 1e-5,
};

/** Trains one dense layer on standardized rows and returns what it predicts for others. */
async function predict(layer, loss, xTrain, yTrain, x, epochs) {
  const scaler = preprocessing.standardScaler().fit(xTrain);
  const model = sg.sequential({ layers: [sg.layers.dense({ ...layer, inputShape: xTrain.shape.slice(1) })] });
  model.compile({ optimizer: sg.train.adam(0.05), loss });
  await model.fit(scaler.transform(xTrain), yTrain, { epochs, batchSize: 16, verbose: 0 });
  return model.predict(scaler.transform(x));
}

/** Prints a metric, and returns how far the library's is from its formula. */
function compare(name, formula, found) {
  const [value] = found.dataSync();
  console.log(`${name.padEnd(10)} ${formula.toFixed(4)}`);
  return Math.abs(value - formula);
}

await example(about, async ({ pick, draw }) => {
  sg.setSeed(42);
  const { x, y, names } = iris();
  const split = (x, y) => preprocessing.trainTestSplit(x, y, { testSize: 0.2, randomState: 42, stratify: y });
  const [xRest, , yRest, yTest] = split(x, y);
  const [xTrain, , yTrain, yVal] = split(xRest, yRest);
  const counts = (y) => Object.fromEntries(names.map((name, i) => [name, y.equal(i).sum().dataSync()[0]]));
  const parts = { training: counts(yTrain), validation: counts(yVal), test: counts(yTest) };
  console.log(parts);
  const folds = [...preprocessing.kFold({ nSplits: 5, shuffle: true, randomState: 42 }).split(x.slice(0, 30))];

  const members = folds.flatMap(([train, test], fold) => [
    ...Array.from(train, (i) => [i, fold + 1, 0]),
    ...Array.from(test, (i) => [i, fold + 1, 1]),
  ]);
  const axes = { xLabel: 'example', yLabel: 'fold' };
  await draw('parts', vis.bars(parts, { title: 'Parts with the kinds in equal shares', yLabel: 'flowers' }));
  const labels = members.map(([, , part]) => part);
  const points = members.map(([i, fold]) => [i, fold]);
  const classNames = ['training', 'validation'];
  await draw('folds', vis.scatter(points, { title: 'Five folds', labels, classNames, ...axes, height: 140 }));

  const layer = { units: 3, activation: 'softmax' };
  const found = await predict(layer, 'sparseCategoricalCrossentropy', xTrain, yTrain, x, pick(20, 2));
  const matrix = metrics.confusionMatrix(y, found, 3);
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'Irises', classNames: names }));
  // Virginica against the others: positives and negatives, true and false.
  const [truth, guess] = [y.equal(2), found.argMax(-1).equal(2)];
  const count = (a, b) => a.logicalAnd(b).sum().dataSync()[0];
  const [TP, TN] = [count(truth, guess), count(truth.logicalNot(), guess.logicalNot())];
  const [FP, FN] = [count(truth.logicalNot(), guess), count(truth, guess.logicalNot())];
  const [precision, recall] = [TP / (TP + FP), TP / (TP + FN)];
  const [yTrue, yPred] = [truth.toFloat(), guess.toFloat()];
  console.log(`\nvirginica: TP ${TP}, TN ${TN}, FP ${FP}, FN ${FN}`);
  const differences = [
    compare('accuracy', (TP + TN) / (TP + TN + FP + FN), metrics.binaryAccuracy(yTrue, yPred)),
    compare('precision', precision, metrics.precision(yTrue, yPred)),
    compare('recall', recall, metrics.recall(yTrue, yPred)),
    compare(
      'F1',
      (2 * precision * recall) / (precision + recall),
      metrics.f1Score(yTrue, yPred, { average: 'binary', threshold: 0.5 }),
    ),
  ];

  const houses = boston();
  const prices = await predict({ units: 1 }, 'meanSquaredError', houses.x, houses.y, houses.x, pick(50, 2));
  const errors = [...houses.y.sub(prices).dataSync()];
  const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
  console.log('\nprices of houses, in $1,000');
  differences.push(
    compare('MAE', mean(errors.map(Math.abs)), metrics.meanAbsoluteError(houses.y, prices).mean()),
    compare('MSE', mean(errors.map((e) => e * e)), metrics.meanSquaredError(houses.y, prices).mean()),
  );
  const two = [
    [TN, FP],
    [FN, TP],
  ];
  await draw(
    'positives',
    vis.confusionMatrix(two, { title: 'TN, FP above; FN, TP below', classNames: ['other', 'virginica'] }),
  );
  const pairs = sg.concat([houses.y, prices], 1);
  const units = { xLabel: 'price ($1,000)', yLabel: 'predicted price ($1,000)' };
  await draw('prices', vis.scatter(pairs, { title: 'Linear regression of prices', ...units }));
  return { reached: Math.max(...differences), learned: [found, prices] };
});
