/**
 * Every gradient rule, one for each op: the table is typed so that an op without a rule does not compile.
 *
 * A rule gets the gradient g of the result y and returns, for each operand, a function that makes that operand's
 * gradient (called only if it is needed), or null for an input without one. Rules are written with ops, so that they can
 * be differentiated themselves. Where a function has a kink the rule takes the side that TensorFlow takes.
 */
import type { AttrsOf, OpName } from '../../ops/core/table';
import type { Rule } from '../rule';
import { cumulativeRules } from './cumulative';
import { customRules } from './custom';
import { elementwiseRules } from './elementwise';
import { imageRules } from './image';
import { indexingRules, sortingRules } from './indexing';
import { int8Rules } from './int8';
import { linearRules } from './linear';
import { movementRules, randomnessRules } from './movement';
import { reductionRules } from './reduction';

export const rules: { readonly [K in OpName]: Rule<AttrsOf<K>> } = {
  ...elementwiseRules,
  ...linearRules,
  ...int8Rules,
  ...reductionRules,
  ...movementRules,
  ...imageRules,
  ...randomnessRules,
  ...cumulativeRules,
  ...sortingRules,
  ...indexingRules,
  ...customRules,
};
