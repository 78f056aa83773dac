/**
 * C = A · B of int32 matrices: exact as long as sums are within int32, else modulo 2³² as all of its arithmetic.
 * Threads share matrices of the batch if there are enough, else rows.
 */
import { GemmInt } from '../isa';
import { sliceStart } from '../lanes';

export function gemmInt(p: usize, t: i32, slices: i32): void {
  const m = load<i32>(p, GemmInt.m),
    rows = load<i32>(p, GemmInt.batch) * m;
  for (let r = sliceStart(rows, t, slices), end = sliceStart(rows, t + 1, slices); r < end; r++) {
    const index = r / m;
    row(p, index, r - index * m);
  }
}

function row(p: usize, index: i32, i: i32): void {
  const n = load<i32>(p, GemmInt.n),
    k = load<i32>(p, GemmInt.k),
    step = <usize>n << 2;
  const a = load<usize>(p, GemmInt.a) + index * load<usize>(p, GemmInt.aBatch) + (<usize>i * k << 2),
    b = load<usize>(p, GemmInt.b) + index * load<usize>(p, GemmInt.bBatch),
    c = load<usize>(p, GemmInt.c) + index * load<usize>(p, GemmInt.cBatch) + <usize>i * step,
    end = a + (<usize>k << 2);
  let j = 0;
  for (; j + 16 <= n; j += 16) {
    let c0 = i32x4.splat(0),
      c1 = c0,
      c2 = c0,
      c3 = c0,
      from = b + (<usize>j << 2);
    for (let x = a; x < end; x += 4, from += step) {
      const v = v128.load_splat<i32>(x);
      c0 = i32x4.add(c0, i32x4.mul(v, v128.load(from)));
      c1 = i32x4.add(c1, i32x4.mul(v, v128.load(from, 16)));
      c2 = i32x4.add(c2, i32x4.mul(v, v128.load(from, 32)));
      c3 = i32x4.add(c3, i32x4.mul(v, v128.load(from, 48)));
    }
    const to = c + (<usize>j << 2);
    v128.store(to, c0);
    v128.store(to, c1, 16);
    v128.store(to, c2, 32);
    v128.store(to, c3, 48);
  }
  for (; j < n; j++) {
    let sum = 0,
      from = b + (<usize>j << 2);
    for (let x = a; x < end; x += 4, from += step) sum += load<i32>(x) * load<i32>(from);
    store<i32>(c + (<usize>j << 2), sum);
  }
}
