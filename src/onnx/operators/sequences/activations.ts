/** Activations of recurrent layers, by the names of the attribute `activations`. */
import type { Call } from '../../../graph/core/call';
import { fill } from '../../../ops/create/creation';
import * as sg from '../../../ops/math/arithmetic';
import type { Tensor } from '../../../tensor/tensor';

export type Activation = (x: Tensor) => Tensor;

/** An activation of its two numbers, with their defaults. */
interface Kind {
  readonly alpha?: number;
  readonly beta?: number;
  readonly f: (x: Tensor, alpha: number, beta: number) => Tensor;
}

const constant = (value: number): Tensor => fill([], value, 'float32');

const KINDS: Readonly<Record<string, Kind>> = {
  relu: { f: (x) => sg.relu(x) },
  tanh: { f: (x) => sg.tanh(x) },
  sigmoid: { f: (x) => sg.sigmoid(x) },
  softsign: { f: (x) => sg.div(x, sg.add(sg.abs(x), 1)) },
  softplus: { f: (x) => sg.softplus(x) },
  affine: { alpha: 1, beta: 0, f: (x, a, b) => sg.add(sg.mul(x, a), b) },
  leakyrelu: { alpha: 0.01, f: (x, a) => sg.leakyRelu(x, a) },
  thresholdedrelu: { alpha: 1, f: (x, a) => sg.where(sg.greater(x, a), x, constant(0)) },
  scaledtanh: { alpha: 1, beta: 1, f: (x, a, b) => sg.mul(sg.tanh(sg.mul(x, b)), a) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, f: (x, a, b) => sg.clipByValue(sg.add(sg.mul(x, a), b), 0, 1) },
  elu: { alpha: 1, f: (x, a) => sg.elu(x, a) },
};

/**
 * The activations of a node: `count` for each direction.
 * @param initial names of those of one direction
 */
export function activationsOf(call: Call, directions: number, initial: readonly string[]): Activation[][] {
  const given = call.textsOf('activations', []);
  const names = given.length > 0 ? given : Array.from({ length: directions }, () => initial).flat();
  if (names.length !== directions * initial.length)
    throw call.fail(`attribute activations must have ${directions * initial.length} names, got ${names.length}`);
  // Each list has numbers only for those that take one.
  const [alphas, betas] = ['activation_alpha', 'activation_beta'].map((name) => [...call.reals(name, [])]) as [
    number[],
    number[],
  ];
  const all = names.map((name): Activation => {
    const key = name.toLowerCase();
    const kind = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
    if (!kind) throw call.fail(`attribute activations names '${name}', which is unknown`);
    const alpha = kind.alpha === undefined ? 0 : (alphas.shift() ?? kind.alpha);
    const beta = kind.beta === undefined ? 0 : (betas.shift() ?? kind.beta);
    return (x) => kind.f(x, alpha, beta);
  });
  return Array.from({ length: directions }, (_, d) => all.slice(d * initial.length, (d + 1) * initial.length));
}
