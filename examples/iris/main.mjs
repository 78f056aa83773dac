// Fisher's iris from a file to a report: read, split, scale, encode, train, judge. Every run prints the same.
import * as sg from 'samegrad';

const FILE = process.argv[2] ?? new URL('../../test/fixtures/iris.csv', import.meta.url);
const { preprocessing, metrics } = sg;

/** The file's rows, mixed: four numbers and a species each. */
async function read(file) {
  const rows = await sg.data
    .csv(file, { columnConfigs: { species: { isLabel: true } } })
    .shuffle(150, 42)
    .toArray();
  return { x: rows.map(({ xs }) => Object.values(xs)), species: rows.map(({ ys }) => ys.species) };
}

/** Three parts with the species in equal shares; features scaled by what the training part shows. */
function prepare({ x, species }) {
  const split = (testSize, features, names) =>
    preprocessing.trainTestSplit(features, names, { testSize, randomState: 42, stratify: names });
  const [rest, xTest, others, test] = split(0.3, x, species);
  const [xTrain, xVal, train, val] = split(0.2, rest, others);
  const scaler = preprocessing.standardScaler().fit(xTrain);
  const encoder = preprocessing.oneHotEncoder().fit(train);
  const part = (features, names) => ({ x: scaler.transform(features), y: encoder.transform(names), names });
  return { train: part(xTrain, train), val: part(xVal, val), test: part(xTest, test), encoder };
}

function network(optimizer) {
  sg.setSeed(1936);
  const model = sg.sequential({ name: 'iris' });
  model.add(
    sg.layers.dense({
      units: 16,
      activation: 'relu',
      inputShape: [4],
      kernelRegularizer: sg.regularizers.l2({ l2: 0.001 }),
    }),
  );
  model.add(sg.layers.dropout({ rate: 0.2 }));
  model.add(sg.layers.dense({ units: 3, activation: 'softmax' }));
  model.compile({
    optimizer,
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy', metrics.f1Score({ average: 'macro' })],
  });
  return model;
}

/** Trains until the validation loss has not fallen for 15 epochs, and goes back to the best one. */
async function train(model, { train, val }, batchSize) {
  const stop = sg.callbacks.earlyStopping({ patience: 15, restoreBestWeights: true });
  const { history } = await model.fit(train.x, train.y, {
    epochs: 200,
    batchSize,
    validationData: [val.x, val.y],
    callbacks: stop,
    verbose: 0,
  });
  return { epochs: history.loss.length, best: stop.bestEpoch + 1 };
}

/** The confusion matrix with its names: rows are species, columns what they were taken for. */
function table(names, matrix) {
  const width = Math.max(...names.map((n) => n.length)) + 2;
  const line = (head, cells) => head.padEnd(width) + cells.map((c) => String(c).padStart(width)).join('');
  return [line('', names), ...names.map((name, i) => line(name, matrix[i]))].join('\n');
}

const data = prepare(await read(FILE));
const { test, encoder } = data;
const names = encoder.categories;
const sizes = [data.train, data.val, test].map((part) => part.names.length);
console.log(`${sizes.join(' + ')} flowers for training, validation and test; species: ${names.join(', ')}\n`);

const STEPS = 200 * Math.ceil(sizes[0] / 16);
const model = network(sg.train.adam({ learningRate: sg.schedules.cosineDecay(0.02, STEPS) }));
model.summary();
const { epochs, best } = await train(model, data, 16);
console.log(`\n${epochs} epochs, the best was number ${best}\n`);

const probabilities = model.predict(test.x);
const found = encoder.inverseTransform(probabilities);
console.log(metrics.classificationReport(test.names, found));
console.log(`${table(names, metrics.confusionMatrix(test.y, probabilities, names.length).arraySync())}\n`);

console.log('gradient descent  batch  epochs  steps    loss  accuracy      F1');
for (const [form, batchSize] of [
  ['batch', sizes[0]],
  ['mini-batch', 16],
  ['stochastic', 1],
]) {
  const optimizer = sg.train.sgd({ learningRate: sg.schedules.timeBased(0.1, 0.0005) });
  const rival = network(optimizer);
  const { epochs } = await train(rival, data, batchSize);
  const [loss, accuracy, f1] = rival.evaluate(test.x, test.y).map((t) => t.dataSync()[0].toFixed(3));
  const cells = [batchSize, epochs, optimizer.iterations, loss, accuracy, f1].map(String);
  const widths = [5, 8, 7, 8, 10, 8];
  console.log(form.padEnd(18) + cells.map((c, i) => c.padStart(widths[i])).join(''));
}
