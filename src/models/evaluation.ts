/** Losses and metrics over all batches of a source, without training. */
import { yieldToEventLoop } from '../runtime/yield';
import type { CallbackList } from '../train/callbacks';
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

/** Runs the batches of one epoch; they add to the totals. */
export async function evaluateSource(
  source: Source,
  totals: Trackers,
  pacer: Pacer,
  callbacks: CallbackList,
): Promise<void> {
  totals.reset();
  const isHeard = callbacks.hears('onTestBatchBegin', 'onTestBatchEnd');
  try {
    await callbacks.tell('onTestBegin');
    await source.begin(0, 0);
    for (let batch = 0; ; batch++) {
      const next = source.next();
      const step = next instanceof Promise ? await next : next;
      if (!step) break;
      const size = source.rows;
      if (isHeard) await callbacks.tell('onTestBatchBegin', batch, { batch, size });
      const mark = isHeard ? totals.mark() : undefined;
      step.program.run();
      if (isHeard) await callbacks.tell('onTestBatchEnd', batch, { batch, size, ...totals.logs(mark) });
      if (pacer.isDue) await pacer.pause();
    }
    await callbacks.tell('onTestEnd', totals.logs());
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
