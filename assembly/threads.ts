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
/** What a wait returns if nothing has woken it. */
const TIMED_OUT = 2;

/**
 * Sleeps while a cell holds a value. V8's first compiler (seen in Node 20) forgets that a wait overwrites the registers
 * in which it keeps locals; so nothing here lives longer than the wait, and the test before it makes the function large
 * enough not to be inlined.
 * @returns whether it slept for the whole time
 */
function sleep(cell: usize, value: i32, nanoseconds: i64): bool {
  if (atomic.load<i32>(cell) != value) return false;
  return atomic.wait<i32>(cell, value, nanoseconds) == TIMED_OUT;
}

// @ts-ignore: decorator
@inline
function cellOf(slot: i32): usize {
  return Control.cells + (<usize>slot << 3);
}

/** The next chunk of the program that was published under a generation, or -1. */
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
  let finished = atomic.load<i32>(Control.finished);
  for (let tries = load<i32>(0, Control.patience); finished != chunks && tries > 0 && !atomic.load<i32>(Control.lost); ) {
    // Only time that has passed counts: a wait also ends when another chunk is finished.
    if (mayWait ? sleep(Control.finished, finished, TENTH) : !pollUntil(chunks)) tries--;
    finished = atomic.load<i32>(Control.finished);
  }
  atomic.store<i32>(Control.asleep, 0);
  return finished == chunks;
}

/** @returns false after about a tenth of a second */
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
    sleep(Control.wake, seen, -1);
    atomic.sub<i32>(Control.sleepers, 1);
  }
}
