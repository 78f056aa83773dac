/** What a classifier says everywhere in the plane. */
import { type TensorLike, tensor } from '../../ops/create/creation';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { classesOf, type Labels } from '../charts/labels';
import { AXES, type AxesOptions } from '../charts/lines';
import { classEncoding, strings } from '../charts/scatter';
import { extentOf, numbersOf, plain } from '../numbers';
import { type Picture, type Spec, single } from '../picture';
import { gridPoints, type Plane, planeAxis, planeImage } from '../plane';
import { paint } from '../png';
import { paletteOf, rgbOf, type Theme } from '../theme';

/** A model, or a function from points [n, 2] to probabilities [n], [n, 1] or [n, classes], or to class indices of int32. */
export type Classifier = ((points: Tensor) => Tensor) | { predict(points: Tensor): Tensor };

/** Settings of `decisionRegions`. */
export interface DecisionRegionsOptions extends AxesOptions {
  /** Names of the classes; by default their indices, or the labels themselves. */
  classNames?: readonly string[];
  /** Pixels of the grid along each axis, where the classifier is asked; default 120. */
  resolution?: number;
  /** What is drawn along the first axis; by default the points and a tenth beyond. */
  xRange?: readonly [number, number];
  /** What is drawn along the second axis; by default the points and a tenth beyond. */
  yRange?: readonly [number, number];
}

export const range = is.given<readonly [number, number] | undefined>(
  '[low, high] with low < high',
  (v) => Array.isArray(v) && v.length === 2 && v.every(is.real().fits) && v[0] < v[1],
);
const REGIONS = {
  ...AXES,
  classNames: strings,
  resolution: is.given(
    'an integer from 2 to 500',
    (v) => is.count().fits(v) && (v as number) >= 2 && (v as number) <= 500,
    120,
  ),
  xRange: range,
  yRange: range,
} satisfies is.TableOf<DecisionRegionsOptions>;

/** The class at each place, and how sure it is: 0 at the border, 1 at most. */
interface Answers {
  readonly classes: number;
  readonly of: Int32Array;
  readonly sure: Float64Array;
}

function answersOf(classifier: Classifier, points: Float32Array): Answers {
  const where = 'decisionRegions';
  const count = points.length / 2;
  const ask = typeof classifier === 'function' ? classifier : (p: Tensor) => classifier.predict(p);
  return tidy(() => {
    const found = ask(tensor(points, [count, 2]));
    if (!(found instanceof Tensor))
      throw new ArgumentError(`${where}: the classifier must return a tensor, got ${show(found)}`);
    const width = found.shape.length === 2 ? (found.shape[1] as number) : 1;
    if (found.shape[0] !== count || found.shape.length > 2 || width === 0)
      throw new ShapeError(
        `${where}: the classifier must return [n] or [n, classes] for [${count}, 2], got ${showShape(found.shape)}`,
      );
    const values = found.dataSync();
    return width > 1 ? largest(values, count, width) : alone(values, count, found.dtype !== 'float32');
  });
}

/** Of several probabilities. */
function largest(values: ArrayLike<number>, count: number, classes: number): Answers {
  const out = { classes, of: new Int32Array(count), sure: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    let [best, most, second] = [0, -Infinity, -Infinity];
    for (let c = 0; c < classes; c++) {
      const v = values[i * classes + c] as number;
      if (v > most) [best, second, most] = [c, most, v];
      else if (v > second) second = v;
    }
    out.of[i] = best;
    out.sure[i] = Math.min(1, most - second);
  }
  return out;
}

/** Of class indices, or of the probability of the second of two classes. */
function alone(values: ArrayLike<number>, count: number, areIndices: boolean): Answers {
  const out = { classes: 2, of: new Int32Array(count), sure: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const v = values[i] as number;
    out.of[i] = areIndices ? v : Number(v > 0.5);
    out.sure[i] = areIndices ? 1 : Math.min(1, Math.abs(v - 0.5) * 2);
    out.classes = Math.max(out.classes, (out.of[i] as number) + 1);
  }
  return out;
}

