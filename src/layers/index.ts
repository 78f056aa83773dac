/** `sg.layers`: one factory for each layer. Shapes are given with the batch; settings are described at each class. */
import * as convolutional from './convolutional';
import type { LayerArgs } from './layer';

export * from './factories/basic';
export * from './factories/merge';
export * from './factories/normalization';
export { input } from './input';
export { Layer } from './layer';

/**
 * Two-dimensional convolution. [batch, height, width, channels] -> [batch, outHeight, outWidth, filters]
 * @throws ArgumentError for sizes that are no whole numbers >= 1, or an unknown padding, activation or initializer
 * @example
 * model.add(sg.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }));
 */
export const conv2d = (args: convolutional.Conv2DArgs): convolutional.Conv2D => new convolutional.Conv2D(args);

/** Maximum of each window, by default 2 x 2. [batch, h, w, channels] -> [batch, outHeight, outWidth, channels] */
export const maxPooling2d = (args?: convolutional.Pooling2DArgs): convolutional.MaxPooling2D =>
  new convolutional.MaxPooling2D(args);
/** Same as `maxPooling2d`. */
export const maxPool2d = maxPooling2d;

/** Mean of each window, by default 2 x 2. [batch, h, w, channels] -> [batch, outHeight, outWidth, channels] */
export const averagePooling2d = (args?: convolutional.Pooling2DArgs): convolutional.AveragePooling2D =>
  new convolutional.AveragePooling2D(args);
/** Same as `averagePooling2d`. */
export const averagePool2d = averagePooling2d;
/** Same as `averagePooling2d`. */
export const avgPooling2d = averagePooling2d;
/** Same as `averagePooling2d`. */
export const avgPool2d = averagePooling2d;

/** Mean of each channel. [batch, height, width, channels] -> [batch, channels] */
export const globalAveragePooling2d = (args?: LayerArgs): convolutional.GlobalAveragePooling2D =>
  new convolutional.GlobalAveragePooling2D(args);

/** Maximum of each channel. [batch, height, width, channels] -> [batch, channels] */
export const globalMaxPooling2d = (args?: LayerArgs): convolutional.GlobalMaxPooling2D =>
  new convolutional.GlobalMaxPooling2D(args);
/** Same as `globalMaxPooling2d`. */
export const globalMaxPool2d = globalMaxPooling2d;
