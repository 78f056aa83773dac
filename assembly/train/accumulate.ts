/**
 * What metrics keep over many batches, in f64. Never shared, as they go in the order of the examples: a sum over a data set
 * has the same bits whatever the batches were.
 */
import { Accumulate, Append, Tally } from '../isa';
import { outOfRange } from '../move/copy';

export function accumulate(p: usize): void {
  const rows = load<i32>(p, Accumulate.rows),
    width = load<i32>(p, Accumulate.width),
    scale = load<f64>(p, Accumulate.scale);
  const values = load<usize>(p, Accumulate.values),
    weights = load<usize>(p, Accumulate.weights),
    state = load<usize>(p, Accumulate.state),
    step = <usize>width << 2;
  for (let k = 0; k <= width; k++) {
    const cell = state + (<usize>k << 3);
    let sum = load<f64>(cell);
    for (let i = 0, at = values + (<usize>k << 2); i < rows; i++, at += step) {
      // The product of two f32 is exact in f64.
      let term: f64 = k < width ? <f64>load<f32>(at) : 1;
      if (weights) term *= <f64>load<f32>(weights + (<usize>i << 2));
      sum += scale * term;
    }
    store<f64>(cell, sum);
  }
}

export function tally(p: usize): void {
  const count = load<i32>(p, Tally.count),
    limit = load<u32>(p, Tally.limit);
  const indices = load<usize>(p, Tally.indices),
    weights = load<usize>(p, Tally.weights),
    state = load<usize>(p, Tally.state);
  // All are looked at first: nothing is half counted.
  for (let i = 0; i < count; i++) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (<u32>index >= limit) return outOfRange(p, index);
  }
  for (let i = 0; i < count; i++) {
    const cell = state + (<usize>load<i32>(indices + (<usize>i << 2)) << 3);
    store<f64>(cell, load<f64>(cell) + (weights ? <f64>load<f32>(weights + (<usize>i << 2)) : 1));
  }
}

/** The host has made room for the rows. */
export function append(p: usize): void {
  const head = load<usize>(p, Append.head),
    rows = load<i32>(p, Append.rows),
    bytes = (<usize>load<i32>(p, Append.width)) << 2,
    before = load<u32>(head, 4);
  memory.copy(load<usize>(head) + before * bytes, load<usize>(p, Append.values), <usize>rows * bytes);
  store<u32>(head, before + rows, 4);
}
