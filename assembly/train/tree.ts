/**
 * Sums of blocks in the order of a binary tree. `additions` of a block tells how many times, after it has been put on
 * the stack of sums, the two last sums become one: `a + b`, a being the earlier. With the additions of
 * `src/distributed/tree.ts` the pairs (0, 1), (2, 3), … are added first, then pairs of those, and so on; an odd last
 * sum is carried up unchanged. Threads share the elements.
 *
 * A strip of every block is summed before the next one: each block is read once, and the stack stays in the cache.
 * `out` may be one of the blocks.
 */
import { SUM_TREE_STRIP, SumTree, TreeBlock } from '../isa';
import { grainStart, loadPart, storePart } from '../lanes';
import { ownScratch } from '../scratch';

/** Floats of which threads share whole groups. */
const GRAIN: i32 = 64;
/** Bytes of the stack's addresses; its sums follow. */
const STACK: usize = 128;

export function sumTree(p: usize, t: i32, slices: i32): void {
  const isDouble = load<i32>(p, SumTree.isDouble),
    words = load<i32>(p, SumTree.count) << isDouble,
    end = grainStart(words, GRAIN, t + 1, slices);
  for (let at = grainStart(words, GRAIN, t, slices); at < end; at += SUM_TREE_STRIP) {
    const n = min(SUM_TREE_STRIP, end - at);
    if (isDouble) strip<Double>(p, <usize>at << 2, n);
    else strip<Single>(p, <usize>at << 2, n);
  }
}

/** n words that are `at` bytes from the start of each block. */
function strip<T>(p: usize, at: usize, n: i32): void {
  const stack = ownScratch(),
    sums = stack + STACK,
    out = load<usize>(p, SumTree.out) + at;
  let entry = load<usize>(p, SumTree.table);
  const last = entry + <usize>((load<i32>(p, SumTree.blocks) - 1) * TreeBlock.size);
  /** Sums on the stack. */
  let depth: usize = 0;
  for (; entry <= last; entry += TreeBlock.size) {
    store<usize>(stack + (depth++ << 2), load<usize>(entry, TreeBlock.address) + at);
    for (let more = load<i32>(entry, TreeBlock.additions); more > 0; more--) {
      depth--;
      const place = stack + (depth << 2),
        sum = entry == last && more == 1 ? out : sums + (depth - 1) * (SUM_TREE_STRIP << 2);
      add<T>(load<usize>(place - 4), load<usize>(place), sum, n);
      store<usize>(place - 4, sum);
    }
  }
  const total = load<usize>(stack);
  if (total != out) memory.copy(out, total, <usize>n << 2);
}

function add<T>(a: usize, b: usize, dst: usize, n: i32): void {
  const f = changetype<T>(0);
  for (const end = dst + (<usize>(n & ~15) << 2); dst < end; a += 64, b += 64, dst += 64) {
    v128.store(dst, f.of(v128.load(a), v128.load(b)));
    v128.store(dst, f.of(v128.load(a, 16), v128.load(b, 16)), 16);
    v128.store(dst, f.of(v128.load(a, 32), v128.load(b, 32)), 32);
    v128.store(dst, f.of(v128.load(a, 48), v128.load(b, 48)), 48);
  }
  for (n &= 15; n >= 4; n -= 4, a += 16, b += 16, dst += 16) v128.store(dst, f.of(v128.load(a), v128.load(b)));
  if (n) storePart(dst, f.of(loadPart(a, n), loadPart(b, n)), n);
}

class Single {
  @inline of(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

class Double {
  @inline of(a: v128, b: v128): v128 {
    return f64x2.add(a, b);
  }
}
