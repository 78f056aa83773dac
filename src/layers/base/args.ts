/** Settings of layers and of their weights. */
import type { DType } from '../../tensor/dtype';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { ConstraintIdentifier } from '../weights/constraints';
import type { InitializerIdentifier } from '../weights/initializers';
import type { RegularizerIdentifier } from '../weights/regularizers';
import type { PartialShape } from './shapes';

/** Settings of all layers. */
export interface LayerArgs {
  /** Name of the layer; by default made from its class and a counter, such as `dense_1`. */
  name?: string | null;
  /** Whether optimizers change the weights; default true. */
  trainable?: boolean;
  /**
   * Shape of one example, for the first layer of a model; a number is one dimension, null one whose size may vary. By
   * default the first call determines it.
   */
  inputShape?: PartialShape | number;
  /** Shape with the batch, for the first layer of a model, instead of `inputShape`; none by default. */
  batchInputShape?: PartialShape;
  /** Number of examples in a batch, given with `inputShape`; default null, any number. */
  batchSize?: number;
  /** Type of the input, for the first layer of a model; default 'float32'. */
  dtype?: DType;
  /** Same as `dtype`, and takes precedence over it. */
  inputDType?: DType;
  /** Initial values of the weights, in the order of `getWeights`, read when the layer is built; by default initializers make them. */
  weights?: readonly Tensor[] | null;
  /** Penalty on the output of the layer, added to the loss; none by default. */
  activityRegularizer?: RegularizerIdentifier | null;
}

/** Description of a weight for `addWeight`. */
export interface WeightSpec {
  /** Name of the weight, unique within the layer. */
  readonly name: string;
  /** Shape of the weight. */
  readonly shape: Shape;
  /** Element type; default 'float32'. */
  readonly dtype?: DType;
  /** Default 'glorotUniform'. */
  readonly initializer?: InitializerIdentifier;
  /** Penalty on the weight, added to the loss; none by default. */
  readonly regularizer?: RegularizerIdentifier | null;
  /** Applied to the weight after each step of the optimizer; none by default. */
  readonly constraint?: ConstraintIdentifier | null;
  /** Whether optimizers change the weight; default true. */
  readonly trainable?: boolean;
}
