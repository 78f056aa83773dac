/** Byte offsets of the operands of commands that read or write rows by index, from the command's start. */

/** out[i] = src[indices[i]], rows of `row` elements. */
export enum GatherRows {
  src = 8,
  indices = 12,
  out = 16,
  count = 20,
  row = 24,
  /** Rows of src. */
  limit = 28,
  size = 32,
}

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
  /** 1: a negative index means zeros; 0: it is a fault. */
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

/** TakeRows: x as [outer, n, inner] -> [outer, count, inner] by indices of [count]; SumRows is the reverse. */
export enum TakeRows {
  x = 8,
  indices = 12,
  out = 16,
  outer = 20,
  n = 24,
  count = 28,
  inner = 32,
  size = 36,
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
