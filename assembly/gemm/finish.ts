/** What follows a fold: bias, then activation, on rows that are still in a cache. */
import { Un } from '../isa';
import { loadPart, storePart } from '../lanes';
import { unary } from '../map/unary';

/** Each of `rows` rows of n floats, `step` bytes apart, becomes activation(row + bias); bias 0 means none. */
export function finishRows(c: usize, step: usize, rows: i32, n: i32, bias: usize, activation: i32, alpha: f32): void {
  if (bias) {
    if (activation == Un.relu) return biasRows(true, c, step, rows, n, bias);
    biasRows(false, c, step, rows, n, bias);
  }
  if (activation == Un.identity) return;
  if (step == <usize>n << 2) unary(activation, c, c, rows * n, alpha, 0);
  else for (let i = 0; i < rows; i++, c += step) unary(activation, c, c, n, alpha, 0);
}

// @ts-ignore: decorator
@inline
function biasRows(relu: bool, c: usize, step: usize, rows: i32, n: i32, bias: usize): void {
  const zero = f32x4.splat(0);
  const whole = n & ~3,
    rest = n & 3;
  for (let i = 0; i < rows; i++, c += step) {
    for (let j: usize = 0; j < <usize>whole << 2; j += 16) {
      const v = f32x4.add(v128.load(c + j), v128.load(bias + j));
      v128.store(c + j, relu ? f32x4.pmax(v, zero) : v);
    }
    if (rest) {
      const at = <usize>whole << 2;
      const v = f32x4.add(loadPart(c + at, rest), loadPart(bias + at, rest));
      storePart(c + at, relu ? f32x4.pmax(v, zero) : v, rest);
    }
  }
}
