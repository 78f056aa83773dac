/** What is inside a model while it learns from a batch: the outputs of its layers, the gradients of its weights. */
import type { Layer } from '../../layers/base/layer';
import { tensor } from '../../ops/create/creation';
import { slice } from '../../ops/shape/shaping';
import { show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { dispose } from '../../tensor/lifetime';
import type { Tensor } from '../../tensor/tensor';
import { type Diagnosable, type DiagnosisData, type Found, TracedBatch } from './probe';

/** Settings of `inspect`. */
export interface InspectArgs {
  /** Number of examples, from the first, that are looked at as one batch; default 128. */
  batchSize?: number;
  /** Whether layers behave as in training; default true. */
  training?: boolean;
}

export const INSPECT = { batchSize: is.count(128), training: is.flag(true) } satisfies is.TableOf<InspectArgs>;

/** What `inspect` returns; the tensors are the caller's. */
export interface Inspection {
  /** Of the batch. */
  readonly loss: number;
  /** Outputs by the names of the layers; of a layer that is called several times, of its last call. */
  readonly activations: Record<string, Tensor>;
  /** Gradients of the loss by the names of the trained weights. */
  readonly gradients: Record<string, Tensor>;
}

/** Looks into a model again and again; the program is made again only when it must be. */
export class Inspector {
  #batch: TracedBatch | undefined;
  readonly #settings: is.Values<typeof INSPECT>;

  constructor(
    readonly model: Diagnosable,
    readonly x: DiagnosisData,
    readonly y: DiagnosisData,
    given?: InspectArgs | null,
    readonly where = 'inspect',
  ) {
    this.#settings = is.checked(where, INSPECT, given);
    if (typeof (model as Partial<Diagnosable> | null | undefined)?.prepare !== 'function')
      throw new ArgumentError(`${where}: needs a model, got ${show(model)}`);
  }

  /** Numbers of all outputs and gradients, which are valid until the next run. */
  run(): Found {
    return within(this.where, () => {
      const { model } = this;
      const { batchSize, training } = this.#settings;
      const { data } = model.prepare(this.where, this.x, this.y);
      const rows = Math.min(data.count, batchSize);
      const tensors = data.tensors.map((t) => slice(t, 0, rows));
      try {
        if (!this.#batch?.isCurrent) {
          this.dispose();
          const reading = {
            weight: (_: unknown, gradient: Tensor) => gradient,
            output: (_: unknown, outputs: readonly Tensor[]) => outputs.at(-1) as Tensor,
          };
          this.#batch = new TracedBatch(model, { ...data, tensors, count: rows }, training, reading);
        }
        return this.#batch.run(tensors);
      } finally {
        dispose(tensors);
      }
    });
  }

  dispose(): void {
    this.#batch?.dispose();
    this.#batch = undefined;
  }
}

/**
 * The outputs of all layers for a batch, and the gradients ∂loss/∂w of all trained weights w, as tensors: what `sg.train.diagnose`
 * measures. Nothing
 * changes: neither weights, nor the optimizer, nor random numbers to come.
 * @param model a compiled model
 * @param x examples, as for `fit`
 * @param y targets, as for `fit`
 * @returns loss, activations by the names of the layers, gradients by the names of the weights
 * @throws StateError unless compiled; ShapeError, ArgumentError for data that does not fit
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 3, inputShape: [2], name: 'out' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const { activations, gradients } = sg.train.inspect(model, sg.ones([8, 2]), sg.ones([8, 3]));
 * activations.out.shape; // [8, 3]
 * Object.values(gradients).map((g) => g.shape); // [[2, 3], [3]]
 */
export function inspect(model: Diagnosable, x: DiagnosisData, y: DiagnosisData, args?: InspectArgs | null): Inspection {
  const inspector = new Inspector(model, x, y, args);
  try {
    const { loss, weights, outputs } = inspector.run();
    const named = <K extends { readonly name: string }>(
      found: ReadonlyMap<K, { values: Float32Array; shape: readonly number[] }>,
    ) => Object.fromEntries([...found].map(([{ name }, { values, shape }]) => [name, tensor(values, shape)]));
    return { loss, activations: named<Layer>(outputs), gradients: named(weights) };
  } finally {
    inspector.dispose();
  }
}
