// A Wasserstein GAN with gradient penalty (Gulrajani et al., 2017), convolutional. A critic says how far made digits are
// from real ones; its loss contains the norm of its own gradient, so each step differentiates a gradient.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';
import { judge, judgement } from '../support/judge.mjs';
import { fold, LATENT, makeCritic, makeGenerator, unfold } from './networks.mjs';

const [BATCH, PENALTY, CRITIC_STEPS] = [32, 10, 2];

const about = {
  system: 'WGAN with gradient penalty, convolutional',
  section: '1.5 Applications (GAN)',
  data: 'MNIST',
  metric: 'inception score of a classifier of digits (1 to 10)',
  atLeast: 6,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2017);
  await sg.setThreads(pick(2, 1));
  const { train } = mnist({ train: pick(60000, 640) });
  const digitJudge = await judge(train);
  const [generator, critic] = [makeGenerator(), makeCritic()];
  const noise = (count) => sg.randomNormal([count, LATENT]);
  const make = () => generator.apply(noise(BATCH), { training: true });
  const paint = (codes) => unfold(generator.predict(codes));
  const opinion = (x) => critic.apply(x).mean();

  /** How far the slope of the critic is from 1 on the way from real to made images. */
  const penalty = (real, made) => {
    const mix = sg.randomUniform([BATCH, 1, 1, 1]);
    const slope = sg.grad((x) => critic.apply(x).sum())(real.mul(mix).add(made.mul(sg.sub(1, mix))));
    return slope.square().sum([1, 2, 3]).add(1e-12).sqrt().sub(1).square().mean();
  };
  const [epochs, steps] = [pick(10, 2), pick(250, 3)];
  const rate = (stepsOfAll) => sg.schedules.cosineDecay(0.001, stepsOfAll);
  const forCritic = sg.train.adam(rate(epochs * steps * CRITIC_STEPS), 0.5, 0.9);
  const forGenerator = sg.train.adam(rate(epochs * steps), 0.5, 0.9);
  const criticStep = sg.jit((real) => {
    const made = sg.stopGradient(make());
    const distance = () => opinion(real).sub(opinion(made));
    forCritic.minimize(() => penalty(real, made).mul(PENALTY).sub(distance()), false, critic.trainableWeights);
    return distance();
  });
  const generatorStep = sg.jit(() =>
    forGenerator.minimize(() => opinion(make()).neg(), true, generator.trainableWeights),
  );

  const images = fold(train.x);
  const drawn = noise(8); // the same codes after each epoch
  const [samples, distances, scores] = [[], [], []];
  let at = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let sum = 0;
    for (let i = 0; i < steps; i++)
      sg.tidy(() => {
        for (let k = 0; k < CRITIC_STEPS; k++, at = (at + BATCH) % (train.y.size - BATCH))
          sum += criticStep(images.slice(at, BATCH)).dataSync()[0];
        generatorStep();
      });
    distances.push(sum / steps / CRITIC_STEPS);
    const { score } = judgement(digitJudge, paint(noise(1000)));
    scores.push(score);
    samples.push(paint(drawn));
    console.log(`epoch ${epoch}: distance ${distances.at(-1).toFixed(2)}, score ${score.toFixed(2)}`);
  }
  const { score, confidence, shares } = judgement(digitJudge, paint(noise(2000)));
  console.log(`in the end: score ${score.toFixed(2)}, mean confidence ${confidence.toFixed(2)}`);
  await draw('distance', vis.history({ distance: distances, score: scores }, { title: 'Distance from real digits' }));
  await draw('epochs', vis.images(sg.concat(samples), { title: 'Eight codes after each epoch', columns: 8, most: 80 }));
  await draw('samples', vis.images(paint(noise(64)), { title: 'Made digits', columns: 8 }));
  await draw('shares', vis.bars(shares, { title: 'What is made', xLabel: 'digit', yLabel: 'share' }));
  return { reached: score, learned: generator };
});
