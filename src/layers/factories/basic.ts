/** Factories of basic layers, activations, dropout and noise. */
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs } from '../base/call';
import { InputLayer } from '../base/input';
import type { LayerArgs } from '../base/layer';
import { make } from '../base/settings';
import type { Tensors } from '../base/shapes';
import * as elementwise from '../core/activation-layers';
import * as core from '../core/core';
import { EinsumDense, type EinsumDenseArgs } from '../core/einsum-dense';
import { Embedding, type EmbeddingArgs } from '../core/embedding';
import * as regularization from '../core/regularization';

/** Gives a model the shape of its input. @throws ArgumentError without inputShape or batchInputShape */
export const inputLayer = (args: LayerArgs): InputLayer => make(InputLayer, args);

/**
 * Fully connected: y = activation(x · kernel + bias). [..., n] -> [..., units]
 * @throws ArgumentError for units that are no whole number >= 1, or an unknown activation or initializer
 * @example
 * sg.layers.dense({ units: 10, activation: 'softmax' }).apply(sg.ones([32, 784])).shape; // [32, 10]
 */
export const dense = (args: core.DenseArgs): core.Dense => make(core.Dense, args);

/**
 * Dense along the letters of an equation: y = activation(einsum(equation, x, kernel) + bias).
 * @throws ArgumentError for an equation of another form; ShapeError for sizes that nothing tells
 * @example
 * sg.layers.einsumDense({ equation: 'abc,cde->abde', outputShape: [null, 8, 16], biasAxes: 'de' }); // heads of attention
 */
export const einsumDense = (args: EinsumDenseArgs): EinsumDense => make(EinsumDense, args);

/**
 * Rows of a table, learnt, by whole numbers. [batch, ...] -> [batch, ..., outputDim]
 * @throws ArgumentError for sizes that are no whole numbers >= 1; when run IndexError for an index outside the table
 * @example
 * sg.layers.embedding({ inputDim: 1000, outputDim: 16, maskZero: true }).apply(sg.tensor([[5, 9, 0]], null, 'int32')).shape; // [1, 3, 16]
 */
export const embedding = (args: EmbeddingArgs): Embedding => make(Embedding, args);

/** [batch, ...] -> [batch, product of the rest] */
export const flatten = (args?: core.FlattenArgs): core.Flatten => make(core.Flatten, args);

/** [batch, ...] -> [batch, ...targetShape]; one dimension may be -1. @throws ShapeError if the elements do not fit */
export const reshape = (args: core.ReshapeArgs): core.Reshape => make(core.Reshape, args);

/**
 * Reorders the dimensions of examples, which are counted from 1. @throws ArgumentError unless dims is an order of them
 * @example
 * sg.layers.permute({ dims: [2, 1] }); // [batch, a, b] -> [batch, b, a]
 */
export const permute = (args: core.PermuteArgs): core.Permute => make(core.Permute, args);

/** [batch, features] -> [batch, n, features] @throws ArgumentError unless n is a whole number >= 1 */
export const repeatVector = (args: core.RepeatVectorArgs): core.RepeatVector => make(core.RepeatVector, args);

/** Masks steps whose features all are `maskValue` (0 by default); the shape, [batch, time, features], stays. */
export const masking = (args?: core.MaskingArgs): core.Masking => make(core.Masking, args);

/** Passes its input on. */
export const identity = (args?: LayerArgs): core.Identity => make(core.Identity, args);

/**
 * A function as a layer. What `fn` gets are tensors, or a list of them, and what else the layer is called with. For
 * models that are saved it has to be known by `sg.serialization.registerClass`.
 * @throws ArgumentError without a function
 * @example
 * sg.layers.lambda((x) => x.square().sum(-1)).apply(sg.tensor([[1, 2]])).arraySync(); // [5]
 */
export function lambda(
  fn: (x: Tensor, args: CallArgs) => Tensors,
  args?: Omit<core.LambdaArgs, 'function'>,
): core.Lambda;
export function lambda(
  fn: core.LambdaFunction | core.LambdaArgs,
  args?: Omit<core.LambdaArgs, 'function'>,
): core.Lambda;
export function lambda(
  fn: core.LambdaFunction | core.LambdaArgs,
  args?: Omit<core.LambdaArgs, 'function'>,
): core.Lambda {
  return make(core.Lambda, typeof fn === 'function' ? { ...args, function: fn } : fn);
}

