/** Tensors as text, in the form that TensorFlow.js prints them. */
import { checkFlag } from '../../support/arguments';
import type { DType } from '../../tensor/dtype';
import { type Shape, sizeOf } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';

/** A dimension of more entries than this is abbreviated to its ends. */
const MOST = 20;
/** Entries shown at either end then. */
const ENDS = 3;
/** Digits behind the point. */
const DIGITS = 7;

const showNumber = (value: number, dtype: DType): string =>
  dtype === 'bool' ? String(value !== 0) : String(Number(value.toFixed(DIGITS)));

/** Which entries of a dimension are shown; undefined marks those left out. */
function shown(count: number): (number | undefined)[] {
  const all = Array.from({ length: count }, (_, i) => i);
  return count > MOST ? [...all.slice(0, ENDS), undefined, ...all.slice(-ENDS)] : all;
}

/** What the text is made from. */
interface Source {
  readonly values: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Width of each column; none if there is one row only. */
  readonly widths: readonly number[];
}

function columnWidths(values: ArrayLike<number>, shape: Shape, dtype: DType): number[] {
  const columns = shape[shape.length - 1] as number;
  const widths = new Array<number>(columns).fill(0);
  for (let i = 0; i < values.length; i++) {
    const column = i % columns;
    widths[column] = Math.max(widths[column] as number, showNumber(values[i] as number, dtype).length);
  }
  return widths;
}

/** One row: `[a, b, ..., y, z]`. */
function showRow({ values, shape, dtype, widths }: Source, at: number): string {
  const entries = shown(shape[shape.length - 1] as number).map((i) =>
    i === undefined ? '...' : showNumber(values[at + i] as number, dtype).padEnd(widths[i] ?? 0),
  );
  return `[${entries.join(', ')}]`;
}

/**
 * Lines of the part that starts at an element and has dimensions from `depth` on. The first line opens a bracket, the
 * last closes it; rows of a matrix end in commas, larger parts are set apart by empty lines.
 */
function showPart(source: Source, depth: number, at: number, isLast: boolean): string[] {
  const { shape } = source;
  const inside = shape.length - depth;
  if (inside === 1) return [showRow(source, at)];
  const count = shape[depth] as number;
  const step = sizeOf(shape.slice(depth + 1));
  const lines = shown(count).flatMap((i) =>
    i === undefined ? ['...'] : showPart(source, depth + 1, at + i * step, i === count - 1),
  );
  const comma = inside === 2 ? ',' : '';
  const close = isLast ? ']' : `],${'\n'.repeat(inside - 1)}`;
  if (lines.length === 0) return [` [${close}`];
  const final = lines.length - 1;
  return lines.map((line, i) => {
    const opened = i === 0 ? `[${line}${comma}` : line;
    if (i === final) return ` ${opened}${close}`;
    return i === 0 ? opened : ` ${line}${comma}`;
  });
}

function showValues(values: ArrayLike<number>, shape: Shape, dtype: DType): string[] {
  if (shape.length === 0) return [dtype === 'bool' ? showNumber(values[0] as number, dtype) : String(values[0])];
  const widths = shape.length > 1 ? columnWidths(values, shape, dtype) : [];
  return showPart({ values, shape, dtype, widths }, 0, 0, true);
}

/** A tensor as text; `verbose` adds type, rank and shape. In a function that is compiled for later it has no values. */
export function showTensor(x: Tensor, verbose = false): string {
  const lines = x.graph && !x.graph.present ? ['(traced)'] : showValues(x.dataSync(), x.shape, x.dtype);
  const head = verbose ? [`  dtype: ${x.dtype}`, `  rank: ${x.rank}`, `  shape: [${x.shape}]`, '  values:'] : [];
  return ['Tensor', ...head, ...lines.map((line) => `    ${line}`)].join('\n');
}

/**
 * Prints a tensor to the console.
 * @param verbose whether to print type, rank and shape too; default false.
 * @throws ArgumentError unless x is a tensor
 * @example
 * sg.print(sg.tensor([1, 2]));
 */
export function print(x: Tensor, verbose?: boolean): void {
  console.log(
    showTensor(checkTensor(x, 'print', 'x', 'console.log prints all else'), checkFlag(verbose, 'print', 'verbose')),
  );
}
