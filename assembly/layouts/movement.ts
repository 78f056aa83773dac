/** Byte offsets of the operands of commands that copy, fill and place elements, from the command's start. */

/** Copies elements of 4 bytes from one strided space of six dimensions to another. */
export enum StridedCopy {
  src = 8,
  dst = 12,
  d0 = 16,
  d1 = 20,
  d2 = 24,
  d3 = 28,
  d4 = 32,
  d5 = 36,
  s0 = 40,
  s1 = 44,
  s2 = 48,
  s3 = 52,
  s4 = 56,
  s5 = 60,
  t0 = 64,
  t1 = 68,
  t2 = 72,
  t3 = 76,
  t4 = 80,
  t5 = 84,
  size = 88,
}

export enum Fill {
  out = 8,
  count = 12,
  value = 16,
  size = 20,
}

/** out[i, j] = j == indices[i] ? on : off */
export enum OneHot {
  indices = 8,
  out = 12,
  count = 16,
  depth = 20,
  on = 24,
  off = 28,
  /** 1: an index outside [0, depth) is a fault; 0: its row is all `off`. */
  strict = 32,
  size = 36,
}
