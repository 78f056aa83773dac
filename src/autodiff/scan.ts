/**
 * The gradient of a loop is a loop that runs the other way. What its steps need of the forward steps, those keep as
 * further results; products of per-step values that would be summed step by step become one product of the stacked
 * values after the loop.
 */
import { add } from '../ops/arithmetic';
import { zeros } from '../ops/creation';
import { addPart, addScan, Body, copyNode, sliceOf } from '../ops/loop';
import { matMul } from '../ops/products';
import { sum } from '../ops/reduce';
import { reshape, transpose } from '../ops/shaping';
import { descriptorOf } from '../ops/table';
import { type Graph, type Node, withGraph } from '../tensor/graph';
import { Tensor } from '../tensor/tensor';

const tensorOf = (node: Node): Tensor => new Tensor(node, node);
const isFloat = (node: Node): boolean => node.dtype === 'float32';

export type Pullback = (
  graph: Graph,
  roots: readonly (readonly [Node, Tensor])[],
  targets: readonly Node[],
) => (Tensor | undefined)[];

/**
 * Gradients of a loop's operands.
 * @param gs gradients of its parts, where there are any
 * @param isWanted whether an operand's gradient is needed
 */
export function scanGradients(
  scan: Node,
  gs: readonly (Tensor | undefined)[],
  isWanted: (operand: Node) => boolean,
  pullback: Pullback,
): (Tensor | undefined)[] {
  const outer = scan.graph;
  const body = scan.attrs as Body;
  const { graph, carry, xs, next } = body;
  const forward = graph.nodes.length;
  const inputs = [...carry, ...xs, ...body.captured];

  // Inside a step: from the gradients of what it gives to those of what it takes.
  const gNext = next.map((n) => (isFloat(n) ? graph.input(n) : undefined));
  const gYs = body.ys.map((y, j) =>
    gs[next.length + j] ? graph.input({ shape: y.shape, dtype: 'float32' }) : undefined,
  );
  const roots = [...next, ...body.ys].flatMap((node, i) => {
    const g = [...gNext, ...gYs][i];
    return g ? [[node, tensorOf(g)] as const] : [];
  });
  const wanted = inputs.map((n, i) => (i < carry.length ? isFloat(n) : isWanted(scan.inputs[i] as Node)));
  const targets = inputs.filter((_, i) => wanted[i]);
  const found = pullback(graph, roots, targets);
  const partial = new Map(targets.map((n, i) => [n, found[i]?.node(graph, 'scan')]));

  const back = new Body(
    outer,
    gNext.flatMap((g) => (g ? [g] : [])),
    [],
    body.length,
    !body.reverse,
  );
  const copies = new Copier(outer, scan, body, back, forward);
  let c = 0;
  for (const g of gNext) if (g) copies.put(g, back.carry[c++] as Node);
  gYs.forEach((g, j) => {
    if (g) copies.put(g, copies.sequence((gs[next.length + j] as Tensor).node(outer, 'scan')));
  });

  const zero = (node: Node): Node => withGraph(back.graph, () => zeros(node.shape).node(back.graph, 'scan'));
  const into = (node: Node, i: number): Node => {
    const p = partial.get(node);
    return p ? copies.copy(p) : zero(carry[i] as Node);
  };
  const nextOfBack = carry.flatMap((node, i) => (isFloat(node) ? [into(node, i)] : []));

  // What happens after the loop, once it stands in the outer graph: results by their number, and sums over time.
  const sinks: ((part: (y: number) => Tensor, final: (k: number) => Tensor) => Tensor)[] = [];
  const results = inputs.map((node, i): number | undefined => {
    const p = wanted[i] && i >= carry.length ? partial.get(node) : undefined;
    if (!p) return undefined;
    if (i < carry.length + xs.length) {
      const y = back.ys.push(copies.copy(p)) - 1;
      return sinks.push((part) => part(y)) - 1;
    }
    return sinks.push(copies.total(p, nextOfBack)) - 1;
  });
  back.next = nextOfBack;

  const init = [
    ...gNext.flatMap((g, i) => (g ? [gs[i]?.node(outer, 'scan') ?? zerosIn(outer, g)] : [])),
    ...nextOfBack.slice(gNext.filter((g) => g).length).map((n) => zerosIn(outer, n)),
  ];
  const node = addScan(outer, back, init, copies.sequences);
  const part = (y: number): Tensor => tensorOf(addPart(node, back.next.length + y));
  const final = (k: number): Tensor => tensorOf(addPart(node, k));
  // Each float that is carried has its gradient carried back.
  const carried = carry.map((_, i) => carry.slice(0, i).filter(isFloat).length);
  return withGraph(outer, () =>
    inputs.map((_, i) => {
      if (!wanted[i] || !isWanted(scan.inputs[i] as Node)) return undefined;
      if (i < carry.length) return final(carried[i] as number);
      const at = results[i];
      return at === undefined ? undefined : (sinks[at] as Sum)(part, final);
    }),
  );
}

