/**
 * Optimizers over one contiguous run of parameters: gradient in, parameter and slots changed in place. Threads share
 * the run in groups of sixteen elements. All hyperparameters are f32, rounded once by the host; bias corrections are
 * computed here in f64 from the running powers of beta.
 *
 * Slots below 2^-126 become +0, and gradients below 2^-60 count as 0 where they are squared: a slot that only decays
 * (its gradient has vanished for good, as behind a dead ReLU) would end at a denormal number and stay there, and
 * arithmetic on denormals is some hundred times slower.
 */
import { Update } from './isa';
import { grainStart, loadPart, storePart } from './lanes';

const SGD = 0,
  MOMENTUM = 1,
  RMS_PROP = 2,
  ADAM = 3;

const TINY: f32 = 1.1754943508222875e-38,
  TINY_ROOT: f32 = 8.673617379884035e-19;

/** +0 where |x| is below the limit. */
// @ts-ignore: decorator
@inline
function flush(x: v128, limit: f32): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(limit)));
}

/** w -= rate g */
export function sgd(p: usize, t: i32, threads: i32): void {
  update(SGD, p, t, threads);
}

/** v = p v + g; w -= rate v, or with flag (Nesterov) w -= rate (g + p v). Slot A: v. */
export function momentum(p: usize, t: i32, threads: i32): void {
  update(MOMENTUM, p, t, threads);
}

/**
 * a = p a + (1 - p) g g; m = q m + rate g / sqrt(a + r), w -= m. With flag (centered) b = p b + (1 - p) g and the root
 * is of max(a - b b, 0) + r. s: 1 - p. Slots A: a, B: m, C: b.
 */
export function rmsProp(p: usize, t: i32, threads: i32): void {
  update(RMS_PROP, p, t, threads);
}

/**
 * m = p m + (1 - p) g; v = q v + (1 - q) g g; w -= rate mHat / (sqrt(vHat) + r), mHat = m / (1 - p^t),
 * vHat = v / (1 - q^t). 1 - p is taken in f32; s: 1 - q, rounded from f64. Slots A: m, B: v.
 */
export function adam(p: usize, t: i32, threads: i32): void {
  update(ADAM, p, t, threads);
}

// @ts-ignore: decorator
@inline
function update(kind: i32, p: usize, t: i32, threads: i32): void {
  const count = load<i32>(p, Update.count);
  const start = grainStart(count, 16, t, threads),
    end = grainStart(count, 16, t + 1, threads);
  if (start >= end) return;
  const at = <usize>start << 2;
  let w = load<usize>(p, Update.param) + at,
    g = load<usize>(p, Update.grad) + at,
    a = load<usize>(p, Update.slotA) + at,
    b = load<usize>(p, Update.slotB) + at,
    c = load<usize>(p, Update.slotC) + at;
  let rate = load<f32>(load<usize>(p, Update.rate)),
    correction: f32 = 1;
  if (kind == ADAM) {
    rate = <f32>(<f64>rate / (1.0 - load<f64>(load<usize>(p, Update.powerA))));
    correction = <f32>(1.0 / (1.0 - load<f64>(load<usize>(p, Update.powerB))));
  }
  const lr = f32x4.splat(rate),
    fix = f32x4.splat(correction),
    pp = v128.load_splat<f32>(p, Update.p),
    qq = v128.load_splat<f32>(p, Update.q),
    rr = v128.load_splat<f32>(p, Update.r),
    ss = v128.load_splat<f32>(p, Update.s);
  const flag = load<i32>(p, Update.flag);
  const stop = w + (<usize>((end - start) & ~3) << 2);
  for (; w < stop; w += 16, g += 16, a += 16, b += 16, c += 16) lanes(kind, w, g, a, b, c, lr, fix, pp, qq, rr, ss, flag, 4);
  const rest = (end - start) & 3;
  if (rest) lanes(kind, w, g, a, b, c, lr, fix, pp, qq, rr, ss, flag, rest);
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
  correction: v128,
  p: v128,
  q: v128,
  r: v128,
  s: v128,
  flag: i32,
  width: i32,
): void {
  const g = get(gAt, width),
    w = get(wAt, width);
  if (kind == SGD) put(wAt, f32x4.sub(w, f32x4.mul(rate, g)), width);
  if (kind == MOMENTUM) {
    const v = flush(f32x4.add(f32x4.mul(p, get(aAt, width)), g), TINY);
    put(aAt, v, width);
    put(wAt, f32x4.sub(w, f32x4.mul(rate, flag ? f32x4.add(g, f32x4.mul(p, v)) : v)), width);
  }
  if (kind == RMS_PROP) {
    const root = flush(g, TINY_ROOT),
      a = flush(f32x4.add(f32x4.mul(p, get(aAt, width)), f32x4.mul(s, f32x4.mul(root, root))), TINY);
    put(aAt, a, width);
    let under = a;
    if (flag) {
      const mean = flush(f32x4.add(f32x4.mul(p, get(cAt, width)), f32x4.mul(s, g)), TINY);
      put(cAt, mean, width);
      under = f32x4.pmax(f32x4.sub(a, f32x4.mul(mean, mean)), f32x4.splat(0));
    }
    const step = f32x4.div(f32x4.mul(rate, g), f32x4.sqrt(f32x4.add(under, r)));
    const m = flush(f32x4.add(f32x4.mul(q, get(bAt, width)), step), TINY);
    put(bAt, m, width);
    put(wAt, f32x4.sub(w, m), width);
  }
  if (kind == ADAM) {
    const gg = flush(g, TINY_ROOT);
    const m = flush(f32x4.add(f32x4.mul(p, get(aAt, width)), f32x4.mul(f32x4.sub(f32x4.splat(1), p), g)), TINY);
    const v = flush(f32x4.add(f32x4.mul(q, get(bAt, width)), f32x4.mul(s, f32x4.mul(gg, gg))), TINY);
    put(aAt, m, width);
    put(bAt, v, width);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, correction)), r);
    put(wAt, f32x4.sub(w, f32x4.div(f32x4.mul(rate, m), root)), width);
  }
}
