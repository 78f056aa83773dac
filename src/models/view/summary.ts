/** The table of a model's layers. */
import { LISTED } from '../../layers/base/keys';
import type { Layer } from '../../layers/base/layer';
import { type PartialShape, shapeList } from '../../layers/base/shapes';
import { checkFinite, checkFunction, checkList, checkWhole } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import type { Variable } from '../../tensor/variable';

const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
const bytes = (n: number): string => (n < 1 << 20 ? `${(n / 1024).toFixed(2)} KB` : `${(n / (1 << 20)).toFixed(2)} MB`);

/** One row of the table. */
export interface SummaryRow {
  /** The layer. */
  readonly layer: Layer;
  /** Shapes of the layer's outputs, in all its calls. */
  readonly outputs: readonly PartialShape[];
  /** Layers that its inputs come from, in models that branch. */
  readonly receives: readonly string[];
}

const sum = (weights: readonly { size: number }[]): number => weights.reduce((n, w) => n + w.size, 0);

const show = (shapes: readonly PartialShape[]): string => shapes.map((s) => showShape(s)).join(' ');

/** The output shapes of a layer for the shape that it was built for. */
const given = (layer: Layer): string => show(layer.outputShape ? shapeList(layer.outputShape) : []);

/** The layers inside one, as cells of further lines: indented. */
const inside = ({ [LISTED]: listed }: Layer, depth = 1): string[][] =>
  (listed as readonly Layer[]).flatMap((layer) => [
    [`${'  '.repeat(depth)}${layer.name} (${layer.className})`, given(layer), number(sum(layer.weights))],
    ...inside(layer, depth + 1),
  ]);

/** What the table shows of a model. */
export interface Summarizable {
  /** Name of the model. */
  readonly name: string;
  /** What is shown of each layer. @internal */
  readonly rows: readonly SummaryRow[];
  /** The weights that are trained. */
  readonly trainableWeights: readonly Variable[];
  /** All other weights. */
  readonly nonTrainableWeights: readonly Variable[];
}

/**
 * Lines of `model.summary()`: layers with shapes, weights, and in models that branch where their inputs come from.
 * @param positions where columns end, as shares of the line
 */
export function summarize(model: Summarizable, lineLength?: number, positions?: readonly number[]): string[] {
  const isGraph = model.rows.some((r) => r.receives.length > 0);
  const length = lineLength ?? (isGraph ? 100 : 72);
  const ends = (positions ?? (isGraph ? [0.32, 0.56, 0.68, 1] : [0.45, 0.8, 1])).map((p) => Math.floor(p * length));
  const row = (cells: readonly string[]): string => {
    let line = '';
    cells.forEach((cell, i) => {
      line = `${line}${cell}`.slice(0, (ends[i] as number) - 1).padEnd(ends[i] as number);
    });
    return line.trimEnd();
  };
  const lines = [
    `Model: "${model.name}"`,
    '_'.repeat(length),
    row(['Layer (type)', 'Output Shape', 'Param #', ...(isGraph ? ['Connected to'] : [])]),
    '='.repeat(length),
  ];
  for (const { layer, outputs, receives } of model.rows) {
    const [first = '', ...more] = receives;
    lines.push(
      row([
        `${layer.name} (${layer.className})`,
        show(outputs),
        number(layer.countParams()),
        ...(isGraph ? [first] : []),
      ]),
    );
    for (const next of more) lines.push(row(['', '', '', next]));
    for (const inner of inside(layer)) lines.push(row(inner));
  }
  const trainable = sum(model.trainableWeights);
  const fixed = sum(model.nonTrainableWeights);
  lines.push(
    '='.repeat(length),
    `Total params: ${number(trainable + fixed)} (${bytes((trainable + fixed) * 4)})`,
    `Trainable params: ${number(trainable)} (${bytes(trainable * 4)})`,
    `Non-trainable params: ${number(fixed)} (${bytes(fixed * 4)})`,
    '_'.repeat(length),
  );
  return lines;
}

/** @throws ArgumentError unless a column's end is a share of the line */
function checkShare(value: unknown, argument: string): void {
  const share = checkFinite(value, 'summary', argument);
  if (share < 0 || share > 100)
    throw new ArgumentError(`summary: ${argument} must be a share of the line, got ${share}`);
}

/** Prints a summary, line by line. @throws ArgumentError */
export function printSummary(
  model: Summarizable,
  lineLength: number | null | undefined,
  positions: readonly number[] | null | undefined,
  print: ((line: string) => void) | null | undefined,
): void {
  const length = lineLength ?? undefined;
  if (length !== undefined) checkWhole(length, 'summary', 'lineLength', 1, 10_000);
  const ends = positions === null ? undefined : positions;
  if (ends !== undefined)
    checkList(ends, 'summary', 'positions', 'numbers').forEach((p, i) => checkShare(p, `positions[${i}]`));
  const write = checkFunction(print ?? console.log, 'summary', 'print');
  for (const line of summarize(model, length, ends)) write(line);
}
