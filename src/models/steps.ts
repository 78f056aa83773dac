/** The programs of a model: one step of training, testing or predicting, for one shape of batch. */
import { Count, GatherRows, Op } from '../../assembly/isa';
import { gradients } from '../autodiff/reverse';
import type { CallContext } from '../layers/layer';
import type { Buffer } from '../ops/ir';
import { mean, sum } from '../ops/reduce';
import { reshape } from '../ops/shaping';
import type { PlanEmitter } from '../plan/lower';
import { compileProgram, type PlanOptions, type Program } from '../plan/program';
import { record, traceInput } from '../plan/trace';
import { engine } from '../runtime/engine';
import { type Graph, type Location, type TensorSpec, withNewGraph } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';
import type { Storage } from '../tensor/storage';
import type { Tensor } from '../tensor/tensor';
import type { Arena } from '../train/arena';
import type { Loss } from '../train/losses';
import type { Metric } from '../train/metrics';
import type { Optimizer } from '../train/optimizer';

/** What a step needs of a model. */
export interface Trainable {
  call(x: Tensor, context: CallContext): Tensor;
  /** Counter of training steps, which random numbers follow. */
  readonly step: Location;
}

/** What `compile` has settled. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: { readonly name: string; readonly fn: Loss };
  readonly metrics: readonly { readonly name: string; readonly fn: Metric }[];
  readonly arena: Arena;
  readonly gradients: Storage;
}

export type StepKind = 'train' | 'test';
/** 'rows': examples are gathered by an index list from whole data sets; 'batch': inputs are bound where they lie. */
export type Feed = 'rows' | 'batch';

/** A program with what its results mean. */
export interface Step {
  readonly program: Program;
  readonly kind: StepKind;
  readonly feed: Feed;
  readonly x: TensorSpec;
  readonly y: TensorSpec;
  /** Values that each metric has averaged over. */
  readonly counts: readonly number[];
}

/** The loss of the batch: mean over everything the loss function left. */
const lossOf = (fn: Loss, y: Tensor, prediction: Tensor): Tensor => mean(fn(y, prediction));

/** Reads float `index` of a step's results: the mean loss, then the sum of each metric. */
export const resultOf = (step: Step, index: number): number =>
  engine.memory.f32[step.program.outputAddress(index) >>> 2] as number;

/** The program of a step for batches like x and y. @throws what the model's layers and the loss throw */
export const makeStep = (
  model: Trainable,
  compiled: Compiled,
  kind: StepKind,
  feed: Feed,
  x: TensorSpec,
  y: TensorSpec,
  options?: PlanOptions,
): Step => withNewGraph((graph) => traceStep(graph, model, compiled, kind, feed, x, y, options));

function traceStep(
  graph: Graph,
  model: Trainable,
  compiled: Compiled,
  kind: StepKind,
  feed: Feed,
  x: TensorSpec,
  y: TensorSpec,
  options: PlanOptions | undefined,
): Step {
  const isTraining = kind === 'train';
  const inputs = [traceInput(graph, x), traceInput(graph, y)] as const;
  const { loss, metrics, arena } = compiled;
  const traced = record(graph, () => {
    const prediction = model.call(inputs[0], { training: isTraining });
    const value = lossOf(loss.fn, inputs[1], prediction);
    const measured = metrics.map(({ fn }) => fn(inputs[1], prediction));
    const wanted = isTraining ? gradients(graph, value, arena.variables) : [];
    return { value, sums: measured.map((m) => reshape(sum(m), [])), counts: measured.map((m) => m.size), wanted };
  });
  const pins = traced.wanted.map((g, i) => {
    const place: Location = { storage: compiled.gradients, offset: arena.offsets[i] as number };
    return [g.node(graph, 'fit'), place] as const;
  });
  const externals = feed === 'rows' ? rowBuffers() : undefined;
  const program = compileProgram({
    graph,
    inputs: inputs.map((t) => t.node(graph, 'fit')),
    outputs: [traced.value, ...traced.sums].map((t) => t.node(graph, 'fit')),
    pins,
    assignments: isTraining ? graph.assignments : [],
    step: model.step,
    ...(externals && {
      externals,
      before: (e: PlanEmitter, to: readonly Buffer[]) => gather(e, externals, to, [x, y]),
    }),
    ...(isTraining && {
      after: (e: PlanEmitter) => {
        compiled.optimizer.emit(e, compiled.gradients);
        e.command(Op.Count, Count, { cell: { buffer: e.fixed(model.step, 'step'), offset: 0 } }, ['cell']);
      },
    }),
    ...(options && { options }),
  });
  return { program, kind, feed, x, y, counts: traced.counts };
}

/** The places of the two data sets and of the index list. */
const rowBuffers = (): Buffer[] => ['x', 'y', 'indices'].map((label) => ({ bytes: 0, address: 0, label }));

function gather(
  e: PlanEmitter,
  [x, y, indices]: readonly Buffer[],
  to: readonly Buffer[],
  specs: readonly TensorSpec[],
): void {
  for (const [i, from] of [x as Buffer, y as Buffer].entries()) {
    const { shape } = specs[i] as TensorSpec;
    e.command(
      Op.GatherRows,
      GatherRows,
      {
        src: { buffer: from, offset: 0 },
        indices: { buffer: indices as Buffer, offset: 0 },
        out: { buffer: to[i] as Buffer, offset: 0 },
        count: shape[0] as number,
        row: sizeOf(shape.slice(1)),
        // The trainer's own indices: data sets of other sizes may use the same step.
        limit: 0x7fffffff,
      },
      ['out'],
    );
  }
}
