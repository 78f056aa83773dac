/** Byte offsets of the operands of sorting and what goes by order, from the command's start. */

/** x: [rows, n]; out: [rows, k] of int32, k <= n. */
export enum TopK {
  x = 8,
  out = 12,
  rows = 16,
  n = 20,
  k = 24,
  /** 1: x is int32. */
  integer = 28,
  size = 32,
}

/** sorted: [rows, n]; values: [rows, m]; out: [rows, m] of int32. */
export enum SearchSorted {
  sorted = 8,
  values = 12,
  out = 16,
  rows = 20,
  n = 24,
  m = 28,
  /** 1: behind equal elements, 0: in front of them. */
  right = 32,
  /** 1: both are int32. */
  integer = 36,
  size = 40,
}

/** x: [rows, n]; indices, out: [rows, k]. */
export enum TakeAlong {
  x = 8,
  indices = 12,
  out = 16,
  rows = 20,
  n = 24,
  k = 28,
  size = 32,
}

/** x, indices: [rows, k]; out: [rows, n]. */
export enum PutAlong {
  x = 8,
  indices = 12,
  out = 16,
  rows = 20,
  /** Columns of out. */
  limit = 24,
  k = 28,
  /** 1: x is int32. */
  integer = 32,
  /** 1: an index below 0 is a fault. */
  strict = 36,
  size = 40,
}
