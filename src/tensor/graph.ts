/** What tracing records: a graph of ops, each node one value. */
import { StateError } from '../support/errors';
import type { ProgramDraws } from './draws';
import type { DType } from './dtype';
import { type Shape, sameShape, sizeOf } from './shape';
import { releaseWith, type Storage } from './storage';

export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Where a value outside the graph is. */
export interface Location {
  readonly storage: Storage;
  /** Bytes from the storage's start. */
  readonly offset: number;
}

/**
 * 'constant': the value in memory at the start or, with an effect as its operand, after that. 'effect': changes memory
 * that outlives the graph, in order. 'loop': a loop, whose results are its 'part' nodes. The value of a node never
 * changes: where its memory is overwritten, the planner keeps a copy for later reads (plan/passes/effects.ts).
 */
export type NodeKind = 'op' | 'input' | 'constant' | 'effect' | 'loop' | 'part';

/** Returns the node to use where a variable's value, in a node, is read. */
export type ReadFrame = (variable: object, value: Node) => Node;

/** What a node knows of its op: the rest is described in `ops/core/descriptor.ts`. */
export interface NamedOp {
  readonly name: string;
}

export class Node implements TensorSpec {
  constructor(
    readonly graph: Graph,
    /** Position in the order of creation, which is a topological order. */
    readonly id: number,
    readonly kind: NodeKind,
    readonly op: string,
    readonly inputs: readonly Node[],
    readonly attrs: unknown,
    readonly shape: Shape,
    readonly dtype: DType,
    /** Set where the kind is 'op'. */
    readonly descriptor?: NamedOp,
  ) {}
}

/** The loop whose body a graph is. */
export interface LoopPosition {
  readonly length: number;
  /** The number of the iteration, an int32 scalar. */
  readonly iteration: () => Node;
}

/** The state of a trace whose program runs as soon as the function has ended: the values of its inputs exist already. */
export interface Present {
  /** Where the value of a node is; computed now unless it is known. @throws what computing it throws */
  valueOf(node: Node): Location;
  /** A place in memory that holds a number for the duration of the trace. */
  scalar(value: number, dtype: DType): Location;
  /** A tensor of the trace that is to live on when the function has ended. */
  keep(tensor: object): void;
}

/** What the planner does about effects. It comes with them: programs without any do not need it. */
export interface EffectPasses {
  /** Whoever reads what memory held before an effect gets a copy. @param results what is read after all effects */
  keepOld(
    nodes: readonly Node[],
    results: readonly Node[],
  ): { readonly graph: Graph; readonly of: ReadonlyMap<Node, Node> };
  /**
   * All effects of a trace so far happen now, in their order, and never again.
   * @param known tensors with the values of nodes
   * @param inputs those that belong to the caller
   */
  happen(graph: Graph, known: Map<Node, object>, inputs: ReadonlyMap<Node, object>): void;
}

export class Graph {
  readonly nodes: Node[] = [];
  readonly #constants = new Map<number, Node>();
  readonly #assigned = new Map<number, readonly [Location, Node]>();
  readonly #retained: Storage[] = [];
  readonly #frames: ReadFrame[] = [];
  /** Nodes that change memory, in their order. */
  readonly effects: Node[] = [];
  /** Set where there are some. */
  passes: EffectPasses | undefined;

  /** Nodes of the parent that this graph reads, each with the input that represents it. */
  readonly captured = new Map<Node, Node>();

  /** Variables of which the trace has asked whether they are trained, with the answer. */
  readonly trainable: Map<{ readonly trainable: boolean }, boolean> | undefined;

  /** Set for the body of a loop. */
  loop: LoopPosition | undefined;

  /** Set while values may be read; undefined for functions that are compiled for later runs. */
  present: Present | undefined;

  /** The function has returned: tensors of the trace that were not kept are disposed of. */
  isOver = false;

