/**
 * Counter-based random numbers: Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
 * Key: the seed. Counter: (block low, block high + 256 iteration, stream, step), where a block is four consecutive
 * elements, so that a value depends on its element, iteration, stream and step alone, not on order or threads. In a
 * batch elements count from the first of all rows: a value does not depend on the batch in which its row is either.
 */
import { Distribution, Dropout, Random } from '../isa';
import { grainStart, loadPart, storePart } from '../lanes';
import { normalQuantileV } from '../math/functions';

const M0: u64 = 0xd2511f53,
  M1: u64 = 0xcd9e8d57;
const W0: u32 = 0x9e3779b9,
  W1: u32 = 0xbb67ae85;

/** The four words of one counter. */
// @ts-ignore: decorator
@inline
export function philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): v128 {
  for (let i = 0; i < 10; i++) {
    const a = M0 * <u64>c0,
      b = M1 * <u64>c2;
    c0 = <u32>(b >> 32) ^ c1 ^ k0;
    c1 = <u32>b;
    c2 = <u32>(a >> 32) ^ c3 ^ k1;
    c3 = <u32>a;
    k0 += W0;
    k1 += W1;
  }
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(c0), 1, c1), 2, c2), 3, c3);
}

/** The words of four elements from `element` on. */
// @ts-ignore: decorator
@inline
function wordsFrom(element: u64, iteration: u32, stream: u32, step: u32, lo: u32, hi: u32): v128 {
  const block = element >> 2;
  const words = philox(<u32>block, <u32>(block >> 32) + (iteration << 8), stream, step, lo, hi);
  return element & 3 ? straddling(words, element, iteration, stream, step, lo, hi) : words;
}

/** The same inside a block, of which `words` are all: the rest comes from the next block. */
function straddling(words: v128, element: u64, iteration: u32, stream: u32, step: u32, lo: u32, hi: u32): v128 {
  const after = (element >> 2) + 1,
    shift = <i32>element & 3;
  const more = philox(<u32>after, <u32>(after >> 32) + (iteration << 8), stream, step, lo, hi);
  if (shift == 1) return v128.shuffle<i32>(words, more, 1, 2, 3, 4);
  return shift == 2 ? v128.shuffle<i32>(words, more, 2, 3, 4, 5) : v128.shuffle<i32>(words, more, 3, 4, 5, 6);
}

/** The number at an address; 0 for address 0. */
// @ts-ignore: decorator
@inline
function numberAt(address: usize): u32 {
  return address ? load<u32>(address) : 0;
}

/** [0, 1) in steps of 2^-24. */
// @ts-ignore: decorator
@inline
function unitInterval(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(words, 8)), f32x4.splat(5.9604644775390625e-8));
}

export function random(p: usize, t: i32, slices: i32): void {
  const count = load<i32>(p, Random.count),
    kind = load<i32>(p, Random.kind);
  const out = load<usize>(p, Random.out);
  const lo = load<u32>(p, Random.seedLo),
    hi = load<u32>(p, Random.seedHi),
    stream = load<u32>(p, Random.stream),
    step = load<u32>(p, Random.first) + numberAt(load<usize>(p, Random.step)),
    before = <u64>numberAt(load<usize>(p, Random.row)) * load<u32>(p, Random.rowSize),
    iteration = numberAt(load<usize>(p, Random.iteration));
  for (let i = grainStart(count, 4, t, slices), end = grainStart(count, 4, t + 1, slices); i < end; i += 4) {
    const v = draw(kind, p, wordsFrom(before + i, iteration, stream, step, lo, hi));
    const at = out + (<usize>i << 2);
    if (end - i >= 4) v128.store(at, v);
    else storePart(at, v, end - i);
  }
}

function draw(kind: i32, p: usize, words: v128): v128 {
  const a = v128.load_splat<f32>(p, Random.p),
    b = v128.load_splat<f32>(p, Random.q);
  if (kind == Distribution.uniformInt) {
    // The high word of word * width: every integer of a width below 2^24 is as likely as any other to 1 in 2^8.
    const low = v128.load_splat<u32>(p, Random.p),
      width = i32x4.sub(v128.load_splat<u32>(p, Random.q), low);
    // All integers there are: 2^32 of them.
    if (load<u32>(p, Random.p) == 0x80000000 && load<u32>(p, Random.q) == 0x80000000) return i32x4.add(low, words);
    const even = i64x2.extmul_low_i32x4_u(words, width),
      odd = i64x2.extmul_high_i32x4_u(words, width);
    return i32x4.add(low, v128.shuffle<i32>(even, odd, 1, 3, 5, 7));
  }
  const u = unitInterval(words);
  // Rounding may reach b itself, which the interval leaves out; such a draw becomes a.
  if (kind == Distribution.uniform) {
    const v = f32x4.add(a, f32x4.mul(u, f32x4.sub(b, a)));
    return v128.bitselect(a, v, f32x4.ge(v, b));
  }
  // The middles of steps of 2^-23, so that neither 0 nor 1 occurs; a cut normal uses the quantiles from -2 to 2.
  const middle = f32x4.add(f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(words, 9)), f32x4.splat(1.1920928955078125e-7)), f32x4.splat(5.9604644775390625e-8));
  const share = kind == Distribution.normal ? middle : f32x4.add(f32x4.splat(0.02275013194817921), f32x4.mul(middle, f32x4.splat(0.9544997361036416)));
  return f32x4.add(a, f32x4.mul(b, normalQuantileV(share)));
}

/** out = u < rate ? 0 : x / (1 - rate): applied to a gradient with the same key it is its own derivative. */
export function dropout(p: usize, t: i32, slices: i32): void {
  const count = load<i32>(p, Dropout.count),
    x = load<usize>(p, Dropout.x),
    out = load<usize>(p, Dropout.out);
  const lo = load<u32>(p, Dropout.seedLo),
    hi = load<u32>(p, Dropout.seedHi),
    stream = load<u32>(p, Dropout.stream),
    step = load<u32>(p, Dropout.first) + numberAt(load<usize>(p, Dropout.step)),
    before = <u64>numberAt(load<usize>(p, Dropout.row)) * load<u32>(p, Dropout.rowSize),
    iteration = numberAt(load<usize>(p, Dropout.iteration));
  const rate = load<f32>(p, Dropout.rate);
  const rates = f32x4.splat(rate),
    scale = f32x4.splat(<f32>1 / (<f32>1 - rate));
  for (let i = grainStart(count, 4, t, slices), end = grainStart(count, 4, t + 1, slices); i < end; i += 4) {
    const kept = f32x4.ge(unitInterval(wordsFrom(before + i, iteration, stream, step, lo, hi)), rates);
    const at = <usize>i << 2,
      width = end - i;
    if (width >= 4) v128.store(out + at, v128.and(f32x4.mul(v128.load(x + at), scale), kept));
    else storePart(out + at, v128.and(f32x4.mul(loadPart(x + at, width), scale), kept), width);
  }
}
