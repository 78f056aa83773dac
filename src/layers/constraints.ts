/** Constraints: what weights are brought back to after each step (`sg.constraints`). */
import { add, clipByValue, div, greaterEqual, mul, where } from '../ops/arithmetic';
import { rootOfSquares } from '../ops/norms';
import { ArgumentError } from '../runtime/errors';
import { tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { findRule, type Rule, type RuleIdentifier, type RuleKind, rule } from './rules';

/** What a weight is brought back to: `apply` gives what becomes of it. */
export type Constraint = Rule<[w: Tensor]>;

type Axis = number | readonly number[];

const constraint = (className: string, config: object, run: (w: Tensor) => Tensor): Constraint =>
  rule(className, config, (w) => tidy(() => run(w)));

/** Keeps a division by the norm finite. */
const EPSILON = 1e-7;
const normOf = (w: Tensor, axis: Axis): Tensor => rootOfSquares([w], axis);

/** Norms along an axis (0 by default: of the weights of each unit) of at most maxValue, 2 by default. */
export function maxNorm({ maxValue = 2, axis = 0 as Axis }: { maxValue?: number; axis?: Axis } = {}): Constraint {
  return constraint('MaxNorm', { maxValue, axis }, (w) => {
    const norms = normOf(w, axis);
    return mul(w, div(clipByValue(norms, 0, maxValue), add(norms, EPSILON)));
  });
}

/** Norms along an axis (0 by default) of 1. */
export function unitNorm({ axis = 0 as Axis }: { axis?: Axis } = {}): Constraint {
  return constraint('UnitNorm', { axis }, (w) => div(w, add(normOf(w, axis), EPSILON)));
}

/** No weight below 0. */
export function nonNeg(): Constraint {
  return constraint('NonNeg', {}, (w) => where(greaterEqual(w, 0), w, 0));
}

/** Norms along an axis (0 by default) between minValue (0) and maxValue (1), approached by the share `rate` (1). */
export function minMaxNorm({
  minValue = 0,
  maxValue = 1,
  rate = 1,
  axis = 0 as Axis,
}: {
  minValue?: number;
  maxValue?: number;
  rate?: number;
  axis?: Axis;
} = {}): Constraint {
  if (!(minValue <= maxValue))
    throw new ArgumentError(`minMaxNorm: minValue ${minValue} must not be above maxValue ${maxValue}`);
  return constraint('MinMaxNorm', { minValue, maxValue, rate, axis }, (w) => {
    const norms = normOf(w, axis);
    const wanted = add(mul(rate, clipByValue(norms, minValue, maxValue)), mul(1 - rate, norms));
    return mul(w, div(wanted, add(norms, EPSILON)));
  });
}

const byName = { maxNorm, unitNorm, nonNeg, minMaxNorm } as const;

/**
 * A constraint, the name of one, an object with `apply` or a function of a weight, which gives one of the same shape,
 * or what `getConfig` gave with its class name.
 */
export type ConstraintIdentifier = RuleIdentifier<[w: Tensor]>;

const KIND: RuleKind<[w: Tensor]> = { name: 'constraint', builtIn: byName };

/** @throws ArgumentError for an unknown name, or what is no constraint */
export const getConstraint = (
  identifier: ConstraintIdentifier | null | undefined,
  where: string,
): Constraint | undefined => (identifier == null ? undefined : findRule(KIND, identifier, where));
