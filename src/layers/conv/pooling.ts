/** Poolings of signals, images and volumes: over windows, and over all of the space. */

import { avgPool, avgPool3d as avgPool3dOp, maxPool, maxPool3d as maxPool3dOp } from '../../ops/conv/pooling';
import type { PerDimension } from '../../ops/conv/window';
import { cast, divNoNan, where } from '../../ops/math/arithmetic';
import { max, mean, sum } from '../../ops/math/reduce';
import { expandDims, squeeze } from '../../ops/shape/shaping';
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs, Mask } from '../base/call';
import { make } from '../base/settings';
import type { Tensors } from '../base/shapes';
import { positions, type Size, type Window, windowOf } from './space';
import { type SpatialArgs, SpatialLayer } from './spatial';

/** Settings of `maxPooling1d`, `averagePooling1d` and their siblings. */
export interface PoolingArgs extends SpatialArgs {
  /** Size of the window: one number for all dimensions, or one for each; default 2. */
  poolSize?: PerDimension;
  /** Step of the window; default the pool size. */
  strides?: PerDimension | null;
  /** 'valid' (default): none; 'same': the output has size input / stride, and padding is ignored. */
  padding?: 'valid' | 'same';
}

type Kind = 'max' | 'average';
const IMAGES = { max: maxPool, average: avgPool };
const VOLUMES = { max: maxPool3dOp, average: avgPool3dOp };

/** Maximum or mean of each window; padding is ignored. */
abstract class Pooling extends SpatialLayer {
  static override accepts(): is.Table {
    return { poolSize: is.sizes(), strides: is.sizes(), padding: is.text(), ...SpatialLayer.accepts() };
  }

  readonly #window: Window;
  readonly #kind: Kind;

  constructor(args: PoolingArgs, dims: number, kind: Kind) {
    super(args, dims);
    const { poolSize = 2, strides, padding } = args;
    this.#kind = kind;
    this.#window = windowOf(dims, poolSize, { strides: strides ?? poolSize, padding }, this.className, 'poolSize');
  }

