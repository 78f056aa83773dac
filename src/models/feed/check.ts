/** Checks of what users pass to models. */
import { fits, type PartialShape } from '../../layers/base/shapes';
import { checkWhole, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { type Shape, showShape, sizeOf } from '../../tensor/shape';
import { alive, Tensor } from '../../tensor/tensor';

/** Inputs or targets: one tensor, a list in the order of the model's, or an object by name. */
export type DataArg = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

export const isDataArg = (value: unknown): value is DataArg =>
  typeof value === 'object' &&
  value !== null &&
  (value instanceof Tensor || Object.values(value).every((v) => v instanceof Tensor));

/** Names and shapes of a model's inputs, or outputs. */
export interface Ports {
  readonly names: readonly string[];
  readonly shapes: readonly PartialShape[];
}

/** What the tensors of a data set are. */
export interface BatchLayout {
  /** How many inputs come first. */
  readonly inputs: number;
  /** How many targets follow. */
  readonly targets: number;
  /** Targets with sample weights, in order; the weights come last. */
  readonly weighted: readonly number[];
}

/** A checked data set: inputs, targets, sample weights. */
export interface Data {
  readonly tensors: readonly Tensor[];
  readonly layout: BatchLayout;
  /** Number of examples. */
  readonly count: number;
}

/** Checked data, and the tensors made for it that must be disposed of. */
export interface Prepared {
  readonly data: Data;
  readonly owned: readonly Tensor[];
}

/** Allocates nothing, as it is called for each batch. */
export function sameBatchLayout(a: BatchLayout, b: BatchLayout): boolean {
  if (a.inputs !== b.inputs || a.targets !== b.targets || a.weighted.length !== b.weighted.length) return false;
  for (let i = 0; i < a.weighted.length; i++) if (a.weighted[i] !== b.weighted[i]) return false;
  return true;
}

/** A batch, by the targets. */
export interface Batch {
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
  readonly weights: readonly (Tensor | undefined)[];
}

export function batchOf(tensors: readonly Tensor[], { inputs, targets, weighted }: BatchLayout): Batch {
  const weights = new Array<Tensor | undefined>(targets).fill(undefined);
  weighted.forEach((target, i) => {
    weights[target] = tensors[inputs + targets + i];
  });
  return { xs: tensors.slice(0, inputs), ys: tensors.slice(inputs, inputs + targets), weights };
}

/** Bytes of one example. */
export const rowBytes = (t: Tensor): number => sizeOf(t.shape.slice(1)) * 4;

/** Whether an array holds texts, to the depth that examples have: one that holds itself has no end. */
const holdsText = (value: unknown, depth = 8): boolean =>
  typeof value === 'string' || (depth > 0 && Array.isArray(value) && value.some((v) => holdsText(v, depth - 1)));

/** The value that was passed instead of tensors, and how to write it. */
function gotOf(
  where: string,
  what: string,
  value: unknown,
  list: readonly unknown[],
  names: readonly string[],
): string {
  if (value === undefined || value === null) return what === 'y' ? `${value}; write ${where}(x, y)` : String(value);
  if (typeof value !== 'string' && list.some((v) => holdsText(v)))
    return `an array of strings; ${what === 'y' ? 'use sg.preprocessing.labelEncoder()' : 'sg.preprocessing has encoders and a vectorizer for them'}`;
  if (list.some((t) => Array.isArray(t) || typeof t === 'number' || ArrayBuffer.isView(t)))
    return `an array; make a tensor of it first: sg.tensor(${what})`;
  if (list.length !== names.length) return String(list.length);
  return show(list.find((t) => !(t instanceof Tensor)));
}

/** Methods that take a data set in place of tensors. */
const OF_DATASETS: Readonly<Record<string, string>> = { fit: 'fitDataset', evaluate: 'evaluateDataset' };

/** @throws ArgumentError for a data set where tensors have to be */
function refuseDataset(where: string, value: object): void {
  if (!(Symbol.asyncIterator in value) && !('iterator' in value)) return;
  const other = OF_DATASETS[where];
  throw new ArgumentError(
    `${where}: takes tensors, got a data set; ${other ? `write model.${other}(dataset)` : 'call it for each batch of it'}`,
  );
}

/** The tensors in the order of the names. @throws ArgumentError */
function ordered(where: string, what: string, value: DataArg, names: readonly string[]): Tensor[] {
  if (typeof value === 'object' && value !== null && !(value instanceof Tensor)) refuseDataset(where, value);
  const list =
    value instanceof Tensor
      ? [value]
      : Array.isArray(value)
        ? (value as readonly Tensor[])
        : typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
          ? named(where, what, value as Record<string, Tensor>, names)
          : [value as unknown as Tensor];
  if (list.length !== names.length || !list.every((t) => t instanceof Tensor)) {
    const wanted = names.length === 1 ? 'one tensor' : `${names.length} tensors (${names.join(', ')})`;
    throw new ArgumentError(`${where}: ${what} must be ${wanted}, got ${gotOf(where, what, value, list, names)}`);
  }
  return [...list];
}

/** What to do with an object of columns where a model takes one tensor; '' unless it looks like one. */
function columnsHint(what: string, names: readonly string[], unknown: readonly string[]): string {
  if (names.length > 1 || unknown.length === 0) return '';
  return (
    `; got ${unknown.join(', ')}: if these are columns of a table, make one tensor of them: sg.stack(Object.values(${what}), 1), ` +
    'or in a data set .map(({ xs, ys }) => ({ xs: Object.values(xs), ys: Object.values(ys) })) before batch'
  );
}

function named(where: string, what: string, value: Record<string, Tensor>, names: readonly string[]): Tensor[] {
  const missing = names.filter((n) => !(n in value));
  const unknown = Object.keys(value).filter((n) => !names.includes(n));
  if (missing.length || unknown.length)
    throw new ArgumentError(
      `${where}: ${what} needs ${names.join(', ')}; ${missing.length ? `missing: ${missing.join(', ')}` : `unknown: ${unknown.join(', ')}`}${columnsHint(what, names, unknown)}`,
    );
  return names.map((n) => value[n] as Tensor);
}

/** The model's inputs. @throws ShapeError unless each is a batch of what the model takes, ArgumentError */
export function checkInputs(where: string, ports: Ports, value: DataArg): Tensor[] {
  const list = ordered(where, 'x', value, ports.names);
  list.forEach((x, i) => {
    alive(x, where);
    // Examples are cut into batches, whose size batchSizeOf checks.
    const expected: PartialShape = [null, ...(ports.shapes[i] as PartialShape).slice(1)];
    if (fits(expected, asExamples(x.shape, expected))) return;
    const which = list.length > 1 ? `input '${ports.names[i]}'` : "the model's input";
    throw new ShapeError(
      `${where}: ${which} has shape ${showShape(expected)} (null fits every size), got ${showShape(x.shape)}`,
    );
  });
  const counts = new Set(list.map((x) => x.shape[0]));
  if (counts.size > 1)
    throw new ArgumentError(`${where}: the inputs have ${[...counts].join(', ')} examples; they must be equal`);
  return list;
}

/** The shape in which a model takes a tensor: numbers are examples of one feature each where it wants features. */
export const asExamples = (shape: Shape, expected: PartialShape): Shape =>
  shape.length === 1 && expected.length === 2 ? [shape[0] as number, 1] : shape;

/** @throws ArgumentError unless a tensor that goes with x has as many examples */
export function checkCount(where: string, count: number, t: Tensor, what: string): void {
  if (alive(t, where).rank > 0 && t.shape[0] === count) return;
  throw new ArgumentError(
    `${where}: x has ${count} examples, ${what} has ${t.rank ? t.shape[0] : 'none'} (${showShape(t.shape)}); they must be equal`,
  );
}

/** @throws ShapeError, ArgumentError unless x fits the model, and y has as many examples */
export function checkData(where: string, inputs: Ports, targets: readonly string[], xs: DataArg, ys: DataArg): Data {
  const x = checkInputs(where, inputs, xs);
  const y = ordered(where, 'y', ys, targets);
  const count = (x[0] as Tensor).shape[0] as number;
  for (const t of y) checkCount(where, count, t, 'y');
  if (count === 0) throw new ArgumentError(`${where}: there are no examples`);
  return { tensors: [...x, ...y], layout: { inputs: x.length, targets: y.length, weighted: [] }, count };
}

const DEFAULT_BATCH = 32;

/**
 * Examples of a step: the setting, otherwise the batch size that the model is built for, otherwise 32.
 * @param count of all examples
 * @throws ArgumentError unless all steps are then of the size that the model is built for
 */
export function batchSizeOf(
  where: string,
  { shapes }: Ports,
  count: number,
  given?: number,
  name = 'batchSize',
): number {
  const fixed = shapes.find((shape) => shape[0] !== null)?.[0] ?? undefined;
  const size = checkWhole(given ?? fixed ?? DEFAULT_BATCH, where, name, 1);
  if (fixed !== undefined && (size !== fixed || count % fixed !== 0))
    throw new ArgumentError(
      `${where}: the model is built for batches of ${fixed}; ${name} is ${size}, with ${count} examples in all`,
    );
  return size;
}
