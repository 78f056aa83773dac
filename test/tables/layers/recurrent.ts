/** Rows of recurrent layers. */
import type { LayerCase } from './case';

const recurrentActivation = 'sigmoid';
const recurrentInitializer = 'glorotUniform';
const base = { units: 3, recurrentInitializer };
const gated = { ...base, recurrentActivation };
const sequence = [[4, 2]];

const options: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { returnSequences: true },
  { returnSequences: true, goBackwards: true },
  { goBackwards: true, useBias: false },
  { returnState: true, returnSequences: true },
  { activation: 'relu', kernelInitializer: 'heNormal' },
];

const of = (layer: string, config: object, weights: number, tf = true): LayerCase[] =>
  options.map((o) => ({
    layer,
    config: { ...config, ...o },
    inputs: sequence,
    weights: o.useBias === false ? weights - 1 : weights,
    tf,
  }));

export const recurrentLayers: readonly LayerCase[] = [
  ...of('simpleRNN', base, 3),
  ...of('lstm', gated, 3),
  ...of('lstm', { ...gated, unitForgetBias: false }, 3).slice(0, 1),
  ...of('gru', gated, 3),
  // TensorFlow.js has no resetAfter.
  ...of('gru', { ...gated, resetAfter: true }, 3, false),
  // One step: the gradient of TensorFlow.js throws.
  { layer: 'lstm', config: gated, inputs: [[1, 2]], weights: 3, tf: false },
  { layer: 'lstm', config: { ...gated, returnSequences: true }, inputs: [[9, 1]], weights: 3 },
  ...[
    { kernelSize: 3, padding: 'same' },
    { kernelSize: [2, 3], returnSequences: true },
    { kernelSize: 2, strides: 2, returnState: true, returnSequences: true },
    { kernelSize: 2, goBackwards: true, useBias: false },
  ].map((o) => ({
    layer: 'convLstm2d',
    config: { filters: 2, recurrentInitializer, recurrentActivation, ...o },
    inputs: [[3, 5, 4, 2]],
    weights: 'useBias' in o ? 2 : 3,
    tolerance: 3e-5,
  })),
  ...[
    { kernelSize: 3, padding: 'same' },
    { kernelSize: 2, strides: 2, returnSequences: true },
  ].map((o) => ({
    layer: 'convLstm1d',
    config: { filters: 2, recurrentInitializer, recurrentActivation, ...o },
    inputs: [[3, 6, 2]],
    weights: 3,
  })),
  // Cells and layers as settings: TensorFlow.js wants objects of its own.
  ...[{}, { returnSequences: true }].map((o) => ({
    layer: 'rnn',
    config: { cell: { className: 'GRUCell', config: gated }, ...o },
    inputs: sequence,
    weights: 3,
    tf: false,
  })),
  {
    layer: 'rnn',
    config: {
      cell: {
        className: 'StackedRNNCells',
        config: {
          cells: [
            { className: 'LSTMCell', config: gated },
            { className: 'SimpleRNNCell', config: base },
          ],
        },
      },
      returnState: true,
    },
    inputs: sequence,
    weights: 6,
    tf: false,
  },
  ...['concat', 'sum', null].map((mergeMode) => ({
    layer: 'bidirectional',
    config: { layer: { className: 'LSTM', config: { ...gated, returnSequences: true } }, mergeMode },
    inputs: sequence,
    weights: 6,
    tf: false,
  })),
  {
    layer: 'timeDistributed',
    config: { layer: { className: 'Dense', config: { units: 3, activation: 'tanh' } } },
    inputs: sequence,
    weights: 2,
    tf: false,
  },
];
