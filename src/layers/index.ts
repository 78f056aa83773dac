/** `sg.layers`: one factory for each layer. Shapes are given with the batch; settings are described at each class. */

export { input } from './base/input';
export { Layer } from './base/layer';
export * from './factories/attention';
export * from './factories/basic';
export * from './factories/convolutional';
export * from './factories/merge';
export * from './factories/normalization';
export * from './factories/preprocessing';
export * from './factories/recurrent';
export { RNNCell } from './recurrent/cell';
export { RNN } from './recurrent/rnn';
