/** Byte offsets of the operands of integer products, from the command's start. */

/** C = A · B of int32 matrices, all row by row. */
export enum GemmInt {
  a = 8,
  b = 12,
  c = 16,
  m = 20,
  n = 24,
  k = 28,
  batch = 32,
  aBatch = 36,
  bBatch = 40,
  cBatch = 44,
  size = 48,
}

/** x: [units, rows, width] in float32; q: its integers as int16, in rows of `row` bytes; scale: [units]. */
export enum Quantize {
  x = 8,
  q = 12,
  scale = 16,
  /** 0: each unit has a scale of its own. */
  given = 20,
  units = 24,
  rows = 28,
  width = 32,
  row = 36,
  size = 40,
}

/**
 * x: [n, h, w, c] in float32; scale: [n]; q: the integers of rows and columns that a depthwise convolution sees, 0 outside of x,
 * [n, rows, channels / 4, columns, 4, 2] of int16: of each channel the numbers of two rows, `dilationH` apart.
 */
export enum QuantizePairs {
  x = 8,
  q = 12,
  scale = 16,
  given = 20,
  n = 24,
  h = 28,
  w = 32,
  c = 36,
  /** How often each channel is written. */
  repeat = 40,
  /** Pairs of rows. */
  rows = 44,
  columns = 48,
  padTop = 52,
  padLeft = 56,
  dilationH = 60,
  size = 64,
}

/** a: rows of int16, `aRow` bytes apart; w: panels of int8; y: [m, n]. */
export enum Int8Gemm {
  a = 8,
  aScale = 12,
  w = 16,
  wScale = 20,
  y = 24,
  bias = 28,
  m = 32,
  n = 36,
  /** Pairs of steps of the fold. */
  pairs = 40,
  aRow = 44,
  /** Rows that share a scale. */
  rows = 48,
  activation = 52,
  alpha = 56,
  size = 60,
}

/**
 * The offsets of `Conv` with the scales of x, one for each image, and of the filter, one for each output channel. Of a depthwise
 * convolution x is as `QuantizePairs` writes it, with `h` rows and `w` columns.
 */
export enum Int8Conv {
  x = 8,
  filter = 12,
  y = 16,
  bias = 20,
  n = 24,
  h = 28,
  w = 32,
  c = 36,
  oh = 40,
  ow = 44,
  oc = 48,
  kh = 52,
  kw = 56,
  strideH = 60,
  strideW = 64,
  dilationH = 68,
  dilationW = 72,
  padTop = 76,
  padLeft = 80,
  activation = 84,
  alpha = 88,
  xScale = 92,
  filterScale = 96,
  /** Pixels of the output whose patches are in scratch together, or tiles that are transformed together. */
  block = 100,
  /** Int8Winograd: the filter at the points, as `Int8WinogradFilter` writes it; 0: each panel is transformed where it is needed. */
  points = 104,
  size = 108,
}

/** w: rows of int8 in whole words; scale: [rows]; out: [rows, width] in float32. */
export enum Unpack {
  w = 8,
  scale = 12,
  out = 16,
  rows = 20,
  width = 24,
  size = 28,
}
