/** How good predictions are for rows that the network has not seen, as text and as pictures. */
import * as sg from '../index';
import * as vis from '../vis/index';
import type { Target } from './task';

export interface Judgement {
  /** Lines for the terminal. */
  readonly text: string;
  readonly pictures: Readonly<Record<string, vis.Picture>>;
  /** Figures for the report. */
  readonly figures: Readonly<Record<string, number>>;
}

const line = (name: string, value: number, beside: string): string =>
  `${name.padEnd(24)} ${value.toFixed(4).padStart(10)}   ${beside}`;

const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const squares = (values: readonly number[]): number => average(values.map((v) => v * v));

/** The share of rows whose class was found. */
export const accuracyOf = <T>(truth: readonly T[], found: readonly T[]): number =>
  truth.filter((label, i) => label === found[i]).length / truth.length;

/** How far predictions are from the truth. */
export function errorsOf(truth: readonly number[], found: readonly number[]) {
  const errors = truth.map((v, i) => v - (found[i] as number));
  const mse = squares(errors);
  const mean = average(truth);
  return {
    mae: average(errors.map(Math.abs)),
    rmse: Math.sqrt(mse),
    r2: 1 - mse / squares(truth.map((v) => v - mean)),
  };
}

function ofClasses(
  { classes }: Target & { kind: 'classes' },
  yTrue: sg.Tensor,
  scores: sg.Tensor,
  most: number,
): Judgement {
  const labels = [...yTrue.dataSync()];
  const found = [...sg.argMax(scores, 1).dataSync()];
  const accuracy = accuracyOf(labels, found);
  const usual = labels.filter((label) => label === most).length / labels.length;
  const all = classes.map((_, i) => i);
  const report = sg.metrics.classificationReport(labels, found, { targetNames: classes, labels: all }) as string;
  const pictures: Record<string, vis.Picture> = {
    confusion: vis.confusionMatrix(sg.metrics.confusionMatrix(labels, found, classes.length), { classNames: classes }),
  };
  // Of two classes the second against the first; of several each against the rest. One class alone has no curve.
  if (new Set(labels).size > 1) {
    const [shown, names] =
      classes.length === 2 ? [scores.slice([0, 1], [-1, 1]), {}] : [scores, { classNames: classes }];
    pictures.roc = vis.rocCurve(yTrue, shown, names);
    pictures.precisionRecall = vis.precisionRecallCurve(yTrue, shown, names);
  }
  return {
    text: `${report}\n${line('accuracy', accuracy, `always '${classes[most]}': ${usual.toFixed(4)}`)}`,
    pictures,
    figures: { accuracy, accuracyOfMostFrequent: usual },
  };
}

function ofNumbers(
  { name, mean, deviation }: Target & { kind: 'number' },
  yTrue: sg.Tensor,
  yPred: sg.Tensor,
): Judgement {
  const [truth, found] = [yTrue, yPred].map((t) => [...t.dataSync()].map((v) => v * deviation + mean)) as [
    number[],
    number[],
  ];
  const { mae, rmse, r2 } = errorsOf(truth, found);
  const usual = average(truth.map((v) => Math.abs(v - mean)));
  return {
    text: [
      line('mean absolute error', mae, `always the mean: ${usual.toFixed(4)}`),
      line('root mean squared error', rmse, ''),
      line('R²', r2, 'always the mean: 0'),
    ].join('\n'),
    pictures: {
      predictions: vis.scatter(
        truth.map((v, i) => [v, found[i] as number]),
        { title: 'Predicted and true values', xLabel: `${name}, true`, yLabel: `${name}, predicted` },
      ),
    },
    figures: { meanAbsoluteError: mae, rootMeanSquaredError: rmse, r2, meanAbsoluteErrorOfMean: usual },
  };
}

/**
 * @param yTrue targets as the network predicts them
 * @param most the most frequent class of the rows for training
 */
export function judge(target: Target, yTrue: sg.Tensor, yPred: sg.Tensor, most: number): Judgement {
  return target.kind === 'classes' ? ofClasses(target, yTrue, yPred, most) : ofNumbers(target, yTrue, yPred);
}
