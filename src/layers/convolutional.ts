import { conv2d } from '../ops/convolution';
import { avgPool, maxPool } from '../ops/pooling';
import { max, mean } from '../ops/reduce';
import { type Padding, steps } from '../ops/window';
import { ArgumentError, ShapeError } from '../runtime/errors';
import { showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { channelsOf, positiveInteger } from './core';
import { type KernelArgs, KernelLayer } from './kernel';
import { Layer, type LayerArgs } from './layer';
import type { PartialShape } from './shapes';

type Pair = readonly [number, number];

function toPair(value: number | readonly number[], where: string): Pair {
  const [a, b = a] = typeof value === 'number' ? [value] : value;
  return [positiveInteger(a, where), positiveInteger(b, where)];
}

function checkPadding(padding: string, where: string): 'valid' | 'same' {
  if (padding !== 'valid' && padding !== 'same')
    throw new ArgumentError(`${where}: padding must be 'valid' or 'same', got '${padding}'`);
  return padding;
}

function checkFormat(format: string | undefined, where: string): void {
  if (format !== undefined && format !== 'channelsLast')
    throw new ArgumentError(`${where}: dataFormat must be 'channelsLast', got '${format}'`);
}

/** Output size of a window along both dimensions; null where the input's size is not known. */
function outputSize(
  where: string,
  shape: PartialShape,
  window: Pair,
  strides: Pair,
  padding: Padding,
  dilations: Pair,
): (number | null)[] {
  if (shape.length !== 4)
    throw new ShapeError(`${where}: needs an input of [batch, height, width, channels], got ${showShape(shape)}`);
  const size = [shape[1] ?? null, shape[2] ?? null] as const;
  return ([0, 1] as const).map((d) => {
    const length = size[d];
    if (length === null) return null;
    const reach = (window[d] - 1) * dilations[d] + 1;
    if (padding === 'valid' && reach > length)
      throw new ShapeError(
        `${where}: a window of ${window.join('x')} does not fit into ${showShape(shape)}; use padding 'same' or a smaller window`,
      );
    return steps(where, [length], [window[d]], [strides[d]], padding, [dilations[d]])[0]?.count ?? null;
  });
}

export interface Conv2DArgs extends KernelArgs {
  /** Channels of the output. */
  filters: number;
  kernelSize: number | readonly number[];
  /** Default 1. */
  strides?: number | readonly number[];
  /** Default 'valid'. */
  padding?: string;
  dilationRate?: number | readonly number[];
  dataFormat?: string;
}

/** y = activation(conv(x, kernel) + bias); kernel: [height, width, channels, filters]. */
export class Conv2D extends KernelLayer {
  static override className = 'Conv2D';
  readonly #filters: number;
  readonly #kernelSize: Pair;
  readonly #strides: Pair;
  readonly #dilations: Pair;
  readonly #padding: 'valid' | 'same';

  constructor(args: Conv2DArgs) {
    super(args, 'conv2d');
    checkFormat(args.dataFormat, 'conv2d');
    this.#filters = positiveInteger(args.filters, 'conv2d: filters');
    this.#kernelSize = toPair(args.kernelSize, 'conv2d: kernelSize');
    this.#strides = toPair(args.strides ?? 1, 'conv2d: strides');
    this.#dilations = toPair(args.dilationRate ?? 1, 'conv2d: dilationRate');
    this.#padding = checkPadding(args.padding ?? 'valid', 'conv2d');
  }

  override build(inputShape: PartialShape): void {
    this.makeWeights([...this.#kernelSize, channelsOf(inputShape, this.name), this.#filters], this.#filters);
  }

  call(x: Tensor): Tensor {
    return this.finish(conv2d(x, this.kernel, this.#strides, this.#padding, 'NHWC', this.#dilations));
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    const size = outputSize(this.name, inputShape, this.#kernelSize, this.#strides, this.#padding, this.#dilations);
    return [inputShape[0] ?? null, ...size, this.#filters];
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.#filters,
      kernelSize: [...this.#kernelSize],
      strides: [...this.#strides],
      padding: this.#padding,
      dilationRate: [...this.#dilations],
    };
  }
}

export interface Pooling2DArgs extends LayerArgs {
  /** Default 2. */
  poolSize?: number | readonly number[];
  /** Default: the pool size. */
  strides?: number | readonly number[] | null;
  /** Default 'valid'. */
  padding?: string;
  dataFormat?: string;
}

abstract class Pooling2D extends Layer {
  readonly #poolSize: Pair;
  readonly #strides: Pair;
  readonly #padding: 'valid' | 'same';

  constructor(args: Pooling2DArgs, where: string) {
    super(args);
    checkFormat(args.dataFormat, where);
    this.#poolSize = toPair(args.poolSize ?? 2, `${where}: poolSize`);
    this.#strides = toPair(args.strides ?? this.#poolSize, `${where}: strides`);
    this.#padding = checkPadding(args.padding ?? 'valid', where);
  }

  protected abstract readonly pool: typeof maxPool;

  call(x: Tensor): Tensor {
    return this.pool(x, this.#poolSize, this.#strides, this.#padding);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return [
      inputShape[0] ?? null,
      ...outputSize(this.name, inputShape, this.#poolSize, this.#strides, this.#padding, [1, 1]),
      inputShape[3] ?? null,
    ];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), poolSize: [...this.#poolSize], strides: [...this.#strides], padding: this.#padding };
  }
}

/** Maximum of each window, by default 2 x 2 without overlap. */
export class MaxPooling2D extends Pooling2D {
  static override className = 'MaxPooling2D';
  protected readonly pool = maxPool;

  constructor(args: Pooling2DArgs = {}) {
    super(args, 'maxPooling2d');
  }
}

/** Mean of each window, by default 2 x 2 without overlap; padding is not counted. */
export class AveragePooling2D extends Pooling2D {
  static override className = 'AveragePooling2D';
  protected readonly pool = avgPool;

  constructor(args: Pooling2DArgs = {}) {
    super(args, 'averagePooling2d');
  }
}

abstract class GlobalPooling2D extends Layer {
  protected abstract readonly reduce: typeof mean;

  call(x: Tensor): Tensor {
    return this.reduce(x, [1, 2]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    if (inputShape.length !== 4)
      throw new ShapeError(
        `${this.name}: needs an input of [batch, height, width, channels], got ${showShape(inputShape)}`,
      );
    return [inputShape[0] ?? null, inputShape[3] ?? null];
  }
}

/** [batch, height, width, channels] -> [batch, channels], the mean of each channel. */
export class GlobalAveragePooling2D extends GlobalPooling2D {
  static override className = 'GlobalAveragePooling2D';
  protected readonly reduce = mean;
}

/** [batch, height, width, channels] -> [batch, channels], the maximum of each channel. */
export class GlobalMaxPooling2D extends GlobalPooling2D {
  static override className = 'GlobalMaxPooling2D';
  protected readonly reduce = max;
}
