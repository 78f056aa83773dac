/** Activation functions made of other functions, in float32 unless they say that int32 stays int32. */
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

/** min(max(x, 0), 6); int32 stays int32, and a bool is as it has to be. */
export const relu6 = (x: TensorLike): Tensor =>
  tidy(() => {
    const t = toTensor(x, 'relu6');
    return t.dtype === 'bool' ? t.alias() : minimum(relu(t), fill([], 6, t.dtype));
  });

/** x where x > 0, else eˣ - 1; of 0 only, so that what is not chosen overflows nowhere. */
const expm1Below0 = (t: Tensor): Tensor => expm1(minimum(t, 0));

/** x where x > 0, else alpha (eˣ - 1). */
export const elu = (x: TensorLike, alpha?: number | null): Tensor =>
  tidy(() => {
    const by = checkNumber(alpha, 'elu', 'alpha', 1);
    const t = float(x, 'elu');
    const below = expm1Below0(t);
    return where(greater(t, 0), t, by === 1 ? below : mul(by, below));
  });

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

/** 1.0507 x where x > 0, else 1.7581 (eˣ - 1): keeps mean 0 and variance 1. */
export const selu = activation('selu', (t) =>
  where(greater(t, 0), mul(SELU_SCALE, t), mul(SELU_SCALE_ALPHA, expm1Below0(t))),
);

/**
 * x Φ(x), Φ being the normal distribution function.
 * @param approximate by tanh(√(2/π) (x + 0.044715 x³)) instead of the error function.
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

/** x tanh(softplus(x)) */
export const mish = activation('mish', (t) => mul(t, tanh(softplus(t))));
/** x sigmoid(x) */
export const swish = activation('swish', (t) => mul(t, sigmoid(t)));
/** x sigmoid(x); the same as `swish`. */
export const silu = activation('silu', (t) => mul(t, sigmoid(t)));
/** min(max(x / 6 + 1/2, 0), 1), as Keras 3 has it. */
export const hardSigmoid = activation('hardSigmoid', (t) => clipByValue(add(div(t, 6), 0.5), 0, 1));
/** log(sigmoid(x)), exact where sigmoid itself underflows. */
export const logSigmoid = activation('logSigmoid', (t) => neg(softplus(neg(t))));

/** x where x > 0, else alpha x; alpha broadcasts to x. */
export const prelu = (x: TensorLike, alpha: TensorLike): Tensor =>
  within('prelu', () =>
    tidy(() => {
      const t = float(x, 'prelu');
      // A sum instead of a choice: neither part grows where the other one counts, nor do their gradients.
      return add(relu(t), mul(float(alpha, 'prelu', 'alpha'), minimum(t, 0)));
    }),
  );
