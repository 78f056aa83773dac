/** Poolings of signals, images and volumes: over windows, and over all of the space. */

import { avgPool, avgPool3d, maxPool, maxPool3d } from '../../ops/conv/pooling';
import type { Numbers } from '../../ops/conv/window';
import { cast, divNoNan, where } from '../../ops/math/arithmetic';
import { max, mean, sum } from '../../ops/math/reduce';
import { expandDims, squeeze } from '../../ops/shape/shaping';
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs, Mask } from '../base/call';
import type { Tensors } from '../base/shapes';
import { positions, type Size, type Window, windowOf } from './space';
import { type SpatialArgs, SpatialLayer } from './spatial';

export interface PoolingArgs extends SpatialArgs {
  /** Default 2. */
  poolSize?: Numbers;
  /** Default: the pool size. */
  strides?: Numbers | null;
  /** 'valid' (default) or 'same'. */
  padding?: 'valid' | 'same';
}

type Kind = 'max' | 'average';
const IMAGES = { max: maxPool, average: avgPool };
const VOLUMES = { max: maxPool3d, average: avgPool3d };

/** Maximum or mean of each window; padding takes no part. */
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

/** [batch, height, width, channels] -> [batch, outHeight, outWidth, channels] */
export class MaxPooling2D extends Pooling {
  static override className = 'MaxPooling2D';

  constructor(args: PoolingArgs = {}) {
    super(args, 2, 'max');
  }
}

/** [batch, depth, height, width, channels] -> [batch, outDepth, outHeight, outWidth, channels] */
export class MaxPooling3D extends Pooling {
  static override className = 'MaxPooling3D';

  constructor(args: PoolingArgs = {}) {
    super(args, 3, 'max');
  }
}

/** [batch, steps, channels] -> [batch, newSteps, channels] */
export class AveragePooling1D extends Pooling {
  static override className = 'AveragePooling1D';

  constructor(args: PoolingArgs = {}) {
    super(args, 1, 'average');
  }
}

/** [batch, height, width, channels] -> [batch, outHeight, outWidth, channels] */
export class AveragePooling2D extends Pooling {
  static override className = 'AveragePooling2D';

  constructor(args: PoolingArgs = {}) {
    super(args, 2, 'average');
  }
}

/** [batch, depth, height, width, channels] -> [batch, outDepth, outHeight, outWidth, channels] */
export class AveragePooling3D extends Pooling {
  static override className = 'AveragePooling3D';

  constructor(args: PoolingArgs = {}) {
    super(args, 3, 'average');
  }
}

export interface GlobalPoolingArgs extends SpatialArgs {
  /** Whether the dimensions of the space stay, with size 1; default false. */
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

/** [batch, height, width, channels] -> [batch, channels] */
export class GlobalAveragePooling2D extends GlobalPooling {
  static override className = 'GlobalAveragePooling2D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 2, 'average');
  }
}

/** [batch, depth, height, width, channels] -> [batch, channels] */
export class GlobalAveragePooling3D extends GlobalPooling {
  static override className = 'GlobalAveragePooling3D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 3, 'average');
  }
}

/** [batch, steps, channels] -> [batch, channels] */
export class GlobalMaxPooling1D extends GlobalPooling {
  static override className = 'GlobalMaxPooling1D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 1, 'max');
  }
}

/** [batch, height, width, channels] -> [batch, channels] */
export class GlobalMaxPooling2D extends GlobalPooling {
  static override className = 'GlobalMaxPooling2D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 2, 'max');
  }
}

/** [batch, depth, height, width, channels] -> [batch, channels] */
export class GlobalMaxPooling3D extends GlobalPooling {
  static override className = 'GlobalMaxPooling3D';

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 3, 'max');
  }
}
