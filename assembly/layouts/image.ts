/** Where the operands of commands on images stand: byte offsets from the command's start. */

/** One dimension of x, seen as [outer, n, inner], resized: [outer, count, inner]. ResampleGrad goes the other way. */
export enum Resample {
  x = 8,
  out = 12,
  outer = 16,
  /** Length of the dimension on the side of the image, whichever is written. */
  n = 20,
  count = 24,
  inner = 28,
  /** 1: the nearest element, 0: linear between two. */
  nearest = 32,
  alignCorners = 36,
  halfPixelCenters = 40,
  size = 44,
}

/** TakeRows: x as [outer, n, inner] -> [outer, count, inner] by indices of [count]; SumRows goes the other way. */
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
