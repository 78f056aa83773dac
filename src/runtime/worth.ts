/** Counts the work that threads could have shared; when it was enough, they start by themselves. */
import { engine } from './engine';

/** Nanoseconds of one thread; starting others takes some hundredths of a second. */
const WORTH = 5e8;
let worked = 0;

/** Counts nanoseconds of one thread. */
export function noteWork(nanoseconds: number): void {
  // The main thread of a page may not sleep while others work, but await it.
  if (engine.threadsSetBy !== undefined || !(engine.mayWait || engine.delegate)) return;
  worked += nanoseconds;
  if (worked < WORTH) return;
  engine.threadsSetBy = 'library';
  // Nobody asked for them: where they cannot be had, one thread computes the same.
  import('./automatic').then(({ startByDefault }) => startByDefault()).catch(() => undefined);
}
