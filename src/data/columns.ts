/** From fields of text to values: what a column holds. */
import { ArgumentError } from '../support/errors';
import { lookUp } from '../support/names';

/** Settings of a column. */
export interface ColumnConfig {
  /** Whether an empty field without `default` is an error; default false. */
  readonly required?: boolean;
  /**
   * `'float32'`, `'int32'` (rounded down) and `'bool'` (1 or 0) make numbers of all fields, or an error; `'string'`
   * leaves texts. By default a field that reads as a number is one, and others are texts.
   */
  readonly dtype?: 'float32' | 'int32' | 'bool' | 'string';
  /** Value of empty fields; none by default. */
  readonly default?: number | string | boolean;
  /** Whether the column goes to `ys` instead of `xs`; a label is required. Default false. */
  readonly isLabel?: boolean;
}

export const COLUMN: readonly (keyof ColumnConfig)[] = ['required', 'dtype', 'default', 'isLabel'];

/** A value of a column. */
export type ColumnValue = number | string | boolean;

/** How other programs write what JavaScript does not read. */
const SPECIAL = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

/** A number, also NaN where the text spells it; undefined for other texts. */
function numberOf(text: string): number | undefined {
  const value = Number(text);
  return Number.isNaN(value) ? SPECIAL.get(text.trim().toLowerCase()) : value;
}

const BOOLS = new Map([
  ['true', 1],
  ['1', 1],
  ['false', 0],
  ['0', 0],
]);

const readers: Readonly<Record<string, (text: string) => ColumnValue | undefined>> = {
  float32: numberOf,
  int32: (text) => {
    const value = numberOf(text);
    return value === undefined ? value : Math.floor(value);
  },
  bool: (text) => BOOLS.get(text.trim().toLowerCase()),
  string: (text) => text,
};

/** Reads the fields of one column, from the first row on. @throws ArgumentError for a dtype that is none */
export function columnReader(name: string, config: ColumnConfig = {}): (text: string) => ColumnValue {
  const { dtype, required, isLabel } = config;
  const read = dtype === undefined ? undefined : lookUp(readers, dtype, 'dtype', `data.csv: column '${name}'`);
  /** Without dtype: whether the column has contained texts; then empty fields and spellings of NaN are texts as well. */
  let isText = dtype === 'string';
  return (text) => {
    if (text.trim() === '') {
      if (config.default !== undefined) return config.default;
      if (required || isLabel) throw new ArgumentError('the field is empty, but the column is required');
      return isText ? text : Number.NaN;
    }
    if (read) {
      const value = read(text);
      if (value === undefined) throw new ArgumentError(`'${text}' is no ${dtype}`);
      return value;
    }
    const value = isText && Number.isNaN(Number(text)) ? undefined : numberOf(text);
    if (value !== undefined) return value;
    isText = true;
    return text;
  };
}
