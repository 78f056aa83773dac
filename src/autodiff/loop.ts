/**
 * The gradient of a loop is a loop that runs the other way. What its steps need of the forward steps, those keep as
 * further results; products of per-step values that would be summed step by step become one product of the stacked
 * values after the loop.
 */

import { descriptorOf } from '../ops/core/descriptor';
import { addLoop, addPart, Body, copyNode, sliceOf, visitOperandsFirst } from '../ops/core/loop';
import { zeros } from '../ops/create/creation';
import { matMul } from '../ops/linear/products';
import { add } from '../ops/math/arithmetic';
import { sum } from '../ops/math/reduce';
import { reshape, transpose } from '../ops/shape/shaping';
import { type Graph, type Node, withGraph } from '../tensor/graph';
import { sameShape } from '../tensor/shape';
import { type Tensor, tensorOf } from '../tensor/tensor';

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
export function loopGradients(
  loop: Node,
  gs: readonly (Tensor | undefined)[],
  isWanted: (operand: Node) => boolean,
  pullback: Pullback,
): (Tensor | undefined)[] {
  const outer = loop.graph;
  const body = loop.attrs as Body;
  const { graph, carry, xs, next } = body;
  const forward = graph.nodes.length;
  const inputs = [...carry, ...xs, ...body.captured];

  // Inside a step: from the gradients of its results to those of its inputs.
  const gNext = next.map((n) => (isFloat(n) ? graph.input(n) : undefined));
  const gYs = body.ys.map((y, j) =>
    gs[next.length + j] ? graph.input({ shape: y.shape, dtype: 'float32' }) : undefined,
  );
  const roots = [...next, ...body.ys].flatMap((node, i) => {
    const g = [...gNext, ...gYs][i];
    return g ? [[node, tensorOf(g)] as const] : [];
  });
  const wanted = inputs.map((n, i) => (i < carry.length ? isFloat(n) : isWanted(loop.inputs[i] as Node)));
  const targets = inputs.filter((_, i) => wanted[i]);
  const found = pullback(graph, roots, targets);
  const partial = new Map(targets.map((n, i) => [n, found[i]?.node(graph, 'loop')]));

  const back = new Body(
    outer,
    gNext.flatMap((g) => (g ? [g] : [])),
    [],
    body.length,
    !body.reverse,
    body.lower,
  );
  const copies = new Copier(outer, loop, body, back, forward);
  let c = 0;
  for (const g of gNext) if (g) copies.put(g, back.carry[c++] as Node);
  gYs.forEach((g, j) => {
    if (g) copies.put(g, copies.sequence((gs[next.length + j] as Tensor).node(outer, 'loop')));
  });

  const zero = (node: Node): Node => withGraph(back.graph, () => zeros(node.shape).node(back.graph, 'loop'));
  const into = (node: Node, i: number): Node => {
    const p = partial.get(node);
    return p ? copies.copy(p) : zero(carry[i] as Node);
  };
  const nextOfBack = carry.flatMap((node, i) => (isFloat(node) ? [into(node, i)] : []));

  // What happens after the loop, once it is in the outer graph: results by their number, and sums over time.
  const sinks: ((part: (y: number) => Tensor, final: (k: number) => Tensor) => Tensor)[] = [];
  const results = inputs.map((node, i): number | undefined => {
    const p = wanted[i] && i >= carry.length ? partial.get(node) : undefined;
    if (!p) return undefined;
    if (i < carry.length + xs.length) {
      const y = copies.result(p);
      return sinks.push((part) => part(y)) - 1;
    }
    return sinks.push(copies.total(p, nextOfBack)) - 1;
  });
  back.next = nextOfBack;

  const init = [
    ...gNext.flatMap((g, i) => (g ? [gs[i]?.node(outer, 'loop') ?? zerosIn(outer, g)] : [])),
    ...nextOfBack.slice(gNext.filter((g) => g).length).map((n) => zerosIn(outer, n)),
  ];
  const node = addLoop(outer, back, init, copies.sequences);
  const part = (y: number): Tensor => tensorOf(addPart(node, back.next.length + y));
  const final = (k: number): Tensor => tensorOf(addPart(node, k));
  // Each float that is carried has its gradient carried back.
  const carried = carry.map((_, i) => carry.slice(0, i).filter(isFloat).length);
  return withGraph(outer, () =>
    inputs.map((_, i) => {
      if (!wanted[i] || !isWanted(loop.inputs[i] as Node)) return undefined;
      if (i < carry.length) return final(carried[i] as number);
      const at = results[i];
      return at === undefined ? undefined : (sinks[at] as Sum)(part, final);
    }),
  );
}

