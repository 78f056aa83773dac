/** Commands to bytes: writes programs into linear memory. */

import {
  Access,
  Loop as LoopHead,
  LoopRecord,
  MAP_BLOCK,
  MAP_OPERANDS,
  MapHead,
  MapInput,
  MapStep,
  Op,
  REPEATS,
} from '../../assembly/isa';
import { engine } from '../runtime/engine';
import { roundUp } from '../support/round';
import { sizeOf, stridesOf } from '../tensor/shape';
import { type ChainStep, chainSteps } from './chains';
import { workOf } from './chunks';
import {
  type Command,
  isRef,
  type LoopCommand,
  type MapCommand,
  type MapOperand,
  type MapSource,
  type Operand,
  type PlainCommand,
  type Ref,
} from './ir';

const bits = new DataView(new ArrayBuffer(8));

/** A float32 as its bit pattern. */
export function floatBits(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}

const addressOf = (ref: Ref): number => {
  const { address } = ref.buffer;
  if (address === undefined) throw new Error(`encode: ${ref.buffer.label} has no address`);
  return address + ref.offset;
};

/** Where in the encoded program the address of a buffer is, so that it can be bound again for each run. */
export interface Patch {
  /** Byte offset from the program's start. */
  readonly at: number;
  readonly ref: Ref;
}

export interface Encoded {
  readonly words: Uint32Array;
  readonly patches: readonly Patch[];
  /** Scratch that each thread needs. */
  readonly scratchBytes: number;
  /** Nanoseconds of the commands that threads may share. */
  readonly shared: number;
}

/** The opcode in the first word of a command, beside its chunks. */
export const opOf = (word: number): Op => word & 0xffff;

/** Scratch that a map needs. */
export const mapScratch = (command: MapCommand): number =>
  MAP_OPERANDS * 4 + (command.inputs.length + command.temps) * MAP_BLOCK * 4;

/** Encodes commands, closed by `Op.End`. */
export function encode(commands: readonly Command[]): Encoded {
  const words: number[] = [];
  const patches: Patch[] = [];
  let scratchBytes = 0;
  let shared = 0;
  for (const command of commands) {
    if (command.kind === 'loop') {
      const body = encodeLoop(command, words, patches);
      scratchBytes = Math.max(scratchBytes, body.scratchBytes);
      shared += command.count * body.shared;
      continue;
    }
    const work = workOf(command);
    const start = words.length;
    if (command.kind === 'plain') encodePlain(command, words, patches);
    else encodeMap(command, words, patches);
    words[start] = (words[start] as number) | ((work.chunks | (work.repeats ? REPEATS : 0)) << 16);
    scratchBytes = Math.max(scratchBytes, command.kind === 'map' ? mapScratch(command) : command.scratchBytes);
    shared += work.nanoseconds;
  }
  words.push(Op.End, 8);
  return { words: Uint32Array.from(words), patches, scratchBytes, shared };
}

function encodePlain(command: PlainCommand, words: number[], patches: Patch[]): void {
  const start = words.length;
  const { offsets, operands } = command;
  const size = roundUp(offsets.size as number, 8);
  for (let i = 0; i < size; i += 4) words.push(0);
  words[start] = command.op;
  words[start + 1] = size;
  const put = (name: string, operand: Operand): void => {
    const field = offsets[name];
    if (typeof field !== 'number') throw new Error(`encode: command ${command.op} has no operand ${name}`);
    const at = start + field / 4;
    if (isRef(operand)) {
      patches.push({ at: at * 4, ref: operand });
      words[at] = addressOf(operand);
    } else if (typeof operand === 'number') words[at] = operand >>> 0;
    else if (operand.float === 32) words[at] = floatBits(operand.value);
    else {
      bits.setFloat64(0, operand.value, true);
      words[at] = bits.getUint32(0, true);
      words[at + 1] = bits.getUint32(4, true);
    }
  };
  for (const name of Object.keys(operands)) put(name, operands[name] as Operand);
}

