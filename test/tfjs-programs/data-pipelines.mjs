// Data sets: csv, arrays, zip, map, filter, batch, shuffle, repeat, take, skip, and training from them.
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { numbers, setWeights } from './seeded.mjs';

const file = fileURLToPath(new URL('iris.csv', import.meta.url));
const csv = tf.data.csv(`file://${file}`, { hasHeader: true, columnConfigs: { species: { isLabel: true } } });
console.log('columns', (await csv.columnNames()).join(' '));
const NAMES = ['setosa', 'versicolor', 'virginica'];

const flowers = csv.map(({ xs, ys }) => ({
  xs: Object.values(xs),
  ys: NAMES.map((name) => (name === ys.species ? 1 : 0)),
}));
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [4] }),
    tf.layers.dense({ units: 3, activation: 'softmax' }),
  ],
});
setWeights(tf, model, 5);
model.compile({ optimizer: tf.train.adam(0.03), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
await model.fitDataset(flowers.batch(32), {
  epochs: 3,
  callbacks: { onEpochEnd: (epoch, logs) => console.log('in order', epoch, logs.loss, logs.acc) },
});
// All in one batch: the order does not matter.
await model.fitDataset(flowers.shuffle(150, 'seed').batch(150), {
  epochs: 3,
  validationData: flowers.filter(({ ys }) => ys[0] === 0).batch(50),
  callbacks: { onEpochEnd: (epoch, logs) => console.log('shuffled', epoch, logs.loss, logs.val_loss) },
});

const xs = tf.data.array(Array.from({ length: 12 }, (_, i) => i)).map((x) => tf.tensor1d([x, 2 * x]).div(12));
const ys = tf.data.generator(function* () {
  for (const value of numbers(12, 44)) yield tf.tensor1d([value]);
});
const zipped = tf.data.zip({ xs, ys });
await zipped.take(2).forEachAsync(({ xs, ys }) => console.log('zipped', ...xs.dataSync(), ...ys.dataSync()));
const regression = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
setWeights(tf, regression, 2);
regression.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const history = await regression.fitDataset(zipped.repeat(2).batch(5), { epochs: 2 });
console.log('regression', ...history.history.loss);
const rest = await zipped.skip(4).batch(4, false).toArray();
console.log('rest', rest.length, ...rest.map((r) => r.xs.shape.join('x')), ...rest.map((r) => r.ys.sum().arraySync()));
const texts = await tf.data
  .array(['b', 'a', 'c'])
  .concatenate(tf.data.array(['d']))
  .toArray();
console.log(
  'texts',
  texts.join(' '),
  (
    await tf.data
      .array([1, 2, 3])
      .mapAsync(async (x) => x * 2)
      .toArray()
  ).join(' '),
);
const iterator = await tf.data.array([7, 8]).iterator();
console.log('iterator', (await iterator.next()).value, (await iterator.next()).value, (await iterator.next()).done);
