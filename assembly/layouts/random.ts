/** Byte offsets of the operands of draws, from the command's start. */

export enum Random {
  out = 8,
  count = 12,
  /** `Distribution` */
  kind = 16,
  p = 20,
  q = 24,
  seedLo = 28,
  seedHi = 32,
  stream = 36,
  /** The first step. */
  first = 40,
  /** Address of the step counter (u32), which counts from the first step; or 0. */
  step = 44,
  /** Address of the number (u32) of the batch's first row among all rows; or 0. */
  row = 48,
  /** Elements of a row. */
  rowSize = 52,
  /** Address of the number (u32) of a loop's iteration; or 0. */
  iteration = 56,
  size = 60,
}

export enum Dropout {
  x = 8,
  out = 12,
  count = 16,
  rate = 20,
  seedLo = 24,
  seedHi = 28,
  stream = 32,
  first = 36,
  step = 40,
  row = 44,
  rowSize = 48,
  iteration = 52,
  size = 56,
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
