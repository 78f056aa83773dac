/** Initial weights. Each draws from its own seed, or from the library's (`sg.setSeed`). */

import { fill, ones as onesTensor, zeros as zerosTensor } from '../../ops/create/creation';
import {
  randomNormal as normal,
  truncatedNormal as truncated,
  randomUniform as uniform,
} from '../../ops/create/random';
import { eye } from '../../ops/create/sequences';
import { qr } from '../../ops/linear/linalg';
import { cast, greaterEqual, mul, where } from '../../ops/math/arithmetic';
import { sum } from '../../ops/math/reduce';
import { reshape, transpose } from '../../ops/shape/shaping';
import { within } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { amount, checked, choice, positive, real, required, seed, type Table } from '../../support/settings';
import type { DType } from '../../tensor/dtype';
import { tidy } from '../../tensor/scope';
import { checkShape, type Shape, showShape, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { findRule, type Rule, type RuleIdentifier, type RuleKind, rule } from '../base/rules';
import { factoryName } from '../base/settings';

/** Makes a tensor of initial values. */
export type Initializer = Rule<[shape: Shape, dtype?: DType]>;

type Seed = number | string | undefined;

/** An initializer from a table of its settings and a function of them. */
const make =
  <C extends object>(className: string, table: Table, run: (shape: Shape, dtype: DType, config: C) => Tensor) =>
  (...[config]: Partial<C> extends C ? [config?: C | null] : [config: C]): Initializer => {
    const where = `initializers.${factoryName(className)}`;
    const settings = checked(where, table, config) as object as C;
    return rule(className, settings, (shape: Shape, dtype?: DType | null) =>
      within(where, () => run(checkedShape(shape, where), dtype ?? 'float32', settings)),
    );
  };

function checkedShape(shape: Shape, where: string): Shape {
  checkShape(shape, where, 'shape');
  return shape;
}

/** Inputs and outputs of a unit: of a convolution, times the size of its window. @throws ShapeError for what is no shape */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  checkShape(shape, 'fans', 'shape');
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { fanIn: field * (shape[shape.length - 2] as number), fanOut: field * (shape[shape.length - 1] as number) };
}

/** All zeros. */
export const zeros = make<object>('Zeros', {}, (shape, dtype) => zerosTensor(shape, dtype));
/** All ones. */
export const ones = make<object>('Ones', {}, (shape, dtype) => onesTensor(shape, dtype));
/** All the same value. */
export const constant = make<{ value: number }>('Constant', { value: required(real()) }, (shape, dtype, { value }) =>
  fill(shape, value, dtype),
);
/** Uniform in [minval, maxval), by default ±0.05. */
export const randomUniform = make<{ minval?: number; maxval?: number; seed?: Seed }>(
  'RandomUniform',
  { minval: real(), maxval: real(), seed: seed() },
  (shape, dtype, { minval = -0.05, maxval = 0.05, seed }) => uniform(shape, minval, maxval, dtype, seed),
);
/** Normal, by default with a standard deviation of 0.05. */
export const randomNormal = make<{ mean?: number; stddev?: number; seed?: Seed }>(
  'RandomNormal',
  { mean: real(), stddev: amount(), seed: seed() },
  (shape, dtype, { mean = 0, stddev = 0.05, seed }) => normal(shape, mean, stddev, dtype, seed),
);
/** Normal, cut at two standard deviations (0.05 by default). */
export const truncatedNormal = make<{ mean?: number; stddev?: number; seed?: Seed }>(
  'TruncatedNormal',
  { mean: real(), stddev: amount(), seed: seed() },
  (shape, dtype, { mean = 0, stddev = 0.05, seed }) => truncated(shape, mean, stddev, dtype, seed),
);

export interface VarianceScalingConfig {
  scale?: number;
  mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  distribution?: 'normal' | 'uniform' | 'truncatedNormal';
  seed?: Seed;
}

/** Standard deviation of a normal distribution that is cut at two of its own. */
const TRUNCATED_STDDEV = 0.8796256610342398;

function scaled(
  shape: Shape,
  dtype: DType,
  { scale = 1, mode = 'fanIn', distribution = 'normal', seed }: VarianceScalingConfig,
): Tensor {
  const { fanIn, fanOut } = fans(shape);
  const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode];
  const variance = scale / Math.max(1, fan);
  if (distribution === 'uniform') {
    const limit = Math.sqrt(3 * variance);
    return uniform(shape, -limit, limit, dtype, seed);
  }
  return truncated(shape, 0, Math.sqrt(variance) / TRUNCATED_STDDEV, dtype, seed);
}

