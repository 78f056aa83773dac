/** Datasets from files of separated values. */
import { ArgumentError, DatasetError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';
import * as is from '../support/settings';
import { COLUMN, type ColumnConfig, type ColumnValue, columnReader } from './columns';
import { Dataset } from './dataset';
import { rowsOf } from './rows';
import { handedOut, type Stream } from './streams';
import { type CSVSource, checkSource, isOnce, textsOf } from './texts';

/** Settings of `sg.data.csv`. */
export interface CSVConfig {
  /** Whether the first row holds the columns' names; default true. */
  readonly hasHeader?: boolean;
  /** Names of the columns, instead of those of the header; needed if there is none, and by default those. */
  readonly columnNames?: readonly string[];
  /** Settings of columns, by name; none by default. */
  readonly columnConfigs?: Readonly<Record<string, ColumnConfig>>;
  /** Whether elements have only the columns of `columnConfigs`; default false. */
  readonly configuredColumnsOnly?: boolean;
  /** Text between fields; default `','`. */
  readonly delimiter?: string;
  /** Whether fields are separated by blanks and tabs, any number of them; default false. */
  readonly delimWhitespace?: boolean;
}

const SETTINGS = {
  hasHeader: is.flag(true),
  columnNames: is.list() as is.Setting<readonly string[] | undefined>,
  columnConfigs: is.given<CSVConfig['columnConfigs']>('an object of settings by column', isPlainObject),
  configuredColumnsOnly: is.flag(false),
  delimiter: is.given<string | undefined>(
    'text without quotes and line ends',
    (v) => typeof v === 'string' && v !== '' && !/["\r\n\ufeff]/.test(v),
  ),
  delimWhitespace: is.flag(false),
} satisfies is.TableOf<CSVConfig>;

/** Values by column. */
export type CSVRow = Record<string, ColumnValue>;

/** The elements of `csv` with a configuration: rows, or features and labels. */
export type CSVElement<C> = C extends { columnConfigs: infer K }
  ? [Extract<K[keyof K], { isLabel: true }>] extends [never]
    ? CSVRow
    : { xs: CSVRow; ys: CSVRow }
  : CSVRow;

/** A pass over the rows, its header read. */
interface Pass {
  readonly names: readonly string[];
  readonly rows: AsyncGenerator<string[]>;
  /** Rows read. */
  count: number;
}

/** The next row that is not empty. In a single column an empty line is a missing value. */
async function nextRow(pass: Pass): Promise<string[] | undefined> {
  for (;;) {
    const { done, value } = await pass.rows.next();
    if (done) return undefined;
    pass.count++;
    if (pass.names.length === 1 || value.length > 1 || value[0] !== '') return value;
  }
}

/** The rows of a source, as objects of values. Made by `sg.data.csv`. */
export class CSVDataset<T = CSVRow> extends Dataset<T> {
  readonly #source: CSVSource;
  readonly #config: is.Values<typeof SETTINGS>;
  #names: readonly string[] | undefined;
  /** A pass over a source that can be read only once, of which `columnNames` has read the header. */
  #opened: Pass | undefined;

  constructor(source: CSVSource, settings?: CSVConfig | null) {
    super();
    checkSource('data.csv', source);
    const config = is.checked('data.csv', SETTINGS, settings);
    const { delimiter, delimWhitespace, hasHeader, columnNames, configuredColumnsOnly, columnConfigs } = config;
    for (const [name, column] of Object.entries(columnConfigs ?? {}))
      is.checkNames(`data.csv: columnConfigs '${name}'`, column ?? {}, COLUMN);
    if (delimiter !== undefined && delimWhitespace)
      throw new ArgumentError('data.csv: give either delimiter or delimWhitespace');
    if (!hasHeader && !columnNames) throw new ArgumentError('data.csv: without a header, columnNames are needed');
    if (configuredColumnsOnly && !columnConfigs)
      throw new ArgumentError('data.csv: configuredColumnsOnly needs columnConfigs');
    this.#source = source;
    this.#config = config;
    if (columnNames) this.#check(columnNames);
  }

  /** The columns of the elements, in the order of the source, whose header is read if necessary. */
  async columnNames(): Promise<string[]> {
    if (!this.#names) {
      const pass = await this.#open();
      if (isOnce(this.#source)) this.#opened = pass;
      else await pass.rows.return(undefined);
    }
    return this.#chosen(this.#names as readonly string[]);
  }

  override async iterator(): Promise<AsyncIterableIterator<T>> {
    return handedOut(this.#elements());
  }

  override [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return handedOut(this.#elements());
  }

  #chosen(names: readonly string[]): string[] {
    const { configuredColumnsOnly, columnConfigs = {} } = this.#config;
    return names.filter((name) => !configuredColumnsOnly || Object.hasOwn(columnConfigs, name));
  }

  #check(names: readonly string[]): void {
    const twice = names.filter((name, i) => names.indexOf(name) !== i);
    if (twice.length) throw new ArgumentError(`data.csv: columns of the same name: ${twice.join(', ')}`);
    const unknown = Object.keys(this.#config.columnConfigs ?? {}).filter((name) => !names.includes(name));
    if (unknown.length)
      throw new ArgumentError(
        `data.csv: columnConfigs has ${unknown.join(', ')}, but the columns are ${names.join(', ')}`,
      );
  }

  async #open(): Promise<Pass> {
    const { delimiter = ',', delimWhitespace, hasHeader, columnNames: given } = this.#config;
    const format = { delimiter: delimWhitespace ? ' ' : delimiter, isWhitespace: delimWhitespace };
    const pass: Pass = { names: [], rows: rowsOf(textsOf('data.csv', this.#source), format), count: 0 };
    try {
      const header = hasHeader ? await nextRow(pass) : given;
      if (!header) throw new ArgumentError('data.csv: the source is empty, not even a header is there');
      if (given && header.length !== given.length)
        throw new ArgumentError(`data.csv: ${given.length} columnNames, but ${header.length} columns in the header`);
      const names = given ?? header;
      this.#check(names);
      this.#names = names;
      return { ...pass, names };
    } catch (error) {
      await pass.rows.return(undefined);
      throw error;
    }
  }

  async *#elements(): Stream<T> {
    const pass = this.#opened ?? (await this.#open());
    this.#opened = undefined;
    const { names } = pass;
    let element = 0;
    const fault = (reason: string, cause?: unknown) =>
      new DatasetError(`data.csv: row ${pass.count}${reason}`, element, { cause });
    try {
      const columns = this.#columns(names);
      const labels = columns.filter((c) => c.isLabel);
      const features = columns.filter((c) => !c.isLabel);
      const valuesOf = (row: readonly string[], some: typeof columns): CSVRow =>
        Object.fromEntries(
          some.map(({ name, index, read }) => {
            try {
              return [name, read(row[index] as string)];
            } catch (cause) {
              throw fault(`, column '${name}': ${(cause as Error).message}`, cause);
            }
          }),
        );
      for (;;) {
        let row: string[] | undefined;
        try {
          row = await nextRow(pass);
        } catch (cause) {
          // What prevents reading at all speaks for itself.
          throw pass.count === 0 ? cause : new DatasetError((cause as Error).message, element, { cause });
        }
        if (!row) return;
        if (row.length !== names.length) throw fault(`: ${row.length} fields, but ${names.length} columns`);
        const xs = valuesOf(row, features);
        yield (labels.length ? { xs, ys: valuesOf(row, labels) } : xs) as T;
        element++;
      }
    } finally {
      await pass.rows.return(undefined);
    }
  }

  /** The columns that elements have, ready for a pass. */
  #columns(names: readonly string[]) {
    const { columnConfigs = {} } = this.#config;
    return this.#chosen(names).map((name) => {
      const config = Object.hasOwn(columnConfigs, name) ? columnConfigs[name] : undefined;
      const isLabel = config?.isLabel === true;
      return { name, index: names.indexOf(name), isLabel, read: columnReader(name, config) };
    });
  }
}

/**
 * The rows of separated values (RFC 4180: quotes, doubled quotes, line ends in quotes, LF or CRLF) as objects of values
 * by column, or `{xs, ys}` if a column is a label. The source is UTF-8, read piece by piece, and may be longer than
 * memory. Needs the package papaparse.
 *
 * Empty fields become the column's `default`, or an error if it is `required` or a label; else NaN, and in columns of
 * texts the text itself. (TensorFlow.js gives undefined, which no batch can take.) Without `dtype` a column counts as
 * text once it has shown one. Empty lines are passed over, but in a single column they are empty fields.
 *
 * @param source URL, path, Request, Blob or File, ReadableStream (for one pass) or `{ text }`.
 * @throws ArgumentError; when iterated, DatasetError that names row (from 1, the header included) and column;
 * RuntimeSupportError without papaparse
 * @example
 * const data = sg.data.csv({ text: 'a,b,y\n1,2,3\n4,5,9\n' }, { columnConfigs: { y: { isLabel: true } } });
 * const batches = data.map(({ xs, ys }) => ({ xs: Object.values(xs), ys: Object.values(ys) })).batch(2);
 * for await (const { xs, ys } of batches) console.log(xs.shape, ys.shape); // [2, 2], [2, 1]
 *
 * // All rows at once. A value may be text as well, so TypeScript wants Number.
 * const rows = await sg.data.csv({ text: 'a,b\n1,2\n4,5\n' }).toArray();
 * sg.tensor2d(rows.map(({ a, b }) => [Number(a), Number(b)])).shape; // [2, 2]
 */
export const csv = <const C extends CSVConfig>(source: CSVSource, config?: C): CSVDataset<CSVElement<C>> =>
  new CSVDataset(source, config);
