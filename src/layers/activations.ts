/** Activations by name. */
import { abs, add, div, gelu, leakyRelu, relu, sigmoid, softplus, step, swish, tanh } from '../ops/arithmetic';
import { logSoftmax, softmax } from '../ops/reduce';
import type { Tensor } from '../tensor/tensor';
import { lookUp } from './identifiers';

export type Activation = (x: Tensor) => Tensor;
/** A name, or a function of a tensor. */
export type ActivationIdentifier = string | Activation;

const activations = {
  linear: (x: Tensor) => x,
  relu: (x: Tensor) => relu(x),
  leakyRelu: (x: Tensor) => leakyRelu(x),
  sigmoid: (x: Tensor) => sigmoid(x),
  tanh: (x: Tensor) => tanh(x),
  softmax: (x: Tensor) => softmax(x),
  logSoftmax: (x: Tensor) => logSoftmax(x),
  softplus: (x: Tensor) => softplus(x),
  /** x / (1 + |x|) */
  softsign: (x: Tensor) => div(x, add(abs(x), 1)),
  /** x sigmoid(x) */
  swish: (x: Tensor) => swish(x),
  silu: (x: Tensor) => swish(x),
  /** x Φ(x), by the error function */
  gelu: (x: Tensor) => gelu(x),
  exponential: (x: Tensor) => x.exp(),
  /** Heaviside's step: 1 above 0, else 0. It has no gradient. */
  step: (x: Tensor) => step(x),
} as const;

/** @throws ArgumentError for an unknown name */
export function getActivation(
  identifier: ActivationIdentifier | undefined,
  where: string,
): { name: string; fn: Activation } {
  if (typeof identifier === 'function') return { name: identifier.name || 'custom', fn: identifier };
  const name = identifier ?? 'linear';
  return { name, fn: lookUp<Activation>(activations, name, 'activation', where) };
}
