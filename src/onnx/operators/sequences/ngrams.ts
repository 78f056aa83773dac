/** Counts of n-grams in rows of integers or strings. */
import type { Call } from '../../../graph/core/call';
import { Texts, type Value } from '../../../graph/core/value';
import { tensor } from '../../../ops/create/creation';
import { type Definitions, define, fixed } from '../define';

type Item = number | string;

/** N-grams that begin alike. */
interface Branch {
  readonly next: Map<Item, Branch>;
  /** The number of the n-gram that ends here. */
  id?: number;
}

interface Pool {
  readonly root: Branch;
  readonly columns: readonly number[];
  readonly width: number;
}

/** N-grams of all lengths from the shortest to the longest that are counted. */
function poolOf(call: Call, shortest: number, longest: number): Pool {
  const pool: readonly Item[] = call.hasAttribute('pool_strings')
    ? call.textsOf('pool_strings')
    : call.numbers('pool_int64s', []);
  const starts = call.numbers('ngram_counts');
  const columns = call.numbers('ngram_indexes');
  const root: Branch = { next: new Map() };
  let id = 0;
  starts.forEach((from, k) => {
    const [length, to] = [k + 1, starts[k + 1] ?? pool.length];
    if (from < 0 || to < from || to > pool.length || (to - from) % length)
      throw call.fail(`attribute ngram_counts [${String(starts)}] does not fit a pool of ${pool.length}`);
    for (let at = from; at < to; at += length, id++) {
      if (length < shortest || length > longest) continue;
      let branch = root;
      for (const item of pool.slice(at, at + length)) {
        const next = branch.next.get(item) ?? { next: new Map() };
        branch.next.set(item, next);
        branch = next;
      }
      branch.id = id;
    }
  });
  if (columns.length < id || columns.some((c) => c < 0))
    throw call.fail(`attribute ngram_indexes has ${columns.length} columns for ${id} n-grams`);
  return { root, columns, width: columns.reduce((most, c) => Math.max(most, c), -1) + 1 };
}

function vectors(call: Call): Value {
  const value = call.value(0);
  const { data, shape } = value instanceof Texts ? value : call.data(0);
  if (shape.length > 2) throw call.fail(`needs a row or a batch of rows, got [${String(shape)}]`);
  const [shortest, longest] = [call.wholeOf('min_gram_length'), call.wholeOf('max_gram_length')];
  const skips = call.wholeOf('max_skip_count');
  const { root, columns, width } = poolOf(call, shortest, longest);
  const size = shape.at(-1) ?? 1;
  const rows = shape.length === 2 ? (shape[0] as number) : 1;
  const counts = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (let distance = 1; distance <= skips + 1; distance++) {
      // Single items are the same at any distance.
      const least = distance === 1 ? shortest : Math.max(2, shortest);
      for (let start = 0; start < size; start++) {
        let branch: Branch | undefined = root;
        for (let n = 1, at = start; n <= longest && at < size; n++, at += distance) {
          branch = branch.next.get(data[row * size + at] as Item);
          if (!branch) break;
          if (n >= least && branch.id !== undefined) {
            const cell = row * width + (columns[branch.id] as number);
            counts[cell] = (counts[cell] as number) + 1;
          }
        }
      }
    }
  const weights = call.reals('weights', []);
  const mode = call.text('mode');
  if (mode !== 'TF' && mode !== 'IDF' && mode !== 'TFIDF')
    throw call.fail(`attribute mode must be TF, IDF or TFIDF, got '${mode}'`);
  const weightOf = new Float64Array(width).fill(1);
  if (mode !== 'TF') columns.forEach((column, id) => (weightOf[column] = weights[id] ?? 1));
  const values = counts.map((n, i) => (mode === 'IDF' ? Number(n > 0) : n) * (weightOf[i % width] as number));
  return tensor(values, shape.length === 2 ? [rows, width] : [width], 'float32');
}

export const ngrams: Definitions = {
  TfIdfVectorizer: define({ 9: vectors }, { types: fixed('float32') }),
};
