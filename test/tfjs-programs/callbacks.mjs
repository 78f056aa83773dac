// Callbacks of every kind.
import * as tf from '@tensorflow/tfjs';
import { numbers, setWeights } from './seeded.mjs';

const xs = tf.tensor2d(numbers(30 * 4, 3), [30, 4]);
const ys = tf.tidy(() => xs.square().sum(1, true));

function createModel(rate = 0.05) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 6, activation: 'relu', inputShape: [4] }));
  model.add(tf.layers.dense({ units: 1 }));
  setWeights(tf, model, 14);
  model.compile({ optimizer: tf.train.sgd(rate), loss: 'meanSquaredError', metrics: ['mse'] });
  return model;
}
const settings = { epochs: 2, batchSize: 15, shuffle: false };

// An object with all of them, some asynchronous.
const order = [];
await createModel().fit(xs, ys, {
  ...settings,
  yieldEvery: 'batch',
  callbacks: {
    onTrainBegin: (logs) => order.push(`train ${typeof logs}`),
    onTrainEnd: async () => order.push('trained'),
    onEpochBegin: async (epoch) => order.push(`epoch ${epoch}`),
    onEpochEnd: (epoch, logs) => {
      order.push(`epoch ${epoch} over`);
      console.log('object', epoch, logs.loss, logs.mse);
    },
    onBatchBegin: async (batch) => order.push(`batch ${batch}`),
    onBatchEnd: async (batch, logs) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      order.push(`batch ${batch} over`);
      console.log('batch', batch, logs.loss, logs.size);
    },
    onYield: () => tf.nextFrame(),
  },
});
console.log(order.join(', '));

// A class of one's own, with model and params; in a list beside an object.
class Watcher extends tf.Callback {
  constructor() {
    super();
    this.norms = [];
  }
  async onTrainBegin() {
    console.log('params', this.params.epochs, this.model.optimizer === undefined);
  }
  async onEpochEnd() {
    const kernel = this.model.layers[this.model.layers.length - 2].getWeights()[0];
    this.norms.push(tf.tidy(() => kernel.square().sum().sqrt().arraySync()));
  }
}
const watcher = new Watcher();
await createModel().fit(xs, ys, {
  ...settings,
  callbacks: [watcher, new tf.CustomCallback({ onEpochEnd: async () => tf.nextFrame() })],
});
console.log('norms', ...watcher.norms);

// CustomCallback, and one that stops the training.
const model = createModel();
const stop = new tf.CustomCallback({
  onEpochEnd: async (epoch, logs) => {
    console.log('custom', epoch, logs.loss);
    if (epoch === 2) model.stopTraining = true;
  },
});
const stopped = await model.fit(xs, ys, { ...settings, epochs: 50, callbacks: stop });
console.log('stopped after', stopped.epoch.length);

// Early stopping, on a validation that gets worse.
const early = await createModel(0.3).fit(xs.slice([0, 0], [20, 4]), ys.slice([0, 0], [20, 1]), {
  ...settings,
  epochs: 40,
  validationData: [xs.slice([20, 0]), ys.slice([20, 0]).neg()],
  callbacks: tf.callbacks.earlyStopping({ monitor: 'val_loss', patience: 2, minDelta: 0.001 }),
});
console.log('early', early.epoch.length, ...early.history.val_loss);

// The rate falls while it trains; none at all; functions that are null.
const decaying = createModel(0.1);
const rates = await decaying.fit(xs, ys, {
  ...settings,
  epochs: 4,
  callbacks: {
    onEpochBegin: async (epoch) => {
      decaying.optimizer.setLearningRate(0.1 / (1 + epoch));
    },
  },
});
console.log('decaying', ...rates.history.loss);
for (const callbacks of [undefined, null, [], {}, { onEpochEnd: null, onBatchEnd: undefined }]) {
  const plain = await createModel().fit(xs, ys, { ...settings, callbacks });
  console.log('plain', ...plain.history.loss, plain.params.epochs);
}

// In fitDataset.
const batches = tf.data.zip({ xs: tf.data.array(numbers(40, 6)), ys: tf.data.array(numbers(40, 7)) }).batch(8);
const small = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
setWeights(tf, small, 1);
small.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
await small.fitDataset(
  batches.map(({ xs, ys }) => ({ xs: xs.expandDims(1), ys: ys.expandDims(1) })),
  {
    epochs: 2,
    callbacks: [
      new tf.CustomCallback({ onBatchEnd: (batch, logs) => console.log('dataset', batch, logs.loss) }),
      tf.callbacks.earlyStopping({ monitor: 'loss', patience: 5 }),
    ],
  },
);
