/** The trace of a step as one chunk of its batch sees it. */
import { STATES } from '../../layers/base/keys';
import type { Compiled } from '../../models/compile';
import { type BatchLayout, batchOf } from '../../models/feed/check';
import type { Model } from '../../models/model';
import { change, checkGradients, type StepKind } from '../../models/step/programs';
import { zerosLike } from '../../ops/create/creation';
import { add } from '../../ops/math/arithmetic';
import type { DrawnRows } from '../../plan/emitter';
import { record, traceInput } from '../../plan/trace';
import { VariableReads } from '../../plan/transform/reads';
import { StateError } from '../../support/errors';
import type { ProgramDraws } from '../../tensor/draws';
import { type Graph, type Location, type Node, type TensorSpec, withNewGraph } from '../../tensor/graph';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Pins } from '../../train/optimizers/optimizer';
import { Collectives } from './collectives';
import { type Measured, measureChunk } from './measure';

/** What a step is traced for. */
export interface ChunkSpec {
  readonly model: Model;
  readonly compiled: Compiled;
  readonly kind: StepKind;
  /** Inputs, targets and weights of a chunk. */
  readonly data: readonly TensorSpec[];
  readonly layout: BatchLayout;
  /** Examples of the batch. */
  readonly all: number;
  /** Where their number is when the step runs. */
  readonly total: Location;
}

/** A trace, which programs made of parts of it use as long as they live: its graph holds the memory of constants. */
export class Traced {
  #users = 1;

  /**
   * @param inputs those of the chunk
   * @param pins gradients, and where the optimizer reads them
   * @param rows which draws follow the rows of the batch
   */
  constructor(
    readonly graph: Graph,
    readonly collectives: Collectives,
    readonly inputs: readonly Node[],
    readonly pins: Pins,
    readonly rows: DrawnRows | undefined,
  ) {}

  retain(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) this.graph.release();
  }
}

const rowsOf = ({ data }: ChunkSpec): number => data[0]?.shape[0] as number;

/** Traces a step; undefined if layers have made weights. @throws what layers, losses and metrics throw */
export function traceChunk(spec: ChunkSpec): Traced | undefined {
  const { model } = spec;
  const [state] = model[STATES];
  if (state)
    throw new StateError(
      `distribute: ${state.name} is kept from batch to batch for each example, and chunks of a batch are not always in the same process; set stateful: false`,
    );
  return withNewGraph(
    (graph) => {
      const traced = traceStep(graph, spec);
      if (!traced) graph.release();
      return traced;
    },
    false,
    model.draws.trace(),
  );
}

function traceStep(graph: Graph, spec: ChunkSpec): Traced | undefined {
  const { model, compiled, kind, data, layout, all, total } = spec;
  const isTraining = kind === 'train';
  const { trackers } = compiled;
  const collectives = new Collectives(graph, rowsOf(spec), all, total);
  const inputs = data.map((s) => traceInput(graph, s));
  const wanted = record(graph, () => {
    const reads = new VariableReads(graph, true);
    const measured = reads.within(() =>
      measureChunk(model, compiled, batchOf(inputs, layout), isTraining, collectives),
    );
    if (isTraining && model.weights.length !== compiled.weights.size) return undefined;
    const found = isTraining ? gradientsOf(graph, measured, compiled, reads, collectives) : [];
    measured.track(trackers[kind]);
    return found;
  });
  if (!wanted) return undefined;
  const pins = isTraining ? change(graph, model, compiled, wanted) : [];
  const rows = model.draws.rowsOf(graph.draws as ProgramDraws, rowsOf(spec), (other, count) => {
    const more = data.map(({ shape, dtype }) => traceInput(other, { shape: [count, ...shape.slice(1)], dtype }));
    const own = new Collectives(other, count, all, total);
    record(other, () => measureChunk(model, compiled, batchOf(more, layout), isTraining, own));
  });
  const nodes = inputs.map((t) => t.node(graph, 'distribute'));
  return new Traced(graph, collectives, nodes, pins, rows);
}

/** Gradients of the batch's loss: sums over the chunks, and those of penalties, which are there but once. */
function gradientsOf(
  graph: Graph,
  { share, losses, penalty }: Measured,
  compiled: Compiled,
  reads: VariableReads,
  all: Collectives,
): Tensor[] {
  const { variables } = compiled.arena;
  const whole = penalty ? add(share, penalty) : share;
  checkGradients(graph, { total: whole, losses }, compiled, reads.targets(variables));
  const shares = reads.gradients(share, variables);
  const penalties = penalty ? reads.gradients(penalty, variables) : [];
  return variables.map((v: Variable, i) => {
    const own = shares[i] && all.sum(shares[i] as Tensor);
    const fromPenalty = penalties[i];
    return own && fromPenalty ? add(own, fromPenalty) : (own ?? fromPenalty ?? zerosLike(v));
  });
}
