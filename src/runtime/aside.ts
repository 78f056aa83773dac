/**
 * Keeps a thread that must not be held up, the main thread of a page, free while the library works: it pauses from time
 * to time, and where the page is isolated a worker runs the programs while the page awaits them.
 */
import { engine } from './engine';
import { isPressed, relieve } from './pressure';
import { yieldToEventLoop } from './yield';

/** Nanoseconds of work in a program from which on handing it over takes less time than it saves this thread. */
const WORTH = 2e5;
/** Nanoseconds of a frame. */
const FRAME = 16e6;

/** Whether a worker may take programs over; it is not tried again where it has failed. */
let mayDelegate = !engine.mayWait && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
let starting: Promise<void> | undefined;

async function startOnce(): Promise<void> {
  try {
    const { startDelegate } = await import('./threads');
    await startDelegate();
  } catch {
    // Nobody asked for it: without it this thread computes the same, in parts.
    mayDelegate = false;
  }
}

/** Starts the worker that takes programs over, in pages that may have one; resolves when that is decided. */
export async function delegateFromNow(): Promise<void> {
  if (engine.delegate?.hasEnded) engine.delegate = undefined;
  if (mayDelegate && !engine.delegate) {
    starting ??= startOnce().finally(() => {
      starting = undefined;
    });
    await starting;
  }
}

/** Whether a program with so many nanoseconds of work would hold a page up, and a worker can be started for it. */
export const needsDelegate = (nanoseconds: number): boolean =>
  mayDelegate && !engine.delegate && nanoseconds >= FRAME / 2;

/** Whether a program with so many nanoseconds of work is better run by the worker. */
export const isAsideWorth = (nanoseconds: number): boolean =>
  nanoseconds >= WORTH && engine.delegate !== undefined && !engine.delegate.hasEnded;

/** Lets the event loop run from time to time, so that a page stays alive and forgotten memory comes back. */
export class Pacer {
  #last = performance.now();

  /** @param every milliseconds between two turns of the event loop; half a frame by default. */
  constructor(readonly every = 8) {}

  get isDue(): boolean {
    return isPressed() || performance.now() - this.#last >= this.every;
  }

  async pause(): Promise<void> {
    // A thread that has been held up so long has work to hand over.
    if (mayDelegate && this.every < Number.POSITIVE_INFINITY) await delegateFromNow();
    await (relieve() ?? yieldToEventLoop());
    this.#last = performance.now();
  }
}
