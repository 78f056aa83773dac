/** What is to be predicted, and which network fits it. */
import type { LayersModel, Tensor } from '../index';
import * as sg from '../index';
import { numberOf } from './columns';
import { columnOf, isMissing, type Table } from './table';
import { UsageError } from './usage';

/** The column to predict. It is saved with the model. */
export type Target =
  | { readonly name: string; readonly kind: 'classes'; readonly classes: readonly string[] }
  /** Predicted as (value - mean) / deviation. */
  | { readonly name: string; readonly kind: 'number'; readonly mean: number; readonly deviation: number };

/** Whole numbers with more values than this are amounts rather than classes. */
const MOST_CLASSES = 20;

/** Finds out what kind of target a column is, unless `kind` says so. @throws UsageError for one that cannot be learned */
export function targetOf(name: string, table: Table, kind?: Target['kind']): Target {
  const cells = columnOf(table, name).map((cell) => cell.trim());
  const classes = [...new Set(cells)].sort();
  const numbers = cells.map(numberOf);
  const isNumeric = !numbers.some(Number.isNaN);
  if (kind === 'number' && !isNumeric)
    throw new UsageError(`column '${name}' is not all numbers; leave --task out, or choose --task classification`);
  const isAmount = isNumeric && (classes.length > MOST_CLASSES || !numbers.every(Number.isInteger));
  if (kind ? kind === 'number' : isAmount) {
    const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
    const variance = numbers.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / numbers.length;
    if (variance === 0) throw new UsageError(`column '${name}' is the same in every row: there is nothing to learn`);
    return { name, kind: 'number', mean, deviation: Math.sqrt(variance) };
  }
  if (classes.length < 2) throw new UsageError(`column '${name}' is the same in every row: there is nothing to learn`);
  if (classes.length > cells.length / 2)
    throw new UsageError(
      `column '${name}' has ${classes.length} classes in ${cells.length} rows: too few of each to learn`,
    );
  const byNumber = isNumeric ? [...classes].sort((a, b) => Number(a) - Number(b)) : classes;
  return { name, kind: 'classes', classes: byNumber };
}

/** The rows whose target is known. */
export const withTarget = ({ names, rows }: Table, name: string): Table => {
  const at = names.indexOf(name);
  return { names, rows: rows.filter((row) => !isMissing(row[at] as string)) };
};

/** The cells of the target. */
export const targetCells = ({ name }: Target, table: Table): string[] =>
  columnOf(table, name).map((cell) => cell.trim());

/** Targets as the network is to predict them: [rows, 1] of numbers, or [rows] of classes as int32. */
export function toTargets(target: Target, table: Table): Tensor {
  const cells = targetCells(target, table);
  if (target.kind === 'classes')
    return sg.tensor1d(
      cells.map((cell) => target.classes.indexOf(cell)),
      'int32',
    );
  return sg.tensor2d(cells.map((cell) => [(Number(cell) - target.mean) / target.deviation]));
}

/** A network of a size that fits the number of rows: two layers, regularized the more the fewer rows there are. */
export function networkFor(target: Target, features: number, rows: number): LayersModel {
  const units = rows < 1000 ? 32 : rows < 20_000 ? 64 : 128;
  const rate = rows < 1000 ? 0.2 : 0.1;
  const { dense, dropout } = sg.layers;
  const kernelRegularizer = sg.regularizers.l2({ l2: rows < 1000 ? 1e-3 : 1e-4 });
  const model = sg.sequential({ name: 'table' });
  model.add(dense({ units, activation: 'relu', inputShape: [features], kernelRegularizer }));
  model.add(dropout({ rate }));
  model.add(dense({ units, activation: 'relu', kernelRegularizer }));
  model.add(dropout({ rate }));
  const isClasses = target.kind === 'classes';
  model.add(dense({ units: isClasses ? target.classes.length : 1, activation: isClasses ? 'softmax' : 'linear' }));
  model.compile({
    optimizer: sg.train.adam({ learningRate: 0.003 }),
    loss: isClasses ? 'sparseCategoricalCrossentropy' : 'meanSquaredError',
    metrics: [isClasses ? 'accuracy' : 'meanAbsoluteError'],
  });
  return model;
}
