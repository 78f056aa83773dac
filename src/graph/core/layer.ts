/** A graph, or the part up to some of its nodes, as a layer. */
import type { CallArgs } from '../../layers/base/call';
import { inferShapes, type ProbeSizes } from '../../layers/base/infer';
import { Layer, type LayerArgs } from '../../layers/base/layer';
import { isShapeList, listOf, type PartialShape, type Shapes, shapeList, type Tensors } from '../../layers/base/shapes';
import { cast } from '../../ops/math/arithmetic';
import { ArgumentError, SamegradError, ShapeError, StateError } from '../../support/errors';
import * as is from '../../support/settings';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';

/** Settings of `model.asLayer`. */
export interface GraphLayerArgs extends Omit<LayerArgs, 'weights' | 'activityRegularizer'> {
  /** Names of nodes whose values the layer returns, or one; default: the model's outputs. */
  outputs?: string | readonly string[];
}

/** What the layer needs of a graph model. */
export interface GraphFunction {
  /** Types of the inputs, and sizes that are fixed. */
  readonly inputs: readonly { readonly dtype: string; readonly shape: readonly (number | null)[] | null }[];
  /** Names of its outputs. */
  readonly outputNodes: readonly string[];
  /** Its variables by name. */
  readonly weights: Readonly<Record<string, readonly Variable[]>>;
  /** Values of nodes for some inputs. */
  execute(inputs: readonly Tensor[], outputs: readonly string[], isTraining?: boolean): Tensor | Tensor[];
}

const TYPES: readonly string[] = ['float32', 'int32', 'bool'];

/**
 * Sizes in place of unknown dimensions: whole graphs halve images again and again, and join what they have halved. Where
 * they are too large, smaller ones are tried.
 */
const SIZES: ProbeSizes = [96, 160];

/** The values of a graph's nodes for inputs in the order of `inputNodes`. The weights stay those of the graph model. */
export class GraphLayer extends Layer {
  static override className = 'GraphLayer';

  /** The graph itself says which sizes it takes; a size that differs between calls, such as a length, is right. */
  protected override weightAxis = Number.POSITIVE_INFINITY;

  static override accepts(): is.Table {
    const { name, trainable, dtype, inputDType, inputShape, batchInputShape, batchSize } = Layer.accepts();
    const outputs = is.given('the name of a node, or a list of them', (v) =>
      [v].flat().every((n) => typeof n === 'string'),
    );
    return { name, trainable, dtype, inputDType, inputShape, batchInputShape, batchSize, outputs } as is.Table;
  }

  readonly #graph: GraphFunction;
  readonly #outputs: readonly string[];

  constructor(graph: GraphFunction, args: GraphLayerArgs) {
    super(args);
    this.#graph = graph;
    this.#outputs = [args.outputs ?? graph.outputNodes].flat();
    const weights = Object.values(graph.weights).flat();
    this.trainableWeights = weights.filter((w) => w.dtype === 'float32' && w.rank > 0);
    this.trainable = args.trainable ?? false;
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    const known = this.#known(inputShape);
    try {
      return inferShapes(this, known, SIZES);
    } catch (error) {
      if (!(error instanceof SamegradError)) throw error;
      return this.#smaller(known, error);
    }
  }

  /** With the sizes that the graph fixes, such as that of the batch. */
  #known(inputShape: Shapes): Shapes {
    const { inputs } = this.#graph;
    const known = shapeList(inputShape).map((shape, i): PartialShape => {
      const own = inputs[i]?.shape;
      return own?.length === shape.length ? shape.map((d, k) => d ?? own[k] ?? null) : shape;
    });
    return isShapeList(inputShape) ? known : (known[0] as PartialShape);
  }

  #smaller(inputShape: Shapes, error: SamegradError): Shapes {
    try {
      return inferShapes(this, inputShape);
    } catch {
      throw new ShapeError(
        `${error.message}; its sizes stand for dimensions that are not known: say which sizes they have`,
        {
          cause: error,
        },
      );
    }
  }

  call(inputs: Tensors, args?: CallArgs | null): Tensors {
    const given = listOf(inputs);
    const { inputs: ports } = this.#graph;
    if (given.length !== ports.length)
      throw new ArgumentError(`${this.name}: the graph takes ${ports.length} inputs, got ${given.length}`);
    const fitting = given.map((t, i) => {
      const dtype = ports[i]?.dtype;
      return dtype !== undefined && TYPES.includes(dtype) ? cast(t, dtype as DType) : t;
    });
    return this.#graph.execute(fitting, this.#outputs, args?.training ?? false);
  }

  /** @throws StateError: a graph is a file of its own */
  override getConfig(): Record<string, unknown> {
    throw new StateError(
      `${this.name}: a graph model is not saved inside a model of layers; save the layers after it as a model of their own`,
    );
  }
}
