/** Curves. */
import * as is from '../../support/settings';
import { PICTURE, type Picture, type PictureOptions, type Spec, single } from '../picture';
import { encodingOf, gapsOf, type Line, linesFrom, pointsOf, type SeriesLike } from './series';

/** Settings of axes. */
export interface AxesOptions extends PictureOptions {
  /** What the horizontal axis shows, with its unit; each picture has its own default. */
  xLabel?: string;
  /** What the vertical axis shows, with its unit; each picture has its own default. */
  yLabel?: string;
}

/** Settings of `lines`. */
export interface LinesOptions extends AxesOptions {
  /** Scale of the horizontal axis; default 'linear'. */
  xScale?: 'linear' | 'log';
  /** Scale of the vertical axis; default 'linear'. */
  yScale?: 'linear' | 'log';
  /** Whether the vertical axis contains 0; default false. */
  zero?: boolean;
}

export const AXES = { ...PICTURE, xLabel: is.text(), yLabel: is.text() } satisfies is.TableOf<AxesOptions>;
const SCALE = is.choice(['linear', 'log'], 'linear');
const LINES = { ...AXES, xScale: SCALE, yScale: SCALE, zero: is.flag(false) } satisfies is.TableOf<LinesOptions>;

/** Whole numbers have no ticks between them, and years no commas. */
function axisOf(lines: readonly Pick<Line, 'x'>[]): Spec {
  const all = (fits: (v: number) => boolean): boolean => lines.every(({ x }) => x.every(fits));
  if (all(Number.isInteger)) return { tickMinStep: 1, format: '~d' };
  return all((v) => Math.abs(v) < 10_000) ? { format: '~r' } : {};
}

/**
 * Curves in one plot, with a legend if there are several. Of long curves the extremes of each stretch are drawn. On a
 * logarithmic axis values of at most 0 leave gaps.
 * @param series values by name, or a list of `{ name, x, y, dashed, points }`; values are tensors or arrays [n]
 * @returns a specification of Vega-Lite
 * @throws ShapeError for values of unequal length or another rank; ArgumentError for settings out of range
 * @example
 * const picture = vis.lines({ squares: [0, 1, 4, 9] }, { title: 'Squares', xLabel: 'x', yLabel: 'x²' });
 * picture.data.values[2]; // { series: 'squares', x: 2, y: 4 }
 */
export function lines(series: SeriesLike, options?: LinesOptions | null): Picture {
  const { xLabel = 'index', yLabel = 'value', xScale, yScale, zero, ...frame } = is.checked('lines', LINES, options);
  const drawable = (v: number, scale: string): number => (scale === 'log' && v <= 0 ? Number.NaN : v);
  const found = linesFrom(series, 'lines').map((line) => ({
    ...line,
    x: line.x.map((v) => drawable(v, xScale)),
    y: line.y.map((v) => drawable(v, yScale)),
  }));
  const curves = found.filter((line) => !line.points);
  const dots = pointsOf(found.filter((line) => line.points));
  const mark = {
    type: 'line',
    clip: true,
    ...(curves.every(({ y }) => y.length <= 12) ? { point: { size: 30 } } : {}),
  };
  const body = { data: { values: pointsOf(curves) }, mark };
  const point = { type: 'point', filled: true, size: dots.length > 500 ? 14 : 34, opacity: 0.7, clip: true };
  return single(
    frame,
    { title: '', note: gapsOf(found) },
    {
      ...(dots.length ? { layer: [{ data: { values: dots }, mark: point }, body] } : body),
      encoding: {
        x: {
          field: 'x',
          type: 'quantitative',
          title: xLabel,
          scale: { type: xScale, zero: false, nice: false },
          axis: xScale === 'linear' ? axisOf(found) : {},
        },
        y: {
          field: 'y',
          type: 'quantitative',
          title: yLabel,
          scale: { type: yScale, zero: zero && yScale === 'linear' },
        },
        ...encodingOf(found, frame.width),
      },
    },
  );
}
