/** Products of integers: their operands are rounded, and so they have no gradient. */
import type { Int8Ops } from '../../ops/core/table';
import { StateError } from '../../support/errors';
import type { Rule, RulesOf } from '../rule';

const none =
  (name: string): Rule<unknown> =>
  (_, inputs) =>
    inputs.map(() => () => {
      throw new StateError(
        `${name}: weights of eight bits have no gradient; train the model in float32, and quantize it afterwards`,
      );
    });

export const int8Rules: RulesOf<Int8Ops> = {
  int8MatMul: none('int8MatMul'),
  int8Conv2d: none('int8Conv2d'),
  int8DepthwiseConv2d: none('int8DepthwiseConv2d'),
  int8Rows: none('int8Rows'),
};
