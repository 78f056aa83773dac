/** A loss over two weights, and the ways that optimizers take on it. */
import { type TensorLike, tensor } from '../../ops/create/creation';
import { checkFunction, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { AXES, type AxesOptions } from '../charts/lines';
import { encodingOf } from '../charts/series';
import { range, rangeOf } from '../classification/regions';
import { numbersOf, plain } from '../numbers';
import { type Picture, type Spec, single } from '../picture';
import { gridPoints, type Plane, planeAxis, planeImage } from '../plane';
import { type Pixels, paint } from '../png';
import { colorAt, hexOf, paletteOf, rgbOf, type Theme } from '../theme';
import { shortNumber } from './rates';

/** Settings of `lossSurface`. */
export interface LossSurfaceOptions extends AxesOptions {
  /** Points [steps, 2] that optimizers went through, by their names; default none. */
  paths?: Readonly<Record<string, TensorLike>>;
  /** What is drawn of the first weight; by default the paths and a tenth beyond, else [-1, 1]. */
  xRange?: readonly [number, number];
  /** What is drawn of the second weight; by default the paths and a tenth beyond, else [-1, 1]. */
  yRange?: readonly [number, number];
  /** Number of bands of equal area between contours; default 10. */
  bands?: number;
  /** Pixels of the grid along each axis, where the loss is computed; default 160. */
  resolution?: number;
}

const SURFACE = {
  ...AXES,
  paths: is.given<Readonly<Record<string, TensorLike>>>('an object of points [steps, 2] by name', isPlainObject, {}),
  xRange: range,
  yRange: range,
  bands: is.given(
    'an integer from 2 to 30',
    (v) => is.count().fits(v) && (v as number) >= 2 && (v as number) <= 30,
    10,
  ),
  resolution: is.given(
    'an integer from 2 to 500',
    (v) => is.count().fits(v) && (v as number) >= 2 && (v as number) <= 500,
    160,
  ),
} satisfies is.TableOf<LossSurfaceOptions>;

/** A loss of two weights, element by element: of x [n] and y [n] it is [n]. */
export type SurfaceFunction = (x: Tensor, y: Tensor) => Tensor;

function valuesOf(loss: SurfaceFunction, points: Float32Array): Float32Array {
  const count = points.length / 2;
  return tidy(() => {
    const column = (c: number): Tensor => tensor(points.filter((_, i) => i % 2 === c));
    const found = loss(column(0), column(1));
    if (!(found instanceof Tensor))
      throw new ArgumentError(`lossSurface: loss must return a tensor, got ${show(found)}`);
    if (found.size !== count)
      throw new ShapeError(
        `lossSurface: loss must return [${count}] for x and y of [${count}], got ${showShape(found.shape)}`,
      );
    return Float32Array.from(found.dataSync());
  });
}

/** Limits between bands that cover equal shares of the plane. */
function levelsOf(values: Float32Array, bands: number): number[] {
  const sorted = values.filter((v) => Number.isFinite(v)).sort();
  const levels = Array.from(
    { length: bands - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bands)] as number,
  );
  return [...new Set(levels)].filter((v) => v !== undefined);
}

function bandOf(levels: readonly number[], value: number): number {
  const band = levels.findIndex((level) => value < level);
  return band < 0 ? levels.length : band;
}

/** Bands from dark, where the loss is low, to light, with lines between them. */
function pixelsOf(values: Float32Array, levels: readonly number[], size: number, theme: Theme): Pixels {
  const palette = paletteOf(theme);
  const ramp = palette.ground.map(rgbOf);
  const of = Array.from(values, (v) => bandOf(levels, v));
  const at = (x: number, y: number): number => of[Math.min(size - 1, y) * size + Math.min(size - 1, x)] as number;
  return paint(size, size, (x, y) => {
    const band = at(x, y);
    const isEdge = at(x + 1, y) !== band || at(x, y + 1) !== band;
    const share = band / Math.max(1, levels.length);
    const color = colorAt(ramp, share);
    return isEdge ? (color.map((c) => c * 0.8) as unknown as typeof color) : color;
  });
}

/** The bands in a legend. */
function legendOf(levels: readonly number[], theme: Theme, width: number): Spec {
  const ramp = paletteOf(theme).ground.map(rgbOf);
  const names = [...levels.map((l) => `< ${shortNumber(l)}`), `≥ ${shortNumber(levels.at(-1) ?? 0)}`];
  const colors = names.map((_, band) => hexOf(colorAt(ramp, band / Math.max(1, levels.length))));
  return {
    data: { values: names.map((band) => ({ band })) },
    mark: { type: 'square', opacity: 0 },
    encoding: {
      fill: {
        field: 'band',
        type: 'nominal',
        scale: { domain: names, range: colors },
        legend: {
          title: 'loss',
          symbolOpacity: 1,
          symbolStrokeWidth: 0,
          columns: Math.max(2, Math.floor((width - 60) / 95)),
        },
      },
    },
  };
}

