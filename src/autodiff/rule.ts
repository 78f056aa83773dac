/** What gradient rules are made of. */

import type { Descriptor } from '../ops/core/descriptor';
import { where } from '../ops/math/arithmetic';
import { sum } from '../ops/math/reduce';
import { reshape } from '../ops/shape/shaping';
import type { Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

export type Gradient = (() => Tensor) | null;

/** What a rule sees: the gradient of the result, the operands, the result, the attributes. */
export type Rule<A> = (g: Tensor, inputs: readonly Tensor[], y: Tensor, attrs: A) => Gradient[];

/** One rule for each op of a table of descriptors: an op without a rule does not compile. */
export type RulesOf<T> = { readonly [K in keyof T]: Rule<T[K] extends Descriptor<infer A> ? A : never> };

/** Sums g over what broadcasting repeated, so that it has the operand's shape. */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  const lead = g.rank - shape.length;
  const axes = g.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  if (axes.length === 0) return g;
  return reshape(sum(g, axes), shape);
}

export type One<A> = (g: Tensor, x: Tensor, y: Tensor, attrs: A) => Tensor;
/** Rule of an op with one operand. */
export const one =
  <A>(make: One<A>): Rule<A> =>
  (g, [x], y, attrs) => [() => make(g, x as Tensor, y, attrs)];

export type Two = (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;
/** Rule of an op with two operands that broadcast. */
export const two =
  <A>(da: Two, db: Two): Rule<A> =>
  (g, [a, b], y) => [
    () => unbroadcast(da(g, a as Tensor, b as Tensor, y), (a as Tensor).shape),
    () => unbroadcast(db(g, a as Tensor, b as Tensor, y), (b as Tensor).shape),
  ];

/** Constant almost everywhere, or not a number to differentiate: no gradient flows. */
export const flat: Rule<unknown> = (_, inputs) => inputs.map(() => null);

/** g where the condition holds, else 0. */
export const masked = (g: Tensor, condition: Tensor): Tensor => where(condition, g, 0);
