/** `sg.layers`: one factory for each layer. */
import * as convolutional from './convolutional';
import * as core from './core';
import type { LayerArgs } from './layer';
import { BatchNormalization, type BatchNormalizationArgs } from './normalization';

export { Layer } from './layer';

export const dense = (args: core.DenseArgs): core.Dense => new core.Dense(args);
export const activation = (args: ConstructorParameters<typeof core.ActivationLayer>[0]): core.ActivationLayer =>
  new core.ActivationLayer(args);
export const reLU = (args?: LayerArgs & { maxValue?: number }): core.ReLU => new core.ReLU(args);
export const leakyReLU = (args?: LayerArgs & { alpha?: number }): core.LeakyReLU => new core.LeakyReLU(args);
export const softmax = (args?: LayerArgs & { axis?: number }): core.Softmax => new core.Softmax(args);
export const dropout = (args: core.DropoutArgs): core.Dropout => new core.Dropout(args);
export const flatten = (args?: LayerArgs): core.Flatten => new core.Flatten(args);
export const reshape = (args: ConstructorParameters<typeof core.Reshape>[0]): core.Reshape => new core.Reshape(args);
export const inputLayer = (args: LayerArgs): core.InputLayer => new core.InputLayer(args);
export const conv2d = (args: convolutional.Conv2DArgs): convolutional.Conv2D => new convolutional.Conv2D(args);
export const maxPooling2d = (args?: convolutional.Pooling2DArgs): convolutional.MaxPooling2D =>
  new convolutional.MaxPooling2D(args);
export const maxPool2d = maxPooling2d;
export const averagePooling2d = (args?: convolutional.Pooling2DArgs): convolutional.AveragePooling2D =>
  new convolutional.AveragePooling2D(args);
export const averagePool2d = averagePooling2d;
export const avgPooling2d = averagePooling2d;
export const avgPool2d = averagePooling2d;
export const globalAveragePooling2d = (args?: LayerArgs): convolutional.GlobalAveragePooling2D =>
  new convolutional.GlobalAveragePooling2D(args);
export const globalMaxPooling2d = (args?: LayerArgs): convolutional.GlobalMaxPooling2D =>
  new convolutional.GlobalMaxPooling2D(args);
export const globalMaxPool2d = globalMaxPooling2d;
export const batchNormalization = (args?: BatchNormalizationArgs): BatchNormalization => new BatchNormalization(args);
