/** What follows a fold: bias, a matrix that joins, then activation, on rows that are still in a cache. */
import { Join, Un } from '../isa';
import { loadPart, storePart } from '../lanes';
import { unary } from '../map/unary';

/**
 * Each of `rows` rows of n floats, `step` bytes apart, becomes activation(row + bias); bias 0 means none. Of `clip`, the
 * lower bound is 0 and `alpha` the upper one.
 */
export function finishRows(c: usize, step: usize, rows: i32, n: i32, bias: usize, activation: i32, alpha: f32): void {
  if (bias) {
    if (activation == Un.relu) return biasRows(true, false, c, step, rows, n, bias, 0);
    if (activation == Un.clip) return biasRows(true, true, c, step, rows, n, bias, alpha);
    biasRows(false, false, c, step, rows, n, bias, 0);
  }
  if (activation == Un.identity) return;
  const p: f32 = activation == Un.clip ? 0 : alpha;
  if (step == <usize>n << 2) unary(activation, c, c, rows * n, p, alpha);
  else for (let i = 0; i < rows; i++, c += step) unary(activation, c, c, n, p, alpha);
}

// @ts-ignore: decorator
@inline
function biasRows(relu: bool, clip: bool, c: usize, step: usize, rows: i32, n: i32, bias: usize, most: f32): void {
  const zero = f32x4.splat(0),
    top = f32x4.splat(most);
  const whole = n & ~3,
    rest = n & 3;
  for (let i = 0; i < rows; i++, c += step) {
    for (let j: usize = 0; j < <usize>whole << 2; j += 16) {
      const v = f32x4.add(v128.load(c + j), v128.load(bias + j));
      const above = relu ? f32x4.pmax(v, zero) : v;
      v128.store(c + j, clip ? f32x4.pmin(above, top) : above);
    }
    if (rest) {
      const at = <usize>whole << 2;
      const v = f32x4.add(loadPart(c + at, rest), loadPart(bias + at, rest));
      const above = relu ? f32x4.pmax(v, zero) : v;
      storePart(c + at, clip ? f32x4.pmin(above, top) : above, rest);
    }
  }
}

/** Each of `rows` rows of n floats joins the row of another matrix; `step` is the distance of rows of both. */
export function joinRows(join: i32, c: usize, step: usize, rows: i32, n: i32, other: usize): void {
  if (join == Join.add) joined(true, c, step, rows, n, other);
  else if (join == Join.reluGrad) joined(false, c, step, rows, n, other);
}

// @ts-ignore: decorator
@inline
function joined(isSum: bool, c: usize, step: usize, rows: i32, n: i32, other: usize): void {
  const bytes = <usize>(n & ~3) << 2,
    rest = n & 3;
  for (let i = 0; i < rows; i++, c += step, other += step) {
    for (let j: usize = 0; j < bytes; j += 16) v128.store(c + j, joinedVector(isSum, v128.load(c + j), v128.load(other + j)));
    if (rest) storePart(c + bytes, joinedVector(isSum, loadPart(c + bytes, rest), loadPart(other + bytes, rest)), rest);
  }
}

// @ts-ignore: decorator
@inline
function joinedVector(isSum: bool, x: v128, y: v128): v128 {
  return isSum ? f32x4.add(x, y) : v128.and(x, f32x4.gt(y, f32x4.splat(0)));
}
