/** Losses and metrics over all batches of a source, without training. */
import { yieldToEventLoop } from '../runtime/yield';
import type { Logs } from '../train/callbacks';
import type { Source } from './source';
import type { Step } from './steps';
import type { Trackers } from './trackers';

/** Lets the event loop run from time to time, so that a page stays alive. */
export class Pacer {
  #last = performance.now();

  /** @param every milliseconds between two turns of the event loop. */
  constructor(readonly every: number) {}

  get isDue(): boolean {
    return performance.now() - this.#last >= this.every;
  }

  async pause(): Promise<void> {
    await yieldToEventLoop();
    this.#last = performance.now();
  }
}

/** What is called around each batch. */
export interface BatchListener {
  begin(batch: number, size: number): Promise<void>;
  end(batch: number, size: number, logs: Logs): Promise<void>;
}

/** Runs the batches of one epoch; they add to the totals. */
export async function evaluateSource(
  source: Source,
  totals: Trackers,
  pacer: Pacer,
  listener?: BatchListener,
): Promise<void> {
  totals.reset();
  try {
    await source.begin(0, 0);
    for (let batch = 0; ; batch++) {
      const next = source.next();
      const step = next instanceof Promise ? await next : next;
      if (!step) break;
      const { rows } = source;
      await listener?.begin(batch, rows);
      const mark = listener && totals.mark();
      step.program.run();
      if (listener) await listener.end(batch, rows, totals.logs(mark));
      if (pacer.isDue) await pacer.pause();
    }
  } finally {
    await source.end();
  }
}

/** As `evaluateSource`, at once. @param source of tensors */
export function evaluateNow(source: Source, totals: Trackers): void {
  totals.reset();
  source.begin(0, 0);
  for (let step = source.next() as Step | undefined; step; step = source.next() as Step | undefined) step.program.run();
}
