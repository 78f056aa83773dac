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

function ofClasses(
  { classes }: Target & { kind: 'classes' },
  yTrue: sg.Tensor,
  scores: sg.Tensor,
  most: number,
): Judgement {
  const labels = [...yTrue.dataSync()];
  const found = [...sg.argMax(scores, 1).dataSync()];
  const accuracy = labels.filter((label, i) => label === found[i]).length / labels.length;
  const usual = labels.filter((label) => label === most).length / labels.length;
  const all = classes.map((_, i) => i);
  const report = sg.metrics.classificationReport(labels, found, { targetNames: classes, labels: all }) as string;
  const pictures: Record<string, vis.Picture> = {
    confusion: vis.confusionMatrix(sg.metrics.confusionMatrix(labels, found, classes.length), { classNames: classes }),
  };
  if (classes.length === 2) {
    const positive = scores.slice([0, 1], [-1, 1]).flatten();
    pictures.roc = vis.rocCurve(yTrue, positive);
    pictures.precisionRecall = vis.precisionRecallCurve(yTrue, positive);
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
  const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const squares = (values: readonly number[]): number => average(values.map((v) => v * v));
  const errors = truth.map((v, i) => v - (found[i] as number));
  const mae = average(errors.map(Math.abs));
  const mse = squares(errors);
  const own = average(truth);
  const r2 = 1 - mse / squares(truth.map((v) => v - own));
  const usual = average(truth.map((v) => Math.abs(v - mean)));
  return {
    text: [
      line('mean absolute error', mae, `always the mean: ${usual.toFixed(4)}`),
      line('root mean squared error', Math.sqrt(mse), ''),
      line('R²', r2, 'always the mean: 0'),
    ].join('\n'),
    pictures: {
      predictions: vis.scatter(
        truth.map((v, i) => [v, found[i] as number]),
        { title: 'Predicted and true values', xLabel: `${name}, true`, yLabel: `${name}, predicted` },
      ),
    },
    figures: { meanAbsoluteError: mae, rootMeanSquaredError: Math.sqrt(mse), r2, meanAbsoluteErrorOfMean: usual },
  };
}

/**
 * @param yTrue targets as the network predicts them
 * @param most the most frequent class of the rows for training
 */
export function judge(target: Target, yTrue: sg.Tensor, yPred: sg.Tensor, most: number): Judgement {
  return target.kind === 'classes' ? ofClasses(target, yTrue, yPred, most) : ofNumbers(target, yTrue, yPred);
}
