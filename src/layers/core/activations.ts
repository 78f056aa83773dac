/** Activation functions (`sg.activations`): elementwise, unless they name an axis. Any may be given to a layer by its name. */

import { range } from '../../ops/create/sequences';
import { topk } from '../../ops/indexing/sorting';
import {
  abs,
  add,
  cast,
  clipByValue,
  div,
  elu as eluOp,
  expm1,
  gelu as geluOp,
  greater,
  greaterEqual,
  leakyRelu as leaky,
  minimum,
  mul,
  neg,
  relu,
  sigmoid,
  hardSigmoid as sixth,
  sqrt,
  square,
  step as stepOp,
  sub,
  tanh,
  where,
} from '../../ops/math/arithmetic';
import { cumsum } from '../../ops/math/cumulative';
import { sum } from '../../ops/math/reduce';
import { split } from '../../ops/shape/slicing';
import { checkNumber, within } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { checkTensor, type Tensor } from '../../tensor/tensor';

export {
  exp as exponential,
  logSigmoid,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  swish,
  tanh,
} from '../../ops/math/arithmetic';
export { logSoftmax, softmax } from '../../ops/math/reduce';

/** A function composed of others; errors name it. */
const composed = (where: string, run: () => Tensor): Tensor => within(where, () => tidy(run));

/**
 * y = x: the input unchanged. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.linear(sg.tensor([-1, 2])).arraySync(); // [-1, 2]
 */
export const linear = (x: Tensor): Tensor => checkTensor(x, 'linear', 'x');
/**
 * x where x > 0, otherwise alpha (eˣ - 1) (Clevert et al., 2016); alpha is 1 by default. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.elu(sg.tensor([-1, 2])).arraySync(); // [-0.63, 2]
 */
export const elu = (x: Tensor, alpha = 1): Tensor => eluOp(x, alpha);
/**
 * x where x > 0, otherwise alpha (eˣᐟᵃ - 1), a being alpha (default 1): elu with a continuous slope. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.celu(sg.tensor([-1, 2])).arraySync(); // [-0.63, 2]
 */
export const celu = (x: Tensor, alpha = 1): Tensor =>
  composed('celu', () => add(relu(x), mul(alpha, expm1(div(minimum(x, 0), alpha)))));
/**
 * x where x > 0, otherwise alpha x; alpha is 0.2 by default. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.leakyRelu(sg.tensor([-1, 2])).arraySync(); // [-0.2, 2]
 */
export const leakyRelu = (x: Tensor, alpha = 0.2): Tensor => leaky(x, alpha);
/**
 * min(max(0.2 x + 0.5, 0), 1), as in TensorFlow.js and Keras 2; `hardSigmoid6` is that of Keras 3. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.hardSigmoid(sg.tensor([-9, 0, 1])).arraySync(); // [0, 0.5, 0.7]
 */
export const hardSigmoid = (x: Tensor): Tensor =>
  composed('hardSigmoid', () => clipByValue(add(mul(x, 0.2), 0.5), 0, 1));
/**
 * min(max(x / 6 + 1/2, 0), 1), which Keras 3 and PyTorch call hard sigmoid (Howard et al., 2019). The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.hardSigmoid6(sg.tensor([-9, 0, 3])).arraySync(); // [0, 0.5, 1]
 */
export const hardSigmoid6 = (x: Tensor): Tensor => within('hardSigmoid6', () => sixth(x));
/**
 * x min(max(x / 6 + 1/2, 0), 1) (Howard et al., 2019). The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.hardSilu(sg.tensor([-9, 0, 9])).arraySync(); // [0, 0, 9]
 */
export const hardSilu = (x: Tensor): Tensor => composed('hardSilu', () => mul(x, sixth(x)));
/** Same as `hardSilu`. */
export const hardSwish = hardSilu;
/**
 * max(-1, min(1, x)) = x clipped to [-1, 1]. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.hardTanh(sg.tensor([-9, 0.5])).arraySync(); // [-1, 0.5]
 */
export const hardTanh = (x: Tensor): Tensor => composed('hardTanh', () => clipByValue(x, -1, 1));
/**
 * x Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel, 2016). The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.gelu(sg.tensor([0, 1])).arraySync(); // [0, 0.84]
 */
export const gelu = (x: Tensor): Tensor => within('gelu', () => geluOp(x));
/**
 * The approximation of `gelu` by tanh. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.geluNew(sg.tensor([0, 1])).arraySync(); // [0, 0.84]
 */
export const geluNew = (x: Tensor): Tensor => within('geluNew', () => geluOp(x, true));
/**
 * x / (1 + |x|). The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.softsign(sg.tensor([-1, 3])).arraySync(); // [-0.5, 0.75]
 */
