/**
 * Bytes of files on their way into tensors: floats of 16 bits as those of 32, and the digest that files have. All of it
 * is exact, so the host may do the same where bytes are elsewhere; see `src/io/weights`.
 */

/** 2^112: the difference of the exponents of float32 and float16, 127 - 15. */
const REBIAS = reinterpret<f32>(0x77800000);
const PRIME = 0x01000193;

/** Four halves, each in the lower part of a lane. */
// @ts-ignore: decorator
@inline
function widened(half: v128): v128 {
  const sign = i32x4.shl(v128.and(half, i32x4.splat(0x8000)), 16);
  const size = v128.and(half, i32x4.splat(0x7fff));
  const bits = i32x4.shl(size, 13);
  // Exact, also for what is below the normal halves: it is so far below the normal floats.
  const finite = f32x4.mul(bits, f32x4.splat(REBIAS));
  const special = v128.or(bits, i32x4.splat(0x7f800000));
  return v128.or(sign, v128.bitselect(special, finite, i32x4.ge_s(size, i32x4.splat(0x7c00))));
}

/**
 * float16 or bfloat16 to float32, four at a time. Ascending: `from` may be the second half of the target.
 * @param from of the first, at any address
 * @param end of the target, which is a multiple of 16 bytes
 */
export function widen(from: usize, to: usize, end: usize, isBrain: bool): void {
  for (; to < end; to += 16) {
    const four = i32x4.extend_low_i16x8_u(v128.load64_zero(from));
    v128.store(to, isBrain ? i32x4.shl(four, 16) : widened(four));
    from += 8;
  }
}

/**
 * Takes groups of eight words into the eight lanes of a digest: lane = (lane ^ word) * PRIME.
 * @param from the words, at any address
 */
export function digestWords(lanes: usize, from: usize, groups: u32): void {
  const prime = i32x4.splat(PRIME);
  let low = v128.load(lanes);
  let high = v128.load(lanes, 16);
  for (let end = from + (<usize>groups << 5); from < end; from += 32) {
    low = i32x4.mul(v128.xor(low, v128.load(from)), prime);
    high = i32x4.mul(v128.xor(high, v128.load(from, 16)), prime);
  }
  v128.store(lanes, low);
  v128.store(lanes, high, 16);
}