  /**
   * @param parent for the body of a loop: the graph around it, whose values the body may read
   * @param isOnce whether its program runs but once; others count their steps
   * @param draws what random numbers come from if the program runs again and again
   */
  constructor(
    readonly parent?: Graph,
    readonly isOnce: boolean = parent?.isOnce ?? false,
    readonly draws: ProgramDraws | undefined = parent?.draws,
  ) {
    if (!isOnce) this.trainable = parent?.trainable ?? new Map();
    // Storage of functions that run immediately is released immediately.
    if (!isOnce) releaseWith(this, this.#retained);
  }

  add(op: NamedOp, inputs: readonly Node[], attrs: unknown, spec: TensorSpec): Node {
    return this.#push('op', op.name, inputs, attrs, spec, op);
  }

  input(spec: TensorSpec): Node {
    return this.#push('input', 'input', [], undefined, spec);
  }

  /** Another kind of node; see `NodeKind`. */
  addKind(kind: 'loop' | 'part', inputs: readonly Node[], attrs: unknown, spec: TensorSpec): Node {
    return this.#push(kind, kind, inputs, attrs, spec);
  }

  /** The input that represents a node of the parent. */
  capture(outer: Node): Node {
    const known = this.captured.get(outer);
    if (known) return known;
    const inner = this.input(outer);
    this.captured.set(outer, inner);
    return inner;
  }

  /** The node of a tensor that exists already, one for each address and shape. The graph keeps its storage alive. */
  constant(location: Location, spec: TensorSpec): Node {
    if (this.parent) return this.capture(this.parent.constant(location, spec));
    const address = location.storage.address + location.offset;
    // Without elements it may share its address with its neighbour.
    const assigned = sizeOf(spec.shape) ? this.#assigned.get(address)?.[1] : undefined;
    if (assigned) return assigned;
    const known = this.#constants.get(address);
    if (known && known.dtype === spec.dtype && sameShape(known.shape, spec.shape)) return known;
    this.retain(location.storage);
    const node = this.#push('constant', 'constant', [], location, spec);
    this.#constants.set(address, node);
    return node;
  }

  /** A node of the same constant as in another graph, which keeps the storage alive. */
  sameConstant(node: Node, inputs: readonly Node[]): Node {
    return this.#push('constant', 'constant', inputs, node.attrs, node);
  }

  /** The value at a location after an effect. */
  after(effect: Node, location: Location, spec: TensorSpec): Node {
    this.retain(location.storage);
    return this.#push('constant', 'constant', [effect], location, spec);
  }

  /**
   * A node that changes memory. `attrs` define how (see `Effect` in program/ir.ts); all later nodes see the change.
   */
  effect(name: string, inputs: readonly Node[], attrs: unknown, spec: TensorSpec, passes: EffectPasses): Node {
    this.#refuse(name);
    this.passes = passes;
    const node = this.#push('effect', name, inputs, attrs, spec);
    this.effects.push(node);
    return node;
  }

  /** Keeps a storage alive as long as the graph. */
  retain(storage: Storage): void {
    this.#retained.push(storage.retain());
  }

  /**
   * Runs `fn` while reads of variables go through `frame`, which may put another node in the place of the one that
   * holds the variable's value.
   */
  within<T>(frame: ReadFrame, fn: () => T): T {
    this.#frames.push(frame);
    try {
      return fn();
    } finally {
      this.#frames.pop();
    }
  }

  /** What a read of a variable returns. */
  read(variable: object, value: Node): Node {
    return this.#frames.reduce((node, frame) => frame(variable, node), value);
  }

  /** Records that a variable is assigned a value: later reads in this trace see it. */
  assign(location: Location, node: Node): void {
    this.#refuse('assign');
    if (sizeOf(node.shape)) this.#assigned.set(location.storage.address + location.offset, [location, node]);
  }

  /** The value that a variable is assigned in this trace, if any. */
  assignedTo(location: Location): Node | undefined {
    return this.#assigned.get(location.storage.address + location.offset)?.[1];
  }

  /** The variables that change, with their last value. */
  get assignments(): (readonly [Location, Node])[] {
    return [...this.#assigned.values()];
  }

  /** Lets go of the constants' storage. */
  release(): void {
    for (const storage of this.#retained.splice(0)) storage.release();
  }

  /** @throws StateError in the body of a loop, which has no effects */
  #refuse(what: string): void {
    if (this.parent)
      throw new StateError(
        `${what}: variables cannot change inside a step of a loop; return the value and assign it after`,
      );
  }

  #push(
    kind: NodeKind,
    op: string,
    inputs: readonly Node[],
    attrs: unknown,
    spec: TensorSpec,
    descriptor?: NamedOp,
  ): Node {
    const node = new Node(this, this.nodes.length, kind, op, inputs, attrs, spec.shape, spec.dtype, descriptor);
    this.nodes.push(node);
    return node;
  }
}

/** The graph around all loops that a graph is the body of. */
export function rootOf(graph: Graph): Graph {
  let root = graph;
  while (root.parent) root = root.parent;
  return root;
}

/** The trace that is being recorded, if any: ops without traced operands (random numbers) have to know. */
let current: Graph | undefined;

export const currentGraph = (): Graph | undefined => current;

/** Runs `fn` while `graph` is the trace being recorded. */
export function withGraph<T>(graph: Graph | undefined, fn: () => T): T {
  const before = current;
  current = graph;
  try {
    return fn();
  } finally {
    current = before;
  }
}

/** Hands a new graph to `fn`, which passes it on; if it throws instead, the graph's constants are released. */
export function withNewGraph<T>(fn: (graph: Graph) => T, isOnce = false, draws?: ProgramDraws): T {
  const graph = new Graph(undefined, isOnce, draws);
  return orReleased(graph, () => fn(graph));
}

/** Runs fn; if it fails, the graph is released. */
export function orReleased<T>(graph: Graph, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    graph.release();
    throw error;
  }
}
