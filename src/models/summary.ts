/** The table of a model's layers. */
import type { Layer, PartialShape } from '../layers/layer';
import { showShape } from '../tensor/shape';
import type { Variable } from '../tensor/variable';

const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
const bytes = (n: number): string => (n < 1 << 20 ? `${(n / 1024).toFixed(2)} KB` : `${(n / (1 << 20)).toFixed(2)} MB`);

/** What the table shows of a model. */
export interface Summarizable {
  readonly name: string;
  readonly inputShape: PartialShape;
  readonly layers: readonly Layer[];
  readonly trainableWeights: readonly Variable[];
  readonly nonTrainableWeights: readonly Variable[];
}

/** Lines of `model.summary()`. @param positions where columns end, as shares of the line */
export function summarize(
  model: Summarizable,
  lineLength = 72,
  positions: readonly number[] = [0.45, 0.8, 1],
): string[] {
  const ends = positions.map((p) => Math.floor(p * lineLength));
  const row = (cells: readonly string[]): string => {
    let line = '';
    cells.forEach((cell, i) => {
      line = `${line}${cell}`.slice(0, (ends[i] as number) - 1).padEnd(ends[i] as number);
    });
    return line.trimEnd();
  };
  const lines = [
    `Model: "${model.name}"`,
    '_'.repeat(lineLength),
    row(['Layer (type)', 'Output Shape', 'Param #']),
    '='.repeat(lineLength),
  ];
  let shape: PartialShape = model.inputShape;
  for (const layer of model.layers) {
    shape = layer.computeOutputShape(shape);
    lines.push(row([`${layer.name} (${layer.className})`, showShape(shape), number(layer.countParams())]));
  }
  const sum = (weights: readonly { size: number }[]): number => weights.reduce((n, w) => n + w.size, 0);
  const trainable = sum(model.trainableWeights);
  const fixed = sum(model.nonTrainableWeights);
  lines.push(
    '='.repeat(lineLength),
    `Total params: ${number(trainable + fixed)} (${bytes((trainable + fixed) * 4)})`,
    `Trainable params: ${number(trainable)} (${bytes(trainable * 4)})`,
    `Non-trainable params: ${number(fixed)} (${bytes(fixed * 4)})`,
    '_'.repeat(lineLength),
  );
  return lines;
}
