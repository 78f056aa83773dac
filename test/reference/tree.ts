/** Sums over chunks: assembly/train/tree.ts and src/distributed, number by number. */

/** Pairs of neighbors are added, then pairs of those sums, until one is left; an odd last one is carried up unchanged. */
export function sumTree<T extends Float32Array | Float64Array>(blocks: readonly T[]): T {
  let level = blocks.map((block) => block.slice() as T);
  while (level.length > 1) {
    const pairs: T[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [a, b] = [level[i] as T, level[i + 1]];
      // Writing rounds to the type of the elements.
      if (b) for (let k = 0; k < a.length; k++) a[k] = (a[k] as number) + (b[k] as number);
      pairs.push(a);
    }
    level = pairs;
  }
  return level[0] as T;
}