  call(x: Tensor): Tensor {
    const { size, strides } = this.#window;
    const pad = this.#window.padding as 'valid' | 'same';
    return this.order.last(x, (t) => {
      if (this.order.dims === 3) return VOLUMES[this.#kind](t, size, strides, pad);
      const pool = IMAGES[this.#kind];
      // A signal is an image of height 1.
      return this.order.dims === 2
        ? pool(t, size, strides, pad)
        : squeeze(pool(expandDims(t, 1), [1, ...size], [1, ...strides], pad), [1]);
    });
  }

  protected outputSpace(space: readonly Size[]): Size[] {
    return positions(this.name, space, this.#window);
  }

  override getConfig(): Record<string, unknown> {
    const { size, strides, padding } = this.#window;
    return { ...super.getConfig(), poolSize: [...size], strides: [...strides], padding };
  }
}

/** [batch, steps, channels] -> [batch, newSteps, channels] */
export class MaxPooling1D extends Pooling {
  static override className = 'MaxPooling1D';

  constructor(args: PoolingArgs = {}) {
    super(args, 1, 'max');
  }
}

/**
 * Maximum of each window, by default of 2 steps. [batch, steps, channels] -> [batch, newSteps, channels]
 * @throws ArgumentError for a size that is not a positive integer, or an unknown padding; ShapeError for another rank
 * @example
 * sg.layers.maxPooling1d().apply(sg.ones([1, 6, 3])).shape; // [1, 3, 3]
 */
export const maxPooling1d = (args?: PoolingArgs): MaxPooling1D => make(MaxPooling1D, args);

/** Same as `maxPooling1d`. */
export const maxPool1d = maxPooling1d;

/** [batch, height, width, channels] -> [batch, outHeight, outWidth, channels] */
export class MaxPooling2D extends Pooling {
  static override className = 'MaxPooling2D';

  constructor(args: PoolingArgs = {}) {
    super(args, 2, 'max');
  }
}

/**
 * Maximum of each window, by default 2 x 2. [batch, h, w, channels] -> [batch, outHeight, outWidth, channels]
 * @throws ArgumentError for a size that is not a positive integer, or an unknown padding; ShapeError for another rank
 * @example
 * sg.layers.maxPooling2d({ poolSize: 2 }).apply(sg.ones([1, 6, 6, 3])).shape; // [1, 3, 3, 3]
 */
export const maxPooling2d = (args?: PoolingArgs): MaxPooling2D => make(MaxPooling2D, args);

/** Same as `maxPooling2d`. */
export const maxPool2d = maxPooling2d;

/** [batch, depth, height, width, channels] -> [batch, outDepth, outHeight, outWidth, channels] */
export class MaxPooling3D extends Pooling {
  static override className = 'MaxPooling3D';

  constructor(args: PoolingArgs = {}) {
    super(args, 3, 'max');
  }
}

/**
 * Maximum of each window, by default 2 x 2 x 2. [batch, d, h, w, channels] -> [batch, outD, outH, outW, channels]
 * @throws ArgumentError for a size that is not a positive integer, or an unknown padding; ShapeError for another rank
 * @example
 * sg.layers.maxPooling3d().apply(sg.ones([1, 4, 4, 4, 3])).shape; // [1, 2, 2, 2, 3]
 */
export const maxPooling3d = (args?: PoolingArgs): MaxPooling3D => make(MaxPooling3D, args);

/** Same as `maxPooling3d`. */
export const maxPool3d = maxPooling3d;

/** [batch, steps, channels] -> [batch, newSteps, channels] */
export class AveragePooling1D extends Pooling {
  static override className = 'AveragePooling1D';

  constructor(args: PoolingArgs = {}) {
    super(args, 1, 'average');
  }
}

/**
 * Mean of each window, by default of 2 steps; padding is ignored. [batch, steps, channels] -> [batch, newSteps,
 * channels]
 * @throws ArgumentError for a size that is not a positive integer, or an unknown padding; ShapeError for another rank
 * @example
 * sg.layers.averagePooling1d().apply(sg.ones([1, 6, 3])).shape; // [1, 3, 3]
 */
export const averagePooling1d = (args?: PoolingArgs): AveragePooling1D => make(AveragePooling1D, args);

/** Same as `averagePooling1d`. */
export const averagePool1d = averagePooling1d;

/** Same as `averagePooling1d`. */
export const avgPooling1d = averagePooling1d;

/** Same as `averagePooling1d`. */
export const avgPool1d = averagePooling1d;

/** [batch, height, width, channels] -> [batch, outHeight, outWidth, channels] */
export class AveragePooling2D extends Pooling {
  static override className = 'AveragePooling2D';

  constructor(args: PoolingArgs = {}) {
    super(args, 2, 'average');
  }
}

/**
 * Mean of each window, by default 2 x 2; padding is ignored. [batch, h, w, channels] -> [batch, outHeight, outWidth,
 * channels]
 * @throws ArgumentError for a size that is not a positive integer, or an unknown padding; ShapeError for another rank
 * @example
 * sg.layers.averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' }).apply(sg.ones([1, 6, 6, 3])).shape; // [1, 6, 6, 3]
 */
export const averagePooling2d = (args?: PoolingArgs): AveragePooling2D => make(AveragePooling2D, args);

/** Same as `averagePooling2d`. */
export const averagePool2d = averagePooling2d;

/** Same as `averagePooling2d`. */
export const avgPooling2d = averagePooling2d;

/** Same as `averagePooling2d`. */
export const avgPool2d = averagePooling2d;

/** [batch, depth, height, width, channels] -> [batch, outDepth, outHeight, outWidth, channels] */
export class AveragePooling3D extends Pooling {
  static override className = 'AveragePooling3D';

  constructor(args: PoolingArgs = {}) {
    super(args, 3, 'average');
  }
}

/**
 * Mean of each window, by default 2 x 2 x 2; padding is ignored. [batch, d, h, w, channels] -> [batch, outD, outH,
 * outW, channels]
 * @throws ArgumentError for a size that is not a positive integer, or an unknown padding; ShapeError for another rank
 * @example
 * sg.layers.averagePooling3d().apply(sg.ones([1, 4, 4, 4, 3])).shape; // [1, 2, 2, 2, 3]
 */
export const averagePooling3d = (args?: PoolingArgs): AveragePooling3D => make(AveragePooling3D, args);

/** Same as `averagePooling3d`. */
export const averagePool3d = averagePooling3d;

/** Same as `averagePooling3d`. */
export const avgPooling3d = averagePooling3d;

/** Same as `averagePooling3d`. */
export const avgPool3d = averagePooling3d;

/** Settings of `globalMaxPooling1d`, `globalAveragePooling1d` and their siblings. */
export interface GlobalPoolingArgs extends SpatialArgs {
  /** Whether the dimensions of the space are kept, with size 1; default false. */
  keepdims?: boolean;
}

/** Maximum or mean of each channel. */
abstract class GlobalPooling extends SpatialLayer {
  static override accepts(): is.Table {
    return { keepdims: is.flag(), ...SpatialLayer.accepts() };
  }

  readonly #kind: Kind;
  protected readonly keepdims: boolean;

  constructor(args: GlobalPoolingArgs, dims: number, kind: Kind) {
    super(args, dims);
    this.#kind = kind;
    this.keepdims = args.keepdims ?? false;
  }

  call(x: Tensor, _args?: CallArgs | null): Tensor {
    this.order.space(x.shape);
    return (this.#kind === 'max' ? max : mean)(x, this.order.spatial, this.keepdims);
  }

  protected outputSpace(space: readonly Size[]): Size[] {
    return this.keepdims ? space.map(() => 1) : [];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), keepdims: this.keepdims };
  }
}

/** [batch, steps, channels] -> [batch, channels]; of masked inputs, the mean of the steps that count (0 if none does). */
export class GlobalAveragePooling1D extends GlobalPooling {
  static override className = 'GlobalAveragePooling1D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 1, 'average');
    this.supportsMasking = true;
  }

  override call(x: Tensor, args?: CallArgs | null): Tensor {
    if (!args?.mask) return super.call(x, args);
    const counts = expandDims(args.mask as Tensor, this.order.axis);
    const total = (t: Tensor): Tensor => sum(t, this.order.spatial, this.keepdims);
    return divNoNan(total(where(counts, x, 0)), total(cast(counts, 'float32')));
  }

  override computeMask(_inputs: Tensors, _mask?: Mask | readonly Mask[] | null): Mask {
    return undefined;
  }
}

/**
 * Mean of each channel over the steps that are not masked (0 if all are). [batch, steps, channels] -> [batch, channels]
 * @throws ArgumentError for unknown settings; ShapeError for another rank
 * @example
 * sg.layers.globalAveragePooling1d().apply(sg.ones([2, 6, 3])).shape; // [2, 3]
 */
export const globalAveragePooling1d = (args?: GlobalPoolingArgs): GlobalAveragePooling1D =>
  make(GlobalAveragePooling1D, args);

/** [batch, height, width, channels] -> [batch, channels] */
export class GlobalAveragePooling2D extends GlobalPooling {
  static override className = 'GlobalAveragePooling2D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 2, 'average');
  }
}

