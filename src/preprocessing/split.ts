/** Examples apart: for training and testing, and in folds. */

import { nextKey, splitSeed } from '../ops/core/keys';
import { tensor } from '../ops/create/creation';
import { permutationOf } from '../ops/create/random';
import { gather } from '../ops/indexing/indexing';
import { isWhole, within } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import * as is from '../support/settings';
import { tidy } from '../tensor/scope';
import { checkElements } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { type Examples, isExamples, lengthOf, toArray } from './categories';

/** Draws an order of 0 to count - 1. */
type Permute = (count: number) => Int32Array;

/** Orders that a seed determines, each from a separate stream; without a seed, from the library's. */
function permuter(seed: number | string | null | undefined, where: string): Permute {
  const words = seed == null ? undefined : within(`${where}: randomState`, () => splitSeed(seed));
  let stream = 0;
  return (count) => permutationOf(words ? { seed: words, stream: stream++ } : nextKey(), count);
}

/** Rows of each class, in the order in which classes first occur. @throws ArgumentError */
function strataOf(labels: Examples, count: number, where: string): number[][] {
  const list = toArray(labels, where, 'stratify');
  if (list.length !== count)
    throw new ArgumentError(`${where}: stratify has ${list.length} labels for ${count} examples`);
  const strata = new Map<unknown, number[]>();
  list.forEach((label, i) => {
    if (label == null || Number.isNaN(label)) throw new ArgumentError(`${where}: label ${i} of stratify is ${label}`);
    // Rows of one-hot labels are equal by their elements.
    const key = typeof label === 'object' ? String(label) : label;
    const rows = strata.get(key);
    if (rows) rows.push(i);
    else strata.set(key, [i]);
  });
  return [...strata.values()];
}

/** `draws` shared out by the sizes of classes: each its whole part, the rest by largest remainder, ties at random. */
function allot(sizes: readonly number[], draws: number, permute: Permute): number[] {
  const total = sizes.reduce((a, b) => a + b, 0);
  const exact = sizes.map((s) => (s / total) * draws);
  const counts = exact.map(Math.floor);
  const rest = exact.map((e, k) => e - (counts[k] as number));
  const ties = permute(sizes.length);
  const order = sizes.map((_, k) => k);
  order.sort((a, b) => (rest[b] as number) - (rest[a] as number) || (ties[a] as number) - (ties[b] as number));
  const need = draws - counts.reduce((a, b) => a + b, 0);
  for (const k of order.slice(0, need)) counts[k] = (counts[k] as number) + 1;
  return counts;
}

/** Settings of `trainTestSplit`. */
export interface SplitArgs {
  /**
   * Examples for testing: a share between 0 and 1 (rounded up), or a number >= 1; default: what training leaves, or
   * 0.25.
   */
  testSize?: number;
  /** Examples for training: a share between 0 and 1 (rounded down), or a number >= 1; default: all the others. */
  trainSize?: number;
  /** Seed of the split; by default it follows `setSeed`. */
  randomState?: number | string | null;
  /** Whether examples are shuffled first; default true. */
  shuffle?: boolean;
  /** Labels, one for each example, whose proportions both parts keep; none by default. */
  stratify?: Examples | null;
}

const isPart = (v: unknown): boolean => is.count().fits(v) || (typeof v === 'number' && v > 0 && v < 1);
const size = is.given<number | undefined>('a share in (0, 1) or a positive integer', isPart);
/** Labels are looked at with the examples. */
const stratify = is.anything() as is.Setting<Examples | undefined>;
const SPLIT = {
  testSize: size,
  trainSize: size,
  randomState: is.seed(),
  shuffle: is.flag(true),
  stratify,
} satisfies is.TableOf<SplitArgs>;

/** For each array its two parts. */
export type SplitParts<T extends readonly unknown[]> = T extends readonly [infer A, ...infer R]
  ? [A, A, ...SplitParts<R>]
  : [];

