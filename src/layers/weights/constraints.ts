/** Constraints: what weights are brought back to after each step (`sg.constraints`). */

import { rootOfSquares } from '../../ops/linear/norms';
import { add, clipByValue, div, greaterEqual, mul, where } from '../../ops/math/arithmetic';
import { within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { amount, axes, checked, real } from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { findRule, type RuleKind, rule, type WeightRule, type WeightRuleIdentifier } from '../base/rules';
import { factoryName } from '../base/settings';

/** A projection of a weight after each step: `apply` returns the new value. */
export type Constraint = WeightRule<[w: Tensor]>;

const constraint = (className: string, config: object, run: (w: Tensor) => Tensor): Constraint =>
  rule(className, config, (w) => {
    const where = `constraints.${factoryName(className)}`;
    return within(where, () => tidy(() => run(checkTensor(w, where, 'w'))));
  });

/** Keeps a division by the norm finite. */
const EPSILON = 1e-7;
const normOf = (w: Tensor, axis: number | readonly number[]): Tensor => rootOfSquares([w], axis);

/**
 * Limits norms along an axis to `maxValue`: by default 2, along axis 0 (the weights of each unit).
 * @throws ArgumentError for settings of wrong types or a negative maxValue
 * @example
 * sg.constraints.maxNorm({ maxValue: 1 }).apply(sg.tensor([[3], [4]])).arraySync(); // [[0.6], [0.8]]
 */
export function maxNorm(config?: { maxValue?: number; axis?: number | readonly number[] } | null): Constraint {
  const settings = checked('constraints.maxNorm', { maxValue: amount(2), axis: axes(0) }, config);
  const { maxValue, axis } = settings;
  return constraint('MaxNorm', settings, (w) => {
    const norms = normOf(w, axis);
    return mul(w, div(clipByValue(norms, 0, maxValue), add(norms, EPSILON)));
  });
}

/**
 * Scales norms along an axis (0 by default) to 1: w / |w|.
 * @throws ArgumentError for an axis of wrong type
 * @example
 * sg.constraints.unitNorm().apply(sg.tensor([[3], [4]])).arraySync(); // [[0.6], [0.8]]
 */
export function unitNorm(config?: { axis?: number | readonly number[] } | null): Constraint {
  const settings = checked('constraints.unitNorm', { axis: axes(0) }, config);
  return constraint('UnitNorm', settings, (w) => div(w, add(normOf(w, settings.axis), EPSILON)));
}

/**
 * Sets negative weights to 0: w where w >= 0.
 * @throws ArgumentError for unknown settings
 * @example
 * sg.constraints.nonNeg().apply(sg.tensor([-1, 2])).arraySync(); // [0, 2]
 */
export function nonNeg(config?: object | null): Constraint {
  checked('constraints.nonNeg', {}, config);
  return constraint('NonNeg', {}, (w) => where(greaterEqual(w, 0), w, 0));
}

/**
 * Keeps norms along an axis (0 by default) between `minValue` (default 0) and `maxValue` (default 1); each application
 * moves them by the share `rate` (default 1) of the way.
 * @throws ArgumentError if minValue is above maxValue
 * @example
 * sg.constraints.minMaxNorm({ minValue: 10, maxValue: 20 }).apply(sg.tensor([[3], [4]])).arraySync(); // [[6.0], [8.0]]
 */
export function minMaxNorm(
  config?: { minValue?: number; maxValue?: number; rate?: number; axis?: number | readonly number[] } | null,
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

/** Names of constraints. */
export type ConstraintName = 'maxNorm' | 'unitNorm' | 'nonNeg' | 'minMaxNorm';

const byName = { maxNorm, unitNorm, nonNeg, minMaxNorm } satisfies Record<ConstraintName, unknown>;

/**
 * A constraint, the name of one, an object with `apply`, a function of a weight that returns one of the same shape, or
 * class name and settings from `getConfig`.
 */
export type ConstraintIdentifier = WeightRuleIdentifier<[w: Tensor], ConstraintName>;

const KIND: RuleKind<[w: Tensor]> = { name: 'constraint', builtIn: byName };

/**
 * Finds a constraint by its name, configuration, function or object; null and undefined return undefined.
 * @throws ArgumentError for an unknown name, or a value that is not a constraint
 * @example
 * sg.constraints.getConstraint('nonNeg').apply(sg.tensor([-1, 2])).arraySync(); // [0, 2]
 */
export const getConstraint = (
  identifier: ConstraintIdentifier | null | undefined,
  where = 'getConstraint',
): Constraint | undefined => (identifier == null ? undefined : findRule(KIND, identifier, where));
