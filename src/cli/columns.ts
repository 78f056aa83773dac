/** What each column of a table holds, found out from its cells. */
import { isMissing } from './table';

/** A column as the network sees it. All of it is saved with the model. */
export type Column = {
  readonly name: string;
  /** Cells without a value, in all rows of the table. */
  readonly missing: number;
} & (
  | {
      readonly kind: 'number' | 'date';
      readonly median: number;
      /** Whether rows for training have gaps: only then can the network learn what a gap means, and gaps are flagged. */
      readonly hasGaps: boolean;
    }
  | {
      readonly kind: 'category';
      /** In the order of the code points; missing cells of rows for training are the category ''. */
      readonly categories: readonly string[];
    }
  | { readonly kind: 'left out'; readonly reason: string }
);

/** More kinds of text than this are names or sentences rather than categories. */
const MOST_CATEGORIES = 50;
const DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const DAY = 86_400_000;

/** A number as people write it; NaN if it is none. */
export function numberOf(cell: string): number {
  const text = cell.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** Days since 1970; NaN if it is no date. Without a time zone it is in UTC, so that it does not depend on the machine. */
export function daysOf(cell: string): number {
  const text = cell.trim();
  if (!DATE.test(text)) return Number.NaN;
  const hasZone = text.length <= 10 || /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  return Date.parse(hasZone ? text : `${text.replace(' ', 'T')}Z`) / DAY;
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[Math.max(0, middle - 1)], sorted[middle]] as [number, number];
  return sorted.length % 2 ? high : (low + high) / 2;
}

/** Whole numbers that only count rows up or down. */
function isCounter(values: readonly number[]): boolean {
  const step = (values[1] as number) - (values[0] as number);
  return Math.abs(step) === 1 && values.every((v, i) => i === 0 || v - (values[i - 1] as number) === step);
}

/**
 * What the cells of a column are.
 * @param cells those of the rows for training, from which all is learned
 * @param inOrder all, as they are in the file: what is missing is counted in them
 */
export function describe(name: string, cells: readonly string[], inOrder: readonly string[]): Column {
  const present = cells.filter((cell) => !isMissing(cell));
  const hasGaps = present.length < cells.length;
  const missing = inOrder.filter(isMissing).length;
  const leftOut = (reason: string): Column => ({ name, kind: 'left out', reason, missing });
  const different = new Set(present.map((cell) => cell.trim()));
  if (present.length === 0) return leftOut('it is empty');
  if (different.size === 1 && !hasGaps) return leftOut('it is the same in every row');
  const numbers = present.map(numberOf);
  if (!numbers.some(Number.isNaN)) {
    if (isCounter(inOrder.map(numberOf))) return leftOut('it counts the rows');
    return { name, kind: 'number', median: medianOf(numbers), hasGaps, missing };
  }
  const days = present.map(daysOf);
  if (!days.some(Number.isNaN)) return { name, kind: 'date', median: medianOf(days), hasGaps, missing };
  if (different.size > MOST_CATEGORIES || (different.size > 10 && different.size > present.length / 2))
    return leftOut(`it has ${different.size} different texts, too many for categories`);
  const categories = [...different, ...(hasGaps ? [''] : [])].sort();
  return { name, kind: 'category', categories, missing };
}
