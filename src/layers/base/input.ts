/** Inputs of models. */
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import { Layer, type LayerArgs } from './layer';
import { make } from './settings';
import type { PartialShape } from './shapes';
import { Connection, SymbolicTensor } from './symbolic';

/** Settings of `inputLayer`. */
export interface InputLayerArgs extends LayerArgs {
  /** Only false, the default: there are no sparse tensors. */
  sparse?: false;
}

/** The input of a model, as a layer; returns its input unchanged. */
export class InputLayer extends Layer {
  static override className = 'InputLayer';

  static override accepts(): is.Table {
    return { sparse: is.given('false: there are no sparse tensors', (v) => v === false), ...Layer.accepts() };
  }

  /** The placeholder that later layers are applied to. */
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

/**
 * Declares the shape of a model's input: [batch, ...inputShape] -> the same.
 * @throws ArgumentError without inputShape or batchInputShape
 * @example
 * const layer = sg.layers.inputLayer({ inputShape: [4] });
 * sg.sequential({ layers: [layer, sg.layers.dense({ units: 2 })] }).outputShape; // [null, 2]
 */
export const inputLayer = (args: InputLayerArgs): InputLayer => make(InputLayer, args);

/** Settings of `sg.input`. */
export interface InputArgs {
  /** Shape of one example, no default without `batchShape`; null where a size may vary, a number is one dimension. */
  shape?: PartialShape | number;
  /** Shape with the batch, instead of `shape`; none by default. */
  batchShape?: PartialShape;
  /** Number of examples in a batch; default null, any number. */
  batchSize?: number;
  /** Name of the input, which named data and `fit` refer to; made by default. */
  name?: string;
  /** Element type; default 'float32'. */
  dtype?: DType;
  /** Only false, the default: there are no sparse tensors. */
  sparse?: false;
}

/**
 * An input of a functional model: a placeholder that layers are applied to.
 * @throws ArgumentError without a shape
 * @example
 * const image = sg.input({ shape: [28, 28, 1] });
 * const logits = sg.layers.dense({ units: 10 }).apply(sg.layers.flatten().apply(image));
 * sg.model({ inputs: image, outputs: logits }).outputShape; // [null, 10]
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
