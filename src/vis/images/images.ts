/** Grids of images: data, filters, feature maps. */
import { Layer } from '../../layers/base/layer';
import type { TensorLike } from '../../ops/create/creation';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { showShape } from '../../tensor/shape';
import { strings } from '../charts/scatter';
import { extentOf, type Numbers, namesOf, numbersOf } from '../numbers';
import { composed, PICTURE, type Picture, type PictureOptions } from '../picture';
import { type Coloring, type Grid, gridOf, imageURL, symmetric } from './tiles';

/** Settings of grids of images. */
export interface GridOptions extends PictureOptions {
  /** Images in a row; by default what the width has room for. */
  columns?: number;
  /** Images at most; default 64. What is left out is told below the title. */
  most?: number;
}

/** Settings of `images`. */
export interface ImagesOptions extends GridOptions {
  /** A title for each image; by default there are none. */
  titles?: readonly string[];
  /** Numbers that are black and white; by default [0, 255] if a number is above 1, else [0, 1], or from the smallest number if one is negative. */
  range?: readonly [number, number];
  /** How numbers of images with one channel become colours; default 'gray'. */
  coloring?: Coloring;
}

const GRID = {
  ...PICTURE,
  columns: is.given<number | undefined>('a positive integer', is.count().fits),
  most: is.count(64),
} satisfies is.TableOf<GridOptions>;
const IMAGES = {
  ...GRID,
  titles: strings,
  range: is.given<readonly [number, number] | undefined>(
    '[low, high] with low < high',
    (v) => Array.isArray(v) && v.length === 2 && v.every(is.real().fits) && v[0] < v[1],
  ),
  coloring: is.choice(['gray', 'viridis', 'diverging'], 'gray') as is.Setting<Coloring>,
} satisfies is.TableOf<ImagesOptions>;

const note = (count: number, most: number, what: string): string | undefined =>
  count > most ? `the first ${most} of ${count} ${what}` : undefined;

/** The i-th image of a batch [n, height, width, channels]. */
function imageOf({ shape, values }: Numbers, i: number): Grid {
  const [, height, width, channels = 1] = shape as [number, number, number, number?];
  const size = height * width * channels;
  const part = Array.prototype.slice.call(values, i * size, (i + 1) * size) as number[];
  return { height, width, channels: channels as 1 | 3, values: part };
}

function defaultRange(values: ArrayLike<number>): [number, number] {
  const [low, high] = extentOf(values);
  return [Math.min(0, low), high > 1 ? Math.max(255, high) : low < 0 ? high : 1];
}

/**
 * Images in a grid, enlarged without smoothing.
 * @param batch [n, height, width], or [n, height, width, 1 or 3]
 * @returns a specification of Vega-Lite, with the images as PNG
 * @throws ShapeError for another shape; ArgumentError for fewer titles than images, and for settings out of range
 * @example
 * const picture = vis.images(sg.randomUniform([6, 8, 8, 1]), { titles: ['a', 'b', 'c', 'd', 'e', 'f'], columns: 3 });
 * picture.data.values[0].url.slice(0, 15); // 'data:image/png;'
 */
export function images(batch: TensorLike, options?: ImagesOptions | null): Picture {
  const where = 'images';
  const { columns, most, titles, range, coloring, ...frame } = is.checked(where, IMAGES, options);
  const all = numbersOf(batch, where, 'batch', [3, 4], '[n, height, width] or [n, height, width, channels]');
  const [count, height, width, channels = 1] = all.shape as [number, number, number, number?];
  if (![1, 3].includes(channels) || all.values.length === 0)
    throw new ShapeError(
      `${where}: batch must be [n, height, width, 1 or 3] with images in it, got ${showShape(all.shape)}`,
    );
  const names = titles && namesOf(titles, count, where, 'titles');
  const ends = range ?? defaultRange(all.values);
  const tiles = Array.from({ length: Math.min(count, most) }, (_, i) => ({
    url: imageURL(imageOf(all, i), ends, coloring),
    title: names?.[i] ?? '',
  }));
  return composed(
    frame,
    { title: '', note: note(count, most, 'images') },
    gridOf(tiles, width / height, columns, frame),
  );
}

/** Column `channel` of the last dimension, as [height, width]. */
function channelOf({ shape, values }: Numbers, channel: number): Grid {
  const [height, width, channels] = shape.slice(-3) as [number, number, number];
  const part = Float64Array.from({ length: height * width }, (_, i) => values[i * channels + channel] as number);
  return { height, width, channels: 1, values: part };
}

