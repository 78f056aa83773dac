/** `sg.layers`: one factory for each layer. Shapes are given with the batch; settings are described at each class. */
import * as core from './core';
import { InputLayer } from './input';
import type { LayerArgs } from './layer';
import { BatchNormalization, type BatchNormalizationArgs } from './normalization';

export * from './factories/convolutional';
export * from './factories/preprocessing';
export { Layer } from './layer';

/**
 * Fully connected: y = activation(x · kernel + bias). [..., n] -> [..., units]
 * @throws ArgumentError for units that are no whole number >= 1, or an unknown activation or initializer
 * @example
 * model.add(sg.layers.dense({ units: 10, activation: 'softmax', inputShape: [784] }));
 */
export const dense = (args: core.DenseArgs): core.Dense => new core.Dense(args);

/** An activation as a layer of its own; the shape stays. @throws ArgumentError for an unknown name */
export const activation = (args: core.ActivationArgs): core.ActivationLayer => new core.ActivationLayer(args);

/** max(x, 0), at most `maxValue` if given; the shape stays. */
export const reLU = (args?: core.ReLUArgs): core.ReLU => new core.ReLU(args);

/** x where x >= 0, else alpha x (0.3 by default, as in Keras); the shape stays. */
export const leakyReLU = (args?: core.LeakyReLUArgs): core.LeakyReLU => new core.LeakyReLU(args);

/** Softmax along an axis, the last by default; the shape stays. */
export const softmax = (args?: core.SoftmaxArgs): core.Softmax => new core.Softmax(args);

/**
 * While training, elements become 0 with probability `rate` and the others are divided by 1 - rate (Srivastava et
 * al., 2014); the shape stays. @throws ArgumentError unless 0 <= rate < 1
 */
export const dropout = (args: core.DropoutArgs): core.Dropout => new core.Dropout(args);

/** [batch, ...] -> [batch, product of the rest] */
export const flatten = (args?: LayerArgs): core.Flatten => new core.Flatten(args);

/** [batch, ...] -> [batch, ...targetShape]; one dimension may be -1. @throws ShapeError if the elements do not fit */
export const reshape = (args: core.ReshapeArgs): core.Reshape => new core.Reshape(args);

/** Gives a model the shape of its input. @throws ArgumentError without inputShape or batchInputShape */
export const inputLayer = (args: LayerArgs): InputLayer => new InputLayer(args);

/**
 * Normalizes each entry of an axis (the last by default) with the statistics of the batch while training, with moving
 * ones at inference (Ioffe and Szegedy, 2015); the shape stays.
 */
export const batchNormalization = (args?: BatchNormalizationArgs): BatchNormalization => new BatchNormalization(args);
export * from './factories/attention';
export * from './factories/recurrent';
