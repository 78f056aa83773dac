/** Lists of categories: what encoders, splits and weights read labels with. */
import type { TypedArray } from '../ops/create/creation';
import { checkList, show } from '../support/arguments';
import { ArgumentError, ShapeError } from '../support/errors';
import { showShape, sizeOf } from '../tensor/shape';
import { alive, Tensor } from '../tensor/tensor';

/** A category: text, a number or a boolean. */
export type Category = string | number | boolean;
/** Examples along the first dimension: a tensor, an array of anything, or a typed array. */
export type Examples = Tensor | readonly unknown[] | TypedArray;

/** By code points: UTF-16 would put characters beyond the basic plane before some within it. */
export function compareText(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}

export const isExamples = (x: unknown): x is Examples =>
  x instanceof Tensor || Array.isArray(x) || (ArrayBuffer.isView(x) && !(x instanceof DataView));

/** The number of examples. @throws ArgumentError, ShapeError unless it is a list */
export function lengthOf(x: Examples, where: string, argument: string): number {
  if (!isExamples(x))
    throw new ArgumentError(
      `${where}: ${argument} must be a tensor or an array, got ${x === null ? 'null' : typeof x}`,
    );
  if (!(x instanceof Tensor)) return x.length;
  alive(x, where);
  if (x.rank === 0) throw new ShapeError(`${where}: ${argument} must have examples along its first axis, got a scalar`);
  return x.shape[0] as number;
}

/** Examples as an array: of a tensor of rank 2 and more, arrays of the elements of each row. */
export function toArray(x: Examples, where: string, argument: string): unknown[] {
  const count = lengthOf(x, where, argument);
  if (!(x instanceof Tensor)) return Array.from(x as readonly unknown[]);
  const data = x.dataSync();
  if (x.rank === 1) return x.dtype === 'bool' ? Array.from(data, Boolean) : Array.from(data);
  const width = sizeOf(x.shape.slice(1));
  return Array.from({ length: count }, (_, i) => Array.from(data.subarray(i * width, (i + 1) * width)));
}

/** Rows of several columns, or values of one. @throws ShapeError for rows of unequal length */
export function toTable(x: Examples, where: string): { rows: Category[][]; isFlat: boolean } {
  if (x instanceof Tensor && x.rank > 2)
    throw new ShapeError(`${where}: x must be [n] or [n, columns], got ${showShape(x.shape)}`);
  const list = toArray(x, where, 'x');
  const isFlat = !(x instanceof Tensor && x.rank === 2) && !Array.isArray(list[0]);
  const rows = isFlat ? list.map((v) => [v]) : list;
  const width = (rows[0] as unknown[] | undefined)?.length;
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== width)
      throw new ShapeError(`${where}: row ${i} of x must have ${width} columns, as the first one has`);
  });
  return { rows: rows as Category[][], isFlat };
}

/** The categories of one column, in their order. */
export class Categories {
  readonly #places: ReadonlyMap<Category, number>;

  /** @throws ArgumentError for anything but strings, numbers or booleans, all of one kind, each once */
  constructor(
    readonly values: readonly Category[],
    where: string,
  ) {
    checkList(values, where, 'categories', 'texts, numbers or booleans');
    const kind = typeof values[0];
    for (const v of values)
      if (!['string', 'number', 'boolean'].includes(typeof v) || Number.isNaN(v) || typeof v !== kind)
        throw new ArgumentError(`${where}: categories must all be strings, or all numbers, got ${show(v)}`);
    this.#places = new Map(values.map((v, i) => [v, i]));
    if (this.#places.size !== values.length)
      throw new ArgumentError(`${where}: a category is listed twice: ${values.map((v) => show(v)).join(', ')}`);
  }

  /** Those that occur: numbers ascending, text by code points. */
  static of(values: readonly Category[], where: string): Categories {
    const found = new Categories([...new Set(values)], where);
    const byOrder = (a: Category, b: Category): number =>
      typeof a === 'string' ? compareText(a, b as string) : Number(a) - Number(b);
    return new Categories([...found.values].sort(byOrder), where);
  }

  /** The place of a category; -1 if it is not known. */
  indexOf(value: Category): number {
    return this.#places.get(value) ?? -1;
  }

  /** `indexOf`. @throws ArgumentError for one that is not known, unless that is ignored */
  find(value: Category, isIgnored: boolean, where: string): number {
    const at = this.indexOf(value);
    if (at < 0 && !isIgnored)
      throw new ArgumentError(
        `${where} is ${show(value)}, which fit has not seen (${this.values
          .slice(0, 8)
          .map((v) => show(v))
          .join(', ')}${this.values.length > 8 ? ', …' : ''}); set handleUnknown: 'ignore' to let such pass`,
      );
    return at;
  }
}
