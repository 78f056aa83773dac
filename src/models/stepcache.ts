/** The programs of a model's steps, each for one shape of batch. */
import type { TensorSpec } from '../tensor/graph';
import type { Tensor } from '../tensor/tensor';
import { type Data, sameLayout } from './check';
import { isBatchOf } from './predictor';
import type { Feed, Step, StepKind } from './steps';

function isFor({ data }: Step, tensors: readonly Tensor[], rows: number): boolean {
  for (let i = 0; i < data.length; i++) if (!isBatchOf(data[i] as TensorSpec, tensors[i] as Tensor, rows)) return false;
  return true;
}

/** Most programs that are kept: those that were used last. */
const MAX = 32;

export class StepCache {
  /** The one that was used last is the last. */
  readonly #steps: Step[] = [];

  /** The step for `rows` examples like those of the data. Nothing is allocated: this is asked for each batch. */
  find(kind: StepKind, feed: Feed, { tensors, layout }: Data, rows: number): Step | undefined {
    const steps = this.#steps;
    for (let i = steps.length - 1; i >= 0; i--) {
      const s = steps[i] as Step;
      if (s.kind !== kind || s.feed !== feed || !sameLayout(s.layout, layout)) continue;
      if (!isFor(s, tensors, rows)) continue;
      for (let k = i; k < steps.length - 1; k++) steps[k] = steps[k + 1] as Step;
      steps[steps.length - 1] = s;
      if (s.program.isCurrent) return s;
      steps.pop();
      s.program.dispose();
      return undefined;
    }
    return undefined;
  }

  add(step: Step): void {
    if (this.#steps.length === MAX) this.#steps.shift()?.program.dispose();
    this.#steps.push(step);
  }

  clear(): void {
    for (const { program } of this.#steps.splice(0)) program.dispose();
  }
}
