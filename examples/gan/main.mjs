// A generative adversarial network (Goodfellow et al., 2014): a generator makes digits of noise, a discriminator tells them
// from real ones, and each learns from the other. Both are of dense layers.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';
import { judge, judgement } from '../support/judge.mjs';

const { layers } = sg;
const [BATCH, LATENT] = [64, 64];
const dense = (units, activation = 'leakyRelu') => layers.dense({ units, activation });

const makeGenerator = () =>
  sg.sequential({
    layers: [
      layers.inputLayer({ inputShape: [LATENT] }),
      dense(128),
      layers.layerNormalization(),
      dense(256),
      layers.layerNormalization(),
      dense(784, 'sigmoid'),
    ],
  });

/** Its output is a logit: above 0 means real. */
const makeDiscriminator = () =>
  sg.sequential({
    layers: [
      layers.inputLayer({ inputShape: [784] }),
      dense(256),
      layers.dropout({ rate: 0.3 }),
      dense(128),
      dense(1, 'linear'),
    ],
  });

const about = {
  system: 'GAN, dense',
  section: '1.5 Applications (GAN)',
  data: 'MNIST',
  metric: 'inception score of a classifier of digits (1 to 10)',
  atLeast: 5,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2014);
  await sg.setThreads(pick(2, 1));
  const { train } = mnist({ train: pick(60000, 640) });
  const digitJudge = await judge(train);
  const images = train.x.reshape([-1, 784]);
  const [generator, discriminator] = [makeGenerator(), makeDiscriminator()];
  const noise = (count) => sg.randomNormal([count, LATENT]);
  const make = (codes) => generator.predict(codes).reshape([-1, 28, 28, 1]);
  const isReal = (x, label) => {
    const logits = discriminator.apply(x, { training: true });
    return sg.losses.sigmoidCrossEntropy(sg.fill(logits.shape, label), logits);
  };
  // In the end the generator has the averages of its last thousand steps, which are steadier.
  const settings = { learningRate: 4e-4, beta1: 0.5 };
  const forGenerator = sg.train.adam({ ...settings, useEma: true, emaMomentum: 0.999 });
  const forDiscriminator = sg.train.adam(settings);
  const discriminate = sg.jit((real) => {
    const made = sg.stopGradient(generator.apply(noise(BATCH)));
    const loss = () => isReal(real, 0.9).add(isReal(made, 0)).div(2);
    return forDiscriminator.minimize(loss, true, discriminator.trainableWeights);
  });
  const generate = sg.jit(() => {
    const loss = () => isReal(generator.apply(noise(BATCH)), 1);
    return forGenerator.minimize(loss, true, generator.trainableWeights);
  });

  const drawn = noise(8); // the same codes after each epoch
  const samples = [];
  const [epochs, batches] = [pick(10, 2), Math.floor(train.y.size / BATCH)];
  const losses = { discriminator: [], generator: [] };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let [d, g] = [0, 0];
    for (let i = 0; i < batches; i++)
      sg.tidy(() => {
        d += discriminate(images.slice([i * BATCH, 0], [BATCH, 784])).dataSync()[0] / batches;
        g += generate().dataSync()[0] / batches;
      });
    losses.discriminator.push(d);
    losses.generator.push(g);
    samples.push(make(drawn));
    const { score } = judgement(digitJudge, make(noise(1000)));
    console.log(`epoch ${epoch}: losses ${d.toFixed(2)} and ${g.toFixed(2)}, score ${score.toFixed(2)}`);
  }
  forGenerator.finalizeVariableValues();

  const { score, confidence, shares } = judgement(digitJudge, make(noise(2000)));
  console.log(`in the end, with averages: score ${score.toFixed(2)}, mean confidence ${confidence.toFixed(2)}`);
  await draw('losses', vis.history(losses, { title: 'Losses' }));
  await draw('epochs', vis.images(sg.concat(samples), { title: 'Eight codes after each epoch', columns: 8, most: 80 }));
  await draw('samples', vis.images(make(noise(64)), { title: 'Made digits', columns: 8 }));
  await draw('shares', vis.bars(shares, { title: 'What is made', xLabel: 'digit', yLabel: 'share' }));
  return { reached: score, learned: generator };
});
