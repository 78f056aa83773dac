/** Activation functions composed of other functions, in float32 unless stated that int32 stays int32. */
import { checkFlag, checkNumber, within } from '../../support/arguments';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { float } from '../core/operands';
import { fill, type TensorLike, toTensor } from '../create/creation';
import { add, div, minimum, mul } from '../math/binary';
import { greater, where } from '../math/comparison';
import { clipByValue, erf, expm1, neg, relu, sigmoid, softplus, tanh } from '../math/unary';

const activation =
  (name: string, of: (x: Tensor) => Tensor) =>
  (x: TensorLike): Tensor =>
    tidy(() => of(float(x, name)));

/**
 * min(max(x, 0), 6) of any shape; int32 stays int32, bool stays bool.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.relu6([-1, 3, 9]).dataSync(); // [0, 3, 6]
 */
export const relu6 = (x: TensorLike): Tensor =>
  tidy(() => {
    const t = toTensor(x, 'relu6');
    return t.dtype === 'bool' ? t.alias() : minimum(relu(t), fill([], 6, t.dtype));
  });

/** x where x > 0, else eˣ - 1; the exponent is 0 where x > 0, so that it cannot overflow. */
const expm1Below0 = (t: Tensor): Tensor => expm1(minimum(t, 0));

/**
 * x where x > 0, else alpha (eˣ - 1); of any shape (Clevert et al., 2016).
 * @param alpha default 1.
 * @throws ArgumentError unless alpha is a number
 * @example
 * sg.elu([-1, 2]).dataSync(); // [-0.632, 2]
 */
export const elu = (x: TensorLike, alpha?: number | null): Tensor =>
  tidy(() => {
    const by = checkNumber(alpha, 'elu', 'alpha', 1);
    const t = float(x, 'elu');
    const below = expm1Below0(t);
    return where(greater(t, 0), t, by === 1 ? below : mul(by, below));
  });

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

/**
 * 1.0507 x where x > 0, else 1.7581 (eˣ - 1): keeps mean 0 and variance 1; of any shape (Klambauer et al., 2017).
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.selu([-1, 2]).dataSync(); // [-1.111, 2.101]
 */
export const selu = activation('selu', (t) =>
  where(greater(t, 0), mul(SELU_SCALE, t), mul(SELU_SCALE_ALPHA, expm1Below0(t))),
);

/**
 * x Φ(x), where Φ is the normal distribution function; of any shape (Hendrycks and Gimpel, 2016).
 * @param approximate whether to use tanh(√(2/π) (x + 0.044715 x³)) instead of the error function; default false.
 * @throws ArgumentError unless approximate is true or false
 * @example
 * sg.gelu([0, 1]).dataSync(); // [0, 0.841]
 */
export const gelu = (x: TensorLike, approximate?: boolean | null): Tensor =>
  tidy(() => {
    const isApproximate = checkFlag(approximate, 'gelu', 'approximate');
    const t = float(x, 'gelu');
    // tanh is 1 far below 30, where the cube and its slope do not overflow yet.
    const near = isApproximate ? clipByValue(t, -30, 30) : t;
    const inner = isApproximate
      ? tanh(mul(0.7978845608028654, add(near, mul(0.044715, mul(near, mul(near, near))))))
      : erf(mul(t, Math.SQRT1_2));
    return mul(mul(0.5, t), add(1, inner));
  });

/**
 * x tanh(softplus(x)) of any shape (Misra, 2019).
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.mish([0, 1]).dataSync(); // [0, 0.865]
 */
export const mish = activation('mish', (t) => mul(t, tanh(softplus(t))));

/**
 * x sigmoid(x) of any shape (Ramachandran et al., 2017).
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.swish([0, 1]).dataSync(); // [0, 0.731]
 */
export const swish = activation('swish', (t) => mul(t, sigmoid(t)));

/**
 * x sigmoid(x) of any shape; the same as `swish`.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.silu([0, 1]).dataSync(); // [0, 0.731]
 */
export const silu = activation('silu', (t) => mul(t, sigmoid(t)));

/**
 * min(max(x / 6 + 1/2, 0), 1) of any shape, as in Keras 3.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.hardSigmoid([-6, 0, 3]).dataSync(); // [0, 0.5, 1]
 */
export const hardSigmoid = activation('hardSigmoid', (t) => clipByValue(add(div(t, 6), 0.5), 0, 1));

/**
 * log(sigmoid(x)) of any shape, accurate where sigmoid itself underflows.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.logSigmoid([0, -100]).dataSync(); // [-0.693, -100]
 */
export const logSigmoid = activation('logSigmoid', (t) => neg(softplus(neg(t))));

/**
 * x where x > 0, else alpha x (He et al., 2015).
 * @param alpha slopes, which broadcast to x.
 * @throws ShapeError if the shapes do not broadcast
 * @example
 * sg.prelu([-1, 2], 0.1).dataSync(); // [-0.1, 2]
 */
export const prelu = (x: TensorLike, alpha: TensorLike): Tensor =>
  within('prelu', () =>
    tidy(() => {
      const t = float(x, 'prelu');
      // A sum instead of a choice: neither part grows where the other one counts, nor do their gradients.
      return add(relu(t), mul(float(alpha, 'prelu', 'alpha'), minimum(t, 0)));
    }),
  );
