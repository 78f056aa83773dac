/** `samegrad train`: from a table to a model that predicts one of its columns. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import * as sg from '../index';
import { nearest } from '../support/names';
import * as vis from '../vis/index';
import { type Column, describe } from './columns';
import { type Features, fitFeatures, toFeatures } from './features';
import { type Judgement, judge } from './judge';
import { METADATA, MODEL } from './saved';
import { columnOf, readTable, type Table } from './table';
import { networkFor, type Target, targetCells, targetOf, toTargets, withTarget } from './task';
import { UsageError } from './usage';

export interface TrainOptions {
  readonly target: string;
  readonly task?: Target['kind'] | undefined;
  readonly out?: string | undefined;
  readonly epochs: number;
  readonly seed: number;
  readonly print: (line: string) => void;
}

/** Fewer rows than this cannot be split and learned from. */
const FEWEST_ROWS = 20;

interface Parts {
  readonly train: Table;
  readonly validation: Table;
  readonly test: Table;
}

/** How many rows each class has. */
function countsOf(labels: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** What is said of classes that have one row, which is either learned from or judged by; undefined if there are none. */
function loneClasses(target: Target, table: Table): string | undefined {
  if (target.kind !== 'classes') return undefined;
  const lone = [...countsOf(targetCells(target, table))].flatMap(([label, count]) =>
    count === 1 ? [`'${label}'`] : [],
  );
  if (lone.length === 0) return undefined;
  const [classes, have] = lone.length === 1 ? ['class', 'has'] : ['classes', 'have'];
  return (
    `${classes} ${lone.join(', ')} ${have} one row: too few to be both learned and judged; ` +
    'the rows are dealt to the parts without regard to classes'
  );
}

/** Three parts, with all classes in their proportions where each has members enough. */
function split(table: Table, target: Target, randomState: number): Parts {
  const deal = (rows: Table['rows'], testSize: number): [Table['rows'], Table['rows']] => {
    const labels = targetCells(target, { names: table.names, rows });
    const counts = countsOf(labels);
    const canStratify =
      target.kind === 'classes' && Math.min(...counts.values()) > 1 && counts.size <= rows.length * testSize;
    const order = labels.map((_, i) => i);
    const stratify = canStratify ? labels : null;
    const [kept, given] = sg.preprocessing.trainTestSplit(order, { testSize, randomState, stratify });
    const of = (part: readonly number[]): Table['rows'] => part.map((i) => rows[i] as readonly string[]);
    return [of(kept), of(given)];
  };
  const [rest, test] = deal(table.rows, 0.2);
  const [train, validation] = deal(rest, 0.2);
  const of = (rows: Table['rows']): Table => ({ names: table.names, rows });
  return { train: of(train), validation: of(validation), test: of(test) };
}

function told(column: Column): string {
  const gaps = column.missing ? `, ${column.missing} missing` : '';
  const what =
    column.kind === 'left out'
      ? `left out: ${column.reason}`
      : column.kind === 'category'
        ? `category of ${column.categories.length}${gaps}`
        : `${column.kind}${gaps}`;
  return `  ${column.name.padEnd(24)} ${what}`;
}

/** The training, until the validation loss has not fallen for a while. */
async function learn(target: Target, features: Features, parts: Parts, { epochs, print }: TrainOptions) {
  const [x, y] = [toFeatures(features, parts.train), toTargets(target, parts.train)];
  const [rows, width] = x.shape as [number, number];
  const model = networkFor(target, width, rows);
  const stop = sg.callbacks.earlyStopping({ patience: 20, restoreBestWeights: true });
  const history = await model.fit(x, y, {
    epochs,
    batchSize: rows < 1000 ? 16 : 64,
    validationData: [toFeatures(features, parts.validation), toTargets(target, parts.validation)],
    callbacks: [stop, sg.callbacks.reduceLROnPlateau({ factor: 0.3, patience: 7 })],
    verbose: 0,
  });
  print(
    `\n${rows} rows of ${width} features, ${model.countParams()} weights; ` +
      `${history.epoch.length} epochs, the best was number ${stop.bestEpoch + 1}`,
  );
  return { model, history };
}

/** The pictures as SVG files; without vega a line says what is needed. */
async function draw(folder: string, pictures: Judgement['pictures'], print: TrainOptions['print']): Promise<string[]> {
  const written: string[] = [];
  for (const [name, picture] of Object.entries(pictures)) {
    try {
      await writeFile(join(folder, `${name}.svg`), await vis.toSVG(picture));
      written.push(`${name}.svg`);
    } catch (error) {
      if (!(error instanceof sg.RuntimeSupportError)) throw error;
      print(`no pictures: ${error.message}`);
      break;
    }
  }
  return written;
}

/** The class that most rows have. */
function mostFrequent(target: Target, table: Table): number {
  if (target.kind !== 'classes') return -1;
  const counts = countsOf(targetCells(target, table));
  const inOrder = target.classes.map((label) => counts.get(label) ?? 0);
  return inOrder.indexOf(Math.max(...inOrder));
}

/** @throws UsageError for a table from which nothing can be learned */
export async function train(path: string, options: TrainOptions): Promise<void> {
  const { print, seed } = options;
  const all = await readTable(path);
  if (!all.names.includes(options.target)) {
    const meant = nearest(options.target, all.names);
    const question = meant === undefined ? '' : `did you mean '${meant}'? `;
    throw new UsageError(`${path} has no column '${options.target}'; ${question}there are ${all.names.join(', ')}`);
  }
  const table = withTarget(all, options.target);
  if (table.rows.length < FEWEST_ROWS)
    throw new UsageError(`${path} has ${table.rows.length} rows with a target; at least ${FEWEST_ROWS} are needed`);
  const target = targetOf(options.target, table, options.task);
  sg.setSeed(seed);
  const parts = split(table, target, seed);
  const columns = all.names
    .filter((name) => name !== target.name)
    .map((name) => describe(name, columnOf(parts.train, name), columnOf(all, name)));
  const gaps = all.rows.length - table.rows.length;
  const what = target.kind === 'classes' ? `one of ${target.classes.length} classes` : 'a number';
  print(`${all.rows.length} rows${gaps ? `, ${gaps} of them without a target and left out` : ''}`);
  print(`to predict: ${target.name}, ${what}`);
  const lone = loneClasses(target, table);
  if (lone) print(lone);
  for (const column of columns) print(told(column));
  if (columns.every(({ kind }) => kind === 'left out'))
    throw new UsageError(`${path} has no column from which '${target.name}' could be predicted`);

  const features = fitFeatures(columns, parts.train);
  const { model, history } = await learn(target, features, parts, options);
  const x = toFeatures(features, parts.test);
  const found = judge(
    target,
    toTargets(target, parts.test),
    model.predict(x) as sg.Tensor,
    mostFrequent(target, parts.train),
  );
  print(`\non ${parts.test.rows.length} rows that it has not seen:\n\n${found.text}`);

  const folder = options.out ?? `${parse(path).name}-model`;
  await mkdir(folder, { recursive: true });
  model.setUserDefinedMetadata({ [METADATA]: { target, features } });
  await model.save(join(folder, MODEL));
  await writeFile(join(folder, 'report.json'), `${JSON.stringify({ target, columns, ...found.figures }, null, 2)}\n`);
  const written = await draw(folder, { history: vis.history(history), ...found.pictures }, print);
  print(`\nwritten to ${folder}: ${[MODEL, 'report.json', ...written].join(', ')}`);
  print(`predict with: samegrad predict ${folder} FILE.csv`);
}
