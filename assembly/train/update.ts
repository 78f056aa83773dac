/**
 * Optimizers over one contiguous run of parameters: gradient in, parameter and slots changed in place. Threads share
 * the run in groups of sixteen elements. The numbers of a step (StepCells) are f32, rounded once by the host, which
 * computes bias corrections in f64. Where weights decay, w -= decay w comes first.
 *
 * Slots below 2^-126 become +0, and gradients below 2^-60 count as 0 where they are squared: a slot that only decays
 * (its gradient has vanished for good, as behind a dead ReLU) would end at a denormal number and stay there, and
 * arithmetic on denormals is some hundred times slower.
 *
 * A gradient that is NaN makes its parameter and slots NaN, and no others.
 */
import { StepCells, Update } from '../isa';
import { grainStart, loadPart, storePart } from '../lanes';
import { SIGN } from '../math/functions';
import { powV } from '../math/power';

const SGD = 0,
  MOMENTUM = 1,
  RMS_PROP = 2,
  ADAM = 3,
  NADAM = 4,
  ADAGRAD = 5,
  ADADELTA = 6,
  ADAMAX = 7,
  LION = 8,
  FTRL = 9,
  AVERAGE = 10;

const TINY: f32 = 1.1754943508222875e-38,
  TINY_ROOT: f32 = 8.673617379884035e-19;

/** +0 where |x| is below the limit. */
// @ts-ignore: decorator
@inline
function flush(x: v128, limit: f32): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(limit)));
}

// @ts-ignore: decorator
@inline
function square(x: v128): v128 {
  const root = flush(x, TINY_ROOT);
  return f32x4.mul(root, root);
}

/** share a + rest b, as a slot. */
// @ts-ignore: decorator
@inline
function blend(share: v128, a: v128, rest: v128, b: v128): v128 {
  return flush(f32x4.add(f32x4.mul(share, a), f32x4.mul(rest, b)), TINY);
}

// @ts-ignore: decorator
@inline
function less1(x: v128): v128 {
  return f32x4.sub(f32x4.splat(1), x);
}

/** w -= rate g */
export function sgd(p: usize, t: i32, slices: i32): void {
  update(SGD, p, t, slices);
}

/** v = p v + s g; w -= rate v, or with flag (Nesterov) w -= rate (g + p v). Slot A: v. */
export function momentum(p: usize, t: i32, slices: i32): void {
  update(MOMENTUM, p, t, slices);
}

/**
 * a = p a + s g g; m = q m + rate g / (sqrt(a + r) + e), w -= m. With flag (centered) b = p b + s g and the root is of
 * max(a - b b, 0) + r. Slots A: a, B: m, C: b.
 */
export function rmsProp(p: usize, t: i32, slices: i32): void {
  update(RMS_PROP, p, t, slices);
}

/**
 * m = p m + (1 - p) g; v = q v + s g g; w -= rate m / (sqrt(v fix) + r). rate and fix hold the corrections of the bias;
 * 1 - p is taken in f32. With flag (AMSGrad) c = max(c, v) stands under the root. Slots A: m, B: v, C: c.
 */
export function adam(p: usize, t: i32, slices: i32): void {
  update(ADAM, p, t, slices);
}

/** As adam, with rate m + e g in the place of rate m. */
export function nadam(p: usize, t: i32, slices: i32): void {
  update(NADAM, p, t, slices);
}

/** a += g g; w -= rate g / (sqrt(a + r) + e). Slot A: a. */
export function adagrad(p: usize, t: i32, slices: i32): void {
  update(ADAGRAD, p, t, slices);
}

/** a = p a + s g g; u = sqrt(b + r) g / sqrt(a + r); b = p b + s u u; w -= rate u. Slots A: a, B: b. */
export function adadelta(p: usize, t: i32, slices: i32): void {
  update(ADADELTA, p, t, slices);
}

/** m = p m + (1 - p) g; u = max(q u, |g|); w -= rate m / (u + r). Slots A: m, B: u. */
export function adamax(p: usize, t: i32, slices: i32): void {
  update(ADAMAX, p, t, slices);
}

