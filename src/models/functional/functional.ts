/** Models of any graph of layers: several inputs and outputs, shared layers, models as layers. */
import type { CallArgs, Mask } from '../../layers/base/call';
import type { Layer } from '../../layers/base/layer';
import { fits, listOf, type PartialShape, type Shapes, shapeList } from '../../layers/base/shapes';
import { SymbolicTensor } from '../../layers/base/symbolic';
import { ArgumentError } from '../../support/errors';
import { anything, text } from '../../support/settings';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { assembled } from '../assembled';
import type { Ports } from '../feed/check';
import { Model } from '../model';
import { modelSettings } from '../own-settings';
import type { SummaryRow } from '../view/summary';
import { describeGraph, type GraphConfig, rebuildGraph } from './config';
import { type CallGraph, runCalls, traceCalls } from './graph';

/** Settings of `sg.model`. */
export interface ModelArgs {
  /** What `sg.input` returned: one, or a list. */
  inputs: SymbolicTensor | readonly SymbolicTensor[];
  /** Symbolic outputs of layers: one, or a list. */
  outputs: SymbolicTensor | readonly SymbolicTensor[];
  /** Name of the model; made by default. */
  name?: string;
}

/**
 * A model described by calls of layers on symbolic tensors. A subclass that passes settings of its own to `super`
 * declares them in static `accepts`, as for `sg.Sequential`.
 */
export class Functional<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends Model<Out> {
  static override className = 'Functional';

  /** Settings and their valid values. Inputs and outputs are checked where they are used. */
  static override accepts() {
    return { inputs: anything(), outputs: anything(), name: text() };
  }

  /** Symbolic inputs. */
  readonly inputs: readonly SymbolicTensor[];
  /** Symbolic outputs. */
  readonly outputs: readonly SymbolicTensor[];
  readonly #graph: CallGraph;

  constructor(args: ModelArgs) {
    const isOwn = Object.hasOwn(new.target, 'className') && new.target.className === 'Functional';
    const { name, inputs: first, outputs: last } = modelSettings(new.target, isOwn ? 'model' : undefined, args);
    const [inputs, outputs] = [listOf(first), listOf(last)] as [SymbolicTensor[], SymbolicTensor[]];
    if (
      ![...inputs, ...outputs].every((x) => x instanceof SymbolicTensor) ||
      inputs.length === 0 ||
      outputs.length === 0
    )
      throw new ArgumentError(
        'model: inputs and outputs must be symbolic tensors, as sg.input and layer.apply give them',
      );
    const foreign = inputs.find((x) => x.source.inputs.length > 0);
    if (foreign) throw new ArgumentError(`model: input '${foreign.name}' was computed by a layer; use sg.input`);
    super({ ...(name !== undefined && { name }) });
    this.inputs = Object.freeze([...inputs]);
    this.outputs = Object.freeze([...outputs]);
    this.#graph = traceCalls('model', this.inputs, this.outputs);
    this.hold();
  }

  /** The layers; the list is read-only. */
  get layers(): readonly Layer[] {
    return this.#graph.layers;
  }

  override build(): void {}

  override get inputPorts(): Ports {
    return { names: this.inputs.map((x) => x.name), shapes: this.inputs.map((x) => x.shape) };
  }

  override get outputNames(): readonly string[] {
    const names = this.outputs.map((x) => x.name);
    return names.map((n, i) => {
      const before = names.slice(0, i).filter((m) => m === n).length;
      return before ? `${n}_${before}` : n;
    });
  }

  override get outputShape(): Shapes {
    const shapes = this.outputs.map((x) => x.shape);
    return shapes.length === 1 ? (shapes[0] as PartialShape) : shapes;
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    const given = shapeList(inputShape);
    const same = given.every(
      (s, i) => fits(this.inputs[i]?.shape ?? [], s) && s.every((d, k) => d === this.inputs[i]?.shape[k]),
    );
    return same ? this.outputShape : super.computeOutputShape(inputShape);
  }

  override run(inputs: readonly Tensor[], args: CallArgs): { outputs: readonly Tensor[]; masks: readonly Mask[] } {
    return tidy(() => runCalls(this.#graph, inputs, args));
  }

  override get rows(): readonly SummaryRow[] {
    const calls = [...this.inputs.map((x) => x.source), ...this.#graph.calls];
    return this.layers.map((layer) => {
      const own = calls.filter((c) => c.layer === layer);
      return {
        layer,
        outputs: own.flatMap((c) => c.outputs.map((x) => x.shape)),
        receives: own.flatMap((c) => c.inputs.map((x) => `${x.name}[${x.index}]`)),
      };
    });
  }

  /** Name, layers with their calls, inputs and outputs, as in Keras. */
  override getConfig(): Record<string, unknown> {
    return { name: this.name, ...describeGraph(this.#graph) };
  }

  /**
   * Creates a model from what `getConfig` returned; weights are initialized again.
   * @throws ArgumentError for an unknown class
   */
  static override fromConfig<T>(cls: new (config: never) => T, config: Record<string, unknown>): T {
    return assembled(
      (note) => new cls({ name: config.name, ...rebuildGraph(config as unknown as GraphConfig, note) } as never),
    );
  }
}

/**
 * A model from symbolic inputs to symbolic outputs.
 * @throws ArgumentError if an output cannot be computed from the inputs
 * @example
 * const x = sg.input({ shape: [4] });
 * const y = sg.layers.dense({ units: 2 }).apply(x);
 * const model = sg.model({ inputs: x, outputs: y });
 */
export function model(args: ModelArgs & { outputs: SymbolicTensor }): Functional<Tensor>;
export function model(args: ModelArgs & { outputs: readonly SymbolicTensor[] }): Functional<Tensor[]>;
export function model(args: ModelArgs): Functional;
export function model(args: ModelArgs): Functional {
  return new Functional(args);
}
