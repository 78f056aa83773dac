/** Losses and metrics over all batches of a source, without training. */
import type { Pacer } from '../../runtime/aside';
import type { CallbackList } from '../../train/callbacks';
import type { Source } from '../feed/source';
import type { StepKind } from '../step/programs';
import type { Holder, Mark } from '../step/trackers';
import type { Trainer } from '../trainer';

/** The number on which a test's random numbers depend: that of its call, or of the training step before it. */
export type Numbering = 'nextCall' | 'validation';

/** Values of the totals over the batches of one epoch. Other evaluations may be running. */
export async function evaluateSource(
  trainer: Trainer,
  source: Source,
  numbering: Numbering,
  pacer: Pacer,
  callbacks: CallbackList,
): Promise<number[]> {
  const totals = trainer.trackers('test');
  const holder: Holder = {};
  const isHeard = callbacks.hears('onTestBatchBegin', 'onTestBatchEnd');
  let mark: Mark | undefined;
  /** Right before a step, for which others' steps may have been waited. */
  const claim = (): void => {
    totals.claim(holder);
    mark = isHeard ? totals.mark() : undefined;
  };
  try {
    await callbacks.tell('onTestBegin');
    await source.begin(0, 0);
    const call = trainer.model.draws[numbering]();
    for (let batch = 0; ; batch++) {
      const next = source.next();
      if (!(next instanceof Promise ? await next : next)) break;
      const size = source.rows;
      if (isHeard) await callbacks.tell('onTestBatchBegin', batch, { batch, size });
      const running = trainer.runAside('test', source, call, claim);
      if (running) await running;
      if (isHeard) {
        totals.claim(holder);
        await callbacks.tell('onTestBatchEnd', batch, { batch, size, ...totals.logs(mark) });
      }
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

/** Runs steps over all batches without a pause, and returns the totals of these alone. @param source of tensors */
export function runNow(trainer: Trainer, kind: StepKind, source: Source): number[] {
  const totals = trainer.trackers(kind);
  return totals.apart(() => {
    source.begin(0, 0);
    const call = kind === 'test' ? trainer.model.draws.nextCall() : 0;
    while (source.next()) trainer.run(kind, source, call);
    return totals.values();
  });
}