/**
 * Mean of each channel. [batch, height, width, channels] -> [batch, channels]
 * @throws ArgumentError for unknown settings; ShapeError for another rank
 * @example
 * sg.layers.globalAveragePooling2d().apply(sg.ones([2, 6, 6, 3])).shape; // [2, 3]
 */
export const globalAveragePooling2d = (args?: GlobalPoolingArgs): GlobalAveragePooling2D =>
  make(GlobalAveragePooling2D, args);

/** [batch, depth, height, width, channels] -> [batch, channels] */
export class GlobalAveragePooling3D extends GlobalPooling {
  static override className = 'GlobalAveragePooling3D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 3, 'average');
  }
}

/**
 * Mean of each channel. [batch, depth, height, width, channels] -> [batch, channels]
 * @throws ArgumentError for unknown settings; ShapeError for another rank
 * @example
 * sg.layers.globalAveragePooling3d({ keepdims: true }).apply(sg.ones([2, 4, 4, 4, 3])).shape; // [2, 1, 1, 1, 3]
 */
export const globalAveragePooling3d = (args?: GlobalPoolingArgs): GlobalAveragePooling3D =>
  make(GlobalAveragePooling3D, args);

/** [batch, steps, channels] -> [batch, channels] */
export class GlobalMaxPooling1D extends GlobalPooling {
  static override className = 'GlobalMaxPooling1D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 1, 'max');
  }
}

/**
 * Maximum of each channel. [batch, steps, channels] -> [batch, channels]
 * @throws ArgumentError for unknown settings; ShapeError for another rank
 * @example
 * sg.layers.globalMaxPooling1d().apply(sg.ones([2, 6, 3])).shape; // [2, 3]
 */
export const globalMaxPooling1d = (args?: GlobalPoolingArgs): GlobalMaxPooling1D => make(GlobalMaxPooling1D, args);

/** Same as `globalMaxPooling1d`. */
export const globalMaxPool1d = globalMaxPooling1d;

/** [batch, height, width, channels] -> [batch, channels] */
export class GlobalMaxPooling2D extends GlobalPooling {
  static override className = 'GlobalMaxPooling2D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 2, 'max');
  }
}

/**
 * Maximum of each channel. [batch, height, width, channels] -> [batch, channels]
 * @throws ArgumentError for unknown settings; ShapeError for another rank
 * @example
 * sg.layers.globalMaxPooling2d().apply(sg.ones([2, 6, 6, 3])).shape; // [2, 3]
 */
export const globalMaxPooling2d = (args?: GlobalPoolingArgs): GlobalMaxPooling2D => make(GlobalMaxPooling2D, args);

/** Same as `globalMaxPooling2d`. */
export const globalMaxPool2d = globalMaxPooling2d;

/** [batch, depth, height, width, channels] -> [batch, channels] */
export class GlobalMaxPooling3D extends GlobalPooling {
  static override className = 'GlobalMaxPooling3D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 3, 'max');
  }
}

/**
 * Maximum of each channel. [batch, depth, height, width, channels] -> [batch, channels]
 * @throws ArgumentError for unknown settings; ShapeError for another rank
 * @example
 * sg.layers.globalMaxPooling3d().apply(sg.ones([2, 4, 4, 4, 3])).shape; // [2, 3]
 */
export const globalMaxPooling3d = (args?: GlobalPoolingArgs): GlobalMaxPooling3D => make(GlobalMaxPooling3D, args);

/** Same as `globalMaxPooling3d`. */
export const globalMaxPool3d = globalMaxPooling3d;
