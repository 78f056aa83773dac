// Fits a cubic to noisy points: a loop over minimize.
import * as tf from '@tensorflow/tfjs';
import { numbers } from './seeded.mjs';

// Within tidy: scalars that are only forgotten would still be counted, until they are collected.
const coefficient = (start) => tf.tidy(() => tf.variable(tf.scalar(start)));

const a = coefficient(0.3);
const b = coefficient(-0.4);
const c = coefficient(0.1);
const d = coefficient(0.7);

const optimizer = tf.train.sgd(0.5);

function predict(x) {
  return tf.tidy(() =>
    a
      .mul(x.pow(tf.scalar(3, 'int32')))
      .add(b.mul(x.square()))
      .add(c.mul(x))
      .add(d),
  );
}

const loss = (prediction, labels) => prediction.sub(labels).square().mean();

function pointsOf({ a, b, c, d }, count) {
  return tf.tidy(() => {
    const x = tf.tensor1d(numbers(count, 1));
    const noise = tf.tensor1d(numbers(count, 2, 0.06));
    const y = x.pow(3).mul(a).add(x.square().mul(b)).add(x.mul(c)).add(d).add(noise);
    const low = y.min();
    const range = y.max().sub(low);
    return { xs: x, ys: y.sub(low).div(range) };
  });
}

const { xs, ys } = pointsOf({ a: -0.8, b: -0.2, c: 0.9, d: 0.5 }, 100);
const alive = tf.memory().numTensors;
for (let step = 0; step < 75; step++) {
  const cost = optimizer.minimize(() => loss(predict(xs), ys), true);
  console.log('loss', cost.dataSync()[0]);
  cost.dispose();
  await tf.nextFrame();
}
console.log('left over', tf.memory().numTensors - alive);
console.log('coefficients', a.dataSync()[0], b.dataSync()[0], (await c.data())[0], d.arraySync());
