/** Steps of one model in chunks of their batches. */
import { sameBatchLayout } from '../../models/feed/check';
import { ownerOf } from '../../models/feed/share';
import type { Source, Steps } from '../../models/feed/source';
import type { StepKind } from '../../models/step/programs';
import type { TensorSpec } from '../../tensor/graph';
import type { Tensor } from '../../tensor/tensor';
import type { World } from '../world';
import { SharedState } from './state';
import { ChunkedStep, type StepForm } from './step';
import type { Trainable } from './trainable';

/** What a step is made for. */
interface Entry {
  readonly form: StepForm;
  /** One example of each tensor. */
  readonly data: readonly TensorSpec[];
  readonly step: ChunkedStep;
}

function areLike(data: readonly TensorSpec[], tensors: readonly Tensor[]): boolean {
  for (let i = 0; i < data.length; i++) {
    const { shape, dtype } = data[i] as TensorSpec;
    const t = tensors[i] as Tensor;
    if (t.dtype !== dtype || t.shape.length !== shape.length) return false;
    for (let d = 1; d < shape.length; d++) if (t.shape[d] !== shape[d]) return false;
  }
  return true;
}

export class ChunkedSteps implements Steps {
  readonly #entries: Entry[] = [];
  readonly #state: SharedState;

  constructor(
    readonly world: World,
    readonly trainer: Trainable,
    readonly chunk: number,
  ) {
    this.#state = new SharedState(world, trainer);
  }

  get rank(): number {
    return this.world.rank;
  }

  get owner(): string {
    const { rank, size } = this.world;
    return ownerOf(rank, size, this.chunk);
  }

  run(kind: StepKind, source: Source, call: number): void {
    this.#stepFor(kind, source).run(source, call);
  }

  /** The step for examples like those of a source. Allocates nothing, as it is called for each batch. */
  #stepFor(kind: StepKind, { feed, data: { tensors, layout } }: Source): ChunkedStep {
    for (const { form, data, step } of this.#entries)
      if (form.kind === kind && form.feed === feed && sameBatchLayout(form.layout, layout) && areLike(data, tensors))
        return step;
    const form = { kind, feed, layout };
    const step = new ChunkedStep(this.world, this.trainer, this.chunk, form);
    this.#entries.push({
      form,
      data: tensors.map(({ shape, dtype }) => ({ shape: [1, ...shape.slice(1)], dtype })),
      step,
    });
    return step;
  }

  share(isChanged: boolean): void {
    if (this.#state.share(isChanged)) this.reset();
  }

  /** Frees programs and memory; later steps make them again. */
  reset(): void {
    for (const { step } of this.#entries.splice(0)) step.release();
  }

  agree(ends: boolean): boolean {
    return this.#state.agree(ends);
  }
}
