/** Rows of a table as numbers for the network, in the same way at training and at prediction. */
import type { Tensor } from '../index';
import * as sg from '../index';
import { type Column, daysOf, numberOf } from './columns';
import { columnOf, isMissing, type Table } from './table';
import { UsageError } from './usage';

/** What is known of a column, or of all: saved with the model as JSON. */
export interface Features {
  readonly columns: readonly Column[];
  /** Mean and variance of the numbers. */
  readonly scaler: ReturnType<sg.preprocessing.StandardScaler['getConfig']> | null;
}

const YEAR = 365.2425;

/** The numbers of one column, each a list with a value for each row; gaps become the median and are flagged. */
function numbersOf(column: Column & { kind: 'number' | 'date' }, cells: readonly string[]): number[][] {
  const parse = column.kind === 'number' ? numberOf : daysOf;
  const isGap = cells.map(isMissing);
  const values = cells.map((cell, i) => {
    if (isGap[i]) return column.median;
    const value = parse(cell);
    if (Number.isNaN(value))
      throw new UsageError(
        `row ${i + 1} of column '${column.name}' is '${cell}', and the model knows it as a ${column.kind}`,
      );
    return value;
  });
  const flags = column.hasGaps ? [isGap.map(Number)] : [];
  if (column.kind === 'number') return [values, ...flags];
  // The season, besides the time that has passed. The library's sine has the same bits everywhere, that of the host not.
  const turn = sg.tensor1d(values.map((day) => ((2 * Math.PI) / YEAR) * (day % YEAR)));
  return [values, [...sg.sin(turn).dataSync()], [...sg.cos(turn).dataSync()], ...flags];
}

const isNumeric = (column: Column): column is Column & { kind: 'number' | 'date' } =>
  column.kind === 'number' || column.kind === 'date';

/** [rows, numbers], not yet scaled; undefined if there are none. */
function numericPart(columns: readonly Column[], table: Table): Tensor | undefined {
  const lists = columns.filter(isNumeric).flatMap((column) => numbersOf(column, columnOf(table, column.name)));
  return lists.length ? sg.transpose(sg.tensor2d(lists)) : undefined;
}

/** Learns from rows for training how numbers are scaled. */
export function fitFeatures(columns: readonly Column[], table: Table): Features {
  const numbers = numericPart(columns, table);
  return { columns, scaler: numbers ? sg.preprocessing.standardScaler().fit(numbers).getConfig() : null };
}

/** The cell as a category. */
const categoryOf = (cell: string): string => (isMissing(cell) ? '' : cell.trim());

/** Texts that training has not seen, which count as none of the categories: a line for each column that has some. */
export function unseenIn({ columns }: Features, table: Table): string[] {
  return columns.flatMap((column) => {
    if (column.kind !== 'category') return [];
    const cells = columnOf(table, column.name).map(categoryOf);
    const unseen = cells.filter((cell) => cell !== '' && !column.categories.includes(cell));
    if (unseen.length === 0) return [];
    const texts = [...new Set(unseen)];
    const shown = texts.slice(0, 5).map((text) => `'${text}'`);
    const list = `${shown.join(', ')}${texts.length > shown.length ? ', …' : ''}`;
    const count = unseen.length === 1 ? '1 row' : `${unseen.length} rows`;
    return [
      `column '${column.name}': the model has never seen ${list} (${count}); it counts as none of its categories`,
    ];
  });
}

/** [rows, features]: scaled numbers, then a 1 for the category of each column. @throws UsageError */
export function toFeatures({ columns, scaler }: Features, table: Table): Tensor {
  const absent = columns.find(({ name, kind }) => kind !== 'left out' && !table.names.includes(name));
  if (absent) throw new UsageError(`the table has no column '${absent.name}', which the model was trained with`);
  return sg.tidy(() => {
    const numbers = numericPart(columns, table);
    const scaled = numbers && sg.preprocessing.standardScaler(scaler).transform(numbers);
    const categories = columns.flatMap((column) => {
      if (column.kind !== 'category') return [];
      const cells = columnOf(table, column.name).map(categoryOf);
      const { oneHotEncoder } = sg.preprocessing;
      return [oneHotEncoder({ categories: column.categories, handleUnknown: 'ignore' }).transform(cells)];
    });
    return sg.concat([...(scaled ? [scaled] : []), ...categories], 1);
  });
}
