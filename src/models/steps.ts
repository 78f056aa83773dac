/** The programs of a model: one step of training or testing, for one shape of batch. */
import { GatherRows, Op } from '../../assembly/isa';
import { gradients } from '../autodiff/reverse';
import type { CallArgs, Mask } from '../layers/call';
import type { Layer } from '../layers/layer';
import { collectLosses } from '../layers/losses';
import { add, cast, div, maximum, mul } from '../ops/arithmetic';
import type { Buffer, Effect } from '../ops/ir';
import { mean, sum } from '../ops/reduce';
import { reshape } from '../ops/shaping';
import { countUp, NOTHING } from '../plan/effects';
import type { PlanEmitter } from '../plan/emitter';
import { compileProgram, type PlanOptions, type Program } from '../plan/program';
import { record, traceInput } from '../plan/trace';
import { engine } from '../runtime/engine';
import { type Graph, type Location, type TensorSpec, withNewGraph } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import type { Loss } from '../train/losses';
import type { Compiled } from './compile';

/** What a step needs of a model. */
export interface Trainable {
  /** All outputs with their masks. */
  run(inputs: readonly Tensor[], args: CallArgs): { outputs: readonly Tensor[]; masks: readonly Mask[] };
  readonly losses: readonly Tensor[];
  readonly constraints: Layer['constraints'];
  /** Counter of training steps, which random numbers follow. */
  readonly step: Location;
}

export type StepKind = 'train' | 'test';
/** 'rows': examples are gathered by an index list from whole data sets; 'batch': inputs are bound where they lie. */
export type Feed = 'rows' | 'batch';

/** What a result counts in a mean over many steps. */
export interface Share {
  /** The result's factor in the sum, and what it adds to the divisor. */
  readonly factor: number;
  readonly count: number;
}

/** A program with what its results mean. */
export interface Step {
  readonly program: Program;
  readonly kind: StepKind;
  readonly feed: Feed;
  /** Inputs, then targets. */
  readonly data: readonly TensorSpec[];
  /** By the names that `compile` settled: mean losses, sums of metrics. */
  readonly shares: readonly Share[];
}

/** A result of a step: `value * factor` is a sum over `count` things. */
export const resultOf = (step: Step, index: number): number =>
  engine.memory.f32[step.program.outputAddress(index) >>> 2] as number;

/** A result as the mean of its step alone. */
export function meanOf(step: Step, index: number): number {
  const { factor, count } = step.shares[index] as Share;
  return (resultOf(step, index) * factor) / count;
}

/** The loss of the batch: mean over everything the loss function left, or over what the mask keeps of it. */
function lossOf(fn: Loss, y: Tensor, prediction: Tensor, mask: Mask): Tensor {
  const values = fn(y, prediction);
  if (!mask || mask.rank > values.rank) return mean(values);
  const kept = cast(reshape(mask, [...mask.shape, ...new Array<number>(values.rank - mask.rank).fill(1)]), 'float32');
  // Each entry of the mask stands for as many values.
  const count = mul(sum(kept), values.size / kept.size);
  return div(sum(mul(values, kept)), maximum(count, 1e-7));
}

/** The program of a step for batches like those of `data`. @throws what the model's layers and the loss throw */
export const makeStep = (
  model: Trainable,
  compiled: Compiled,
  kind: StepKind,
  feed: Feed,
  data: readonly TensorSpec[],
  inputs: number,
  options?: PlanOptions,
): Step => withNewGraph((graph) => traceStep(graph, model, compiled, kind, feed, data, inputs, options));

/** Total loss, losses of the outputs, sums of metrics. */
function measure(
  model: Trainable,
  compiled: Compiled,
  xs: readonly Tensor[],
  ys: readonly Tensor[],
  training: boolean,
) {
  const { value, losses: added } = collectLosses(() => model.run(xs, { training }));
  const { objectives } = compiled;
  const parts = objectives.map((o, i) =>
    lossOf(o.loss.fn, ys[i] as Tensor, value.outputs[o.output] as Tensor, value.masks[o.output]),
  );
  const weighted = parts.map((p, i) => {
    const { weight } = objectives[i] as { weight: number };
    return weight === 1 ? p : mul(p, weight);
  });
  const total = [...weighted, ...model.losses, ...added].reduce((a, b) => add(a, b));
  const metrics = objectives.flatMap((o, i) =>
    o.metrics.map((m) => m.fn(ys[i] as Tensor, value.outputs[o.output] as Tensor)),
  );
  return { total, parts, metrics };
}

