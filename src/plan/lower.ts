/** From a graph to commands on buffers: the planner's side of lowering. */

import { type Body, partIndex } from '../ops/core/loop';
import { descriptorOf } from '../ops/core/table';
import type { Buffer, Effect, Moving, Ref, Value } from '../program/ir';
import { type Location, type Node, type TensorSpec, withGraph } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';
import { PlanEmitter } from './emitter';
import { settleCarried } from './passes/carry';
import { fuseCommands } from './passes/fold-copies';
import { readsOf, writesOf } from './passes/fuse-maps';
import { hoistPacking } from './passes/hoist';
import { moveAll } from './passes/moves';
import { place } from './passes/place';
import { fuseEpilogues, mergeEqual, type Rewritten, reachable } from './passes/simplify';

/**
 * Emits the commands of `nodes`, which are in topological order.
 * @param inputs where inputs stand.
 * @param places where a node's value has to end up.
 * @param copies further places that its value is copied to.
 * @param known values that exist already.
 * @returns the value of every node.
 */
export function lowerNodes(
  e: PlanEmitter,
  nodes: readonly Node[],
  inputs: ReadonlyMap<Node, Ref>,
  places: ReadonlyMap<Node, Buffer>,
  copies: ReadonlyMap<Node, readonly Buffer[]>,
  known: ReadonlyMap<Node, Value> = new Map(),
): Map<Node, Value> {
  const values = new Map<Node, Value>(known);
  const loops = new Map<Node, ReadonlyMap<number, Value>>();
  const parts = new Map<Node, number[]>();
  for (const node of nodes) {
    if (node.kind !== 'part') continue;
    const loop = node.inputs[0] as Node;
    const list = parts.get(loop);
    if (list) list.push(partIndex(node));
    else parts.set(loop, [partIndex(node)]);
  }
  for (const node of nodes) {
    const label = (node.attrs as { label?: string } | undefined)?.label ?? `${node.op}#${node.id}`;
    e.origin = label;
    const value = valueOf(node, label);
    values.set(node, value);
    for (const buffer of copies.get(node) ?? []) e.copy(value, { buffer, offset: 0 });
  }
  return values;

  function valueOf(node: Node, label: string): Value {
    const spec = { shape: node.shape, dtype: node.dtype };
    if (node.kind === 'input') return { ...spec, ref: inputs.get(node) as Ref };
    if (node.kind === 'constant')
      return { ...spec, ref: { buffer: e.fixed(node.attrs as Location, label), offset: 0 } };
    if (node.kind === 'effect') return change(node, spec);
    if (node.kind === 'loop') {
      loops.set(
        node,
        lowerLoop(
          e,
          node,
          parts.get(node) ?? [],
          node.inputs.map((i) => values.get(i) as Value),
        ),
      );
      return { ...spec, ref: { buffer: e.buffer(0, label), offset: 0 } };
    }
    if (node.kind === 'part') return loops.get(node.inputs[0] as Node)?.get(partIndex(node)) as Value;
    const descriptor = descriptorOf(node.op);
    const operands = node.inputs.map((i) => values.get(i) as Value);
    const view = descriptor.view?.(operands, node.attrs, spec);
    const place = places.get(node);
    if (view && !place) return view;
    const out: Value = { ...spec, ref: { buffer: place ?? e.buffer(sizeOf(node.shape) * 4, label), offset: 0 } };
    if (view) e.copy(view, out.ref);
    else descriptor.lower(e, operands, out, node.attrs);
    return out;
  }

  function change(node: Node, spec: TensorSpec): Value {
    const effect = node.attrs as Effect;
    const operands = node.inputs.map((i) => values.get(i) as Value);
    const buffer = effect.location ? e.fixed(effect.location, node.op) : e.buffer(0, node.op);
    const out: Value = { ...spec, ref: { buffer, offset: 0 } };
    const before = operands[0];
    if (effect.location && before && before.ref.buffer !== buffer) e.copy(before, out.ref);
    e.isEffect = true;
    effect.emit(e, operands, out);
    e.isEffect = false;
    return out;
  }
}

/** How a loop holds a carried value. */
interface Carried {
  /** Where each step finds it and leaves it anew; undefined where all of its values are kept. */
  readonly buffer: Buffer | undefined;
  /** Where a step leaves it. */
  readonly target: Buffer;
  /** Where it is after the last step. */
  readonly end: Ref;
}

/**
 * A loop: its body becomes commands of its own, planned like a program, with a workspace of its own. Slices of sequences
 * are read and written where they lie. Carried values stand in buffers that the end of each step fills anew; where a
 * sequence of them is wanted, as gradients do, it is kept instead, and each step reads its slice and computes the next.
 * @param read the parts that some node reads
 * @returns those parts
 */
