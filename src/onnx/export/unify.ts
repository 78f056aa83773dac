/** One graph with open dimensions from traces of several sizes. */
import { type Body, partIndex } from '../../ops/core/loop';
import { ArgumentError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { Location, Node } from '../../tensor/graph';
import { consume, copyAt } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { type Grid, gridOf } from './grids';
import { type Elements, type Num, type Samples, sizeFrom } from './numbers';
import type { Trace } from './trace';

/** A value of the graph that is exported. */
export interface Step {
  readonly kind: 'op' | 'input' | 'constant' | 'loop' | 'part';
  readonly op: string;
  readonly inputs: readonly Step[];
  /** Of an op; a number of the part for parts. */
  readonly attrs: unknown;
  readonly shape: readonly Num[];
  readonly dtype: DType;
  /** The layer that made it. */
  readonly layer: string | undefined;
  readonly constant?: Constant;
  readonly body?: LoopBody;
}

export interface Constant {
  /** The variable whose value it is. */
  readonly variable: Variable | undefined;
  /** Where it is; that of the first trace. */
  readonly location: Location;
  /** The elements; with sizes in their places if they follow from open dimensions. */
  readonly elements: () => Elements;
  /** What makes the elements if they differ from trace to trace. */
  readonly rule?: Rule;
}

/** Elements that follow from open dimensions: each on its own, at equal distances, all the same, or places along them. */
export type Rule =
  | { readonly kind: 'each'; readonly values: readonly Num[] }
  | { readonly kind: 'range'; readonly start: Num; readonly step: Num }
  | { readonly kind: 'same'; readonly value: Num }
  | Grid;

export interface LoopBody {
  readonly steps: readonly Step[];
  readonly carry: readonly Step[];
  readonly xs: readonly Step[];
  readonly captured: readonly Step[];
  readonly next: readonly Step[];
  readonly ys: readonly Step[];
  readonly reverse: boolean;
}

export interface Unified {
  readonly steps: readonly Step[];
  readonly inputs: readonly Step[];
  readonly outputs: readonly Step[];
}

/** Attributes that are part of what is computed. */
function attrsOf({ kind, op, attrs }: Node): unknown {
  if (kind === 'part' || kind === 'input') return undefined;
  if (op === 'custom' || attrs === undefined) return {};
  if (op !== 'random' && op !== 'dropout') return attrs;
  const { seed: _, stream: __, step: ___, draw: ____, ...rest } = attrs as Record<string, unknown>;
  return rest;
}

class Unifier {
  constructor(
    readonly samples: Samples,
    readonly names: readonly string[],
    readonly traces: readonly Trace[],
  ) {}

  get #open(): string {
    return this.names.map((n) => `'${n}'`).join(', ');
  }

  #fail(what: string, layer: string | undefined): never {
    throw new ArgumentError(
      `toONNX: ${layer ? `layer '${layer}': ` : ''}${what}; give these dimensions a fixed size with the option inputShapes`,
    );
  }

  num(values: readonly number[], what: string, layer: string | undefined): Num {
    return (
      sizeFrom(values, this.samples) ??
      this.#fail(`${what} is not a whole multiple of the open dimensions ${this.#open} (${values.join(', ')})`, layer)
    );
  }

  value(values: readonly unknown[], what: string, layer: string | undefined): unknown {
    const [first] = values;
    if (typeof first === 'number') return this.num(values as number[], what, layer);
    if (typeof first !== 'object' || first === null) return first;
    if (Array.isArray(first)) {
      const lists = values as readonly (readonly unknown[])[];
      if (lists.some((list) => list.length !== first.length))
        this.#fail(`${what} changes its length with the dimensions ${this.#open}`, layer);
      return first.map((_, i) =>
        this.value(
          lists.map((list) => list[i]),
          what,
          layer,
        ),
      );
    }
    return Object.fromEntries(
      Object.keys(first).map((key) => [
        key,
        this.value(
          values.map((v) => (v as Record<string, unknown>)[key]),
          `${what} ${key}`,
          layer,
        ),
      ]),
    );
  }

  /** The steps of graphs that are the same but for sizes. */
  steps(graphs: readonly (readonly Node[])[], outer: string | undefined): Map<Node, Step> {
    const made = new Map<Node, Step>();
    const [first] = graphs as [readonly Node[]];
    const layerOf = (node: Node): string | undefined => this.traces[0]?.layers.get(node) ?? outer;
    first.forEach((node, i) => {
      const layer = layerOf(node);
      const twins = graphs.map((nodes) => nodes[i] as Node);
      const isSame = twins.every(
        (n) =>
          n?.op === node.op &&
          n.kind === node.kind &&
          n.dtype === node.dtype &&
          n.shape.length === node.shape.length &&
          n.inputs.length === node.inputs.length &&
          n.inputs.every((input, k) => input.id === node.inputs[k]?.id),
      );
      if (!isSame || graphs.some((nodes) => nodes.length !== first.length))
        this.#fail(`its ops depend on the sizes of ${this.#open}`, layer);
      if (node.kind === 'effect')
        throw new ArgumentError(
          `toONNX: ${layer ? `layer '${layer}'` : 'the function'} changes variables; ONNX has no state: return the values instead, and take them as inputs`,
        );
      made.set(
        node,
        this.#step(twins, layer, (n) => made.get(n) as Step),
      );
    });
    return made;
  }

  #step(twins: readonly Node[], layer: string | undefined, of: (node: Node) => Step): Step {
    const [node] = twins as [Node];
    const step = {
      kind: node.kind as Step['kind'],
      op: node.op,
      inputs: node.inputs.map(of),
      dtype: node.dtype,
      layer,
      shape: node.shape.map((_, d) =>
        this.num(
          twins.map((n) => n.shape[d] as number),
          `a size of ${node.op}`,
          layer,
        ),
      ),
      attrs: undefined as unknown,
    };
    if (node.kind === 'part') return { ...step, attrs: partIndex(node) };
    if (node.kind === 'constant') return { ...step, constant: this.#constant(twins, layer) };
    if (node.kind === 'loop')
      return {
        ...step,
        body: this.#body(
          twins.map((n) => n.attrs as Body),
          layer,
        ),
      };
    return { ...step, attrs: this.value(twins.map(attrsOf), node.op, layer) };
  }

  #constant(twins: readonly Node[], layer: string | undefined): Constant {
    const [node] = twins as [Node];
    const read = (n: Node): Elements => consume(copyAt(n.attrs as Location, n), (t) => t.dataSync());
    const location = node.attrs as Location;
    const addressOf = (n: Node): number => {
      const { storage, offset } = n.attrs as Location;
      return storage.address + offset;
    };
    const base = { variable: this.traces[0]?.variables.get(node), location };
    if (twins.every((n) => addressOf(n) === addressOf(node))) return { ...base, elements: () => read(node) };
    const all = twins.map(read);
    const own = all[0] as Elements;
    const isEqual = all.every((e) => e.length === own.length && e.every((v, i) => Object.is(v, own[i])));
    if (isEqual) return { ...base, elements: () => own };
    return { ...base, elements: () => own, rule: this.#rule(twins, all, layer) };
  }

  #rule(twins: readonly Node[], all: readonly Elements[], layer: string | undefined): Rule {
    const [node] = twins as [Node];
    const num = (values: readonly number[]): Num => this.num(values, 'an element of a tensor', layer);
    const at = (i: number): number[] => all.map((e) => e[i] as number);
    if (all.every((e) => e.length > 0 && e.every((v) => v === e[0]))) return { kind: 'same', value: num(at(0)) };
    const isEven = all.every(
      (e) =>
        e.length > 1 && e.every((v, i) => i === 0 || v - (e[i - 1] as number) === (e[1] as number) - (e[0] as number)),
    );
    if (node.shape.filter((d) => d !== 1).length === 1 && isEven)
      return { kind: 'range', start: num(at(0)), step: num(all.map((e) => (e[1] as number) - (e[0] as number))) };
    if (all.every((e) => e.length === all[0]?.length))
      return { kind: 'each', values: Array.from({ length: all[0]?.length ?? 0 }, (_, i) => num(at(i))) };
    const shapes = twins.map((n) => n.shape);
    const grid = gridOf(shapes, all);
    if (grid) return grid;
    return this.#fail(`a tensor of numbers is made for each size of ${this.#open}`, layer);
  }

  #body(bodies: readonly Body[], layer: string | undefined): LoopBody {
    const [body] = bodies as [Body];
    const made = this.steps(
      bodies.map((b) => b.graph.nodes),
      layer,
    );
    const of = (nodes: readonly Node[]): Step[] => nodes.map((n) => made.get(n) as Step);
    return {
      steps: [...made.values()],
      carry: of(body.carry),
      xs: of(body.xs),
      captured: of(body.captured),
      next: of(body.next),
      ys: of(body.ys),
      reverse: body.reverse,
    };
  }
}

/**
 * The graph that all traces are of, with open dimensions in the place of their sizes.
 * @param names of the open dimensions
 * @throws ArgumentError where the traces differ in more than sizes
 */
export function unify(traces: readonly Trace[], samples: Samples, names: readonly string[]): Unified {
  const [first] = traces as [Trace];
  if (first.graph.assignments.length > 0 || first.graph.effects.length > 0)
    throw new ArgumentError(
      'toONNX: a variable changes in a call, as in stateful layers; ONNX has no state: make the layer with stateful: false, or return the new value',
    );
  const made = new Unifier(samples, names, traces).steps(
    traces.map((t) => t.graph.nodes),
    undefined,
  );
  const of = (nodes: readonly Node[]): Step[] => nodes.map((n) => made.get(n) as Step);
  return { steps: [...made.values()], inputs: of(first.inputs), outputs: of(first.outputs) };
}
