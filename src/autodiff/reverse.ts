/** Reverse-mode differentiation: graph in, graph out. */
import { add } from '../ops/arithmetic';
import { onesLike, zerosLike } from '../ops/creation';
import type { OpName } from '../ops/table';
import { StateError } from '../runtime/errors';
import { type Graph, type Node, withGraph } from '../tensor/graph';
import { Tensor } from '../tensor/tensor';
import type { Rule } from './rule';
import { rules } from './rules';

const tensorOf = (node: Node): Tensor => new Tensor(node, node);

/**
 * Gradients of y with respect to xs, as new nodes of the same graph.
 *
 * @param y a traced tensor; if it is not a scalar, the gradient is that of its weighted sum.
 * @param xs traced tensors. Where y does not depend on one, its gradient is zero.
 * @param dy weights of y's elements; ones by default.
 */
export function gradients(graph: Graph, y: Tensor, xs: readonly Tensor[], dy?: Tensor): Tensor[] {
  return withGraph(graph, () => partials(graph, y, xs, dy).map((g, i) => g ?? zerosLike(xs[i] as Tensor)));
}

/** As `gradients`; undefined where y does not depend on one of xs. */
export function partials(graph: Graph, y: Tensor, xs: readonly Tensor[], dy?: Tensor): (Tensor | undefined)[] {
  return withGraph(graph, () => {
    const root = y.node(graph, 'gradients');
    const targets = xs.map((x) => x.node(graph, 'gradients'));
    const wanted = dependents(graph, targets, root);
    const sums = new Map<Node, Tensor>();
    if (wanted.has(root)) sums.set(root, dy ?? onesLike(y));
    for (let id = root.id; id >= 0; id--) {
      const node = graph.nodes[id] as Node;
      const g = sums.get(node);
      if (!g) continue;
      if (node.kind === 'effect' && node.inputs.some((i) => wanted.has(i)))
        throw new StateError(`gradients: none flow through ${node.op}, which changes a variable in place`);
      if (node.kind !== 'op') continue;
      const rule = rules[node.op as OpName] as Rule<unknown>;
      const parts = rule(g, node.inputs.map(tensorOf), tensorOf(node), node.attrs);
      parts.forEach((part, i) => {
        const input = node.inputs[i] as Node;
        if (!part || !wanted.has(input)) return;
        const before = sums.get(input);
        sums.set(input, before ? add(before, part()) : part());
      });
    }
    return targets.map((t) => sums.get(t));
  });
}

/** Nodes up to the root through which a target is reached. */
function dependents(graph: Graph, targets: readonly Node[], root: Node): Set<Node> {
  const found = new Set<Node>(targets);
  for (const node of graph.nodes) {
    if (node.id > root.id) break;
    if (node.inputs.some((i) => found.has(i))) found.add(node);
  }
  return found;
}