function traceStep(
  graph: Graph,
  model: Trainable,
  compiled: Compiled,
  kind: StepKind,
  feed: Feed,
  data: readonly TensorSpec[],
  inputCount: number,
  options: PlanOptions | undefined,
): Step {
  const isTraining = kind === 'train';
  const inputs = data.map((spec) => traceInput(graph, spec));
  const { arena, optimizer } = compiled;
  const rows = (data[0] as TensorSpec).shape[0] as number;
  const traced = record(graph, () => {
    const { total, parts, metrics } = measure(
      model,
      compiled,
      inputs.slice(0, inputCount),
      inputs.slice(inputCount),
      isTraining,
    );
    const losses = compiled.names.length > 1 + metrics.length ? [total, ...parts] : [total];
    return {
      results: [...losses, ...metrics.map((m) => reshape(sum(m), []))],
      shares: [
        ...losses.map((): Share => ({ factor: rows, count: rows })),
        ...metrics.map((m): Share => ({ factor: 1, count: m.size })),
      ],
      wanted: isTraining ? gradients(graph, total, arena.variables) : [],
    };
  });
  const pins = traced.wanted.map((g, i) => {
    const place: Location = { storage: compiled.gradients, offset: arena.offsets[i] as number };
    return [g.node(graph, 'fit'), place] as const;
  });
  if (isTraining) {
    store(graph, arena.variables);
    const update: Effect = { location: undefined, emit: (e) => optimizer.emit(e, compiled.gradients) };
    const done = graph.effect(
      optimizer.className,
      pins.map(([g]) => g),
      update,
      NOTHING,
    );
    record(graph, () => constrain(graph, model, done));
    countUp(graph, model.step);
  }
  const externals = feed === 'rows' ? [...data, undefined].map((_, i): Buffer => external(`data ${i}`)) : undefined;
  const program = compileProgram({
    graph,
    inputs: inputs.map((t) => t.node(graph, 'fit')),
    outputs: traced.results.map((t) => t.node(graph, 'fit')),
    pins,
    assignments: isTraining ? graph.assignments : [],
    step: model.step,
    ...(externals && {
      externals,
      before: (e: PlanEmitter, to: readonly Buffer[]) => gather(e, externals, to, data),
    }),
    ...(options && { options }),
  });
  return { program, kind, feed, data, shares: traced.shares };
}

/** Weights that the model's own calls have assigned are in their place before the optimizer moves them. */
function store(graph: Graph, weights: readonly Variable[]): void {
  const assigned = graph.assignments.map(([{ storage, offset }]) => storage.address + offset);
  for (const w of weights) {
    const location = w.location('fit');
    if (!assigned.includes(location.storage.address + location.offset)) continue;
    const stored: Effect = { location, emit: () => {} };
    graph.assign(location, graph.effect(`stored ${w.name}`, [w.node(graph, 'fit')], stored, w));
  }
}

/** Brings weights back to what is allowed, once the optimizer has moved them. */
function constrain(graph: Graph, model: Trainable, done: ReturnType<Graph['effect']>): void {
  for (const [variable, constraint] of model.constraints) {
    const location = variable.location('constraint');
    const moved: Effect = { location, emit: () => {} };
    const node = graph.effect(`moved ${variable.name}`, [variable.node(graph, 'constraint'), done], moved, variable);
    graph.assign(location, node);
    variable.assign(constraint.apply(variable));
  }
}

const external = (label: string): Buffer => ({ bytes: 0, address: 0, label });

/** Gathers the batch's examples out of whole data sets; the last external is the list of their numbers. */
function gather(
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
