/** Reverse-mode differentiation: graph in, graph out. */
import { cast } from '../ops/core/cast';
import { partIndex } from '../ops/core/loop';
import type { OpName } from '../ops/core/table';
import { ones, zeros } from '../ops/create/creation';
import { StateError } from '../support/errors';
import { type Graph, type Node, withGraph } from '../tensor/graph';
import { type Tensor, tensorOf } from '../tensor/tensor';
import { loopGradients } from './loop';
import type { Rule } from './rule';
import { rules } from './rules';
import { total } from './total';

const NONE: ReadonlySet<Node> = new Set();

/**
 * How a value depends on another one: `flows`: with a gradient; `flat`: only through ops that are constant almost
 * everywhere, or through `stopGradient`, so that the gradient is zero; `none`: not at all.
 */
export type Path = 'flows' | 'flat' | 'none';

/**
 * Gradients of y with respect to xs, as new nodes of the same graph: float32, also where x is int32 or bool.
 *
 * @param y a traced tensor; if it is not a scalar, the gradient is that of its weighted sum.
 * @param xs traced tensors. Where y does not depend on one, its gradient is zero.
 * @param dy weights of y's elements; ones by default.
 */
export function gradients(graph: Graph, y: Tensor, xs: readonly Tensor[], dy?: Tensor): Tensor[] {
  const root = y.node(graph, 'gradients');
  const targets = xs.map((x) => x.node(graph, 'gradients'));
  return withGraph(graph, () =>
    pullback(graph, [weighted(root, dy)], targets).map((g, i) => g ?? zeros((xs[i] as Tensor).shape)),
  );
}

/** A node with respect to which gradients are taken. */
export interface Targets {
  /** Of several nodes that represent one value the gradient is the sum. */
  readonly groups: readonly (readonly Node[])[];
  /** Nodes through which no gradient flows. */
  readonly leaves?: ReadonlySet<Node>;
}

/** As `gradients`; undefined where y does not depend on a target. With how it depends on each. */
export function gradientsOf(
  graph: Graph,
  y: Node,
  { groups, leaves = NONE }: Targets,
  dy?: Tensor,
): { found: (Tensor | undefined)[]; paths: Path[] } {
  return withGraph(graph, () => {
    const all = pullback(graph, [weighted(y, dy)], groups.flat(), leaves);
    const paths: Path[] = [];
    let at = 0;
    const found = groups.map((group) => {
      const parts = all.slice(at, at + group.length).filter((g) => g !== undefined);
      at += group.length;
      const isFlat = parts.length === 0 && dependents(graph, group, leaves, y.id).has(y);
      paths.push(parts.length ? 'flows' : isFlat ? 'flat' : 'none');
      if (isFlat) return zeros((group[0] as Node).shape);
      return parts.length ? total(parts, graph) : undefined;
    });
    return { found, paths };
  });
}

/** How y depends on any of the targets. No gradient is made. */
export function pathTo(graph: Graph, y: Node, { groups, leaves = NONE }: Targets): Path {
  const targets = new Set(groups.flat());
  const wanted = dependents(graph, [...targets], leaves, y.id);
  if (!wanted.has(y)) return 'none';
  const reached = new Set([y]);
  for (let id = y.id; id >= 0; id--) {
    const node = graph.nodes[id] as Node;
    if (!reached.has(node)) continue;
    if (targets.has(node)) return 'flows';
    if (leaves.has(node)) continue;
    const passes = gradientsThrough(graph, node);
    node.inputs.forEach((input, i) => {
      if (passes[i] && wanted.has(input)) reached.add(input);
    });
  }
  return 'flat';
}

/** Through which operands of a node gradients flow. */
function gradientsThrough(graph: Graph, node: Node): boolean[] {
  if (node.kind !== 'op') return node.inputs.map(() => true);
  const rule = rules[node.op as OpName] as Rule<unknown>;
  // A rule reports that before it computes any of them.
  const y = tensorOf(node);
  return withGraph(graph, () => rule(y, node.inputs.map(tensorOf), y, node.attrs)).map((part) => part !== null);
}

const weighted = (y: Node, dy: Tensor | undefined): readonly [Node, Tensor] => [
  y,
  dy ? cast(dy, 'float32') : ones(y.shape),
];

/**
 * Gradients of the sum of all roots, each weighted, with respect to targets; undefined for targets without one.
 * @param leaves nodes through which none flows
 */
export function pullback(
  graph: Graph,
  roots: readonly (readonly [Node, Tensor])[],
  targets: readonly Node[],
  leaves: ReadonlySet<Node> = NONE,
): (Tensor | undefined)[] {
  return withGraph(graph, () => {
    const last = roots.reduce((latest, [n]) => Math.max(latest, n.id), -1);
    const wanted = dependents(graph, targets, leaves, last);
    const flows = new Map<Node, Tensor[]>();
    /** What flows back to each part of a loop; several nodes may represent one part. */
    const parts = new Map<Node, Tensor[][]>();
    const flow = (node: Node, g: Tensor): void => {
      const list = flows.get(node);
      if (list) list.push(g);
      else flows.set(node, [g]);
    };
    for (const [node, g] of roots) if (wanted.has(node)) flow(node, g);
    const first = firstOf(targets, last);
    for (let id = last; id >= first; id--) {
      const node = graph.nodes[id] as Node;
      if (node.kind === 'loop') {
        const gs = parts.get(node)?.map((list) => list && total(list, graph));
        if (!gs) continue;
        loopGradients(node, gs, (input) => wanted.has(input), pullback).forEach((g, i) => {
          if (g) flow(node.inputs[i] as Node, g);
        });
        continue;
      }
      const list = flows.get(node);
      if (!list) continue;
      const changed = node.kind === 'constant' ? node.inputs[0] : node;
      if (changed?.kind === 'effect' && node.inputs.some((i) => wanted.has(i)))
        throw new StateError(`gradients: none flow through ${changed.op}, which changes a variable in place`);
      const g = total(list, graph);
      flows.set(node, [g]);
      if (leaves.has(node)) continue;
      if (node.kind === 'part') {
        const loop = node.inputs[0] as Node;
        const all = parts.get(loop) ?? [];
        parts.set(loop, all);
        all[partIndex(node)] = [...(all[partIndex(node)] ?? []), g];
        continue;
      }
      if (node.kind !== 'op') continue;
      const rule = rules[node.op as OpName] as Rule<unknown>;
      const made = rule(g, node.inputs.map(tensorOf), tensorOf(node), node.attrs);
      made.forEach((part, i) => {
        const input = node.inputs[i] as Node;
        if (part && wanted.has(input)) flow(input, cast(part(), 'float32'));
      });
    }
    return targets.map((t) => flows.get(t)?.[0]);
  });
}

/** Nodes up to the last root through which a target is reached. */
function dependents(
  graph: Graph,
  targets: readonly Node[],
  leaves: ReadonlySet<Node>,
  last: number,
): ReadonlySet<Node> {
  const found = new Set<Node>(targets);
  for (let id = firstOf(targets, last); id <= last; id++) {
    const node = graph.nodes[id] as Node;
    if (!leaves.has(node) && node.inputs.some((i) => found.has(i))) found.add(node);
  }
  return found;
}

/** The first of the targets: nothing before it depends on any. */
const firstOf = (targets: readonly Node[], last: number): number =>
  targets.reduce((first, { id }) => Math.min(first, id), last + 1);
