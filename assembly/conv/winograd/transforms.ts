/**
 * The transforms of F(4x4, 3x3), one dimension, four channels at a time. A polynomial of degree 5 is known by its values
 * at 0, a, -a, b, -b and infinity, with a = 3/4 and b = 3/2: among the points for which the transforms of images and
 * outputs are exact in float32, those with small errors.
 *
 * With rows R of a matrix for the points 0, a, b and infinity, specification:
 *
 * - to points: E and O fold the products with even and with odd elements ascending; the values at p and -p are E + O and
 *   E - O, those at 0 and infinity have one of them alone;
 * - from points (the transpose): element k folds m0, m(a) ± m(-a), m(b) ± m(-b) and m(infinity) times their
 *   coefficients, in this order: + where k is even, - where it is odd.
 *
 * In both a coefficient 0 is skipped. The matrices (`test/reference/winograd.ts` has the same):
 *
 *          image                            output             filter
 *     0    a²b²  0     -a²-b²  0      1  0    1  0  0   0      1/a²b²  0     0
 *     a    0    -ab²   -b²     a      1  0    1  a  a²  a³     1/n     a/n   a²/n    n = 2a²(a² - b²)
 *     b    0    -ba²   -a²     b      1  0    1  b  b²  b³     1/m     b/m   b²/m    m = 2b²(b² - a²)
 *     ∞    0     a²b²   0     -a²-b²  0  1    0  0  0   1      0       0     1
 */

const A: f32 = 0.75;
const A2: f32 = 0.5625;
const A3: f32 = 0.421875;
const B: f32 = 1.5;
const B2: f32 = 2.25;
const B3: f32 = 3.375;
const AB2: f32 = 1.6875;
const BA2: f32 = 0.84375;
const A2B2: f32 = 1.265625;
const SUM: f32 = 2.8125;

// @ts-ignore: decorator
@inline
function times(c: f32, x: v128): v128 {
  return f32x4.mul(f32x4.splat(c), x);
}

/** Six pixels to points. */
// @ts-ignore: decorator
@inline
export function imageToPoints(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
  v128.store(to, f32x4.add(f32x4.sub(times(A2B2, d0), times(SUM, d2)), d4));
  let even = f32x4.sub(d4, times(B2, d2)),
    odd = f32x4.sub(times(A, d3), times(AB2, d1));
  v128.store((to += step), f32x4.add(even, odd));
  v128.store((to += step), f32x4.sub(even, odd));
  even = f32x4.sub(d4, times(A2, d2));
  odd = f32x4.sub(times(B, d3), times(BA2, d1));
  v128.store((to += step), f32x4.add(even, odd));
  v128.store((to += step), f32x4.sub(even, odd));
  v128.store(to + step, f32x4.add(f32x4.sub(times(A2B2, d1), times(SUM, d3)), d5));
}

/** Four outputs to points. */
// @ts-ignore: decorator
@inline
export function outputToPoints(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
  v128.store(to, y0);
  let even = f32x4.add(y0, times(A2, y2)),
    odd = f32x4.add(times(A, y1), times(A3, y3));
  v128.store((to += step), f32x4.add(even, odd));
  v128.store((to += step), f32x4.sub(even, odd));
  even = f32x4.add(y0, times(B2, y2));
  odd = f32x4.add(times(B, y1), times(B3, y3));
  v128.store((to += step), f32x4.add(even, odd));
  v128.store((to += step), f32x4.sub(even, odd));
  v128.store(to + step, y3);
}

/** Three elements of a filter to points. */
// @ts-ignore: decorator
@inline
export function filterToPoints(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  v128.store(to, times(64.0 / 81.0, g0));
  let even = f32x4.sub(times(-128.0 / 243.0, g0), times(8.0 / 27.0, g2)),
    odd = times(-32.0 / 81.0, g1);
  v128.store((to += step), f32x4.add(even, odd));
  v128.store((to += step), f32x4.sub(even, odd));
  even = f32x4.add(times(32.0 / 243.0, g0), times(8.0 / 27.0, g2));
  odd = times(16.0 / 81.0, g1);
  v128.store((to += step), f32x4.add(even, odd));
  v128.store((to += step), f32x4.sub(even, odd));
  v128.store(to + step, g2);
}

/** What is made of six points; passed as in unary.ts. */
export class Image {
  @inline of(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
    const a = f32x4.add(m1, m2),
      c = f32x4.sub(m1, m2),
      b = f32x4.add(m3, m4),
      d = f32x4.sub(m3, m4);
    v128.store(to, times(A2B2, m0));
    v128.store((to += step), f32x4.add(f32x4.sub(times(-AB2, c), times(BA2, d)), times(A2B2, m5)));
    v128.store((to += step), f32x4.sub(f32x4.sub(times(-SUM, m0), times(B2, a)), times(A2, b)));
    v128.store((to += step), f32x4.sub(f32x4.add(times(A, c), times(B, d)), times(SUM, m5)));
    v128.store((to += step), f32x4.add(f32x4.add(m0, a), b));
    v128.store(to + step, m5);
  }
}

export class Output {
  @inline of(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
    const a = f32x4.add(m1, m2),
      c = f32x4.sub(m1, m2),
      b = f32x4.add(m3, m4),
      d = f32x4.sub(m3, m4);
    v128.store(to, f32x4.add(f32x4.add(m0, a), b));
    v128.store((to += step), f32x4.add(times(A, c), times(B, d)));
    v128.store((to += step), f32x4.add(times(A2, a), times(B2, b)));
    v128.store(to + step, f32x4.add(f32x4.add(times(A3, c), times(B3, d)), m5));
  }
}

export class Filter {
  @inline of(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
    const a = f32x4.add(m1, m2),
      c = f32x4.sub(m1, m2),
      b = f32x4.add(m3, m4),
      d = f32x4.sub(m3, m4);
    v128.store(to, f32x4.add(f32x4.sub(times(64.0 / 81.0, m0), times(128.0 / 243.0, a)), times(32.0 / 243.0, b)));
    v128.store((to += step), f32x4.sub(times(16.0 / 81.0, d), times(32.0 / 81.0, c)));
    v128.store(to + step, f32x4.add(f32x4.sub(times(8.0 / 27.0, b), times(8.0 / 27.0, a)), m5));
  }
}
