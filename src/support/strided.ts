/** Arrays whose elements stand in another order than they are read. */

interface Settable<T> {
  readonly length: number;
  [i: number]: T;
}

/** Fills `to` row by row with elements of `from`: `steps` are the distances between neighbors along each dimension. */
export function copyStrided<T>(
  from: ArrayLike<T>,
  to: Settable<T>,
  sizes: readonly number[],
  steps: readonly number[],
): void {
  const index = sizes.map(() => 0);
  let at = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[at] as T;
    for (let d = sizes.length - 1; d >= 0; d--) {
      const step = steps[d] as number;
      const size = sizes[d] as number;
      at += step;
      index[d] = (index[d] as number) + 1;
      if ((index[d] as number) < size) break;
      at -= step * size;
      index[d] = 0;
    }
  }
}
