/** What graphs are made of besides operators. */
import type { Operators } from '../../graph/core/registry';
import { ArgumentError } from '../../support/errors';

export const graphNodes: Operators = {
  Const: (call) => {
    throw call.fail('its value is not among the constants');
  },
  Placeholder: (call) => {
    throw new ArgumentError(`run: the input '${call.node.name}' is missing; pass it by its name`);
  },
};
