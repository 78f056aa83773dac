/** Layers that widen, cut and enlarge signals, images and volumes. */

import { numbers, type PerDimension } from '../../ops/conv/window';
import { resizeBilinear, resizeNearestNeighbor } from '../../ops/image/resize';
import { pad, reshape, slice } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { showShape, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import * as own from '../base/settings';
import { oneOf, pairsOf, type Size } from './space';
import { type SpatialArgs, SpatialLayer } from './spatial';

/**
 * One number for all sides, one for each dimension, or a pair [before, after] for each; for signals also a single pair.
 */
export type Border = number | readonly number[] | readonly (readonly [number, number])[];

/** Settings of `zeroPadding1d` and its siblings. */
export interface ZeroPaddingArgs extends SpatialArgs {
  /** Zeros added at each side; default 1. */
  padding?: Border;
}

/** Settings of `cropping1d` and its siblings. */
export interface CroppingArgs extends SpatialArgs {
  /** Elements removed at each side; default 1 for signals and volumes, 0 for images. */
  cropping?: Border;
}

/** Elements added or removed before and after each dimension of the space. */
abstract class Bordered extends SpatialLayer {
  protected readonly pairs: readonly [number, number][];

  constructor(
    args: SpatialArgs,
    dims: number,
    border: Border,
    readonly setting: 'padding' | 'cropping',
  ) {
    super(args, dims);
    this.pairs = pairsOf(border, dims, `${this.className}: ${setting}`);
  }

  /** The pairs of all dimensions of x. */
  protected around(x: Tensor): [number, number][] {
    this.order.space(x.shape);
    return x.shape.map((_, d) => this.pairs[this.order.spatial.indexOf(d)] ?? [0, 0]);
  }

  protected outputSpace(space: readonly Size[]): Size[] {
    const sign = this.setting === 'padding' ? 1 : -1;
    return space.map((n, d) => {
      const [before, after] = this.pairs[d] as [number, number];
      const length = n === null ? null : n + sign * (before + after);
      if (length !== null && length < 1 && sign < 0)
        throw new ShapeError(`${this.name}: cropping ${show(this.pairs)} leaves nothing of ${showShape(space)}`);
      return length;
    });
  }

  override getConfig(): Record<string, unknown> {
    const pairs = this.pairs.map((p) => [...p]);
    return { ...super.getConfig(), [this.setting]: this.order.dims === 1 ? pairs[0] : pairs };
  }
}

abstract class ZeroPadding extends Bordered {
  static override accepts(): is.Table {
    return { padding: own.border(), ...Bordered.accepts() };
  }

  constructor(args: ZeroPaddingArgs, dims: number) {
    super(args, dims, args.padding ?? 1, 'padding');
  }

  call(x: Tensor): Tensor {
    return pad(x, this.around(x));
  }
}

/** [batch, steps, channels] -> [batch, steps + padding, channels] */
export class ZeroPadding1D extends ZeroPadding {
  static override className = 'ZeroPadding1D';

  constructor(args: ZeroPaddingArgs = {}) {
    super(args, 1);
  }
}

/**
 * Adds zeros before and after the steps, by default 1. [batch, steps, channels] -> [batch, steps + padding, channels]
 * @throws ArgumentError if padding is not a non-negative integer or a pair of them
 * @example
 * sg.layers.zeroPadding1d({ padding: [2, 0] }).apply(sg.ones([1, 5, 3])).shape; // [1, 7, 3]
 */
export const zeroPadding1d = (args?: ZeroPaddingArgs): ZeroPadding1D => own.make(ZeroPadding1D, args);

/** [batch, height, width, channels] -> [batch, height + padding, width + padding, channels] */
export class ZeroPadding2D extends ZeroPadding {
  static override className = 'ZeroPadding2D';

  constructor(args: ZeroPaddingArgs = {}) {
    super(args, 2);
  }
}

/**
 * Adds zeros around images, by default 1. [batch, h, w, channels] -> [batch, h + padding, w + padding, channels]
 * @throws ArgumentError for padding of another form than a number, two numbers or two pairs
 * @example
 * sg.layers.zeroPadding2d({ padding: [[1, 0], [2, 2]] }).apply(sg.ones([1, 5, 5, 3])).shape; // [1, 6, 9, 3]
 */
export const zeroPadding2d = (args?: ZeroPaddingArgs): ZeroPadding2D => own.make(ZeroPadding2D, args);

/** [batch, depth, height, width, channels] -> the same with its space padded */
export class ZeroPadding3D extends ZeroPadding {
  static override className = 'ZeroPadding3D';

  constructor(args: ZeroPaddingArgs = {}) {
    super(args, 3);
  }
}

/**
 * Adds zeros around volumes, by default 1. [batch, d, h, w, channels] -> the same with d, h and w enlarged
 * @throws ArgumentError for padding of another form than a number, three numbers or three pairs
 * @example
 * sg.layers.zeroPadding3d().apply(sg.ones([1, 2, 2, 2, 3])).shape; // [1, 4, 4, 4, 3]
 */
export const zeroPadding3d = (args?: ZeroPaddingArgs): ZeroPadding3D => own.make(ZeroPadding3D, args);

abstract class Cropping extends Bordered {
  static override accepts(): is.Table {
    return { cropping: own.border(), ...Bordered.accepts() };
  }

  constructor(args: CroppingArgs, dims: number, border: Border) {
    super(args, dims, args.cropping ?? border, 'cropping');
  }

  call(x: Tensor): Tensor {
    const begin = this.around(x).map(([before]) => before);
    return slice(x, begin, this.computeOutputShape(x.shape) as number[]);
  }
}

/** [batch, steps, channels] -> [batch, steps - cropping, channels] */
export class Cropping1D extends Cropping {
  static override className = 'Cropping1D';

  constructor(args: CroppingArgs = {}) {
    super(args, 1, 1);
  }
}

/**
 * Removes the first and last steps, by default 1. [batch, steps, channels] -> [batch, steps - cropping, channels]
 * @throws ArgumentError for cropping of another form; ShapeError if nothing is left
 * @example
 * sg.layers.cropping1d({ cropping: 2 }).apply(sg.ones([1, 5, 3])).shape; // [1, 1, 3]
 */
export const cropping1d = (args?: CroppingArgs): Cropping1D => own.make(Cropping1D, args);

/** [batch, height, width, channels] -> [batch, height - cropping, width - cropping, channels] */
export class Cropping2D extends Cropping {
  static override className = 'Cropping2D';

  constructor(args: CroppingArgs = {}) {
    super(args, 2, 0);
  }
}

/**
 * Removes the borders of images. [batch, h, w, channels] -> [batch, h - cropping, w - cropping, channels]
 * @throws ArgumentError for cropping of another form; ShapeError if nothing is left
 * @example
 * // [[top, bottom], [left, right]]
 * sg.layers.cropping2D({ cropping: [[1, 2], [0, 3]] }).apply(sg.ones([1, 5, 5, 3])).shape; // [1, 2, 2, 3]
 */
export const cropping2D = (args?: CroppingArgs): Cropping2D => own.make(Cropping2D, args);

/** Same as `cropping2D`. */
export const cropping2d = cropping2D;

/** [batch, depth, height, width, channels] -> the same with its space cropped */
export class Cropping3D extends Cropping {
  static override className = 'Cropping3D';

  constructor(args: CroppingArgs = {}) {
    super(args, 3, 1);
  }
}

/**
 * Removes the borders of volumes, by default 1. [batch, d, h, w, channels] -> the same with d, h and w reduced
 * @throws ArgumentError for cropping of another form; ShapeError if nothing is left
 * @example
 * sg.layers.cropping3d().apply(sg.ones([1, 3, 3, 3, 2])).shape; // [1, 1, 1, 1, 2]
 */
export const cropping3d = (args?: CroppingArgs): Cropping3D => own.make(Cropping3D, args);

/** Settings of `upSampling1d` and its siblings. */
export interface UpSamplingArgs extends SpatialArgs {
  /** Factors of the sizes: one number, or one for each dimension; default 2. */
  size?: PerDimension;
  /** 'nearest' (default) repeats elements, 'bilinear' interpolates between their centers. */
  interpolation?: 'nearest' | 'bilinear';
}

/** Every dimension of the space becomes `size` times as long. */
abstract class UpSampling extends SpatialLayer {
  static override accepts(): is.Table {
    return { size: is.sizes(), interpolation: is.text(), ...SpatialLayer.accepts() };
  }

  readonly #size: readonly number[];
  readonly #interpolation: 'nearest' | 'bilinear';

  constructor(args: UpSamplingArgs, dims: number) {
    super(args, dims);
    const where = this.className;
    this.#size = numbers(args.size ?? 2, dims, `${where}: size`);
    this.#interpolation = oneOf(['nearest', 'bilinear'], args.interpolation ?? 'nearest', 'interpolation', where);
  }

  call(x: Tensor): Tensor {
    const resize = this.#interpolation === 'nearest' ? resizeNearestNeighbor : resizeBilinear;
    this.order.space(x.shape);
    // The last dimension first; each as the height of an image of width 1.
    return this.order.spatial.reduceRight((y, axis, d) => {
      const shape = [...y.shape];
      const length = (shape[axis] as number) * (this.#size[d] as number);
      const image = reshape(y, [sizeOf(shape.slice(0, axis)), shape[axis] as number, 1, sizeOf(shape.slice(axis + 1))]);
      shape[axis] = length;
      return reshape(resize(image, [length, 1], false, true), shape);
    }, x);
  }

  protected outputSpace(space: readonly Size[]): Size[] {
    return space.map((n, d) => n && n * (this.#size[d] as number));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), size: [...this.#size], interpolation: this.#interpolation };
  }
}

/** [batch, steps, channels] -> [batch, steps · size, channels] */
export class UpSampling1D extends UpSampling {
  static override className = 'UpSampling1D';

  constructor(args: UpSamplingArgs = {}) {
    super(args, 1);
  }
}

/**
 * Repeats or interpolates steps, by default twice. [batch, steps, channels] -> [batch, steps · size, channels]
 * @throws ArgumentError for a size that is not a positive integer, or an unknown interpolation
 * @example
 * sg.layers.upSampling1d().apply(sg.ones([1, 5, 3])).shape; // [1, 10, 3]
 */
export const upSampling1d = (args?: UpSamplingArgs): UpSampling1D => own.make(UpSampling1D, args);

/** [batch, height, width, channels] -> [batch, height · size, width · size, channels] */
export class UpSampling2D extends UpSampling {
  static override className = 'UpSampling2D';

  constructor(args: UpSamplingArgs = {}) {
    super(args, 2);
  }
}

/**
 * Enlarges images, by default twice. [batch, h, w, channels] -> [batch, h · size, w · size, channels]
 * @throws ArgumentError for a size that is not a positive integer, or an unknown interpolation
 * @example
 * sg.layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }).apply(sg.ones([1, 5, 5, 3])).shape; // [1, 10, 15, 3]
 */
export const upSampling2d = (args?: UpSamplingArgs): UpSampling2D => own.make(UpSampling2D, args);

/** [batch, depth, height, width, channels] -> the same with its space `size` times as long */
export class UpSampling3D extends UpSampling {
  static override className = 'UpSampling3D';

  constructor(args: UpSamplingArgs = {}) {
    super(args, 3);
  }
}

/**
 * Enlarges volumes, by default twice. [batch, d, h, w, channels] -> the same with d, h and w multiplied
 * @throws ArgumentError for a size that is not a positive integer, or an unknown interpolation
 * @example
 * sg.layers.upSampling3d().apply(sg.ones([1, 2, 2, 2, 3])).shape; // [1, 4, 4, 4, 3]
 */
export const upSampling3d = (args?: UpSamplingArgs): UpSampling3D => own.make(UpSampling3D, args);
