/** Collects the commands of a program that is being planned. */

import { emitCopy } from '../ops/descriptors/movement';
import type {
  Buffer,
  Command,
  Emitter,
  LoopCommand,
  MapCommand,
  Operand,
  OperandOffsets,
  Ref,
  RowOperands,
  Value,
} from '../program/ir';
import { plainCommand } from '../program/operands';
import type { Location, TensorSpec } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';

/** Random numbers of a batch that is part of a larger one: the rows of draws follow its rows. */
export interface DrawnRows {
  /** The number of the batch's first row (u32). */
  readonly first: Location;
  /** For each draw of the trace, its elements for a row of the batch; 0 if it does not follow the batch. */
  readonly sizes: readonly number[];
}

export class PlanEmitter implements Emitter {
  readonly commands: Command[] = [];
  /** What each command is part of, for printing. */
  readonly origins: string[] = [];
  origin = '';
  /** While an effect is emitted. */
  isEffect = false;
  readonly #fixed = new Map<number, Buffer>();
  /** Buffers that this emitter has made. */
  readonly own = new Set<Buffer>();

  step: Ref | undefined;
  rowsOf: (draw: number) => RowOperands | undefined;

  /**
   * @param step counter of random numbers
   * @param rows of the batch that draws follow
   */
  constructor(step?: Location, rows?: DrawnRows) {
    this.step = step && { buffer: this.fixed(step, 'step'), offset: 0 };
    this.rowsOf = (draw) => {
      const rowSize = rows?.sizes[draw];
      return rows && rowSize ? { row: { buffer: this.fixed(rows.first, 'row'), offset: 0 }, rowSize } : undefined;
    };
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

  /** The buffer of an address that `fixed` was asked for. */
  bufferAt({ storage, offset }: Location): Buffer | undefined {
    return this.#fixed.get(storage.address + offset);
  }

  buffer(bytes: number, label: string): Buffer {
    const buffer: Buffer = { bytes, address: undefined, label };
    this.own.add(buffer);
    return buffer;
  }

  temporary(spec: TensorSpec): Value {
    return { ...spec, ref: { buffer: this.buffer(sizeOf(spec.shape) * 4, `${this.origin} temporary`), offset: 0 } };
  }

  command(
    op: number,
    offsets: OperandOffsets,
    operands: Record<string, Operand>,
    writes: readonly string[],
    scratch = 0,
    each?: number,
  ): void {
    const command = plainCommand(op, offsets, operands, writes, scratch, each);
    this.commands.push(this.isEffect ? { ...command, isEffect: true } : command);
    this.origins.push(this.origin);
  }

  map(command: Omit<MapCommand, 'kind'>): void {
    this.commands.push({ kind: 'map', ...command });
    this.origins.push(this.origin);
  }

  loop(command: Omit<LoopCommand, 'kind'>): void {
    this.commands.push({ kind: 'loop', ...command });
    this.origins.push(this.origin);
  }

  /** Copies a value to another place. */
  copy(from: Value, to: Ref): void {
    emitCopy(this, from.ref, to, [sizeOf(from.shape)], [1], [1]);
  }
}
