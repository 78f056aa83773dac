/** Compiles programs: one step of training or testing, for one shape of batch. */
import { GatherRows, Op } from '../../../assembly/isa';
import { type Path, pathTo, type Targets } from '../../autodiff/reverse';
import { zerosLike } from '../../ops/create/creation';
import { addEffect, countUp } from '../../plan/effects';
import type { DrawnRows, PlanEmitter } from '../../plan/emitter';
import { type Program, type ProgramSpec, planProgram } from '../../plan/program';
import { record, traceInput } from '../../plan/trace';
import { VariableReads } from '../../plan/transform/reads';
import type { Buffer, Effect } from '../../program/ir';
import { ArgumentError } from '../../support/errors';
import type { ProgramDraws } from '../../tensor/draws';
import { type Graph, orReleased, type TensorSpec, withNewGraph } from '../../tensor/graph';
import { sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Pins } from '../../train/optimizers/optimizer';
import type { Compiled } from '../compile';
import { type BatchLayout, batchOf, type Data } from '../feed/check';
import type { Model } from '../model';
import { measure } from './measure';

export type StepKind = 'train' | 'test';
/** 'rows': an index list gathers the examples from whole tensors; 'batch': the tensors of a batch are inputs. */
export type Feed = 'rows' | 'batch';

/** A program for batches of one shape. It adds its measurements to the model's totals. */
export interface Step {
  readonly program: Program;
  readonly kind: StepKind;
  readonly feed: Feed;
  readonly layout: BatchLayout;
  /** Inputs, targets, sample weights. */
  readonly data: readonly TensorSpec[];
}

/** What is left to do of a step, in parts that hold a thread up less than all at once: the plan, then the program. */
export type Remaining = () => () => Step;

/**
 * A step on `rows` examples of the shapes of the data, whose graph is traced; undefined if a layer made weights in its
 * call, so that the list of trained weights must be made again. @throws what the model's layers and the loss throw
 */
export function beginStep(
  model: Model,
  compiled: Compiled,
  kind: StepKind,
  feed: Feed,
  { tensors, layout }: Data,
  rows: number,
): Remaining | undefined {
  const data = tensors.map((t) => ({ shape: [rows, ...t.shape.slice(1)], dtype: t.dtype }));
  const begin = (graph: Graph): Remaining | undefined => {
    const spec = traceStep(graph, model, compiled, kind, feed, data, layout);
    if (!spec) {
      graph.release();
      return undefined;
    }
    return () => {
      const finish = orReleased(graph, () => planProgram(spec));
      return () => ({ program: orReleased(graph, finish), kind, feed, layout, data });
    };
  };
  return withNewGraph(begin, false, model.draws.trace());
}

/** Random numbers of a test depend on the row in the whole data, not in the batch. */
function rowsOfTest(
  graph: Graph,
  model: Model,
  compiled: Compiled,
  data: readonly TensorSpec[],
  layout: BatchLayout,
): DrawnRows | undefined {
  const rows = data[0]?.shape[0] as number;
  return model.draws.rowsOf(graph.draws as ProgramDraws, rows, (other, count) => {
    const inputs = data.map(({ shape, dtype }) => traceInput(other, { shape: [count, ...shape.slice(1)], dtype }));
    record(other, () => measure(model, compiled, batchOf(inputs, layout), false));
  });
}

