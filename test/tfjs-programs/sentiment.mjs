// Words to feelings: padded sequences, an embedding, and four kinds of what may stand above it.
import * as tf from '@tensorflow/tfjs';
import { generator, setWeights } from './seeded.mjs';

const WORDS = 30;
const LENGTH = 10;
const next = generator(8);

function padSequences(sequences, maxLen, padding = 'pre', truncating = 'pre', value = 0) {
  return sequences.map((sequence) => {
    const seq = sequence.slice();
    if (seq.length > maxLen) seq.splice(...(truncating === 'pre' ? [0, seq.length - maxLen] : [maxLen, seq.length]));
    while (seq.length < maxLen) padding === 'pre' ? seq.unshift(value) : seq.push(value);
    return seq;
  });
}

// Words from 1 to 14 are friendly, from 15 on they are not.
const sentences = Array.from({ length: 48 }, (_, i) =>
  Array.from(
    { length: LENGTH + Math.floor(next() * 3) },
    () => 1 + Math.floor(next() * 14) + (next() < 0.75 ? 15 * (i % 2) : 0),
  ),
);
const x = tf.tensor2d(padSequences(sentences, LENGTH), [48, LENGTH], 'int32');
const y = tf.tensor2d(sentences.map((_, i) => [i % 2]));

const kinds = {
  flatten: (model) => model.add(tf.layers.flatten()),
  cnn: (model) => {
    model.add(tf.layers.dropout({ rate: 0 }));
    model.add(tf.layers.conv1d({ filters: 12, kernelSize: 3, strides: 1, padding: 'valid', activation: 'relu' }));
    model.add(tf.layers.globalMaxPool1d({}));
    model.add(tf.layers.dense({ units: 8, activation: 'relu' }));
  },
  lstm: (model) => model.add(tf.layers.lstm({ units: 8, returnSequences: false })),
  bidirectional: (model) =>
    model.add(tf.layers.bidirectional({ layer: tf.layers.gru({ units: 5 }), mergeMode: 'concat' })),
};

for (const [kind, addLayers] of Object.entries(kinds)) {
  const model = tf.sequential();
  model.add(tf.layers.embedding({ inputDim: WORDS, outputDim: 6, inputLength: LENGTH, maskZero: kind === 'lstm' }));
  addLayers(model);
  model.add(tf.layers.dense({ units: 1, activation: 'sigmoid' }));
  setWeights(tf, model, 40, 0.5);
  model.compile({ optimizer: 'rmsprop', loss: 'binaryCrossentropy', metrics: ['acc'] });
  const history = await model.fit(x, y, { epochs: 5, batchSize: 16, validationSplit: 0.25, shuffle: false });
  for (const key of ['loss', 'acc', 'val_loss', 'val_acc']) console.log(kind, key, ...history.history[key]);
  const score = model.predict(
    tf.tensor2d(
      padSequences(
        [
          [3, 5, 1],
          [20, 17, 29, 16],
        ],
        LENGTH,
      ),
    ),
  );
  console.log(kind, 'scores', ...score.dataSync());
}
