/** Factories of layers over signals, images and volumes. `channelsFirst` puts the channels before the space. */

import { make } from '../base/settings';
import * as conv from '../conv/convolutional';
import * as depthwise from '../conv/depthwise';
import * as padding from '../conv/padding';
import * as pooling from '../conv/pooling';
import * as transposed from '../conv/transposed';

/**
 * One-dimensional convolution. [batch, steps, channels] -> [batch, newSteps, filters]
 * @throws ArgumentError for sizes that are no whole numbers >= 1, or an unknown padding, activation or initializer
 * @example
 * sg.layers.conv1d({ filters: 16, kernelSize: 3, padding: 'causal' }).apply(sg.ones([2, 100, 8])).shape; // [2, 100, 16]
 */
export const conv1d = (args: conv.ConvArgs): conv.Conv1D => make(conv.Conv1D, args);

/**
 * Two-dimensional convolution. [batch, height, width, channels] -> [batch, outHeight, outWidth, filters]
 * @throws ArgumentError for sizes that are no whole numbers >= 1, or an unknown padding, activation or initializer
 * @example
 * sg.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }).apply(sg.ones([2, 28, 28, 1])).shape; // [2, 26, 26, 32]
 */
export const conv2d = (args: conv.ConvArgs): conv.Conv2D => make(conv.Conv2D, args);

/**
 * Three-dimensional convolution. [batch, depth, height, width, channels] -> [batch, outDepth, outHeight, outWidth, filters]
 * @throws ArgumentError for sizes that are no whole numbers >= 1, or an unknown padding, activation or initializer
 */
export const conv3d = (args: conv.ConvArgs): conv.Conv3D => make(conv.Conv3D, args);

/**
 * Transpose of a one-dimensional convolution. [batch, steps, channels] -> [batch, newSteps, filters]
 * @throws ArgumentError as conv1d, and for 'causal' padding or dilation
 */
export const conv1dTranspose = (args: transposed.ConvTransposeArgs): transposed.Conv1DTranspose =>
  make(transposed.Conv1DTranspose, args);

/**
 * Transpose of a two-dimensional convolution. [batch, height, width, channels] -> [batch, outHeight, outWidth, filters]
 * @throws ArgumentError as conv2d, and for dilation
 * @example
 * sg.layers.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: 'same' }); // doubles height and width
 */
export const conv2dTranspose = (args: transposed.ConvTransposeArgs): transposed.Conv2DTranspose =>
  make(transposed.Conv2DTranspose, args);

/**
 * Transpose of a three-dimensional convolution. [batch, depth, height, width, channels] ->
 * [batch, outDepth, outHeight, outWidth, filters]
 * @throws ArgumentError as conv3d, and for dilation
 */
export const conv3dTranspose = (args: transposed.ConvTransposeArgs): transposed.Conv3DTranspose =>
  make(transposed.Conv3DTranspose, args);

/**
 * Each channel convolved with kernels of its own. [batch, height, width, channels] ->
 * [batch, outHeight, outWidth, channels · depthMultiplier]
 * @throws ArgumentError as conv2d
 */
export const depthwiseConv2d = (args: depthwise.DepthwiseConvArgs): depthwise.DepthwiseConv2D =>
  make(depthwise.DepthwiseConv2D, args);

/** The same of signals. [batch, steps, channels] -> [batch, newSteps, channels · depthMultiplier] @throws ArgumentError */
export const depthwiseConv1d = (args: depthwise.DepthwiseConvArgs): depthwise.DepthwiseConv1D =>
  make(depthwise.DepthwiseConv1D, args);

/**
 * A depthwise convolution, then one of 1 x 1 that mixes the channels. [batch, height, width, channels] ->
 * [batch, outHeight, outWidth, filters]
 * @throws ArgumentError as conv2d
 */
export const separableConv2d = (args: depthwise.SeparableConvArgs): depthwise.SeparableConv2D =>
  make(depthwise.SeparableConv2D, args);