const zerosIn = (graph: Graph, like: Node): Node => withGraph(graph, () => zeros(like.shape).node(graph, 'scan'));

/** Copies nodes of a forward step into a backward step. */
class Copier {
  readonly sequences: Node[] = [];
  readonly #done = new Map<Node, Node>();
  readonly #bySequence = new Map<Node, Node>();

  constructor(
    readonly outer: Graph,
    readonly scan: Node,
    readonly body: Body,
    readonly back: Body,
    /** Nodes from this number on were made by the gradient. */
    readonly forward: number,
  ) {}

  put(from: Node, to: Node): void {
    this.#done.set(from, to);
  }

  /** The backward step's slice of a sequence of the outer graph. */
  sequence(outer: Node): Node {
    const known = this.#bySequence.get(outer);
    if (known) return known;
    this.sequences.push(outer);
    const slice = this.back.graph.input(sliceOf(outer));
    (this.back.xs as Node[]).push(slice);
    this.#bySequence.set(outer, slice);
    return slice;
  }

  copy(node: Node): Node {
    const known = this.#done.get(node);
    if (known) return known;
    const made = this.#make(node);
    this.#done.set(node, made);
    return made;
  }

  #make(node: Node): Node {
    const { body, scan } = this;
    const x = body.xs.indexOf(node);
    if (x >= 0) return this.sequence(scan.inputs[body.carry.length + x] as Node);
    const captured = body.captured.indexOf(node);
    if (captured >= 0)
      return this.back.graph.capture(scan.inputs[body.carry.length + body.xs.length + captured] as Node);
    // What a loop inside the forward step keeps for its own gradient is a value of the forward step as well.
    const origin = node.kind === 'part' ? (node.inputs[0] as Node) : node;
    const isCheap = node.kind === 'op' && (node.inputs.length === 0 || isMove(node));
    if (origin.id >= this.forward || isCheap) {
      const inputs = node.inputs.map((i) => this.copy(i));
      return copyNode(this.back.graph, node, inputs);
    }
    // A value of the forward step: it is kept for every step.
    let y = body.ys.indexOf(node);
    if (y < 0) y = body.ys.push(node) - 1;
    return this.sequence(addPart(scan, body.next.length + y));
  }

  /** The sum over all steps of a per-step value, after the loop; sums that are no product are carried along. */
  total(p: Node, carried: Node[]): (part: (y: number) => Tensor, final: (k: number) => Tensor) => Tensor {
    const { back } = this;
    const keep = (node: Node): number => {
      const copy = this.copy(node);
      const known = back.ys.indexOf(copy);
      return known >= 0 ? known : back.ys.push(copy) - 1;
    };
    const isMade = p.kind === 'op' && p.id >= this.forward;
    if (isMade && p.op === 'add' && p.inputs.every((i) => String(i.shape) === String(p.shape))) {
      const [a, b] = p.inputs.map((i) => this.total(i, carried));
      return (part, final) => add((a as Sum)(part, final), (b as Sum)(part, final));
    }
    if (isMade && p.op === 'reshape') {
      const inner = this.total(p.inputs[0] as Node, carried);
      return (part, final) => reshape(inner(part, final), p.shape);
    }
    if (isMade && p.op === 'transpose') {
      const inner = this.total(p.inputs[0] as Node, carried);
      const { perm } = p.attrs as { perm: readonly number[] };
      return (part, final) => transpose(inner(part, final), perm);
    }
    if (isMade && p.op === 'sum') {
      const y = keep(p.inputs[0] as Node);
      const { axes, keepDims } = p.attrs as { axes: readonly number[]; keepDims: boolean };
      return (part) => {
        const all = sum(part(y), [0, ...axes.map((a) => a + 1)]);
        return keepDims ? reshape(all, p.shape) : all;
      };
    }
    const { transposeA, transposeB } = (p.attrs ?? {}) as { transposeA?: boolean; transposeB?: boolean };
    if (isMade && p.op === 'matMul' && transposeA && !transposeB && p.inputs.every((i) => i.shape.length === 2)) {
      const [a, b] = p.inputs.map(keep) as [number, number];
      const flat = (t: Tensor): Tensor => reshape(t, [-1, t.shape[2] as number]);
      return (part) => matMul(flat(part(a)), flat(part(b)), true, false);
    }
    const sumSoFar = back.graph.input(p);
    (back.carry as Node[]).push(sumSoFar);
    const k = carried.length;
    const copy = this.copy(p);
    carried.push(withGraph(back.graph, () => add(tensorOf(sumSoFar), tensorOf(copy)).node(back.graph, 'scan')));
    return (_, final) => final(k);
  }
}

type Sum = ReturnType<Copier['total']>;

/** Ops that only look differently at a value, or repeat it: cheaper to do again than to keep their result. */
const isMove = (node: Node): boolean => node.op === 'broadcastTo' || descriptorOf(node.op).view !== undefined;
