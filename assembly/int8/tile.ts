/**
 * Microkernels of integers. A is int16, its steps in pairs; W is in panels of sixteen columns, `[pair][16][2]`, of int8 that
 * are widened on the way into registers, or of int16 where enough rows follow to widen a panel before. Each product of a pair and its sum is one instruction. Sums are exact, so that no bit
 * depends on their order; then y = f32(f32(sum) * f32(aScale * wScale)).
 */

// @ts-ignore: decorator
@inline
function scaled(sum: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(sum), scale);
}

/** A panel of int8 as int16. */
export function widen(w: usize, pairs: i32, to: usize): void {
  for (const end = w + (<usize>pairs << 5); w < end; w += 8, to += 16) v128.store(to, v128.load_ext<i8>(w));
}

/** The panel is of int16. */
export class Wide {
  @inline get step(): usize {
    return 64;
  }
  @inline of(w: usize, i: usize): v128 {
    return v128.load(w + (i << 4));
  }
}

/** The panel is of int8. */
export class Narrow {
  @inline get step(): usize {
    return 32;
  }
  @inline of(w: usize, i: usize): v128 {
    return v128.load_ext<i8>(w + (i << 3));
  }
}

/** Two rows by sixteen columns: rows of Y are `yRow` bytes apart; F tells how the panel is read. */
export function int8Tile<F>(a: usize, aRow: usize, w: usize, pairs: i32, scale0: f32, scale1: f32, wScale: usize, y: usize, yRow: usize): void {
  const f = changetype<F>(0);
  let c00 = i32x4.splat(0),
    c01 = c00,
    c02 = c00,
    c03 = c00,
    c10 = c00,
    c11 = c00,
    c12 = c00,
    c13 = c00;
  const a1 = a + aRow;
  for (let at: usize = 0, end = <usize>pairs << 2; at < end; at += 4) {
    const w0 = f.of(w, 0),
      w1 = f.of(w, 1),
      w2 = f.of(w, 2),
      w3 = f.of(w, 3);
    const x0 = v128.load_splat<i32>(a + at);
    c00 = i32x4.add(c00, i32x4.dot_i16x8_s(x0, w0));
    c01 = i32x4.add(c01, i32x4.dot_i16x8_s(x0, w1));
    c02 = i32x4.add(c02, i32x4.dot_i16x8_s(x0, w2));
    c03 = i32x4.add(c03, i32x4.dot_i16x8_s(x0, w3));
    const x1 = v128.load_splat<i32>(a1 + at);
    c10 = i32x4.add(c10, i32x4.dot_i16x8_s(x1, w0));
    c11 = i32x4.add(c11, i32x4.dot_i16x8_s(x1, w1));
    c12 = i32x4.add(c12, i32x4.dot_i16x8_s(x1, w2));
    c13 = i32x4.add(c13, i32x4.dot_i16x8_s(x1, w3));
    w += f.step;
  }
  const s0 = v128.load(wScale),
    s1 = v128.load(wScale, 16),
    s2 = v128.load(wScale, 32),
    s3 = v128.load(wScale, 48);
  const r0 = f32x4.splat(scale0),
    r1 = f32x4.splat(scale1),
    y1 = y + yRow;
  v128.store(y, scaled(c00, f32x4.mul(r0, s0)));
  v128.store(y, scaled(c01, f32x4.mul(r0, s1)), 16);
  v128.store(y, scaled(c02, f32x4.mul(r0, s2)), 32);
  v128.store(y, scaled(c03, f32x4.mul(r0, s3)), 48);
  v128.store(y1, scaled(c10, f32x4.mul(r1, s0)));
  v128.store(y1, scaled(c11, f32x4.mul(r1, s1)), 16);
  v128.store(y1, scaled(c12, f32x4.mul(r1, s2)), 32);
  v128.store(y1, scaled(c13, f32x4.mul(r1, s3)), 48);
}

/** One row by sixteen columns. */
export function int8Row(a: usize, w: usize, pairs: i32, scale: f32, wScale: usize, y: usize): void {
  let c0 = i32x4.splat(0),
    c1 = c0,
    c2 = c0,
    c3 = c0;
  for (const end = a + (<usize>pairs << 2); a < end; a += 4) {
    const x = v128.load_splat<i32>(a);
    c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(w)));
    c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(w, 8)));
    c2 = i32x4.add(c2, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(w, 16)));
    c3 = i32x4.add(c3, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(w, 24)));
    w += 32;
  }
  const r = f32x4.splat(scale);
  v128.store(y, scaled(c0, f32x4.mul(r, v128.load(wScale))));
  v128.store(y, scaled(c1, f32x4.mul(r, v128.load(wScale, 16))), 16);
  v128.store(y, scaled(c2, f32x4.mul(r, v128.load(wScale, 32))), 32);
  v128.store(y, scaled(c3, f32x4.mul(r, v128.load(wScale, 48))), 48);
}
