/** Ops on real tensors: lowered, encoded and run immediately. Programs of recent calls are kept and bound again. */

import { encode, type Patch, writeProgram } from '../../program/encode';
import type { Buffer, Command, Emitter, MapCommand, Operand, OperandOffsets, Ref, Value } from '../../program/ir';
import { plainCommand } from '../../program/operands';
import { runProgram } from '../../program/run';
import { engine } from '../../runtime/engine';
import { Pace } from '../../runtime/pace';
import { reserves } from '../../runtime/reserves';
import type { Location, TensorSpec } from '../../tensor/graph';
import { type Shape, sameShape, sizeOf } from '../../tensor/shape';
import { Storage } from '../../tensor/storage';
import type { Tensor } from '../../tensor/tensor';
import type { Descriptor } from './descriptor';

/** A tensor's value for lowering; its offset counts from the storage's start. */
export function valueOf(tensor: Tensor, where: string): Value {
  const { storage, offset } = tensor.location(where);
  const buffer: Buffer = { bytes: storage.bytes, address: storage.address, label: 'tensor' };
  return { ref: { buffer, offset }, shape: tensor.shape, dtype: tensor.dtype };
}

/** The library's own memory, which counts as unowned. */
function ownStorage(bytes: number): Storage {
  const storage = new Storage(bytes, 'programs');
  Storage.live--;
  return storage;
}

/** Whether a program is being prepared or run: its memory must stay. */
let isBusy = false;

/** A program in memory, with the words that hold addresses. */
interface Resident {
  readonly shapes: readonly Shape[];
  readonly dtypes: readonly string[];
  readonly attrs: unknown;
  readonly pace: Pace;
  readonly scratchBytes: number;
  readonly program: Storage;
  /** Bytes of the memory that it needs between its commands, block by block. */
  readonly temporaries: readonly number[];
  /** Positions of addresses (index of the word) of operands, result and temporaries, and the offsets. */
  readonly words: readonly { readonly operand: number; readonly at: number; readonly offset: number }[];
}

/** Programs of one op that are kept, the most recent first. */
const KEPT = 8;
const residents = new Map<string, Resident[]>();

/** Lets the programs go when memory is short. */
const cache = {
  shrink(): void {
    if (isBusy) return;
    for (const list of residents.values()) for (const { program } of list) drop(program);
    residents.clear();
  },
};
reserves.watch(cache);

/** Equal in value: numbers, strings, and arrays and objects of them. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
    return true;
  }
  for (const key in a)
    if (!sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
  for (const key in b) if (!(key in a)) return false;
  return true;
}

function find(name: string, inputs: readonly Tensor[], attrs: unknown): Resident | undefined {
  const list = residents.get(name);
  if (!list) return undefined;
  for (let i = 0; i < list.length; i++) {
    const r = list[i] as Resident;
    if (r.shapes.length !== inputs.length) continue;
    let fits = true;
    for (let k = 0; k < inputs.length && fits; k++) {
      const t = inputs[k] as Tensor;
      fits = r.dtypes[k] === t.dtype && sameShape(r.shapes[k] as Shape, t.shape);
    }
    if (!fits || !sameValue(r.attrs, attrs)) continue;
    if (i > 0) {
      list.splice(i, 1);
      list.unshift(r);
    }
    return r;
  }
  return undefined;
}

/** What an error calls the op: by the function that was called, if the op has it from there. */
const labelOf = (name: string, attrs: unknown): string => (attrs as { label?: string } | undefined)?.label ?? name;

const NONE_HELD: Storage[] = [];

/** Runs an op on real tensors. @throws IndexError if a kernel met an index outside its axis */
export function runEager<A>(descriptor: Descriptor<A>, inputs: readonly Tensor[], out: Tensor, attrs: A): void {
  const { name } = descriptor;
  const wasBusy = isBusy;
  isBusy = true;
  let held: Storage[] = NONE_HELD;
  try {
    const resident = find(name, inputs, attrs) ?? prepare(descriptor, inputs, out, attrs);
    if (!resident) return;
    const { temporaries, words } = resident;
    engine.holdScratch(resident.scratchBytes);
    if (temporaries.length) held = [];
    for (let i = 0; i < temporaries.length; i++) held.push(new Storage(temporaries[i] as number));
    const { u32 } = engine.memory;
    for (let i = 0; i < words.length; i++) {
      const { operand, at, offset } = words[i] as Resident['words'][number];
      u32[at] = addressOf(operand, inputs, out, held) + offset;
    }
    runProgram(resident.program.address, () => labelOf(name, attrs), resident.pace);
  } finally {
    for (let i = 0; i < held.length; i++) (held[i] as Storage).release();
    isBusy = wasBusy;
  }
}