/** @returns its body */
function encodeLoop(command: LoopCommand, words: number[], patches: Patch[]): Encoded {
  const { workspace, offsets, moving } = command;
  for (const [buffer, offset] of offsets) buffer.address = (workspace.address as number) + offset;
  const body = encode(command.body);
  const byBuffer = new Map(moving.map((m) => [m.buffer, m]));
  const records = body.patches.flatMap((p) => {
    const found = byBuffer.get(p.ref.buffer);
    return found
      ? [{ at: p.at, ref: { ...found.base, offset: found.base.offset + p.ref.offset }, stride: found.stride }]
      : [];
  });
  const start = words.length;
  const bodyAt = roundUp(LoopHead.size + records.length * LoopRecord.size, 8);
  for (let i = 0; i < bodyAt; i += 4) words.push(0);
  for (const word of body.words) words.push(word);
  const put = (offset: number, value: number): void => {
    words[start + offset / 4] = value >>> 0;
  };
  put(0, Op.Loop);
  put(4, roundUp((words.length - start) * 4, 8));
  if ((words.length - start) % 2) words.push(0);
  put(LoopHead.count, command.count);
  put(LoopHead.start, bodyAt);
  put(LoopHead.records, records.length);
  records.forEach(({ at, ref, stride }, i) => {
    const record = LoopHead.size + i * LoopRecord.size;
    put(record + LoopRecord.at, bodyAt + at);
    put(record + LoopRecord.base, addressOf(ref));
    put(record + LoopRecord.stride, stride);
    patches.push({ at: start * 4 + record + LoopRecord.base, ref });
  });
  for (const p of body.patches) {
    if (!byBuffer.has(p.ref.buffer)) patches.push({ at: start * 4 + bodyAt + p.at, ref: p.ref });
  }
  return body;
}

/** Dimensions merged where every input allows it; the last is the innermost. Strides are in elements. */
interface Space {
  readonly dims: number[];
  readonly strides: number[][];
}

/** Merges neighboring dimensions through which all inputs step evenly; drops those of size 1. */
export function collapse(shape: readonly number[], strides: readonly (readonly number[])[]): Space {
  const dims: number[] = [];
  const merged: number[][] = strides.map(() => []);
  for (let d = 0; d < shape.length; d++) {
    const size = shape[d] as number;
    if (size === 1) continue;
    const last = dims.length - 1;
    const fits = last >= 0 && merged.every((m, i) => m[last] === (strides[i]?.[d] as number) * size);
    if (fits) {
      dims[last] = (dims[last] as number) * size;
      merged.forEach((m, i) => {
        m[last] = strides[i]?.[d] as number;
      });
    } else {
      dims.push(size);
      merged.forEach((m, i) => {
        m.push(strides[i]?.[d] as number);
      });
    }
  }
  if (dims.length === 0) {
    dims.push(1);
    for (const m of merged) m.push(1);
  }
  return { dims, strides: merged };
}

/** Outer dimensions that a map's header has room for. */
const OUTER = 5;

/** The outputs step like a row-major array; they keep dimensions apart that broadcasting inputs would merge. */
const mapSpace = ({ shape, inputs }: Pick<MapCommand, 'shape' | 'inputs'>): Space =>
  collapse(shape, [stridesOf(shape), ...inputs.map((i) => i.strides)]);

/** Whether a map has no more dimensions, after merging, than a command has room for. */
export const fitsMap = (map: Pick<MapCommand, 'shape' | 'inputs'>): boolean =>
  map.shape.length <= OUTER + 1 || mapSpace(map).dims.length <= OUTER + 1;

function access(dims: readonly number[], strides: readonly number[]): Access {
  let step = 1;
  let isFull = true;
  for (let d = dims.length - 1; d >= 0; d--) {
    if (strides[d] !== step) isFull = false;
    step *= dims[d] as number;
  }
  if (isFull) return Access.full;
  if (strides.every((s) => s === 0)) return Access.scalar;
  if (strides[dims.length - 1] === 1 && strides.slice(0, -1).every((s) => s === 0)) return Access.row;
  return Access.strided;
}

/** Bytes of a result from which memory, not a cache, feeds a map. */
const STREAMED = 1 << 23;
/** Elements of a block then: the next ones are on their way while a costly function computes these. */
const STREAMED_BLOCK = 128;

