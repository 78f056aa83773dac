/** `samegrad predict`: a table with what a model predicts for each row. */
import { writeFile } from 'node:fs/promises';
import * as sg from '../index';
import { toFeatures } from './features';
import { readSaved } from './saved';
import { readTable, type Table, textOf } from './table';
import type { Target } from './task';

/** One list of cells for each column that is added. */
function answers(target: Target, found: sg.Tensor): { names: string[]; rows: string[][] } {
  const width = found.shape[1] as number;
  const values = [...found.dataSync()];
  const rows = Array.from({ length: found.shape[0] as number }, (_, i) => values.slice(i * width, (i + 1) * width));
  const name = `${target.name}_predicted`;
  if (target.kind === 'number')
    return {
      names: [name],
      rows: rows.map(([v]) => [String(Math.fround((v as number) * target.deviation + target.mean))]),
    };
  return {
    names: [name, ...target.classes.map((label) => `probability_${label}`)],
    rows: rows.map((scores) => [
      target.classes[scores.indexOf(Math.max(...scores))] as string,
      ...scores.map((score) => score.toFixed(4)),
    ]),
  };
}

/**
 * Adds predictions to the rows of a table.
 * @param output the file to write; without it the table is printed
 * @throws UsageError for columns that are absent or of another kind
 */
export async function predict(saved: string, path: string, output: string | undefined, print: (text: string) => void) {
  const { model, target, features } = await readSaved(saved);
  const table = await readTable(path);
  const found = table.rows.length ? (model.predict(toFeatures(features, table)) as sg.Tensor) : sg.zeros([0, 1]);
  const added = answers(target, found);
  const whole: Table = {
    names: [...table.names, ...added.names],
    rows: table.rows.map((row, i) => [...row, ...(added.rows[i] as string[])]),
  };
  if (output === undefined) print(textOf(whole).trimEnd());
  else await writeFile(output, textOf(whole));
}
