/** Rows of fields in separated text, read with papaparse. */
import { ArgumentError, RuntimeSupportError } from '../support/errors';

/** A page of a browser finds no packages by itself. */
const isPage = (): boolean => typeof (globalThis as { document?: unknown }).document !== 'undefined';
const IN_PAGE =
  'the package papaparse is not in this page; give an import map the address of an ES module of papaparse@5, as ' +
  '<script type="importmap">{"imports": {"papaparse": "./papaparse.mjs"}}</script>, or load dist/samegrad.min.js, which ' +
  'holds it, or bundle the program';

export interface RowFormat {
  readonly delimiter: string;
  /** Whether blanks and tabs in any number separate fields; `delimiter` is a blank then. */
  readonly isWhitespace: boolean;
}

async function load() {
  try {
    return (await import('papaparse')).default;
  } catch (cause) {
    throw new RuntimeSupportError(
      `data.csv: ${isPage() ? IN_PAGE : 'the package papaparse is needed: npm install papaparse@5'}`,
      { cause },
    );
  }
}

/** Whitespace outside quotes becomes one blank, none at the ends of lines. Doing it twice changes nothing. */
const collapse = (text: string, isEnd: boolean): string =>
  text.replace(/(?<!\S)"[^"]*(?:""[^"]*)*(?:"|$)|[ \t]+/g, (found, at: number) => {
    if (found[0] === '"') return found;
    const next = text[at + found.length];
    const isEdge = at === 0 || text[at - 1] === '\n' || next === '\n' || next === '\r' || (isEnd && next === undefined);
    return isEdge ? '' : ' ';
  });

/**
 * The rows of a text that comes in pieces; they end with LF or CRLF. A quoted field may hold delimiters, line ends and
 * doubled quotes. An empty line is a row of one empty field.
 *
 * @throws ArgumentError for a quoted field that does not end, or continues after its end; RuntimeSupportError
 */
export async function* rowsOf(pieces: AsyncIterable<string>, format: RowFormat): AsyncGenerator<string[]> {
  const { Parser } = await load();
  let rows: string[][] = [];
  let count = 0;
  let fault: ArgumentError | undefined;
  const parser = new Parser({
    delimiter: format.delimiter,
    newline: '\n',
    step({ data: [row], errors: [error] }) {
      count++;
      if (error) fault ??= new ArgumentError(`data.csv: row ${count}: ${error.message}`);
      // The rows before it are good.
      if (fault) return;
      const fields = row as string[];
      const last = fields.length - 1;
      fields[last] = (fields[last] as string).replace(/\r$/, '');
      rows.push(fields);
    },
  });
  let rest = '';
  let enough = 0;
  /** The rows in `rest`; a last one that may continue stays there. */
  function* take(isEnd: boolean): Generator<string[]> {
    if (format.isWhitespace) rest = collapse(rest, isEnd);
    rows = [];
    const { meta } = parser.parse(rest, 0, !isEnd);
    rest = rest.slice(meta.cursor);
    // A long row is looked at again only when it has doubled: the work stays proportional to the length.
    enough = 2 * rest.length;
    yield* rows;
    if (fault) throw fault;
  }
  for await (const piece of pieces) {
    rest += piece;
    if (rest.length > enough) yield* take(false);
  }
  // Twice: after a line end at the very end no further row begins.
  yield* take(false);
  yield* take(true);
}
