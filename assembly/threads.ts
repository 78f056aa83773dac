/** Barrier and worker loop; compiled only into the module with shared memory. */
import { Control } from './isa';

/** Polls before a thread goes to sleep at a barrier: some tens of microseconds, longer than slices differ. */
const BARRIER_SPINS = 20000;
/** Polls of a worker between programs: some tenths of a millisecond, longer than the gaps between steps. */
const IDLE_SPINS = 200000;

/** Waits until all threads have arrived. A thread that may not sleep (a browser's main thread) keeps polling. */
export function barrier(threads: i32, mayWait: bool): void {
  const generation = atomic.load<i32>(Control.generation);
  if (atomic.add<i32>(Control.arrived, 1) == threads - 1) {
    atomic.store<i32>(Control.arrived, 0);
    // Written by the last to arrive, while nobody is past the barrier: so all read the same.
    atomic.store<i32>(Control.stop, load<i32>(0, Control.fault));
    atomic.add<i32>(Control.generation, 1);
    if (atomic.load<i32>(Control.sleepers)) atomic.notify(Control.generation, -1);
    return;
  }
  sleepWhile(Control.generation, generation, BARRIER_SPINS, mayWait);
}

/** Waits for work: returns once the epoch has moved on from `seen`. */
export function awaitEpoch(seen: i32): void {
  sleepWhile(Control.epoch, seen, IDLE_SPINS, true);
}

/** Returns once the cell no longer holds `value`. */
function sleepWhile(cell: usize, value: i32, spins: i32, mayWait: bool): void {
  for (let i = 0; i < spins || !mayWait; i++) {
    if (atomic.load<i32>(cell) != value) return;
  }
  atomic.add<i32>(Control.sleepers, 1);
  while (atomic.load<i32>(cell) == value) atomic.wait<i32>(cell, value, -1);
  atomic.sub<i32>(Control.sleepers, 1);
}
