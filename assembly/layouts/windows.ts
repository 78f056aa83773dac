/** Byte offsets of the operands of convolutions and poolings, from the command's start. */

/** x: [n, h, w, c]; y: [n, oh, ow, oc]; filter: [kh, kw, c, oc]. Gradients are where their value would. */
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
  /** With `factor`: before the bias y becomes (y - center) * factor, all rows of oc; 0: none. */
  center = 96,
  factor = 100,
  size = 104,
}

/** As `Conv`, of a filter of 3x3 that moves in steps of 1. */
export enum Winograd {
  x = 8,
  filter = 12,
  y = 16,
  /** 0: none. */
  bias = 20,
  /** The filter at the points, as `WinogradFilter` writes it; 0: each panel is transformed where it is needed. */
  points = 24,
  n = 28,
  h = 32,
  w = 36,
  c = 40,
  oh = 44,
  ow = 48,
  oc = 52,
  padTop = 56,
  padLeft = 60,
  activation = 64,
  alpha = 68,
  /** Tiles that are transformed together. */
  block = 72,
  /** WinogradFilter: 1 for the gradient of the image, which multiplies with the transpose. */
  isGrad = 76,
  /** As those of `Conv`. */
  center = 80,
  factor = 84,
  size = 88,
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
