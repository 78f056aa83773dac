/** Images of numbers, and grids of them. */
import { extentOf } from '../numbers';
import { type Frame, LETTER, linesOf, type Spec } from '../picture';
import { paint, pngURL } from '../png';
import { colorAt, DIVERGING, PADDING, rgbOf, VIRIDIS } from '../theme';

/** How numbers become colours. */
export type Coloring = 'gray' | 'viridis' | 'diverging';

const RAMPS: Record<Coloring, readonly string[]> = {
  gray: ['#000000', '#ffffff'],
  viridis: VIRIDIS,
  diverging: DIVERGING,
};

/** Numbers of one image: [height, width, channels], where 3 channels are red, green and blue. */
export interface Grid {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly values: ArrayLike<number>;
}

/** A range whose middle is 0, for numbers below and above. */
export function symmetric(values: ArrayLike<number>): [number, number] {
  const [low, high] = extentOf(values);
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return [-most, most];
}

/** An image as a PNG; numbers outside the range have the colours of its ends, NaN is like its lower end. */
export function imageURL(
  { height, width, channels, values }: Grid,
  [low, high]: readonly [number, number],
  coloring: Coloring,
): string {
  const ramp = RAMPS[coloring].map(rgbOf);
  const share = (index: number): number => {
    const v = ((values[index] as number) - low) / (high - low || 1);
    return v > 0 ? Math.min(1, v) : 0;
  };
  const pixels = paint(width, height, (x, y) => {
    const at = (y * width + x) * channels;
    return channels === 3 ? [255 * share(at), 255 * share(at + 1), 255 * share(at + 2)] : colorAt(ramp, share(at));
  });
  return pngURL(pixels);
}

/** An image in a grid. */
export interface Tile {
  readonly url: string;
  readonly title: string;
}

/** Sizes of a grid of images. */
interface Places {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  /** Lines that the longest title takes. */
  readonly lines: number;
  readonly rows: number;
}

const GAP = 6;
const TITLE = 13;
const TITLE_SIZE = 10;

/** Columns that make tiles neither tiny nor huge. */
function columnsFor(count: number, aspect: number, available: number, title: number): number {
  const fit = Math.floor((available + GAP) / ((title > 4 ? 56 : 38) / Math.min(1, aspect) + GAP));
  const least = Math.ceil(available / 160);
  return Math.max(1, Math.min(Math.max(count, least), fit, Math.max(least, Math.ceil(Math.sqrt(count * 2)))));
}

function placesOf(tiles: readonly Tile[], aspect: number, columns: number | undefined, frame: Frame): Places {
  const available = frame.width - 2 * PADDING;
  const longest = Math.max(...tiles.map(({ title }) => title.length));
  const across = columns ?? columnsFor(tiles.length, aspect, available, longest);
  const width = Math.floor((available - (across - 1) * GAP) / across);
  const lines = Math.max(...tiles.map(({ title }) => (title ? titleLines(title, width).length : 0)));
  return {
    columns: across,
    width,
    height: Math.max(1, Math.round(width / aspect)),
    lines,
    rows: Math.ceil(tiles.length / across),
  };
}

/** At most three lines, of which the last one ends in dots where the title is longer. */
function titleLines(title: string, width: number): string[] {
  const most = Math.max(3, Math.floor(width / (TITLE_SIZE * LETTER * 0.8)));
  const lines = linesOf(title, most * TITLE_SIZE * LETTER, TITLE_SIZE).map((line) =>
    line.length > most ? `${line.slice(0, most - 1)}…` : line,
  );
  return lines.length > 3 ? [...lines.slice(0, 2), `${(lines[2] as string).slice(0, most - 1)}…`] : lines;
}

/** A grid of images with titles above them. @param aspect width over height */
export function gridOf(tiles: readonly Tile[], aspect: number, columns: number | undefined, frame: Frame): Spec {
  const { width, height, lines, rows, columns: across } = placesOf(tiles, aspect, columns, frame);
  const head = lines * TITLE;
  const values = tiles.map(({ url, title }, i) => {
    const [x, y] = [(i % across) * (width + GAP), Math.floor(i / across) * (height + head + GAP)];
    return {
      url,
      title: titleLines(title, width),
      x: x + width / 2,
      y: y + head + height / 2,
      above: y + head - 4 - (titleLines(title, width).length - 1) * TITLE,
    };
  });
  const whole = { width: across * (width + GAP) - GAP, height: rows * (height + head + GAP) - GAP };
  const at = (field: string, size: number, reversed = false): Spec => ({
    field,
    type: 'quantitative',
    axis: null,
    scale: { domain: [0, size], nice: false, zero: false, reverse: reversed },
  });
  const titles = {
    mark: { type: 'text', fontSize: TITLE_SIZE, lineHeight: TITLE, baseline: 'alphabetic' },
    encoding: { y: at('above', whole.height, true), text: { field: 'title' } },
  };
  return {
    ...whole,
    data: { values },
    encoding: { x: at('x', whole.width) },
    layer: [
      {
        // Read aloud by its title, as otherwise the whole data URL would be.
        mark: { type: 'image', width, height, aspect: false, smooth: false, ...(lines ? {} : { aria: false }) },
        encoding: {
          y: at('y', whole.height, true),
          url: { field: 'url' },
          ...(lines ? { description: { field: 'title' } } : {}),
        },
      },
      ...(lines ? [titles] : []),
    ],
  };
}
