/** Factories of layers that prepare data and that change images at random while training. */

import { make } from '../base/settings';
import * as augmentation from '../preprocessing/augmentation';
import * as image from '../preprocessing/image';
import * as preprocessing from '../preprocessing/preprocessing';

/**
 * y = x scale + offset; the shape stays. @throws ArgumentError for what is no number
 * @example
 * sg.layers.rescaling({ scale: 1 / 127.5, offset: -1 }); // [0, 255] -> [-1, 1]
 */
export const rescaling = (args: preprocessing.RescalingArgs): preprocessing.Rescaling =>
  make(preprocessing.Rescaling, args);

/**
 * y = (x - mean) / √variance, with statistics of data that it was shown, for each entry of an axis (the last by
 * default); the shape stays.
 * @throws ArgumentError for a mean without a variance
 * @example
 * const layer = sg.layers.normalization();
 * layer.adapt([[1, 10], [3, 20]]);
 */
export const normalization = (args?: preprocessing.NormalizationArgs): preprocessing.Normalization =>
  make(preprocessing.Normalization, args);

/**
 * Categories as vectors: 'multiHot' and 'count' [..., n] -> [..., numTokens], 'oneHot' [...] -> [..., numTokens].
 * @throws ArgumentError for an unknown outputMode; when called, IndexError for entries outside [0, numTokens)
 * @example
 * sg.layers.categoryEncoding({ numTokens: 4 }).apply(sg.tensor2d([[0, 3, 3]], [1, 3], 'int32')); // [[1, 0, 0, 1]]
 */
export const categoryEncoding = (args: preprocessing.CategoryEncodingArgs): preprocessing.CategoryEncoding =>
  make(preprocessing.CategoryEncoding, args);

/**
 * Images resized, by interpolation between the centers of pixels. [batch, h, w, channels] -> [batch, height, width, channels]
 * @throws ArgumentError for sizes that are no whole numbers >= 1, or an unknown interpolation
 */
export const resizing = (args: image.ResizingArgs): image.Resizing => make(image.Resizing, args);

/**
 * The middle of images; smaller ones are resized. [batch, h, w, channels] -> [batch, height, width, channels]
 * @throws ArgumentError for sizes that are no whole numbers >= 1
 */
export const centerCrop = (args: image.CenterCropArgs): image.CenterCrop => make(image.CenterCrop, args);

/** While training, mirrors images at random: each with probability 1/2 along each dimension. @throws ArgumentError for an unknown mode */
export const randomFlip = (args?: augmentation.RandomFlipArgs): augmentation.RandomFlip =>
  make(augmentation.RandomFlip, args);

/**
 * While training, turns images at random around their centers. [batch, h, w, channels], the shape stays.
 * @throws ArgumentError for a factor outside [-1, 1], an unknown fillMode or interpolation
 * @example
 * sg.layers.randomRotation({ factor: 0.1 }); // by up to a tenth of a full turn, either way
 */
export const randomRotation = (args: augmentation.RandomRotationArgs): augmentation.RandomRotation =>
  make(augmentation.RandomRotation, args);

/** While training, shifts images at random by shares of their size; the shape stays. @throws ArgumentError as randomRotation */
export const randomTranslation = (args: augmentation.RandomTranslationArgs): augmentation.RandomTranslation =>
  make(augmentation.RandomTranslation, args);

/** While training, zooms images at random, by 1 + factor: above 1 out, below 1 in; the shape stays. @throws ArgumentError as randomRotation */
export const randomZoom = (args: augmentation.RandomZoomArgs): augmentation.RandomZoom =>
  make(augmentation.RandomZoom, args);

/** While training, multiplies the distances from each channel's mean by 1 + factor; the shape stays. @throws ArgumentError for a factor outside [0, 1] */
export const randomContrast = (args: augmentation.RandomColorArgs): augmentation.RandomContrast =>
  make(augmentation.RandomContrast, args);

/** While training, adds a share of the range of values to images; the shape stays. @throws ArgumentError for a factor outside [-1, 1] */
export const randomBrightness = (args: augmentation.RandomColorArgs): augmentation.RandomBrightness =>
  make(augmentation.RandomBrightness, args);

/**
 * With `training: true`, resizes a batch of images to a width drawn in each call. [batch, h, w, channels] ->
 * [batch, h, drawn width, channels]. For preparing data: in compiled models, whose shapes are fixed, it throws.
 * @throws ArgumentError for a factor outside [-1, 1] or an unknown interpolation; StateError when a model trains
 */
export const randomWidth = (args: augmentation.RandomWidthArgs): augmentation.RandomWidth =>
  make(augmentation.RandomWidth, args);
