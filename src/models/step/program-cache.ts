/** The programs of a model's steps, each for one shape of batch. */
import { ProgramCache } from '../../plan/transform/program-cache';
import type { TensorSpec } from '../../tensor/graph';
import type { Tensor } from '../../tensor/tensor';
import { type Data, sameBatchLayout } from '../feed/check';
import { isBatchOf } from './predictor';
import type { Feed, Step, StepKind } from './programs';

function isFor({ data }: Step, tensors: readonly Tensor[], rows: number): boolean {
  for (let i = 0; i < data.length; i++) if (!isBatchOf(data[i] as TensorSpec, tensors[i] as Tensor, rows)) return false;
  return true;
}

export class StepCache {
  readonly #steps = new ProgramCache<Step>();

  /** The step for `rows` examples like those of the data. Allocates nothing, as it is called for each batch. */
  find(kind: StepKind, feed: Feed, { tensors, layout }: Data, rows: number): Step | undefined {
    const steps = this.#steps;
    for (let i = steps.size - 1; i >= 0; i--) {
      const s = steps.at(i);
      if (s.kind !== kind || s.feed !== feed || !sameBatchLayout(s.layout, layout)) continue;
      if (isFor(s, tensors, rows)) return steps.use(i);
    }
    return undefined;
  }

  add(step: Step): void {
    this.#steps.add(step);
  }

  clear(): void {
    this.#steps.clear();
  }
}
