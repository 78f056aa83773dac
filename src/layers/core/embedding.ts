/** Tables of vectors. */

import { apply } from '../../ops/core/dispatch';
import * as indexing from '../../ops/descriptors/indexing';
import { cast, notEqual } from '../../ops/math/arithmetic';
import { reshape } from '../../ops/shape/shaping';
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Mask } from '../base/call';
import { Layer, type LayerArgs } from '../base/layer';
import { serialize } from '../base/serialize';
import * as own from '../base/settings';
import { listOf, type PartialShape, type Shapes, type Tensors } from '../base/shapes';
import type { ConstraintIdentifier } from '../weights/constraints';
import type { InitializerIdentifier } from '../weights/initializers';
import type { RegularizerIdentifier } from '../weights/regularizers';
import { rulesConfig, type WeightArgs, type WeightRules, weightRules } from '../weights/weight-rules';

/** Settings of `embedding`. */
export interface EmbeddingArgs extends LayerArgs, WeightArgs<'embeddings'> {
  /** Initializer of the rows; default 'randomUniform'. */
  embeddingsInitializer?: InitializerIdentifier;
  /** Penalty on the rows; none by default. */
  embeddingsRegularizer?: RegularizerIdentifier | null;
  /** Constraint of the rows; none by default. */
  embeddingsConstraint?: ConstraintIdentifier | null;
  /** Number of rows: inputs are integers below it. */
  inputDim: number;
  /** Size of a row. */
  outputDim: number;
  /** Whether index 0 is padding, which is masked in later layers; default false. */
  maskZero?: boolean;
  /** Number of steps; default null, any number. */
  inputLength?: number | PartialShape;
}

/** The rows of a table that integers name. [batch, ...] -> [batch, ..., outputDim] */
export class Embedding extends Layer {
  static override className = 'Embedding';

  static override accepts(): is.Table {
    return {
      ...own.rulesOf('embeddings'),
      inputDim: is.required(is.count()),
      outputDim: is.required(is.count()),
      maskZero: is.flag(),
      inputLength: is.shape(),
      ...Layer.accepts(),
    };
  }

  readonly #args: EmbeddingArgs;
  readonly #rules: WeightRules;
  #table!: Variable;

  constructor(args: EmbeddingArgs) {
    const isGiven = args.inputShape || args.batchInputShape;
    super(isGiven ? args : { ...args, batchInputShape: [args.batchSize ?? null, ...listOf(args.inputLength ?? null)] });
    this.#args = args;
    this.supportsMasking = args.maskZero ?? false;
    this.#rules = weightRules(args, 'embeddings', 'randomUniform', 'embedding');
  }

  override get takesOne(): boolean {
    return true;
  }

  override build(): void {
    const { inputDim, outputDim } = this.#args;
    this.#table = this.addWeight({ name: 'embeddings', shape: [inputDim, outputDim], ...this.#rules });
  }

  call(x: Tensor): Tensor {
    const { inputDim, outputDim } = this.#args;
    const rows = reshape(this.#table, [1, 1, inputDim, outputDim]);
    const indices = reshape(cast(x, 'int32'), [1, x.size]);
    return reshape(apply(indexing.gather, [rows, indices], { drop: false, label: this.name }), [...x.shape, outputDim]);
  }

  override computeMask(x: Tensors): Mask {
    return this.#args.maskZero ? notEqual(x as Tensor, 0) : undefined;
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return [...inputShape, this.#args.outputDim];
  }

  // Indices may come in any number.
  override ensureBuilt(inputShape: Shapes): void {
    if (!this.built) super.ensureBuilt(inputShape);
  }

  override getConfig(): Record<string, unknown> {
    const { inputDim, outputDim, maskZero = false, inputLength } = this.#args;
    return {
      ...super.getConfig(),
      inputDim,
      outputDim,
      maskZero,
      inputLength,
      activityRegularizer: serialize(this.activityRegularizer),
      ...rulesConfig('embeddings', this.#rules),
    };
  }
}

/**
 * Lookup table of learned vectors, indexed by integers. [batch, ...] -> [batch, ..., outputDim]
 * @throws ArgumentError if a size is not a positive integer; when called, IndexError for an index outside the table
 * @example
 * sg.layers.embedding({ inputDim: 1000, outputDim: 16 }).apply(sg.tensor([[4, 999]], [1, 2], 'int32')).shape; // [1, 2, 16]
 */
export const embedding = (args: EmbeddingArgs): Embedding => own.make(Embedding, args);
