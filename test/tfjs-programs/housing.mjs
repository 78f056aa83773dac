// Prices of houses (made up) by a linear model and two perceptrons: normalization, validation split, evaluation.
import * as tf from '@tensorflow/tfjs';
import { generator, setWeights } from './seeded.mjs';

const next = generator(3);
const features = Array.from({ length: 200 }, () => [next() * 9, next() * 100, next() * 25, next(), 4 + next() * 5]);
const prices = features.map(([a, b, c, d, e]) => [20 - 0.8 * a + 0.02 * b - 0.3 * c * d + 4 * (e - 6) ** 2 + next()]);

function determineMeanAndStd(data) {
  const mean = data.mean(0);
  const std = data.sub(mean).square().mean(0).sqrt();
  return { mean, std };
}

const raw = tf.tensor2d(features);
const { mean, std } = determineMeanAndStd(raw);
const normalized = raw.sub(mean).div(std);
const [train, test] = [normalized.slice([0, 0], [160, 5]), normalized.slice([160, 0])];
const target = tf.tensor2d(prices);
const [trainTarget, testTarget] = tf.split(target, [160, 40]);

function linear() {
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [5], units: 1 }));
  return model;
}
function perceptron(hidden) {
  const model = tf.sequential();
  for (let i = 0; i < hidden; i++)
    model.add(
      tf.layers.dense({
        inputShape: i === 0 ? [5] : undefined,
        units: 20,
        activation: 'sigmoid',
        kernelInitializer: 'leCunNormal',
        kernelRegularizer: tf.regularizers.l2({ l2: 1e-3 }),
      }),
    );
  model.add(tf.layers.dense({ units: 1 }));
  return model;
}

const baseline = testTarget.sub(trainTarget.mean()).square().mean();
console.log('baseline', baseline.dataSync()[0]);
for (const [name, model] of Object.entries({ linear: linear(), one: perceptron(1), two: perceptron(2) })) {
  setWeights(tf, model, 7, 0.5);
  model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError', metrics: ['mae'] });
  await model.fit(train, trainTarget, {
    batchSize: 40,
    epochs: 20,
    shuffle: false,
    validationSplit: 0.2,
    verbose: 0,
    callbacks: {
      onEpochEnd: async (epoch, logs) => {
        console.log(name, epoch, logs.loss, logs.mae, logs.val_mae);
        await tf.nextFrame();
      },
    },
  });
  const [, error] = model.evaluate(test, testTarget, { batchSize: 40 });
  console.log(name, 'test', error.dataSync()[0]);
}
