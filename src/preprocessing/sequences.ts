/** Sequences as tensors: padded to one length, and windows of a series. */
import { oneOf } from '../layers/conv/space';
import { fill, type TensorLike, tensor, toTensor } from '../ops/create/creation';
import { gather } from '../ops/indexing/indexing';
import { cast } from '../ops/math/arithmetic';
import { checkWhole, within } from '../support/arguments';
import { ArgumentError, ShapeError } from '../support/errors';
import * as is from '../support/settings';
import { checkDType, type DType } from '../tensor/dtype';
import { tidy } from '../tensor/scope';
import { sameShape, showShape, sizeOf } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { type Examples, lengthOf } from './categories';

/** Settings of `padSequences`. */
export interface PadSequencesArgs {
  /** Length of the result; default that of the longest sequence. */
  maxLen?: number | null;
  /** Where padding goes: 'pre' (default), before the sequence, or 'post'. */
  padding?: 'pre' | 'post';
  /** Where longer sequences are truncated: 'pre' (default), at their start, or 'post'. */
  truncating?: 'pre' | 'post';
  /** Value of the padding; default 0. */
  value?: number;
  /** Type of the result; default 'int32'. */
  dtype?: DType;
}

const PADDING = {
  maxLen: is.natural(),
  padding: is.text('pre'),
  truncating: is.text('pre'),
  value: is.given('a number', (v) => typeof v === 'number', 0),
  dtype: is.text('int32'),
} satisfies is.TableOf<PadSequencesArgs>;

/**
 * Sequences of unequal lengths in one tensor.
 *
 * @param sequences each [length, ...element], with elements of one shape.
 * @returns [n, maxLen, ...element]
 * @throws ShapeError for elements of unequal shape, ArgumentError
 * @example
 * sg.preprocessing.padSequences([[1, 2, 3], [4]]).arraySync(); // [[1, 2, 3], [0, 0, 4]]
 */
export function padSequences(sequences: readonly TensorLike[], args?: PadSequencesArgs | null): Tensor {
  return within('padSequences', () => padded(sequences, is.checked('padSequences', PADDING, args)));
}

function padded(sequences: readonly TensorLike[], args: is.Values<typeof PADDING>): Tensor {
  const where = 'padSequences';
  const { padding, truncating, value } = args;
  const sides = ['pre', 'post'] as const;
  const isPadPre = oneOf(sides, padding, 'padding', where) === 'pre';
  const isCutPre = oneOf(sides, truncating, 'truncating', where) === 'pre';
  const dtype = checkDType(args.dtype, where);
  if (!Array.isArray(sequences)) throw new ArgumentError(`${where}: sequences must be an array of sequences`);
  const lengths = Array.from(sequences, (s, i) => lengthOf(s as Examples, where, `sequences[${i}]`));
  const most = args.maxLen ?? lengths.reduce((a, b) => Math.max(a, b), 0);
  let element: readonly number[] | undefined;
  const rows = sequences.map((s, i) => {
    if (lengths[i] === 0) return undefined;
    return tidy(() => {
      const t = s instanceof Tensor ? cast(s, dtype) : tensor(s, undefined, dtype);
      const shape = t.shape.slice(1);
      element ??= shape;
      if (!sameShape(shape, element))
        throw new ShapeError(
          `${where}: elements of sequences[${i}] are ${showShape(shape)}, of those before ${showShape(element)}`,
        );
      return t.dataSync();
    });
  });
  const width = sizeOf(element ?? []);
  return tidy(() => {
    const blank = fill([rows.length, most, ...(element ?? [])], value, dtype);
    const out = blank.dataSync();
    rows.forEach((row, i) => {
      if (!row) return;
      const kept = Math.min(most * width, row.length);
      const from = isCutPre ? row.length - kept : 0;
      out.set(row.subarray(from, from + kept), (i + 1) * most * width - (isPadPre ? kept : most * width));
    });
    return tensor(out, blank.shape, dtype);
  });
}

