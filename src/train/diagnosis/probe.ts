/** The program behind a diagnosis: it measures one batch, and changes nothing. */
import type { Layer } from '../../layers/base/layer';
import { observeCalls } from '../../layers/base/observe';
import { listOf } from '../../layers/base/shapes';
import { zerosLike } from '../../ops/create/creation';
import {
  abs,
  cast,
  div,
  equal,
  greater,
  isFinite,
  logicalAnd,
  mul,
  sqrt,
  square,
  sub,
  where,
} from '../../ops/math/arithmetic';
import { max, mean } from '../../ops/math/reduce';
import { stack } from '../../ops/shape/joining';
import { reshape } from '../../ops/shape/shaping';
import { compileProgram, type Program } from '../../plan/program';
import { record, traceInput } from '../../plan/trace';
import { VariableReads } from '../../plan/transform/reads';
import { engine } from '../../runtime/engine';
import type { ProgramDraws } from '../../tensor/draws';
import { currentGraph, type Graph, type Location, type Node, withNewGraph } from '../../tensor/graph';
import { type Shape, sizeOf } from '../../tensor/shape';
import { type Tensor, tensorOf } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';

/** Inputs or targets: one tensor, a list, or an object by name. */
export type DiagnosisData = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** Checked inputs and targets. */
interface Prepared {
  readonly tensors: readonly Tensor[];
  readonly count: number;
}

/** What a diagnosis needs of a compiled model. */
export interface Diagnosable {
  /** All layers. */
  readonly layers: readonly Layer[];
  /** The weights that are trained. */
  readonly trainableWeights: readonly Variable[];
  /** What random numbers follow. @internal */
  readonly draws: { readonly step: Location; trace(): ProgramDraws };
  /** Checks inputs and targets. @internal */
  prepare(where: string, x: DiagnosisData, y: DiagnosisData): { readonly data: Prepared };
  /** The loss of traced tensors. @internal */
  lossOf(data: unknown, tensors: readonly Tensor[], training: boolean): Tensor;
}

/** Numbers about a weight and its gradient. */
export type WeightNumbers = readonly [gradientRms: number, gradientMax: number, zeros: number, weightRms: number];
/** Numbers about the outputs of a layer. */
export type OutputNumbers = readonly [mean: number, std: number, zeros: number, deadUnits: number, saturated: number];

export interface Measured {
  readonly loss: number;
  readonly weights: ReadonlyMap<Variable, WeightNumbers>;
  readonly outputs: ReadonlyMap<Layer, OutputNumbers>;
}

/** Name of the activation that ends a layer, if it has one. */
export function activationOf(layer: Layer): string {
  const { activation } = layer.getConfig();
  const { className } = layer;
  return typeof activation === 'string' ? activation : /ReLU$/.test(className) ? 'relu' : '';
}

/** Layers with those of the models among them in their place. */
export const flatLayers = (layers: readonly Layer[]): Layer[] =>
  layers.flatMap((l) => ('layers' in l ? flatLayers(l.layers as readonly Layer[]) : [l]));

const share = (condition: Tensor): Tensor => mean(cast(condition, 'float32'));

/** Root of the mean square; squares neither overflow nor vanish. */
function rms(x: Tensor): Tensor {
  const highest = max(abs(x));
  const scale = where(logicalAnd(isFinite(highest), greater(highest, 0)), highest, 1);
  return mul(sqrt(mean(square(div(x, scale)))), scale);
}

const ofWeight = (w: Variable, g: Tensor): Tensor => stack([rms(g), max(abs(g)), share(equal(g, 0)), rms(w)]);

function ofOutput(layer: Layer, outputs: readonly Tensor[]): Tensor {
  // Of a layer that is called several times: the largest numbers.
  const each = outputs.map((output) => {
    const x = cast(output, 'float32');
    const units = reshape(x, [-1, x.rank > 1 ? (x.shape[x.rank - 1] as number) : 1]);
    const average = mean(x);
    const isSigmoid = /sigmoid$/i.test(activationOf(layer));
    return stack([
      average,
      rms(sub(x, average)),
      share(equal(x, 0)),
      share(equal(max(abs(units), 0), 0)),
      share(isSigmoid ? greater(abs(sub(x, 0.5)), 0.49) : greater(abs(x), 0.99)),
    ]);
  });
  return each.length === 1 ? (each[0] as Tensor) : max(stack(each), 0);
}

/** Numbers of a result, which are valid until the program runs again. */
export interface FoundValues {
  readonly values: Float32Array;
  readonly shape: Shape;
}

