// A generator and a discriminator that learn one after the other: two models, one combined, trainOnBatch.
import * as tf from '@tensorflow/tfjs';
import { numbers, setWeights } from './seeded.mjs';

const LATENT = 6;
const BATCH = 16;

function buildDiscriminator() {
  const model = tf.sequential({ name: 'discriminator' });
  model.add(tf.layers.dense({ units: 24, inputShape: [2] }));
  model.add(tf.layers.leakyReLU({ alpha: 0.2 }));
  model.add(tf.layers.dense({ units: 12 }));
  model.add(tf.layers.leakyReLU());
  model.add(tf.layers.dense({ units: 1, activation: 'sigmoid' }));
  model.compile({ optimizer: tf.train.adam(0.002, 0.5), loss: 'binaryCrossentropy' });
  return model;
}

function buildGenerator() {
  const model = tf.sequential({ name: 'generator' });
  model.add(tf.layers.dense({ units: 16, inputShape: [LATENT], useBias: false }));
  model.add(tf.layers.batchNormalization({ momentum: 0.8 }));
  model.add(tf.layers.activation({ activation: 'relu' }));
  model.add(tf.layers.dense({ units: 2, activation: 'tanh' }));
  return model;
}

const discriminator = buildDiscriminator();
const generator = buildGenerator();
setWeights(tf, discriminator, 10);
for (const layer of [generator.layers[0], generator.layers[3]]) setWeights(tf, layer, 30);

const latent = tf.input({ shape: [LATENT] });
discriminator.trainable = false;
const combined = tf.model({ inputs: latent, outputs: discriminator.apply(generator.apply(latent)) });
combined.compile({ optimizer: tf.train.adam(0.002, 0.5), loss: 'binaryCrossentropy' });

const realBatch = (step) => {
  const angles = numbers(BATCH, 100 + step, Math.PI);
  return tf.tensor2d(angles.map((t) => [0.7 * Math.cos(t), 0.7 * Math.sin(t)]));
};
const noise = (step) => tf.tensor2d(numbers(BATCH * LATENT, 900 + step), [BATCH, LATENT]);

for (let step = 0; step < 30; step++) {
  const [x, y] = tf.tidy(() => {
    const fake = generator.predict(noise(step), { batchSize: BATCH });
    return [
      tf.concat([realBatch(step), fake], 0),
      tf.tidy(() => tf.concat([tf.ones([BATCH, 1]).mul(0.95), tf.zeros([BATCH, 1])])),
    ];
  });
  discriminator.trainable = true;
  const lossD = await discriminator.trainOnBatch(x, y);
  discriminator.trainable = false;
  const input = noise(step + 500);
  const trick = tf.ones([BATCH, 1]);
  const lossG = await combined.trainOnBatch(input, trick);
  console.log('step', step, lossD, lossG);
  tf.dispose([x, y, input, trick]);
}
console.log('weights', combined.trainableWeights.length);
