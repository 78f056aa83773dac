// The next value of a series, by fitDataset from generators: GRU, simple RNN, Conv1D, linear, each with a baseline.
import * as tf from '@tensorflow/tfjs';
import { setWeights } from './seeded.mjs';

const [STEPS, LOOK_BACK, DELAY, BATCH] = [400, 24, 4, 16];
const series = Array.from({ length: STEPS }, (_, t) => [
  Math.sin(t / 7) + 0.3 * Math.sin(t / 2.3),
  Math.cos(t / 11),
  ((t % 24) - 12) / 12,
]);

/** Batches of windows from `from` to `to`, over and over. */
function* windows(from, to) {
  let row = from;
  while (true) {
    const samples = tf.buffer([BATCH, LOOK_BACK, 3]);
    const targets = tf.buffer([BATCH, 1]);
    for (let j = 0; j < BATCH; j++) {
      if (row + LOOK_BACK + DELAY >= to) row = from;
      for (let t = 0; t < LOOK_BACK; t++) for (let f = 0; f < 3; f++) samples.set(series[row + t][f], j, t, f);
      targets.set(series[row + LOOK_BACK + DELAY][0], j, 0);
      row += 5;
    }
    yield { xs: samples.toTensor(), ys: targets.toTensor() };
  }
}

const inputShape = [LOOK_BACK, 3];
const builders = {
  linear: () => [tf.layers.flatten({ inputShape }), tf.layers.dense({ units: 1 })],
  mlp: () => [
    tf.layers.flatten({ inputShape }),
    tf.layers.dense({ units: 16, activation: 'relu' }),
    tf.layers.dense({ units: 1 }),
  ],
  simpleRNN: () => [tf.layers.simpleRNN({ units: 8, inputShape }), tf.layers.dense({ units: 1 })],
  gru: () => [tf.layers.gru({ units: 8, inputShape, dropout: 0, recurrentDropout: 0 }), tf.layers.dense({ units: 1 })],
  conv: () => [
    tf.layers.conv1d({ filters: 8, kernelSize: 5, strides: 2, activation: 'relu', inputShape }),
    tf.layers.maxPooling1d({ poolSize: 2 }),
    tf.layers.gru({ units: 6 }),
    tf.layers.dense({ units: 1 }),
  ],
};

for (const [name, build] of Object.entries(builders)) {
  const model = tf.sequential({ layers: build() });
  setWeights(tf, model, 17, 0.3);
  model.compile({ optimizer: tf.train.rmsprop(0.01), loss: 'meanAbsoluteError' });
  const train = tf.data.generator(() => windows(0, 300)).prefetch(2);
  const validation = tf.data.generator(() => windows(300, 400));
  await model.fitDataset(train, {
    batchesPerEpoch: 5,
    epochs: 3,
    validationData: validation,
    validationBatches: 2,
    callbacks: { onEpochEnd: async (epoch, logs) => console.log(name, epoch, logs.loss, logs.val_loss) },
  });
  const score = await model.evaluateDataset(validation, { batches: 2 });
  console.log(name, 'evaluated', score.dataSync()[0]);
}
