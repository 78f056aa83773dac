/** Index of the first maximum or minimum along one dimension; the first NaN counts as both. */
import { ArgReduce } from '../isa';
import { sliceStart } from '../lanes';

export function argReduce(p: usize, t: i32, slices: i32): void {
  if (load<i32>(p, ArgReduce.integer)) argReduceOf<i32>(p, t, slices);
  else argReduceOf<f32>(p, t, slices);
}

function argReduceOf<T>(p: usize, t: i32, slices: i32): void {
  const n = load<i32>(p, ArgReduce.n),
    inner = load<i32>(p, ArgReduce.inner),
    minimum = load<i32>(p, ArgReduce.minimum) != 0,
    x = load<usize>(p, ArgReduce.x),
    out = load<usize>(p, ArgReduce.out);
  const units = load<i32>(p, ArgReduce.outer) * inner;
  const step = <usize>inner << 2;
  for (let u = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); u < end; u++) {
    const o = u / inner;
    let at = x + ((<usize>o * n * inner + (u - o * inner)) << 2);
    let best = load<T>(at),
      index = 0;
    for (let i = 1; i < n; i++) {
      at += step;
      const v = load<T>(at);
      if (minimum ? v < best : v > best) {
        best = v;
        index = i;
      } else if (isFloat<T>() && v != v && best == best) {
        best = v;
        index = i;
      }
    }
    store<i32>(out + (<usize>u << 2), index);
  }
}
