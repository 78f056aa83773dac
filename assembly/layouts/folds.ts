/** Byte offsets of the operands of folds, from the command's start. */

/** x seen as [outer, n, inner]; out: [outer, ceil(n / chunk), inner]. */
export enum Reduce {
  x = 8,
  out = 12,
  outer = 16,
  n = 20,
  inner = 24,
  chunk = 28,
  /** `Fold` */
  fold = 32,
  /** f32; the result is divided by it. */
  divisor = 36,
  /** 1: columns are folded row by row, a block of them at a time, with their accumulators in scratch. */
  wide = 40,
  size = 44,
}

/** x seen as [outer, n, inner]; out: [outer, inner] of int32. */
export enum ArgReduce {
  x = 8,
  out = 12,
  outer = 16,
  n = 20,
  inner = 24,
  /** 0: maximum, 1: minimum. */
  minimum = 28,
  /** 1: x is int32. */
  integer = 32,
  size = 36,
}

/** Running folds of x seen as [outer, n, inner], along n; out and a have its shape. */
export enum Cumulative {
  x = 8,
  /** Factors of the linear recurrence; else 0. */
  a = 12,
  out = 16,
  outer = 20,
  n = 24,
  inner = 28,
  /** `CumulativeKind` */
  kind = 32,
  /** 1: without the element itself. */
  exclusive = 36,
  /** 1: from the last element to the first. */
  reverse = 40,
  size = 44,
}

/** x, out: [rows, n]. */
export enum Rows {
  x = 8,
  out = 12,
  rows = 16,
  n = 20,
  size = 24,
}
