/** What follows a fold: bias, a matrix that joins, then activation, on rows that are still in a cache. */
import { Join, Un } from '../isa';
import { loadPart, storePart } from '../lanes';
import { unary } from '../map/unary';

/**
 * Each of `rows` rows of n floats, `step` bytes apart, becomes activation(row + bias), with a center activation((row -
 * center) * factor + bias), which needs a bias; bias 0 means none. Of `clip`, the lower bound is 0 and `alpha` the upper one.
 */
export function finishRows(
  c: usize,
  step: usize,
  rows: i32,
  n: i32,
  bias: usize,
  activation: i32,
  alpha: f32,
  center: usize = 0,
  factor: usize = 0,
): void {
  if (bias) {
    const clips = activation == Un.clip,
      isLimited = clips || activation == Un.relu,
      least: f32 = isLimited ? 0 : -Infinity,
      most: f32 = clips ? alpha : Infinity;
    if (center) biasRows(true, c, step, rows, n, bias, least, most, center, factor);
    else biasRows(false, c, step, rows, n, bias, least, most, 0, 0);
    if (isLimited) return;
  }
  if (activation == Un.identity) return;
  const p: f32 = activation == Un.clip ? 0 : alpha;
  if (step == <usize>n << 2) unary(activation, c, c, rows * n, p, alpha);
  else for (let i = 0; i < rows; i++, c += step) unary(activation, c, c, n, p, alpha);
}

// @ts-ignore: decorator
@inline
function biasRows(isNormal: bool, c: usize, step: usize, rows: i32, n: i32, bias: usize, least: f32, most: f32, center: usize, factor: usize): void {
  const bottom = f32x4.splat(least),
    top = f32x4.splat(most),
    at = <usize>(n & ~3) << 2,
    rest = n & 3;
  for (let i = 0; i < rows; i++, c += step) {
    for (let j: usize = 0; j < at; j += 16) {
      let v = v128.load(c + j);
      if (isNormal) v = f32x4.mul(f32x4.sub(v, v128.load(center + j)), v128.load(factor + j));
      v128.store(c + j, f32x4.pmin(f32x4.pmax(f32x4.add(v, v128.load(bias + j)), bottom), top));
    }
    if (rest) {
      let v = loadPart(c + at, rest);
      if (isNormal) v = f32x4.mul(f32x4.sub(v, loadPart(center + at, rest)), loadPart(factor + at, rest));
      storePart(c + at, f32x4.pmin(f32x4.pmax(f32x4.add(v, loadPart(bias + at, rest)), bottom), top), rest);
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
