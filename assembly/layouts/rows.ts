/** As layouts.ts: operands of commands that read, write or draw rows by index. */

/** x: [units, limit, inner]; indices: [units / outer, count]; out: [units, count, inner]. */
export enum Gather {
  x = 8,
  indices = 12,
  out = 16,
  units = 20,
  /** Neighbouring units that share their indices. */
  outer = 24,
  limit = 28,
  inner = 32,
  count = 36,
  /** 1: a negative index gives zeros; 0: it is a fault. */
  drop = 40,
  size = 44,
}

/** updates: [units, count, inner]; indices: [units / outer, count]; base and out: [units, limit, inner]. */
export enum Scatter {
  updates = 8,
  indices = 12,
  /** 0: zeros. */
  base = 16,
  out = 20,
  units = 24,
  outer = 28,
  limit = 32,
  inner = 36,
  count = 40,
  /** `Meet` */
  meet = 44,
  /** 1: the row of a negative index is left out; 0: it is a fault. */
  drop = 48,
  size = 52,
}

/** out[i] = indices[i], or out[i] limit + indices[i]: one coordinate of many index tuples. */
export enum FlatIndex {
  indices = 8,
  out = 12,
  count = 16,
  /** Bytes from tuple to tuple. */
  step = 20,
  limit = 24,
  /** 1: the first coordinate. */
  first = 28,
  size = 32,
}

/** shares: [rows, n]; u: [rows, count] of [0, 1); out: [rows, count] of int32. */
export enum Pick {
  shares = 8,
  u = 12,
  out = 16,
  rows = 20,
  n = 24,
  count = 28,
  size = 32,
}

/** state[k] += scale values[i][k] weights[i], and state[width] += scale weights[i], in f64, i ascending. */
export enum Accumulate {
  values = 8,
  /** 0: all one. */
  weights = 12,
  /** width + 1 f64 cells */
  state = 16,
  rows = 20,
  width = 24,
  /** f64 */
  scale = 32,
  size = 40,
}

/** state[indices[i]] += weights[i], in f64, i ascending. */
export enum Tally {
  indices = 8,
  weights = 12,
  state = 16,
  count = 20,
  limit = 24,
  size = 28,
}

/** Appends rows to a log. */
export enum Append {
  values = 8,
  /** Address of the log's head: where its rows stand (u32), and how many there are (u32). */
  head = 12,
  rows = 16,
  width = 20,
  size = 24,
}
