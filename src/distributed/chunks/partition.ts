/**
 * Divides the trace of a chunk where it waits for other chunks. Between two such cuts a segment runs on each chunk by
 * itself; after the last one comes what is done once for the batch: the update.
 */
import { descriptorOf } from '../../ops/core/descriptor';
import { reachable, same } from '../../plan/passes/simplify';
import { compileProgram, type Program, type ProgramSpec } from '../../plan/program';
import type { Value } from '../../program/ir';
import { Graph, type Location, type Node, orReleased } from '../../tensor/graph';
import { sizeOf } from '../../tensor/shape';
import type { Collective, Collectives } from './collectives';

/** What a chunk does between two cuts. */
export interface Segment {
  /** What it contributes to sums. */
  readonly sums: readonly Collective[];
  /** What it contributes to the rows of the batch: in the last segment. */
  readonly rows: readonly Collective[];
  /** Values that later segments of the same chunk need. */
  readonly kept: readonly Node[];
}

/** Whether a node only looks differently at its first operand, so that it need not be kept. */
function isView(node: Node): boolean {
  if (node.kind !== 'op') return false;
  const operands = node.inputs.map((n): Value => ({ ...n, shape: n.shape, dtype: n.dtype, ref: PLACE }));
  return descriptorOf(node).view?.(operands, node.attrs, { shape: node.shape, dtype: node.dtype }) !== undefined;
}
const PLACE = { buffer: { bytes: 0, address: undefined, label: '' }, offset: 0 };

/** The segments of a trace. Sums that no chunk reads itself wait for the last one, so that there are few cuts. */
export function segmentsOf({ graph, sums, rows }: Collectives): Segment[] {
  const sumAt = new Map(sums.map((sum) => [sum.node, sum]));
  const levels = new Map<Node, number>();
  const local = new Set<Node>();
  const rowNodes = new Set(rows.map(({ node }) => node));
  for (const node of graph.nodes) {
    const sum = sumAt.get(node);
    if (sum) {
      levels.set(node, (levels.get(sum.of) as number) + 1);
      continue;
    }
    levels.set(
      node,
      node.inputs.reduce((most, i) => Math.max(most, levels.get(i) as number), 0),
    );
    const isInput = node.kind === 'input' && !rowNodes.has(node);
    if (isInput || node.inputs.some((i) => local.has(i))) local.add(node);
  }
  const isEnd = (node: Node): boolean => sumAt.has(node);
  const ofs = [...sums, ...rows].map(({ of }) => of);
  const read = new Set(reachable(ofs, isEnd).filter(isEnd));
  const last = ofs.reduce((most, of) => Math.max(most, levels.get(of) as number), 0);
  const levelOf = ({ of, node }: Collective): number => (read.has(node) ? (levels.get(of) as number) : last);
  const segments = Array.from({ length: last + 1 }, (_, s) => ({
    sums: sums.filter((sum) => levelOf(sum) === s),
    rows: s === last ? rows : [],
    kept: new Set<Node>(),
  }));
  // From the last segment back: what it keeps of earlier ones, these have to compute.
  for (let s = last; s > 0; s--) {
    const { sums: own, rows: all, kept } = segments[s] as (typeof segments)[number];
    const roots = [...[...own, ...all].map(({ of }) => of), ...kept];
    const isKept = (n: Node): boolean =>
      n.kind !== 'input' && local.has(n) && (levels.get(n) as number) < s && !isView(n);
    for (const n of reachable(roots, (node) => isEnd(node) || isKept(node)))
      if (!isEnd(n) && isKept(n)) segments[levels.get(n) as number]?.kept.add(n);
  }
  return segments.map((segment) => ({ ...segment, kept: [...segment.kept] }));
}

/** Part of a trace as a graph of its own. */
export interface Extract {
  readonly graph: Graph;
  /** What nodes of the trace are in it. */
  readonly of: ReadonlyMap<Node, Node>;
}

/**
 * The nodes that roots are computed from.
 * @param known where the values of some nodes are
 * @param inputs nodes that stay inputs, in their order
 */
export function extract(roots: readonly Node[], known: ReadonlyMap<Node, Location>, inputs: readonly Node[]): Extract {
  const graph = new Graph();
  const of = new Map<Node, Node>();
  for (const n of inputs) of.set(n, graph.input(n));
  for (const node of reachable(roots, (n) => known.has(n))) {
    const place = known.get(node);
    if (place) of.set(node, graph.constant(place, node));
    else if (!of.has(node))
      of.set(
        node,
        same(
          graph,
          node,
          node.inputs.map((i) => of.get(i) as Node),
        ),
      );
  }
  return { graph, of };
}

/** The program of an extract. @throws what `compileProgram` throws; the graph has been released then */
export const compiled = (spec: ProgramSpec): Program => orReleased(spec.graph, () => compileProgram(spec));

/** Bytes of a value, as blocks hold it: parts of a block begin at multiples of 16 bytes. */
export const bytesOf = (node: Node): number => Math.ceil((sizeOf(node.shape) * 4) / 16) * 16;

/** Where parts of these sizes begin, one after another; the last number is where they end. */
export function startsOf(sizes: readonly number[]): number[] {
  const starts = [0];
  for (const size of sizes) starts.push((starts.at(-1) as number) + size);
  return starts;
}
