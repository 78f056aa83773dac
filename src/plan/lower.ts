/** From a graph to commands on buffers: the planner's side of lowering. */

import { plainCommand, scratchStride } from '../ops/command';
import { emitCopy } from '../ops/descriptors/movement';
import type { Buffer, Command, Effect, Emitter, Layout, MapCommand, Operand, Ref, Value } from '../ops/ir';
import { descriptorOf } from '../ops/table';
import type { Location, Node, TensorSpec } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';

export class PlanEmitter implements Emitter {
  readonly commands: Command[] = [];
  /** What each command is part of, for printing. */
  readonly origins: string[] = [];
  origin = '';
  /** While an effect is emitted. */
  isEffect = false;
  readonly #fixed = new Map<number, Buffer>();

  readonly step: Ref | undefined;

  /** @param step counter of random numbers */
  constructor(
    readonly threads: number,
    step: Location | undefined,
  ) {
    this.step = step && { buffer: this.fixed(step, 'step'), offset: 0 };
  }

  /** One buffer for each address, so that reads and writes of it are seen as such. */
  fixed({ storage, offset }: Location, label: string): Buffer {
    const address = storage.address + offset;
    const known = this.#fixed.get(address);
    if (known) return known;
    const buffer = { bytes: storage.bytes - offset, address, label };
    this.#fixed.set(address, buffer);
    return buffer;
  }

  buffer(bytes: number, label: string): Buffer {
    return { bytes, address: undefined, label };
  }

  temporary(spec: TensorSpec): Value {
    return { ...spec, ref: { buffer: this.buffer(sizeOf(spec.shape) * 4, `${this.origin} temporary`), offset: 0 } };
  }

  command(op: number, layout: Layout, operands: Record<string, Operand>, writes: readonly string[], scratch = 0): void {
    const command = plainCommand(op, layout, operands, writes, scratchStride(scratch) * this.threads);
    this.commands.push(this.isEffect ? { ...command, isEffect: true } : command);
    this.origins.push(this.origin);
  }

  map(command: Omit<MapCommand, 'kind'>): void {
    this.commands.push({ kind: 'map', ...command });
    this.origins.push(this.origin);
  }

  /** Copies a value to another place. */
  copy(from: Value, to: Ref): void {
    emitCopy(this, from.ref, to, [sizeOf(from.shape)], [1], [1]);
  }
}

/**
 * Emits the commands of `nodes`, which are in topological order.
 * @param inputs where inputs stand.
 * @param places where a node's value has to end up.
 * @param copies further places that its value is copied to.
 * @returns the value of every node.
 */
export function lowerNodes(
  e: PlanEmitter,
  nodes: readonly Node[],
  inputs: ReadonlyMap<Node, Buffer>,
  places: ReadonlyMap<Node, Buffer>,
  copies: ReadonlyMap<Node, readonly Buffer[]>,
): Map<Node, Value> {
  const values = new Map<Node, Value>();
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
    if (node.kind === 'input') return { ...spec, ref: { buffer: inputs.get(node) as Buffer, offset: 0 } };
    if (node.kind === 'constant')
      return { ...spec, ref: { buffer: e.fixed(node.attrs as Location, label), offset: 0 } };
    if (node.kind === 'effect') return change(node, spec);
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
