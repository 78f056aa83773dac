/** The memory of a program between its commands. */
import { Reserve, reserves } from '../runtime/reserves';
import { Storage } from '../tensor/storage';

/**
 * Nothing in a workspace has to last from one run to the next, so an idle program's is a reserve: it is released when
 * memory is short, and the next run takes another.
 */
export class Workspace extends Reserve {
  #storage: Storage | undefined;

  /** @param lasts whether results are read from it after a run: it is no reserve then. */
  constructor(
    readonly bytes: number,
    readonly lasts: boolean,
  ) {
    super();
  }

  /** The address for the run that follows, which may differ from that of the last. @throws OutOfMemoryError */
  take(): number {
    this.#storage ??= new Storage(this.bytes, 'programs');
    if (!this.lasts) reserves.use(this);
    return this.#storage.address;
  }

  letGo(): boolean {
    this.release();
    return true;
  }

  release(): void {
    reserves.remove(this);
    this.#storage?.release();
    this.#storage = undefined;
  }
}
