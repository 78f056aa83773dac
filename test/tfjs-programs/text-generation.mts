// A network of LSTM layers that continues a text, character by character.
import * as tf from '@tensorflow/tfjs';

const TEXT =
  'the cat sat on the mat and the dog sat on the log; the rat ran at the cat and the cat ran from the dog, ' +
  'and so they ran and ran until the sun sat on the hill and all of them lay down on the mat. ';

class TextData {
  private readonly charSet: string[] = [];
  private readonly indices: Uint16Array;

  constructor(
    private readonly text: string,
    readonly sampleLen: number,
    private readonly step: number,
  ) {
    for (const c of text) if (this.charSet.indexOf(c) === -1) this.charSet.push(c);
    this.indices = new Uint16Array(this.textToIndices(text));
  }

  get size(): number {
    return this.charSet.length;
  }

  nextDataEpoch(count: number): [tf.Tensor3D, tf.Tensor2D] {
    const xs = new tf.TensorBuffer([count, this.sampleLen, this.size], 'float32');
    const ys = new tf.TensorBuffer([count, this.size], 'float32');
    for (let i = 0; i < count; ++i) {
      const begin = (i * this.step) % (this.text.length - this.sampleLen - 1);
      for (let j = 0; j < this.sampleLen; ++j) xs.set(1, i, j, this.indices[begin + j]);
      ys.set(1, i, this.indices[begin + this.sampleLen]);
    }
    return [xs.toTensor() as tf.Tensor3D, ys.toTensor() as tf.Tensor2D];
  }

  textToIndices(text: string): number[] {
    return Array.from(text, (c) => this.charSet.indexOf(c));
  }

  getFromCharSet(index: number): string {
    return this.charSet[index];
  }
}

function createModel(sampleLen: number, size: number, lstmLayerSizes: number | number[]): tf.Sequential {
  const sizes: number[] = Array.isArray(lstmLayerSizes) ? lstmLayerSizes : [lstmLayerSizes];
  const model = tf.sequential();
  for (let i = 0; i < sizes.length; ++i) {
    model.add(
      tf.layers.lstm({
        units: sizes[i],
        returnSequences: i < sizes.length - 1,
        inputShape: i === 0 ? [sampleLen, size] : undefined,
      }),
    );
  }
  model.add(tf.layers.dense({ units: size, activation: 'softmax' }));
  return model;
}

async function fitModel(model: tf.Sequential, data: TextData, epochs: number): Promise<void> {
  const [xs, ys] = data.nextDataEpoch(48);
  await model.fit(xs, ys, {
    epochs,
    batchSize: 16,
    shuffle: false,
    validationSplit: 0.0625,
    callbacks: {
      onBatchEnd: async (batch: number, logs?: tf.Logs) => console.log('batch', batch, logs?.loss),
      onEpochEnd: async (epoch: number, logs?: tf.Logs) => console.log('epoch', epoch, logs?.loss, logs?.val_loss),
    },
  });
  xs.dispose();
  ys.dispose();
}

async function generateText(
  model: tf.LayersModel,
  data: TextData,
  sentence: number[],
  length: number,
): Promise<string> {
  let generated = '';
  let window = sentence.slice();
  while (generated.length < length) {
    const buffer = tf.buffer([1, data.sampleLen, data.size]);
    for (let i = 0; i < data.sampleLen; ++i) buffer.set(1, 0, i, window[i]);
    const input = buffer.toTensor();
    const output = model.predict(input) as tf.Tensor;
    const winner = tf.tidy(() => output.squeeze().argMax().dataSync()[0]);
    generated += data.getFromCharSet(winner);
    window = window.slice(1);
    window.push(winner);
    input.dispose();
    output.dispose();
  }
  return generated;
}

const data = new TextData(TEXT, 12, 3);
const model = createModel(data.sampleLen, data.size, [16, 12]);
let seed = 9;
model.setWeights(
  model.getWeights().map((w) =>
    tf.tensor(
      Array.from({ length: w.size }, () => {
        seed = (seed * 16807) % 2147483647;
        return seed / 2147483647 - 0.5;
      }),
      w.shape,
    ),
  ),
);
model.compile({ optimizer: tf.train.rmsprop(0.02), loss: 'categoricalCrossentropy' });
await fitModel(model, data, 6);
const seedText = TEXT.slice(0, 12);
console.log('text', JSON.stringify(await generateText(model, data, data.textToIndices(seedText), 20)));
