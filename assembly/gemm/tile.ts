/**
 * Microkernels. Each folds k ascending into accumulators that stay in registers, `c = f32(c + f32(a * b))`.
 *
 * Two rows by sixteen columns is the largest tile that V8 keeps in its 15 registers (8 accumulators, 4 vectors of B,
 * one broadcast of A); all ports for multiplication and addition are busy, and strides in registers cost nothing.
 */

/** What tiles of one panel do with their sums: rows of sixteen floats, the bias first, and limits. */
export enum Finish {
  center = 64,
  factor = 128,
  least = 192,
  most = 208,
}

/**
 * `count` tiles below each other. Rows of A are `aRow` bytes apart, rows of C `cRow`; all tiles read the same B.
 * The fold runs over `runs` runs of k steps: in each step a moves on by `aStep`, b by `bStep`, and after each run a
 * by `aSkip` besides. Fresh tiles start at +0, others from the stored C.
 * F is applied to a finished sum before it is stored: one of the classes below, passed as in unary.ts; `bias` is what it needs.
 */
export function tiles<F>(
  count: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  aSkip: usize,
  b: usize,
  bStep: usize,
  k: i32,
  runs: i32,
  c: usize,
  cRow: usize,
  fresh: bool,
  bias: usize,
): void {
  const f = changetype<F>(0);
  for (; count > 0; count--) {
    const c1 = c + cRow;
    let x = a,
      y = b;
    let c00 = f32x4.splat(0),
      c01 = c00,
      c02 = c00,
      c03 = c00,
      c10 = c00,
      c11 = c00,
      c12 = c00,
      c13 = c00;
    if (!fresh) {
      c00 = v128.load(c);
      c01 = v128.load(c, 16);
      c02 = v128.load(c, 32);
      c03 = v128.load(c, 48);
      c10 = v128.load(c1);
      c11 = v128.load(c1, 16);
      c12 = v128.load(c1, 32);
      c13 = v128.load(c1, 48);
    }
    for (let r = runs; r > 0; r--) {
      for (let i = k; i > 0; i--) {
        const b0 = v128.load(y),
          b1 = v128.load(y, 16),
          b2 = v128.load(y, 32),
          b3 = v128.load(y, 48);
        const a0 = v128.load_splat<f32>(x);
        c00 = f32x4.add(c00, f32x4.mul(a0, b0));
        c01 = f32x4.add(c01, f32x4.mul(a0, b1));
        c02 = f32x4.add(c02, f32x4.mul(a0, b2));
        c03 = f32x4.add(c03, f32x4.mul(a0, b3));
        const a1 = v128.load_splat<f32>(x + aRow);
        c10 = f32x4.add(c10, f32x4.mul(a1, b0));
        c11 = f32x4.add(c11, f32x4.mul(a1, b1));
        c12 = f32x4.add(c12, f32x4.mul(a1, b2));
        c13 = f32x4.add(c13, f32x4.mul(a1, b3));
        x += aStep;
        y += bStep;
      }
      x += aSkip;
    }
    v128.store(c, f.of(c00, bias, 0, c));
    v128.store(c, f.of(c01, bias, 16, c), 16);
    v128.store(c, f.of(c02, bias, 32, c), 32);
    v128.store(c, f.of(c03, bias, 48, c), 48);
    v128.store(c1, f.of(c10, bias, 0, c1));
    v128.store(c1, f.of(c11, bias, 16, c1), 16);
    v128.store(c1, f.of(c12, bias, 32, c1), 32);
    v128.store(c1, f.of(c13, bias, 48, c1), 48);
    a += aRow << 1;
    c += cRow << 1;
  }
}

/** The sum as it is. */
export class Keep {
  @inline of(sum: v128, bias: usize, at: usize, c: usize): v128 {
    return sum;
  }
}

/** What was there, and the sum. */
export class Add {
  @inline of(sum: v128, bias: usize, at: usize, c: usize): v128 {
    return f32x4.add(v128.load(c + at), sum);
  }
}

/** (sum - center) * factor + bias, within limits, from a panel's `Finish`; NaN stays. A center of 0 and a factor of 1 change no bit. */
export class Finished {
  @inline of(sum: v128, finish: usize, at: usize, c: usize): v128 {
    const v = f32x4.mul(f32x4.sub(sum, v128.load(finish + at, Finish.center)), v128.load(finish + at, Finish.factor)),
      y = f32x4.add(v, v128.load(finish + at));
    return f32x4.pmin(f32x4.pmax(y, v128.load(finish, Finish.least)), v128.load(finish, Finish.most));
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
 * One tile of which only `rows` rows (1 or 2) and `columns` columns of C exist: works on the spare tile and copies what
 * exists. A row that does not exist is read as the first one again. F may use a bias only where all columns exist.
 */
export function edgeTile<F>(
  rows: i32,
  columns: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  aSkip: usize,
  b: usize,
  bStep: usize,
  k: i32,
  runs: i32,
  c: usize,
  cRow: usize,
  fresh: bool,
  bias: usize,
  spare: usize,
): void {
  const bytes = <usize>columns << 2;
  if (!fresh) {
    memory.copy(spare, c, bytes);
    if (rows == 2) memory.copy(spare + 64, c + cRow, bytes);
  }
  tiles<F>(1, a, rows == 2 ? aRow : 0, aStep, aSkip, b, bStep, k, runs, spare, 64, fresh, bias);
  memory.copy(c, spare, bytes);
  if (rows == 2) memory.copy(c + cRow, spare + 64, bytes);
}
