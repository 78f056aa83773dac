/**
 * The order in which chunks are summed: a binary tree over their indices. The pairs (0, 1), (2, 3), … are added, then pairs
 * of those sums, and so on; an odd last one is carried up unchanged. It depends on the number of chunks alone, so neither
 * ranks nor threads change a bit.
 */

/** Consecutive chunks: those of a rank, or those below one node of the tree. */
export interface Run {
  readonly first: number;
  /** The chunk after the last. */
  readonly end: number;
}

/** The chunks of a rank: runs of equal length, but the last ones may be shorter or empty. */
export function runOf(rank: number, ranks: number, chunks: number): Run {
  const length = Math.ceil(chunks / ranks);
  return { first: Math.min(rank * length, chunks), end: Math.min((rank + 1) * length, chunks) };
}

/** The fewest nodes of the tree that a run consists of: their sums are all that others need of it. */
export function subtreesOf({ first, end }: Run, chunks: number): Run[] {
  const found: Run[] = [];
  for (let at = first; at < end; ) {
    let length = 1;
    const fits = (next: number): boolean => at % next === 0 && Math.min(at + next, chunks) <= end;
    while (at + length < chunks && fits(2 * length)) length *= 2;
    const next = Math.min(at + length, chunks);
    found.push({ first: at, end: next });
    at = next;
  }
  return found;
}

/**
 * How to sum neighboring subtrees that are one subtree together: after each of them has been put on a stack, how many times
 * the two last sums become one.
 */
export function additionsOf(subtrees: readonly Run[], chunks: number): number[] {
  const stack: Run[] = [];
  return subtrees.map((next) => {
    let additions = 0;
    let top = next;
    for (let left = stack.at(-1); left && isPair(left, top, chunks); left = stack.at(-1)) {
      stack.pop();
      top = { first: left.first, end: top.end };
      additions++;
    }
    stack.push(top);
    return additions;
  });
}

/** Whether two nodes are the two children of one. */
function isPair(left: Run, right: Run, chunks: number): boolean {
  const length = left.end - left.first;
  return left.first % (2 * length) === 0 && right.end === Math.min(left.first + 2 * length, chunks);
}

/** Each chunk of a run for itself. */
export const leavesOf = ({ first, end }: Run): Run[] =>
  Array.from({ length: end - first }, (_, i) => ({ first: first + i, end: first + i + 1 }));
