/** Factories of recurrent layers. */
import type { LayerArgs } from '../base/layer';
import { make } from '../base/settings';
import type { RecurrentArgs, RNNCell } from '../recurrent/cell';
import {
  GRUCell,
  type GRUCellArgs,
  LSTMCell,
  type LSTMCellArgs,
  SimpleRNNCell,
  StackedRNNCells,
} from '../recurrent/cells';
import {
  ConvLSTM1D,
  ConvLSTM2D,
  ConvLSTM2DCell,
  type ConvLSTMArgs,
  type ConvLSTMCellArgs,
} from '../recurrent/conv-lstm';
import { GRU, type GRUArgs, LSTM, type LSTMArgs, SimpleRNN, type SimpleRNNArgs } from '../recurrent/layers';
import { RNN, type RNNArgs } from '../recurrent/rnn';
import { Bidirectional, type BidirectionalArgs, TimeDistributed, type WrapperArgs } from '../recurrent/wrappers';

export { RNNCell } from '../recurrent/cell';
export { RNN };

/** A cell, or several on top of each other, over time: [batch, time, ...] -> [batch, units]. @throws ArgumentError */
export const rnn = (args: RNNArgs): RNN => make(RNN, args);

/**
 * h' = tanh(x W + b + h R) over time: [batch, time, n] -> [batch, units], or with `returnSequences` [batch, time, units].
 * @throws ArgumentError for units that are no whole number >= 1
 */
export const simpleRNN = (args: SimpleRNNArgs): SimpleRNN => make(SimpleRNN, args);

/**
 * Long short-term memory over time: [batch, time, n] -> [batch, units], or with `returnSequences` [batch, time, units].
 * The gates' activation is 'hardSigmoid' by default, as TensorFlow.js has it; Keras 3 has 'sigmoid'.
 * @throws ArgumentError for units that are no whole number >= 1
 * @example
 * sg.layers.lstm({ units: 64 }).apply(sg.ones([2, 50, 32])).shape; // [2, 64]
 */
export const lstm = (args: LSTMArgs): LSTM => make(LSTM, args);

/** Gated recurrent units over time; shapes as `lstm`. `resetAfter` works both ways. @throws ArgumentError */
export const gru = (args: GRUArgs): GRU => make(GRU, args);

/** One step of `simpleRNN`: [x, h] -> [output, h']. */
export const simpleRNNCell = (args: RecurrentArgs): SimpleRNNCell => make(SimpleRNNCell, args);
/** One step of `lstm`: [x, h, c] -> [output, h', c']. */
export const lstmCell = (args: LSTMCellArgs): LSTMCell => make(LSTMCell, args);
/** One step of `gru`: [x, h] -> [output, h']. */
export const gruCell = (args: GRUCellArgs): GRUCell => make(GRUCell, args);
/** Cells on top of each other, as one cell. @throws ArgumentError for an empty list */
export const stackedRNNCells = (args: LayerArgs & { cells: readonly RNNCell[] }): StackedRNNCells =>
  make(StackedRNNCells, args);

/**
 * A recurrent layer forwards and a copy of it backwards, their outputs joined by `mergeMode`: 'concat' (default), 'sum',
 * 'mul', 'ave', or null for a list of both. @throws ArgumentError
 */
export const bidirectional = (args: BidirectionalArgs): Bidirectional => make(Bidirectional, args);

/** A layer applied to every step alike: [batch, time, ...] -> [batch, time, ...]. @throws ArgumentError */
export const timeDistributed = (args: WrapperArgs): TimeDistributed => make(TimeDistributed, args);

/**
 * An LSTM with convolutions for products, over sequences of images: [batch, time, height, width, channels] ->
 * [batch, height', width', filters], or with `returnSequences` [batch, time, height', width', filters].
 * @throws ArgumentError
 */
export const convLstm2d = (args: ConvLSTMArgs): ConvLSTM2D => make(ConvLSTM2D, args);
/** One step of `convLstm2d`: [x, h, c] -> [output, h', c']. */
export const convLstm2dCell = (args: ConvLSTMCellArgs): ConvLSTM2DCell => make(ConvLSTM2DCell, args);
/** As `convLstm2d`, over sequences of rows: [batch, time, width, channels] -> [batch, width', filters]. @throws ArgumentError */
export const convLstm1d = (args: ConvLSTMArgs): ConvLSTM1D => make(ConvLSTM1D, args);
