/** Products and convolutions with bias and activation (`sg.fused`): compiled, they become one command. */
import { checkChoice, checkSettings, within } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { checkNames } from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { broadcastShapes, sameShape, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { conv2d as plainConv2d, depthwiseConv2d as plainDepthwise } from '../conv/convolution';
import { isChannelsFirst, type Padding, type PerDimension, type RoundingMode } from '../conv/window';
import { float } from '../core/operands';
import type { TensorLike } from '../create/creation';
import { matMul as plainMatMul } from '../linear/products';
import { add, elu, leakyRelu, prelu, relu, relu6, sigmoid } from '../math/arithmetic';
import { reshape } from '../shape/shaping';

/** Activations that the functions of `sg.fused` apply. */
export type FusedActivation = 'linear' | 'relu' | 'relu6' | 'elu' | 'leakyrelu' | 'prelu' | 'sigmoid';

/** What follows a product or convolution: a bias and an activation. */
export interface Fusion {
  /** Broadcast to the result. */
  bias?: TensorLike | null;
  /** Default 'linear'. */
  activation?: FusedActivation | null;
  /** Slopes of 'prelu' below zero, broadcast to the result; one for each channel if the rank is 1. */
  preluActivationWeights?: TensorLike | null;
  /** Slope of 'leakyrelu' below zero; default 0.2. */
  leakyreluAlpha?: number;
}

const FUSION: readonly (keyof Fusion)[] = ['bias', 'activation', 'preluActivationWeights', 'leakyreluAlpha'];
const PRODUCT: readonly (keyof FusedMatMulArgs)[] = ['a', 'b', 'transposeA', 'transposeB', ...FUSION];
const CONVOLUTION: readonly (keyof FusedConvArgs)[] = [
  'x',
  'filter',
  'strides',
  'pad',
  'dataFormat',
  'dilations',
  'dimRoundingMode',
  ...FUSION,
];

const isGiven = <T>(value: T | undefined | null): value is T => value !== undefined && value !== null;

type Activate = (x: Tensor, args: Fusion) => Tensor;

const ACTIVATIONS: Readonly<Record<FusedActivation, Activate>> = {
  linear: (x) => x,
  relu: (x) => relu(x),
  relu6: (x) => relu6(x),
  elu: (x) => elu(x),
  leakyrelu: (x, { leakyreluAlpha }) => leakyRelu(x, leakyreluAlpha),
  prelu: (x, { preluActivationWeights: alpha }) => prelu(x, alpha as TensorLike),
  sigmoid: (x) => sigmoid(x),
};

function finish(product: Tensor, bias: Tensor | undefined, args: Fusion, where: string): Tensor {
  if (bias && !sameShape(broadcastShapes(product.shape, bias.shape) ?? [], product.shape))
    throw new ShapeError(
      `${where}: bias ${showShape(bias.shape)} does not broadcast to the result ${showShape(product.shape)}`,
    );
  const names = Object.keys(ACTIVATIONS) as FusedActivation[];
  const activate = ACTIVATIONS[checkChoice(args.activation, where, 'activation', names, 'linear')];
  if (activate === ACTIVATIONS.prelu && !isGiven(args.preluActivationWeights))
    throw new ArgumentError(`${where}: activation 'prelu' needs preluActivationWeights`);
  return within(where, () => activate(bias ? add(product, bias) : product, args));
}

const biasOf = ({ bias }: Fusion, where: string): Tensor | undefined =>
  isGiven(bias) ? float(bias, where, 'bias') : undefined;

/** Arguments of `sg.fused.matMul`. */
export interface FusedMatMulArgs extends Fusion {
  /** [..., m, k]. */
  a: TensorLike;
  /** [..., k, n]. */
  b: TensorLike;
  /** Whether a is [..., k, m]; default false. */
  transposeA?: boolean;
  /** Whether b is [..., n, k]; default false. */
  transposeB?: boolean;
}

/**
 * activation(a · b + bias); shapes as for `sg.matMul`.
 * @throws ShapeError if the inner dimensions differ or the bias does not broadcast; ArgumentError
 * @example
 * sg.fused.matMul({ a: [[1, 2]], b: [[3], [-4]], bias: [1], activation: 'relu' }).dataSync(); // [0]
 */
export function matMul(args: FusedMatMulArgs): Tensor {
  const given = checkSettings(args, 'fused.matMul', 'args');
  checkNames('fused.matMul', given, PRODUCT);
  return tidy(() => {
    const product = plainMatMul(given.a, given.b, given.transposeA, given.transposeB);
    return finish(product, biasOf(given, 'fused.matMul'), given, 'fused.matMul');
  });
}

/** Arguments of `sg.fused.conv2d` and `sg.fused.depthwiseConv2d`. */
export interface FusedConvArgs extends Fusion {
  /** [batch, height, width, channels], or without the batch. */
  x: TensorLike;
  /** [filterHeight, filterWidth, channels, filters or multiplier]. */
  filter: TensorLike;
  /** One number, or [height, width]. */
  strides: PerDimension;
  /** 'valid', 'same', a number of pixels on all sides, or [[top, bottom], [left, right]]. */
  pad: Padding;
  /** 'NHWC' (default) or 'NCHW'. */
  dataFormat?: string | null;
  /** Distance between taps; default 1. */
  dilations?: PerDimension | null;
  /** With `pad` in numbers: how a last position that does not fill its stride is rounded; by default an error. */
  dimRoundingMode?: RoundingMode | null;
}

const fusedConv =
  (convolve: typeof plainConv2d, where: string) =>
  (given: FusedConvArgs): Tensor =>
    tidy(() => {
      const args = checkSettings(given, where, 'args');
      checkNames(where, args, CONVOLUTION);
      const { x, filter, strides, pad, dataFormat, dilations, dimRoundingMode } = args;
      const y = convolve(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
      const bias = biasOf(args, where);
      const { preluActivationWeights: alpha } = args;
      const slopes = isGiven(alpha) ? float(alpha, where, 'preluActivationWeights') : undefined;
      // With channels in front, a bias or slopes of rank 1 belong to them too.
      const isFirst = isChannelsFirst(dataFormat, 2, where);
      const across = (t: Tensor | undefined): Tensor | undefined =>
        t?.rank === 1 && isFirst ? reshape(t, [t.size, 1, 1]) : t;
      return finish(y, across(bias), { ...args, preluActivationWeights: across(slopes) }, where);
    });

/**
 * activation(conv2d(x, filter) + bias); shapes as for `sg.conv2d`.
 * @throws ShapeError if shapes do not fit each other; ArgumentError
 * @example
 * const [x, filter] = [sg.ones([1, 8, 8, 3]), sg.ones([3, 3, 3, 16])];
 * sg.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias: sg.ones([16]), activation: 'relu' }).shape; // [1, 8, 8, 16]
 */
export const conv2d = fusedConv(plainConv2d, 'fused.conv2d');

/**
 * activation(depthwiseConv2d(x, filter) + bias); shapes as for `sg.depthwiseConv2d`.
 * @throws ShapeError if shapes do not fit each other; ArgumentError
 * @example
 * const [x, filter] = [sg.ones([1, 8, 8, 3]), sg.ones([3, 3, 3, 2])];
 * sg.fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'same', activation: 'relu6' }).shape; // [1, 8, 8, 6]
 */
export const depthwiseConv2d = fusedConv(plainDepthwise, 'fused.depthwiseConv2d');
