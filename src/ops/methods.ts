/** Ops as methods of tensors: `a.matMul(b).add(c).relu()`. */
import type { DType } from '../tensor/dtype';
import type { Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import * as arithmetic from './arithmetic';
import { ownCast } from './cast';
import * as convolution from './convolution';
import * as counting from './counting';
import type { TensorLike } from './creation';
import * as resize from './image/resize';
import * as normalization from './normalization';
import * as pooling from './pooling';
import * as products from './products';
import * as reduce from './reduce';
import * as scan from './scan';
import * as shaping from './shaping';
import * as sorting from './sorting';

/** Functions whose first argument becomes `this`. */
const chained = {
  neg: arithmetic.neg,
  abs: arithmetic.abs,
  sign: arithmetic.sign,
  square: arithmetic.square,
  sqrt: arithmetic.sqrt,
  rsqrt: arithmetic.rsqrt,
  reciprocal: arithmetic.reciprocal,
  exp: arithmetic.exp,
  expm1: arithmetic.expm1,
  log: arithmetic.log,
  log1p: arithmetic.log1p,
  tanh: arithmetic.tanh,
  sigmoid: arithmetic.sigmoid,
  softplus: arithmetic.softplus,
  erf: arithmetic.erf,
  relu: arithmetic.relu,
  leakyRelu: arithmetic.leakyRelu,
  floor: arithmetic.floor,
  ceil: arithmetic.ceil,
  round: arithmetic.round,
  step: arithmetic.step,
  isNaN: arithmetic.isNaN,
  sin: arithmetic.sin,
  cos: arithmetic.cos,
  tan: arithmetic.tan,
  asin: arithmetic.asin,
  acos: arithmetic.acos,
  atan: arithmetic.atan,
  sinh: arithmetic.sinh,
  cosh: arithmetic.cosh,
  asinh: arithmetic.asinh,
  acosh: arithmetic.acosh,
  atanh: arithmetic.atanh,
  isInf: arithmetic.isInf,
  isFinite: arithmetic.isFinite,
  relu6: arithmetic.relu6,
  elu: arithmetic.elu,
  selu: arithmetic.selu,
  gelu: arithmetic.gelu,
  mish: arithmetic.mish,
  swish: arithmetic.swish,
  silu: arithmetic.silu,
  hardSigmoid: arithmetic.hardSigmoid,
  logSigmoid: arithmetic.logSigmoid,
  prelu: arithmetic.prelu,
  mod: arithmetic.mod,
  floorDiv: arithmetic.floorDiv,
  pow: arithmetic.pow,
  atan2: arithmetic.atan2,
  divNoNan: arithmetic.divNoNan,
  bitwiseAnd: arithmetic.bitwiseAnd,
  logicalXor: arithmetic.logicalXor,
  clipByValue: arithmetic.clipByValue,
  cast: ownCast,
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  squaredDifference: arithmetic.squaredDifference,
  equal: arithmetic.equal,
  notEqual: arithmetic.notEqual,
  less: arithmetic.less,
  lessEqual: arithmetic.lessEqual,
  greater: arithmetic.greater,
  greaterEqual: arithmetic.greaterEqual,
  logicalAnd: arithmetic.logicalAnd,
  logicalOr: arithmetic.logicalOr,
  logicalNot: arithmetic.logicalNot,
  /** The elements where the condition holds, else those of `other`. */
  where: (x: Tensor, condition: TensorLike, other: TensorLike): Tensor => arithmetic.where(condition, x, other),
  toFloat: (x: Tensor): Tensor => ownCast(x, 'float32'),
  toInt: (x: Tensor): Tensor => ownCast(x, 'int32'),
  toBool: (x: Tensor): Tensor => ownCast(x, 'bool'),
  broadcastTo: arithmetic.broadcastTo,
  sum: reduce.sum,
  mean: reduce.mean,
  prod: reduce.prod,
  max: reduce.max,
  min: reduce.min,
  all: reduce.all,
  any: reduce.any,
  argMax: reduce.argMax,
  argMin: reduce.argMin,
  logSumExp: reduce.logSumExp,
  norm: reduce.norm,
  euclideanNorm: reduce.euclideanNorm,
  moments: reduce.moments,
  cumsum: scan.cumsum,
  cumprod: scan.cumprod,
  topk: sorting.topk,
  unique: sorting.unique,
  searchSorted: sorting.searchSorted,
  lowerBound: sorting.lowerBound,
  upperBound: sorting.upperBound,
  inTopKAsync: sorting.inTopKAsync,
  bincount: counting.bincount,
  denseBincount: counting.denseBincount,
  softmax: reduce.softmax,
  logSoftmax: reduce.logSoftmax,
  reshape: shaping.reshape,
  transpose: shaping.transpose,
  expandDims: shaping.expandDims,
  squeeze: shaping.squeeze,
  slice: shaping.slice,
  pad: shaping.pad,
  matMul: products.matMul,
  dot: products.dot,
  conv1d: convolution.conv1d,
  conv2d: convolution.conv2d,
  conv2dTranspose: convolution.conv2dTranspose,
  depthwiseConv2d: convolution.depthwiseConv2d,
  separableConv2d: convolution.separableConv2d,
  maxPool: pooling.maxPool,
  avgPool: pooling.avgPool,
  pool: pooling.pool,
  dilation2d: pooling.dilation2d,
  batchNorm: normalization.batchNorm,
  localResponseNormalization: normalization.localResponseNormalization,
  resizeBilinear: resize.resizeBilinear,
  resizeNearestNeighbor: resize.resizeNearestNeighbor,
} as const;

type Tail<F> = F extends (first: never, ...rest: infer R) => infer Out ? (...rest: R) => Out : never;
type Chained = { [K in keyof typeof chained]: Tail<(typeof chained)[K]> };

/** What each level of nested arrays holds. */
export type Nested = number | Nested[];

declare module '../tensor/tensor' {
  interface Tensor extends Chained {
    /** Nested arrays of the elements. */
    arraySync(): Nested;
    /** `arraySync`, as a promise. */
    array(): Promise<Nested>;
    /** The elements in one dimension. */
    flatten(): Tensor;
    /** A copy with memory of its own. */
    clone(): Tensor;
    /** Same as `cast`. */
    asType(dtype: DType): Tensor;
    /** The shape of another tensor. */
    reshapeAs(other: Tensor): Tensor;
  }
}

function nest(values: ArrayLike<number>, shape: Shape, depth: number, at: number): [Nested, number] {
  if (depth === shape.length) return [values[at] as number, at + 1];
  const out: Nested[] = [];
  for (let i = 0; i < (shape[depth] as number); i++) {
    const [value, next] = nest(values, shape, depth + 1, at);
    out.push(value);
    at = next;
  }
  return [out, at];
}

const prototype = Tensor.prototype as unknown as Record<string, unknown>;
for (const [name, fn] of Object.entries(chained)) {
  prototype[name] = function (this: Tensor, ...rest: unknown[]) {
    return (fn as (...args: unknown[]) => unknown)(this, ...rest);
  };
}
Object.assign(prototype, {
  arraySync(this: Tensor): Nested {
    return nest(this.dataSync(), this.shape, 0, 0)[0];
  },
  async array(this: Tensor): Promise<Nested> {
    return nest(await this.data(), this.shape, 0, 0)[0];
  },
  flatten(this: Tensor): Tensor {
    return shaping.reshape(this, [this.size]);
  },
  clone(this: Tensor): Tensor {
    return this.alias();
  },
  asType(this: Tensor, dtype: DType): Tensor {
    return ownCast(this, dtype);
  },
  reshapeAs(this: Tensor, other: Tensor): Tensor {
    return shaping.reshape(this, other.shape);
  },
});