function traceStep(
  graph: Graph,
  model: Model,
  compiled: Compiled,
  kind: StepKind,
  feed: Feed,
  data: readonly TensorSpec[],
  layout: BatchLayout,
): ProgramSpec | undefined {
  const isTraining = kind === 'train';
  const inputs = data.map((spec) => traceInput(graph, spec));
  const { arena, trackers } = compiled;
  const wanted = record(graph, () => {
    const reads = new VariableReads(graph, true);
    const measured = reads.within(() => measure(model, compiled, batchOf(inputs, layout), isTraining));
    const { total, track } = measured;
    if (isTraining && model.weights.length !== compiled.weights.size) return undefined;
    if (isTraining) checkGradients(graph, measured, compiled, reads.targets(arena.variables));
    const found = isTraining ? reads.gradients(total, arena.variables) : [];
    track(trackers[kind]);
    return found.map((g, i) => g ?? zerosLike(arena.variables[i] as Variable));
  });
  if (!wanted) return undefined;
  const pins = isTraining ? change(graph, model, compiled, wanted) : [];
  const rows = isTraining ? undefined : rowsOfTest(graph, model, compiled, data, layout);
  const externals = feed === 'rows' ? [...data, undefined].map((_, i): Buffer => external(`data ${i}`)) : undefined;
  return {
    graph,
    inputs: inputs.map((t) => t.node(graph, 'fit')),
    outputs: [],
    pins,
    // Also states of recurrent layers, which continue from batch to batch when a model is tested.
    assignments: graph.assignments,
    step: isTraining ? model.draws.step : model.draws.call,
    ...(rows && { rows }),
    ...(externals && {
      externals,
      before: (e: PlanEmitter, to: readonly Buffer[]) => gather(e, externals, to, data),
    }),
  };
}

/** Adds what a step of training changes: the trained weights by their gradients, and the count of steps. */
export function change(graph: Graph, model: Model, compiled: Compiled, gradients: readonly Tensor[]): Pins {
  store(graph, compiled.arena.variables);
  const pins = compiled.optimizer.step(graph, gradients, compiled.gradients);
  // Constraints apply after the optimizer's step, to the weights that it changed.
  record(graph, () => {
    for (const [variable, constraint] of model.constraintsOf(compiled.trained))
      variable.assign(constraint.apply(variable));
  });
  countUp(graph, model.draws.step);
  return pins;
}

/**
 * A loss without a gradient trains nothing. One that depends on no trained weight may belong to a frozen
 * branch, if another loss trains.
 * @throws ArgumentError
 */
export function checkGradients(
  graph: Graph,
  { total, losses }: { total: Tensor; losses: readonly Tensor[] },
  { objectives }: Compiled,
  targets: Targets,
): void {
  if (targets.groups.length === 0) return;
  const pathOf = (loss: Tensor): Path => pathTo(graph, loss.node(graph, 'fit'), targets);
  const isTrained = pathOf(total) === 'flows';
  for (const [i, loss] of losses.entries()) {
    const path = pathOf(loss);
    if (path === 'flows' || (path === 'none' && isTrained)) continue;
    const { name, loss: by } = objectives[i] as Compiled['objectives'][number];
    throw new ArgumentError(
      `loss ${by.name} of output '${name}': no gradient flows from it to a trainable weight, so nothing would be learned; ${
        path === 'flat'
          ? 'on the way are only ops that are constant almost everywhere (comparisons, round, argMax) or stopGradient'
          : 'it must be computed from the predictions'
      }`,
    );
  }
}

/** Copies weights that the model's layers have assigned to their places, before the optimizer changes them. */
function store(graph: Graph, weights: readonly Variable[]): void {
  const assigned = graph.assignments.map(([{ storage, offset }]) => storage.address + offset);
  for (const w of weights) {
    const location = w.location('fit');
    if (!assigned.includes(location.storage.address + location.offset)) continue;
    const stored: Effect = { location, emit: () => {} };
    graph.assign(location, addEffect(graph, `stored ${w.name}`, [w.node(graph, 'fit')], stored, w));
  }
}

export const external = (label: string): Buffer => ({ bytes: 0, address: 0, label });

/** Gathers a batch's examples from whole tensors; the last external input is the list of their indices. */
export function gather(
  e: PlanEmitter,
  externals: readonly Buffer[],
  to: readonly Buffer[],
  specs: readonly TensorSpec[],
): void {
  const indices = externals[externals.length - 1] as Buffer;
  for (const [i, { shape }] of specs.entries()) {
    e.command(
      Op.GatherRows,
      GatherRows,
      {
        src: { buffer: externals[i] as Buffer, offset: 0 },
        indices: { buffer: indices, offset: 0 },
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
