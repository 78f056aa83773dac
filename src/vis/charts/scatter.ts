/** Points. */
import type { TensorLike } from '../../ops/create/creation';
import { ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { checkLengths, namesOf, numbersOf, plain } from '../numbers';
import { type Picture, type Spec, single } from '../picture';
import { type Classes, classesOf, type Labels } from './labels';
import { AXES, type AxesOptions } from './lines';
import { legendColumns } from './series';

/** Settings of `scatter`. */
export interface ScatterOptions extends AxesOptions {
  /** The class of each point, which its colour and its shape show: [n] indices, or names; by default all are alike. */
  labels?: Labels;
  /** Names of the classes; by default their indices, or the labels themselves. */
  classNames?: readonly string[];
  /** A text beside each point; by default there is none. */
  texts?: readonly string[];
}

export const strings = is.given<readonly string[] | undefined>(
  'a list of strings',
  (v) => Array.isArray(v) && v.every((one) => typeof one === 'string'),
);
export const SCATTER = {
  ...AXES,
  labels: is.anything() as is.Setting<Labels | undefined>,
  classNames: strings,
  texts: strings,
} satisfies is.TableOf<ScatterOptions>;

/** Shapes beside colours, as long as there are enough. */
const SHAPES = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
  'triangle-right',
  'triangle-left',
];

/** Colours, and shapes for few classes. */
export function classEncoding({ names }: Pick<Classes, 'names'>, width: number): Spec {
  const legend = { title: null, columns: legendColumns(names, width) };
  const of = { field: 'label', type: 'nominal', legend };
  const many = names.length > 8 ? { scheme: 'tableau20' } : {};
  const shape = names.length > 8 ? {} : { shape: { ...of, scale: { domain: names, range: SHAPES } } };
  return { color: { ...of, scale: { domain: names, ...many } }, ...shape };
}

/**
 * Points in two dimensions; colours and shapes show their classes.
 * @param points [n, 2]
 * @returns a specification of Vega-Lite
 * @throws ShapeError unless points are [n, 2], and for labels of another number; ArgumentError for settings out of range
 * @example
 * const picture = vis.scatter([[1, 2], [3, 4]], { labels: ['cat', 'dog'], xLabel: 'weight (kg)', yLabel: 'age (years)' });
 * picture.data.values[0]; // { x: 1, y: 2, label: 'cat' }
 */
export function scatter(points: TensorLike, options?: ScatterOptions | null): Picture {
  return drawPoints('scatter', points, options);
}

export function drawPoints(where: string, points: TensorLike, options?: ScatterOptions | null, title = ''): Picture {
  const { labels, classNames, texts, xLabel = 'x', yLabel = 'y', ...frame } = is.checked(where, SCATTER, options);
  const { shape, values } = numbersOf(points, where, 'points', [2], '[n, 2]');
  const [count, width] = shape as [number, number];
  if (width !== 2) throw new ShapeError(`${where}: points must be [n, 2], got [${count}, ${width}]`);
  const classes = labels === undefined ? undefined : classesOf(labels, count, classNames, where);
  if (texts) checkLengths(where, 'texts', texts.length, 'points', count);
  const notes = texts && namesOf(texts, count, where, 'texts');
  const rows = Array.from({ length: count }, (_, i) => ({
    x: plain(values[2 * i] as number),
    y: plain(values[2 * i + 1] as number),
    ...(classes ? { label: classes.names[classes.of[i] as number] } : {}),
    ...(notes ? { text: notes[i] } : {}),
  }));
  const mark = { type: 'point', filled: true, size: count > 500 ? 14 : 34, opacity: count > 200 ? 0.7 : 0.9 };
  const axis = { type: 'quantitative', scale: { zero: false } };
  return single(
    { ...frame, height: frame.height ?? Math.round(Math.min(420, frame.width * 0.75)) },
    { title },
    {
      data: { values: rows },
      encoding: { x: { field: 'x', title: xLabel, ...axis }, y: { field: 'y', title: yLabel, ...axis } },
      layer: [
        { mark, encoding: classes ? classEncoding(classes, frame.width) : {} },
        ...(notes ? [{ mark: { type: 'text', align: 'left', dx: 6 }, encoding: { text: { field: 'text' } } }] : []),
      ],
    },
  );
}