/** A path as rows of a table. */
function stepsOf(name: string, path: TensorLike): Spec[] {
  const { shape, values } = numbersOf(path, 'lossSurface', `paths.${name}`, [2], '[steps, 2]');
  if (shape[1] !== 2) throw new ShapeError(`lossSurface: paths.${name} must be [steps, 2], got ${showShape(shape)}`);
  const count = shape[0] as number;
  return Array.from({ length: count }, (_, step) => ({
    series: name,
    step,
    x: plain(values[2 * step] as number),
    y: plain(values[2 * step + 1] as number),
    ...(step === 0 || step === count - 1 ? { end: step === 0 ? 'start' : 'end' } : {}),
  }));
}

/** The ways, with a ring where they start and a dot where they end. */
function pathLayers(rows: readonly Spec[], names: readonly string[], width: number, theme: Theme): Spec[] {
  const { background, text } = paletteOf(theme);
  const lines = names.map((name) => ({ name, dashed: false }));
  const encoding = encodingOf(lines, width, 1);
  const point = { type: 'point', filled: true, opacity: 1, clip: true, stroke: background };
  return [
    {
      data: { values: rows },
      mark: { type: 'line', strokeWidth: 2, clip: true, ...(rows.length < 400 ? { point: { size: 14 } } : {}) },
      encoding: { order: { field: 'step' }, ...encoding },
    },
    {
      data: { values: rows.filter((row) => row.end === 'end') },
      mark: { ...point, size: 90, strokeWidth: 1.5 },
      encoding,
    },
    {
      data: { values: rows.filter((row) => row.end === 'start') },
      mark: { type: 'point', filled: false, opacity: 1, size: 90, strokeWidth: 2, clip: true, color: text },
    },
  ];
}

/**
 * A loss over two weights as bands of equal area, the darker the lower, with the paths of optimizers: a ring where they
 * start, a dot where they end. What leaves the plot is cut off.
 * @param loss of two weights, element by element: tensors [n] and [n] -> [n]
 * @returns a specification of Vega-Lite
 * @throws ShapeError for paths that are not [steps, 2], and for losses of another number; ArgumentError for settings out of range
 * @example
 * const ravine = (x, y) => sg.add(sg.square(x), sg.mul(20, sg.square(y)));
 * const paths = { 'gradient descent': [[-4, 1], [-3.6, -0.6], [-3.2, 0.4]] };
 * const picture = vis.lossSurface(ravine, { paths, xRange: [-5, 5], yRange: [-2, 2] });
 * picture.layer[0].mark.type; // 'image'
 */
export function lossSurface(loss: SurfaceFunction, options?: LossSurfaceOptions | null): Picture {
  const {
    paths,
    xRange,
    yRange,
    bands,
    resolution,
    xLabel = 'w₁',
    yLabel = 'w₂',
    ...frame
  } = is.checked('lossSurface', SURFACE, options);
  checkFunction(loss, 'lossSurface', 'loss', '(x, y) => sg.add(sg.square(x), sg.square(y))');
  const names = Object.keys(paths);
  const rows = names.flatMap((name) => stepsOf(name, paths[name] as TensorLike));
  const spread = (field: 'x' | 'y', given: readonly [number, number] | undefined): [number, number] =>
    given || rows.length
      ? rangeOf(
          given,
          rows.map((row) => (row[field] ?? Number.NaN) as number),
        )
      : [-1, 1];
  const plane: Plane = { x: spread('x', xRange), y: spread('y', yRange) };
  const values = valuesOf(loss, gridPoints(plane, resolution, resolution));
  const levels = levelsOf(values, bands);
  return single(
    { ...frame, height: frame.height ?? Math.round(Math.min(420, frame.width * 0.7)) },
    { title: 'Loss surface' },
    {
      encoding: { x: planeAxis('x', xLabel, plane.x), y: planeAxis('y', yLabel, plane.y) },
      layer: [
        planeImage(pixelsOf(values, levels, resolution, frame.theme), false),
        legendOf(levels, frame.theme, frame.width),
        ...(rows.length ? pathLayers(rows, names, frame.width, frame.theme) : []),
      ],
    },
  );
}
