/** `sg.train`: one factory for each optimizer. */
export { adam, momentum, rmsprop, sgd } from './optimizers';
