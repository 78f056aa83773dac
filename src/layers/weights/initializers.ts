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
import { findRule, type RuleKind, rule, type WeightRule, type WeightRuleIdentifier } from '../base/rules';
import { factoryName } from '../base/settings';

/** Creates initial values: `apply` returns a tensor of a shape and type. */
export type Initializer = WeightRule<[shape: Shape, dtype?: DType]>;

/** Settings of initializers that draw random numbers. */
export interface RandomConfig {
  /** Seed of the numbers; by default drawn from that of the library (`sg.setSeed`). */
  seed?: number | string;
}

/** Settings of `constant`. */
export interface ConstantConfig {
  /** Value of all elements. */
  value: number;
}

/** Settings of `randomUniform`. */
export interface RandomUniformConfig extends RandomConfig {
  /** Smallest value; default -0.05. */
  minval?: number;
  /** Upper bound, which is not reached; default 0.05. */
  maxval?: number;
}

/** Settings of `randomNormal` and `truncatedNormal`. */
export interface RandomNormalConfig extends RandomConfig {
  /** Mean; default 0. */
  mean?: number;
  /** Standard deviation; default 0.05. */
  stddev?: number;
}

/** Settings of `identity`. */
export interface IdentityConfig {
  /** Value on the diagonal; default 1. */
  gain?: number;
}

/** Settings of `orthogonal`. */
export interface OrthogonalConfig extends RandomConfig {
  /** Length of the rows or columns; default 1. */
  gain?: number;
}

