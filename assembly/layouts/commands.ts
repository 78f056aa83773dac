/** Where the operands of each command stand: byte offsets from the command's start. */

export enum Gemm {
  a = 8,
  b = 12,
  c = 16,
  /** 0: none. */
  bias = 20,
  m = 24,
  n = 28,
  k = 32,
  aRow = 36,
  aCol = 40,
  /** If bCol is 0, B is what `PackPanels` has made, and bRow the bytes of one of its k rows in all panels. */
  bRow = 44,
  bCol = 48,
  cRow = 52,
  batch = 56,
  aBatch = 60,
  bBatch = 64,
  cBatch = 68,
  /** `Un` applied after the bias, or `Un.identity`. */
  activation = 72,
  alpha = 76,
  size = 80,
}

/** B[k x n] as products read it, which several of them share: blocks of k, each `[panel][k][PANEL]`. */
export enum PackPanels {
  b = 8,
  out = 12,
  n = 16,
  k = 20,
  bRow = 24,
  bCol = 28,
  size = 32,
}

/** x: [n, h, w, c]; y: [n, oh, ow, oc]; filter: [kh, kw, c, oc]. Gradients stand where their value would. */
export enum Conv {
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
  /** Output rows of one band. */
  bandRows = 92,
  size = 96,
}

/** x: [n, h, w, c]; y: [n, oh, ow, c]. `grad` is dy in, `out` is what the command writes. */
export enum Pool {
  x = 8,
  grad = 12,
  out = 16,
  n = 20,
  h = 24,
  w = 28,
  c = 32,
  oh = 36,
  ow = 40,
  kh = 44,
  kw = 48,
  strideH = 52,
  strideW = 56,
  dilationH = 60,
  dilationW = 64,
  padTop = 68,
  padLeft = 72,
  /** MaxPoolGrad: 1 keeps the gradient only where x > 0. */
  positive = 76,
  size = 80,
}

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

/** x, out: [rows, n]. */
export enum Rows {
  x = 8,
  out = 12,
  rows = 16,
  n = 20,
  size = 24,
}

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

export enum Fill {
  out = 8,
  count = 12,
  value = 16,
  size = 20,
}

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

/** An optimizer over one contiguous run of parameters. */
export enum Update {
  param = 8,
  grad = 12,
  count = 16,
  /** Laid out like the parameters. */
  slotA = 20,
  slotB = 24,
  slotC = 28,
  /** Address of `StepCells`. */
  step = 32,
  /** See each kernel. */
  flag = 36,
  /** Whether weights decay. */
  decays = 40,
  size = 44,
}

/** What the host writes before each run for the commands of one step; f32 unless said otherwise. */
export enum StepCells {
  /** u32; 0: nothing changes, as gradients are only gathered. */
  gate = 0,
  /** What is taken off each weight, times itself, before the update. */
  decay = 4,
  /** Share of itself that a running average keeps. */
  average = 8,
  /** u32: whether weights become their averages. */
  overwrite = 12,
  /** Numbers of the optimizer; see each kernel. */
  rate = 16,
  p = 20,
  q = 24,
  r = 28,
  s = 32,
  e = 36,
  fix = 40,
  size = 48,
}

/** Adds one to a u32. */
export enum Count {
  cell = 8,
  size = 12,
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

/** Runs the commands at `start` (bytes from this one) `count` times; before each run every record's word is set anew. */
export enum Loop {
  count = 8,
  start = 12,
  /** Number of records `LoopRecord`, which follow. */
  records = 16,
  size = 24,
}

/** In run i the word at `at` (bytes from the loop's command) is base + i * stride. */
export enum LoopRecord {
  at = 0,
  base = 4,
  stride = 8,
  size = 12,
}
