/** From a graph to commands on buffers: the planner's side of lowering. */

import { descriptorOf } from '../ops/core/descriptor';
import { type Body, partIndex } from '../ops/core/loop';
import type { Buffer, Effect, Ref, Value } from '../program/ir';
import type { Location, Node, TensorSpec } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';
import type { PlanEmitter } from './emitter';

/**
 * Emits the commands of `nodes`, which are in topological order.
 * @param inputs buffers of the inputs.
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
        (node.attrs as Body).lower(
          e,
          node,
          parts.get(node) ?? [],
          node.inputs.map((i) => values.get(i) as Value),
        ),
      );
      return { ...spec, ref: { buffer: e.buffer(0, label), offset: 0 } };
    }
    if (node.kind === 'part') return loops.get(node.inputs[0] as Node)?.get(partIndex(node)) as Value;
    const descriptor = descriptorOf(node);
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