/** The same of signals. [batch, steps, channels] -> [batch, newSteps, filters] @throws ArgumentError */
export const separableConv1d = (args: depthwise.SeparableConvArgs): depthwise.SeparableConv1D =>
  make(depthwise.SeparableConv1D, args);

/** Maximum of each window, by default of 2 steps. [batch, steps, channels] -> [batch, newSteps, channels] */
export const maxPooling1d = (args?: pooling.PoolingArgs): pooling.MaxPooling1D => make(pooling.MaxPooling1D, args);
/** Same as `maxPooling1d`. */
export const maxPool1d = maxPooling1d;

/** Maximum of each window, by default 2 x 2. [batch, h, w, channels] -> [batch, outHeight, outWidth, channels] */
export const maxPooling2d = (args?: pooling.PoolingArgs): pooling.MaxPooling2D => make(pooling.MaxPooling2D, args);
/** Same as `maxPooling2d`. */
export const maxPool2d = maxPooling2d;

/** Maximum of each window, by default 2 x 2 x 2. [batch, d, h, w, channels] -> [batch, outD, outH, outW, channels] */
export const maxPooling3d = (args?: pooling.PoolingArgs): pooling.MaxPooling3D => make(pooling.MaxPooling3D, args);
/** Same as `maxPooling3d`. */
export const maxPool3d = maxPooling3d;

/** Mean of each window, by default of 2 steps; padding is not counted. [batch, steps, channels] -> [batch, newSteps, channels] */
export const averagePooling1d = (args?: pooling.PoolingArgs): pooling.AveragePooling1D =>
  make(pooling.AveragePooling1D, args);
/** Same as `averagePooling1d`. */
export const averagePool1d = averagePooling1d;
/** Same as `averagePooling1d`. */
export const avgPooling1d = averagePooling1d;
/** Same as `averagePooling1d`. */
export const avgPool1d = averagePooling1d;

/** Mean of each window, by default 2 x 2. [batch, h, w, channels] -> [batch, outHeight, outWidth, channels] */
export const averagePooling2d = (args?: pooling.PoolingArgs): pooling.AveragePooling2D =>
  make(pooling.AveragePooling2D, args);
/** Same as `averagePooling2d`. */
export const averagePool2d = averagePooling2d;
/** Same as `averagePooling2d`. */
export const avgPooling2d = averagePooling2d;
/** Same as `averagePooling2d`. */
export const avgPool2d = averagePooling2d;

/** Mean of each window, by default 2 x 2 x 2. [batch, d, h, w, channels] -> [batch, outD, outH, outW, channels] */
export const averagePooling3d = (args?: pooling.PoolingArgs): pooling.AveragePooling3D =>
  make(pooling.AveragePooling3D, args);
/** Same as `averagePooling3d`. */
export const averagePool3d = averagePooling3d;
/** Same as `averagePooling3d`. */
export const avgPooling3d = averagePooling3d;
/** Same as `averagePooling3d`. */
export const avgPool3d = averagePooling3d;

/** Mean of each channel over the steps that count (0 if none does). [batch, steps, channels] -> [batch, channels] */
export const globalAveragePooling1d = (args?: pooling.GlobalPoolingArgs): pooling.GlobalAveragePooling1D =>
  make(pooling.GlobalAveragePooling1D, args);

/** Mean of each channel. [batch, height, width, channels] -> [batch, channels] */
export const globalAveragePooling2d = (args?: pooling.GlobalPoolingArgs): pooling.GlobalAveragePooling2D =>
  make(pooling.GlobalAveragePooling2D, args);

/** Mean of each channel. [batch, depth, height, width, channels] -> [batch, channels] */
export const globalAveragePooling3d = (args?: pooling.GlobalPoolingArgs): pooling.GlobalAveragePooling3D =>
  make(pooling.GlobalAveragePooling3D, args);

