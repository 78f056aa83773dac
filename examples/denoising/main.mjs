// A denoising autoencoder (Vincent et al., 2008): noisy digits in, clean digits out. What is narrow in the middle has no
// room for the noise.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const { layers } = sg;
const same = { padding: 'same', activation: 'relu' };

/** 28 x 28 pixels to 7 x 7 places and back. */
const autoencoder = () =>
  sg.sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 3, strides: 2, ...same }),
      layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, ...same }),
      layers.conv2d({ filters: 32, kernelSize: 3, ...same }),
      layers.conv2d({ filters: 32, kernelSize: 3, ...same }),
      layers.conv2dTranspose({ filters: 32, kernelSize: 3, strides: 2, ...same }),
      layers.conv2dTranspose({ filters: 1, kernelSize: 4, strides: 2, padding: 'same', activation: 'sigmoid' }),
    ],
  });

const about = {
  system: 'Denoising autoencoder',
  section: '1.5 Applications (Autoencoders)',
  data: 'MNIST with noise of deviation 0.5',
  metric: 'error of the noisy / of the cleaned images',
  atLeast: 10,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2008);
  await sg.setThreads(pick(2, 1));
  const { train, test } = mnist({ train: pick(20000, 256), test: pick(2000, 64) });
  const noisy = (x) => sg.clipByValue(x.add(sg.randomNormal(x.shape, 0, 0.5)), 0, 1);
  const [trainNoisy, testNoisy] = [noisy(train.x), noisy(test.x)];

  const model = autoencoder();
  const [epochs, batchSize] = [pick(5, 1), 32];
  const totalSteps = epochs * Math.ceil(train.y.size / batchSize);
  const learningRate = sg.schedules.oneCycle({ maxLearningRate: 0.006, totalSteps });
  model.compile({ optimizer: sg.train.adam({ learningRate }), loss: 'binaryCrossentropy' });
  const training = await model.fit(trainNoisy, train.x, {
    epochs,
    batchSize,
    validationData: [testNoisy, test.x],
    verbose: 2,
  });

  const clean = model.predict(testNoisy);
  const error = (x) => sg.losses.meanSquaredError(test.x, x).dataSync()[0];
  const decibels = (mse) => `${(-10 * Math.log10(mse)).toFixed(1)} dB`;
  const [before, after] = [error(testNoisy), error(clean)];
  console.log(`mean squared error ${before.toFixed(4)} -> ${after.toFixed(4)}`);
  console.log(`signal to noise    ${decibels(before)} -> ${decibels(after)}`);
  await draw('training', vis.history(training));
  const rows = sg.concat([testNoisy, clean, test.x].map((x) => x.slice(0, 8)));
  await draw(
    'digits',
    vis.images(rows, { title: 'Noisy digits, what is made of them, and what they were', columns: 8 }),
  );
  return { reached: before / after, learned: model };
});