/** Variance `scale / fan`. 'normal' is cut at two standard deviations, as in Keras. */
export const varianceScaling = make<VarianceScalingConfig>(
  'VarianceScaling',
  {
    scale: positive(),
    mode: choice(['fanIn', 'fanOut', 'fanAvg']),
    distribution: choice(['normal', 'uniform', 'truncatedNormal']),
    seed: seed(),
  },
  scaled,
);

const preset = (className: string, fixed: VarianceScalingConfig) =>
  make<{ seed?: Seed }>(className, { seed: seed() }, (shape, dtype, { seed }) =>
    scaled(shape, dtype, { ...fixed, seed }),
  );

/** Uniform, variance 2 / (fanIn + fanOut) (Glorot and Bengio, 2010). */
export const glorotUniform = preset('GlorotUniform', { mode: 'fanAvg', distribution: 'uniform' });
/** Cut normal, variance 2 / (fanIn + fanOut) (Glorot and Bengio, 2010). */
export const glorotNormal = preset('GlorotNormal', { mode: 'fanAvg', distribution: 'truncatedNormal' });
/** Uniform, variance 2 / fanIn (He et al., 2015). */
export const heUniform = preset('HeUniform', { scale: 2, distribution: 'uniform' });
/** Cut normal, variance 2 / fanIn (He et al., 2015). */
export const heNormal = preset('HeNormal', { scale: 2, distribution: 'truncatedNormal' });
/** Uniform, variance 1 / fanIn (LeCun et al., 1998). */
export const leCunUniform = preset('LeCunUniform', { distribution: 'uniform' });
/** Cut normal, variance 1 / fanIn (LeCun et al., 1998). */
export const leCunNormal = preset('LeCunNormal', { distribution: 'truncatedNormal' });

/** The identity matrix, times gain (1). @throws ShapeError when applied to what is no matrix */
export const identity = make<{ gain?: number }>('Identity', { gain: real() }, (shape, dtype, { gain = 1 }) => {
  const [rows, columns] = matrix('identity', shape);
  if (shape.length > 2) throw new ShapeError(`initializers.identity: needs a matrix, got ${showShape(shape)}`);
  return tidy(() => cast(mul(eye(rows, columns), gain), dtype));
});

/**
 * Rows or columns, whichever are fewer, that are orthogonal and have length gain (1); of a kernel, its last dimension
 * against all others (Saxe et al., 2014). @throws ShapeError when applied to less than a matrix
 */
export const orthogonal = make<{ gain?: number; seed?: Seed }>(
  'Orthogonal',
  { gain: real(), seed: seed() },
  (shape, dtype, { gain = 1, seed }) => {
    const [rows, columns] = matrix('orthogonal', shape);
    const [long, short] = rows < columns ? [columns, rows] : [rows, columns];
    return tidy(() => {
      const [q, r] = qr(normal([long, short], 0, 1, 'float32', seed));
      // The signs make all such matrices equally likely.
      const signs = where(greaterEqual(sum(mul(r, eye(short)), 0), 0), gain, -gain);
      const unit = mul(q, signs);
      return cast(reshape(rows < columns ? transpose(unit) : unit, shape), dtype);
    });
  },
);

/** A shape as that of a matrix, the last dimension against all others. @throws ShapeError */
function matrix(where: string, shape: Shape): [number, number] {
  if (shape.length < 2)
    throw new ShapeError(`initializers.${where}: needs two dimensions or more, got ${showShape(shape)}`);
  return [sizeOf(shape.slice(0, -1)), shape[shape.length - 1] as number];
}

const byName = {
  zeros,
  ones,
  constant,
  randomUniform,
  randomNormal,
  truncatedNormal,
  varianceScaling,
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  leCunUniform,
  leCunNormal,
  identity,
  orthogonal,
} satisfies Readonly<Record<string, (config: never) => Initializer>>;

/** Names of initializers. */
export type InitializerName = keyof typeof byName;

/**
 * An initializer, the name of one, an object with `apply` or a function of shape and type, or what `getConfig` gave with
 * its class name.
 */
export type InitializerIdentifier = RuleIdentifier<[shape: Shape, dtype?: DType], InitializerName>;

const KIND: RuleKind<[shape: Shape, dtype?: DType]> = { name: 'initializer', builtIn: byName };

/** @throws ArgumentError for an unknown name, or what is no initializer */
export const getInitializer = (identifier: InitializerIdentifier, where = 'getInitializer'): Initializer =>
  findRule(KIND, identifier, where);