/** w -= rate sign(p m + (1 - p) g); m = q m + (1 - q) g. Slot A: m. */
export function lion(p: usize, t: i32, slices: i32): void {
  update(LION, p, t, slices);
}

/**
 * a' = a + g g; z += (g + s w) - (a'^r - a^r) / rate w; w = (clip(z, -p, p) - z) / (a'^r / rate + q), 0 where the
 * upper part is. With flag, r is 1/2. Slots A: a, B: z.
 */
export function ftrl(p: usize, t: i32, slices: i32): void {
  update(FTRL, p, t, slices);
}

/** a = average a + (1 - average) w; then w = a if `overwrite` is set. Slot A: a. */
export function average(p: usize, t: i32, slices: i32): void {
  update(AVERAGE, p, t, slices);
}

// @ts-ignore: decorator
@inline
function update(kind: i32, command: usize, t: i32, slices: i32): void {
  const step = load<usize>(command, Update.step);
  if (!load<u32>(step, StepCells.gate)) return;
  const count = load<i32>(command, Update.count);
  const start = grainStart(count, 16, t, slices),
    end = grainStart(count, 16, t + 1, slices);
  if (start >= end) return;
  const at = <usize>start << 2;
  let w = load<usize>(command, Update.param) + at,
    g = load<usize>(command, Update.grad) + at,
    a = load<usize>(command, Update.slotA) + at,
    b = load<usize>(command, Update.slotB) + at,
    c = load<usize>(command, Update.slotC) + at;
  const rate = v128.load_splat<f32>(step, StepCells.rate),
    p = kind == AVERAGE ? v128.load_splat<f32>(step, StepCells.average) : v128.load_splat<f32>(step, StepCells.p),
    q = v128.load_splat<f32>(step, StepCells.q),
    r = v128.load_splat<f32>(step, StepCells.r),
    s = v128.load_splat<f32>(step, StepCells.s),
    e = v128.load_splat<f32>(step, StepCells.e),
    fix = v128.load_splat<f32>(step, StepCells.fix),
    decay = v128.load_splat<f32>(step, StepCells.decay);
  const flag = kind == AVERAGE ? load<i32>(step, StepCells.overwrite) : load<i32>(command, Update.flag);
  const decays = load<i32>(command, Update.decays);
  const stop = w + (<usize>((end - start) & ~3) << 2);
  for (; w < stop; w += 16, g += 16, a += 16, b += 16, c += 16) {
    lanes(kind, w, g, a, b, c, rate, p, q, r, s, e, fix, decay, flag, decays, 4);
  }
  const rest = (end - start) & 3;
  if (rest) lanes(kind, w, g, a, b, c, rate, p, q, r, s, e, fix, decay, flag, decays, rest);
}

// @ts-ignore: decorator
@inline
function get(p: usize, width: i32): v128 {
  return width == 4 ? v128.load(p) : loadPart(p, width);
}

// @ts-ignore: decorator
@inline
function put(p: usize, v: v128, width: i32): void {
  if (width == 4) v128.store(p, v);
  else storePart(p, v, width);
}

