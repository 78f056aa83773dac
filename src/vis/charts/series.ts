/** Lines by name: what all pictures with curves are made of. */
import type { TensorLike } from '../../ops/create/creation';
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { checkLengths, listOfNumbers, plain } from '../numbers';
import { LETTER, type Spec } from '../picture';

/** A line. */
export interface Series {
  /** Its name in the legend. */
  readonly name: string;
  /** [n], where its points are; by default 0, 1, 2 ... */
  readonly x?: TensorLike;
  /** [n], the values; those that are not finite leave gaps. */
  readonly y: TensorLike;
  /** Whether it is dashed; default false. */
  readonly dashed?: boolean;
  /** Whether its values are points that no line joins; default false. */
  readonly points?: boolean;
}

/** Lines: a list of them, or values by name. */
export type SeriesLike = readonly Series[] | Readonly<Record<string, TensorLike>>;

/** A point of a line, as a row of the table. */
export interface Point {
  readonly series: string;
  readonly x: number | null;
  readonly y: number | null;
}

/** A line in numbers. */
export interface Line {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly dashed: boolean;
  readonly points?: boolean;
}

/** Points that a line is drawn with at most. */
const MOST_POINTS = 1000;

/** @throws ArgumentError, ShapeError */
export function linesFrom(series: SeriesLike, where: string): Line[] {
  const list = Array.isArray(series)
    ? (series as readonly Series[])
    : isPlainObject(series)
      ? Object.entries(series).map(([name, y]) => ({ name, y: y as TensorLike }))
      : undefined;
  if (!list || list.length === 0)
    throw new ArgumentError(`${where}: series must be a list of { name, y }, or values by name, got ${show(series)}`);
  const names = new Set<string>();
  return list.map((one, i) => {
    const { name, x, y, dashed = false, points = false } = (isPlainObject(one) ? one : {}) as Partial<Series>;
    if (typeof name !== 'string' || y === undefined)
      throw new ArgumentError(`${where}: series[${i}] must be { name, y }, got ${show(one)}`);
    if (names.has(name)) throw new ArgumentError(`${where}: series[${i}] has the name ${show(name)}, as one before it`);
    names.add(name);
    const ys = listOfNumbers(y, where, `y of '${name}'`);
    const xs = x === undefined ? ys.map((_, k) => k) : listOfNumbers(x, where, `x of '${name}'`);
    checkLengths(where, `x of '${name}'`, xs.length, 'y', ys.length);
    return { name, x: xs, y: ys, dashed, points };
  });
}

/** Indices that are drawn of a long line: of each stretch its smallest and its largest value, and what is not finite. */
function kept(y: readonly number[]): number[] {
  const stretch = Math.ceil((2 * y.length) / MOST_POINTS);
  if (stretch <= 2) return y.map((_, i) => i);
  const found = new Set([0, y.length - 1]);
  for (let from = 0; from < y.length; from += stretch) {
    let [low, high] = [from, from];
    for (let i = from; i < Math.min(y.length, from + stretch); i++) {
      if (!Number.isFinite(y[i])) low = i;
      if ((y[i] as number) < (y[low] as number)) low = i;
      if ((y[i] as number) > (y[high] as number)) high = i;
    }
    found.add(low).add(high);
  }
  return [...found].sort((a, b) => a - b);
}

/** The table of lines. */
export const pointsOf = (lines: readonly Line[]): Point[] =>
  lines.flatMap(({ name, x, y, points }) =>
    (points ? [...y.keys()] : kept(y)).map((i) => ({
      series: name,
      x: plain(x[i] as number),
      y: plain(y[i] as number),
    })),
  );

/** What is said of values that no line shows; undefined if there are none. */
export function gapsOf(lines: readonly Line[]): string | undefined {
  const count = lines.reduce((sum, { y }) => sum + y.filter((v) => !Number.isFinite(v)).length, 0);
  return count
    ? `${count} ${count === 1 ? 'value is' : 'values are'} not finite and ${count === 1 ? 'leaves a gap' : 'leave gaps'}`
    : undefined;
}

/** Columns of a legend whose longest entry still fits. */
export const legendColumns = (names: readonly string[], width: number): number =>
  Math.max(
    1,
    Math.min(names.length, Math.floor((width - 60) / (30 + 11 * LETTER * Math.max(...names.map((n) => n.length))))),
  );

/**
 * Colour and dashes by the names of lines.
 * @param least number of lines from which on there is a legend
 */
export function encodingOf(lines: readonly Pick<Line, 'name' | 'dashed'>[], width: number, least = 2): Spec {
  const names = lines.map(({ name }) => name);
  const legend =
    lines.length < least ? null : { title: null, columns: legendColumns(names, width), symbolType: 'stroke' };
  const color = { field: 'series', type: 'nominal', scale: { domain: names }, legend };
  if (!lines.some(({ dashed }) => dashed)) return { color };
  const range = lines.map(({ dashed }) => (dashed ? [5, 3] : [1, 0]));
  return { color, strokeDash: { field: 'series', type: 'nominal', scale: { domain: names, range }, legend } };
}
