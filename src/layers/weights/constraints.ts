/** Constraints: what weights are brought back to after each step (`sg.constraints`). */

import { rootOfSquares } from '../../ops/linear/norms';
import { add, clipByValue, div, greaterEqual, mul, where } from '../../ops/math/arithmetic';
import { within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { amount, axes, checked, real } from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { findRule, type Rule, type RuleIdentifier, type RuleKind, rule } from '../base/rules';
import { factoryName } from '../base/settings';

/** What a weight is brought back to: `apply` gives what becomes of it. */
export type Constraint = Rule<[w: Tensor]>;

type Axis = number | readonly number[];

const constraint = (className: string, config: object, run: (w: Tensor) => Tensor): Constraint =>
  rule(className, config, (w) => {
    const where = `constraints.${factoryName(className)}`;
    return within(where, () => tidy(() => run(checkTensor(w, where, 'w'))));
  });

/** Keeps a division by the norm finite. */
const EPSILON = 1e-7;
const normOf = (w: Tensor, axis: Axis): Tensor => rootOfSquares([w], axis);

/** Norms along an axis (0 by default: of the weights of each unit) of at most maxValue, 2 by default. */
export function maxNorm(config?: { maxValue?: number; axis?: Axis } | null): Constraint {
  const settings = checked('constraints.maxNorm', { maxValue: amount(2), axis: axes(0) }, config);
  const { maxValue, axis } = settings;
  return constraint('MaxNorm', settings, (w) => {
    const norms = normOf(w, axis);
    return mul(w, div(clipByValue(norms, 0, maxValue), add(norms, EPSILON)));
  });
}

/** Norms along an axis (0 by default) of 1. */
export function unitNorm(config?: { axis?: Axis } | null): Constraint {
  const settings = checked('constraints.unitNorm', { axis: axes(0) }, config);
  return constraint('UnitNorm', settings, (w) => div(w, add(normOf(w, settings.axis), EPSILON)));
}

/** No weight below 0. */
export function nonNeg(config?: object | null): Constraint {
  checked('constraints.nonNeg', {}, config);
  return constraint('NonNeg', {}, (w) => where(greaterEqual(w, 0), w, 0));
}

/** Norms along an axis (0 by default) between minValue (0) and maxValue (1), approached by the share `rate` (1). */
export function minMaxNorm(
  config?: { minValue?: number; maxValue?: number; rate?: number; axis?: Axis } | null,
): Constraint {
  const table = { minValue: amount(0), maxValue: amount(1), rate: real(1), axis: axes(0) };
  const settings = checked('constraints.minMaxNorm', table, config);
  const { minValue, maxValue, rate, axis } = settings;
  if (!(minValue <= maxValue))
    throw new ArgumentError(`minMaxNorm: minValue ${minValue} must not be above maxValue ${maxValue}`);
  return constraint('MinMaxNorm', settings, (w) => {
    const norms = normOf(w, axis);
    const wanted = add(mul(rate, clipByValue(norms, minValue, maxValue)), mul(1 - rate, norms));
    return mul(w, div(wanted, add(norms, EPSILON)));
  });
}

const byName = { maxNorm, unitNorm, nonNeg, minMaxNorm } as const;

/** Names of constraints. */
export type ConstraintName = keyof typeof byName;

/**
 * A constraint, the name of one, an object with `apply` or a function of a weight, which gives one of the same shape,
 * or what `getConfig` gave with its class name.
 */
export type ConstraintIdentifier = RuleIdentifier<[w: Tensor], ConstraintName>;

const KIND: RuleKind<[w: Tensor]> = { name: 'constraint', builtIn: byName };

/** @throws ArgumentError for an unknown name, or what is no constraint */
export const getConstraint = (
  identifier: ConstraintIdentifier | null | undefined,
  where = 'getConstraint',
): Constraint | undefined => (identifier == null ? undefined : findRule(KIND, identifier, where));
