/** The host's side of the cells through which the caller and the workers meet; see `assembly/threads.ts`. */
import { Control, SLOTS } from '../../assembly/isa';

/** A worker's place among the cells, and its number, which no other worker ever has. */
export interface Seat {
  readonly slot: number;
  readonly worker: number;
}

/** Tenths of a second that the caller waits for a chunk before it takes the worker for dead. */
const PATIENCE = 200;
/** Most chunks of a command: several for each thread, so that all are busy to the end when some are slower. */
const CHUNKS_PER_THREAD = 4;
const LEAST_LIMIT = 8;

const words = ({ buffer }: WebAssembly.Memory): Int32Array => new Int32Array(buffer, 0, Control.end / 4);
const cells = ({ buffer }: WebAssembly.Memory): BigInt64Array => new BigInt64Array(buffer, Control.cells, SLOTS + 1);
const pair = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);

/** Takes a seat for a worker that is about to start; it serves nothing yet. */
export function admit(memory: WebAssembly.Memory, { slot, worker }: Seat): void {
  Atomics.store(cells(memory), slot, pair(worker, 0));
}

/** Asks workers to end, also those that are only about to start. */
export function dismiss(memory: WebAssembly.Memory, seats: readonly Seat[]): void {
  const all = cells(memory);
  for (const { slot, worker } of seats)
    if (Atomics.load(all, slot) >> 32n === BigInt(worker)) Atomics.store(all, slot, 0n);
  const control = words(memory);
  Atomics.add(control, Control.wake / 4, 1);
  Atomics.notify(control, Control.wake / 4);
}

/** Activates a set of workers: work published from here on is theirs alone. No program may be running. */
export function enforce(memory: WebAssembly.Memory, seats: readonly Seat[]): void {
  const control = words(memory);
  const generation = ((control[Control.generation / 4] as number) + 1) >>> 0 || 1;
  control[Control.generation / 4] = generation;
  control[Control.limit / 4] = Math.max(LEAST_LIMIT, CHUNKS_PER_THREAD * (seats.length + 1));
  control[Control.threads / 4] = seats.length + 1;
  control[Control.patience / 4] ||= PATIENCE;
  control[Control.lost / 4] = 0;
  const all = cells(memory);
  for (const { slot, worker } of seats) Atomics.store(all, slot, pair(worker, generation));
}
