/** The programs of a model's steps, each for one shape of batch. */
import type { PlanOptions } from '../plan/program';
import type { TensorSpec } from '../tensor/graph';
import type { Tensor } from '../tensor/tensor';
import { type Data, sameLayout } from './check';
import { isBatchOf } from './predictor';
import type { Feed, Step, StepKind } from './steps';

/** Most programs that are kept: those that were used last. */
const MAX = 32;

export class StepCache {
  /** The one that was used last is the last. */
  readonly #steps: Step[] = [];

  /**
   * The step for `rows` examples like those of the data.
   * @param make makes it if there is none, or none that is current.
   */
  find(
    kind: StepKind,
    feed: Feed,
    { tensors, layout }: Data,
    rows: number,
    options: PlanOptions | undefined,
    make: (specs: TensorSpec[]) => Step,
  ): Step {
    const steps = this.#steps;
    for (let i = steps.length - 1; i >= 0; i--) {
      const s = steps[i] as Step;
      if (s.kind !== kind || s.feed !== feed || !sameLayout(s.layout, layout)) continue;
      if (!s.data.every((spec, k) => isBatchOf(spec, tensors[k] as Tensor, rows))) continue;
      if (i < steps.length - 1) steps.push(...steps.splice(i, 1));
      if (s.program.isCurrent && !options) return s;
      steps.pop();
      s.program.dispose();
      break;
    }
    const step = make(tensors.map((t) => ({ shape: [rows, ...t.shape.slice(1)], dtype: t.dtype })));
    if (steps.length === MAX) steps.shift()?.program.dispose();
    steps.push(step);
    return step;
  }

  clear(): void {
    for (const { program } of this.#steps.splice(0)) program.dispose();
  }
}
