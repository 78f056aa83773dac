/** Products and convolutions with bias and activation (`sg.fused`): compiled, they become one command. */
import { ArgumentError } from '../runtime/errors';
import { tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { add, elu, leakyRelu, prelu, relu, relu6, sigmoid } from './arithmetic';
import { conv2d as plainConv2d, depthwiseConv2d as plainDepthwise } from './convolution';
import type { TensorLike } from './creation';
import { matMul as plainMatMul } from './products';
import { reshape } from './shaping';
import { float, isChannelsFirst, type Numbers, type Padding, type RoundingMode } from './window';

export type FusedActivation = 'linear' | 'relu' | 'relu6' | 'elu' | 'leakyrelu' | 'prelu' | 'sigmoid';

export interface Fusion {
  /** Broadcast to the result. */
  bias?: TensorLike | null;
  /** Default 'linear'. */
  activation?: FusedActivation;
  /** Slopes of 'prelu' below zero, broadcast to the result; one for each channel if the rank is 1. */
  preluActivationWeights?: TensorLike | null;
  /** Slope of 'leakyrelu' below zero; default 0.2. */
  leakyreluAlpha?: number;
}

const isGiven = <T>(value: T | undefined | null): value is T => value !== undefined && value !== null;

type Activate = (x: Tensor, args: Fusion) => Tensor;

const ACTIVATIONS: Readonly<Record<FusedActivation, Activate>> = {
  linear: (x) => x,
  relu: (x) => relu(x),
  relu6: (x) => relu6(x),
  elu: (x) => elu(x),
  leakyrelu: (x, { leakyreluAlpha }) => leakyRelu(x, leakyreluAlpha),
  prelu: (x, { preluActivationWeights: alpha }) => {
    if (!isGiven(alpha)) throw new ArgumentError("fused: activation 'prelu' needs preluActivationWeights");
    return prelu(x, alpha);
  },
  sigmoid: (x) => sigmoid(x),
};

function finish(product: Tensor, bias: Tensor | undefined, args: Fusion): Tensor {
  const activate = ACTIVATIONS[args.activation ?? 'linear'];
  if (!activate)
    throw new ArgumentError(
      `fused: activation must be one of ${Object.keys(ACTIVATIONS).join(', ')}, got '${args.activation}'`,
    );
  return activate(bias ? add(product, bias) : product, args);
}

const biasOf = ({ bias }: Fusion, where: string): Tensor | undefined =>
  isGiven(bias) ? float(bias, where, 'bias') : undefined;

export interface FusedMatMulArgs extends Fusion {
  a: TensorLike;
  b: TensorLike;
  transposeA?: boolean;
  transposeB?: boolean;
}

/** activation(a · b + bias). @throws ShapeError, ArgumentError */
export function matMul(args: FusedMatMulArgs): Tensor {
  return tidy(() =>
    finish(plainMatMul(args.a, args.b, args.transposeA, args.transposeB), biasOf(args, 'fused.matMul'), args),
  );
}

export interface FusedConvArgs extends Fusion {
  x: TensorLike;
  filter: TensorLike;
  strides: Numbers;
  pad: Padding;
  dataFormat?: string;
  dilations?: Numbers;
  dimRoundingMode?: RoundingMode;
}

const fusedConv =
  (convolve: typeof plainConv2d, where: string) =>
  (args: FusedConvArgs): Tensor =>
    tidy(() => {
      const { x, filter, strides, pad, dataFormat = 'NHWC', dilations, dimRoundingMode } = args;
      const y = convolve(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
      const bias = biasOf(args, where);
      const { preluActivationWeights: alpha } = args;
      const slopes = isGiven(alpha) ? float(alpha, where, 'preluActivationWeights') : undefined;
      // With channels in front, a bias or slopes of rank 1 lie along them all the same.
      const isFirst = isChannelsFirst(dataFormat, 2, where);
      const across = (t: Tensor | undefined): Tensor | undefined =>
        t?.rank === 1 && isFirst ? reshape(t, [t.size, 1, 1]) : t;
      return finish(y, across(bias), { ...args, preluActivationWeights: across(slopes) });
    });

/** activation(conv2d(x, filter) + bias). @throws ShapeError, ArgumentError */
export const conv2d = fusedConv(plainConv2d, 'fused.conv2d');
/** activation(depthwiseConv2d(x, filter) + bias). @throws ShapeError, ArgumentError */
export const depthwiseConv2d = fusedConv(plainDepthwise, 'fused.depthwiseConv2d');
