/** Losses and metrics over all batches of a source, without training. */
import { isPressed, relieve } from '../../runtime/pressure';
import { yieldToEventLoop } from '../../runtime/yield';
import type { CallbackList } from '../../train/callbacks';
import type { Source } from '../feed/source';
import type { WeightArgs } from '../feed/weighting';
import type { PredictArgs } from '../step/predictor';
import type { Holder, Trackers } from '../step/trackers';

export interface EvaluateArgs extends PredictArgs {
  sampleWeight?: WeightArgs['sampleWeight'];
}

/** Lets the event loop run from time to time, so that a page stays alive and forgotten memory comes back. */
export class Pacer {
  #last = performance.now();

  /** @param every milliseconds between two turns of the event loop. */
  constructor(readonly every: number) {}

  get isDue(): boolean {
    return isPressed() || performance.now() - this.#last >= this.every;
  }

  async pause(): Promise<void> {
    await (relieve() ?? yieldToEventLoop());
    this.#last = performance.now();
  }
}

/** Values of the totals over the batches of one epoch. Other evaluations may be under way. */
export async function evaluateSource(
  source: Source,
  totals: Trackers,
  pacer: Pacer,
  callbacks: CallbackList,
): Promise<number[]> {
  const holder: Holder = {};
  const isHeard = callbacks.hears('onTestBatchBegin', 'onTestBatchEnd');
  try {
    await callbacks.tell('onTestBegin');
    await source.begin(0, 0);
    for (let batch = 0; ; batch++) {
      const next = source.next();
      if (!(next instanceof Promise ? await next : next)) break;
      const size = source.rows;
      if (isHeard) await callbacks.tell('onTestBatchBegin', batch, { batch, size });
      totals.claim(holder);
      const mark = isHeard ? totals.mark() : undefined;
      source.bind().program.run();
      if (isHeard) await callbacks.tell('onTestBatchEnd', batch, { batch, size, ...totals.logs(mark) });
      if (pacer.isDue) await pacer.pause();
    }
    totals.claim(holder);
    const values = totals.values();
    totals.release(holder);
    await callbacks.tell('onTestEnd', totals.named(values));
    return values;
  } finally {
    totals.release(holder);
    await source.end();
  }
}

/** As `evaluateSource`, at once. @param source of tensors */
export const evaluateNow = (source: Source, totals: Trackers): number[] =>
  totals.apart(() => {
    source.begin(0, 0);
    while (source.next()) source.bind().program.run();
    return totals.values();
  });