function lowerLoop(
  e: PlanEmitter,
  loop: Node,
  read: readonly number[],
  operands: readonly Value[],
): ReadonlyMap<number, Value> {
  const body = loop.attrs as Body;
  const { carry, xs, next, length, reverse } = body;
  const wanted = [...new Set(read)].filter((i) => i >= next.length);
  const ys = wanted.map((i) => body.ys[i - next.length] as Node);
  const captured = body.captured;

  let roots = [...carry, ...xs, ...captured, ...next, ...ys];
  const follow = ({ of }: Rewritten): void => {
    roots = roots.map((n) => of.get(n) as Node);
  };
  withGraph(undefined, () => {
    follow(mergeEqual(reachable(roots)));
    follow(fuseEpilogues(reachable(roots), new Set(roots)));
  });
  const rest = [...roots];
  const take = (count: number): Node[] => rest.splice(0, count);
  const [carryIn, xsIn, capturedIn, nextOut, ysOut] = [carry, xs, captured, next, ys].map((l) => take(l.length)) as [
    Node[],
    Node[],
    Node[],
    Node[],
    Node[],
  ];

  const moving: Moving[] = [];
  const at = (buffer: Buffer, offset = 0): Ref => ({ buffer, offset });
  /** Stands for one slice, of the node's size, of what lies at ref; `ahead` slices further on than time tells. */
  const slice = (ref: Ref, node: Node, label: string, ahead = 0): Buffer => {
    const bytes = sizeOf(node.shape) * 4;
    const buffer: Buffer = { bytes, address: 0, label };
    const first = (reverse ? Math.max(0, length - 1) : 0) + ahead;
    moving.push({ buffer, base: at(ref.buffer, ref.offset + first * bytes), stride: reverse ? -bytes : bytes });
    return buffer;
  };
  const sources = new Map<Node, Ref>();
  xsIn.forEach((n, i) => {
    sources.set(n, at(slice((operands[carry.length + i] as Value).ref, n, `sequence ${i}`)));
  });
  capturedIn.forEach((n, i) => {
    sources.set(n, (operands[carry.length + xs.length + i] as Value).ref);
  });
  const inner = new PlanEmitter();
  inner.step = e.step;
  inner.rowsOf = e.rowsOf;
  const places = new Map<Node, Buffer>();
  const copies = new Map<Node, Buffer[]>();
  const written: Ref[] = [];
  /** Sequences that need no buffer of their own. */
  const given = new Map<Node, Ref>();
  const isGiven = new Set(ysOut);
  const carried = carryIn.map((n, i): Carried => {
    const bytes = sizeOf(n.shape) * 4;
    const result = nextOut[i] as Node;
    const isHistory = (isGiven.has(n) || isGiven.has(result)) && result.kind === 'op' && !places.has(result);
    const buffer = e.buffer(isHistory ? (length + 1) * bytes : bytes, `carried ${i}`);
    // Before the first step a history, of length + 1 values, holds the one at its end from which time runs.
    const [before, after] = reverse ? [1, 0] : [0, 1];
    const [start, end] = isHistory ? [before * length * bytes, after * length * bytes] : [0, 0];
    e.copy(operands[i] as Value, at(buffer, start));
    if (!isHistory) {
      sources.set(n, at(buffer));
      return { buffer, target: buffer, end: at(buffer) };
    }
    sources.set(n, at(slice(at(buffer), n, `before ${i}`, before)));
    const target = slice(at(buffer), n, `after ${i}`, after);
    places.set(result, target);
    given.set(n, at(buffer, before * bytes)).set(result, at(buffer, after * bytes));
    written.push(at(buffer));
    return { buffer: undefined, target, end: at(buffer, end) };
  });

  const results = new Map<number, Value>();
  ysOut.forEach((n, i) => {
    const index = wanted[i] as number;
    const spec = body.part(index);
    const known = given.get(n);
    const ref = known ?? at(e.buffer(sizeOf(spec.shape) * 4, `results ${i}`));
    results.set(index, { ...spec, ref });
    if (known) return;
    written.push(ref);
    const buffer = slice(ref, n, `result ${i}`);
    if (n.kind === 'op' && !places.has(n)) places.set(n, buffer);
    else copies.set(n, [...(copies.get(n) ?? []), buffer]);
  });
  // What is the same in every step is computed before the loop.
  const all = reachable(roots);
  const invariant = new Set<Node>(capturedIn);
  const isRoot = new Set(roots);
  for (const n of all)
    if (n.kind === 'op' && !isRoot.has(n) && n.inputs.every((i) => invariant.has(i))) invariant.add(n);
  const known = lowerNodes(
    e,
    all.filter((n) => invariant.has(n)),
    sources,
    new Map(),
    new Map(),
  );
  const varying = all.filter((n) => !invariant.has(n));
  const values = lowerNodes(inner, varying, sources, places, copies, known);
  inner.origin = 'next step';
  moveAll(
    inner,
    nextOut.map((n, i) => ({ value: values.get(n) as Value, to: (carried[i] as Carried).target })),
  );
  const inPlace = carried.flatMap(({ buffer }) => buffer ?? []);
  const whole = fuseCommands(inner.commands, inner.origins, new Set());
  const fused = settleCarried(whole.commands, whole.origins, inPlace, (b) => inner.own.has(b));
  const touched = new Set([...inPlace, ...fused.commands.flatMap(writesOf).map((r) => r.buffer)]);
  const slices = new Set(moving.map((m) => m.buffer));
  const isOutside = ({ buffer }: Ref): boolean => !inner.own.has(buffer) && !slices.has(buffer);
  const isSame = (ref: Ref): boolean => length > 1 && isOutside(ref) && !touched.has(ref.buffer);
  const commands = hoistPacking(e, fused.commands, fused.origins, isSame);
  const placement = place(commands, new Set(), true, (b) => inner.own.has(b));
  e.loop({
    count: length,
    body: commands,
    origins: fused.origins,
    moving,
    workspace: e.buffer(placement.bytes, 'loop'),
    offsets: placement.offsets,
    reads: [...commands.flatMap(readsOf).filter(isOutside), ...moving.map((m) => m.base)],
    writes: [...inPlace.map((b) => at(b)), ...commands.flatMap(writesOf).filter(isOutside), ...written],
  });
  carryIn.forEach((n, i) => {
    results.set(i, { shape: n.shape, dtype: n.dtype, ref: (carried[i] as Carried).end });
  });
  return results;
}
