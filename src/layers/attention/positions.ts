/** Layers that encode the position of an element in its sequence. */

import { fill } from '../../ops/create/creation';
import { range } from '../../ops/create/sequences';
import { add, broadcastTo, cos, div, mul, neg, pow, sin } from '../../ops/math/arithmetic';
import { concat, reshape, slice } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { normalizeAxis, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { type CallArgs, callArgsOf } from '../base/call';
import type { LayerArgs } from '../base/layer';
import { serialize } from '../base/serialize';
import { make } from '../base/settings';
import { SameShape } from '../base/shape-preserving';
import type { PartialShape } from '../base/shapes';
import { channelsOf } from '../core/core';
import { getInitializer, type Initializer, type InitializerIdentifier } from '../weights/initializers';

/** Arguments of a call of a position layer. */
export interface PositionCallArgs extends CallArgs {
  /** Position of the first element; default 0. */
  readonly startIndex?: number;
}

/** Settings of `positionEmbedding`. */
export interface PositionEmbeddingArgs extends LayerArgs {
  /** Length of the longest sequence. */
  sequenceLength: number;
  /** Initializer of the vectors; default 'glorotUniform'. */
  initializer?: InitializerIdentifier;
}

/** A learned vector for each position. [..., time, dim] -> [..., time, dim], whatever the elements are. */
export class PositionEmbedding extends SameShape {
  static override className = 'PositionEmbedding';

  static override accepts(): is.Table {
    return { sequenceLength: is.required(is.count()), initializer: is.rule(), ...SameShape.accepts() };
  }

  readonly #length: number;
  readonly #initializer: Initializer;
  #embeddings!: Variable;

  constructor(args: PositionEmbeddingArgs) {
    super(args);
    this.#length = args.sequenceLength;
    this.#initializer = getInitializer(args.initializer ?? 'glorotUniform', 'positionEmbedding');
  }

  override build(inputShape: PartialShape): void {
    const shape = [this.#length, channelsOf(inputShape, this.name)];
    this.#embeddings = this.addWeight({ name: 'embeddings', shape, initializer: this.#initializer });
  }

  override get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor, 'startIndex');
  }

  call(x: Tensor, args?: PositionCallArgs | null): Tensor {
    const { startIndex = 0 } = args ?? {};
    const [time, dim] = x.shape.slice(-2) as [number, number];
    if (x.rank < 2 || startIndex + time > this.#length)
      throw new ShapeError(
        `${this.name}: ${showShape(x.shape)} from position ${startIndex} on is longer than sequenceLength ${this.#length}`,
      );
    return broadcastTo(slice(this.#embeddings, [startIndex, 0], [time, dim]), x.shape);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), sequenceLength: this.#length, initializer: serialize(this.#initializer) };
  }
}

/**
 * A learned vector for each position, to be added to the embeddings of the elements. [..., time, dim] -> [..., time,
 * dim]; `startIndex` in the call is the position of the first element.
 * @throws ArgumentError if sequenceLength is not a positive integer; ShapeError for longer sequences
 * @example
 * sg.layers.positionEmbedding({ sequenceLength: 64 }).apply(sg.ones([2, 10, 8])).shape; // [2, 10, 8]
 */
export const positionEmbedding = (args: PositionEmbeddingArgs): PositionEmbedding => make(PositionEmbedding, args);

/** [time, count]: position times maxWavelength to the power of -2 i / dim, for i from 0 on */
function angles(start: number, time: number, count: number, dim: number, maxWavelength: number): Tensor {
  const exponents = div(range(0, 2 * count, 2), -dim);
  const positions = reshape(add(range(0, time), start), [time, 1]);
  return mul(positions, pow(fill([], maxWavelength), exponents));
}

/** Settings of `sinePositionEncoding`. */
export interface SinePositionEncodingArgs extends LayerArgs {
  /** Longest period of the waves; default 10000. */
  maxWavelength?: number;
}

/**
 * Waves of the position (Vaswani et al., 2017): sines at even, cosines at odd indices of the last dimension. [...,
 * time, dim] -> [..., time, dim], whatever the elements are.
 */
export class SinePositionEncoding extends SameShape {
  static override className = 'SinePositionEncoding';

  static override accepts(): is.Table {
    return { maxWavelength: is.positive(), ...SameShape.accepts() };
  }

  readonly #maxWavelength: number;

  constructor(args: SinePositionEncodingArgs = {}) {
    super(args);
    this.#maxWavelength = args.maxWavelength ?? 10000;
  }

  override get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor, 'startIndex');
  }

  call(x: Tensor, args?: PositionCallArgs | null): Tensor {
    const { startIndex = 0 } = args ?? {};
    if (x.rank < 2) throw new ShapeError(`${this.name}: needs [..., time, dim], got ${showShape(x.shape)}`);
    const [time, dim] = x.shape.slice(-2) as [number, number];
    const half = Math.ceil(dim / 2);
    const angle = reshape(angles(startIndex, time, half, dim, this.#maxWavelength), [time, half, 1]);
    const waves = reshape(concat([sin(angle), cos(angle)], 2), [time, 2 * half]);
    return broadcastTo(slice(waves, [0, 0], [time, dim]), x.shape);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), maxWavelength: this.#maxWavelength };
  }
}

/**
 * Sines and cosines of the position, to be added to the embeddings (Vaswani et al., 2017). [..., time, dim] -> [...,
 * time, dim]; the longest period is 10000 by default.
 * @throws ArgumentError if maxWavelength is not positive; ShapeError for inputs of less than two dimensions
 * @example
 * sg.layers.sinePositionEncoding().apply(sg.ones([1, 1, 4])).arraySync(); // [[[0, 1, 0, 1]]]
 */
export const sinePositionEncoding = (args?: SinePositionEncodingArgs): SinePositionEncoding =>
  make(SinePositionEncoding, args);

/** Settings of `rotaryEmbedding`. */
export interface RotaryEmbeddingArgs extends LayerArgs {
  /** Longest period; default 10000. */
  maxWavelength?: number;
  /** Divisor of the angles; default 1. */
  scalingFactor?: number;
  /** Dimension of the positions; default 1. */
  sequenceAxis?: number;
  /** Dimension whose two halves are paired and rotated; default -1. */
  featureAxis?: number;
}

/**
 * Rotates pairs of features by angles that grow with the position (Su et al., 2021): for queries and keys, whose
 * products then depend on distances. Feature i pairs with feature i + dim / 2. The shape stays.
 */
export class RotaryEmbedding extends SameShape {
  static override className = 'RotaryEmbedding';

  static override accepts(): is.Table {
    return {
      maxWavelength: is.positive(),
      scalingFactor: is.positive(),
      sequenceAxis: is.integer(),
      featureAxis: is.integer(),
      ...SameShape.accepts(),
    };
  }

  readonly #settings: Required<Omit<RotaryEmbeddingArgs, keyof LayerArgs>>;

  constructor(args: RotaryEmbeddingArgs = {}) {
    super(args);
    const { maxWavelength = 10000, scalingFactor = 1, sequenceAxis = 1, featureAxis = -1 } = args;
    this.#settings = { maxWavelength, scalingFactor, sequenceAxis, featureAxis };
  }

  override get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor, 'startIndex');
  }

  call(x: Tensor, args?: PositionCallArgs | null): Tensor {
    const { startIndex = 0 } = args ?? {};
    const { maxWavelength, scalingFactor, sequenceAxis, featureAxis } = this.#settings;
    const [s, f] = [sequenceAxis, featureAxis].map((a) => normalizeAxis(a, x.rank, this.name)) as [number, number];
    const [time, dim] = [x.shape[s], x.shape[f]] as [number, number];
    if (s >= f || dim % 2)
      throw new ArgumentError(
        `${this.name}: featureAxis must be of an even size and come after sequenceAxis, got ${show(s)} and ${f} of ${showShape(x.shape)}`,
      );
    const shape = x.shape.map((_, i) => (i === s ? time : i === f ? dim / 2 : 1));
    const angle = reshape(div(angles(startIndex, time, dim / 2, dim, maxWavelength), scalingFactor), shape);
    const part = (from: number): Tensor =>
      slice(
        x,
        x.shape.map((_, i) => (i === f ? from : 0)),
        x.shape.map((d, i) => (i === f ? dim / 2 : d)),
      );
    const [a, b, c, d] = [part(0), part(dim / 2), cos(angle), sin(angle)];
    return concat([add(mul(a, c), mul(neg(b), d)), add(mul(b, c), mul(a, d))], f);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#settings };
  }
}

/**
 * Rotates pairs of features by angles that grow with the position (Su et al., 2021), for queries and keys. The shape is
 * kept.
 * @throws ArgumentError if the feature dimension has an odd size
 * @example
 * sg.layers.rotaryEmbedding().apply(sg.ones([2, 10, 8])).shape; // [2, 10, 8]
 */
export const rotaryEmbedding = (args?: RotaryEmbeddingArgs): RotaryEmbedding => make(RotaryEmbedding, args);
