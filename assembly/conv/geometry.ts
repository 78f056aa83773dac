/** What the three convolution kernels share: the padded copy of a band of input rows. */
import { Conv } from '../isa';

/** Input rows that `rows` output rows look at. */
export function inputRows(p: usize, rows: i32): i32 {
  return (rows - 1) * load<i32>(p, Conv.strideH) + (load<i32>(p, Conv.kh) - 1) * load<i32>(p, Conv.dilationH) + 1;
}

/** Columns of a padded copy: all that any output column looks at. */
export function paddedWidth(p: usize): i32 {
  return (load<i32>(p, Conv.ow) - 1) * load<i32>(p, Conv.strideW) + (load<i32>(p, Conv.kw) - 1) * load<i32>(p, Conv.dilationW) + 1;
}

/** Whether every tap of every output falls inside the input. */
export function isInside(p: usize): bool {
  return (
    load<i32>(p, Conv.padTop) == 0 &&
    load<i32>(p, Conv.padLeft) == 0 &&
    inputRows(p, load<i32>(p, Conv.oh)) <= load<i32>(p, Conv.h) &&
    paddedWidth(p) <= load<i32>(p, Conv.w)
  );
}

/**
 * Copies the input rows that output rows [first, first + rows) of an image look at, zeros where they are outside.
 * The copy has `paddedWidth` columns.
 */
export function padBand(p: usize, image: i32, first: i32, rows: i32, to: usize): void {
  const h = load<i32>(p, Conv.h),
    w = load<i32>(p, Conv.w),
    pixel = <usize>load<i32>(p, Conv.c) << 2,
    width = paddedWidth(p),
    left = load<i32>(p, Conv.padLeft),
    top = first * load<i32>(p, Conv.strideH) - load<i32>(p, Conv.padTop);
  const x = load<usize>(p, Conv.x) + <usize>image * h * w * pixel,
    bytes = <usize>width * pixel,
    lead = min(left, width),
    inside = max(0, min(w, width - left));
  for (let i = top, end = top + inputRows(p, rows); i < end; i++, to += bytes) {
    if (i < 0 || i >= h || inside == 0) {
      memory.fill(to, 0, bytes);
      continue;
    }
    memory.fill(to, 0, <usize>lead * pixel);
    memory.copy(to + <usize>lead * pixel, x + <usize>i * w * pixel, <usize>inside * pixel);
    memory.fill(to + <usize>(lead + inside) * pixel, 0, <usize>(width - lead - inside) * pixel);
  }
}
