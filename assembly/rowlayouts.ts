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
  scratch = 32,
  scratchStride = 36,
  size = 40,
}
