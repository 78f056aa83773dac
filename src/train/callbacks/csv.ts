/** The logs of a training as a table in a file. */

import { File } from '../../runtime/files';
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { Callback, type Logs } from './callback';

/** Receives the data that a callback would write to a file, piece by piece; `path` is the path of the file. */
export type Sink<T> = (data: T, path: string) => void | Promise<void>;

/** Settings of `csvLogger`. */
export interface CSVLoggerArgs {
  /** Text between values; default ','. */
  separator?: string;
  /** Whether an existing file is continued; default false: it is replaced. */
  append?: boolean;
}

/** Not what numbers and names are made of. */
const isSeparator = (v: unknown): boolean =>
  typeof v === 'string' && v !== '' && !/[\w\s.+-]/.test(v.replace('\t', ''));
const SETTINGS = {
  separator: is.given("a sign such as ',' or a tab", isSeparator, ','),
  append: is.flag(false),
} satisfies is.TableOf<CSVLoggerArgs>;

/** Written where an epoch has no value. */
const MISSING = 'NA';

/** Writes the logs of each epoch as a line: the epoch's number, then the values in the order of their names. */
export class CSVLogger extends Callback {
  readonly #file: File | undefined;
  readonly #sink: Sink<string>;
  readonly #separator: string;
  readonly #append: boolean;
  #columns: string[] = [];

  /** @throws ArgumentError */
  constructor(target: string | Sink<string>, args?: CSVLoggerArgs | null) {
    super();
    const { separator, append } = is.checked('csvLogger', SETTINGS, args);
    if (typeof target !== 'string' && typeof target !== 'function')
      throw new ArgumentError(`csvLogger: needs a path, or a function that takes text, got ${typeof target}`);
    const file =
      typeof target === 'string' ? new File(target, 'csvLogger', 'pass a function that takes the text') : undefined;
    this.#file = file;
    this.#sink = file ? (text) => file.append(text) : (target as Sink<string>);
    this.#separator = separator;
    this.#append = append;
  }

  override async onTrainBegin(): Promise<void> {
    this.#columns = [];
    if (!this.#file) return;
    if (!this.#append || !(await this.#file.exists())) return this.#file.write('');
    const text = await this.#text();
    const [header = ''] = text.split('\n');
    if (!header) return;
    const [first, ...columns] = header.split(this.#separator);
    if (first !== 'epoch')
      throw new ArgumentError(
        `csvLogger: '${this.#file.path}' does not begin with 'epoch${this.#separator}…', so nothing was appended; pass another path or separator`,
      );
    this.#columns = columns;
    if (!text.endsWith('\n')) await this.#file.append('\n');
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const wrong = Object.keys(logs).find((k) => k.includes(this.#separator) || /["\r\n]/.test(k));
    if (wrong !== undefined)
      throw new ArgumentError(`csvLogger: the name ${show(wrong)} holds the separator; choose another one`);
    const fresh = Object.keys(logs)
      .filter((k) => !this.#columns.includes(k))
      .sort();
    if (fresh.length) await this.#widen(fresh);
    await this.#sink(this.#line([epoch, ...this.#columns.map((c) => logs[c] ?? MISSING)]), this.#path);
  }

  /** Adds columns: to a file also in the lines before; a function gets a new header. */
  async #widen(fresh: readonly string[]): Promise<void> {
    const isFirst = this.#columns.length === 0;
    this.#columns.push(...fresh);
    const header = this.#line(['epoch', ...this.#columns]);
    if (isFirst || !this.#file) return this.#sink(header, this.#path);
    const blanks = this.#separator + fresh.map(() => MISSING).join(this.#separator);
    const [, ...lines] = (await this.#text()).trimEnd().split('\n');
    return this.#file.write(header + lines.map((l) => `${l}${blanks}\n`).join(''));
  }

  async #text(): Promise<string> {
    return new TextDecoder().decode(await this.#file?.read()).replaceAll('\r\n', '\n');
  }

  get #path(): string {
    return this.#file?.path ?? '';
  }

  #line(cells: readonly (string | number)[]): string {
    return `${cells.join(this.#separator)}\n`;
  }
}
