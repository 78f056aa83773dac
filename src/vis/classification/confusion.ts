/** Which class was taken for which. */
import type { TensorLike } from '../../ops/create/creation';
import { ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { strings } from '../charts/scatter';
import { namesOf, numbersOf, plain, rowsOf } from '../numbers';
import { PICTURE, type Picture, type PictureOptions, type Spec, single } from '../picture';
import { planeImage } from '../plane';
import { paint } from '../png';
import { colorAt, paletteOf, rgbOf, type Theme } from '../theme';

/** Settings of `confusionMatrix`. */
export interface ConfusionMatrixOptions extends PictureOptions {
  /** Names of the classes; by default their indices. */
  classNames?: readonly string[];
  /** Shares of the rows ('true'), of the columns ('pred') or of all; null, the default: the numbers as they are. */
  normalize?: 'true' | 'pred' | 'all' | null;
}

const CONFUSION = {
  ...PICTURE,
  classNames: strings,
  normalize: is.choice(['true', 'pred', 'all', null], null),
} satisfies is.TableOf<ConfusionMatrixOptions>;

/** Cells up to this many in a row are marks with numbers; more are pixels of an image. */
const MOST_CELLS = 30;
/** Classes up to this many are all named. */
const MOST_LABELS = 20;

type Normalization = ConfusionMatrixOptions['normalize'];

function normalizedRows(rows: readonly number[][], by: Normalization): number[][] {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) || 1;
  const columns = rows.map((_, j) => sum(rows.map((row) => row[j] as number)));
  const all = sum(rows.flat());
  const of = (i: number, j: number): number =>
    by === 'true' ? sum(rows[i] as number[]) : by === 'pred' ? (columns[j] as number) : by === 'all' ? all : 1;
  return rows.map((row, i) => row.map((v, j) => v / of(i, j)));
}

const EXPLAINED = { true: 'share of the true class', pred: 'share of the prediction', all: 'share of all examples' };

/** Numbers that fit their cells. */
function textOf(value: number, normalize: Normalization, width: number): string {
  const text = normalize ? `${(value * 100).toFixed(0)}%` : Number.isInteger(value) ? String(value) : value.toFixed(1);
  return text.length * 7 <= width && value !== 0 ? text : '';
}

/** Squares with numbers. */
function cellsOf(rows: readonly number[][], names: readonly string[], normalize: Normalization, cell: number): Spec[] {
  const high = Math.max(...rows.flat(), 0) || 1;
  return rows.flatMap((row, i) =>
    row.map((value, j) => ({
      true: names[i],
      predicted: names[j],
      value: plain(value),
      text: textOf(value, normalize, cell),
      dark: value / high > 0.5,
    })),
  );
}

function marks(theme: Theme, title: string): Spec[] {
  const { background, text } = paletteOf(theme);
  return [
    {
      mark: { type: 'rect' },
      encoding: { color: { field: 'value', type: 'quantitative', title, scale: { domainMin: 0 } } },
    },
    {
      mark: { type: 'text' },
      encoding: {
        text: { field: 'text' },
        color: { condition: { test: 'datum.dark', value: background }, value: text },
      },
    },
  ];
}

/** One image, whose pixels are the cells. */
function image(rows: readonly number[][], names: readonly string[], theme: Theme, title: string): Spec[] {
  const ramp = paletteOf(theme).ramp.map(rgbOf);
  const high = Math.max(...rows.flat(), 0) || 1;
  const color = (x: number, y: number): ReturnType<typeof colorAt> =>
    colorAt(ramp, ((rows[y] as number[])[x] as number) / high);
  // They are not seen, but make the axes and the legend.
  const values = names.map((name, i) => ({ true: name, predicted: name, value: i ? 0 : plain(high) }));
  return [
    planeImage(paint(rows.length, rows.length, color), false),
    {
      data: { values },
      mark: { type: 'rect', opacity: 0 },
      encoding: { color: { field: 'value', type: 'quantitative', title, scale: { domainMin: 0 } } },
    },
  ];
}

/**
 * A confusion matrix: true classes from top to bottom, predicted ones from left to right. Each cell has its number, as
 * far as there is room for it; zeros have none.
 * @param matrix [classes, classes], as `sg.metrics.confusionMatrix` returns it
 * @returns a specification of Vega-Lite
 * @throws ShapeError unless it is square; ArgumentError for settings out of range
 * @example
 * const matrix = sg.metrics.confusionMatrix([0, 1, 1, 0], [0, 1, 0, 0], 2);
 * const picture = vis.confusionMatrix(matrix, { classNames: ['ham', 'spam'], normalize: 'true' });
 * picture.data.values[2]; // { true: 'spam', predicted: 'ham', value: 0.5, text: '50%', dark: false }
 */
export function confusionMatrix(matrix: TensorLike, options?: ConfusionMatrixOptions | null): Picture {
  const where = 'confusionMatrix';
  const { classNames, normalize, ...frame } = is.checked(where, CONFUSION, options);
  const numbers = numbersOf(matrix, where, 'matrix', [2], '[classes, classes]');
  const [n, width] = numbers.shape as [number, number];
  if (n !== width || n === 0) throw new ShapeError(`${where}: matrix must be square, got [${n}, ${width}]`);
  const names = namesOf(classNames, n, where, 'classNames');
  const rows = normalizedRows(rowsOf(numbers), normalize);
  const size = frame.height ?? Math.round(Math.min(420, frame.width * 0.72));
  const axis = { labelAngle: n > 6 ? -45 : 0, labelLimit: frame.width / 4, ticks: false, domain: false, grid: false };
  const place = { type: 'nominal', sort: null, scale: { domain: names } };
  const cell = (frame.width - 110) / n;
  const title = normalize ? EXPLAINED[normalize] : 'examples';
  return single(
    { ...frame, height: size },
    { title: 'Confusion matrix' },
    {
      data: { values: n > MOST_CELLS ? [] : cellsOf(rows, names, normalize, cell) },
      encoding: {
        x: {
          field: 'predicted',
          title: 'predicted class',
          axis: { ...axis, labelOverlap: n > MOST_LABELS ? 'greedy' : false },
          ...place,
        },
        y: {
          field: 'true',
          title: 'true class',
          axis: { ...axis, labelAngle: 0, labelOverlap: n > MOST_LABELS ? 'greedy' : false },
          ...place,
        },
      },
      layer: n > MOST_CELLS ? image(rows, names, frame.theme, title) : marks(frame.theme, title),
    },
  );
}
