/** Byte offsets of the operands of products, from the command's start. */

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
  /** `Join`: how a matrix of C's places joins what comes out of fold and bias, before the activation. */
  join = 80,
  other = 84,
  size = 88,
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
