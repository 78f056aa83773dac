// Transfer learning: a model is cut at a layer, its front is frozen, a new head learns; then both ways of doing it agree.
import * as tf from '@tensorflow/tfjs';
import { generator, setWeights } from './seeded.mjs';

const next = generator(12);
const xs = tf.tensor4d(Array.from({ length: 24 * 100 }, next), [24, 10, 10, 1]);
const early = tf.oneHot(
  tf.tensor1d(
    Array.from({ length: 24 }, (_, i) => i % 4),
    'int32',
  ),
  4,
);
const late = tf.oneHot(
  tf.tensor1d(
    Array.from({ length: 24 }, (_, i) => (i % 4 < 2 ? 0 : 1)),
    'int32',
  ),
  2,
);

const base = tf.sequential();
base.add(tf.layers.conv2d({ filters: 6, kernelSize: 3, activation: 'relu', inputShape: [10, 10, 1], name: 'conv_1' }));
base.add(tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 1, name: 'depthwise', useBias: false }));
base.add(tf.layers.reLU({ maxValue: 6, name: 'features' }));
base.add(tf.layers.globalAveragePooling2d({ name: 'pool' }));
base.add(tf.layers.batchNormalization({ name: 'bn_1' }));
base.add(tf.layers.dense({ units: 4, activation: 'softmax', name: 'old_head' }));
for (const name of ['conv_1', 'depthwise', 'old_head']) setWeights(tf, base.getLayer(name), 5, 0.5);
base.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
await base.fit(xs, early, {
  epochs: 2,
  batchSize: 8,
  shuffle: false,
  callbacks: { onBatchEnd: (batch, logs) => console.log('base', batch, logs.loss) },
});

const cut = base.getLayer('features');
const truncated = tf.model({ inputs: base.inputs, outputs: cut.output });
for (const layer of truncated.layers) layer.trainable = false;
const before = truncated.getWeights().map((w) => w.dataSync().slice());

function head() {
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: cut.outputShape.slice(1) }),
      tf.layers.dense({ units: 10, activation: 'relu', kernelInitializer: 'varianceScaling', useBias: true }),
      tf.layers.dense({ units: 2, useBias: false, activation: 'softmax' }),
    ],
  });
  setWeights(tf, model, 61);
  return model;
}

// One way: the features are computed beforehand.
const activations = truncated.predict(xs);
const first = head();
first.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
await first.fit(activations, late, {
  epochs: 4,
  batchSize: 8,
  shuffle: false,
  callbacks: { onEpochEnd: (epoch, logs) => console.log('head', epoch, logs.loss) },
});

// The other: one model of both.
const top = head();
const joint = tf.model({ inputs: base.inputs, outputs: top.apply(cut.output) });
joint.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
console.log('weights to train', joint.trainableWeights.length, 'of', joint.weights.length);
const history = await joint.fit(xs, late, { epochs: 4, batchSize: 8, shuffle: false });
console.log('accuracy', ...history.history.acc);
const moved = tf.tidy(() =>
  truncated.getWeights().map((w, i) => w.sub(tf.tensor(before[i], w.shape)).abs().max().dataSync()[0]),
);
console.log('moved', Math.max(...moved));

// Fine tuning: the last layer of the front learns too.
joint.getLayer('depthwise').trainable = true;
joint.compile({ optimizer: tf.train.sgd(0.05), loss: 'categoricalCrossentropy' });
const tuned = await joint.fit(xs, late, { epochs: 3, batchSize: 24, shuffle: false });
console.log('tuned', ...tuned.history.loss, joint.trainableWeights.length);
