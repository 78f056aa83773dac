/** Copies with simultaneous effect: no place is overwritten while its old content still has to be copied. */
import type { Buffer, Value } from '../../program/ir';
import { sizeOf } from '../../tensor/shape';
import type { PlanEmitter } from '../emitter';

/** A value, and the place that it is written to; every place has one value. */
export interface Move {
  readonly value: Value;
  readonly to: Buffer;
}

/**
 * Emits the moves, first those to places that no move reads. Then only circles remain, in which each place has one
 * reader: for each circle one value is saved elsewhere. A value that is already in its place needs no copy.
 */
export function moveAll(e: PlanEmitter, moves: readonly Move[]): void {
  const pending = new Map<Buffer, Move>();
  const readers = new Map<Buffer, number>();
  const count = (buffer: Buffer, by: number): number => {
    const now = (readers.get(buffer) ?? 0) + by;
    readers.set(buffer, now);
    return now;
  };
  for (const move of moves) if (move.value.ref.buffer !== move.to) pending.set(move.to, move);
  for (const { value } of pending.values()) count(value.ref.buffer, 1);
  /** Emits moves to places that no move reads any more, and then those that this makes possible. */
  const emit = (ready: Move[]): void => {
    for (const { value, to } of ready) {
      const { buffer } = value.ref;
      e.copy(value, { buffer: to, offset: 0 });
      pending.delete(to);
      const next = count(buffer, -1) === 0 && pending.get(buffer);
      if (next) ready.push(next);
    }
  };
  emit([...pending.values()].filter(({ to }) => !readers.get(to)));
  for (const { value, to } of pending.values()) {
    if (!pending.has(to)) continue;
    const aside: Value = { ...value, ref: { buffer: e.buffer(sizeOf(value.shape) * 4, 'aside'), offset: 0 } };
    e.copy(value, aside.ref);
    pending.set(to, { value: aside, to });
    emit([pending.get(value.ref.buffer) as Move]);
  }
}
