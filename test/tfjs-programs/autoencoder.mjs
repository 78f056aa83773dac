// A variational autoencoder: layers of one's own, a loss of one's own, trained by minimize.
import * as tf from '@tensorflow/tfjs';
import { numbers, setWeights } from './seeded.mjs';

const [ORIGINAL, INTER, LATENT, BATCH] = [36, 16, 2, 20];

/** z = mean + exp(logVar / 2) * noise; the noise is an input, so that both libraries have the same. */
class ZLayer extends tf.layers.Layer {
  static className = 'ZLayer';
  constructor(config) {
    super(config || {});
    this.supportsMasking = true;
  }
  computeOutputShape(inputShape) {
    tf.util.assert(inputShape.length === 3 && Array.isArray(inputShape[0]), () => 'expected three inputs');
    return inputShape[0];
  }
  call(inputs, _kwargs) {
    const [zMean, zLogVar, noise] = inputs;
    return zMean.add(zLogVar.mul(0.5).exp().mul(noise));
  }
}
tf.serialization.registerClass(ZLayer);

/** Adds a vector that is learned. */
class Shift extends tf.layers.Layer {
  constructor(config = {}) {
    super(config);
    this.size = config.size;
  }
  build(inputShape) {
    this.shift = this.addWeight('shift', [this.size], 'float32', tf.initializers.zeros());
    super.build(inputShape);
  }
  call(inputs) {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      return x.add(this.shift.read());
    });
  }
  getConfig() {
    return { ...super.getConfig(), size: this.size };
  }
  static get className() {
    return 'Shift';
  }
}
tf.serialization.registerClass(Shift);

function encoder() {
  const inputs = tf.input({ shape: [ORIGINAL], name: 'encoder_input' });
  const noise = tf.input({ shape: [LATENT], name: 'noise' });
  const x = tf.layers.dense({ units: INTER, activation: 'relu' }).apply(inputs);
  const zMean = tf.layers.dense({ units: LATENT, name: 'z_mean' }).apply(x);
  const zLogVar = tf.layers.dense({ units: LATENT, name: 'z_log_var' }).apply(x);
  const z = new ZLayer({ name: 'z', outputShape: [LATENT] }).apply([zMean, zLogVar, noise]);
  return tf.model({ inputs: [inputs, noise], outputs: [zMean, zLogVar, z], name: 'encoder' });
}

function decoder() {
  const inputs = tf.input({ shape: [LATENT] });
  let y = tf.layers.dense({ units: INTER, activation: 'relu' }).apply(inputs);
  y = new Shift({ size: INTER }).apply(y);
  y = tf.layers.dense({ units: ORIGINAL, activation: 'sigmoid' }).apply(y);
  return tf.model({ inputs, outputs: y, name: 'decoder' });
}

function vaeLoss(inputs, [zMean, zLogVar], decoded) {
  return tf.tidy(() => {
    const reconstruction = tf.losses.meanSquaredError(inputs, decoded).mul(ORIGINAL);
    const kl = zLogVar.add(1).sub(zMean.square()).sub(zLogVar.exp()).sum(-1).mul(-0.5);
    return reconstruction.add(kl.mean());
  });
}

const [enc, dec] = [encoder(), decoder()];
setWeights(tf, enc, 50, 0.3);
setWeights(tf, dec, 70, 0.3);
const images = tf.tensor2d(
  Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: ORIGINAL }, (_, p) => 0.5 + 0.5 * Math.sin(p * (0.2 + 0.02 * (i % 9)) + (i % 7))),
  ),
);
const optimizer = tf.train.adam(0.01);
for (let epoch = 0; epoch < 5; epoch++) {
  for (let b = 0; b < 3; b++) {
    const batch = images.slice([b * BATCH, 0], [BATCH, ORIGINAL]);
    const noise = tf.tensor2d(numbers(BATCH * LATENT, 200 + 3 * epoch + b), [BATCH, LATENT]);
    const cost = optimizer.minimize(() => {
      const [zMean, zLogVar, z] = enc.apply([batch, noise]);
      return vaeLoss(batch, [zMean, zLogVar], dec.apply(z));
    }, true);
    console.log('loss', epoch, b, cost.dataSync()[0]);
    tf.dispose([batch, noise, cost]);
  }
}

// The same with fit: a plain autoencoder whose loss is a function.
const auto = tf.sequential({
  layers: [
    tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [ORIGINAL] }),
    new Shift({ size: 8 }),
    tf.layers.dense({ units: ORIGINAL, activation: 'sigmoid' }),
  ],
});
setWeights(tf, auto, 90);
const custom = (yTrue, yPred) => yTrue.sub(yPred).abs().pow(1.5).mean(-1);
const largest = (yTrue, yPred) => tf.max(tf.abs(tf.sub(yTrue, yPred)), -1);
auto.compile({ optimizer: tf.train.adam(0.02), loss: custom, metrics: [largest] });
const history = await auto.fit(images, images, { epochs: 6, batchSize: 20, shuffle: false });
console.log('fit', ...history.history.loss);
console.log('largest', ...history.history.largest);
console.log(JSON.stringify(auto.layers[1].getConfig().size), auto.countParams());
