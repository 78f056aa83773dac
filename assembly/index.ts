/** What the host may call. */
import { Control, Op, Sharing } from './isa';
export { digestWords, widen } from './bytes';
export { cosPiF64, expF64, powF64 } from './math/scalars';
import { serve, walk } from './program';
import { takeSlot } from './scratch';
import { wake } from './threads';

/** Runs a program to its end; `sharing` as in `Sharing`. Returns the fault, 0 if none. */
export function run(program: usize, sharing: i32, mayWait: bool): i32 {
  if (load<u16>(program) == Op.End) return 0;
  store<i32>(0, 0, Control.fault);
  if (ASC_FEATURE_THREADS && sharing == Sharing.all) wake();
  walk(program, sharing != Sharing.none, mayWait);
  return load<i32>(0, Control.fault);
}

/** A worker's life; returns when it is asked to end. */
export function work(slot: i32, worker: u32): void {
  if (ASC_FEATURE_THREADS) {
    takeSlot(slot);
    serve(slot, worker);
  }
}
