/** Principal components (Pearson, 1901). All is computed in f64 on the host, with the same bits everywhere. */
import { type TensorLike, tensor, withOperand } from '../ops/create/creation';
import { ArgumentError, ShapeError, StateError } from '../support/errors';
import * as is from '../support/settings';
import { placeIn, showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { eigenOf } from './eigen';

/** Settings of `pca`. */
export interface PCAArgs {
  /** Number of components that are kept; default null: as many as there are features, or examples if these are fewer. */
  nComponents?: number | null;
  /** Components, of saved ones: a list for each; by default `fit` finds them. */
  components?: readonly (readonly number[])[] | null;
  /** Variances along the components, of saved ones; by default `fit` finds them. */
  explainedVariance?: readonly number[] | null;
  /** Their shares of the whole variance, of saved ones; by default `fit` finds them. */
  explainedVarianceRatio?: readonly number[] | null;
  /** Means of the features, of saved ones; by default `fit` finds them. */
  mean?: readonly number[] | null;
}

const isNumbers = (v: unknown): boolean => Array.isArray(v) && v.every(is.real().fits);
const numbers = is.given<readonly number[] | undefined>('a list of finite numbers', isNumbers);
const PCA_SETTINGS = {
  nComponents: is.given<number | undefined>('a positive integer, or null', is.count().fits),
  components: is.given<readonly (readonly number[])[] | undefined>(
    'a list of lists of finite numbers',
    (v) => Array.isArray(v) && v.every(isNumbers),
  ),
  explainedVariance: numbers,
  explainedVarianceRatio: numbers,
  mean: numbers,
} satisfies is.TableOf<PCAArgs>;

/** What is learned from examples. */
interface Learned {
  readonly components: readonly (readonly number[])[];
  readonly explainedVariance: readonly number[];
  readonly explainedVarianceRatio: readonly number[];
  readonly mean: readonly number[];
}

/** Examples as rows. */
interface Rows {
  readonly rows: readonly Float64Array[];
  readonly features: number;
}

function rowsOf(x: TensorLike, where: string): Rows {
  return withOperand(x, where, (t) => {
    if (t.rank !== 2) throw new ShapeError(`${where}: x must be [n, features], got ${showShape(t.shape)}`);
    const [count, features] = t.shape as [number, number];
    const data = t.dataSync();
    const wrong = data.findIndex((v: number) => !Number.isFinite(v));
    if (wrong >= 0)
      throw new ArgumentError(
        `${where}: ${placeIn('x', t.shape, wrong)} is ${data[wrong]}; fill it in, or leave its row out`,
      );
    return {
      rows: Array.from({ length: count }, (_, i) => Float64Array.from(data.subarray(i * features, (i + 1) * features))),
      features,
    };
  });
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};

/** Products of all pairs of vectors. */
const gram = (vectors: readonly Float64Array[]): Float64Array[] => {
  const out = vectors.map(() => new Float64Array(vectors.length));
  vectors.forEach((a, i) => {
    for (let j = 0; j <= i; j++) {
      const product = dot(a, vectors[j] as Float64Array);
      (out[i] as Float64Array)[j] = product;
      (out[j] as Float64Array)[i] = product;
    }
  });
  return out;
};

/** Of length 1, with a positive largest part, as scikit-learn has them. */
function oriented(vector: ArrayLike<number>): number[] {
  const length = Math.sqrt(dot(vector, vector));
  let largest = 0;
  for (let i = 0; i < vector.length; i++)
    if (Math.abs(vector[i] as number) > Math.abs(vector[largest] as number)) largest = i;
  const factor = length === 0 ? 0 : ((vector[largest] as number) < 0 ? -1 : 1) / length;
  return Array.from(vector, (v) => v * factor + 0);
}

/** Directions of the largest variance of centred rows, from the smaller one of the two matrices of products. */
function directions(
  centred: readonly Float64Array[],
  features: number,
  count: number,
): { values: number[]; vectors: number[][] } {
  if (centred.length >= features) {
    const columns = Array.from({ length: features }, (_, f) => Float64Array.from(centred, (row) => row[f] as number));
    const { values, vectors } = eigenOf(gram(columns));
    return { values: [...values.slice(0, count)], vectors: vectors.slice(0, count).map(oriented) };
  }
  const { values, vectors } = eigenOf(gram(centred));
  const combined = vectors.slice(0, count).map((weights) => {
    const sum = new Float64Array(features);
    centred.forEach((row, i) => {
      for (let f = 0; f < features; f++) sum[f] = (sum[f] as number) + (weights[i] as number) * (row[f] as number);
    });
    return oriented(sum);
  });
  return { values: [...values.slice(0, count)], vectors: combined };
}

/** Rotates examples so that the first of their new features vary most. */
export class PCA {
  readonly #nComponents: number | undefined;
  #learned: Learned | undefined;

  constructor(args?: PCAArgs | null) {
    const { nComponents, components, explainedVariance, explainedVarianceRatio, mean } = is.checked(
      'pca',
      PCA_SETTINGS,
      args,
    );
    this.#nComponents = nComponents;
    const given = [components, explainedVariance, explainedVarianceRatio, mean];
    if (given.every((list) => list === undefined)) return;
    if (!components || !explainedVariance || !explainedVarianceRatio || !mean)
      throw new ArgumentError('pca: components, explainedVariance, explainedVarianceRatio and mean belong together');
    if (
      components.some((row) => row.length !== mean.length) ||
      [explainedVariance, explainedVarianceRatio].some((v) => v.length !== components.length)
    )
      throw new ArgumentError('pca: components must have as many numbers as mean, and a variance each');
    this.#learned = { components, explainedVariance, explainedVarianceRatio, mean };
  }

  /** The directions, largest variance first: a list for each, of length 1. */
  get components(): readonly (readonly number[])[] | undefined {
    return this.#learned?.components;
  }

  /** The variances along the directions, Σ (x - mean)² / (n - 1). */
  get explainedVariance(): readonly number[] | undefined {
    return this.#learned?.explainedVariance;
  }

  /** Their shares of the whole variance. */
  get explainedVarianceRatio(): readonly number[] | undefined {
    return this.#learned?.explainedVarianceRatio;
  }

  /** The means of the features. */
  get mean(): readonly number[] | undefined {
    return this.#learned?.mean;
  }

  /**
   * Learns the directions of examples, replacing those learned before.
   * @param x [n, features]
   * @throws ShapeError for another shape; ArgumentError for fewer than 2 examples, for more components than there can be,
   * for NaN and infinities
   */
  fit(x: TensorLike): this {
    const where = 'pca.fit';
    const { rows, features } = rowsOf(x, where);
    if (rows.length < 2 || features === 0) throw new ArgumentError(`${where}: needs at least 2 examples with features`);
    const most = Math.min(rows.length, features);
    const count = this.#nComponents ?? most;
    if (count > most) throw new ArgumentError(`${where}: nComponents must be at most ${most}, got ${count}`);
    const mean = Array.from(
      { length: features },
      (_, f) => rows.reduce((sum, row) => sum + (row[f] as number), 0) / rows.length,
    );
    const centred = rows.map((row) => row.map((v, f) => v - (mean[f] as number)));
    const { values, vectors } = directions(centred, features, count);
    const variances = values.map((v) => Math.max(0, v) / (rows.length - 1));
    const whole = centred.reduce((sum, row) => sum + dot(row, row), 0) / (rows.length - 1);
    this.#learned = {
      components: vectors,
      explainedVariance: variances,
      explainedVarianceRatio: variances.map((v) => (whole === 0 ? 0 : v / whole)),
      mean,
    };
    return this;
  }

  /**
   * Coordinates of examples along the directions.
   * @param x [n, features]
   * @returns float32 [n, components]
   * @throws StateError before `fit`; ShapeError for another number of features; ArgumentError for NaN and infinities
   */
  transform(x: TensorLike): Tensor {
    const where = 'pca.transform';
    const { components, mean } = this.#ready(where);
    const { rows, features } = rowsOf(x, where);
    if (features !== mean.length) throw new ShapeError(`${where}: fit saw ${mean.length} features, x has ${features}`);
    const found = rows.flatMap((row) => {
      const centred = row.map((v, f) => v - (mean[f] as number));
      return components.map((component) => dot(centred, component));
    });
    return tensor(found, [rows.length, components.length]);
  }

  /** `fit`, then `transform`. */
  fitTransform(x: TensorLike): Tensor {
    return this.fit(x).transform(x);
  }

  /**
   * Examples from their coordinates; with fewer components than features the nearest that these can say.
   * @param y [n, components]
   * @returns float32 [n, features]
   * @throws as `transform`
   */
  inverseTransform(y: TensorLike): Tensor {
    const where = 'pca.inverseTransform';
    const { components, mean } = this.#ready(where);
    const { rows, features } = rowsOf(y, where);
    if (features !== components.length)
      throw new ShapeError(`${where}: there are ${components.length} components, y has ${features}`);
    const found = rows.flatMap((row) =>
      mean.map((m, f) =>
        components.reduce((sum, component, k) => sum + (row[k] as number) * (component[f] as number), m),
      ),
    );
    return tensor(found, [rows.length, mean.length]);
  }

  /** Settings and what was learned, as plain JSON; `fromConfig`, or the factory, makes it again. */
  getConfig(): Record<string, unknown> {
    const none = { components: null, explainedVariance: null, explainedVarianceRatio: null, mean: null };
    return { nComponents: this.#nComponents ?? null, ...(this.#learned ?? none) };
  }

  /** Creates it from what `getConfig` returned. */
  static fromConfig(config: Readonly<Record<string, unknown>>): PCA {
    return new PCA(config);
  }

  #ready(where: string): Learned {
    if (this.#learned) return this.#learned;
    throw new StateError(`${where}: call fit first`);
  }
}
