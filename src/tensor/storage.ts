/** Counted ownership of blocks of linear memory. */
import { blockBytes } from '../runtime/allocator';
import { engine } from '../runtime/engine';
import { grew, shrank } from '../runtime/pressure';
import { OutOfMemoryError, StateError } from '../support/errors';

/** Bytes of a block from which it matters that a small part keeps all of it. */
const LARGE = 1 << 16;
/** A block is moved from when all that is still used of it is at most this part. */
const PART = 4;
/** Kinds of blocks, and the bytes that each kind holds now. */
const held = { tensors: 0, variables: 0, programs: 0, training: 0 };
type Use = keyof typeof held;

const mib = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MiB`;

/** The error with what uses the memory, and what may help. */
function explained(error: OutOfMemoryError): OutOfMemoryError {
  const parts = Object.entries(held).map(([use, bytes]) => `${use} ${mib(bytes)}`);
  return new OutOfMemoryError(
    `${error.message}. In use: ${parts.join(', ')}. Dispose of tensors (sg.tidy, using, dispose()): those without references are freed only while the program awaits something. Or use smaller batches`,
    { cause: error },
  );
}

/** A small part of a large block, as the tensors have it that are slices of another. It moves when only such are left. */
export class View {
  /** Neighbours among the views of a block, set by it. */
  before: View | undefined = undefined;
  after: View | undefined = undefined;
  isListed = false;

  constructor(
    public storage: Storage,
    public offset: number,
    readonly bytes: number,
  ) {}
}

/** The small parts of one block, in a list that none of them has to be searched in. */
class Views {
  first: View | undefined;
  count = 0;
  /** Bytes of all of them, counted as if each had its own block. */
  bytes = 0;

  add(view: View): void {
    const next = this.first;
    view.isListed = true;
    view.before = undefined;
    view.after = next;
    if (next) next.before = view;
    this.first = view;
    this.count++;
    this.bytes += blockBytes(view.bytes);
  }

  remove(view: View): void {
    const { before, after } = view;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    view.isListed = false;
    this.count--;
    this.bytes -= blockBytes(view.bytes);
  }
}

/** A block with the number of tensors, programs and variables that use it; it returns to the allocator at zero. */
export class Storage {
  /** Blocks alive, and tensors' bytes in them, for `sg.memory()`. */
  static live = 0;
  readonly address: number;
  readonly bytes: number;
  #users = 1;
  /** Those of its users that are small parts; few blocks have any. */
  #views: Views | undefined;

  constructor(
    bytes: number,
    readonly use: Use = 'tensors',
  ) {
    this.bytes = bytes;
    try {
      this.address = engine.memory.allocate(bytes);
    } catch (error) {
      throw error instanceof OutOfMemoryError ? explained(error) : error;
    }
    held[use] += bytes;
    grew(engine.memory.bytesInUse);
    Storage.live++;
  }

  /** @throws StateError if the block has returned to the allocator */
  retain(): this {
    if (this.#users <= 0) throw new StateError(`storage: the block at ${this.address} was released before`);
    this.#users++;
    return this;
  }

  /** One more use, of a part of the block. It ends with `releaseAt`. @throws StateError as `retain` */
  part(offset: number, bytes: number): { readonly storage: Storage; readonly offset: number } {
    this.retain();
    if (this.bytes < LARGE || bytes * PART > this.bytes) return { storage: this, offset };
    const view = new View(this, offset, bytes);
    this.#adopt(view);
    return view;
  }

  /** @throws StateError if the block is no longer used */
  release(view?: View): void {
    if (this.#users <= 0) throw new StateError(`storage: the block at ${this.address} was released before`);
    const views = this.#views;
    if (view?.isListed) views?.remove(view);
    if (--this.#users > 0) {
      if (views && this.#users === views.count && views.bytes * PART <= this.bytes) this.#moveViews(views);
      return;
    }
    Storage.live--;
    held[this.use] -= this.bytes;
    engine.memory.release(this.address);
  }

  #adopt(view: View): void {
    this.#views ??= new Views();
    this.#views.add(view);
  }

  /** Moves the rest of a large block to a small one. Each move leaves a fraction, so all of them cost little. */
  #moveViews(views: Views): void {
    let to: Storage;
    try {
      to = new Storage(views.bytes);
    } catch {
      // Memory is exhausted: they stay until the next one is released.
      return;
    }
    const { u32 } = engine.memory;
    let at = 0;
    to.#users = this.#users;
    for (let view = views.first, next: View | undefined; view; view = next) {
      next = view.after;
      views.remove(view);
      const from = (this.address + view.offset) >>> 2;
      u32.copyWithin((to.address + at) >>> 2, from, from + (view.bytes >>> 2));
      view.storage = to;
      view.offset = at;
      at += blockBytes(view.bytes);
      if (to.bytes >= LARGE && view.bytes * PART <= to.bytes) to.#adopt(view);
    }
    this.#users = 1;
    this.release();
  }
}

/** Ends the use of a block at a location. */
export const releaseAt = (location: { readonly storage: Storage }): void =>
  location.storage.release(location instanceof View ? location : undefined);

/** Memory that is held, one use of it or all. */
export interface Held {
  release(): void;
}

const holders = new FinalizationRegistry<Held[]>((held) => {
  for (const h of held.splice(0)) h.release();
  shrank(engine.memory.bytesInUse);
});

/**
 * Releases the entries of the list when its owner has been forgotten. The list may change meanwhile; the owner empties it
 * when it releases the entries itself.
 */
export function releaseWith(owner: object, held: Held[]): void {
  holders.register(owner, held);
}
