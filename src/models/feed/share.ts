/** Batches of which a process holds only the rows that it computes with. */

/** Which rows those are. */
export interface Share {
  /** Examples of the whole batch, and those before the first one that is held. */
  readonly rows: number;
  readonly first: number;
  /** For whom the batch was divided: only those steps read the right rows. */
  readonly owner: string;
}

/** Who divides batches, or computes with them. */
export const ownerOf = (rank: number, size: number, chunk: number): string =>
  `process ${rank} of ${size} in chunks of ${chunk}`;

const shares = new WeakMap<object, Share>();

/** Marks a batch as one process's share. */
export function markShare<T extends object>(batch: T, share: Share): T {
  shares.set(batch, share);
  return batch;
}

export const shareOf = (batch: object): Share | undefined => shares.get(batch);