/** An activation as a layer of its own; the shape stays. @throws ArgumentError for an unknown name */
export const activation = (args: elementwise.ActivationArgs): elementwise.ActivationLayer =>
  make(elementwise.ActivationLayer, args);

/** max(x, 0), at most `maxValue` if given; the shape stays. @throws ArgumentError for settings below 0 */
export const reLU = (args?: elementwise.ReLUArgs): elementwise.ReLU => make(elementwise.ReLU, args);

/** x where x >= 0, else alpha x (0.3 by default, as in Keras); the shape stays. */
export const leakyReLU = (args?: elementwise.AlphaArgs): elementwise.LeakyReLU => make(elementwise.LeakyReLU, args);

/** x where x > 0, else alpha x with a learnt alpha for each element, or shared along axes; the shape stays. */
export const prelu = (args?: elementwise.PReLUArgs): elementwise.PReLU => make(elementwise.PReLU, args);

/** x where x > 0, else alpha (eˣ - 1), alpha being 1 by default; the shape stays. */
export const elu = (args?: elementwise.AlphaArgs): elementwise.ELU => make(elementwise.ELU, args);

/** x where x > theta (1 by default), else 0; the shape stays. */
export const thresholdedReLU = (args?: elementwise.ThresholdedReLUArgs): elementwise.ThresholdedReLU =>
  make(elementwise.ThresholdedReLU, args);

/** Softmax along axes, the last by default; the shape stays. */
export const softmax = (args?: elementwise.SoftmaxArgs): elementwise.Softmax => make(elementwise.Softmax, args);

/** Settings of a dropout, of which the rate may be all that is given. */
const rated = <A extends { rate?: number | null }>(args: A | number | null | undefined): A | null | undefined =>
  typeof args === 'number' ? ({ rate: args } as A) : args;

/**
 * While training, elements become 0 with probability `rate`, which may be the only argument, and the others are divided
 * by 1 - rate (Srivastava et al., 2014); the shape stays. @throws ArgumentError unless 0 <= rate < 1
 */
export const dropout = (args?: regularization.DropoutArgs | number): regularization.Dropout =>
  make(regularization.Dropout, rated(args));

type Spatial = regularization.SpatialDropoutArgs | number;
/** Dropout of whole channels of [batch, time, channels]. @throws ArgumentError unless 0 <= rate < 1 */
export const spatialDropout1d = (args?: Spatial): regularization.SpatialDropout =>
  make(regularization.SpatialDropout1D, rated(args));
/** Dropout of whole channels of [batch, height, width, channels]. @throws ArgumentError unless 0 <= rate < 1 */
export const spatialDropout2d = (args?: Spatial): regularization.SpatialDropout =>
  make(regularization.SpatialDropout2D, rated(args));
/** Dropout of whole channels of [batch, depth, height, width, channels]. @throws ArgumentError unless 0 <= rate < 1 */
export const spatialDropout3d = (args?: Spatial): regularization.SpatialDropout =>
  make(regularization.SpatialDropout3D, rated(args));

/** Dropout for networks of selu, whose mean and variance it keeps. @throws ArgumentError unless 0 <= rate < 1 */
export const alphaDropout = (args?: regularization.DropoutArgs | number): regularization.AlphaDropout =>
  make(regularization.AlphaDropout, rated(args));

/** While training, multiplies by normal numbers around 1 of variance rate / (1 - rate). @throws ArgumentError unless 0 <= rate < 1 */
export const gaussianDropout = (
  args?: Omit<regularization.DropoutArgs, 'noiseShape'> | number,
): regularization.GaussianDropout => make(regularization.GaussianDropout, rated(args));

/** While training, adds normal numbers around 0. @throws ArgumentError for a stddev below 0 */
export const gaussianNoise = (args: regularization.GaussianNoiseArgs): regularization.GaussianNoise =>
  make(regularization.GaussianNoise, args);

/** Passes its input on and adds l1 Σ|x| + l2 Σx² of an example to the loss. @throws ArgumentError for factors below 0 */
export const activityRegularization = (
  args?: regularization.ActivityRegularizationArgs,
): regularization.ActivityRegularization => make(regularization.ActivityRegularization, args);