/** The kernel of a layer, or numbers that are one. */
function kernelOf(from: Layer | TensorLike): Numbers {
  const where = 'filters';
  const words = '[height, width, channels, filters]';
  if (!(from instanceof Layer)) return numbersOf(from, where, 'kernel', [4], words);
  const kernel = from.weights.find((w) => w.shape.length === 4);
  if (!kernel) throw new ArgumentError(`${where}: layer ${from.name} (${from.className}) has no kernel ${words}`);
  return numbersOf(kernel, where, 'kernel', [4], words);
}

/** A filter as an image: in colours for three input channels, else of one of them. */
function filterOf({ shape, values }: Numbers, filter: number, channel: number | undefined): Grid {
  const [height, width, channels, filters] = shape as [number, number, number, number];
  const from = channel === undefined ? [0, 1, 2] : [channel];
  const part = Float64Array.from({ length: height * width * from.length }, (_, i) => {
    const [place, c] = [Math.floor(i / from.length), from[i % from.length] as number];
    return values[(place * channels + c) * filters + filter] as number;
  });
  return { height, width, channels: from.length as 1 | 3, values: part };
}

/**
 * Filters of a convolution. Those with three input channels are in colours, from the smallest number to the largest; of
 * others each input channel is an image, on a scale from blue, below zero, over white to orange, above zero.
 * @param kernel a layer, or its kernel [height, width, channels, filters]
 * @returns a specification of Vega-Lite, with the images as PNG
 * @throws ArgumentError for a layer without such a kernel, and for settings out of range; ShapeError for another shape
 * @example
 * const layer = sg.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28, 1] });
 * sg.sequential({ layers: [layer] });
 * const picture = vis.filters(layer);
 * picture.data.values.length; // 8
 */
export function filters(kernel: Layer | TensorLike, options?: GridOptions | null): Picture {
  const { columns, most, ...frame } = is.checked('filters', GRID, options);
  const all = kernelOf(kernel);
  const [height, width, channels, count] = all.shape as [number, number, number, number];
  const isColor = channels === 3;
  const pairs = Array.from({ length: count * (isColor ? 1 : channels) }, (_, i) =>
    isColor ? ([i, undefined] as const) : ([Math.floor(i / channels), i % channels] as const),
  );
  const range = isColor ? extentOf(all.values) : symmetric(all.values);
  const tiles = pairs.slice(0, most).map(([filter, channel]) => ({
    url: imageURL(filterOf(all, filter, channel), range, 'diverging'),
    title: channels === 1 || isColor ? String(filter) : `${filter}, ${channel}`,
  }));
  const told = [
    channels === 1 || isColor ? undefined : 'filter, input channel',
    note(pairs.length, most, channels === 1 || isColor ? 'filters' : 'images'),
  ].filter(Boolean);
  const body = gridOf(tiles, width / height, columns, frame);
  return composed(frame, { title: 'Filters', note: told.join('; ') || undefined }, body);
}

/**
 * What a layer makes of one image: an image for each channel of its output, in viridis from the smallest to the largest
 * number of all.
 * @param activations [height, width, channels] or [1, height, width, channels], as `model.execute(x, 'name')` returns them
 * @returns a specification of Vega-Lite, with the images as PNG
 * @throws ShapeError for another shape; ArgumentError for settings out of range
 * @example
 * const model = sg.sequential({ layers: [sg.layers.conv2d({ filters: 6, kernelSize: 3, inputShape: [9, 9, 1], name: 'seen' })] });
 * const picture = vis.featureMaps(model.execute(sg.ones([1, 9, 9, 1]), 'seen'));
 * picture.data.values.length; // 6
 */
export function featureMaps(activations: TensorLike, options?: GridOptions | null): Picture {
  const where = 'featureMaps';
  const { columns, most, ...frame } = is.checked(where, GRID, options);
  const all = numbersOf(activations, where, 'activations', [3, 4], '[height, width, channels]');
  if (all.shape.length === 4 && all.shape[0] !== 1)
    throw new ShapeError(`${where}: activations must be of one example, got ${showShape(all.shape)}; slice one`);
  const [height, width, channels] = all.shape.slice(-3) as [number, number, number];
  const range = extentOf(all.values);
  const tiles = Array.from({ length: Math.min(channels, most) }, (_, c) => ({
    url: imageURL(channelOf(all, c), range, 'viridis'),
    title: String(c),
  }));
  const body = gridOf(tiles, width / height, columns, frame);
  return composed(frame, { title: 'Feature maps', note: note(channels, most, 'channels') }, body);
}
