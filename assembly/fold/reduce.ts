/**
 * Folds along one dimension. Specification of a sum (`test/reference/reduce.ts`): sixteen accumulators start at +0,
 * element i is added to accumulator i mod 16, then accumulator j takes in j + 8, j + 4, j + 2, j + 1. A dimension of
 * more than SUM_CHUNK elements is folded chunk by chunk, and the chunks' results are folded again. Nothing of this
 * depends on the vector width, the layout or the threads.
 */
import { columnsNarrow, columnsWide } from './columns';
import { foldFourLanes, foldFourShort, foldLanes, foldRun, Max, Min, Prod, Sum } from './fold';
import { Fold, Reduce } from '../isa';
import { sliceStart, storePart } from '../lanes';
import { reduceExactly } from './reduce-int';

export function reduce(p: usize, t: i32, slices: i32): void {
  switch (load<i32>(p, Reduce.fold)) {
    case Fold.sum:
      return reduceWith<Sum>(p, t, slices);
    case Fold.prod:
      return reduceWith<Prod>(p, t, slices);
    case Fold.max:
      return reduceWith<Max>(p, t, slices);
    case Fold.min:
      return reduceWith<Min>(p, t, slices);
    default:
      reduceExactly(p, t, slices);
  }
}

/** T passes the fold, as in unary.ts. */
function reduceWith<T>(p: usize, t: i32, slices: i32): void {
  if (load<i32>(p, Reduce.inner) == 1) reduceRows<T>(p, t, slices);
  else if (load<i32>(p, Reduce.wide)) columnsWide<T>(p, t, slices);
  else columnsNarrow<T>(p, t, slices);
}

// @ts-ignore: decorator
@inline
function reduceRows<T>(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, Reduce.n),
    chunk = load<i32>(p, Reduce.chunk),
    x = load<usize>(p, Reduce.x),
    divisor = f32x4.splat(load<f32>(p, Reduce.divisor));
  const chunks = max(1, (n + chunk - 1) / chunk),
    runs = load<i32>(p, Reduce.outer) * chunks;
  const end = sliceStart(runs, t + 1, slices);
  let start = sliceStart(runs, t, slices);
  if (n >= 4 && n <= 16) {
    for (; start + 4 <= end; start += 4) {
      const v = foldFourShort<T>(x + ((<usize>start * n) << 2), n);
      v128.store(load<usize>(p, Reduce.out) + (<usize>start << 2), f32x4.div(v, divisor));
    }
  }
  let out = load<usize>(p, Reduce.out) + (<usize>start << 2);
  let at = start % chunks,
    from = x + ((<usize>(start / chunks) * n + at * chunk) << 2);
  // The last four results, of which `ready` are not written yet.
  let a = i32x4.splat(0),
    b = a,
    c = a,
    d = a,
    ready = 0;
  for (let r = start; r < end; r++) {
    const isLast = ++at == chunks,
      length = isLast ? n - (chunks - 1) * chunk : chunk;
    if (isLast) at = 0;
    a = b;
    b = c;
    c = d;
    d = foldRun<T>(from, length);
    from += <usize>length << 2;
    if (++ready == 4) {
      const v = foldFourLanes<T>(a, b, c, d);
      v128.store(out, f32x4.div(v, divisor));
      out += 16;
      ready = 0;
    }
  }
  for (; ready > 0; ready--) {
    const v = foldLanes<T>(ready == 3 ? b : ready == 2 ? c : d);
    storePart(out, f32x4.div(v, divisor), 1);
    out += 4;
  }
}
