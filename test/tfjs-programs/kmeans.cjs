// k-means on the flowers of iris.csv: argMin, oneHot, keep and dispose.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const tf = require('@tensorflow/tfjs');

const text = readFileSync(join(__dirname, 'iris.csv'), 'utf8').trim();
const points = text
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').slice(0, 4).map(Number));

const K = 3;
const xs = tf.tensor2d(points);

function nearest(xs, centers) {
  return tf.tidy(() => {
    const apart = xs.expandDims(1).sub(centers.expandDims(0)).square().sum(-1);
    return { where: apart.argMin(1), inertia: apart.min(1).sum() };
  });
}

let centers = tf.gather(xs, tf.tensor1d([0, 60, 120], 'int32'));
for (let step = 0; step < 15; step++) {
  const before = centers;
  const inertia = tf.tidy(() => {
    const { where, inertia } = nearest(xs, before);
    const members = tf.oneHot(where, K).toFloat();
    const counts = members.sum(0).expandDims(1);
    const means = tf.matMul(members, xs, true).div(counts.maximum(1));
    centers = tf.keep(tf.where(counts.greater(0).tile([1, 4]), means, before));
    return inertia;
  });
  console.log('inertia', inertia.dataSync()[0]);
  tf.dispose([before, inertia]);
}
console.log('centers', ...centers.arraySync().flat());
const { where } = nearest(xs, centers);
const counts = tf.tidy(() => tf.bincount(where, tf.tensor1d([]), K).arraySync());
console.log('sizes', ...counts);
console.log('members', where.arraySync().join(''));
