/** What layers, and their weights, are made of. */
import type { DType } from '../../tensor/dtype';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { ConstraintIdentifier } from '../weights/constraints';
import type { InitializerIdentifier } from '../weights/initializers';
import type { RegularizerIdentifier } from '../weights/regularizers';
import type { PartialShape } from './shapes';

export interface LayerArgs {
  name?: string | null;
  /** False: optimizers leave the weights alone. */
  trainable?: boolean;
  /** Shape of one example, for the first layer of a model; a number stands for one dimension. */
  inputShape?: PartialShape | number;
  /** Shape with the batch, for the first layer of a model. */
  batchInputShape?: PartialShape;
  /** Number of examples, if it is fixed. */
  batchSize?: number;
  /** Type of the input, for the first layer of a model. */
  dtype?: DType;
  /** Same as `dtype`, which it goes before. */
  inputDType?: DType;
  /** Initial values of the weights, in the order of `getWeights`; they are read when the layer is built. */
  weights?: readonly Tensor[] | null;
  /** A penalty on what the layer gives. */
  activityRegularizer?: RegularizerIdentifier | null;
}

/** A weight and how it is told apart. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype?: DType;
  /** Default 'glorotUniform'. */
  readonly initializer?: InitializerIdentifier;
  readonly regularizer?: RegularizerIdentifier | null;
  readonly constraint?: ConstraintIdentifier | null;
  readonly trainable?: boolean;
}
