/** Rows of layers over signals, images and volumes with settings that are drawn from a seed. */
import { generator } from '../../support/generate';
import type { LayerCase } from './case';

const next = generator(2026);
const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
const pick = <T>(list: readonly T[]): T => list[whole(0, list.length - 1)] as T;
const each = <T>(dims: number, draw: () => T): T[] => Array.from({ length: dims }, draw);

/** Settings of a window; strides of volumes stay below the kernel, as TensorFlow.js pads 'same' wrongly else. */
function draw(layer: string): LayerCase {
  const dims = Number(/(\d)d/.exec(layer)?.[1]);
  // channelsFirst: TensorFlow.js forgets to bring signals back, and adds separableConv2d's bias to the wrong dimension.
  const isFirst = next() < 0.3 && dims > 1 && layer !== 'separableConv2d';
  // Few windows, so that no maximum changes its place within a difference.
  const isMax = layer.startsWith('max');
  const space = each(dims, () => whole(isMax ? 3 : 4, isMax ? 4 : dims === 3 ? 5 : 8));
  const channels = whole(1, isMax ? 2 : 4);
  const size = each(dims, () => whole(1, 3));
  const strides = size.map((k) => whole(1, dims === 3 ? k : 3));
  const padding = pick(['same', 'valid']);
  const window = { strides, padding, ...(isFirst && { dataFormat: 'channelsFirst' }) };
  const inputs = [isFirst ? [channels, ...space] : [...space, channels]];
  if (/Pooling/.test(layer)) {
    // Gradients of its means with padding 'same', and of poolings of volumes, are wrong.
    const tfGradient = dims < 3 && !(layer.startsWith('average') && padding === 'same');
    return { layer, config: { poolSize: size, ...window }, inputs, tfGradient };
  }
  const useBias = next() < 0.7;
  const activation = pick(['linear', 'tanh', 'sigmoid']);
  const config = { kernelSize: size, ...window, useBias, activation };
  const filters = layer.startsWith('depthwise') ? {} : { filters: whole(1, 5) };
  const multiplier = /^(depthwise|separable)/.test(layer) ? { depthMultiplier: whole(1, 3) } : {};
  const weights = (layer.startsWith('separable') ? 2 : 1) + (useBias ? 1 : 0);
  // Gradients of conv3dTranspose throw.
  const tfGradient = layer !== 'conv3dTranspose';
  return { layer, config: { ...config, ...filters, ...multiplier }, inputs, weights, tfGradient };
}

const LAYERS = [
  ...['conv1d', 'conv2d', 'conv3d', 'conv2dTranspose', 'conv3dTranspose', 'depthwiseConv2d', 'separableConv2d'],
  ...['maxPooling1d', 'maxPooling2d', 'maxPooling3d', 'averagePooling1d', 'averagePooling2d', 'averagePooling3d'],
];

export const drawnLayers: readonly LayerCase[] = LAYERS.flatMap((layer) => each(6, () => draw(layer)));
