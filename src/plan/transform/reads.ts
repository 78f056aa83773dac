/** Reads of variables in a recorded function, and gradients with respect to variables. */

import { gradientsOf, type Targets } from '../../autodiff/reverse';
import * as movement from '../../ops/descriptors/movement';
import type { Graph, Location, Node, ReadFrame } from '../../tensor/graph';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';

const isSame = (a: Location, b: Location): boolean => a.storage === b.storage && a.offset === b.offset;

/**
 * The variables that a function reads. For its gradients every read is a leaf: a variable's gradient is the sum over all
 * reads, before and after the function assigns it, and no gradient flows through assigned values.
 */
export class VariableReads {
  readonly #leaves = new Set<Node>();
  /** By variable: for each value that it had, the leaf that was read. */
  readonly #read = new Map<Variable, Map<Node, Node>>();
  readonly #frame: ReadFrame = (read, value) => {
    const variable = read as Variable;
    const known = this.#read.get(variable) ?? new Map<Node, Node>();
    this.#read.set(variable, known);
    const leaf = known.get(value) ?? this.#leafOf(variable, value);
    // A variable to which its own value is assigned has not changed.
    known.set(value, leaf).set(leaf, leaf);
    return leaf;
  };

  /** @param isWhole whether the graph records only this function; otherwise reads outside of it do not count. */
  constructor(
    readonly graph: Graph,
    readonly isWhole = false,
  ) {}

  /** Records a function. */
  within<T>(fn: () => T): T {
    return this.graph.within(this.#frame, fn);
  }

  /** The variables, in the order of their first reads. */
  get variables(): Variable[] {
    return [...this.#read.keys()];
  }

  /** What gradients with respect to variables are taken by. */
  targets(variables: readonly Variable[]): Targets {
    return { groups: variables.map((v) => [...new Set(this.#read.get(v)?.values())]), leaves: this.#leaves };
  }

  /** Gradients of a traced value; undefined where it does not depend on the variable. */
  gradients(value: Tensor, variables: readonly Variable[]): (Tensor | undefined)[] {
    return gradientsOf(this.graph, value.node(this.graph, 'gradients'), this.targets(variables)).found;
  }

  #leafOf(variable: Variable, value: Node): Node {
    // The value in the variable's own memory; that of another variable may be one that was assigned to it.
    const isOwn = value.kind === 'constant' && isSame(value.attrs as Location, variable.location('gradients'));
    const leaf =
      isOwn && this.isWhole
        ? value
        : this.graph.add(movement.reshape, [value], { shape: value.shape, own: this.graph.nodes.length }, value);
    this.#leaves.add(leaf);
    return leaf;
  }
}
