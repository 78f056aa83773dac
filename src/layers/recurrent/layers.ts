/** The recurrent layers by their names. */
import type { LayerArgs } from '../layer';
import type { RecurrentArgs, RNNCell } from './cell';
import { GRUCell, type GRUCellArgs, LSTMCell, type LSTMCellArgs, SimpleRNNCell } from './cells';
import { RNN, type SequenceArgs } from './rnn';

export type SimpleRNNArgs = RecurrentArgs & SequenceArgs;
export type LSTMArgs = LSTMCellArgs & SequenceArgs;
export type GRUArgs = GRUCellArgs & SequenceArgs;

/** Settings of the cell that are not those of the layer around it. */
export function cellArgs<A extends LayerArgs>(args: A): A {
  const { name, inputShape, batchInputShape, batchSize, activityRegularizer, ...rest } = args;
  return rest as A;
}

/** A recurrent layer whose settings are its cell's and those of the sequence. */
abstract class Named extends RNN {
  constructor(args: SequenceArgs, cell: RNNCell) {
    super({ ...args, cell });
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.cell.getConfig(), ...this.sequenceConfig() };
  }
}

export class SimpleRNN extends Named {
  static override className = 'SimpleRNN';

  constructor(args: SimpleRNNArgs) {
    super(args, new SimpleRNNCell(cellArgs(args)));
  }
}

export class LSTM extends Named {
  static override className = 'LSTM';

  constructor(args: LSTMArgs) {
    super(args, new LSTMCell(cellArgs(args)));
  }
}

export class GRU extends Named {
  static override className = 'GRU';

  constructor(args: GRUArgs) {
    super(args, new GRUCell(cellArgs(args)));
  }
}
