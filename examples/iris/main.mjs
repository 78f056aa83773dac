// Fisher's iris from rows to a report: split, scale, encode, train, stop early, judge.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { iris } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const { preprocessing, metrics } = sg;
const about = {
  system: 'MLP',
  section: '3.1 Data Preprocessing, 3.4 Early Stopping, 6 Building and Training Neural Networks',
  data: 'iris',
  metric: 'test accuracy',
  atLeast: 0.93,
};

/** Three parts with the kinds in equal shares; features scaled by what the training part shows. */
function prepare({ x, y }) {
  const split = (testSize, features, kinds) =>
    preprocessing.trainTestSplit(features, kinds, { testSize, randomState: 42, stratify: kinds });
  const [rest, xTest, others, test] = split(0.3, x, y);
  const [xTrain, xVal, train, val] = split(0.2, rest, others);
  const scaler = preprocessing.standardScaler().fit(xTrain);
  const encoder = preprocessing.oneHotEncoder().fit(train);
  const part = (features, kinds) => ({ x: scaler.transform(features), y: encoder.transform(kinds), kinds });
  return { train: part(xTrain, train), val: part(xVal, val), test: part(xTest, test) };
}

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1936);
  const data = iris();
  const { train, val, test } = prepare(data);
  const sizes = [train, val, test].map((part) => part.kinds.size);
  console.log(`${sizes.join(' + ')} flowers for training, validation and test; kinds: ${data.names.join(', ')}`);

  const model = sg.sequential();
  const kernelRegularizer = sg.regularizers.l2({ l2: 0.001 });
  model.add(sg.layers.dense({ units: 16, activation: 'relu', inputShape: [4], kernelRegularizer }));
  model.add(sg.layers.dropout({ rate: 0.2 }));
  model.add(sg.layers.dense({ units: 3, activation: 'softmax' }));
  model.compile({
    optimizer: sg.train.adam(sg.schedules.cosineDecay(0.02, 1200)),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy', metrics.f1Score({ average: 'macro' })],
  });
  const stop = sg.callbacks.earlyStopping({ patience: 15, restoreBestWeights: true });
  const { history } = await model.fit(train.x, train.y, {
    epochs: pick(200, 60),
    batchSize: 16,
    validationData: [val.x, val.y],
    callbacks: stop,
    verbose: 0,
  });
  console.log(`${history.loss.length} epochs, the best was number ${stop.bestEpoch + 1}\n`);

  const probabilities = model.predict(test.x);
  console.log(metrics.classificationReport(test.kinds, probabilities.argMax(-1), { targetNames: data.names }));
  const matrix = metrics.confusionMatrix(test.kinds, probabilities, 3);
  const axes = { xLabel: 'length of the petal (cm)', yLabel: 'width of the petal (cm)' };
  const petals = data.x.gather([2, 3], 1);
  await draw('flowers', vis.scatter(petals, { title: 'Irises', labels: data.y, classNames: data.names, ...axes }));
  await draw('history', vis.history(history, { title: 'Training', metrics: ['loss', 'acc'], width: 640 }));
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'Test flowers', classNames: data.names }));
  const [, accuracy] = model.evaluate(test.x, test.y);
  return { reached: accuracy.dataSync()[0], learned: model };
});
