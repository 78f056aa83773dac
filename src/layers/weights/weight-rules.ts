/** How weights start, are penalized, and are kept in bounds; read from settings such as `gammaInitializer`. */

import { serialize } from '../base/serialize';
import { type Constraint, type ConstraintIdentifier, getConstraint } from './constraints';
import { getInitializer, type Initializer, type InitializerIdentifier } from './initializers';
import { getRegularizer, type Regularizer, type RegularizerIdentifier } from './regularizers';

/** Settings of the weight of a name. */
export type WeightArgs<N extends string> = { [K in `${N}Initializer`]?: InitializerIdentifier } & {
  [K in `${N}Regularizer`]?: RegularizerIdentifier | null;
} & { [K in `${N}Constraint`]?: ConstraintIdentifier | null };

export interface WeightRules {
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | undefined;
  readonly constraint: Constraint | undefined;
}

/** @throws ArgumentError for unknown names */
export function weightRules<N extends string>(
  args: WeightArgs<N>,
  name: N,
  initializer: string,
  where: string,
): WeightRules {
  const given = args as Readonly<Record<string, never>>;
  return {
    initializer: getInitializer(given[`${name}Initializer`] ?? initializer, where),
    regularizer: getRegularizer(given[`${name}Regularizer`], where),
    constraint: getConstraint(given[`${name}Constraint`], where),
  };
}

/** The same as settings. */
export const rulesConfig = (name: string, rules: WeightRules): Record<string, unknown> => ({
  [`${name}Initializer`]: serialize(rules.initializer),
  [`${name}Regularizer`]: serialize(rules.regularizer),
  [`${name}Constraint`]: serialize(rules.constraint),
});
