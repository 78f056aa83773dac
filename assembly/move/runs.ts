/** Copies and fills of contiguous 4-byte elements, quick for short runs too. */
import { loadPart, storePart } from '../lanes';

/** Longest run that a loop copies as fast as `memory.copy`, which is a call out of the module. */
const LONG_RUN: i32 = 256;

/** Copies n elements between places that do not overlap. */
export function copyRun(to: usize, from: usize, n: i32): void {
  if (n > LONG_RUN) {
    memory.copy(to, from, <usize>n << 2);
    return;
  }
  for (const end = to + (<usize>(n & ~3) << 2); to < end; to += 16, from += 16) v128.store(to, v128.load(from));
  n &= 3;
  if (n) storePart(to, loadPart(from, n), n);
}

/** n copies of one 4-byte value. */
export function fillRun(to: usize, value: u32, n: i32): void {
  const v = i32x4.splat(value);
  for (const end = to + (<usize>(n & ~3) << 2); to < end; to += 16) v128.store(to, v);
  n &= 3;
  if (n) storePart(to, v, n);
}
