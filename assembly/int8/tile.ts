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

/** Sums as they are. */
export class Sums {
  @inline of(sum: v128, scale: usize, wScale: usize): v128 {
    return sum;
  }
}

/** f32(f32(sum) * f32(scale * wScale)) */
export class Scaled {
  @inline of(sum: v128, scale: usize, wScale: usize): v128 {
    return scaled(sum, f32x4.mul(v128.load_splat<f32>(scale), v128.load(wScale)));
  }
}

/**
 * `count` tiles of two rows by sixteen columns below each other: rows of A are `aRow` bytes apart, those of Y `yRow`, scales
 * of rows `scaleStep`. F tells how the panel is read, E what a sum becomes.
 */
export function int8Tiles<F, E>(
  count: i32,
  a: usize,
  aRow: usize,
  w: usize,
  pairs: i32,
  scale: usize,
  scaleStep: usize,
  wScale: usize,
  y: usize,
  yRow: usize,
): void {
  const f = changetype<F>(0),
    e = changetype<E>(0);
  for (; count > 0; count--) {
    let c00 = i32x4.splat(0),
      c01 = c00,
      c02 = c00,
      c03 = c00,
      c10 = c00,
      c11 = c00,
      c12 = c00,
      c13 = c00;
    let at = w,
      x = a;
    for (let i = pairs; i > 0; i--) {
      const w0 = f.of(at, 0),
        w1 = f.of(at, 1),
        w2 = f.of(at, 2),
        w3 = f.of(at, 3);
      const x0 = v128.load_splat<i32>(x);
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(x0, w0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(x0, w1));
      c02 = i32x4.add(c02, i32x4.dot_i16x8_s(x0, w2));
      c03 = i32x4.add(c03, i32x4.dot_i16x8_s(x0, w3));
      const x1 = v128.load_splat<i32>(x + aRow);
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(x1, w0));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(x1, w1));
      c12 = i32x4.add(c12, i32x4.dot_i16x8_s(x1, w2));
      c13 = i32x4.add(c13, i32x4.dot_i16x8_s(x1, w3));
      at += f.step;
      x += 4;
    }
    const y1 = y + yRow,
      scale1 = scale + scaleStep;
    v128.store(y, e.of(c00, scale, wScale));
    v128.store(y, e.of(c01, scale, wScale + 16), 16);
    v128.store(y, e.of(c02, scale, wScale + 32), 32);
    v128.store(y, e.of(c03, scale, wScale + 48), 48);
    v128.store(y1, e.of(c10, scale1, wScale));
    v128.store(y1, e.of(c11, scale1, wScale + 16), 16);
    v128.store(y1, e.of(c12, scale1, wScale + 32), 32);
    v128.store(y1, e.of(c13, scale1, wScale + 48), 48);
    a += aRow << 1;
    y += yRow << 1;
    scale += scaleStep << 1;
  }
}

/** One row by sixteen columns. */
export function int8Row(a: usize, w: usize, pairs: i32, scale: usize, wScale: usize, y: usize): void {
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
  const r = v128.load_splat<f32>(scale);
  v128.store(y, scaled(c0, f32x4.mul(r, v128.load(wScale))));
  v128.store(y, scaled(c1, f32x4.mul(r, v128.load(wScale, 16))), 16);
  v128.store(y, scaled(c2, f32x4.mul(r, v128.load(wScale, 32))), 32);
  v128.store(y, scaled(c3, f32x4.mul(r, v128.load(wScale, 48))), 48);
}
