/** Trainable parameters in contiguous runs, with gradients and optimizer slots laid out the same way. */

import { engine } from '../../runtime/engine';
import { roundUp } from '../../support/round';
import type { Location } from '../../tensor/graph';
import { releaseWith, Storage } from '../../tensor/storage';
import type { Variable } from '../../tensor/variable';

/** Parameters start at multiples of 16 bytes; the gaps stay zero. */
const ALIGN = 16;

/** A contiguous run of parameters of one kind, and where its mirror begins in gradients and slots. */
export interface Run<K> {
  readonly param: Location;
  readonly offset: number;
  /** Floats, gaps included. */
  readonly count: number;
  readonly of: K;
}

/** Storages that were made by arenas: variables in them do not move again. */
const arenas = new WeakSet<Storage>();

/**
 * The parameters of one training set-up. Variables that have no arena yet move into a new one, side by side; those
 * that another model has arranged already stay where they are, in separate segments.
 */
export class Arena {
  /** Bytes of a mirror. */
  readonly bytes: number;
  /** The address of each variable's mirror. */
  readonly offsets: readonly number[];
  readonly #owned: Storage[] = [];

  constructor(readonly variables: readonly Variable[]) {
    releaseWith(this, this.#owned);
    this.#adopt();
    const offsets: number[] = [];
    let at = 0;
    for (const v of variables) {
      offsets.push(at);
      at += roundUp(v.size * 4, ALIGN);
    }
    this.offsets = offsets;
    this.bytes = at;
  }

  /** The parameters in runs of one kind that are next to each other in memory. */
  runs<K>(kindOf: (v: Variable) => K): Run<K>[] {
    const runs: Run<K>[] = [];
    this.variables.forEach((v, i) => {
      const param = v.location('compile');
      const count = roundUp(v.size * 4, ALIGN) / 4;
      const of = kindOf(v);
      const last = runs[runs.length - 1];
      const isNext = last?.param.storage === param.storage && last.param.offset + last.count * 4 === param.offset;
      if (last && isNext && last.of === of) runs[runs.length - 1] = { ...last, count: last.count + count };
      else runs.push({ param, offset: this.offsets[i] as number, count, of });
    });
    return runs;
  }

  /** Zeroed memory in the layout of the parameters. */
  mirror(): Storage {
    const storage = new Storage(Math.max(ALIGN, this.bytes), 'training');
    engine.memory.u32.fill(0, storage.address >>> 2, (storage.address + storage.bytes) >>> 2);
    this.#owned.push(storage);
    return storage;
  }

  dispose(): void {
    for (const storage of this.#owned.splice(0)) storage.release();
  }

  #adopt(): void {
    const loose = this.variables.filter((v) => !arenas.has(v.location('compile').storage));
    if (loose.length === 0) return;
    const storage = new Storage(loose.reduce((sum, v) => sum + roundUp(v.size * 4, ALIGN), 0) || ALIGN, 'variables');
    arenas.add(storage);
    engine.memory.u32.fill(0, storage.address >>> 2, (storage.address + storage.bytes) >>> 2);
    let offset = 0;
    for (const v of loose) {
      v.moveTo({ storage: storage.retain(), offset });
      offset += roundUp(v.size * 4, ALIGN);
    }
    storage.release();
  }
}