/** Operands come first, then the result, then the temporaries. */
function addressOf(index: number, inputs: readonly Tensor[], out: Tensor, temporaries: readonly Storage[]): number {
  if (index < inputs.length) return (inputs[index] as Tensor).address();
  return index === inputs.length ? out.address() : (temporaries[index - inputs.length - 1] as Storage).address;
}

/** Lowers, encodes and keeps; undefined if there is nothing more to do. */
function prepare<A>(descriptor: Descriptor<A>, inputs: readonly Tensor[], out: Tensor, attrs: A): Resident | undefined {
  const { name } = descriptor;
  const operands = [...inputs, out].map((t) => valueOf(t, name));
  const emitter = new EagerEmitter();
  try {
    descriptor.lower(emitter, operands.slice(0, -1), operands[operands.length - 1] as Value, attrs);
    const { commands } = emitter;
    if (commands.length === 0) return undefined;
    const encoded = encode(commands);
    const program = ownStorage(encoded.words.byteLength);
    writeProgram(encoded, program.address);
    const places = [...operands, ...emitter.temporaries].map((v) => v.ref);
    const isBound = ({ ref }: Patch): boolean => places.some((v) => v.buffer === ref.buffer);
    if (commands.some((c) => c.kind === 'loop') || !encoded.patches.every(isBound)) {
      // It refers to more than can be bound again.
      try {
        engine.holdScratch(encoded.scratchBytes);
        runProgram(program.address, () => labelOf(name, attrs), new Pace(encoded.shared));
      } finally {
        drop(program);
      }
      return undefined;
    }
    const words = encoded.patches.map(({ at, ref }) => {
      const operand = places.findIndex((v) => v.buffer === ref.buffer);
      return { operand, at: (program.address + at) >>> 2, offset: ref.offset - (places[operand] as Ref).offset };
    });
    const resident: Resident = {
      shapes: inputs.map((t) => t.shape),
      dtypes: inputs.map((t) => t.dtype),
      attrs,
      pace: new Pace(encoded.shared),
      scratchBytes: encoded.scratchBytes,
      temporaries: emitter.storages.map(({ bytes }) => bytes),
      program,
      words,
    };
    remember(name, resident);
    return resident;
  } finally {
    for (const storage of emitter.storages) storage.release();
  }
}

function drop(own: Storage): void {
  Storage.live++;
  own.release();
}

function remember(name: string, resident: Resident): void {
  const list = residents.get(name) ?? [];
  residents.set(name, list);
  list.unshift(resident);
  for (const old of list.splice(KEPT)) drop(old.program);
}

class EagerEmitter implements Emitter {
  readonly step = undefined;
  readonly commands: Command[] = [];
  readonly temporaries: Value[] = [];
  readonly storages: Storage[] = [];

  fixed({ storage, offset }: Location, label: string): Buffer {
    return { bytes: storage.bytes - offset, address: storage.address + offset, label };
  }

  temporary(spec: TensorSpec): Value {
    const storage = new Storage(sizeOf(spec.shape) * 4);
    this.storages.push(storage);
    const buffer: Buffer = { bytes: storage.bytes, address: storage.address, label: 'temporary' };
    const value = { ...spec, ref: { buffer, offset: 0 } };
    this.temporaries.push(value);
    return value;
  }

  command(
    op: number,
    offsets: OperandOffsets,
    operands: Record<string, Operand>,
    writes: readonly string[],
    scratch = 0,
    each?: number,
  ): void {
    this.commands.push(plainCommand(op, offsets, operands, writes, scratch, each));
  }

  map(command: Omit<MapCommand, 'kind'>): void {
    this.commands.push({ kind: 'map', ...command });
  }
}