// @ts-ignore: decorator
@inline
function lanes(
  kind: i32,
  wAt: usize,
  gAt: usize,
  aAt: usize,
  bAt: usize,
  cAt: usize,
  rate: v128,
  p: v128,
  q: v128,
  r: v128,
  s: v128,
  e: v128,
  fix: v128,
  decay: v128,
  flag: i32,
  decays: i32,
  width: i32,
): void {
  const g = kind == AVERAGE ? f32x4.splat(0) : get(gAt, width);
  let w = get(wAt, width);
  if (kind != AVERAGE && decays) w = f32x4.sub(w, f32x4.mul(decay, w));
  if (kind == SGD) put(wAt, f32x4.sub(w, f32x4.mul(rate, g)), width);
  if (kind == MOMENTUM) {
    const v = blend(p, get(aAt, width), s, g);
    put(aAt, v, width);
    put(wAt, f32x4.sub(w, f32x4.mul(rate, flag ? f32x4.add(g, f32x4.mul(p, v)) : v)), width);
  }
  if (kind == RMS_PROP) {
    const a = blend(p, get(aAt, width), s, square(g));
    put(aAt, a, width);
    let under = a;
    if (flag) {
      const mean = blend(p, get(cAt, width), s, g);
      put(cAt, mean, width);
      under = f32x4.pmax(f32x4.sub(a, f32x4.mul(mean, mean)), f32x4.splat(0));
    }
    const move = f32x4.div(f32x4.mul(rate, g), f32x4.add(f32x4.sqrt(f32x4.add(under, r)), e));
    const m = flush(f32x4.add(f32x4.mul(q, get(bAt, width)), move), TINY);
    put(bAt, m, width);
    put(wAt, f32x4.sub(w, m), width);
  }
  if (kind == ADAM || kind == NADAM) {
    const m = blend(p, get(aAt, width), less1(p), g);
    let v = blend(q, get(bAt, width), s, square(g));
    put(aAt, m, width);
    put(bAt, v, width);
    if (kind == ADAM && flag) {
      v = f32x4.max(get(cAt, width), v);
      put(cAt, v, width);
    }
    let move = f32x4.mul(rate, m);
    if (kind == NADAM) move = f32x4.add(move, f32x4.mul(e, g));
    put(wAt, f32x4.sub(w, f32x4.div(move, f32x4.add(f32x4.sqrt(f32x4.mul(v, fix)), r))), width);
  }
  if (kind == ADAGRAD) {
    const a = f32x4.add(get(aAt, width), square(g));
    put(aAt, a, width);
    put(wAt, f32x4.sub(w, f32x4.div(f32x4.mul(rate, g), f32x4.add(f32x4.sqrt(f32x4.add(a, r)), e))), width);
  }
  if (kind == ADADELTA) {
    const a = blend(p, get(aAt, width), s, square(g)),
      b = get(bAt, width);
    put(aAt, a, width);
    const u = f32x4.div(f32x4.mul(f32x4.sqrt(f32x4.add(b, r)), g), f32x4.sqrt(f32x4.add(a, r)));
    put(bAt, blend(p, b, s, square(u)), width);
    put(wAt, f32x4.sub(w, f32x4.mul(rate, u)), width);
  }
  if (kind == ADAMAX) {
    const m = blend(p, get(aAt, width), less1(p), g),
      u = flush(f32x4.max(f32x4.mul(q, get(bAt, width)), f32x4.abs(g)), TINY);
    put(aAt, m, width);
    put(bAt, u, width);
    put(wAt, f32x4.sub(w, f32x4.div(f32x4.mul(rate, m), f32x4.add(u, r))), width);
  }
  if (kind == LION) {
    const m = get(aAt, width);
    const c = f32x4.add(f32x4.mul(p, m), f32x4.mul(less1(p), g));
    // All bits set is NaN.
    const one = v128.or(v128.and(f32x4.splat(1), f32x4.ne(c, f32x4.splat(0))), f32x4.ne(c, c));
    put(aAt, blend(q, m, less1(q), g), width);
    put(wAt, f32x4.sub(w, f32x4.mul(rate, v128.or(one, v128.and(c, SIGN)))), width);
  }
  if (kind == FTRL) {
    const before = get(aAt, width);
    const a = f32x4.add(before, square(g));
    put(aAt, a, width);
    const rootBefore = flag ? f32x4.sqrt(before) : powV(before, r),
      root = flag ? f32x4.sqrt(a) : powV(a, r);
    const sigma = f32x4.div(f32x4.sub(root, rootBefore), rate);
    const shift = f32x4.sub(f32x4.add(g, f32x4.mul(s, w)), f32x4.mul(sigma, w));
    const z = flush(f32x4.add(get(bAt, width), shift), TINY);
    put(bAt, z, width);
    const over = f32x4.sub(f32x4.max(f32x4.min(z, p), f32x4.neg(p)), z);
    const moved = f32x4.div(over, f32x4.add(f32x4.div(root, rate), q));
    put(wAt, v128.and(moved, f32x4.ne(over, f32x4.splat(0))), width);
  }
  if (kind == AVERAGE) {
    const a = blend(p, get(aAt, width), less1(p), w);
    put(aAt, a, width);
    if (flag) put(wAt, a, width);
  }
}
