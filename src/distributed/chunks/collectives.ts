/** Values of a whole batch in the trace of one of its chunks: sums over all chunks, and the rows of all of them. */
import { apply } from '../../ops/core/dispatch';
import * as custom from '../../ops/descriptors/custom';
import { broadcastTo, mul } from '../../ops/math/arithmetic';
import { reshape } from '../../ops/shape/shaping';
import { reachable } from '../../plan/passes/simplify';
import { traceInput } from '../../plan/trace';
import { ArgumentError, StateError } from '../../support/errors';
import { currentGraph, type Graph, type Location, type Node } from '../../tensor/graph';
import type { Shape } from '../../tensor/shape';
import { type Tensor, tensorOf } from '../../tensor/tensor';
import type { Whole } from '../../train/losses/reduction';
import type { Addition } from '../../train/totals/accumulator';

/** A value that chunks make together. */
export interface Collective {
  /** What a chunk contributes. */
  readonly of: Node;
  /** What all of them have made. */
  readonly node: Node;
}

/** The collectives of one trace: that of a chunk of `rows` examples, in a batch of `all`. */
export class Collectives implements Whole {
  /** Sums over all chunks. */
  readonly sums: Collective[] = [];
  /** Rows of all chunks, one after another. */
  readonly rows: Collective[] = [];

  /** @param total where the number of the batch's examples is, a float32 */
  constructor(
    readonly graph: Graph,
    readonly count: number,
    readonly all: number,
    readonly total: Location,
  ) {}

  /**
   * The sum over all chunks, by the fixed tree. All chunks read it, so its gradient is the sum of theirs.
   * @throws StateError in a step of a loop
   */
  sum(x: Tensor): Tensor {
    if (currentGraph() !== this.graph)
      throw new StateError(
        'distribute: a layer adds over the batch in every step of a loop, which chunks of a batch cannot do together',
      );
    const spec = { shape: x.shape, dtype: x.dtype };
    const gradFunc = (dy: Tensor): Tensor[] => [this.sum(dy)];
    const value = traceInput(this.graph, spec);
    const y = apply(custom.custom, [value, x], { gradFunc, id: this.sums.length });
    this.sums.push({ of: x.node(this.graph, 'sum'), node: y.node(this.graph, 'sum') });
    return y;
  }

  /** `count` for this chunk; for the batch as many times more as it has more examples. A float32 scalar. */
  sizeOf(count: number): Tensor {
    return mul(tensorOf(this.graph.constant(this.total, { shape: [], dtype: 'float32' })), count / this.count);
  }

  /**
   * The rows of all chunks.
   * @param what they are, for errors
   * @throws ArgumentError unless there are as many for each example
   */
  gather(x: Tensor, what: string): Tensor {
    const [rows = 1, ...rest] = x.shape;
    if (rows % this.count !== 0)
      throw new ArgumentError(
        `distribute: ${what} has ${rows} values for a chunk of ${this.count} examples; it must have as many for each example`,
      );
    const shape: Shape = [(rows / this.count) * this.all, ...rest];
    const value = traceInput(this.graph, { shape, dtype: x.dtype });
    this.rows.push({ of: x.node(this.graph, 'gather'), node: value.node(this.graph, 'gather') });
    return value;
  }

  /** What the chunks add to a total together: the same, in the same order, as the whole batch would. */
  addition(added: Addition, what: string): Addition {
    const gather = (x: Tensor): Tensor => this.gather(x, what);
    if (added.kind === 'log') return { ...added, values: gather(added.values) };
    const weights = added.weights && gather(this.#each(added.weights));
    if (added.kind === 'tally') return { ...added, indices: gather(reshape(added.indices, [-1])), weights };
    const { values, scale = 1 } = added;
    // One value for the chunk counts for each of its examples.
    return { kind: 'sum', values: gather(scale === this.count ? this.#each(values) : values), weights };
  }

  /** One value for each example, if there is one for all. */
  #each(x: Tensor): Tensor {
    return x.shape[0] === 1 ? broadcastTo(x, [this.count, ...x.shape.slice(1)]) : x;
  }

  /** Whether a value differs from chunk to chunk. */
  isLocal(x: Tensor): boolean {
    return dependsOnChunk(x.node(this.graph, 'distribute'), this.ends);
  }

  /** The nodes that hold values of the whole batch. */
  get ends(): ReadonlySet<Node> {
    return new Set([...this.sums, ...this.rows].map(({ node }) => node));
  }
}

/** Whether a node depends on an input, and not by way of the whole batch alone. @param ends values of the whole batch */
export const dependsOnChunk = (root: Node, ends: ReadonlySet<Node>): boolean =>
  reachable([root], (n) => ends.has(n)).some((n) => n.kind === 'input' && !ends.has(n));
