/** Graph passes: unreachable nodes, equal nodes, and ops that become part of a product. */
import { Join, Un } from '../../../assembly/isa';
import { operandGiven } from '../../ops/core/loop';
import type { Epilogue } from '../../ops/descriptors/matmul';
import { reshape } from '../../ops/descriptors/movement';
import { type EffectPasses, Graph, type Location, type NamedOp, type Node } from '../../tensor/graph';
import { type Shape, sameShape } from '../../tensor/shape';
import { isAnyBetween } from './ascending';

/** Nodes from which the roots are computed, in topological order; not those that only lead to an end. */
export function reachable(roots: Iterable<Node>, isEnd: (node: Node) => boolean = () => false): Node[] {
  const seen = new Set<Node>();
  const pending = [...roots];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (isEnd(node)) continue;
    for (const input of node.inputs) pending.push(input);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** A new graph with what each old node has become. */
export interface Rewritten {
  readonly graph: Graph;
  readonly of: ReadonlyMap<Node, Node>;
}

/** Rebuilds the nodes one by one; `rule` may put another node in a node's place. */
function rewrite(nodes: readonly Node[], rule: (graph: Graph, node: Node, inputs: readonly Node[]) => Node): Rewritten {
  const graph = new Graph();
  const of = new Map<Node, Node>();
  for (const node of nodes) {
    const inputs = node.inputs.map((i) => of.get(i) as Node);
    of.set(node, rule(graph, node, inputs));
  }
  return { graph, of };
}

/** The same node in another graph. */
export const same = (graph: Graph, node: Node, inputs: readonly Node[]): Node => {
  if (node.kind === 'input') return graph.input(node);
  if (node.kind === 'constant') return graph.sameConstant(node, inputs);
  if (node.kind === 'effect') return graph.effect(node.op, inputs, node.attrs, node, node.graph.passes as EffectPasses);
  if (node.kind === 'loop' || node.kind === 'part') return graph.addKind(node.kind, inputs, node.attrs, node);
  return graph.add(node.descriptor as NamedOp, inputs, node.attrs, node);
};

/** What a program is made from. */
interface Sources {
  readonly graph: Graph;
  readonly inputs: readonly Node[];
  readonly outputs: readonly Node[];
  readonly assignments: readonly (readonly [Location, Node])[];
}

/** The same nodes, with constants in the place of those whose values are known. */
export function replaceKnown(
  { graph, inputs, outputs, assignments }: Sources,
  known: ReadonlyMap<Node, { location(): Location }>,
): Sources {
  const roots = [...inputs, ...outputs, ...assignments.map(([, n]) => n), ...graph.effects];
  const own = new Graph(undefined, true);
  const of = new Map<Node, Node>();
  const isInput = new Set(inputs);
  // Inputs keep their order.
  for (const n of inputs) of.set(n, own.input(n));
  for (const node of reachable(roots, (n) => known.has(n))) {
    const place = known.get(node)?.location();
    if (place) of.set(node, own.constant(place, node));
    else if (!isInput.has(node))
      of.set(
        node,
        same(
          own,
          node,
          node.inputs.map((i) => of.get(i) as Node),
        ),
      );
  }
  const moved = (n: Node): Node => of.get(n) as Node;
  return {
    graph: own,
    // An input whose value has changed meanwhile is read as a constant.
    inputs: own.nodes.slice(0, inputs.length),
    outputs: outputs.map(moved),
    assignments: assignments.map(([place, n]) => [place, moved(n)] as const),
  };
}

/** JSON has one word for -0 and 0, and for NaN and the infinities. */
const exact = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? Object.is(value, -0)
      ? '-0'
      : String(value)
    : value;

const constantKey = ({ attrs, shape }: Node, inputs: readonly Node[]): string => {
  const { storage, offset } = attrs as Location;
  return `${storage.address + offset}[${shape.join()}]${inputs.map((i) => i.id).join()}`;
};

/**
 * Ops on the same operands with the same attributes become one. Ops are pure: random ones carry their key. A sequence that
 * a loop returns as it is needs no loop.
 */
export function mergeEqual(nodes: readonly Node[]): Rewritten {
  const known = new Map<string, Node>();
  return rewrite(nodes, (graph, node, inputs) => {
    if (node.kind === 'input' || node.kind === 'effect') return same(graph, node, inputs);
    const given = node.kind === 'part' ? operandGiven(node) : undefined;
    if (given !== undefined) return (inputs[0] as Node).inputs[given] as Node;
    const key =
      node.kind === 'constant'
        ? constantKey(node, inputs)
        : `${node.op}(${inputs.map((i) => i.id).join()})${JSON.stringify(node.attrs, exact)}`;
    const before = known.get(key);
    if (before) return before;
    const added = same(graph, node, inputs);
    known.set(key, added);
    return added;
  });
}

/** Activations that a product applies to its own result. */
const ACTIVATION: Readonly<Record<string, Un>> = {
  relu: Un.relu,
  leakyRelu: Un.leakyRelu,
  sigmoid: Un.sigmoid,
  tanh: Un.tanh,
  softplus: Un.softplus,
};

/** What an op is as the activation of one of its operands, which has another activation before. */
interface AsActivation {
  readonly side: number;
  readonly activation: Un;
  readonly alpha: number;
  readonly before: Un;
}

function activationsOf({ op, attrs, dtype }: Node, inputs: readonly Node[]): readonly AsActivation[] {
  const activation = ACTIVATION[op];
  if (activation !== undefined)
    return [{ side: 0, activation, alpha: (attrs as { alpha?: number }).alpha ?? 0, before: Un.identity }];
  if (dtype !== 'float32') return [];
  if (op === 'clipByValue') {
    const { min, max } = attrs as { min: number; max: number };
    const bounded = { side: 0, activation: Un.clip, alpha: max };
    return [
      ...(Object.is(min, 0) ? [{ ...bounded, before: Un.identity }] : []),
      ...(min <= 0 ? [{ ...bounded, before: Un.relu }] : []),
    ];
  }
  if (op !== 'minimum') return [];
  // A ReLU with an upper bound: of numbers, both mean the same. A bound that is NaN makes all results NaN.
  return [0, 1].flatMap((side) => {
    const limit = inputs[1 - side] as Node;
    const value = limit.op === 'fill' ? (limit.attrs as { value: number }).value : Number.NaN;
    return Number.isNaN(value) ? [] : [{ side, activation: Un.clip, alpha: value, before: Un.relu }];
  });
}

const CONVOLUTIONS = new Set(['conv2d', 'depthwiseConv2d']);
const PRODUCTS = new Set([...CONVOLUTIONS, 'matMul', 'int8MatMul', 'int8Conv2d', 'int8DepthwiseConv2d']);
const epilogueOf = (node: Node): Epilogue | undefined => (node.attrs as { epilogue?: Epilogue } | undefined)?.epilogue;

const isRow = (row: Node, product: Node): boolean =>
  row.dtype === 'float32' &&
  row.shape.slice(0, -1).every((d) => d === 1) &&
  row.shape.length <= product.shape.length &&
  row.shape[row.shape.length - 1] === product.shape[product.shape.length - 1];

/** (convolution - row) * row + row, as batch normalization has it, as a convolution that ends with it. */
function withNormal(
  graph: Graph,
  node: Node,
  [scaled, bias]: readonly Node[],
  isInner: (node: Node, later: Node) => boolean,
): Node | undefined {
  if (scaled?.op !== 'mul') return undefined;
  const [centered, factor] = scaled.inputs as [Node, Node];
  if (centered.op !== 'sub') return undefined;
  const [product, center] = centered.inputs as [Node, Node];
  const given = [node.inputs[0] as Node];
  for (const node of given) if (given.length < 3) given.push(node.inputs[0] as Node);
  if (
    !CONVOLUTIONS.has(product.op) ||
    epilogueOf(product) ||
    ![center, factor, bias as Node].every((row) => isRow(row, product)) ||
    !given.every((inner) => isInner(inner, node))
  )
    return undefined;
  const epilogue: Epilogue = { bias: true, isNormal: true, activation: Un.identity, alpha: 0 };
  const inputs = [...product.inputs, bias as Node, center, factor];
  return graph.add(product.descriptor as NamedOp, inputs, { ...(product.attrs as object), epilogue }, node);
}

/**
 * A sum of a product and a matrix of its shape, or the mask of a ReLU on a product, as a product that the matrix joins;
 * reshapes between are done after it.
 */
function withJoined(
  graph: Graph,
  node: Node,
  inputs: readonly Node[],
  isInner: (node: Node, later: Node) => boolean,
): Node | undefined {
  const sides = node.op === 'add' ? [0, 1] : node.op === 'reluGrad' ? [0] : [];
  for (const side of sides) {
    const other = inputs[1 - side] as Node;
    let [given, product] = [node.inputs[side] as Node, inputs[side] as Node];
    if (!sameShape(given.shape, node.shape) || !sameShape(other.shape, node.shape) || other.dtype !== 'float32')
      continue;
    while (given.op === 'reshape' && product.op === 'reshape' && isInner(given, node))
      [given, product] = [given.inputs[0] as Node, product.inputs[0] as Node];
    const { bias = false, activation = Un.identity, join = Join.none } = epilogueOf(product) ?? {};
    if (product.op !== 'matMul' || activation !== Un.identity || join !== Join.none || !isInner(given, node)) continue;
    const epilogue: Epilogue = { bias, activation, alpha: 0, join: node.op === 'add' ? Join.add : Join.reluGrad };
    const joint = graph.add(
      product.descriptor as NamedOp,
      [...product.inputs, shaped(graph, other, product.shape)],
      { ...(product.attrs as object), epilogue },
      product,
    );
    return shaped(graph, joint, node.shape);
  }
  return undefined;
}

const shaped = (graph: Graph, node: Node, shape: Shape): Node =>
  sameShape(node.shape, shape) ? node : graph.add(reshape, [node], { shape }, { shape, dtype: node.dtype });

/**
 * A bias added to a product, the scales of a batch normalization, a matrix that joins it, and the activation after it, move into the product's epilogue if
 * nothing else needs the values between; likewise the mask of a ReLU's gradient moves into the gradient of the pooling after it. The bits
 * do not change: the same operations are done, only earlier.
 * @param kept nodes whose own value is needed too.
 */
export function fuseEpilogues(nodes: readonly Node[], kept: ReadonlySet<Node>): Rewritten {
  const uses = new Map<Node, number>();
  for (const node of nodes) for (const i of node.inputs) uses.set(i, (uses.get(i) ?? 0) + 1);
  const effects = nodes.filter((n) => n.kind === 'effect').map((n) => n.id);
  /** Whether `later` may include the node and read its operands: no effect may be between them. */
  const isInner = (node: Node, later: Node): boolean =>
    uses.get(node) === 1 && !kept.has(node) && !isAnyBetween(effects, node.id, later.id);
  return rewrite(nodes, (graph, node, inputs) => {
    if (node.op === 'add') {
      const fused = [0, 1].find((side) => {
        const product = inputs[side] as Node;
        const bias = node.inputs[1 - side] as Node;
        return (
          isInner(node.inputs[side] as Node, node) &&
          PRODUCTS.has(product.op) &&
          !epilogueOf(product) &&
          isRow(bias, product)
        );
      });
      const normal = fused === undefined && withNormal(graph, node, inputs, isInner);
      if (normal) return normal;
      if (fused !== undefined) {
        const product = inputs[fused] as Node;
        const epilogue: Epilogue = { bias: true, activation: Un.identity, alpha: 0 };
        return graph.add(
          product.descriptor as NamedOp,
          [...product.inputs, inputs[1 - fused] as Node],
          { ...(product.attrs as object), epilogue },
          node,
        );
      }
    }
    const joint = withJoined(graph, node, inputs, isInner);
    if (joint) return joint;
    if (node.op === 'reluGrad') {
      const [scattered, y] = inputs as [Node, Node];
      if (scattered.op === 'maxPoolGrad' && scattered.inputs[0] === y && isInner(node.inputs[0] as Node, node)) {
        return graph.add(
          scattered.descriptor as NamedOp,
          scattered.inputs,
          { ...(scattered.attrs as object), positive: true },
          node,
        );
      }
    }
    for (const { side, activation, alpha, before } of activationsOf(node, inputs)) {
      const product = inputs[side] as Node;
      const own = epilogueOf(product);
      if (
        isInner(node.inputs[side] as Node, node) &&
        PRODUCTS.has(product.op) &&
        sameShape(product.shape, node.shape) &&
        (own?.activation ?? Un.identity) === before
      ) {
        const epilogue: Epilogue = { bias: false, ...own, activation, alpha };
        return graph.add(
          product.descriptor as NamedOp,
          product.inputs,
          { ...(product.attrs as object), epilogue },
          node,
        );
      }
    }
    return same(graph, node, inputs);
  });
}
