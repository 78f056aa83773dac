// A variational autoencoder (Kingma and Welling, 2014): codes are drawn from a normal distribution around what the encoder
// says, and kept close to the standard one. So any point of the latent space is a digit, and new ones can be drawn.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const { layers } = sg;
const LATENT = 12;
const dense = (units, activation = 'relu') => layers.dense({ units, activation });

/** Draws a code from N(mean, exp(logVariance)), and adds the divergence of that from N(0, 1) to the loss, in nats. */
class Sampling extends layers.Layer {
  static className = 'Sampling';
  call([mean, logVariance]) {
    const divergence = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).div(2).sum(1).mean();
    this.addLoss(divergence);
    return mean.add(logVariance.div(2).exp().mul(sg.randomNormal(mean.shape)));
  }
}

/** -log p(image | code) in nats: the sum over all pixels. */
const reconstruction = (yTrue, yPred) => sg.metrics.binaryCrossentropy(yTrue, yPred).mul(784);

const about = {
  system: 'Variational autoencoder',
  section: '1.5 Applications (Autoencoders)',
  data: 'MNIST',
  metric: '-ELBO of the test images in nats',
  atMost: 110,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2014);
  await sg.setThreads(pick(2, 1));
  const { train, test } = mnist({ train: pick(60000, 256), test: pick(10000, 100) });
  const [x, testX] = [train.x, test.x].map((images) => images.reshape([-1, 784]));

  const image = sg.input({ shape: [784] });
  const hidden = dense(150).apply(dense(300).apply(image));
  const mean = dense(LATENT, 'linear').apply(hidden);
  const logVariance = dense(LATENT, 'linear').apply(hidden);
  const decoder = sg.sequential({
    layers: [layers.inputLayer({ inputShape: [LATENT] }), dense(150), dense(300), dense(784, 'sigmoid')],
  });
  const model = sg.model({ inputs: image, outputs: decoder.apply(new Sampling().apply([mean, logVariance])) });
  const encoder = sg.model({ inputs: image, outputs: mean });
  const [epochs, batchSize] = [pick(6, 1), 128];
  const totalSteps = epochs * Math.ceil(train.y.size / batchSize);
  model.compile({
    optimizer: sg.train.adam(sg.schedules.oneCycle({ maxLearningRate: 0.003, totalSteps })),
    loss: reconstruction,
  });
  const training = await model.fit(x, x, { epochs, batchSize, verbose: 2 });

  const reached = model.evaluate(testX, testX).dataSync()[0];
  console.log(`a bound on -log p(image): ${reached.toFixed(1)} nats`);
  const digits = (x) => decoder.predict(x).reshape([-1, 28, 28]);
  const from = encoder.predict(testX.slice(0, 5)); // five digits, and a walk from each to the next one
  const steps = Array.from({ length: 8 }, (_, i) => i / 7);
  const walk = [0, 1, 2, 3].flatMap((i) =>
    steps.map((t) =>
      from
        .slice(i, 1)
        .mul(1 - t)
        .add(from.slice(i + 1, 1).mul(t)),
    ),
  );
  await draw('training', vis.history(training, { title: '-ELBO in nats' }));
  await draw('samples', vis.images(digits(sg.randomNormal([64, LATENT])), { title: 'New digits', columns: 8 }));
  await draw(
    'walk',
    vis.images(digits(sg.concat(walk)), { title: 'From digit to digit through the latent space', columns: 8 }),
  );
  return { reached, learned: model };
});
