/** Memory that a kernel uses while it runs: every thread has its own, of the size that the host has made room for. */
import { Control } from './isa';

/** Of this instance: 0 for the caller, else the slot of the worker. */
let slot: i32 = 0;

export function takeSlot(number: i32): void {
  slot = number;
}

// @ts-ignore: decorator
@inline
export function ownScratch(): usize {
  return load<usize>(0, Control.scratch) + slot * load<usize>(0, Control.scratchStride);
}
