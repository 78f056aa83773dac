/** Regularizers: penalties on weights and activations (`sg.regularizers`). */

import { matMul } from '../../ops/linear/products';
import { abs, add, div, maximum, mul, sqrt, square, sub } from '../../ops/math/arithmetic';
import { sum } from '../../ops/math/reduce';
import { reshape } from '../../ops/shape/shaping';
import { within } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { amount, checked, choice, type Setting } from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { findRule, type RuleKind, rule, type WeightRule, type WeightRuleIdentifier } from '../base/rules';
import { factoryName } from '../base/settings';

/** A penalty: `apply` returns a scalar for a tensor. */
export type Regularizer = WeightRule<[x: Tensor]>;

const regularizer = (className: string, config: object, run: (x: Tensor) => Tensor): Regularizer =>
  rule(className, config, (x) => {
    const where = `regularizers.${factoryName(className)}`;
    return within(where, () => tidy(() => run(checkTensor(x, where, 'x'))));
  });

/** A factor that is 0.01 by default. */
const factorOf = (): Setting<number> => amount(0.01);

/**
 * The penalty l1 Σ|x| + l2 Σx². Both factors are 0.01 by default.
 * @throws ArgumentError for negative factors
 * @example
 * sg.regularizers.l1l2({ l1: 1, l2: 0.5 }).apply(sg.tensor([-2, 4])).arraySync(); // 16
 */
export function l1l2(config?: { l1?: number; l2?: number } | null): Regularizer {
  const factors = checked('regularizers.l1l2', { l1: factorOf(), l2: factorOf() }, config);
  const { l1, l2 } = factors;
  return regularizer('L1L2', factors, (x) => add(mul(l1, sum(abs(x))), mul(l2, sum(square(x)))));
}

/**
 * The penalty l1 Σ|x| (Tibshirani, 1996), which drives weights to 0. The factor is 0.01 by default.
 * @throws ArgumentError for a negative factor
 * @example
 * sg.regularizers.l1({ l1: 0.5 }).apply(sg.tensor([-2, 4])).arraySync(); // 3
 */
export function l1(config?: { l1?: number } | null): Regularizer {
  const factors = checked('regularizers.l1', { l1: factorOf() }, config);
  return regularizer('L1', factors, (x) => mul(factors.l1, sum(abs(x))));
}

/**
 * The penalty l2 Σx² (ridge regression, weight decay). The factor is 0.01 by default.
 * @throws ArgumentError for a negative factor
 * @example
 * sg.regularizers.l2({ l2: 0.5 }).apply(sg.tensor([-2, 4])).arraySync(); // 10
 */
export function l2(config?: { l2?: number } | null): Regularizer {
  const factors = checked('regularizers.l2', { l2: factorOf() }, config);
  return regularizer('L2', factors, (x) => mul(factors.l2, sum(square(x))));
}

/**
 * The penalty factor · mean |cosine| between different rows of a matrix (or columns, by `mode`), which become
 * orthogonal. The factor is 0.01 by default, the mode 'rows'.
 * @throws ArgumentError for unknown settings; when applied, ShapeError unless x is a matrix
 * @example
 * sg.regularizers.orthogonal({ factor: 1 }).apply(sg.tensor([[1, 0], [0, 2]])).arraySync(); // 0
 */
export function orthogonal(config?: { factor?: number; mode?: 'rows' | 'columns' } | null): Regularizer {
  const table = { factor: factorOf(), mode: choice(['rows', 'columns'], 'rows') };
  const { factor, mode } = checked('regularizers.orthogonal', table, config);
  return regularizer('OrthogonalRegularizer', { factor, mode }, (x) => {
    if (x.rank !== 2)
      throw new ShapeError(`regularizers.orthogonalRegularizer: needs a matrix, got ${showShape(x.shape)}`);
    const isRows = mode === 'rows';
    const axis = isRows ? 1 : 0;
    const unit = div(x, sqrt(maximum(sum(square(x), axis, true), 1e-12)));
    const n = x.shape[isRows ? 0 : 1] as number;
    const cosines = abs(matMul(unit, unit, !isRows, isRows));
    const others = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 0 : 1));
    const pairs = (n * (n - 1)) / 2 || 1;
    return mul(factor, div(sum(mul(cosines, reshape(sub(others, 0), [n, n]))), 2 * pairs));
  });
}

/** Names of regularizers. */
export type RegularizerName = 'l1' | 'l2' | 'l1l2' | 'orthogonal' | 'orthogonalRegularizer';

const byName = {
  l1,
  l2,
  l1l2,
  orthogonal,
  orthogonalRegularizer: orthogonal,
} satisfies Record<RegularizerName, unknown>;

/**
 * A regularizer, the name of one, an object with `apply`, a function of a tensor that returns a scalar, or class name
 * and settings from `getConfig`.
 */
export type RegularizerIdentifier = WeightRuleIdentifier<[x: Tensor], RegularizerName>;

const KIND: RuleKind<[x: Tensor]> = {
  name: 'regularizer',
  builtIn: byName,
  check: (value, where) => {
    if (value.rank > 0) throw new ShapeError(`${where}: must return a scalar, got ${showShape(value.shape)}; sum it`);
  },
};

/**
 * Finds a regularizer by its name, configuration, function or object; null and undefined return undefined.
 * @throws ArgumentError for an unknown name, or a value that is not a regularizer
 * @example
 * sg.regularizers.getRegularizer('l2').getConfig(); // { l2: 0.01 }
 */
export const getRegularizer = (
  identifier: RegularizerIdentifier | null | undefined,
  where = 'getRegularizer',
): Regularizer | undefined => (identifier == null ? undefined : findRule(KIND, identifier, where));
