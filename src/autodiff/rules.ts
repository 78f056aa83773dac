/**
 * Every gradient rule, one for each op: the table is typed so that an op without a rule does not compile.
 *
 * A rule gets the gradient g of the result y and gives, for each operand, a function that makes that operand's
 * gradient (called only if it is needed), or null where there is none. Rules are written with ops, so that they can
 * be differentiated themselves. Where a function has a kink the rule takes the side that TensorFlow takes.
 */
import type { AttrsOf, OpName } from '../ops/table';
import type { Rule } from './rule';
import { customRules } from './rules/custom';
import { elementwiseRules } from './rules/elementwise';
import { imageRules } from './rules/image';
import { indexingRules } from './rules/indexing';
import { linearRules } from './rules/linear';
import { movementRules, randomnessRules } from './rules/movement';
import { reductionRules } from './rules/reduction';
import { scanRules, sortingRules } from './rules/scan';

export const rules: { readonly [K in OpName]: Rule<AttrsOf<K>> } = {
  ...elementwiseRules,
  ...linearRules,
  ...reductionRules,
  ...movementRules,
  ...imageRules,
  ...randomnessRules,
  ...scanRules,
  ...sortingRules,
  ...indexingRules,
  ...customRules,
};
