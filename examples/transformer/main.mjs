// A small vision Transformer (Dosovitskiy et al., 2021) on MNIST: an image is a sequence of 49 patches of 4 x 4 pixels,
// and attention finds out which belong together. Written with the functional API and two layers of its own.
//
// node examples/transformer/main.mjs [images] [epochs]
import * as sg from 'samegrad';
import { loadMnist } from '../mnist/data.mjs';

const IMAGES = Number(process.argv[2] ?? 15000);
const EPOCHS = Number(process.argv[3] ?? 2);
const [PATCHES, DIM, HEADS, HIDDEN, BLOCKS] = [49, 48, 4, 96, 2];

/** Each position is scaled to mean 0 and variance 1, then to what is learned (Ba et al., 2016). */
class Normalization extends sg.layers.Layer {
  static className = 'Normalization';
  build(shape) {
    this.gamma = this.addWeight({ name: 'gamma', shape: [shape.at(-1)], initializer: 'ones' });
    this.beta = this.addWeight({ name: 'beta', shape: [shape.at(-1)], initializer: 'zeros' });
  }
  call(x) {
    const centered = x.sub(x.mean(-1, true));
    const deviation = centered.square().mean(-1, true).add(1e-5).sqrt();
    return centered.div(deviation).mul(this.gamma).add(this.beta);
  }
}

/** The sum of two tensors. */
class Sum extends sg.layers.Layer {
  static className = 'Sum';
  call([a, b]) {
    return a.add(b);
  }
}

const { layers } = sg;
const normalize = (x) => new Normalization().apply(x);
const plus = (a, b) => new Sum().apply([a, b]);

/** Attention between all positions, then two dense layers at each; both add to what comes in. */
function block(x) {
  const before = normalize(x);
  const attention = layers.multiHeadAttention({ numHeads: HEADS, keyDim: DIM / HEADS, dropout: 0.1 });
  const seen = plus(x, attention.apply([before, before]));
  const wide = layers.dense({ units: HIDDEN, activation: 'gelu' }).apply(normalize(seen));
  return plus(seen, layers.dense({ units: DIM }).apply(wide));
}

function network() {
  const input = sg.input({ shape: [PATCHES, 16] });
  const embedded = layers.dense({ units: DIM }).apply(input);
  let x = plus(embedded, layers.positionEmbedding({ sequenceLength: PATCHES }).apply(embedded));
  for (let i = 0; i < BLOCKS; i++) x = block(x);
  const flat = layers.flatten().apply(normalize(x));
  const outputs = layers.dense({ units: 10, activation: 'softmax' }).apply(flat);
  return sg.model({ inputs: input, outputs, name: 'vision_transformer' });
}

/** [n, 28, 28, 1] -> [n, 49, 16] */
const patches = (images) =>
  sg.tidy(() => images.reshape([-1, 7, 4, 7, 4]).transpose([0, 1, 3, 2, 4]).reshape([-1, PATCHES, 16]));

sg.setSeed(7);
const { train, test } = loadMnist(sg);
const part = (x, n) => x.slice(0, Math.min(n, x.shape[0]));
const [x, y] = [patches(part(train.x, IMAGES)), sg.oneHot(part(train.y, IMAGES), 10)];
const [testX, testY] = [patches(part(test.x, IMAGES)), sg.oneHot(part(test.y, IMAGES), 10)];

const model = network();
model.compile({ optimizer: sg.train.adam(0.002), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
model.summary();
const start = performance.now();
await model.fit(x, y, { epochs: EPOCHS, batchSize: 64 });
const seconds = (performance.now() - start) / 1000;
const [, accuracy] = model.evaluate(testX, testY).map((t) => t.dataSync()[0]);
console.log(
  `trained on ${x.shape[0]} images in ${seconds.toFixed(1)} s; test accuracy ${(100 * accuracy).toFixed(2)} %`,
);

/** Where one head of the first block looks from the middle of an image: darker is more. */
const [first] = model.layers.filter((layer) => layer.getClassName() === 'MultiHeadAttention');
const image = testX.slice([0, 0, 0], [1, PATCHES, 16]);
const until = sg.model({ inputs: model.inputs, outputs: first.connections[0].inputs[0] });
const before = until.predict(image);
const [, scores] = first.apply([before, before], { returnAttentionScores: true });
const looks = scores.slice([0, 0, 24, 0], [1, 1, 1, PATCHES]).dataSync();
const top = Math.max(...looks);
for (let row = 0; row < 7; row++)
  console.log([...looks.slice(7 * row, 7 * row + 7)].map((w) => ' .:-=+*#%@'[Math.floor((9 * w) / top)]).join(' '));
