/** Batches of a data set of examples, of which each process makes its own rows alone. */
import type { Batched } from '../data/collate';
import { Dataset, derived } from '../data/dataset';
import { release } from '../data/element';
import { array } from '../data/sources';
import type { Stream } from '../data/streams';
import { markShare, ownerOf } from '../models/feed/share';
import { ArgumentError } from '../support/errors';
import * as is from '../support/settings';
import { runOf } from './tree';
import type { World } from './world';

/** Settings of `world.shard`. */
export interface ShardArgs<T, U> {
  /** Examples of a batch, of all processes together; default 32. */
  batchSize?: number;
  /** Examples of a chunk, as `fitDataset` has it; default 32. */
  chunk?: number;
  /**
   * Makes an example of an element, reads a file for instance; only called for the examples of this process. By default an
   * element is an example.
   */
  load?: (element: T) => U | Promise<U>;
}

/** Examples of a chunk, where nothing else is said. */
export const CHUNK = 32;

const SHARD = {
  batchSize: is.count(32),
  chunk: is.count(CHUNK),
  load: is.given<(element: never) => unknown>('a function', (v) => typeof v === 'function'),
} satisfies is.TableOf<ShardArgs<never, unknown>>;

/** See `TrainingWorld.shard`. */
export function shard<T, U>(
  world: World,
  examples: Dataset<T>,
  args?: ShardArgs<T, U> | null,
): Dataset<Batched<Awaited<U>>> {
  if (!(examples instanceof Dataset)) throw new ArgumentError('shard: needs a data set of examples; see sg.data');
  const { batchSize, chunk, load } = is.checked('shard', SHARD, args);
  const { rank, size } = world;
  /** The rows of this process. One without any learns from the first row what a batch is made of. */
  const shareOf = async (rows: readonly T[]): Promise<object> => {
    const { first, end } = runOf(rank, size, Math.ceil(rows.length / chunk));
    const from = first < end ? first * chunk : 0;
    const own = array(rows.slice(from, first < end ? end * chunk : 1));
    const loaded = load ? own.mapAsync(load as unknown as (element: T) => Promise<unknown>) : own;
    const [batch] = await loaded.batch(chunk * Math.max(1, end - first)).toArray();
    return markShare(batch as object, { rows: rows.length, first: from, owner: ownerOf(rank, size, chunk) });
  };
  async function* stream(): Stream<object> {
    let rows: T[] = [];
    const next = async (): Promise<object> => {
      const share = await shareOf(rows);
      release(rows);
      rows = [];
      return share;
    };
    try {
      for await (const example of examples) if (rows.push(example) === batchSize) yield await next();
      if (rows.length) yield await next();
    } finally {
      release(rows);
    }
  }
  const batches = examples.size === null ? null : Math.ceil(examples.size / batchSize);
  return derived(stream, batches) as Dataset<Batched<Awaited<U>>>;
}
