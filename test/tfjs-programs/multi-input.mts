// Two inputs, a layer that both share, two outputs with losses and weights of their own.
import * as tf from '@tensorflow/tfjs';

let seed = 31;
const random = (): number => {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647 - 0.5;
};
const tensorOf = (shape: number[], scale = 1): tf.Tensor =>
  tf.tensor(
    Array.from({ length: tf.util.sizeFromShape(shape) }, () => random() * scale),
    shape,
  );

function createModel(): tf.LayersModel {
  const left = tf.input({ shape: [6], name: 'left' });
  const right = tf.input({ shape: [6], name: 'right' });
  const shared = tf.layers.dense({ units: 8, activation: 'relu', name: 'shared' });
  const a = shared.apply(left) as tf.SymbolicTensor;
  const b = shared.apply(right) as tf.SymbolicTensor;
  const product = tf.layers.multiply().apply([a, b]);
  const sum = tf.layers.add().apply([a, b]);
  const all = tf.layers.concatenate({ axis: -1 }).apply([product, sum] as tf.SymbolicTensor[]) as tf.SymbolicTensor;
  const hidden = tf.layers.dense({ units: 10, activation: 'selu', name: 'hidden' }).apply(all) as tf.SymbolicTensor;
  const same = tf.layers.dense({ units: 1, activation: 'sigmoid', name: 'same' }).apply(hidden) as tf.SymbolicTensor;
  const distance = tf.layers.dense({ units: 2, name: 'distance' }).apply(hidden) as tf.SymbolicTensor;
  return tf.model({ inputs: [left, right], outputs: [same, distance] });
}

async function main(): Promise<void> {
  const model = createModel();
  model.setWeights(model.getWeights().map((w) => tensorOf(w.shape)));
  const [left, right] = [tensorOf([40, 6], 4), tensorOf([40, 6], 4)];
  const same = tf.tidy(() => left.mul(right).sum(1, true).greater(0).toFloat());
  const distance = tf.tidy(() => tf.stack([left.sub(right).abs().mean(1), left.add(right).mean(1)], 1));

  model.compile({
    optimizer: tf.train.adagrad(0.2),
    loss: { same: 'binaryCrossentropy', distance: 'meanAbsoluteError' },
    metrics: { same: 'accuracy', distance: 'mse' },
  });
  const args: tf.ModelFitArgs = {
    epochs: 8,
    batchSize: 10,
    shuffle: false,
    callbacks: [
      {
        onEpochEnd: (epoch: number, logs?: tf.Logs) => {
          for (const key of Object.keys(logs as tf.Logs).sort()) console.log(epoch, key, (logs as tf.Logs)[key]);
          return Promise.resolve();
        },
      } as tf.CustomCallbackArgs,
    ],
  };
  const history: tf.History = await model.fit({ left, right }, { same, distance }, args);
  console.log('epochs', history.epoch.length);
  console.log('metrics', model.metricsNames.join(' '));
  const [p, q] = model.predict([left.slice(0, 2), right.slice(0, 2)]) as tf.Tensor[];
  console.log('predictions', ...Array.from(p.dataSync()), ...Array.from(q.dataSync()));

  // A part of it as a model of its own.
  const part = tf.model({ inputs: model.inputs, outputs: model.getLayer('hidden').output });
  const hidden = part.predictOnBatch([left.slice(0, 1), right.slice(0, 1)]) as tf.Tensor;
  console.log('hidden', ...Array.from(await hidden.data()));
}

main().catch((error: Error) => console.log('failed', error.stack));
