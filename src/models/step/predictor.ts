/** Programs that predict, each for one shape of batch. */
import type { CallArgs } from '../../layers/base/call';
import { compileProgram, type Program } from '../../plan/program';
import { record, traceInput } from '../../plan/trace';
import { ProgramCache } from '../../plan/transform/program-cache';
import { delegateFromNow, needsDelegate, Pacer } from '../../runtime/aside';
import { engine } from '../../runtime/engine';
import { ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import type { ProgramDraws } from '../../tensor/draws';
import { type Graph, type TensorSpec, withNewGraph } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import { allocate, type Tensor } from '../../tensor/tensor';
import { rowBytes } from '../feed/check';
import type { ModelDraws } from './draws';

/** Settings of `predict`. */
export interface PredictArgs {
  /** Examples in a run; default 32. The results do not depend on it. */
  batchSize?: number;
  /** Accepted and ignored: nothing is printed, by default and in any case. */
  verbose?: number | boolean;
}

/** Settings of `predict`, for checking. */
export const PREDICT = { batchSize: is.count(), verbose: is.verbosity() };

/** What predicting needs of a model. */
export interface Predictable {
  feed(inputs: readonly Tensor[], args: CallArgs): { outputs: readonly Tensor[] };
  readonly draws: ModelDraws;
}

interface Prediction {
  readonly program: Program;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** One call of `predict`. */
interface Call {
  readonly whole: Prediction;
  readonly out: Tensor[];
  readonly call: number;
  readonly count: number;
}

const addressOf = (t: Tensor, row: number): number => t.address() + (row > 0 ? row * rowBytes(t) : 0);

/** The predictions of one model. */
export class Predictor {
  readonly #programs = new ProgramCache<Prediction>();

  constructor(readonly model: Predictable) {}

  /** Outputs for all examples, `batchSize` at a time. */
  predict(xs: readonly Tensor[], batchSize: number): Tensor[] {
    const { whole, out, call, count } = this.#begin(xs, batchSize);
    const rows = Math.min(batchSize, count);
    for (let at = 0; at < count; at += batchSize) {
      const n = Math.min(batchSize, count - at);
      this.#bind(n === rows ? whole : this.#programFor(xs, n), xs, out, at, call).run();
    }
    return out;
  }

  /** As `predict`, but the event loop runs meanwhile, and in pages a worker may take the work. */
  async predictAside(xs: readonly Tensor[], batchSize: number): Promise<Tensor[]> {
    const { whole, out, call, count } = untracked(() => this.#begin(xs, batchSize));
    const pacer = new Pacer();
    try {
      if (needsDelegate(whole.program.work)) await delegateFromNow();
      for (let at = 0; at < count; at += batchSize) {
        while (engine.isAside) await engine.idle();
        // Found again each time, as the model may have been changed.
        const prediction = this.#programFor(xs, Math.min(batchSize, count - at));
        await this.#bind(prediction, xs, out, at, call).runAside();
        if (pacer.isDue) await pacer.pause();
      }
      return out;
    } catch (error) {
      for (const t of out) t.dispose();
      throw error;
    }
  }

  /** The program for whole batches, memory for all outputs, and the number of the call. */
  #begin(xs: readonly Tensor[], batchSize: number): Call {
    const count = (xs[0] as Tensor).shape[0] as number;
    const whole = this.#programFor(xs, Math.max(1, Math.min(batchSize, count)));
    const out = whole.outputs.map((o) => allocate([count, ...o.shape.slice(1)], o.dtype));
    return { whole, out, call: this.model.draws.nextCall(), count };
  }

  /** The program, with the addresses of the batch that begins at an example. */
  #bind({ program }: Prediction, xs: readonly Tensor[], out: readonly Tensor[], at: number, call: number): Program {
    for (let i = 0; i < xs.length; i++) program.bindInput(i, addressOf(xs[i] as Tensor, at));
    for (let i = 0; i < out.length; i++) program.bindOutput(i, addressOf(out[i] as Tensor, at));
    this.model.draws.set(call, at);
    return program;
  }

  #programFor(xs: readonly Tensor[], rows: number): Prediction {
    const programs = this.#programs;
    for (let i = programs.size - 1; i >= 0; i--) {
      if (!programs.at(i).inputs.every((spec, k) => isBatchOf(spec, xs[k] as Tensor, rows))) continue;
      const found = programs.use(i);
      if (found) return found;
      break;
    }
    const inputs = xs.map((x) => ({ shape: [rows, ...x.shape.slice(1)], dtype: x.dtype }));
    const prediction = withNewGraph((graph) => this.#compile(graph, inputs, rows), false, this.model.draws.trace());
    programs.add(prediction);
    return prediction;
  }

  #compile(graph: Graph, inputs: readonly TensorSpec[], rows: number): Prediction {
    const { draws } = this.model;
    const traced = inputs.map((spec) => traceInput(graph, spec));
    const trace = (xs: readonly Tensor[]): readonly Tensor[] => this.model.feed(xs, { training: false }).outputs;
    const outputs = record(graph, () => trace(traced));
    const wrong = outputs.find((t) => t.shape[0] !== rows);
    if (wrong)
      throw new ShapeError(
        `predict: the model turned ${inputs.map((s) => showShape(s.shape)).join(', ')} into ${showShape(wrong.shape)}; the batch must stay first`,
      );
    const drawn = draws.rowsOf(graph.draws as ProgramDraws, rows, (other, count) => {
      const xs = inputs.map(({ shape, dtype }) => traceInput(other, { shape: [count, ...shape.slice(1)], dtype }));
      record(other, () => trace(xs));
    });
    const program = compileProgram({
      graph,
      inputs: traced.map((t) => t.node(graph, 'predict')),
      outputs: outputs.map((t) => t.node(graph, 'predict')),
      // States of recurrent layers that continue from batch to batch.
      assignments: graph.assignments,
      bindOutputs: true,
      step: draws.call,
      ...(drawn && { rows: drawn }),
    });
    return { program, inputs, outputs: outputs.map(({ shape, dtype }) => ({ shape, dtype })) };
  }

  dispose(): void {
    this.#programs.clear();
  }
}

/** Whether a spec is that of `rows` examples like those of a tensor. */
export function isBatchOf(spec: TensorSpec, t: Tensor, rows: number): boolean {
  const { shape } = spec;
  if (shape[0] !== rows || shape.length !== t.shape.length || spec.dtype !== t.dtype) return false;
  for (let d = 1; d < shape.length; d++) if (shape[d] !== t.shape[d]) return false;
  return true;
}
