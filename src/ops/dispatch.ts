/** One way in for every op: on traced tensors it adds a node, on real ones it runs at once. */
import { engine } from '../runtime/engine';
import { currentGraph, type Graph, type TensorSpec } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';
import { Storage } from '../tensor/storage';
import { allocate, Tensor } from '../tensor/tensor';
import { type Encoded, encode, mapScratch, writeProgram } from './encode';
import { runProgram } from './fault';
import type { Buffer, Command, Emitter, MapCommand, Operand, Ref, Value } from './ir';
import { isRef } from './ir';
import { type AttrsOf, descriptorOf, type OpName } from './table';

/** Bytes of scratch are rounded up so that threads never write to one cache line. */
const LINE = 64;
export const scratchStride = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

/** Applies an op. @throws whatever the op's shape rule throws, DisposedError */
export function apply<K extends OpName>(name: K, inputs: readonly Tensor[], attrs: AttrsOf<K>): Tensor {
  const descriptor = descriptorOf(name);
  const spec = descriptor.infer(inputs, attrs);
  const graph = graphOf(inputs) ?? (inputs.length === 0 ? currentGraph() : undefined);
  if (graph) {
    const nodes = inputs.map((t) => t.node(graph, name));
    return new Tensor(graph.add(name, nodes, attrs, spec), spec);
  }
  const values = inputs.map((t) => valueOf(t, name));
  const view = descriptor.view?.(values, attrs, spec);
  if (view) {
    const { storage } = (inputs[0] as Tensor).location(name);
    return new Tensor({ storage: storage.retain(), offset: view.ref.offset }, spec);
  }
  const out = allocate(spec.shape, spec.dtype);
  try {
    const emitter = new EagerEmitter();
    descriptor.lower(emitter, values, valueOf(out, name), attrs);
    emitter.run(name);
  } catch (error) {
    out.dispose();
    throw error;
  }
  return out;
}

function graphOf(inputs: readonly Tensor[]): Graph | undefined {
  for (const t of inputs) if (t.graph) return t.graph;
  return undefined;
}

/** A tensor's value for lowering; its offset counts from the storage's start. */
function valueOf(tensor: Tensor, where: string): Value {
  const { storage, offset } = tensor.location(where);
  const buffer: Buffer = { bytes: storage.bytes, address: storage.address, label: 'tensor' };
  return { ref: { buffer, offset }, shape: tensor.shape, dtype: tensor.dtype };
}

/** Memory that every eager program uses in turn: the encoded program and the scratch of its commands. */
const areas: Record<'program' | 'scratch', Storage | undefined> = { program: undefined, scratch: undefined };

function area(name: 'program' | 'scratch', bytes: number): number {
  const present = areas[name];
  if (present && present.bytes >= bytes) return present.address;
  present?.release();
  areas[name] = undefined;
  const next = new Storage(Math.max(bytes, 4096));
  // These two are the library's own and do not count as anybody's memory.
  if (!present) Storage.live--;
  areas[name] = next;
  return next.address;
}

class EagerEmitter implements Emitter {
  readonly threads = engine.threads;
  readonly step = undefined;
  readonly #commands: Command[] = [];
  readonly #temporaries: Storage[] = [];
  #scratch = 0;

  temporary(spec: TensorSpec): Value {
    const storage = new Storage(sizeOf(spec.shape) * 4);
    this.#temporaries.push(storage);
    return {
      ...spec,
      ref: { buffer: { bytes: storage.bytes, address: storage.address, label: 'temporary' }, offset: 0 },
    };
  }

  command(
    op: number,
    layout: Readonly<Record<string, number | string>>,
    operands: Record<string, Operand>,
    writes: readonly string[],
    scratch = 0,
  ): void {
    const bytes = scratchStride(scratch) * this.threads;
    this.#scratch = Math.max(this.#scratch, bytes);
    this.#commands.push(plainCommand(op, layout, operands, writes, bytes));
  }

  map(command: Omit<MapCommand, 'kind'>): void {
    const map: MapCommand = { kind: 'map', ...command };
    this.#scratch = Math.max(this.#scratch, scratchStride(mapScratch(map)) * this.threads);
    this.#commands.push(map);
  }

  run(name: string): void {
    try {
      if (this.#commands.length === 0) return;
      const scratch = area('scratch', this.#scratch);
      const encoded: Encoded = encode(this.#commands, (command) => ({
        address: scratch,
        stride:
          command.kind === 'map' ? scratchStride(mapScratch(command)) : (command.scratch?.bytes ?? 0) / this.threads,
      }));
      const program = area('program', encoded.words.byteLength);
      writeProgram(encoded, program);
      runProgram(program, () => name);
    } finally {
      for (const storage of this.#temporaries) storage.release();
    }
  }
}

/** A command with its reads and writes told apart. */
export function plainCommand(
  op: number,
  layout: Readonly<Record<string, number | string>>,
  operands: Record<string, Operand>,
  writes: readonly string[],
  scratchBytes: number,
): Command {
  const reads: Ref[] = [];
  const written: Ref[] = [];
  for (const [name, operand] of Object.entries(operands)) {
    if (isRef(operand)) (writes.includes(name) ? written : reads).push(operand);
  }
  const scratch: Buffer | undefined = scratchBytes
    ? { bytes: scratchBytes, address: undefined, label: 'scratch' }
    : undefined;
  return { kind: 'plain', op, layout, operands, reads, writes: written, scratch };
}