function sizesOf(count: number, { testSize, trainSize }: is.Values<typeof SPLIT>, where: string): [number, number] {
  const wanted = (part: number, round: (v: number) => number): number => (part < 1 ? round(part * count) : part);
  const given = trainSize === undefined ? undefined : wanted(trainSize, Math.floor);
  const test = given !== undefined && testSize === undefined ? count - given : wanted(testSize ?? 0.25, Math.ceil);
  const train = given ?? count - test;
  if (train < 1 || test < 1 || train + test > count)
    throw new ArgumentError(
      `${where}: ${count} examples do not give ${train} for training and ${test} for testing; change testSize or trainSize`,
    );
  return [train, test];
}

/** Examples in another order, in a list of the same kind. */
function take(x: Examples, rows: Int32Array): Examples {
  if (x instanceof Tensor) return gather(x, tensor(rows));
  const out = x.slice(0, rows.length) as unknown[];
  rows.forEach((row, i) => {
    out[i] = x[row];
  });
  return out;
}

const pick = (list: readonly number[] | Int32Array, order: Int32Array): number[] =>
  Array.from(order, (i) => list[i] as number);

/** Rows for training and for testing, such that both have the classes in the proportions of the whole. */
function stratified(
  labels: Examples,
  count: number,
  train: number,
  test: number,
  permute: Permute,
  where: string,
): [number[], number[]] {
  const strata = strataOf(labels, count, where);
  if (strata.some((rows) => rows.length < 2))
    throw new ArgumentError(`${where}: stratify has a class with one member; each needs 2 at least`);
  if (Math.min(train, test) < strata.length)
    throw new ArgumentError(
      `${where}: ${train} examples for training and ${test} for testing are fewer than the ${strata.length} classes of stratify`,
    );
  const sizes = strata.map((rows) => rows.length);
  const forTraining = allot(sizes, train, permute);
  const left = sizes.map((s, k) => s - (forTraining[k] as number));
  const forTesting = allot(left, test, permute);
  const parts: [number[][], number[][]] = [[], []];
  strata.forEach((rows, k) => {
    const mixed = pick(rows, permute(rows.length));
    const [a, b] = [forTraining[k] as number, forTesting[k] as number];
    parts[0].push(mixed.slice(0, a));
    parts[1].push(mixed.slice(a, a + b));
  });
  return [pick(parts[0].flat(), permute(train)), pick(parts[1].flat(), permute(test))];
}

/**
 * Splits arrays into a part for training and one for testing, in the same way each.
 *
 * @param args tensors, arrays or typed arrays of equally many examples (along the first axis), then the options.
 * With `stratify` classes are shared out by largest remainder, as scikit-learn does.
 * @returns [aTrain, aTest, bTrain, bTest, …], each of the kind of its array
 * @throws ArgumentError for unequal lengths, sizes that do not fit, a class of `stratify` with one member or more
 * classes than a part has examples, `stratify` without shuffling, unknown options; ShapeError
 * @example
 * const [x, y] = [sg.ones([10, 3]), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]];
 * const [xTrain, xTest, yTrain, yTest] = sg.preprocessing.trainTestSplit(x, y, { testSize: 0.2, randomState: 42, stratify: y });
 * xTest.shape; // [2, 3]
 */
