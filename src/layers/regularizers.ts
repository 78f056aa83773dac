/** Regularizers: penalties on weights and activations (`sg.regularizers`). */
import { abs, add, mul, square, sub } from '../ops/arithmetic';
import { matMul } from '../ops/products';
import { sum } from '../ops/reduce';
import { show } from '../runtime/arguments';
import { ArgumentError, ShapeError } from '../runtime/errors';
import { tidy } from '../tensor/scope';
import { showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { findRule, type Rule, type RuleIdentifier, type RuleKind, rule } from './rules';

/** A penalty: `apply` gives a scalar for a tensor. */
export type Regularizer = Rule<[x: Tensor]>;

const regularizer = (className: string, config: object, run: (x: Tensor) => Tensor): Regularizer =>
  rule(className, config, (x) => tidy(() => run(x)));

function checkFactor(value: unknown, name: string): number {
  if (typeof value !== 'number' || !(value >= 0) || !Number.isFinite(value))
    throw new ArgumentError(`${name}: the factor must be a finite number >= 0, got ${show(value)}`);
  return value;
}

/** l1 Σ|x| + l2 Σx²; both 0.01 by default. @throws ArgumentError for negative factors */
export function l1l2(config: { l1?: number; l2?: number } = {}): Regularizer {
  const [a, b] = [checkFactor(config.l1 ?? 0.01, 'l1l2'), checkFactor(config.l2 ?? 0.01, 'l1l2')];
  return regularizer('L1L2', { l1: a, l2: b }, (x) => add(mul(a, sum(abs(x))), mul(b, sum(square(x)))));
}

/** l1 Σ|x|, 0.01 by default (Tibshirani, 1996). @throws ArgumentError for a negative factor */
export function l1(config: { l1?: number } = {}): Regularizer {
  const a = checkFactor(config.l1 ?? 0.01, 'l1');
  return regularizer('L1', { l1: a }, (x) => mul(a, sum(abs(x))));
}

/** l2 Σx², 0.01 by default (ridge regression; weight decay). @throws ArgumentError for a negative factor */
export function l2(config: { l2?: number } = {}): Regularizer {
  const b = checkFactor(config.l2 ?? 0.01, 'l2');
  return regularizer('L2', { l2: b }, (x) => mul(b, sum(square(x))));
}

/**
 * factor · Σ of |cosine| between different rows (or columns, by `mode`) of a matrix, which become orthogonal.
 * @throws ArgumentError; when applied ShapeError unless x is a matrix
 */
export function orthogonal(config: { factor?: number; mode?: 'rows' | 'columns' } = {}): Regularizer {
  const factor = checkFactor(config.factor ?? 0.01, 'orthogonal');
  const mode = config.mode ?? 'rows';
  if (mode !== 'rows' && mode !== 'columns')
    throw new ArgumentError(`orthogonal: mode must be 'rows' or 'columns', got ${show(mode)}`);
  return regularizer('OrthogonalRegularizer', { factor, mode }, (x) => {
    if (x.rank !== 2) throw new ShapeError(`orthogonal: needs a matrix, got ${showShape(x.shape)}`);
    const isRows = mode === 'rows';
    const axis = isRows ? 1 : 0;
    const unit = x.div(square(x).sum(axis, true).maximum(1e-12).sqrt());
    const n = x.shape[isRows ? 0 : 1] as number;
    const cosines = abs(matMul(unit, unit, !isRows, isRows));
    const others = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 0 : 1));
    const pairs = (n * (n - 1)) / 2 || 1;
    return mul(
      factor,
      cosines
        .mul(sub(others, 0).reshape([n, n]))
        .sum()
        .div(2 * pairs),
    );
  });
}

const byName = { l1, l2, l1l2, orthogonal, orthogonalRegularizer: orthogonal } as const;

/**
 * A regularizer, the name of one, an object with `apply` or a function of a tensor, which gives a scalar, or what
 * `getConfig` gave with its class name.
 */
export type RegularizerIdentifier = RuleIdentifier<[x: Tensor]>;

const KIND: RuleKind<[x: Tensor]> = {
  name: 'regularizer',
  builtIn: byName,
  check: (value, where) => {
    if (value.rank > 0) throw new ShapeError(`${where}: must return a scalar, got ${showShape(value.shape)}; sum it`);
  },
};

/** @throws ArgumentError for an unknown name, or what is no regularizer */
export const getRegularizer = (
  identifier: RegularizerIdentifier | null | undefined,
  where: string,
): Regularizer | undefined => (identifier == null ? undefined : findRule(KIND, identifier, where));
