/** Optimizers by name. */
import { lookUp, type OpenName } from '../../support/names';
import * as builtin from './builtin';
import { Optimizer } from './optimizer';

/** Functions that make an optimizer; the names of classes begin with a capital letter. */
export type OptimizerName = Extract<keyof typeof builtin, Uncapitalize<string>>;

const byName = Object.fromEntries(
  Object.entries(builtin).filter(([name]) => /^[a-z]/.test(name)),
) as unknown as Readonly<Record<string, (config?: never) => Optimizer>>;

/** Defaults of optimizers that `compile` makes from a name alone: as in TensorFlow.js, two rates differ. */
const byNameAlone: typeof byName = {
  ...byName,
  adagrad: () => builtin.adagrad(0.01),
  adadelta: () => builtin.adadelta(1),
};

/** An optimizer, the name of one with its defaults, or its name and settings. @throws ArgumentError for an unknown name */
export function getOptimizer(
  identifier:
    | OpenName<OptimizerName>
    | Optimizer
    | { readonly className: string; readonly config: Record<string, unknown> },
  where: string,
): Optimizer {
  if (identifier instanceof Optimizer) return identifier;
  if (typeof identifier !== 'object' || identifier === null)
    return lookUp(byNameAlone, identifier, 'optimizer', where)({} as never);
  return lookUp(byName, identifier.className, 'optimizer', where)(identifier.config as never);
}
