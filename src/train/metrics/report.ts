/** A table of how well each class was found. */
import { isTyped } from '../../ops/core/nested';
import type { TypedArray } from '../../ops/create/creation';
import { argMax } from '../../ops/math/reduce';
import { checkList, checkNumber, checkText, isWhole, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { alive, Tensor } from '../../tensor/tensor';
import { type Counts, sumOf } from './counts';

/** How well one class was found, or an average of classes. */
export interface ReportRow {
  /** The share of the predictions of this class that are right. */
  precision: number;
  /** The share of the class that was found. */
  recall: number;
  /** The harmonic mean of both. */
  'f1-score': number;
  /** Number of examples of the class, or the sum of their weights. */
  support: number;
}
/** `classificationReport` as an object: a row for each class and average, and the accuracy. */
export type Report = { [name: string]: ReportRow | number };

/** Settings of `classificationReport`. */
export interface ReportOptions {
  /** Digits after the decimal point; default 2. */
  digits?: number;
  /** Names of the classes, in the order of the labels; by default the labels. */
  targetNames?: readonly string[];
  /** The labels to list, in this order; by default all that occur, sorted. */
  labels?: readonly (number | string)[];
  /** A weight for each example; default 1. */
  sampleWeight?: readonly number[] | Tensor;
  /** Value of 0 / 0: 0 (default), 1, or NaN, which averages ignore. */
  zeroDivision?: number;
  /** Whether an object is returned instead of a text; default false. */
  outputDict?: boolean;
}

/** Labels and weights are looked at with the examples. */
const OPTIONS = {
  labels: is.anything() as is.Setting<ReportOptions['labels']>,
  targetNames: is.list() as is.Setting<readonly string[] | undefined>,
  sampleWeight: is.anything() as is.Setting<ReportOptions['sampleWeight']>,
  digits: is.given('an integer from 0 to 99', (v) => isWhole(v, 0, 99), 2),
  zeroDivision: is.given('0, 1 or NaN', (v) => [0, 1, Number.NaN].includes(v as number), 0),
  outputDict: is.flag(false),
};

/** Labels, one for each example: numbers or strings, a typed array, a tensor [n], or rows of scores. */
export type ReportLabels = readonly (number | string)[] | readonly (readonly number[])[] | TypedArray | Tensor;

/** Labels, one for each example; rows of scores are labelled by the largest. */
function labelsOf(given: ReportLabels): (number | string)[] {
  if (!(given instanceof Tensor)) {
    if (isTyped(given)) return [...given];
    checkList(given, 'classificationReport', 'labels', 'labels');
    return Array.from<unknown, number | string>(given, (v, i) => {
      const label = Array.isArray(v)
        ? v.indexOf(
            Math.max(...v.map((score) => checkNumber(score, 'classificationReport', `the scores of example ${i}`))),
          )
        : v;
      if (typeof label === 'number' || typeof label === 'string') return label;
      throw new ArgumentError(`classificationReport: label ${i} must be a number or a string, got ${show(label)}`);
    });
  }
  alive(given, 'classificationReport');
  if (given.rank < 2 || given.shape.at(-1) === 1) return [...given.dataSync()];
  const found = argMax(given, -1);
  const labels = [...found.dataSync()];
  found.dispose();
  return labels;
}

/** As Python formats it: a tie, which only an exact one is, goes to the even digit. */
function fixed(x: number, digits: number): string {
  if (Number.isNaN(x)) return 'nan';
  const exact = x.toFixed(100);
  const point = exact.indexOf('.');
  const [kept, rest] = [exact.slice(0, point + (digits && digits + 1)), exact.slice(point + 1 + digits)];
  return /^50*$/.test(rest) && /[02468]$/.test(kept) ? kept : x.toFixed(digits);
}

/** The weighted mean of all values but NaN; if all weights are 0, the plain mean. */
function meanOf(values: readonly number[], weights?: readonly number[]): number {
  const kept = values.map((_, i) => i).filter((i) => !Number.isNaN(values[i]));
  const isWeighted = kept.some((i) => weights?.[i]);
  const weightOf = (i: number): number => (isWeighted ? (weights?.[i] ?? 1) : 1);
  return sumOf(kept.map((i) => (values[i] as number) * weightOf(i))) / sumOf(kept.map(weightOf));
}

/**
 * Precision, recall, F1 and support of each class and their averages, as a text laid out as scikit-learn's.
 *
 * @param yTrue labels, one for each example: numbers or texts in an array, or a tensor [n]. Rows of scores [n, classes]
 * mean the class with the largest score.
 * @param yPred as `yTrue`.
 * @throws ArgumentError for other lengths than those of yTrue, no examples, or names that do not fit the labels
 * @example
 * console.log(sg.metrics.classificationReport([0, 1, 1], [0, 1, 0], { targetNames: ['cat', 'dog'] }));
 */
export function classificationReport(
  yTrue: ReportLabels,
  yPred: ReportLabels,
  options: ReportOptions & { outputDict: true },
): Report;
export function classificationReport(yTrue: ReportLabels, yPred: ReportLabels, options?: ReportOptions): string;
export function classificationReport(
  yTrue: ReportLabels,
  yPred: ReportLabels,
  given?: ReportOptions | null,
): string | Report {
  const where = 'classificationReport';
  const options = is.checked(where, OPTIONS, given);
  const { digits, zeroDivision, outputDict } = options;
  const [y, p] = [labelsOf(yTrue), labelsOf(yPred)];
  const weights = options.sampleWeight;
  const w =
    weights &&
    (weights instanceof Tensor
      ? [...alive(weights, where).dataSync()]
      : Array.from(checkList(weights, where, 'sampleWeight', 'numbers'), (v, i) =>
          checkNumber(v, where, `sampleWeight[${i}]`),
        ));
  if (y.length === 0 || y.length !== p.length || (w && w.length !== y.length))
    throw new ArgumentError(
      `${where}: needs as many targets as predictions (and weights), at least 1, got ${y.length} and ${p.length}${w ? ` and ${w.length}` : ''}`,
    );
  if ([...y, ...p].some((v) => typeof v !== 'string' && !Number.isFinite(v)))
    throw new ArgumentError(`${where}: labels must be finite numbers or texts`);
  const found = [...new Set([...y, ...p])].sort((a, b) => (a === b ? 0 : a < b ? -1 : 1));
  const labels = options.labels === undefined ? found : labelsOf(options.labels);
  const names = Array.from(
    checkList(options.targetNames ?? labels.map(String), where, 'targetNames', 'texts'),
    (name, i) => checkText(name, where, `targetNames[${i}]`),
  );
  if (names.length !== labels.length || labels.length === 0)
    throw new ArgumentError(
      `${where}: targetNames must be ${labels.length}, for the labels ${labels.join(', ')}; got ${names.length}`,
    );

  const weight = (i: number): number => w?.[i] ?? 1;
  const counts = labels.map((label): Counts => {
    const of = (isTrue: boolean, isPredicted: boolean): number =>
      sumOf(y.map((v, i) => ((v === label) === isTrue && (p[i] === label) === isPredicted ? weight(i) : 0)));
    return { tp: of(true, true), fp: of(false, true), fn: of(true, false), tn: 0 };
  });
  const divide = (a: number, b: number): number => (b === 0 ? zeroDivision : a / b);
  const rowOf = ({ tp, fp, fn }: Counts): ReportRow => ({
    precision: divide(tp, tp + fp),
    recall: divide(tp, tp + fn),
    'f1-score': divide(2 * tp, 2 * tp + fp + fn),
    support: tp + fn,
  });
  const rows = counts.map(rowOf);
  const supports = rows.map((r) => r.support);
  const support = sumOf(supports);
  const averageBy = (weights?: readonly number[]): ReportRow => {
    const mean = (key: keyof ReportRow): number =>
      meanOf(
        rows.map((r) => r[key]),
        weights,
      );
    return { precision: mean('precision'), recall: mean('recall'), 'f1-score': mean('f1-score'), support };
  };
  const all = (key: keyof Counts): number => sumOf(counts.map((c) => c[key]));
  const micro = { ...rowOf({ tp: all('tp'), fp: all('fp'), fn: all('fn'), tn: 0 }), support };
  // With all labels listed, each error is one false positive and one false negative: micro averages are the accuracy.
  const isAccuracy = found.every((label) => labels.includes(label));
  const averages = {
    [isAccuracy ? 'accuracy' : 'micro avg']: micro,
    'macro avg': averageBy(),
    'weighted avg': averageBy(supports),
  };
  if (outputDict)
    return {
      ...Object.fromEntries(names.map((name, i) => [name, rows[i] as ReportRow])),
      ...averages,
      ...(isAccuracy && { accuracy: micro.precision }),
    };

  const width = Math.max(...[...names, 'weighted avg'].map((n) => [...n].length), digits);
  const line = (name: string, cells: readonly string[]): string =>
    `${' '.repeat(width - [...name].length)}${name} ${cells.map((c) => ` ${c.padStart(9)}`).join('')}\n`;
  const number = (x: number): string => (w && Number.isInteger(x) ? x.toFixed(1) : String(x));
  const cells = (r: ReportRow): string[] => [
    ...[r.precision, r.recall, r['f1-score']].map((v) => fixed(v, digits)),
    number(r.support),
  ];
  const head = line('', ['precision', 'recall', 'f1-score', 'support']);
  const body = names.map((name, i) => line(name, cells(rows[i] as ReportRow)));
  const foot = Object.entries(averages).map(([name, r]) =>
    line(name, name === 'accuracy' ? ['', '', ...cells(r).slice(2)] : cells(r)),
  );
  return `${head}\n${body.join('')}\n${foot.join('')}`;
}