export function trainTestSplit<T extends readonly Examples[]>(...arrays: T): SplitParts<T>;
export function trainTestSplit<T extends readonly Examples[]>(
  ...args: [...arrays: T, options?: SplitArgs]
): SplitParts<T>;
export function trainTestSplit(...args: readonly unknown[]): unknown {
  const where = 'trainTestSplit';
  const hasOptions = args.length > 0 && !isExamples(args.at(-1)) && typeof (args.at(-1) ?? {}) === 'object';
  const arrays = (hasOptions ? args.slice(0, -1) : args) as readonly Examples[];
  const options = is.checked(where, SPLIT, hasOptions ? (args.at(-1) as SplitArgs) : undefined);
  const lengths = arrays.map((x, i) => lengthOf(x, where, `arrays[${i}]`));
  const [count] = lengths;
  if (count === undefined) throw new ArgumentError(`${where}: needs a tensor or an array to split`);
  if (lengths.some((n) => n !== count))
    throw new ArgumentError(`${where}: the arrays have ${lengths.join(', ')} examples; they must be equal`);
  const [train, test] = sizesOf(count, options, where);
  const { shuffle, stratify, randomState } = options;
  if (stratify && !shuffle) throw new ArgumentError(`${where}: stratify needs shuffle: true`);
  const permute = permuter(randomState, 'trainTestSplit');
  const order = shuffle && !stratify ? permute(count) : Int32Array.from({ length: count }, (_, i) => i);
  // As in scikit-learn, mixed examples are dealt to the test first; in order they come last.
  const [first, second]: [ArrayLike<number>, ArrayLike<number>] = stratify
    ? stratified(stratify, count, train, test, permute, where)
    : shuffle
      ? [order.slice(test, test + train), order.slice(0, test)]
      : [order.slice(0, train), order.slice(train, train + test)];
  const [forTraining, forTesting] = [Int32Array.from(first), Int32Array.from(second)];
  return tidy(() => arrays.flatMap((x) => [take(x, forTraining), take(x, forTesting)]));
}

/** Settings of `kFold`. */
export interface KFoldArgs {
  /** Number of folds, at least 2; default 5. */
  nSplits?: number;
  /** Whether examples are shuffled first; default false. */
  shuffle?: boolean;
  /** Seed of the folds; by default they follow `setSeed`. */
  randomState?: number | string | null;
  /** Labels, one for each example, whose proportions the folds keep; none by default. */
  stratify?: Examples | null;
}

const isSeveral = (v: unknown): boolean => is.count().fits(v) && v !== 1;
const FOLDS = {
  nSplits: is.given('an integer >= 2', isSeveral, 5),
  shuffle: is.flag(false),
  randomState: is.seed(),
  stratify,
} satisfies is.TableOf<KFoldArgs>;

/** Folds, each of which is the test set once. */
export class KFold {
  /** Number of folds. */
  readonly nSplits: number;
  readonly #settings: is.Values<typeof FOLDS>;

  constructor(args?: KFoldArgs | null) {
    this.#settings = is.checked('kFold', FOLDS, args);
    this.nSplits = this.#settings.nSplits;
  }

  /**
   * The rows of each fold, ascending.
   * @param data the examples, or how many there are.
   * @returns for each fold [trainIndices, testIndices], fit for `sg.gather`
   * @throws ArgumentError for fewer examples, or members of a class, than folds; ShapeError
   */
  split(data: Examples | number): IterableIterator<[train: Int32Array, test: Int32Array]> {
    const where = 'kFold.split';
    const { nSplits } = this;
    const { shuffle, randomState, stratify } = this.#settings;
    const count = typeof data === 'number' ? data : lengthOf(data, where, 'data');
    if (!isWhole(count) || count < nSplits)
      throw new ArgumentError(`${where}: ${count} examples do not fill ${nSplits} folds`);
    checkElements(count, where);
    const permute = permuter(randomState, where);
    const strata = stratify ? strataOf(stratify, count, where) : [Array.from({ length: count }, (_, i) => i)];
    const fold = new Int32Array(count);
    // Classes one after another are dealt out to the folds in turn; a class keeps its order.
    let dealt = 0;
    for (const rows of strata) {
      if (rows.length < nSplits)
        throw new ArgumentError(
          `${where}: a class of stratify has ${rows.length} members, fewer than ${nSplits} folds`,
        );
      const folds = rows.map((_, i) => (dealt + i) % nSplits).sort((a, b) => a - b);
      dealt += rows.length;
      const order = shuffle ? permute(rows.length) : undefined;
      rows.forEach((row, i) => {
        fold[row] = folds[order ? (order[i] as number) : i] as number;
      });
    }
    return (function* () {
      const all = Int32Array.from({ length: count }, (_, i) => i);
      for (let k = 0; k < nSplits; k++) yield [all.filter((i) => fold[i] !== k), all.filter((i) => fold[i] === k)];
    })();
  }
}