const zerosIn = (graph: Graph, like: Node): Node => withGraph(graph, () => zeros(like.shape).node(graph, 'loop'));

/** Copies nodes of a forward step into a backward step. */
class Copier {
  readonly sequences: Node[] = [];
  readonly #done = new Map<Node, Node>();
  /** Which operand of the loop an input of the body represents. */
  readonly #operands = new Map<Node, number>();
  /** Results of the backward step, by their place. */
  readonly #results = new Map<Node, number>();
  /** Results of the body, by their place. */
  readonly #kept = new Map<Node, number>();
  readonly #bySequence = new Map<Node, Node>();

  constructor(
    readonly outer: Graph,
    readonly loop: Node,
    readonly body: Body,
    readonly back: Body,
    /** Nodes from this number on were made by the gradient. */
    readonly forward: number,
  ) {
    // Carried values are values of the step like any other.
    [...body.xs, ...body.captured].forEach((node, i) => {
      this.#operands.set(node, body.carry.length + i);
    });
    body.ys.forEach((node, i) => {
      if (!this.#kept.has(node)) this.#kept.set(node, i);
    });
  }

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

  copy(root: Node): Node {
    visitOperandsFirst(
      root,
      this.#done,
      (node) => (this.#isCopied(node) ? node.inputs : []),
      (node) => this.#make(node),
    );
    return this.#done.get(root) as Node;
  }

  /** Whether the backward step computes a node itself. */
  #isCopied(node: Node): boolean {
    if (this.#operands.has(node)) return false;
    // What a loop inside the forward step keeps for its own gradient is a value of the forward step as well.
    const origin = node.kind === 'part' ? (node.inputs[0] as Node) : node;
    const isCheap = node.kind === 'op' && (node.inputs.length === 0 || isMove(node));
    return origin.id >= this.forward || isCheap;
  }

  #make(node: Node): Node {
    const { body, loop } = this;
    const operand = this.#operands.get(node);
    if (operand !== undefined) {
      const outer = loop.inputs[operand] as Node;
      return operand < body.carry.length + body.xs.length ? this.sequence(outer) : this.back.graph.capture(outer);
    }
    if (this.#isCopied(node)) {
      const inputs = node.inputs.map((i) => this.#done.get(i) as Node);
      return copyNode(this.back.graph, node, inputs);
    }
    // A value of the forward step: it is kept for every step.
    const y = this.#kept.get(node) ?? body.ys.push(node) - 1;
    this.#kept.set(node, y);
    return this.sequence(addPart(loop, body.next.length + y));
  }

  /** Which result of the backward step a value is, from now on. */
  result(node: Node): number {
    const copy = this.copy(node);
    const known = this.#results.get(copy);
    if (known !== undefined) return known;
    const y = this.back.ys.push(copy) - 1;
    this.#results.set(copy, y);
    return y;
  }

  #isSum(p: Node): boolean {
    const isAdd = p.kind === 'op' && p.op === 'add' && p.id >= this.forward;
    return isAdd && p.inputs.every((i) => sameShape(i.shape, p.shape));
  }

  /** The sum over all steps of a per-step value, after the loop; sums that are not products are carried along. */
  total(p: Node, carried: Node[]): (part: (y: number) => Tensor, final: (k: number) => Tensor) => Tensor {
    const { back } = this;
    const keep = (node: Node): number => this.result(node);
    const isMade = p.kind === 'op' && p.id >= this.forward;
    if (this.#isSum(p)) {
      // Sums of many are long on their left.
      const rights: Node[] = [];
      let left = p;
      for (; this.#isSum(left); left = left.inputs[0] as Node) rights.push(left.inputs[1] as Node);
      const [first, ...others] = [left, ...rights.reverse()].map((i) => this.total(i, carried)) as [Sum, ...Sum[]];
      return (part, final) => others.reduce((sum, other) => add(sum, other(part, final)), first(part, final));
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
    carried.push(withGraph(back.graph, () => add(tensorOf(sumSoFar), tensorOf(copy)).node(back.graph, 'loop')));
    return (_, final) => final(k);
  }
}

type Sum = ReturnType<Copier['total']>;

/** Ops that only look differently at a value, or repeat it: cheaper to do again than to keep their result. */
const isMove = (node: Node): boolean => node.op === 'broadcastTo' || descriptorOf(node).view !== undefined;