/** Colours of classes, paler where the classifier is unsure. */
function colors({ of, sure }: Answers, theme: Theme, size: number): ReturnType<typeof paint> {
  const { categories, background } = paletteOf(theme);
  const [ground, palette] = [rgbOf(background), categories.map(rgbOf)];
  return paint(size, size, (x, y) => {
    const i = y * size + x;
    const color = palette[(of[i] as number) % palette.length] as readonly [number, number, number];
    const part = 0.12 + 0.38 * (sure[i] as number);
    return [0, 1, 2].map((c) => (ground[c] as number) * (1 - part) + (color[c] as number) * part) as [
      number,
      number,
      number,
    ];
  });
}

/** An extent and a tenth beyond, or what the user sets. */
export function rangeOf(given: readonly [number, number] | undefined, values: ArrayLike<number>): [number, number] {
  if (given) return [...given];
  const [low, high] = extentOf(values);
  const more = (high - low) / 10 || 1;
  return [low - more, high + more].map((v) => Number(v.toPrecision(4))) as [number, number];
}

const column = ({ values }: { values: ArrayLike<number> }, c: number): number[] =>
  Array.from({ length: values.length / 2 }, (_, i) => values[2 * i + c] as number);

/**
 * The regions of the plane that a classifier assigns to each class, paler where it is unsure, and examples over them.
 * @param classifier a model, or a function from points [n, 2] to probabilities [n], [n, 1] or [n, classes], or to class
 * indices, int32 [n]
 * @param points [n, 2], examples
 * @param labels their classes: [n] indices, or names
 * @returns a specification of Vega-Lite
 * @throws ShapeError for points that are not [n, 2], labels of another number, and answers of another shape;
 * ArgumentError for settings out of range
 * @example
 * const points = sg.randomUniform([40, 2], -1, 1, 'float32', 1);
 * const above = (p) => sg.sigmoid(sg.sub(sg.slice(p, [0, 1], [-1, 1]), sg.slice(p, [0, 0], [-1, 1])).mul(9));
 * const picture = vis.decisionRegions(above, points, above(points).greater(0.5).cast('int32'), { resolution: 40 });
 * picture.layer[0].mark.type; // 'image'
 */
export function decisionRegions(
  classifier: Classifier,
  points: TensorLike,
  labels: Labels,
  options?: DecisionRegionsOptions | null,
): Picture {
  const where = 'decisionRegions';
  const {
    classNames,
    resolution,
    xRange,
    yRange,
    xLabel = 'x',
    yLabel = 'y',
    ...frame
  } = is.checked(where, REGIONS, options);
  if (typeof classifier !== 'function' && typeof (classifier as { predict?: unknown } | null)?.predict !== 'function')
    throw new ArgumentError(`${where}: classifier must be a model or a function, got ${show(classifier)}`);
  const numbers = numbersOf(points, where, 'points', [2], '[n, 2]');
  const count = numbers.shape[0] as number;
  if (numbers.shape[1] !== 2) throw new ShapeError(`${where}: points must be [n, 2], got ${showShape(numbers.shape)}`);
  const classes = classesOf(labels, count, classNames, where);
  const [x, y] = [column(numbers, 0), column(numbers, 1)];
  const plane: Plane = { x: rangeOf(xRange, x), y: rangeOf(yRange, y) };
  const answers = answersOf(classifier, gridPoints(plane, resolution, resolution));
  const { background } = paletteOf(frame.theme);
  const values: Spec[] = x.map((v, i) => ({
    x: plain(v),
    y: plain(y[i] as number),
    label: classes.names[classes.of[i] as number],
  }));
  return single(
    { ...frame, height: frame.height ?? Math.round(Math.min(420, frame.width * 0.8)) },
    { title: 'Decision regions' },
    {
      encoding: { x: planeAxis('x', xLabel, plane.x), y: planeAxis('y', yLabel, plane.y) },
      layer: [
        planeImage(colors(answers, frame.theme, resolution), true),
        {
          data: { values },
          mark: {
            type: 'point',
            filled: true,
            opacity: 1,
            size: count > 500 ? 18 : 40,
            stroke: background,
            strokeWidth: 0.8,
            clip: true,
          },
          encoding: classEncoding(classes, frame.width),
        },
      ],
    },
  );
}
