/**
 * Microkernels. Each folds k ascending into accumulators that stay in registers, `c = f32(c + f32(a * b))`.
 *
 * Two rows by sixteen columns is the largest tile that V8 keeps in its 15 registers (8 accumulators, 4 vectors of B,
 * one broadcast of A); all three multiply/add ports are busy, and strides in registers cost nothing.
 * Strides count bytes. The fold runs over `runs` runs of k steps: after each run a moves on by `aSkip`, b by `bSkip`.
 * F says what is done to a finished sum before it is stored: one of the classes below, passed as in unary.ts.
 */
export function tile2x16<F>(
  a0: usize,
  a1: usize,
  aStep: usize,
  aSkip: usize,
  b: usize,
  bStep: usize,
  bSkip: usize,
  k: i32,
  runs: i32,
  c0: usize,
  c1: usize,
  fresh: bool,
  bias: usize,
): void {
  let c00 = f32x4.splat(0),
    c01 = c00,
    c02 = c00,
    c03 = c00,
    c10 = c00,
    c11 = c00,
    c12 = c00,
    c13 = c00;
  if (!fresh) {
    c00 = v128.load(c0);
    c01 = v128.load(c0, 16);
    c02 = v128.load(c0, 32);
    c03 = v128.load(c0, 48);
    c10 = v128.load(c1);
    c11 = v128.load(c1, 16);
    c12 = v128.load(c1, 32);
    c13 = v128.load(c1, 48);
  }
  for (; runs > 0; runs--) {
    for (let i = k; i > 0; i--) {
      const b0 = v128.load(b),
        b1 = v128.load(b, 16),
        b2 = v128.load(b, 32),
        b3 = v128.load(b, 48);
      const x = v128.load_splat<f32>(a0);
      c00 = f32x4.add(c00, f32x4.mul(x, b0));
      c01 = f32x4.add(c01, f32x4.mul(x, b1));
      c02 = f32x4.add(c02, f32x4.mul(x, b2));
      c03 = f32x4.add(c03, f32x4.mul(x, b3));
      const y = v128.load_splat<f32>(a1);
      c10 = f32x4.add(c10, f32x4.mul(y, b0));
      c11 = f32x4.add(c11, f32x4.mul(y, b1));
      c12 = f32x4.add(c12, f32x4.mul(y, b2));
      c13 = f32x4.add(c13, f32x4.mul(y, b3));
      a0 += aStep;
      a1 += aStep;
      b += bStep;
    }
    a0 += aSkip;
    a1 += aSkip;
    b += bSkip;
  }
  const f = changetype<F>(0);
  v128.store(c0, f.of(c00, bias, 0));
  v128.store(c0, f.of(c01, bias, 16), 16);
  v128.store(c0, f.of(c02, bias, 32), 32);
  v128.store(c0, f.of(c03, bias, 48), 48);
  v128.store(c1, f.of(c10, bias, 0));
  v128.store(c1, f.of(c11, bias, 16), 16);
  v128.store(c1, f.of(c12, bias, 32), 32);
  v128.store(c1, f.of(c13, bias, 48), 48);
}

/** The sum as it is. */
export class Keep {
  @inline of(sum: v128, bias: usize, at: usize): v128 {
    return sum;
  }
}

/** sum + bias */
export class Biased {
  @inline of(sum: v128, bias: usize, at: usize): v128 {
    return f32x4.add(sum, v128.load(bias + at));
  }
}

/** max(sum + bias, 0), NaN kept */
export class BiasedReLU {
  @inline of(sum: v128, bias: usize, at: usize): v128 {
    return f32x4.pmax(f32x4.add(sum, v128.load(bias + at)), f32x4.splat(0));
  }
}

/** One row by thirty-two columns, for a product with a single row: B is streamed once, unpacked. */
export function tile1x32(a: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize): void {
  let c0 = f32x4.splat(0),
    c1 = c0,
    c2 = c0,
    c3 = c0,
    c4 = c0,
    c5 = c0,
    c6 = c0,
    c7 = c0;
  for (let i = k; i > 0; i--) {
    const x = v128.load_splat<f32>(a);
    c0 = f32x4.add(c0, f32x4.mul(x, v128.load(b)));
    c1 = f32x4.add(c1, f32x4.mul(x, v128.load(b, 16)));
    c2 = f32x4.add(c2, f32x4.mul(x, v128.load(b, 32)));
    c3 = f32x4.add(c3, f32x4.mul(x, v128.load(b, 48)));
    c4 = f32x4.add(c4, f32x4.mul(x, v128.load(b, 64)));
    c5 = f32x4.add(c5, f32x4.mul(x, v128.load(b, 80)));
    c6 = f32x4.add(c6, f32x4.mul(x, v128.load(b, 96)));
    c7 = f32x4.add(c7, f32x4.mul(x, v128.load(b, 112)));
    a += aStep;
    b += bStep;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
  v128.store(c, c4, 64);
  v128.store(c, c5, 80);
  v128.store(c, c6, 96);
  v128.store(c, c7, 112);
}

/**
 * `tile2x16` where fewer than two rows or sixteen columns of C exist: works on the spare tile and copies what exists.
 * With one row the caller passes the same a and c twice. F may use a bias only where all sixteen columns exist.
 */
export function edgeTile<F>(
  a0: usize,
  a1: usize,
  aStep: usize,
  aSkip: usize,
  b: usize,
  bStep: usize,
  bSkip: usize,
  k: i32,
  runs: i32,
  c0: usize,
  c1: usize,
  fresh: bool,
  columns: i32,
  spare: usize,
  bias: usize,
): void {
  const bytes = <usize>columns << 2;
  if (!fresh) {
    memory.copy(spare, c0, bytes);
    memory.copy(spare + 64, c1, bytes);
  }
  tile2x16<F>(a0, a1, aStep, aSkip, b, bStep, bSkip, k, runs, spare, spare + 64, fresh, bias);
  memory.copy(c0, spare, bytes);
  if (c1 != c0) memory.copy(c1, spare + 64, bytes);
}
