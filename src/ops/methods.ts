/** Ops as methods of tensors: `a.matMul(b).add(c).relu()`. */
import './reading';
import { show } from '../support/arguments';
import { ShapeError } from '../support/errors';
import { checkDType, type DType } from '../tensor/dtype';
import { type Shape, showShape } from '../tensor/shape';
import { checkTensor, Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import * as convolution from './conv/convolution';
import * as pooling from './conv/pooling';
import { ownCast } from './core/cast';
import { variable } from './core/variable';
import { TensorBuffer } from './create/buffer';
import type { TensorLike } from './create/creation';
import * as creation from './create/creation';
import * as resize from './image/resize';
import * as indexing from './indexing/indexing';
import * as sorting from './indexing/sorting';
import * as norms from './linear/norms';
import * as products from './linear/products';
import * as arithmetic from './math/arithmetic';
import * as binary from './math/binary';
import * as comparison from './math/comparison';
import * as counting from './math/counting';
import * as cumulative from './math/cumulative';
import * as reduce from './math/reduce';
import * as unary from './math/unary';
import * as activations from './neural/activations';
import * as normalization from './neural/normalization';
import * as blocks from './shape/blocks';
import * as joining from './shape/joining';
import * as shaping from './shape/shaping';
import * as slicing from './shape/slicing';

/** Not methods: `addN` takes a list, `where` a condition first. */
const { addN: _list, ...binaryMethods } = binary;
const { where: _choice, ...comparisons } = comparison;

/** Functions whose first argument becomes `this`: all functions of these modules. */
const chained = {
  ...unary,
  ...activations,
  ...binaryMethods,
  ...comparisons,
  ...reduce,
  ...cumulative,
  ...sorting,
  broadcastTo: arithmetic.broadcastTo,
  norm: norms.norm,
  euclideanNorm: norms.euclideanNorm,
  bincount: counting.bincount,
  denseBincount: counting.denseBincount,
  reshape: shaping.reshape,
  transpose: shaping.transpose,
  expandDims: shaping.expandDims,
  squeeze: shaping.squeeze,
  slice: shaping.slice,
  pad: shaping.pad,
  clone: shaping.clone,
  oneHot: shaping.oneHot,
  onesLike: creation.onesLike,
  zerosLike: creation.zerosLike,
  stridedSlice: slicing.stridedSlice,
  reverse: slicing.reverse,
  split: slicing.split,
  unstack: slicing.unstack,
  tile: joining.tile,
  mirrorPad: joining.mirrorPad,
  depthToSpace: blocks.depthToSpace,
  spaceToBatchND: blocks.spaceToBatchND,
  batchToSpaceND: blocks.batchToSpaceND,
  gather: indexing.gather,
  unsortedSegmentSum: indexing.unsortedSegmentSum,
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

/**
 * Where the functions come from. Types of methods are made from these modules, not from the list above: so editors show a
 * method with the comment of its function.
 */
type Sources = typeof unary &
  typeof activations &
  typeof arithmetic &
  typeof binary &
  typeof comparison &
  typeof reduce &
  typeof cumulative &
  typeof sorting &
  typeof norms &
  typeof counting &
  typeof shaping &
  typeof creation &
  typeof slicing &
  typeof joining &
  typeof blocks &
  typeof indexing &
  typeof products &
  typeof convolution &
  typeof pooling &
  typeof normalization &
  typeof resize;
type Listed = Pick<Sources, keyof typeof chained>;
type Tail<F> = F extends (first: never, ...rest: infer R) => infer Out ? (...rest: R) => Out : never;
type Chained = { [K in keyof Listed]: Tail<Listed[K]> };

/** Ops as methods, some of them under other names too. */
export interface TensorMethods extends Chained {
  /** The elements in one dimension: `reshape` to [size]. */
  flatten(): Tensor;
  /** The same values in another element type; see `sg.cast`. */
  cast(dtype: DType): Tensor;
  /** The same as `cast`. */
  asType(dtype: DType): Tensor;
  /** The same values as float32. */
  toFloat(): Tensor;
  /** The same values as int32, rounded toward zero. */
  toInt(): Tensor;
  /** The same values as bool: true unless 0. */
  toBool(): Tensor;
  /** `reshape` to the shape of another tensor. @throws ShapeError if it has another number of elements */
  reshapeAs(other: Tensor): Tensor;
  /** `reshape` to rank 0. @throws ShapeError unless there is exactly one element */
  asScalar(): Tensor;
  /** The same as `flatten`. */
  as1D(): Tensor;
  /** `reshape` to rank 2. */
  as2D(rows: number, columns: number): Tensor;
  /** `reshape` to rank 3. */
  as3D(rows: number, columns: number, depth: number): Tensor;
  /** `reshape` to rank 4. */
  as4D(rows: number, columns: number, depth: number, depth2: number): Tensor;
  /** `reshape` to rank 5. */
  as5D(rows: number, columns: number, depth: number, depth2: number, depth3: number): Tensor;
  /** Joins this and others along an axis, 0 by default; see `sg.concat`. */
  concat(others: TensorLike | readonly Tensor[], axis?: number): Tensor;
  /** Joins this and others along a new axis, 0 by default; see `sg.stack`. */
  stack(others: Tensor | readonly TensorLike[], axis?: number): Tensor;
  /** This where the condition holds, else `other`; see `sg.where`. */
  where(condition: TensorLike, other: TensorLike): Tensor;
  /** A variable that starts with this value; see `sg.variable`. */
  variable(trainable?: boolean, name?: string, dtype?: DType): Variable;
  /** A copy of the elements, to be changed one by one. */
  bufferSync(): TensorBuffer;
  /** `bufferSync`, as a promise. */
  buffer(): Promise<TensorBuffer>;
}

declare module '../tensor/tensor' {
  interface Tensor extends TensorMethods {}
}

const listOf = (others: unknown): readonly TensorLike[] =>
  (Array.isArray(others) ? others : [others]) as readonly TensorLike[];

/** `reshape` to the rank in the method's name. */
const reshaped = (x: Tensor, shape: Shape, rank: number): Tensor => {
  if (shape.length !== rank) throw new ShapeError(`as${rank}D: needs ${rank} sizes, got ${show(shape)}`);
  return shaping.reshapeOf(x, shape, `as${rank}D`);
};

const prototype = Tensor.prototype as unknown as Record<string, unknown>;
for (const [name, fn] of Object.entries(chained)) {
  prototype[name] = function (this: Tensor, ...rest: unknown[]) {
    return (fn as (...args: unknown[]) => unknown)(this, ...rest);
  };
}
Object.assign(prototype, {
  flatten(this: Tensor): Tensor {
    return shaping.reshape(this, [this.size]);
  },
  cast(this: Tensor, dtype: DType): Tensor {
    return ownCast(this, dtype);
  },
  toFloat(this: Tensor): Tensor {
    return ownCast(this, 'float32');
  },
  toInt(this: Tensor): Tensor {
    return ownCast(this, 'int32');
  },
  toBool(this: Tensor): Tensor {
    return ownCast(this, 'bool');
  },
  asType(this: Tensor, dtype: DType): Tensor {
    return ownCast(this, checkDType(dtype, 'asType'));
  },
  reshapeAs(this: Tensor, other: Tensor): Tensor {
    return shaping.reshapeOf(this, checkTensor(other, 'reshapeAs', 'other').shape, 'reshapeAs');
  },
  asScalar(this: Tensor): Tensor {
    if (this.size !== 1) throw new ShapeError(`asScalar: needs one element, got ${showShape(this.shape)}`);
    return shaping.reshape(this, []);
  },
  as1D(this: Tensor): Tensor {
    return shaping.reshape(this, [this.size]);
  },
  as2D(this: Tensor, ...shape: number[]): Tensor {
    return reshaped(this, shape, 2);
  },
  as3D(this: Tensor, ...shape: number[]): Tensor {
    return reshaped(this, shape, 3);
  },
  as4D(this: Tensor, ...shape: number[]): Tensor {
    return reshaped(this, shape, 4);
  },
  as5D(this: Tensor, ...shape: number[]): Tensor {
    return reshaped(this, shape, 5);
  },
  concat(this: Tensor, others: TensorLike | readonly Tensor[], axis?: number): Tensor {
    return shaping.concat([this, ...listOf(others)], axis);
  },
  stack(this: Tensor, others: Tensor | readonly TensorLike[], axis?: number): Tensor {
    return joining.stack([this, ...listOf(others)], axis);
  },
  where(this: Tensor, condition: TensorLike, other: TensorLike): Tensor {
    return comparison.where(condition, this, other);
  },
  variable(this: Tensor, trainable?: boolean, name?: string, dtype?: DType): Variable {
    return variable(this, trainable, name, dtype);
  },
  bufferSync(this: Tensor): TensorBuffer {
    return new TensorBuffer(this.shape, this.dtype, this.dataSync());
  },
  async buffer(this: Tensor): Promise<TensorBuffer> {
    return new TensorBuffer(this.shape, this.dtype, await this.data());
  },
});
