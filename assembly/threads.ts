/**
 * How the caller and the workers share a command. The caller alone walks the program; it publishes a command as one
 * word (`Control.work`), of which everyone claims chunks, and waits for finished chunks, never for a thread. A word is
 * bound to a generation: a worker that was asked to end, however late it wakes, cannot claim from a later one.
 */
import { Control } from './isa';

/** Polls before a worker goes to sleep, and before the caller does: longer than chunks differ, and than most gaps. */
const SPINS = 20000;
/** A tenth of a second: as the timeout of a wait, and about as many polls. */
const TENTH: i64 = 100000000;
const TENTH_POLLS = 1 << 26;

// @ts-ignore: decorator
@inline
function cellOf(slot: i32): usize {
  return Control.cells + (<usize>slot << 3);
}

/** The next chunk of what is published under a generation, or -1. */
export function claim(generation: u32): i32 {
  while (true) {
    const word = atomic.load<u64>(Control.work),
      next = <i32>(word & 0xffff);
    if (<u32>(word >> 32) != generation || next >= <i32>((word >> 16) & 0xffff)) return -1;
    if (atomic.cmpxchg<u64>(Control.work, word, word + 1) == word) return next;
  }
}

/** Offers the chunks of a command but the first, which is the caller's. */
export function publish(p: usize, chunks: i32): void {
  store<usize>(0, p, Control.command);
  store<i32>(0, chunks, Control.chunks);
  atomic.store<i32>(Control.finished, 0);
  atomic.store<u64>(Control.work, (load<u32>(0, Control.generation) as u64) << 32 | (<u64>chunks << 16) | 1);
}

/** Wakes the workers that sleep. */
export function wake(): void {
  if (atomic.load<i32>(Control.sleepers) == 0) return;
  atomic.add<i32>(Control.wake, 1);
  atomic.notify(Control.wake, -1);
}

/** A worker has finished a chunk. */
export function finish(): void {
  atomic.add<i32>(Control.finished, 1);
  if (atomic.load<i32>(Control.asleep)) atomic.notify(Control.finished, 1);
}

/**
 * Waits until workers have finished so many chunks. A thread that may not sleep (a browser's main thread) polls.
 * @returns false if they do not, because a worker has failed or is gone
 */
export function awaitFinished(chunks: i32, mayWait: bool): bool {
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(Control.finished) == chunks) return true;
  }
  atomic.store<i32>(Control.asleep, 1);
  let isDone = false;
  for (let tries = load<i32>(0, Control.patience); tries > 0 && !atomic.load<i32>(Control.lost); tries--) {
    isDone = mayWait ? sleepUntil(chunks) : pollUntil(chunks);
    if (isDone) break;
  }
  atomic.store<i32>(Control.asleep, 0);
  return isDone;
}

/** False after a tenth of a second, or once a few chunks more are finished. */
function sleepUntil(chunks: i32): bool {
  const finished = atomic.load<i32>(Control.finished);
  return finished == chunks || (atomic.wait<i32>(Control.finished, finished, TENTH), atomic.load<i32>(Control.finished) == chunks);
}

function pollUntil(chunks: i32): bool {
  for (let i = 0; i < TENTH_POLLS; i++) {
    if (atomic.load<i32>(Control.finished) == chunks) return true;
  }
  return false;
}

/**
 * Waits for a chunk as the worker with a number. What wakes it is a change of `Control.wake`, read before the cell:
 * so it cannot fall asleep on being asked to end.
 * @returns the chunk, or -1 if it is asked to end
 */
export function awaitChunk(slot: i32, worker: u32): i32 {
  while (true) {
    const seen = atomic.load<i32>(Control.wake);
    for (let i = 0; i < SPINS; i++) {
      const cell = atomic.load<u64>(cellOf(slot));
      if (<u32>(cell >> 32) != worker) return -1;
      const chunk = claim(<u32>cell);
      if (chunk >= 0) return chunk;
    }
    atomic.add<i32>(Control.sleepers, 1);
    atomic.wait<i32>(Control.wake, seen, -1);
    atomic.sub<i32>(Control.sleepers, 1);
  }
}