export const softsign = (x: Tensor): Tensor => composed('softsign', () => div(x, add(abs(x), 1)));
/**
 * Heaviside step function: 1 where x > 0, otherwise 0. It has no gradient. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.step(sg.tensor([-1, 3])).arraySync(); // [0, 1]
 */
export const step = (x: Tensor): Tensor => stepOp(x);
/**
 * One half along an axis (default the last) times the sigmoid of the other: the axis becomes half as long (Dauphin et
 * al., 2017).
 * @throws ShapeError if the size of the axis is odd
 * @example
 * sg.activations.glu(sg.tensor([[2, 0]])).arraySync(); // [[1]]
 */
export const glu = (x: Tensor, axis = -1): Tensor =>
  composed('glu', () => {
    const [a, b] = split(x, 2, axis) as [Tensor, Tensor];
    return mul(a, sigmoid(b));
  });
/**
 * x moved toward 0 by the threshold (default 0.5): x ± threshold where |x| > threshold, otherwise 0. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.softShrink(sg.tensor([-2, 0.1])).arraySync(); // [-1.5, 0]
 */
export const softShrink = (x: Tensor, threshold = 0.5): Tensor =>
  composed('softShrink', () => sub(x, clipByValue(x, -checkNumber(threshold, 'softShrink', 'threshold'), threshold)));
/**
 * x where |x| > threshold (default 0.5), otherwise 0. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.hardShrink(sg.tensor([-2, 0.1])).arraySync(); // [-2, 0]
 */
export const hardShrink = (x: Tensor, threshold = 0.5): Tensor =>
  composed('hardShrink', () => where(greater(abs(x), threshold), x, 0));
/**
 * y = x - tanh(x). The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.tanhShrink(sg.tensor([0, 1])).arraySync(); // [0, 0.24]
 */
export const tanhShrink = (x: Tensor): Tensor => composed('tanhShrink', () => sub(x, tanh(x)));
/**
 * (x + √(x² + b)) / 2, a smooth relu (Barron, 2021); b is 4 by default. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.squareplus(sg.tensor([0])).arraySync(); // [1]
 */
export const squareplus = (x: Tensor, b = 4): Tensor =>
  composed('squareplus', () => {
    // Far from 0 it is x or b / -4x: squares do not overflow.
    const isFar = greater(abs(x), 1e9);
    const near = where(isFar, 0, x);
    const root = sqrt(add(square(near), b));
    // Below 0 the sum would cancel.
    const below = where(isFar, div(0.25 * b, where(isFar, neg(x), 1)), div(0.5 * b, sub(root, minimum(near, 0))));
    return where(greaterEqual(x, 0), where(isFar, x, mul(0.5, add(near, root))), below);
  });
/**
 * x where x > threshold (default 0), otherwise the value (default 0). The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.threshold(sg.tensor([1, 3]), 2, -1).arraySync(); // [-1, 3]
 */
export const threshold = (x: Tensor, threshold = 0, value = 0): Tensor =>
  composed('threshold', () => where(greater(x, threshold), x, value));
/**
 * The nearest probabilities to x along the last dimension, many of which are 0 (Martins and Astudillo, 2016). The shape
 * is kept.
 * @throws ShapeError for a scalar
 * @example
 * sg.activations.sparsemax(sg.tensor([0, 3])).arraySync(); // [0, 1]
 */
export const sparsemax = (x: Tensor): Tensor =>
  composed('sparsemax', () => {
    checkTensor(x, 'sparsemax', 'x');
    if (x.rank === 0) throw new ShapeError('sparsemax: x must have at least one dimension, got a scalar');
    const n = x.shape[x.rank - 1] as number;
    const z = topk(x, n).values;
    const isIn = greater(add(1, mul(range(1, n + 1), z)), cumsum(z, -1));
    const tau = div(sub(sum(where(isIn, z, 0), -1, true), 1), sum(cast(isIn, 'float32'), -1, true));
    return relu(sub(x, tau));
  });
/**
 * 0 up to -1, x from 1 on, (x + 1)² / 4 between. The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.sparsePlus(sg.tensor([-2, 0, 2])).arraySync(); // [0, 0.25, 2]
 */
export const sparsePlus = (x: Tensor): Tensor =>
  composed('sparsePlus', () => add(mul(0.25, square(add(hardTanh(x), 1))), relu(sub(x, 1))));
/**
 * min(max((x + 1) / 2, 0), 1). The shape is kept.
 * @throws ArgumentError if x is not a tensor
 * @example
 * sg.activations.sparseSigmoid(sg.tensor([-2, 0, 2])).arraySync(); // [0, 0.5, 1]
 */
export const sparseSigmoid = (x: Tensor): Tensor =>
  composed('sparseSigmoid', () => clipByValue(mul(0.5, add(x, 1)), 0, 1));
