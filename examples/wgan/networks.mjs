// The two networks of the GAN, and the form of images that they see.
import * as sg from 'samegrad';

const { layers } = sg;

/** Size of the codes that images are made of. */
export const LATENT = 48;

/** Squares of 2 x 2 pixels as 4 channels (Shi et al., 2016), so that convolutions have more than one. */
export const fold = (x) => x.reshape([-1, 14, 2, 14, 2]).transpose([0, 1, 3, 2, 4]).reshape([-1, 14, 14, 4]);
export const unfold = (x) => x.reshape([-1, 14, 14, 2, 2]).transpose([0, 1, 3, 2, 4]).reshape([-1, 28, 28, 1]);

const normalized = () => [layers.batchNormalization({ momentum: 0.9 }), layers.reLU()];
/** Random numbers become images. */
export const makeGenerator = () =>
  sg.sequential({
    layers: [
      layers.dense({ units: 128, inputShape: [LATENT] }),
      ...normalized(),
      layers.dense({ units: 7 * 7 * 32 }),
      ...normalized(),
      layers.reshape({ targetShape: [7, 7, 32] }),
      layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same' }),
      ...normalized(),
      layers.conv2dTranspose({ filters: 4, kernelSize: 4, strides: 2, padding: 'same', activation: 'sigmoid' }),
    ],
  });

const half = { strides: 2, padding: 'same', activation: 'leakyRelu' };
/** Its output is an opinion: the higher, the more real. */
export const makeCritic = () =>
  sg.sequential({
    layers: [
      layers.conv2d({ filters: 32, kernelSize: 4, ...half, inputShape: [14, 14, 4] }),
      layers.conv2d({ filters: 64, kernelSize: 3, ...half }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'leakyRelu' }),
      layers.dense({ units: 1 }),
    ],
  });