/** What was read of each weight and of each layer's output. */
export interface Found {
  readonly loss: number;
  readonly weights: ReadonlyMap<Variable, FoundValues>;
  readonly outputs: ReadonlyMap<Layer, FoundValues>;
}

/** What is read, as ops. */
export interface Reading {
  weight(weight: Variable, gradient: Tensor): Tensor;
  output(layer: Layer, outputs: readonly Tensor[]): Tensor;
}

/** A program that computes loss and gradients of batches of one shape, and what is to be read of them. */
export class TracedBatch {
  readonly #program: Program;
  readonly #weights: readonly Variable[];
  readonly #observed: readonly Layer[];
  readonly #shapes: readonly Shape[];

  /** @param data from the model's `prepare`; its tensors are the batch */
  constructor(model: Diagnosable, data: Prepared, training: boolean, { weight, output }: Reading) {
    this.#weights = model.trainableWeights;
    const calls = new Map<object, Tensor[]>(flatLayers(model.layers).map((l) => [l, []]));
    let shapes: Shape[] = [];
    const build = (graph: Graph): Program => {
      const inputs = data.tensors.map((t) => traceInput(graph, t));
      // The tensors themselves end with the scopes that they are made in.
      const observe = (layer: object, outputs: Tensor | readonly Tensor[]): void => {
        const [first] = listOf(outputs);
        if (currentGraph() !== graph || !first || first.size === 0) return;
        const node: Node = first.node(graph, 'diagnose');
        calls.get(layer)?.push(tensorOf(node));
      };
      const results = record(graph, () => {
        const reads = new VariableReads(graph, true);
        const loss = reads.within(() => observeCalls(observe, () => model.lossOf(data, inputs, training)));
        const grads = reads.gradients(loss, this.#weights).map((g, i) => g ?? zerosLike(this.#weights[i] as Variable));
        const outputs = [...calls].filter(([, made]) => made.length > 0);
        return [
          loss,
          ...this.#weights.map((w, i) => weight(w, grads[i] as Tensor)),
          ...outputs.map(([layer, made]) => cast(output(layer as Layer, made), 'float32')),
        ];
      });
      shapes = results.map((t) => t.shape);
      // What the model assigned meanwhile, moving averages and states, is left out.
      return compileProgram({
        graph,
        inputs: inputs.map((t) => t.node(graph, 'diagnose')),
        outputs: results.map((t) => t.node(graph, 'diagnose')),
        step: model.draws.step,
      });
    };
    this.#program = withNewGraph(build, false, model.draws.trace());
    this.#shapes = shapes;
    this.#observed = [...calls].flatMap(([layer, made]) => (made.length > 0 ? [layer as Layer] : []));
  }

  /** False if the model has changed since. */
  get isCurrent(): boolean {
    return this.#program.isCurrent;
  }

  run(tensors: readonly Tensor[]): Found {
    tensors.forEach((t, i) => {
      this.#program.bindInput(i, t.address('diagnose'));
    });
    this.#program.run();
    const read = (index: number): FoundValues => {
      const shape = this.#shapes[index] as Shape;
      const at = this.#program.outputAddress(index) >>> 2;
      return { values: engine.memory.f32.subarray(at, at + sizeOf(shape)) as Float32Array, shape };
    };
    const behind = 1 + this.#weights.length;
    return {
      loss: read(0).values[0] as number,
      weights: new Map(this.#weights.map((w, i) => [w, read(i + 1)])),
      outputs: new Map(this.#observed.map((l, i) => [l, read(behind + i)])),
    };
  }

  dispose(): void {
    this.#program.dispose();
  }
}

const numbersOf = <K, N>(found: ReadonlyMap<K, FoundValues>): Map<K, N> =>
  new Map([...found].map(([key, { values }]) => [key, [...values] as N]));

/** Measures batches of one shape. */
export class Probe {
  readonly #batch: TracedBatch;

  /** @param data from the model's `prepare`; its tensors are the batch */
  constructor(model: Diagnosable, data: Prepared, training: boolean) {
    this.#batch = new TracedBatch(model, data, training, { weight: ofWeight, output: ofOutput });
  }

  /** False if the model has changed since. */
  get isCurrent(): boolean {
    return this.#batch.isCurrent;
  }

  run(tensors: readonly Tensor[]): Measured {
    const { loss, weights, outputs } = this.#batch.run(tensors);
    return { loss, weights: numbersOf(weights), outputs: numbersOf(outputs) };
  }

  dispose(): void {
    this.#batch.dispose();
  }
}