/** Elements of a block: whole rows if the innermost dimension fits. */
function blockSize(count: number, inner: number, chains: readonly ChainStep[]): number {
  const isStreamed = count * 4 >= STREAMED && chains.some(({ link }) => link === undefined);
  const most = isStreamed ? STREAMED_BLOCK : MAP_BLOCK;
  const block = inner <= most ? Math.floor(most / Math.max(1, inner)) * inner : most;
  return Math.max(1, Math.min(block, count));
}

function encodeMap(command: MapCommand, words: number[], patches: Patch[]): void {
  const count = sizeOf(command.shape);
  const space = mapSpace(command);
  const inputStrides = space.strides.slice(1);
  const inner = space.dims[space.dims.length - 1] as number;
  const outer = space.dims.slice(0, -1);
  if (outer.length > OUTER) throw new Error(`encode: a map over ${space.dims.length} dimensions`);
  const chains = chainSteps(command.steps);
  const start = words.length;
  const put = (offset: number, value: number): void => {
    words[start + offset / 4] = value >>> 0;
  };
  const inputsAt = MapHead.size;
  const outputsAt = inputsAt + command.inputs.length * MapInput.size;
  const stepsAt = outputsAt + command.outputs.length * 4;
  const size = roundUp(stepsAt + command.steps.length * MapStep.size, 8);
  for (let i = 0; i < size; i += 4) words.push(0);
  put(0, Op.Map);
  put(4, size);
  put(MapHead.count, count);
  put(MapHead.inner, inner);
  put(MapHead.block, blockSize(count, inner, chains));
  put(MapHead.inputs, command.inputs.length);
  put(MapHead.outputs, command.outputs.length);
  put(MapHead.steps, command.steps.length);
  for (let d = 0; d < OUTER; d++) put(MapHead.d0 + d * 4, outer[outer.length - OUTER + d] ?? 1);
  command.inputs.forEach((input, i) => {
    const at = inputsAt + i * MapInput.size;
    const strides = inputStrides[i] as number[];
    patches.push({ at: start * 4 + at + MapInput.address, ref: input.ref });
    put(at + MapInput.address, addressOf(input.ref));
    put(at + MapInput.access, access(space.dims, strides));
    for (let d = 0; d < OUTER; d++) put(at + MapInput.s0 + d * 4, 4 * (strides[strides.length - 1 - OUTER + d] ?? 0));
    put(at + MapInput.inner, 4 * (strides[strides.length - 1] as number));
  });
  command.outputs.forEach((ref, i) => {
    patches.push({ at: start * 4 + outputsAt + i * 4, ref });
    put(outputsAt + i * 4, addressOf(ref));
  });
  const firstTemp = command.inputs.length + command.outputs.length;
  if (firstTemp + command.temps > MAP_OPERANDS)
    throw new Error(`encode: a map of ${firstTemp + command.temps} operands`);
  const indexOf = (s: MapOperand | undefined): number => {
    if (!s) return 0;
    if (s.kind === 'input') return s.index;
    return s.kind === 'output' ? command.inputs.length + s.index : firstTemp + s.index;
  };
  command.steps.forEach((step, i) => {
    const chain = chains[i] as ChainStep;
    const at = stepsAt + i * MapStep.size;
    put(at + MapStep.code, step.code);
    put(at + MapStep.target, indexOf(step.target));
    put(at + MapStep.a, indexOf(step.args[0]));
    put(at + MapStep.b, indexOf(step.args[1]));
    put(at + MapStep.c, indexOf(step.args[2]));
    put(at + MapStep.p, floatBits(step.p));
    put(at + MapStep.q, floatBits(step.q));
    put(at + MapStep.length, chain.length);
    put(at + MapStep.link, chain.link ?? 0);
    put(at + MapStep.other, indexOf(chain.other));
    put(at + MapStep.isLoaded, Number(chain.isLoaded));
    put(at + MapStep.isStored, Number(chain.isStored));
  });
}

/** Writes an encoded program to an address. */
export function writeProgram(encoded: Encoded, address: number): void {
  engine.memory.u32.set(encoded.words, address >>> 2);
}

/** Whether a map reads an input element by element as it writes its outputs, so that both may share memory. */
export function readsInPlace({ shape }: Pick<MapCommand, 'shape'>, source: MapSource): boolean {
  const dense = stridesOf(shape);
  return shape.every((size, d) => size === 1 || source.strides[d] === dense[d]);
}
