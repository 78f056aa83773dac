/** Which positions attend to which. */
import type { TensorLike } from '../../ops/create/creation';
import { ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { showShape } from '../../tensor/shape';
import { strings } from '../charts/scatter';
import { extentOf, type Numbers, namesOf, numbersOf, plain } from '../numbers';
import { composed, PICTURE, type Picture, type PictureOptions, panels, type Spec } from '../picture';
import { planeImage } from '../plane';
import { paint } from '../png';
import { colorAt, paletteOf, rgbOf, type Theme } from '../theme';

/** Settings of `attention`. */
export interface AttentionOptions extends PictureOptions {
  /** The tokens that attend, from top to bottom; by default their positions. */
  queries?: readonly string[];
  /** The tokens that are attended to, from left to right; by default the queries if there are as many, else positions. */
  keys?: readonly string[];
}

const ATTENTION = { ...PICTURE, queries: strings, keys: strings } satisfies is.TableOf<AttentionOptions>;

/** Cells of all heads up to which they are marks; more are pixels of images. */
const MOST_CELLS = 1600;

interface Map {
  readonly rows: number;
  readonly columns: number;
  readonly at: (row: number, column: number) => number;
}

const headOf = ({ shape, values }: Numbers, head: number): Map => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return { rows, columns, at: (row, column) => values[(head * rows + row) * columns + column] as number };
};

/** Pixels between labels that are all shown. */
const DENSE = 11;

/** Labels by position, as tokens may occur twice. @param room pixels for each */
const axisOf = (labels: readonly string[] | undefined, title: string, angle: number, room: number): Spec => ({
  title,
  axis: {
    labelAngle: angle,
    ticks: false,
    domain: false,
    grid: false,
    labelOverlap: labels && room >= DENSE ? false : 'greedy',
    labelLimit: 70,
    ...(labels ? { labelExpr: `${JSON.stringify(labels)}[datum.value]` } : {}),
  },
});

function marks({ rows, columns, at }: Map, color: Spec): Spec {
  const values = Array.from({ length: rows * columns }, (_, i) => {
    const [query, key] = [Math.floor(i / columns), i % columns];
    return { query, key, weight: plain(at(query, key)) };
  });
  return { layer: [{ data: { values }, mark: { type: 'rect' }, encoding: { color } }] };
}

function pixels(
  { rows, columns, at }: Map,
  color: Spec,
  high: number,
  theme: Theme,
  size: { width: number; height: number },
): Spec {
  const ramp = paletteOf(theme).ramp.map(rgbOf);
  const places = Array.from({ length: Math.max(rows, columns) }, (_, i) => ({
    query: Math.min(i, rows - 1),
    key: Math.min(i, columns - 1),
    weight: 0,
  }));
  return {
    layer: [
      planeImage(
        paint(columns, rows, (x, y) => colorAt(ramp, at(y, x) / high)),
        false,
        size,
      ),
      // They are not seen, but make the axes.
      { data: { values: places }, mark: { type: 'rect', opacity: 0 }, encoding: { color } },
    ],
  };
}

/**
 * Weights of attention: a map for each head, whose rows attend to the columns.
 * @param scores [queries, keys], [heads, queries, keys] or [1, heads, queries, keys], as attention layers return them
 * with `returnAttentionScores`
 * @returns a specification of Vega-Lite
 * @throws ShapeError for another shape; ArgumentError for fewer tokens than positions, and for settings out of range
 * @example
 * const scores = [[[0.9, 0.1], [0.3, 0.7]]];
 * const picture = vis.attention(scores, { queries: ['the', 'cat'] });
 * picture.concat[0].layer[0].data.values[1]; // { query: 0, key: 1, weight: 0.1 }
 */
export function attention(scores: TensorLike, options?: AttentionOptions | null): Picture {
  const where = 'attention';
  const { queries, keys, ...frame } = is.checked(where, ATTENTION, options);
  const all = numbersOf(
    scores,
    where,
    'scores',
    [2, 3, 4],
    '[queries, keys], [heads, queries, keys] or [1, heads, queries, keys]',
  );
  if ((all.shape.length === 4 && all.shape[0] !== 1) || all.values.length === 0)
    throw new ShapeError(`${where}: scores must be of one example, got ${showShape(all.shape)}; slice one`);
  const [rows, columns] = all.shape.slice(-2) as [number, number];
  const heads = all.values.length / (rows * columns);
  const down = queries && namesOf(queries, rows, where, 'queries');
  const across = keys ? namesOf(keys, columns, where, 'keys') : rows === columns ? down : undefined;
  const longest = Math.min(9, Math.max(2, ...(down ?? []).map((token) => token.length)));
  const { columns: inRow, width } = panels(frame, heads, 170, 40 + 7 * longest);
  const height = Math.max(30, Math.round(Math.min(420, (width * rows) / columns)));
  const high = extentOf(all.values)[1] || 1;
  const isSmall = all.values.length <= MOST_CELLS;
  const color = {
    field: 'weight',
    type: 'quantitative',
    title: 'attention',
    scale: { domain: [0, plain(high)] },
    legend: { gradientLength: Math.min(200, frame.width - 120) },
  };
  return composed(
    frame,
    { title: 'Attention' },
    {
      columns: inRow,
      concat: Array.from({ length: heads }, (_, head) => {
        const map = headOf(all, head);
        return {
          ...(heads > 1 ? { title: { text: `head ${head + 1}`, fontSize: 12, offset: 4, frame: 'group' } } : {}),
          width,
          height,
          ...(isSmall ? marks(map, color) : pixels(map, color, high, frame.theme, { width, height })),
          encoding: {
            x: { field: 'key', type: 'ordinal', ...axisOf(across, 'attended to', across ? -45 : 0, width / columns) },
            y: { field: 'query', type: 'ordinal', ...axisOf(down, 'attending', 0, height / rows) },
          },
        };
      }),
      resolve: { scale: { color: 'shared' } },
    },
  );
}
