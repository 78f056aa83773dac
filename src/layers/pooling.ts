/** Poolings of signals, images and volumes: over windows, and over all of the space. */
import { cast, divNoNan, mul } from '../ops/arithmetic';
import { avgPool, avgPool3d, maxPool, maxPool3d } from '../ops/pooling';
import { max, mean, sum } from '../ops/reduce';
import { expandDims, squeeze } from '../ops/shaping';
import type { Numbers } from '../ops/window';
import type { Tensor } from '../tensor/tensor';
import type { CallArgs, Mask } from './call';
import { Layer, type LayerArgs } from './layer';
import type { PartialShape } from './shapes';
import { Layout, positions, type Window, windowOf } from './space';

export interface PoolingArgs extends LayerArgs {
  /** Default 2. */
  poolSize?: Numbers;
  /** Default: the pool size. */
  strides?: Numbers | null;
  /** 'valid' (default) or 'same'. */
  padding?: string;
  /** 'channelsLast' (default) or 'channelsFirst'. */
  dataFormat?: string | null;
}

type Kind = 'max' | 'average';
const PLANAR = { max: maxPool, average: avgPool };
const SPATIAL = { max: maxPool3d, average: avgPool3d };

/** Maximum or mean of each window; padding takes no part. */
abstract class Pooling extends Layer {
  readonly #window: Window;
  readonly #layout: Layout;
  readonly #kind: Kind;

  constructor(args: PoolingArgs, dims: number, kind: Kind) {
    super(args);
    const where = `${kind}Pooling${dims}d`;
    const { poolSize = 2, strides, padding } = args;
    this.#kind = kind;
    this.#layout = new Layout(dims, args.dataFormat, where);
    this.#window = windowOf(dims, poolSize, { strides: strides ?? poolSize, padding }, where, 'poolSize');
  }

  call(x: Tensor): Tensor {
    const { size, strides } = this.#window;
    const pad = this.#window.padding as 'valid' | 'same';
    return this.#layout.last(x, (t) => {
      if (this.#layout.dims === 3) return SPATIAL[this.#kind](t, size, strides, pad);
      const pool = PLANAR[this.#kind];
      // A signal is an image of height 1.
      return this.#layout.dims === 2
        ? pool(t, size, strides, pad)
        : squeeze(pool(expandDims(t, 1), [1, ...size], [1, ...strides], pad), [1]);
    });
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return this.#layout.replace(inputShape, positions(this.name, this.#layout.space(inputShape), this.#window));
  }

  override getConfig(): Record<string, unknown> {
    const { size, strides, padding } = this.#window;
    const dataFormat = this.#layout.format;
    return { ...super.getConfig(), poolSize: [...size], strides: [...strides], padding, dataFormat };
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

export interface GlobalPoolingArgs extends LayerArgs {
  /** 'channelsLast' (default) or 'channelsFirst'. */
  dataFormat?: string | null;
  /** Whether the dimensions of the space stay, with size 1; default false. */
  keepdims?: boolean;
}

/** Maximum or mean of each channel. */
abstract class GlobalPooling extends Layer {
  protected readonly layout: Layout;
  protected readonly keepdims: boolean;

  constructor(args: GlobalPoolingArgs, dims: number, where: string) {
    super(args);
    this.layout = new Layout(dims, args.dataFormat, where);
    this.keepdims = args.keepdims ?? false;
  }

  protected abstract readonly reduce: typeof mean;

  call(x: Tensor, _args: CallArgs): Tensor {
    this.layout.space(x.shape);
    return this.reduce(x, this.layout.spatial, this.keepdims);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    const space = this.layout.space(inputShape).map(() => 1);
    return this.layout.replace(inputShape, this.keepdims ? space : []);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.layout.format, keepdims: this.keepdims };
  }
}

/** [batch, steps, channels] -> [batch, channels]; of masked inputs, the mean of the steps that count (0 if none does). */
export class GlobalAveragePooling1D extends GlobalPooling {
  static override className = 'GlobalAveragePooling1D';
  protected readonly reduce = mean;

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 1, 'globalAveragePooling1d');
    this.supportsMasking = true;
  }

  override call(x: Tensor, args: CallArgs): Tensor {
    if (!args.mask) return super.call(x, args);
    const counts = expandDims(cast(args.mask as Tensor, 'float32'), this.layout.axis);
    const total = (t: Tensor): Tensor => sum(t, this.layout.spatial, this.keepdims);
    return divNoNan(total(mul(x, counts)), total(counts));
  }

  override computeMask(): Mask {
    return undefined;
  }
}

/** [batch, height, width, channels] -> [batch, channels] */
export class GlobalAveragePooling2D extends GlobalPooling {
  static override className = 'GlobalAveragePooling2D';
  protected readonly reduce = mean;

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 2, 'globalAveragePooling2d');
  }
}

/** [batch, depth, height, width, channels] -> [batch, channels] */
export class GlobalAveragePooling3D extends GlobalPooling {
  static override className = 'GlobalAveragePooling3D';
  protected readonly reduce = mean;

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 3, 'globalAveragePooling3d');
  }
}

/** [batch, steps, channels] -> [batch, channels] */
export class GlobalMaxPooling1D extends GlobalPooling {
  static override className = 'GlobalMaxPooling1D';
  protected readonly reduce = max;

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 1, 'globalMaxPooling1d');
  }
}

/** [batch, height, width, channels] -> [batch, channels] */
export class GlobalMaxPooling2D extends GlobalPooling {
  static override className = 'GlobalMaxPooling2D';
  protected readonly reduce = max;

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 2, 'globalMaxPooling2d');
  }
}

/** [batch, depth, height, width, channels] -> [batch, channels] */
export class GlobalMaxPooling3D extends GlobalPooling {
  static override className = 'GlobalMaxPooling3D';
  protected readonly reduce = max;

  constructor(args: GlobalPoolingArgs = {}) {
    super(args, 3, 'globalMaxPooling3d');
  }
}
