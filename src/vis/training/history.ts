/** A training, epoch by epoch. */
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import * as is from '../../support/settings';
import { History } from '../../train/callbacks/history';
import { encodingOf, gapsOf, type Line, linesFrom, pointsOf } from '../charts/series';
import { composed, type Frame, PICTURE, type Picture, type PictureOptions, panels, type Spec } from '../picture';

/** What `fit` returns, or its `history`: the values of each key, epoch by epoch. */
export type HistoryLike =
  | { readonly epoch: readonly number[]; readonly history: Readonly<Record<string, readonly number[]>> }
  | Readonly<Record<string, readonly number[]>>;

/** Settings of `history`. */
export interface HistoryOptions extends PictureOptions {
  /** The values that are drawn, such as ['loss', 'acc'], without `val_`; default all. */
  metrics?: readonly string[];
  /** What the horizontal axis shows; default 'epoch'. */
  xLabel?: string;
  /** Scale of the vertical axis of losses; default 'linear'. */
  yScale?: 'linear' | 'log';
}

export const HISTORY = {
  ...PICTURE,
  xLabel: is.text(),
  metrics: is.given<readonly string[] | undefined>(
    'a list of names',
    (v) => Array.isArray(v) && v.every((m) => typeof m === 'string'),
  ),
  yScale: is.choice(['linear', 'log'], 'linear'),
} satisfies is.TableOf<HistoryOptions>;

interface Run {
  readonly epochs: readonly number[] | undefined;
  readonly logs: Readonly<Record<string, readonly number[]>>;
}

function runOf(given: HistoryLike): Run {
  const inner = (given as { history?: unknown } | null | undefined)?.history;
  if (given instanceof History || isPlainObject(inner)) {
    const { epoch, history } = given as { epoch?: readonly number[]; history: Run['logs'] };
    return { epochs: epoch, logs: history };
  }
  if (!isPlainObject(given)) throw new ArgumentError(`history: needs what fit returned, got ${show(given)}`);
  return { epochs: undefined, logs: given as Run['logs'] };
}

/** Names that are short in logs. */
const SPELLED: Readonly<Record<string, string>> = {
  acc: 'accuracy',
  mae: 'mean absolute error',
  mse: 'mean squared error',
};
const NAMES = ['training', 'validation'] as const;

/** Colour of what is neither training nor validation, such as the learning rate. */
const NEITHER = '#888888';

/** One plot: a value of training and validation. */
function panel(
  metric: string,
  lines: readonly Line[],
  all: readonly Line[],
  frame: Frame,
  width: number,
  yScale: string,
  xLabel: string,
): Spec {
  const isOfBoth = lines.length === all.length;
  const isLog = yScale === 'log' && /loss/i.test(metric) && lines.every(({ y }) => y.every((v) => !(v <= 0)));
  return {
    data: { values: pointsOf(lines) },
    width,
    height: frame.height ?? Math.round(Math.min(240, Math.max(130, width * 0.62))),
    mark: {
      type: 'line',
      ...(lines.every(({ y }) => y.length < 12) ? { point: { size: 25 } } : {}),
      ...(isOfBoth ? {} : { color: NEITHER }),
    },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: xLabel,
        scale: { zero: false, nice: false },
        axis: { tickMinStep: 1, format: 'd' },
      },
      y: {
        field: 'y',
        type: 'quantitative',
        title: SPELLED[metric] ?? metric,
        scale: { zero: false, type: isLog ? 'log' : 'linear' },
      },
      ...(isOfBoth ? encodingOf(all, frame.width) : {}),
    },
  };
}

/**
 * Loss and metrics of a training, epoch by epoch: a plot for each, with a line for the training and one for validation.
 * @param training what `fit` returned, or its `history`
 * @returns a specification of Vega-Lite
 * @throws ArgumentError for anything else, for an empty history, for a metric that it lacks, and for settings out of range
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const training = await model.fit(sg.ones([4, 1]), sg.ones([4, 1]), { epochs: 5, verbose: 0 });
 * const picture = vis.history(training);
 * picture.concat.length; // 1
 */
export function history(training: HistoryLike, options?: HistoryOptions | null): Picture {
  const { metrics, yScale, xLabel = 'epoch', ...frame } = is.checked('history', HISTORY, options);
  const { epochs, logs } = runOf(training);
  const filled = Object.keys(logs).filter((key) => logs[key]?.length);
  const known = [...new Set(filled.map((key) => key.replace(/^val_/, '')))];
  const missing = metrics?.find((m) => !known.includes(m));
  if (missing !== undefined)
    throw new ArgumentError(`history: there is no metric ${show(missing)}; there are ${known.join(', ') || 'none'}`);
  const shown = metrics ?? known;
  if (shown.length === 0) throw new ArgumentError('history: there is nothing to draw: no epoch was trained');
  const plots = shown.map((metric) => ({
    metric,
    lines: linesFrom(
      NAMES.flatMap((name) => {
        const y = logs[name === 'training' ? metric : `val_${metric}`];
        return y ? [{ name, x: y.map((_, i) => (epochs?.[i] ?? i) + 1), y, dashed: name === 'validation' }] : [];
      }),
      'history',
    ),
  }));
  const all = plots.reduce<readonly Line[]>((most, { lines }) => (lines.length > most.length ? lines : most), []);
  const { columns, width } = panels(frame, plots.length, 215);
  return composed(
    frame,
    { title: 'Training', note: gapsOf(plots.flatMap(({ lines }) => lines)) },
    {
      columns,
      concat: plots.map(({ metric, lines }) => panel(metric, lines, all, frame, width, yScale, xLabel)),
      resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
    },
  );
}
