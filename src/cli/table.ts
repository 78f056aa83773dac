/** Tables of text, as CSV files hold them. */
import { readFile } from 'node:fs/promises';
import papaparse from 'papaparse';
import { UsageError } from './usage';

export interface Table {
  readonly names: readonly string[];
  /** As many cells as there are names. */
  readonly rows: readonly (readonly string[])[];
}

/** What stands for no value. */
const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null', '?']);

export const isMissing = (cell: string): boolean => MISSING.has(cell.trim().toLowerCase());

/**
 * Reads a file whose first line has the names of the columns; what separates fields is found out.
 * @throws UsageError if there is no such file, or if it is not a table
 */
export async function readTable(path: string): Promise<Table> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError(`${path} cannot be read: ${error.message}`);
  });
  const { data } = papaparse.parse(text.replace(/^\ufeff/, ''), { skipEmptyLines: 'greedy' });
  const [names, ...rows] = data;
  if (!names || names.length === 0) throw new UsageError(`${path} is empty; its first line names the columns`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`${path} has two columns '${twice}'; give each a name of its own`);
  const odd = rows.findIndex((row) => row.length !== names.length);
  if (odd >= 0)
    throw new UsageError(`${path}: row ${odd + 1} has ${rows[odd]?.length} fields; there are ${names.length} columns`);
  return { names: names.map((name) => name.trim()), rows };
}

/** The cells of a column. */
export const columnOf = ({ names, rows }: Table, name: string): string[] => {
  const at = names.indexOf(name);
  return rows.map((row) => row[at] as string);
};

/** The table as text, for a file. */
export const textOf = ({ names, rows }: Table): string => `${papaparse.unparse([names, ...rows], { newline: '\n' })}\n`;
