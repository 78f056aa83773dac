/** Byte offsets of the operands of commands on images, from the command's start. */

/** One dimension of x, seen as [outer, n, inner], resized: [outer, count, inner]. ResampleGrad is the reverse. */
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