/** Settings of `timeSeriesWindows`. */
export interface TimeSeriesWindowsArgs {
  /** [steps, ...]; by default the data itself if there is a `horizon`. Without both there are no targets. */
  targets?: TensorLike | null;
  /** Number of steps in a window. */
  sequenceLength: number;
  /** Steps between the starts of consecutive windows; default 1. */
  sequenceStride?: number;
  /** Steps of the series between consecutive steps of a window; default 1. */
  samplingRate?: number;
  /** First step that is used; default 0. */
  startIndex?: number | null;
  /** Step before which the data ends; default the number of steps. */
  endIndex?: number | null;
  /**
   * Steps from the last step of the window to the target. By default the target is that of the window's first step, as
   * in Keras, whose targets are shifted beforehand.
   */
  horizon?: number | null;
}

const WINDOWS = {
  targets: is.anything() as is.Setting<TensorLike | undefined>,
  sequenceLength: is.required(is.count()),
  sequenceStride: is.count(1),
  samplingRate: is.count(1),
  startIndex: is.natural(0),
  endIndex: is.natural(),
  horizon: is.natural(),
} satisfies is.TableOf<TimeSeriesWindowsArgs>;

/**
 * Windows that slide over a series.
 *
 * @param data [steps, ...features], such as [steps, features] or [steps].
 * @returns x [n, sequenceLength, ...features], and y [n, ...] if there are targets
 * @throws ArgumentError if no window fits, or for settings out of range; ShapeError
 * @example
 * const { x, y } = sg.preprocessing.timeSeriesWindows([1, 2, 3, 4, 5], { sequenceLength: 3, horizon: 1 });
 * // x: [[1, 2, 3], [2, 3, 4]], y: [4, 5]
 */
export function timeSeriesWindows(
  data: TensorLike,
  args: TimeSeriesWindowsArgs & ({ horizon: number } | { targets: TensorLike }),
): { x: Tensor; y: Tensor };
export function timeSeriesWindows(data: TensorLike, args: TimeSeriesWindowsArgs): { x: Tensor; y?: Tensor };
export function timeSeriesWindows(data: TensorLike, args: TimeSeriesWindowsArgs): { x: Tensor; y?: Tensor } {
  const where = 'timeSeriesWindows';
  if (args === undefined || args === null)
    throw new ArgumentError(`${where}: needs settings, for instance { sequenceLength: 3, horizon: 1 }`);
  const settings = is.checked(where, WINDOWS, args);
  const { sequenceLength: steps, sequenceStride, samplingRate, targets, horizon, startIndex: start } = settings;
  return tidy(() => {
    const series = toTensor(data, where, 'data');
    const count = lengthOf(series, where, 'data');
    const end = checkWhole(settings.endIndex ?? count, where, 'endIndex', start);
    if (end > count) throw new ArgumentError(`${where}: endIndex ${end} is beyond the ${count} steps of data`);
    const goals =
      targets !== undefined ? toTensor(targets, where, 'targets') : horizon !== undefined ? series : undefined;
    /** From the first step of a window to its last, and to its target. */
    const reach = (steps - 1) * samplingRate;
    const goal = horizon === undefined ? 0 : reach + horizon;
    const starts = Math.min(
      end - start - reach,
      goals ? Math.min(end, lengthOf(goals, where, 'targets')) - start - goal : Number.POSITIVE_INFINITY,
    );
    if (starts < 1)
      throw new ArgumentError(
        `${where}: a window of ${steps} steps with its target does not fit steps ${start} to ${end}; take fewer`,
      );
    const firsts = Int32Array.from(
      { length: Math.ceil(starts / sequenceStride) },
      (_, i) => start + i * sequenceStride,
    );
    const places = new Int32Array(firsts.length * steps);
    for (let i = 0; i < places.length; i++)
      places[i] = (firsts[Math.floor(i / steps)] as number) + (i % steps) * samplingRate;
    const x = gather(series, tensor(places, [firsts.length, steps]));
    return goals ? { x, y: gather(goals, tensor(firsts.map((first) => first + goal))) } : { x };
  });
}
