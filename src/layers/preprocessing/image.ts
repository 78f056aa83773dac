/** Layers that change the size of images. */
import { resizeBilinear, resizeNearestNeighbor } from '../../ops/image/resize';
import { expandDims, pad, slice, squeeze } from '../../ops/shape/shaping';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs } from '../base/call';
import { make } from '../base/settings';
import type { PartialShape } from '../base/shapes';
import { oneOf, type Size } from '../conv/space';
import { type SpatialArgs, SpatialLayer } from '../conv/spatial';

/**
 * Base class of layers from images to images of the same number of channels: [batch, height, width, channels], or
 * without the batch.
 */
export abstract class ImageLayer extends SpatialLayer {
  constructor(args: SpatialArgs) {
    super(args, 2);
  }

  /** The mathematics, on a batch with its channels last. @internal */
  protected abstract image(x: Tensor, args: CallArgs): Tensor;

  /** Height and width of the output. @internal */
  protected outputSpace(space: readonly Size[]): readonly Size[] {
    return space;
  }

  call(x: Tensor, called?: CallArgs | null): Tensor {
    const args = called ?? {};
    if (x.rank === 3) return squeeze(this.call(expandDims(x), args), [0]);
    return this.order.last(x, (t) => this.image(t, args));
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    if (inputShape.length === 3) return super.computeOutputShape([1, ...inputShape]).slice(1);
    return super.computeOutputShape(inputShape);
  }
}

/** Images of a given height and width. */
abstract class Sized extends ImageLayer {
  static override accepts(): is.Table {
    return { height: is.required(is.count()), width: is.required(is.count()), ...ImageLayer.accepts() };
  }

  /** Height and width. @internal */
  protected readonly size: readonly [number, number];

  constructor(args: CenterCropArgs) {
    super(args);
    this.size = [args.height, args.width];
  }

  protected override outputSpace(): readonly [number, number] {
    return this.size;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), height: this.size[0], width: this.size[1] };
  }
}

/** How values between pixels are computed. */
export type Interpolation = 'bilinear' | 'nearest';

/** Resizes, so that the centers of pixels keep their places. */
export const resized = (x: Tensor, size: readonly [number, number], method: Interpolation): Tensor =>
  (method === 'nearest' ? resizeNearestNeighbor : resizeBilinear)(x, size, false, true);

/** The middle of images. */
const middle = (x: Tensor, [height, width]: readonly [number, number]): Tensor => {
  const start = (d: number, size: number): number => Math.floor(((x.shape[d] as number) - size) / 2);
  return slice(x, [0, start(1, height), start(2, width), 0], [-1, height, width, -1]);
};

/** Height and width with the aspect ratio of `to`: `choose` picks from the present size and that which fits. */
function aspect(
  x: Tensor,
  [height, width]: readonly [number, number],
  choose: (own: number, other: number) => number,
): readonly [number, number] {
  const [h, w] = [x.shape[1] as number, x.shape[2] as number];
  return [choose(h, Math.floor((w * height) / width)), choose(w, Math.floor((h * width) / height))];
}

/** The largest part in the middle that has the aspect ratio of `to`. */
const cropTo = (x: Tensor, to: readonly [number, number]): Tensor =>
  middle(
    x,
    aspect(x, to, (own, other) => Math.max(1, Math.min(own, other))),
  );

/** Settings of `centerCrop`. */
export interface CenterCropArgs extends SpatialArgs {
  /** Height of the output. */
  height: number;
  /** Width of the output. */
  width: number;
}

/** The center of images; smaller images are resized, after what does not fit the aspect ratio is cropped. */
export class CenterCrop extends Sized {
  static override className = 'CenterCrop';

  protected image(x: Tensor): Tensor {
    const fits = this.size.every((s, d) => (x.shape[d + 1] as number) >= s);
    return fits ? middle(x, this.size) : resized(cropTo(x, this.size), this.size, 'bilinear');
  }
}

/**
 * Crops the center of images; smaller images are resized. [batch, h, w, channels] -> [batch, height, width, channels]
 * @throws ArgumentError if height or width is not a positive integer
 * @example
 * sg.layers.centerCrop({ height: 2, width: 2 }).apply(sg.ones([1, 5, 5, 3])).shape; // [1, 2, 2, 3]
 */
export const centerCrop = (args: CenterCropArgs): CenterCrop => make(CenterCrop, args);

/** Settings of `resizing`. */
export interface ResizingArgs extends CenterCropArgs {
  /** 'bilinear' (default) or 'nearest'. */
  interpolation?: 'nearest' | 'bilinear';
  /** Whether images are cropped to the aspect ratio first; default false: they are distorted. */
  cropToAspectRatio?: boolean;
  /** Whether images are padded to the aspect ratio first; default false. */
  padToAspectRatio?: boolean;
  /** Value of the padding; default 0. */
  fillValue?: number;
}

/** Images of another size; the centers of pixels keep their positions. */
export class Resizing extends Sized {
  static override className = 'Resizing';

  static override accepts(): is.Table {
    return {
      interpolation: is.text(),
      cropToAspectRatio: is.flag(),
      padToAspectRatio: is.flag(),
      fillValue: is.real(),
      ...Sized.accepts(),
    };
  }

  readonly #interpolation: Interpolation;
  readonly #crop: boolean;
  readonly #pad: boolean;
  readonly #fillValue: number;

  constructor(args: ResizingArgs) {
    super(args);
    const methods = ['bilinear', 'nearest'] as const;
    this.#interpolation = oneOf(methods, args.interpolation ?? 'bilinear', 'interpolation', this.className);
    this.#crop = args.cropToAspectRatio ?? false;
    this.#pad = args.padToAspectRatio ?? false;
    this.#fillValue = args.fillValue ?? 0;
    if (this.#crop && this.#pad)
      throw new ArgumentError('Resizing: cropToAspectRatio and padToAspectRatio exclude each other');
  }

  #padded(x: Tensor): Tensor {
    const pairs = aspect(x, this.size, Math.max).map((size, d): readonly [number, number] => {
      const more = size - (x.shape[d + 1] as number);
      return [Math.floor(more / 2), more - Math.floor(more / 2)];
    });
    return pad(x, [[0, 0], ...pairs, [0, 0]], this.#fillValue);
  }

  protected image(x: Tensor): Tensor {
    if (x.size === 0) throw new ShapeError(`${this.name}: images of ${showShape(x.shape)} have no pixels`);
    const fitted = this.#crop ? cropTo(x, this.size) : this.#pad ? this.#padded(x) : x;
    return resized(fitted, this.size, this.#interpolation);
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      interpolation: this.#interpolation,
      cropToAspectRatio: this.#crop,
      padToAspectRatio: this.#pad,
      fillValue: this.#fillValue,
    };
  }
}

/**
 * Resizes images, by default with bilinear interpolation between the centers of pixels. [batch, h, w, channels] ->
 * [batch, height, width, channels]
 * @throws ArgumentError if height or width is not a positive integer, or for an unknown interpolation
 * @example
 * sg.layers.resizing({ height: 2, width: 3 }).apply(sg.ones([1, 5, 5, 3])).shape; // [1, 2, 3, 3]
 */
export const resizing = (args: ResizingArgs): Resizing => make(Resizing, args);
