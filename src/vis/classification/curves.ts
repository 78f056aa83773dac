/** Curves over all thresholds. */
import type { TensorLike } from '../../ops/create/creation';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import * as metrics from '../../train/metrics/points';
import { strings } from '../charts/scatter';
import { encodingOf, linesFrom, pointsOf, type Series } from '../charts/series';
import { type Numbers, namesOf, numbersOf } from '../numbers';
import { type Frame, PICTURE, type Picture, type PictureOptions, type Spec, single } from '../picture';

/** Settings of `rocCurve` and `precisionRecallCurve`. */
export interface CurvesOptions extends PictureOptions {
  /** Names of the classes, where there are scores of several; by default their indices. */
  classNames?: readonly string[];
}

const CURVES = { ...PICTURE, classNames: strings } satisfies is.TableOf<CurvesOptions>;

/** A column of scores. */
interface Column {
  readonly name: string;
  /** undefined: the scores are those of one class. */
  readonly classId: number | undefined;
}

function columnsOf({ shape }: Numbers, classNames: readonly string[] | undefined, where: string): Column[] {
  const classes = shape.length === 2 ? (shape[1] as number) : 1;
  if (classes === 1) return [{ name: classNames?.[0] ?? '', classId: undefined }];
  return namesOf(classNames, classes, where, 'classNames').map((name, classId) => ({ name, classId }));
}

/** The class index of each example, as far as labels are indices. */
const occurs = ({ shape, values }: Numbers, classId: number): boolean => {
  const classes = shape.length === 2 && (shape[1] as number) > 1 ? (shape[1] as number) : undefined;
  if (classes === undefined) return Array.prototype.includes.call(values, classId);
  return Array.from({ length: shape[0] as number }, (_, i) => values[i * classes + classId]).some((v) => v !== 0);
};

type Drawn = Omit<Series, 'name'> & { readonly area: number };

/** The curves of all classes that occur, and the names of those that do not. */
function curvesOf(
  where: string,
  yTrue: TensorLike,
  yScore: TensorLike,
  classNames: readonly string[] | undefined,
  draw: (classId: number | undefined) => Drawn,
): { series: Series[]; missing: string[] } {
  const scores = numbersOf(yScore, where, 'yScore', [1, 2], '[n] or [n, classes]');
  const labels = numbersOf(yTrue, where, 'yTrue', [1, 2], '[n] or [n, classes]');
  const columns = columnsOf(scores, classNames, where);
  const isThere = ({ classId }: Column): boolean => classId === undefined || occurs(labels, classId);
  const series = columns.filter(isThere).map(({ name, classId }) => {
    const { area, ...line } = draw(classId);
    return { name: `${name ? `${name}: ` : ''}area ${area.toFixed(3)}`, ...line };
  });
  if (series.length === 0) throw new ArgumentError(`${where}: none of the classes has examples`);
  return { series, missing: columns.filter((c) => !isThere(c)).map(({ name }) => name) };
}

const rate = (title: string): Spec => ({ type: 'quantitative', title, scale: { domain: [0, 1] } });

interface Look {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly interpolate: 'linear' | 'step-after';
  /** What is drawn below the curves. */
  readonly below: readonly Spec[];
}

function draw(frame: Frame, where: string, { series, missing }: ReturnType<typeof curvesOf>, look: Look): Picture {
  const lines = linesFrom(series, where);
  // Several points may have one abscissa: they are joined in their order.
  const values = pointsOf(lines).map((point, order) => ({ ...point, order }));
  const { title, x, y, interpolate, below } = look;
  return single(
    { ...frame, height: frame.height ?? Math.round(Math.min(380, frame.width * 0.7)) },
    { title, note: missing.length ? `without examples: ${missing.join(', ')}` : undefined },
    {
      encoding: { x: { field: 'x', ...rate(x) }, y: { field: 'y', ...rate(y) } },
      layer: [
        ...below,
        {
          data: { values },
          mark: { type: 'line', interpolate },
          encoding: { order: { field: 'order' }, ...encodingOf(lines, frame.width, 1) },
        },
      ],
    },
  );
}

/** What guessing reaches. */
const DIAGONAL: Spec = {
  data: {
    values: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  },
  mark: { type: 'line', strokeDash: [2, 3], strokeWidth: 1, color: '#888888' },
};

/**
 * ROC curves with the areas below them in the legend: one curve, or one for each class against all others.
 * @param yTrue [n], 0 or 1, or class indices; or one-hot [n, classes]
 * @param yScore [n], [n, 1] or [n, classes]
 * @returns a specification of Vega-Lite
 * @throws ArgumentError if no class has examples, if all examples are of one class, for NaN, for settings out of range;
 * ShapeError for shapes that do not fit
 * @example
 * const picture = vis.rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
 * picture.layer[1].data.values[0].series; // 'area 0.750'
 */
export function rocCurve(yTrue: TensorLike, yScore: TensorLike, options?: CurvesOptions | null): Picture {
  const where = 'rocCurve';
  const { classNames, ...frame } = is.checked(where, CURVES, options);
  const found = curvesOf(where, yTrue, yScore, classNames, (classId) => {
    const { fpr, tpr, auc } = metrics.rocCurve(yTrue, yScore, { classId: classId ?? null });
    return { x: fpr, y: tpr, area: auc };
  });
  const axes = { x: 'false positive rate', y: 'true positive rate' };
  return draw(frame, where, found, { title: 'ROC', ...axes, interpolate: 'linear', below: [DIAGONAL] });
}

/**
 * Precision against recall, with average precisions in the legend: one curve, or one for each class against all others.
 * @param yTrue [n], 0 or 1, or class indices; or one-hot [n, classes]
 * @param yScore [n], [n, 1] or [n, classes]
 * @returns a specification of Vega-Lite
 * @throws ArgumentError if no class has examples, for NaN, for settings out of range; ShapeError for shapes that do not fit
 * @example
 * const picture = vis.precisionRecallCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
 * picture.layer[0].data.values[0].series; // 'area 0.833'
 */
export function precisionRecallCurve(yTrue: TensorLike, yScore: TensorLike, options?: CurvesOptions | null): Picture {
  const where = 'precisionRecallCurve';
  const { classNames, ...frame } = is.checked(where, CURVES, options);
  const found = curvesOf(where, yTrue, yScore, classNames, (classId) => {
    const curve = metrics.precisionRecallCurve(yTrue, yScore, { classId: classId ?? null });
    return { x: curve.recall, y: curve.precision, area: curve.averagePrecision };
  });
  const axes = { x: 'recall', y: 'precision' };
  return draw(frame, where, found, { title: 'Precision and recall', ...axes, interpolate: 'step-after', below: [] });
}
