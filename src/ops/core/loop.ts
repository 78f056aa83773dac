/** Loops in graphs: a body that is traced once and run for each step of time. */
import type { Emitter, Value } from '../../program/ir';
import { Graph, type NamedOp, type Node, type TensorSpec } from '../../tensor/graph';

let bodies = 0;

/**
 * Emits the commands of a loop. It is the planner's, and comes with the loop: programs without one do not need it.
 * @param read the parts that some node reads
 * @returns those parts
 */
export type LowerLoop = (
  e: Emitter,
  loop: Node,
  read: readonly number[],
  operands: readonly Value[],
) => ReadonlyMap<number, Value>;

/**
 * What a loop does in each step: from the carried values and one slice of each sequence to new carried values and
 * one slice of each result.
 */
export class Body {
  readonly graph: Graph;
  readonly carry: readonly Node[];
  readonly xs: readonly Node[];
  /** New carried values. */
  next: readonly Node[] = [];
  /** Results of the step. A gradient adds those that it needs again. */
  readonly ys: Node[] = [];
  readonly #id = ++bodies;
  #iteration: Node | undefined;

  /**
   * @param carry specs of the carried values
   * @param xs specs of the slices
   * @param reverse whether time runs backwards: from the last slice to the first
   */
  constructor(
    parent: Graph,
    carry: readonly TensorSpec[],
    xs: readonly TensorSpec[],
    readonly length: number,
    readonly reverse: boolean,
    readonly lower: LowerLoop,
  ) {
    this.graph = new Graph(parent);
    this.carry = carry.map((spec) => this.graph.input(spec));
    this.xs = xs.map((spec) => this.graph.input(spec));
    this.graph.loop = { length, iteration: () => this.#numbered() };
  }

  /** Whether steps read their number: it is the last of the sequences, 0 to length - 1, when the step is traced. */
  get isNumbered(): boolean {
    return this.#iteration !== undefined;
  }

  #numbered(): Node {
    if (!this.#iteration) {
      this.#iteration = this.graph.input({ shape: [], dtype: 'int32' });
      (this.xs as Node[]).push(this.#iteration);
    }
    return this.#iteration;
  }

  /** Inputs that represent values of the graph around, in the order of the loop node's last operands. */
  get captured(): Node[] {
    return [...this.graph.captured.values()];
  }

  /** Spec of part `index`: final carried values first, then results stacked along time. */
  part(index: number): TensorSpec {
    const node = this.next[index];
    if (node) return { shape: node.shape, dtype: node.dtype };
    const y = this.ys[index - this.next.length] as Node;
    return { shape: [this.length, ...y.shape], dtype: y.dtype };
  }

  /** The same body for a loop in another graph; `captured` are the values there that its own represent. */
  moveTo(parent: Graph, captured: readonly Node[]): Body {
    const moved = new Body(parent, this.carry, this.xs, this.length, this.reverse, this.lower);
    const of = new Map<Node, Node>();
    this.carry.forEach((n, i) => of.set(n, moved.carry[i] as Node));
    this.xs.forEach((n, i) => of.set(n, moved.xs[i] as Node));
    captured.forEach((outer, i) => of.set(this.captured[i] as Node, moved.graph.capture(outer)));
    const copy = (root: Node): Node => {
      visitOperandsFirst(root, of, inputsOf, (node) =>
        copyNode(
          moved.graph,
          node,
          node.inputs.map((i) => of.get(i) as Node),
        ),
      );
      return of.get(root) as Node;
    };
    moved.next = this.next.map(copy);
    for (const y of this.ys) moved.ys.push(copy(y));
    return moved;
  }

  /** Keys of attributes distinguish loops. */
  toJSON(): number {
    return this.#id;
  }
}

const inputsOf = ({ inputs }: Node): readonly Node[] => inputs;

/** Makes what represents a node once everything that it needs is in `made`, however long the chain. */
export function visitOperandsFirst(
  root: Node,
  made: Map<Node, Node>,
  needs: (node: Node) => readonly Node[],
  make: (node: Node) => Node,
): void {
  const path = [root];
  for (let node = path[path.length - 1]; node; node = path[path.length - 1]) {
    const missing = made.has(node) ? undefined : needs(node).find((i) => !made.has(i));
    if (missing) {
      path.push(missing);
      continue;
    }
    if (!made.has(node)) made.set(node, make(node));
    path.pop();
  }
}

/** A node like another one, on other operands in another graph. */
export function copyNode(graph: Graph, node: Node, inputs: readonly Node[]): Node {
  if (node.kind === 'part') return graph.addKind('part', inputs, node.attrs, node);
  if (node.kind !== 'loop') return graph.add(node.descriptor as NamedOp, inputs, node.attrs, node);
  const body = node.attrs as Body;
  const own = body.carry.length + body.xs.length;
  return addLoop(
    graph,
    body.moveTo(graph, inputs.slice(own)),
    inputs.slice(0, body.carry.length),
    inputs.slice(body.carry.length, own),
  );
}

/** The spec of one slice of a sequence. */
export const sliceOf = ({ shape, dtype }: TensorSpec): TensorSpec => ({ shape: shape.slice(1), dtype });

const NOTHING: TensorSpec = { shape: [0], dtype: 'float32' };

/** Adds the loop to the graph around its body, which is finished but for further results. */
export function addLoop(graph: Graph, body: Body, init: readonly Node[], xs: readonly Node[]): Node {
  return graph.addKind('loop', [...init, ...xs, ...body.graph.captured.keys()], body, NOTHING);
}

/** One result of a loop. */
export function addPart(loop: Node, index: number): Node {
  return loop.graph.addKind('part', [loop], { index }, (loop.attrs as Body).part(index));
}

/** Which result a 'part' node is. */
export const partIndex = (node: Node): number => (node.attrs as { index: number }).index;

/** Which operand of its loop a part is, if every step returns its slice of a sequence as it is. */
export function operandGiven(part: Node): number | undefined {
  const body = (part.inputs[0] as Node).attrs as Body;
  const y = body.ys[partIndex(part) - body.next.length];
  const index = y ? body.xs.indexOf(y) : -1;
  return index < 0 ? undefined : body.carry.length + index;
}