/** Maximum of each channel. [batch, steps, channels] -> [batch, channels] */
export const globalMaxPooling1d = (args?: pooling.GlobalPoolingArgs): pooling.GlobalMaxPooling1D =>
  make(pooling.GlobalMaxPooling1D, args);
/** Same as `globalMaxPooling1d`. */
export const globalMaxPool1d = globalMaxPooling1d;

/** Maximum of each channel. [batch, height, width, channels] -> [batch, channels] */
export const globalMaxPooling2d = (args?: pooling.GlobalPoolingArgs): pooling.GlobalMaxPooling2D =>
  make(pooling.GlobalMaxPooling2D, args);
/** Same as `globalMaxPooling2d`. */
export const globalMaxPool2d = globalMaxPooling2d;

/** Maximum of each channel. [batch, depth, height, width, channels] -> [batch, channels] */
export const globalMaxPooling3d = (args?: pooling.GlobalPoolingArgs): pooling.GlobalMaxPooling3D =>
  make(pooling.GlobalMaxPooling3D, args);
/** Same as `globalMaxPooling3d`. */
export const globalMaxPool3d = globalMaxPooling3d;

/** Zeros before and after the steps, by default 1. [batch, steps, channels] -> [batch, steps + padding, channels] @throws ArgumentError */
export const zeroPadding1d = (args?: padding.ZeroPaddingArgs): padding.ZeroPadding1D =>
  make(padding.ZeroPadding1D, args);

/** Zeros around images, by default 1. [batch, h, w, channels] -> [batch, h + padding, w + padding, channels] @throws ArgumentError */
export const zeroPadding2d = (args?: padding.ZeroPaddingArgs): padding.ZeroPadding2D =>
  make(padding.ZeroPadding2D, args);

/** Zeros around volumes, by default 1. [batch, d, h, w, channels] -> the same, padded @throws ArgumentError */
export const zeroPadding3d = (args?: padding.ZeroPaddingArgs): padding.ZeroPadding3D =>
  make(padding.ZeroPadding3D, args);

/** Without the first and last steps, by default 1. [batch, steps, channels] -> [batch, steps - cropping, channels] @throws ArgumentError, ShapeError */
export const cropping1d = (args?: padding.CroppingArgs): padding.Cropping1D => make(padding.Cropping1D, args);

/**
 * Images without their borders. [batch, h, w, channels] -> [batch, h - cropping, w - cropping, channels]
 * @throws ArgumentError; ShapeError if nothing is left
 * @example
 * sg.layers.cropping2D({ cropping: [[1, 2], [0, 3]] }); // [[top, bottom], [left, right]]
 */
export const cropping2D = (args?: padding.CroppingArgs): padding.Cropping2D => make(padding.Cropping2D, args);
/** Same as `cropping2D`. */
export const cropping2d = cropping2D;

/** Volumes without their borders, by default 1. [batch, d, h, w, channels] -> the same, cropped @throws ArgumentError, ShapeError */
export const cropping3d = (args?: padding.CroppingArgs): padding.Cropping3D => make(padding.Cropping3D, args);

/** Steps repeated, by default twice. [batch, steps, channels] -> [batch, steps · size, channels] @throws ArgumentError */
export const upSampling1d = (args?: padding.UpSamplingArgs): padding.UpSampling1D => make(padding.UpSampling1D, args);

/** Images enlarged, by default twice. [batch, h, w, channels] -> [batch, h · size, w · size, channels] @throws ArgumentError */
export const upSampling2d = (args?: padding.UpSamplingArgs): padding.UpSampling2D => make(padding.UpSampling2D, args);

/** Volumes enlarged, by default twice. [batch, d, h, w, channels] -> the same, enlarged @throws ArgumentError */
export const upSampling3d = (args?: padding.UpSamplingArgs): padding.UpSampling3D => make(padding.UpSampling3D, args);