/** An initializer from a table of its settings and a function of them. */
const make =
  <C extends object>(className: string, table: Table, run: (shape: Shape, dtype: DType, config: C) => Tensor) =>
  (config?: C | null): Initializer => {
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

/**
 * The number of inputs and outputs of a unit, for convolutions times the size of the window.
 * @throws ShapeError for an invalid shape
 * @example
 * sg.initializers.fans([3, 3, 16, 32]); // { fanIn: 144, fanOut: 288 }
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  checkShape(shape, 'fans', 'shape');
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { fanIn: field * (shape[shape.length - 2] as number), fanOut: field * (shape[shape.length - 1] as number) };
}

/**
 * w = 0: all zeros.
 * @throws ArgumentError for unknown settings
 * @example
 * sg.initializers.zeros().apply([2]).arraySync(); // [0, 0]
 */
export const zeros = make<object>('Zeros', {}, (shape, dtype) => zerosTensor(shape, dtype));
/**
 * w = 1: all ones.
 * @throws ArgumentError for unknown settings
 * @example
 * sg.initializers.ones().apply([2]).arraySync(); // [1, 1]
 */
export const ones = make<object>('Ones', {}, (shape, dtype) => onesTensor(shape, dtype));
/**
 * All elements equal to `value`.
 * @throws ArgumentError without a value
 * @example
 * sg.initializers.constant({ value: 0.5 }).apply([2]).arraySync(); // [0.5, 0.5]
 */
export const constant: (config: ConstantConfig) => Initializer = make<ConstantConfig>(
  'Constant',
  { value: required(real()) },
  (shape, dtype, { value }) => fill(shape, value, dtype),
);
/**
 * Uniform: minval <= w < maxval, by default -0.05 and 0.05.
 * @throws ArgumentError for settings of wrong types
 * @example
 * sg.initializers.randomUniform({ minval: 0, maxval: 1, seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const randomUniform = make<RandomUniformConfig>(
  'RandomUniform',
  { minval: real(), maxval: real(), seed: seed() },
  (shape, dtype, { minval = -0.05, maxval = 0.05, seed }) => uniform(shape, minval, maxval, dtype, seed),
);
/**
 * Normal with `mean` (default 0) and `stddev` (default 0.05).
 * @throws ArgumentError for a negative stddev
 * @example
 * sg.initializers.randomNormal({ stddev: 0.1, seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const randomNormal = make<RandomNormalConfig>(
  'RandomNormal',
  { mean: real(), stddev: amount(), seed: seed() },
  (shape, dtype, { mean = 0, stddev = 0.05, seed }) => normal(shape, mean, stddev, dtype, seed),
);
/**
 * Normal with `mean` (default 0) and `stddev` (default 0.05), truncated at two standard deviations.
 * @throws ArgumentError for a negative stddev
 * @example
 * sg.initializers.truncatedNormal({ stddev: 0.1, seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const truncatedNormal = make<RandomNormalConfig>(
  'TruncatedNormal',
  { mean: real(), stddev: amount(), seed: seed() },
  (shape, dtype, { mean = 0, stddev = 0.05, seed }) => truncated(shape, mean, stddev, dtype, seed),
);

/** Settings of `varianceScaling`. */
export interface VarianceScalingConfig {
  /** Factor of the variance; default 1. */
  scale?: number;
  /** Divisor of the variance: number of inputs (default), of outputs, or the mean of both. */
  mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  /** Distribution; default 'normal', which like 'truncatedNormal' is truncated at two standard deviations. */
  distribution?: 'normal' | 'uniform' | 'truncatedNormal';
  /** number | string | undefined of the values; by default drawn from that of the library (`sg.setSeed`). */
  seed?: number | string;
}

/** Standard deviation of a normal distribution that is cut at ±2 standard deviations. */
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

/**
 * Values of variance `scale` / fan, where fan is chosen by `mode`; by default scale 1, 'fanIn', 'normal' (truncated, as
 * in Keras).
 * @throws ArgumentError for an unknown mode or distribution, or a scale that is not positive
 * @example
 * sg.initializers.varianceScaling({ scale: 2, mode: 'fanOut', distribution: 'uniform' }).apply([3, 2]).shape; // [3, 2]
 */
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
  make<RandomConfig>(className, { seed: seed() }, (shape, dtype, { seed }) => scaled(shape, dtype, { ...fixed, seed }));

/**
 * Uniform, variance 2 / (fanIn + fanOut) (Glorot and Bengio, 2010). The default of kernels.
 * @throws ArgumentError for an invalid seed
 * @example
 * sg.initializers.glorotUniform({ seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const glorotUniform = preset('GlorotUniform', { mode: 'fanAvg', distribution: 'uniform' });
/**
 * Truncated normal, variance 2 / (fanIn + fanOut) (Glorot and Bengio, 2010).
 * @throws ArgumentError for an invalid seed
 * @example
 * sg.initializers.glorotNormal({ seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const glorotNormal = preset('GlorotNormal', { mode: 'fanAvg', distribution: 'truncatedNormal' });
/**
 * Uniform, variance 2 / fanIn (He et al., 2015), for relu.
 * @throws ArgumentError for an invalid seed
 * @example
 * sg.initializers.heUniform({ seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const heUniform = preset('HeUniform', { scale: 2, distribution: 'uniform' });
/**
 * Truncated normal, variance 2 / fanIn (He et al., 2015), for relu.
 * @throws ArgumentError for an invalid seed
 * @example
 * sg.initializers.heNormal({ seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const heNormal = preset('HeNormal', { scale: 2, distribution: 'truncatedNormal' });
/**
 * Uniform, variance 1 / fanIn (LeCun et al., 1998).
 * @throws ArgumentError for an invalid seed
 * @example
 * sg.initializers.leCunUniform({ seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const leCunUniform = preset('LeCunUniform', { distribution: 'uniform' });
/**
 * Truncated normal, variance 1 / fanIn (LeCun et al., 1998), for selu.
 * @throws ArgumentError for an invalid seed
 * @example
 * sg.initializers.leCunNormal({ seed: 7 }).apply([3, 2]).shape; // [3, 2]
 */
export const leCunNormal = preset('LeCunNormal', { distribution: 'truncatedNormal' });

/**
 * The identity matrix times `gain` (default 1).
 * @throws ShapeError when applied to a shape that is not a matrix
 * @example
 * sg.initializers.identity().apply([2, 2]).arraySync(); // [[1, 0], [0, 1]]
 */
export const identity = make<IdentityConfig>('Identity', { gain: real() }, (shape, dtype, { gain = 1 }) => {
  const [rows, columns] = matrix('identity', shape);
  if (shape.length > 2) throw new ShapeError(`initializers.identity: needs a matrix, got ${showShape(shape)}`);
  return tidy(() => cast(mul(eye(rows, columns), gain), dtype));
});

/**
 * A random matrix with orthogonal rows or columns (whichever are fewer) of length `gain` (default 1); shapes of more
 * dimensions count as the last dimension against all others (Saxe et al., 2014).
 * @throws ShapeError when applied to a shape of less than two dimensions
 * @example
 * sg.initializers.orthogonal({ seed: 7 }).apply([4, 2]).shape; // [4, 2]
 */
export const orthogonal = make<OrthogonalConfig>(
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

/** Names of initializers. */
export type InitializerName =
  | 'zeros'
  | 'ones'
  | 'constant'
  | 'randomUniform'
  | 'randomNormal'
  | 'truncatedNormal'
  | 'varianceScaling'
  | 'glorotUniform'
  | 'glorotNormal'
  | 'heUniform'
  | 'heNormal'
  | 'leCunUniform'
  | 'leCunNormal'
  | 'identity'
  | 'orthogonal';

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
} satisfies Readonly<Record<InitializerName, (config: never) => Initializer>>;

/**
 * An initializer, the name of one, an object with `apply` or a function of shape and type, or what `getConfig` gave with
 * its class name.
 */
export type InitializerIdentifier = WeightRuleIdentifier<[shape: Shape, dtype?: DType], InitializerName>;

const KIND: RuleKind<[shape: Shape, dtype?: DType]> = { name: 'initializer', builtIn: byName };

/**
 * Finds an initializer by its name, configuration, function or object.
 * @throws ArgumentError for an unknown name, or a value that is not an initializer
 * @example
 * sg.initializers.getInitializer('ones').apply([2]).arraySync(); // [1, 1]
 */
export const getInitializer = (identifier: InitializerIdentifier, where = 'getInitializer'): Initializer =>
  findRule(KIND, identifier, where);
