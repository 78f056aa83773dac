/** The loop over epochs and batches. */
import { Pacer } from '../../runtime/aside';
import { ArgumentError } from '../../support/errors';
import { type CallbackArgs, CallbackList, History } from '../../train/callbacks';
import { isTerminal, Progress } from '../../train/callbacks/progress';
import { firstNotFinite } from '../feed/faults';
import type { Source } from '../feed/source';
import type { Holder, Trackers } from '../step/trackers';
import type { Trainer } from '../trainer';
import { evaluateSource } from './evaluation';
import { PACES, type Training, type TrainingArgs } from './settings';

export const listOfCallbacks = (given: TrainingArgs['callbacks']): readonly CallbackArgs[] =>
  given === undefined || given === null ? [] : Array.isArray(given) ? given : [given as CallbackArgs];

/** Whether the model is validated after an epoch (from 0). */
const validatesAfter = (freq: number | readonly number[], epoch: number): boolean =>
  typeof freq === 'number' ? (epoch + 1) % freq === 0 : freq.includes(epoch + 1);

/** Warns of NaN and infinities in the data, which have made the loss NaN or infinite. */
function tellOfNaN({ model, position }: Trainer, { data, place }: Source, { objectives }: Trackers): void {
  const targets = objectives.map((o) => o.name);
  const found = firstNotFinite(data, model.inputPorts.names, targets);
  if (found)
    console.warn(
      `${place}: the loss is NaN or infinite from batch ${position.batch - 1} of epoch ${position.epoch} on: ${found}; fill in such values, or leave their examples out`,
    );
}

export async function fitModel(
  trainer: Trainer,
  source: Source,
  validation: Source | undefined,
  args: Training,
  batchSize: number | undefined,
): Promise<History> {
  const { epochs, initialEpoch, validationFreq, yieldEvery } = args;
  const { steps: makers } = source;
  const isFirst = makers === undefined || makers.rank === 0;
  const verbose = isFirst ? Number(args.verbose ?? isTerminal()) : 0;
  const history = new History();
  const given = listOfCallbacks(args.callbacks);
  // Values that callbacks add to the logs are part of the history.
  const callbacks = new CallbackList([...(isFirst ? given : []), ...(verbose ? [new Progress(verbose)] : []), history]);
  const { samples, batches: steps } = source;
  const metrics = trainer.model.metricsNames;
  const doValidation = validation !== undefined;
  callbacks.setParams({
    ...{ epochs, initialEpoch, batchSize, samples, steps, verbose, validationFreq },
    ...{ doValidation, metrics },
  });
  callbacks.setModel(trainer.model);
  const totals = trainer.trackers('train');
  const holder: Holder = {};
  const pacer = new Pacer(typeof yieldEvery === 'number' ? yieldEvery : PACES[yieldEvery]);
  const isHeard = !callbacks.ignoresBatches;
  /** Whether the training ends: the first process decides. */
  const ends = (): boolean => {
    if (makers) trainer.stopTraining = makers.agree(trainer.stopTraining);
    return trainer.stopTraining;
  };
  /** Whether the loss has become NaN or infinite: the warning is printed once. */
  let isSpoiled = false;
  try {
    totals.claim(holder);
    await callbacks.tell('onTrainBegin');
    makers?.share(true);
    while (trainer.position.epoch < epochs && !ends()) {
      const { epoch, seed } = trainer.position;
      let { batch } = trainer.position;
      await callbacks.tell('onEpochBegin', epoch);
      makers?.share(given.length > 0);
      if (ends()) break;
      // A continued training has totals from before.
      if (batch === 0) totals.reset();
      await source.begin(epoch, batch);
      for (; !ends(); batch++) {
        const next = source.next();
        if (!(next instanceof Promise ? await next : next)) break;
        const size = source.rows;
        if (isHeard) await callbacks.tell('onBatchBegin', batch, { batch, size });
        const mark = isHeard ? totals.mark() : undefined;
        const running = trainer.runAside('train', source);
        if (running) await running;
        // In place: a step leaves no garbage.
        trainer.position.batch = batch + 1;
        if (!isSpoiled && !totals.isFinite) {
          isSpoiled = true;
          tellOfNaN(trainer, source, totals);
        }
        if (isHeard) {
          const logs = { batch, size, ...totals.logs(mark) };
          await callbacks.tell('onBatchEnd', batch, logs);
        }
        if (pacer.isDue) {
          await pacer.pause();
          await callbacks.each((c) => c.onYield?.(epoch, batch, totals.logs()));
        }
      }
      const logs = totals.logs();
      if (validation && validatesAfter(validationFreq, epoch)) {
        const values = await evaluateSource(trainer, validation, 'validation', pacer, callbacks);
        for (const [name, value] of Object.entries(totals.named(values))) logs[`val_${name}`] = value;
      }
      trainer.position = { epoch: epoch + 1, batch: 0, seed };
      await callbacks.tell('onEpochEnd', epoch, logs);
      if (yieldEvery === 'epoch') await pacer.pause();
    }
    // As Keras ends a training.
    if (trainer.optimizer.keepsAverages) trainer.optimizer.finalizeVariableValues();
    await callbacks.tell('onTrainEnd');
    makers?.share(given.length > 0);
    return history;
  } finally {
    totals.release(holder);
    callbacks.letGo();
    await source.end();
  }
}

/** Where `validationSplit` cuts: how many examples stay. @throws ArgumentError */
export function keptOf(count: number, share: number): number {
  const kept = Math.floor(count * (1 - share));
  if (kept === 0) throw new ArgumentError(`fit: validationSplit ${share} leaves none of ${count} examples to train on`);
  return kept;
}
