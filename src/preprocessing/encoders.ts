/** Categories as numbers: labels as indices, columns as zeros and ones. */
import { type TensorLike, tensor, toTensor } from '../ops/create/creation';
import { ArgumentError, IndexError, ShapeError, StateError } from '../support/errors';
import * as is from '../support/settings';
import { tidy } from '../tensor/scope';
import { showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { Categories, type Category, type Examples, toArray, toTable } from './categories';

/** Settings shared by the encoders. */
export interface EncoderArgs {
  /** What happens to a category that `fit` has not seen: 'error' (default) or 'ignore'. */
  handleUnknown?: 'error' | 'ignore';
}

const ENCODER = { handleUnknown: is.choice(['error', 'ignore'], 'error') };
const LABELS = { ...ENCODER, classes: is.list() } satisfies is.TableOf<LabelEncoderArgs>;
const COLUMNS = { ...ENCODER, categories: is.list() } satisfies is.TableOf<OneHotEncoderArgs>;

/** @throws StateError before `fit` */
function learned<T>(value: T | undefined, where: string): T {
  if (value === undefined) throw new StateError(`${where}: call fit first`);
  return value;
}

/** Settings of `labelEncoder`. */
export interface LabelEncoderArgs extends EncoderArgs {
  /** Classes of a saved encoder; by default `fit` finds them. */
  classes?: readonly Category[] | null;
}

/** Labels as their positions in the sorted list of classes. */
export class LabelEncoder {
  readonly #isIgnoring: boolean;
  #classes: Categories | undefined;

  constructor(args?: LabelEncoderArgs | null) {
    const { handleUnknown, classes } = is.checked('labelEncoder', LABELS, args);
    this.#isIgnoring = handleUnknown === 'ignore';
    if (classes) this.#classes = new Categories(classes as readonly Category[], 'labelEncoder');
  }

  /** The classes: numbers ascending, text by code points. */
  get classes(): readonly Category[] | undefined {
    return this.#classes?.values;
  }

  /** Learns the classes of labels. @throws ArgumentError unless all are strings, or all numbers (no NaN) */
  fit(y: Examples): this {
    const labels = toArray(y, 'labelEncoder.fit', 'y') as Category[];
    this.#classes = Categories.of(labels, 'labelEncoder.fit');
    return this;
  }

  /** Labels as int32 [n]. @throws ArgumentError for an unknown label, unless it is ignored: then -1; StateError */
  transform(y: Examples): Tensor {
    const where = 'labelEncoder.transform';
    const classes = learned(this.#classes, where);
    const labels = toArray(y, where, 'y') as Category[];
    const places = labels.map((v, i) => classes.find(v, this.#isIgnoring, `${where}: element ${i} of y`));
    return tensor(Int32Array.from(places));
  }

  /** `fit`, then `transform`. */
  fitTransform(y: Examples): Tensor {
    return this.fit(y).transform(y);
  }

  /** Indices as labels; null for -1, an ignored one. @throws IndexError for a number without a class, StateError */
  inverseTransform(indices: TensorLike): (Category | null)[] {
    const where = 'labelEncoder.inverseTransform';
    const { values } = learned(this.#classes, where);
    const list = tidy(() => Array.from(toTensor(indices, where, 'indices').dataSync()));
    return list.map((k) => {
      if (k === -1 && this.#isIgnoring) return null;
      if (!(k in values)) throw new IndexError(`${where}: index ${k} is outside [0, ${values.length})`);
      return values[k] as Category;
    });
  }

  /** Settings and classes, as plain JSON. */
  getConfig(): Record<string, unknown> {
    return { handleUnknown: this.#isIgnoring ? 'ignore' : 'error', classes: this.classes ?? null };
  }

  /** Creates an encoder from what `getConfig` returned. */
  static fromConfig(config: Readonly<Record<string, unknown>>): LabelEncoder {
    return new LabelEncoder(config);
  }
}

/** Settings of `oneHotEncoder`. */
export interface OneHotEncoderArgs extends EncoderArgs {
  /**
   * Instead of those that `fit` finds: the categories of one column, or a list of them for each column. Then `fit`
   * only checks the data. None by default.
   */
  categories?: readonly Category[] | readonly (readonly Category[])[] | null;
}

/** Columns of categories as blocks of zeros with a one at the position of the category. */
export class OneHotEncoder {
  readonly #isIgnoring: boolean;
  readonly #isGiven: boolean;
  #columns: readonly Categories[] | undefined;
  #isFlat = false;

  constructor(args?: OneHotEncoderArgs | null) {
    const { handleUnknown, categories } = is.checked('oneHotEncoder', COLUMNS, args);
    this.#isIgnoring = handleUnknown === 'ignore';
    this.#isGiven = categories !== undefined;
    if (!categories) return;
    const { rows, isFlat } = Array.isArray(categories[0])
      ? { rows: categories as Category[][], isFlat: false }
      : { rows: [categories as Category[]], isFlat: true };
    this.#columns = rows.map((list) => new Categories(list, 'oneHotEncoder'));
    this.#isFlat = isFlat;
  }

  /** The categories, numbers ascending, text by code points: of one column if `fit` saw a list, else of each column. */
  get categories(): readonly Category[] | readonly (readonly Category[])[] | undefined {
    const lists = this.#columns?.map((c) => c.values);
    return this.#isFlat ? lists?.[0] : lists;
  }

  /**
   * Learns the categories of each column.
   * @param x rows of equally many columns, [n, columns], or one column, [n].
   * @throws ArgumentError for no rows, or unless a column's are all strings, or all numbers (no NaN); ShapeError
   */
  fit(x: Examples): this {
    const where = 'oneHotEncoder.fit';
    const { rows, isFlat } = toTable(x, where);
    if (this.#isGiven) {
      this.#encode(rows, where);
      return this;
    }
    if (rows.length === 0) throw new ArgumentError(`${where}: x has no rows`);
    this.#columns = (rows[0] as Category[]).map((_, c) =>
      Categories.of(
        rows.map((row) => row[c] as Category),
        `${where}: column ${c}`,
      ),
    );
    this.#isFlat = isFlat;
    return this;
  }

  /**
   * Encodes data: rows [n, columns], or one column [n].
   * @returns float32, [n, number of all categories]
   * @throws ArgumentError for an unknown category, unless it is ignored: then its block is zero; ShapeError; StateError
   * before `fit`
   */
  transform(x: Examples): Tensor {
    const where = 'oneHotEncoder.transform';
    const { rows } = toTable(x, where);
    return tensor(this.#encode(rows, where), [rows.length, this.#width]);
  }

  /** `fit`, then `transform`. */
  fitTransform(x: Examples): Tensor {
    return this.fit(x).transform(x);
  }

  /**
   * In each block the category of the largest number (the first of equal ones): also probabilities may be given.
   * @param y [n, number of all categories]
   * @returns a list, or rows, as `fit` received. A block of zeros becomes null if unknown categories are ignored.
   * @throws ArgumentError for a block of zeros, or NaN; ShapeError, StateError
   */
  inverseTransform(y: TensorLike): (Category | null)[] | (Category | null)[][] {
    const where = 'oneHotEncoder.inverseTransform';
    const columns = learned(this.#columns, where);
    const width = this.#width;
    const rows = tidy(() => {
      const t = toTensor(y, where, 'y');
      if (t.rank !== 2 || t.shape[1] !== width)
        throw new ShapeError(`${where}: y must be [n, ${width}], got ${showShape(t.shape)}`);
      return toArray(t, where, 'y') as number[][];
    });
    const result = rows.map((row, i) => {
      let from = 0;
      return columns.map(({ values }, c) => {
        const block = row.slice(from, from + values.length);
        from += values.length;
        const best = block.reduce((b, v, k) => (v > (block[b] as number) ? k : b), 0);
        const isZero = block.every((v) => v === 0);
        if ((isZero && !this.#isIgnoring) || block.some(Number.isNaN))
          throw new ArgumentError(`${where}: row ${i} of y names no category of column ${c}: ${block}`);
        return isZero ? null : (values[best] as Category);
      });
    });
    return this.#isFlat ? result.map(([v]) => v as Category | null) : result;
  }

  get #width(): number {
    return (this.#columns ?? []).reduce((sum, c) => sum + c.values.length, 0);
  }

  #encode(rows: readonly Category[][], where: string): Float32Array {
    const columns = learned(this.#columns, where);
    const width = this.#width;
    const out = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      if (row.length !== columns.length)
        throw new ShapeError(`${where}: x has ${row.length} columns, fit saw ${columns.length}`);
      let from = i * width;
      columns.forEach((column, c) => {
        const at = column.find(row[c] as Category, this.#isIgnoring, `${where}: row ${i}, column ${c} of x`);
        if (at >= 0) out[from + at] = 1;
        from += column.values.length;
      });
    });
    return out;
  }

  /** Settings and categories, as plain JSON. An encoder made of it keeps its categories: its `fit` only checks. */
  getConfig(): Record<string, unknown> {
    return { handleUnknown: this.#isIgnoring ? 'ignore' : 'error', categories: this.categories ?? null };
  }

  /** Creates an encoder from what `getConfig` returned. */
  static fromConfig(config: Readonly<Record<string, unknown>>): OneHotEncoder {
    return new OneHotEncoder(config);
  }
}
