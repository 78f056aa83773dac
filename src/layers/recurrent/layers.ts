/** The recurrent layers by their names. */
import type { Table } from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { LayerArgs } from '../base/layer';
import { make } from '../base/settings';
import type { RecurrentArgs, RNNCell } from './cell';
import { GRUCell, type GRUCellArgs, LSTMCell, type LSTMCellArgs, SimpleRNNCell } from './cells';
import { type RecurrentOutput, type ReturnStateArgs, RNN, type SequenceArgs } from './rnn';

/** Settings of `simpleRNN`: those of the cell and of the sequence. */
export type SimpleRNNArgs = RecurrentArgs & SequenceArgs;
/** Settings of `lstm`: those of the cell and of the sequence. */
export type LSTMArgs = LSTMCellArgs & SequenceArgs;
/** Settings of `gru`: those of the cell and of the sequence. */
export type GRUArgs = GRUCellArgs & SequenceArgs;

/** Settings of the cell that are not those of the layer around it. */
export function cellArgs<A extends LayerArgs>(args: A): A {
  const { name, inputShape, batchInputShape, batchSize, activityRegularizer, ...rest } = args;
  return rest as A;
}

/** What a layer around a cell accepts: the cell's settings, and those of the sequence. */
export function around(cell: { accepts(): Table }, { cell: _, ...sequence }: Table): Table {
  return { ...cell.accepts(), ...sequence };
}

/** A recurrent layer with the settings of its cell and of the sequence. */
abstract class Named<Out extends Tensor | Tensor[]> extends RNN<Out> {
  constructor(args: SequenceArgs, cell: RNNCell) {
    super({ ...args, cell });
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.cell.getConfig(), ...this.sequenceConfig() };
  }
}

/** The simple recurrence (Elman, 1990) over time. */
export class SimpleRNN<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends Named<Out> {
  static override className = 'SimpleRNN';

  static override accepts(): Table {
    return around(SimpleRNNCell, Named.accepts());
  }

  constructor(args: SimpleRNNArgs) {
    super(args, new SimpleRNNCell(cellArgs(args)));
  }
}

/**
 * h' = activation(x W + b + h R) over time (Elman, 1990), with tanh by default. [batch, time, n] -> [batch, units], or
 * with `returnSequences` [batch, time, units].
 * @throws ArgumentError if units is not a positive integer
 * @example
 * sg.layers.simpleRNN({ units: 3 }).apply(sg.ones([2, 5, 4])).shape; // [2, 3]
 */
export const simpleRNN = <S extends boolean | undefined = undefined>(
  args: SimpleRNNArgs & ReturnStateArgs<S>,
): SimpleRNN<RecurrentOutput<S>> => make(SimpleRNN<RecurrentOutput<S>>, args);

/** Long short-term memory (Hochreiter and Schmidhuber, 1997) over time. */
export class LSTM<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends Named<Out> {
  static override className = 'LSTM';

  static override accepts(): Table {
    return around(LSTMCell, Named.accepts());
  }

  constructor(args: LSTMArgs) {
    super(args, new LSTMCell(cellArgs(args)));
  }
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997) over time. [batch, time, n] -> [batch, units], or with
 * `returnSequences` [batch, time, units]. The gates' activation is 'hardSigmoid' by default, as in TensorFlow.js; in
 * Keras 3 it is 'sigmoid'.
 * @throws ArgumentError if units is not a positive integer
 * @example
 * sg.layers.lstm({ units: 64, returnSequences: true }).apply(sg.ones([2, 5, 4])).shape; // [2, 5, 64]
 */
export const lstm = <S extends boolean | undefined = undefined>(
  args: LSTMArgs & ReturnStateArgs<S>,
): LSTM<RecurrentOutput<S>> => make(LSTM<RecurrentOutput<S>>, args);

/** Gated recurrent units (Cho et al., 2014) over time. */
export class GRU<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends Named<Out> {
  static override className = 'GRU';

  static override accepts(): Table {
    return around(GRUCell, Named.accepts());
  }

  constructor(args: GRUArgs) {
    super(args, new GRUCell(cellArgs(args)));
  }
}

/**
 * Gated recurrent units (Cho et al., 2014) over time. [batch, time, n] -> [batch, units], or with `returnSequences`
 * [batch, time, units]. The gates' activation is 'hardSigmoid' by default, as in TensorFlow.js; `resetAfter` false.
 * @throws ArgumentError if units is not a positive integer
 * @example
 * sg.layers.gru({ units: 3 }).apply(sg.ones([2, 5, 4])).shape; // [2, 3]
 */
export const gru = <S extends boolean | undefined = undefined>(
  args: GRUArgs & ReturnStateArgs<S>,
): GRU<RecurrentOutput<S>> => make(GRU<RecurrentOutput<S>>, args);
