/** What the host may call. */
import { Control, Op } from './isa';
export { cosPiF64, expF64, powF64 } from './scalars';
import { walk } from './program';
import { awaitEpoch } from './threads';

/** Runs a program to its end on the calling thread and threads - 1 workers; returns the fault, 0 if none. */
export function run(program: usize, threads: i32, mayWait: bool): i32 {
  if (load<i32>(program) == Op.End) return 0;
  store<i32>(0, 0, Control.fault);
  if (ASC_FEATURE_THREADS && threads > 1) {
    store<usize>(0, program, Control.program);
    store<i32>(0, threads, Control.threads);
    store<i32>(0, 0, Control.stop);
    atomic.add<i32>(Control.epoch, 1);
    if (atomic.load<i32>(Control.sleepers)) atomic.notify(Control.epoch, -1);
  }
  walk(program, 0, threads, mayWait);
  return load<i32>(0, Control.fault);
}

/** A worker's life: waits for the epoch to move on from `seen`, walks the program as thread t, and again. */
export function work(t: i32, seen: i32): void {
  if (ASC_FEATURE_THREADS) {
    while (true) {
      awaitEpoch(seen);
      seen = atomic.load<i32>(Control.epoch);
      if (load<i32>(0, Control.threads) > t) walk(load<usize>(0, Control.program), t, load<i32>(0, Control.threads), true);
    }
  }
}
