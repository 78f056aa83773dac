/** Tensors of weights of eight bits. */
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { type Shape, showShape, sizeOf } from '../../tensor/shape';
import { codedAt, type Tensor } from '../../tensor/tensor';
import { float } from '../core/operands';
import { type TensorLike, withOperand } from '../create/creation';
import { MOST_STEPS } from '../descriptors/int8';
import { toIntegers } from './channels';
import { channelsOf, encodeInt8, type Int8Form, type Int8Kind } from './weights';

/** Settings of `quantizeWeights`. */
export interface QuantizeWeightsArgs {
  /**
   * What the weights are used for: 'product' (default) for matrices and filters of convolutions, whose output channels are
   * the last dimension; 'depthwise' for filters of depthwise convolutions; 'rows' for tables whose rows are looked up.
   */
  kind?: Int8Kind | null;
  /**
   * Scale of the inputs of products, greatest |x| / 127: larger inputs are cut off. By default each row of a matrix, and
   * each image, has its own.
   */
  inputScale?: number | null;
}

const SETTINGS = {
  kind: is.choice(['product', 'depthwise', 'rows'] as const, 'product'),
  inputScale: is.given('a positive number', (v) => typeof v === 'number' && v > 0 && Number.isFinite(Math.fround(v))),
};

const RANKS = { product: 2, depthwise: 4, rows: 2 } as const;

/** The form for weights of a shape. @throws ShapeError */
function formOf(shape: Shape, kind: Int8Kind, inputScale: number | undefined): Int8Form {
  const isFitting = kind === 'product' ? shape.length >= 2 : shape.length === RANKS[kind];
  if (!isFitting)
    throw new ShapeError(`quantizeWeights: w of kind '${kind}' needs rank ${RANKS[kind]}, got ${showShape(shape)}`);
  const split = kind === 'depthwise' ? 2 : shape.length - 1;
  const [outer, rest] = [sizeOf(shape.slice(0, split)), sizeOf(shape.slice(split))];
  const [inner, channels] = kind === 'rows' ? [rest, outer] : [outer, rest];
  if (kind !== 'rows' && inner > MOST_STEPS)
    throw new ShapeError(
      `quantizeWeights: sums over ${inner} products of ${showShape(shape)} may leave int32, at most ${MOST_STEPS} are taken; split the weights, or keep them in float32`,
    );
  return { kind, inner, channels, inputScale };
}

/**
 * Weights as integers of eight bits with one scale for each output channel: a quarter of the memory, and products that are
 * computed with integers. The result is a float32 tensor of the same shape. `matMul(x, result)`, `conv2d(x, result)` and
 * `depthwiseConv2d(x, result)` round x to integers too: with s = inputScale, or greatest |x| / 127 of each row (of each
 * image), q = round(x / s) to the nearest integer in [-127, 127]. Sums of products of integers are exact; they become
 * f32(f32(sum) · f32(s · scale of the channel)). `gather` reads rows. All other ops see the numbers integer · scale. A
 * row, or image, with NaN or an infinity has results that are NaN.
 * @param w weights: [..., channels]; of kind 'depthwise' [height, width, channels, multiplier], 'rows' [n, width].
 * @throws ArgumentError for weights that are not finite, and for unknown settings; ShapeError for another rank, and for
 * products of more than 65,000 steps
 * @example
 * const w = sg.quantizeWeights([[1, -2], [0.5, 4]]);
 * sg.matMul([[1, 1]], w).dataSync(); // [1.504, 1.984]
 */
export function quantizeWeights(w: TensorLike, options?: QuantizeWeightsArgs | null): Tensor {
  const { kind, inputScale } = is.checked('quantizeWeights', SETTINGS, options);
  return withOperand(
    w,
    'quantizeWeights',
    (t) => {
      const form = formOf(t.shape, kind, inputScale === undefined ? undefined : Math.fround(inputScale as number));
      const values = float(t, 'quantizeWeights', 'w').dataSync<'float32'>();
      const integers = toIntegers(values, channelsOf(form));
      if (!integers)
        throw new ArgumentError(
          `quantizeWeights: w must be finite, got ${show(values.find((v) => !Number.isFinite(v)))}`,
        );
      const { location, coded } = encodeInt8(integers, form);
      const result = codedAt(location, t.shape, coded);
      location.storage.release();
      return result;
    },
    'w',
  );
}
