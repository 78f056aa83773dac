/**
 * Runs commands on memory of their own: every operand, temporary and scratch stands between guards, so that a write
 * outside shows, and a read outside brings in NaN. Scratch is exactly as long as the op asks for.
 */
import { Control, type Op } from '../../assembly/isa';
import { encode, mapScratch, writeProgram } from '../../src/program/encode';
import type { Buffer, Command, Emitter, MapCommand, Operand, OperandOffsets, Ref, Value } from '../../src/program/ir';
import { plainCommand } from '../../src/program/operands';
import { runProgram } from '../../src/program/run';
import { engine } from '../../src/runtime/engine';
import { Pace } from '../../src/runtime/pace';
import type { Location, TensorSpec } from '../../src/tensor/graph';
import { type NdArray, sizeOf } from '../reference/array';

const GUARD_WORDS = 64;
/** A NaN, and as an integer far outside of everything. */
const GUARD = 0xffc0dead;

interface Block {
  readonly label: string;
  readonly address: number;
  readonly words: number;
}

export class Sandbox implements Emitter {
  readonly step: Ref | undefined = undefined;
  readonly #blocks: Block[] = [];
  readonly #starts: number[] = [];
  readonly #commands: Command[] = [];
  readonly #scratch = new Map<Command, Buffer>();

  /** A guarded place of so many bytes, filled with the guard's pattern too. */
  block(bytes: number, label: string): Ref {
    const words = Math.ceil(bytes / 4);
    const start = engine.memory.allocate((words + 2 * GUARD_WORDS) * 4);
    this.#starts.push(start);
    const address = start + GUARD_WORDS * 4;
    engine.memory.u32.fill(GUARD, start >>> 2, (start >>> 2) + words + 2 * GUARD_WORDS);
    this.#blocks.push({ label, address, words });
    return { buffer: { bytes, address, label }, offset: 0 };
  }

  /** A place that holds an array. */
  place(x: NdArray | Float32Array, label: string): Ref {
    const data = x instanceof Float32Array ? x : x.data;
    const ref = this.block(data.byteLength, label);
    engine.memory.u32.set(
      new Uint32Array(data.buffer, data.byteOffset, data.length),
      (ref.buffer.address as number) >>> 2,
    );
    return ref;
  }

  fixed({ storage, offset }: Location, label: string): Buffer {
    return { bytes: storage.bytes - offset, address: storage.address + offset, label };
  }

  temporary(spec: TensorSpec): Value {
    return { ...spec, ref: this.block(sizeOf(spec.shape) * 4, 'temporary') };
  }

  command(
    op: Op,
    offsets: OperandOffsets,
    operands: Record<string, Operand>,
    writes: readonly string[],
    scratch = 0,
  ): void {
    this.#add(plainCommand(op, offsets, operands, writes, scratch), scratch);
  }

  map(command: Omit<MapCommand, 'kind'>): void {
    const map: MapCommand = { kind: 'map', ...command };
    this.#add(map, mapScratch(map));
  }

  #add(command: Command, scratch: number): void {
    this.#scratch.set(command, this.block(scratch, 'scratch').buffer);
    this.#commands.push(command);
  }

  /** Runs all commands so far. @throws IndexError as the library does */
  run(): void {
    for (const command of this.#commands.splice(0)) this.#runOne(command);
  }

  #runOne(command: Command): void {
    const encoded = encode([command]);
    const program = engine.memory.allocate(encoded.words.byteLength);
    const { u32 } = engine.memory;
    const own = u32[Control.scratch / 4] as number;
    try {
      writeProgram(encoded, program);
      u32[Control.scratch / 4] = (this.#scratch.get(command) as Buffer).address as number;
      runProgram(program, () => 'sandbox', new Pace(0));
    } finally {
      u32[Control.scratch / 4] = own;
      engine.memory.release(program);
    }
  }

  /** Labels of the blocks around which something was written. */
  damaged(): string[] {
    const { u32 } = engine.memory;
    const isWhole = (from: number): boolean => u32.subarray(from, from + GUARD_WORDS).every((w) => w === GUARD);
    return this.#blocks
      .filter(({ address, words }) => !isWhole((address >>> 2) - GUARD_WORDS) || !isWhole((address >>> 2) + words))
      .map(({ label }) => label);
  }

  dispose(): void {
    for (const start of this.#starts.splice(0)) engine.memory.release(start);
  }
}
