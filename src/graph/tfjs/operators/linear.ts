/** Products of matrices, norms, normalization, Fourier transforms. */
import { tensor } from '../../../ops/create/creation';
import { sinCos } from '../../../ops/image/scalar';
import { einsum } from '../../../ops/linear/einsum';
import { bandPart } from '../../../ops/linear/linalg';
import { euclideanNorm } from '../../../ops/linear/norms';
import { matMul } from '../../../ops/linear/products';
import { add, mul, neg, sub } from '../../../ops/math/arithmetic';
import { logSoftmax, moments, softmax } from '../../../ops/math/reduce';
import { batchNorm, localResponseNormalization } from '../../../ops/neural/normalization';
import { pad, reshape, slice, transpose } from '../../../ops/shape/shaping';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';
import { Complex, type Value } from '../../core/value';

const product = (call: Call, a: string, b: string): Tensor =>
  matMul(call.tensor(0), call.tensor(1), call.flag(a), call.flag(b));

function normalize(call: Call): Tensor[] {
  const given = call.tensor(0);
  const isFirst = call.text('data_format', 'NHWC').startsWith('NC');
  const axes = given.shape.map((_, i) => i);
  const x = isFirst ? transpose(given, [0, ...axes.slice(2), 1]) : given;
  const [scale, offset] = [call.tensor(1), call.tensor(2)];
  const isMeasured = call.shape(3)[0] === 0;
  const found = isMeasured ? moments(x, axes.slice(0, -1)) : { mean: call.tensor(3), variance: call.tensor(4) };
  const { mean, variance } = found;
  const y = batchNorm(x, mean, variance, offset, scale, call.real('epsilon', 0.001));
  const out = isFirst ? transpose(y, [0, y.rank - 1, ...axes.slice(1, -1)]) : y;
  return [out, mean, variance, mean, variance];
}

/** cos and sin of 2π jk / n, as [n, count]. */
function waves(n: number, count: number): { readonly cos: Tensor; readonly sin: Tensor } {
  const turns = Array.from({ length: n }, (_, j) => sinCos((2 * Math.PI * j) / n));
  const at = (part: 0 | 1): Float32Array =>
    Float32Array.from({ length: n * count }, (_, i) => {
      const [j, k] = [Math.floor(i / count), i % count];
      return (turns[(j * k) % n] as [number, number])[part];
    });
  return { cos: tensor(at(1), [n, count]), sin: tensor(at(0), [n, count]) };
}

/** Points of a transform, whose matrix has their square. */
const MOST_POINTS = 8192;

function checkPoints(call: Call, n: number | undefined): number {
  if (n === undefined || n < 1 || n > MOST_POINTS)
    throw call.fail(`transforms 1 to ${MOST_POINTS} points, got ${n ?? 'a scalar'}`);
  return n;
}

/** Rows times a matrix. */
const times = (x: Tensor, matrix: Tensor): Tensor => {
  const rows = reshape(x, [-1, matrix.shape[0] as number]);
  return reshape(matMul(rows, matrix), [...x.shape.slice(0, -1), matrix.shape[1] as number]);
};

/** The transform of complex rows; backward with the other sign, divided by the number of points. */
function fourier(call: Call, isBackward: boolean): Complex {
  const { real, imag } = call.complex(0);
  const n = checkPoints(call, real.shape.at(-1));
  const { cos, sin } = waves(n, n);
  const by = isBackward ? sin : neg(sin);
  const y = { real: sub(times(real, cos), times(imag, by)), imag: add(times(real, by), times(imag, cos)) };
  if (!isBackward) return new Complex(y.real, y.imag);
  const share = tensor([1 / n]);
  return new Complex(mul(y.real, share), mul(y.imag, share));
}

/** The last dimension cut or filled with zeros. */
function resized(x: Tensor, n: number): Tensor {
  const have = x.shape.at(-1) as number;
  if (have > n)
    return slice(
      x,
      x.shape.map(() => 0),
      [...x.shape.slice(0, -1), n],
    );
  return have < n
    ? pad(
        x,
        x.shape.map((_, i) => [0, i === x.rank - 1 ? n - have : 0] as const),
      )
    : x;
}

function realFourier(call: Call): Complex {
  const n = checkPoints(call, call.ints(1)[0]);
  const x = resized(call.tensor(0), n);
  const { cos, sin } = waves(n, Math.floor(n / 2) + 1);
  return new Complex(times(x, cos), neg(times(x, sin)));
}

function inverseRealFourier(call: Call): Tensor {
  const n = checkPoints(call, call.ints(1)[0]);
  const half = Math.floor(n / 2) + 1;
  const given = call.complex(0);
  const [real, imag] = [resized(given.real, half), resized(given.imag, half)];
  // Each frequency counts for itself and for its mirror image, if that is another.
  const weight = Float32Array.from({ length: half }, (_, k) => (k === 0 || 2 * k === n ? 1 : 2) / n);
  const { cos, sin } = waves(n, half);
  const by = tensor(weight);
  return sub(times(mul(real, by), transpose(cos)), times(mul(imag, by), transpose(sin)));
}

export const linear: Operators = {
  MatMul: (call) => product(call, 'transpose_a', 'transpose_b'),
  BatchMatMul: (call) => product(call, 'adj_x', 'adj_y'),
  BatchMatMulV2: (call) => product(call, 'adj_x', 'adj_y'),
  Einsum: (call) => einsum(call.text('equation'), ...call.tensors()),
  MatrixBandPart: (call) => bandPart(call.tensor(0), call.tensor(1), call.tensor(2)),
  EuclideanNorm: (call) => euclideanNorm(call.tensor(0), call.ints(1), call.flag('keep_dims')),
  FusedBatchNorm: normalize,
  FusedBatchNormV2: normalize,
  FusedBatchNormV3: normalize,
  LRN: (call) =>
    localResponseNormalization(
      call.tensor(0),
      call.wholeOf('depth_radius', 5),
      call.real('bias', 1),
      call.real('alpha', 1),
      call.real('beta', 0.5),
    ),
  Softmax: (call) => softmax(call.tensor(0)),
  LogSoftmax: (call) => logSoftmax(call.tensor(0)),
  FFT: (call): Value => fourier(call, false),
  IFFT: (call): Value => fourier(call, true),
  RFFT: (call): Value => realFourier(call),
  IRFFT: inverseRealFourier,
};
