/** What lowering produces: commands on buffers that have no address yet. */
import type { Op } from '../../assembly/isa';
import type { Location, TensorSpec } from '../tensor/graph';
import type { Shape } from '../tensor/shape';

/** A run of bytes that some command writes and others read. */
export interface Buffer {
  readonly bytes: number;
  /** Set from the start for memory that exists outside the program, by the planner for all other memory. */
  address: number | undefined;
  readonly label: string;
}

/** A place inside a buffer. */
export interface Ref {
  readonly buffer: Buffer;
  readonly offset: number;
}

/** A value of the graph with its place; its elements follow from there, row by row. */
export interface Value extends TensorSpec {
  readonly ref: Ref;
}

/** A float operand, so that it is not taken for an integer. */
export interface FloatOperand {
  readonly float: 32 | 64;
  readonly value: number;
}

export const f32 = (value: number): FloatOperand => ({ float: 32, value });
export const f64 = (value: number): FloatOperand => ({ float: 64, value });

/** Integer (size, stride, code), float, or address. */
export type Operand = number | FloatOperand | Ref;

/** One of the enums of byte offsets in `assembly/isa.ts`. */
export type OperandOffsets = Readonly<Record<string, number | string>>;

export interface PlainCommand {
  readonly kind: 'plain';
  readonly op: Op;
  readonly offsets: OperandOffsets;
  readonly operands: Readonly<Record<string, Operand>>;
  readonly reads: readonly Ref[];
  readonly writes: readonly Ref[];
  /** Scratch that the kernel needs. */
  readonly scratchBytes: number;
  /** Nanoseconds of one of `count` elements. */
  readonly each: number | undefined;
  /** Changes memory that outlives the program: commands before it must stay before it. */
  readonly isEffect?: boolean;
}

/** An input of a map: a place and its strides, in elements, along the dimensions of the iteration space. */
export interface MapSource {
  readonly ref: Ref;
  readonly strides: readonly number[];
}

/** Where a step of a map reads or writes. */
export type MapOperand =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'output'; readonly index: number }
  | { readonly kind: 'temp'; readonly index: number };

export interface MapStepIR {
  /** `Un`, `BINARY + Bin` or `TERNARY + Tern`. */
  readonly code: number;
  readonly args: readonly MapOperand[];
  readonly target: MapOperand;
  readonly p: number;
  readonly q: number;
}

/** An elementwise chain: every output is row-major over the iteration space. */
export interface MapCommand {
  readonly kind: 'map';
  readonly shape: Shape;
  readonly inputs: readonly MapSource[];
  readonly outputs: readonly Ref[];
  readonly temps: number;
  readonly steps: readonly MapStepIR[];
}

/** A place inside a loop's body that moves on with every step: one slice of a sequence. */
export interface Moving {
  /** Represents the slice in the body's commands; its address is 0. */
  readonly buffer: Buffer;
  /** Where the slice of the first step is. */
  readonly base: Ref;
  /** Bytes from one step's slice to the next one's. */
  readonly stride: number;
}

/** Commands that run again and again. */
export interface LoopCommand {
  readonly kind: 'loop';
  readonly count: number;
  readonly body: readonly Command[];
  readonly origins: readonly string[];
  readonly moving: readonly Moving[];
  /** Memory of the body's own values: where each is in `workspace`. */
  readonly workspace: Buffer;
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** What the body touches outside of its workspace. */
  readonly reads: readonly Ref[];
  readonly writes: readonly Ref[];
}

export type Command = PlainCommand | MapCommand | LoopCommand;

/** How the rows of a draw follow those of a batch. */
export interface RowOperands extends Readonly<Record<string, Operand>> {
  readonly row: Ref;
  readonly rowSize: number;
}

/** What `lower` of an op writes to. */
export interface Emitter {
  /** The counter that moves random numbers on from step to step; undefined: step 0. */
  readonly step: Ref | undefined;
  /** For a draw whose rows are rows of a batch: their size, and the number of the batch's first row. */
  rowsOf?(draw: number): RowOperands | undefined;
  /** Memory that exists outside the program. */
  fixed(location: Location, label: string): Buffer;
  /** A buffer for a value between the op's own commands. */
  temporary(spec: TensorSpec): Value;
  /**
   * `writes` names the operands that are written; other addresses are read. `scratch`: bytes that the kernel needs.
   * `each`: nanoseconds of one of `count` elements, where `chunks.ts` knows no time of the command.
   */
  command(
    op: Op,
    offsets: OperandOffsets,
    operands: Record<string, Operand>,
    writes: readonly string[],
    scratch?: number,
    each?: number,
  ): void;
  map(command: Omit<MapCommand, 'kind'>): void;
}

/** A run of bytes outside of programs. */
export interface Extent extends Location {
  readonly bytes: number;
}

/** Attributes of a node that changes memory. */
export interface Effect {
  /** The memory that the effect changes: its first operand is the value before, the node's value is that after. */
  readonly location: Location | undefined;
  /** Further memory that it changes, if values of the graph may be there; `Graph.after` reads the values after. */
  readonly changes?: readonly Extent[];
  emit(e: Emitter, inputs: readonly Value[], out: Value): void;
  /** Called on the host before each run of a program with this effect: what the run is to read may be written here. */
  prepare?(): void;
}

export const isRef = (operand: Operand): operand is Ref => typeof operand === 'object' && 'buffer' in operand;

/** The value's place, `elements` further on. */
export const refAt = (value: Value, elements: number): Ref => ({
  buffer: value.ref.buffer,
  offset: value.ref.offset + elements * 4,
});
