// Classes of flowers, from the file to the confusion matrix.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const tf = require('@tensorflow/tfjs');

const NAMES = ['setosa', 'versicolor', 'virginica'];
const rows = readFileSync(join(__dirname, 'iris.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));
// Every fifth flower of each class is for the test.
const isTest = (_, i) => i % 5 === 0;
const isTrain = (row, i) => !isTest(row, i);
const xOf = (list) => tf.tensor2d(list.map((r) => r.slice(0, 4).map(Number)));
const labelsOf = (list) => tf.tensor1d(list.map((r) => NAMES.indexOf(r[4]), 'int32')).toInt();

async function main() {
  const [xTrain, xTest] = [xOf(rows.filter(isTrain)), xOf(rows.filter(isTest))];
  const [lTrain, lTest] = [labelsOf(rows.filter(isTrain)), labelsOf(rows.filter(isTest))];
  const [yTrain, yTest] = [tf.oneHot(lTrain, 3), tf.oneHot(lTest, 3)];

  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 10, activation: 'sigmoid', inputShape: [xTrain.shape[1]] }));
  model.add(tf.layers.dense({ units: 3, activation: 'softmax' }));
  model.summary();
  let seed = 1;
  const next = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  model.setWeights(model.getWeights().map((w) => tf.tensor(Array.from({ length: w.size }, next), w.shape)));
  model.compile({ optimizer: tf.train.adam(0.05), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });

  const history = await model.fit(xTrain, yTrain, {
    epochs: 25,
    shuffle: false,
    validationData: [xTest, yTest],
    callbacks: { onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss, logs.val_loss, logs.acc, logs.val_acc) },
  });
  console.log('history', history.epoch.length, ...history.history.acc);

  tf.tidy(() => {
    const guesses = model.predict(xTest).argMax(-1);
    const matrix = tf.math.confusionMatrix(lTest, guesses, 3);
    console.log('confusion', ...matrix.arraySync().flat());
    for (const row of [0, 10, 20]) {
      const input = xTest.slice([row, 0], [1, 4]);
      const logits = Array.from(model.predict(input).dataSync());
      console.log('is', NAMES[model.predict(input).argMax(-1).dataSync()[0]], ...logits);
    }
  });
}

main();
