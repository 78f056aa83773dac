/** `samegrad predict`: a table with what a model predicts for each row. */
import { writeFile } from 'node:fs/promises';
import * as sg from '../index';
import { numberOf } from './columns';
import { toFeatures, unseenIn } from './features';
import { accuracyOf, errorsOf } from './judge';
import { readSaved } from './saved';
import { isMissing, readTable, type Table, textOf } from './table';
import { type Target, targetCells } from './task';
import { UsageError } from './usage';

/** The digits that a float32 has. */
const short = (value: number): string => String(Number(value.toPrecision(7)));

/** One list of cells for each column that is added. */
function answers(target: Target, found: sg.Tensor): { names: string[]; rows: string[][] } {
  const width = found.shape[1] as number;
  const values = [...found.dataSync()];
  const rows = Array.from({ length: found.shape[0] as number }, (_, i) => values.slice(i * width, (i + 1) * width));
  const name = `${target.name}_predicted`;
  if (target.kind === 'number')
    return { names: [name], rows: rows.map(([v]) => [short((v as number) * target.deviation + target.mean)]) };
  return {
    names: [name, ...target.classes.map((label) => `probability_${label}`)],
    rows: rows.map((scores) => [
      target.classes[scores.indexOf(Math.max(...scores))] as string,
      ...scores.map((score) => score.toFixed(4)),
    ]),
  };
}

/** How good the predictions are, if the table has the target; undefined if no row has it. */
function scoreOf(target: Target, table: Table, found: readonly string[]): string | undefined {
  if (!table.names.includes(target.name)) return undefined;
  const cells = targetCells(target, table);
  const known = cells.flatMap((cell, i) => (isMissing(cell) ? [] : [i]));
  if (known.length === 0) return undefined;
  const truth = known.map((i) => cells[i] as string);
  const guesses = known.map((i) => found[i] as string);
  const on = `on ${known.length} rows whose '${target.name}' is known:`;
  if (target.kind === 'classes') return `${on} accuracy ${accuracyOf(truth, guesses).toFixed(4)}`;
  const odd = truth.find((cell) => Number.isNaN(numberOf(cell)));
  if (odd !== undefined) return `no score: '${odd}' in column '${target.name}' is no number`;
  const { mae, rmse } = errorsOf(truth.map(numberOf), guesses.map(Number));
  return `${on} mean absolute error ${short(mae)}, root mean squared error ${short(rmse)}`;
}

/** Where texts go. */
export interface PredictOutput {
  /** The file to write; without it the table is printed. */
  readonly file: string | undefined;
  readonly print: (table: string) => void;
  /** Remarks, apart from the table. */
  readonly remark: (line: string) => void;
}

/**
 * Adds predictions to the rows of a table.
 * @throws UsageError for columns that are absent or of another kind, and for a file that cannot be written
 */
export async function predict(saved: string, path: string, { file, print, remark }: PredictOutput): Promise<void> {
  const { model, target, features } = await readSaved(saved);
  const table = await readTable(path);
  const found = table.rows.length ? (model.predict(toFeatures(features, table)) as sg.Tensor) : sg.zeros([0, 1]);
  const added = answers(target, found);
  const whole: Table = {
    names: [...table.names, ...added.names],
    rows: table.rows.map((row, i) => [...row, ...(added.rows[i] as string[])]),
  };
  if (file === undefined) print(textOf(whole).trimEnd());
  else
    await writeFile(file, textOf(whole)).catch((error: Error) => {
      throw new UsageError(`${file} cannot be written: ${error.message}`);
    });
  for (const line of unseenIn(features, table)) remark(line);
  const score = scoreOf(
    target,
    table,
    added.rows.map(([answer]) => answer as string),
  );
  if (score !== undefined) remark(score);
  if (file !== undefined) remark(`${table.rows.length} rows written to ${file}`);
}
