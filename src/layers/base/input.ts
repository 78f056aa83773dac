/** Inputs of models. */
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { Layer, type LayerArgs } from './layer';
import { make } from './settings';
import type { PartialShape } from './shapes';
import { Connection, SymbolicTensor } from './symbolic';

/** Stands for the input of a model; passes it on. */
export class InputLayer extends Layer {
  static override className = 'InputLayer';

  static override accepts(): is.Table {
    return { sparse: is.given('false: there are no sparse tensors', (v) => v === false), ...Layer.accepts() };
  }

  readonly symbol: SymbolicTensor;

  constructor(args: LayerArgs) {
    super(args);
    const shape = this.batchInputShape;
    if (!shape) throw new ArgumentError('inputLayer: inputShape or batchInputShape is needed');
    this.supportsMasking = true;
    const connection = new Connection(this, [], false, false, {});
    this.symbol = new SymbolicTensor(shape, this.dtype, connection, 0);
    connection.outputs = [this.symbol];
    this.connections.push(connection);
    this.ensureBuilt(shape);
  }

  call(x: Tensor): Tensor {
    return x;
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return inputShape;
  }
}

/** Gives a model the shape of its input. @throws ArgumentError without inputShape or batchInputShape */
export const inputLayer = (args: LayerArgs): InputLayer => make(InputLayer, args);

export interface InputArgs {
  /** Shape of one example; null where a dimension may differ from call to call; a number stands for one dimension. */
  shape?: PartialShape | number;
  /** Shape with the batch. */
  batchShape?: PartialShape;
  /** Number of examples, if it is fixed. */
  batchSize?: number;
  name?: string;
  dtype?: DType;
  /** There are no sparse tensors: false. */
  sparse?: false;
}

/**
 * An input of a functional model.
 * @throws ArgumentError without a shape
 * @example
 * const image = sg.input({ shape: [28, 28, 1] });
 */
export function input(args: InputArgs): SymbolicTensor {
  const { name, dtype, batchSize, sparse } = InputLayer.accepts();
  const table = { shape: is.shape(), batchShape: is.shape(), batchSize, name, dtype, sparse } as is.Table;
  const { shape, batchShape, ...rest } = is.checked('input', table, args) as InputArgs;
  if (!shape && !batchShape) throw new ArgumentError('input: give the shape of one example, or batchShape');
  return new InputLayer({
    ...rest,
    batchInputShape: batchShape ?? [rest.batchSize ?? null, ...[shape as PartialShape].flat()],
  }).symbol;
}
