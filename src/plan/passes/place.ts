/** Memory pass: every buffer of a program gets an offset in one workspace, reused as lifetimes allow. */

import { readsInPlace } from '../../program/encode';
import type { Buffer, Command, MapCommand } from '../../program/ir';
import { blockBytes } from '../../runtime/allocator';
import { readsOf, writesOf } from './fuse-maps';
import { Occupied } from './occupied';

export interface Lifetime {
  readonly buffer: Buffer;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface Placement {
  /** Byte offset of every buffer in the workspace. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  readonly bytes: number;
  /** Largest sum of buffers that are in use at the same time: no placement can be smaller. */
  readonly bound: number;
  readonly lifetimes: readonly Lifetime[];
}

/**
 * @param kept buffers whose content is needed after the program has run.
 * @param reuse false: no two buffers share memory (for comparison in tests).
 * @param isOwn whether a buffer is to be placed; by default all that have no address.
 */
export function place(
  commands: readonly Command[],
  kept: ReadonlySet<Buffer>,
  reuse = true,
  isOwn: (buffer: Buffer) => boolean = (b) => b.address === undefined,
): Placement {
  const first = new Map<Buffer, number>();
  const last = new Map<Buffer, number>();
  commands.forEach((command, i) => {
    const workspace = command.kind === 'loop' ? [command.workspace] : [];
    for (const buffer of [...[...readsOf(command), ...writesOf(command)].map((r) => r.buffer), ...workspace]) {
      if (!isOwn(buffer)) continue;
      if (!first.has(buffer)) first.set(buffer, i);
      last.set(buffer, i);
    }
  });
  for (const buffer of kept) if (first.has(buffer)) last.set(buffer, commands.length);
  const owner = reuse ? takeOver(commands, first, last, kept) : new Map<Buffer, Buffer>();
  const lifetimes: Lifetime[] = [];
  for (const [buffer, start] of first) {
    if (!owner.has(buffer))
      lifetimes.push({ buffer, bytes: blockBytes(buffer.bytes), first: start, last: last.get(buffer) as number });
  }
  const offsets = assign(lifetimes, commands.length + 1, reuse);
  let bytes = 0;
  for (const { buffer, bytes: size } of lifetimes) bytes = Math.max(bytes, (offsets.get(buffer) as number) + size);
  for (const buffer of owner.keys()) offsets.set(buffer, offsets.get(rootOf(owner, buffer)) as number);
  return { offsets, bytes, bound: largestSum(lifetimes, commands.length), lifetimes };
}

function rootOf(owner: ReadonlyMap<Buffer, Buffer>, buffer: Buffer): Buffer {
  let root = buffer;
  for (let next = owner.get(root); next; next = owner.get(root)) root = next;
  return root;
}

/** The last step of a map that reads an input. */
export function lastRead(command: MapCommand, input: number): number {
  let last = -1;
  command.steps.forEach(({ args }, i) => {
    if (args.some((a) => a.kind === 'input' && a.index === input)) last = i;
  });
  return last;
}

/**
 * A map's output takes over the memory of an input that is read element by element, dies there, and is not read by
 * steps after the one that writes the output.
 */
function takeOver(
  commands: readonly Command[],
  first: Map<Buffer, number>,
  last: Map<Buffer, number>,
  kept: ReadonlySet<Buffer>,
): Map<Buffer, Buffer> {
  const owner = new Map<Buffer, Buffer>();
  commands.forEach((command, i) => {
    if (command.kind !== 'map') return;
    command.outputs.forEach((out, o) => {
      if (out.offset !== 0 || first.get(out.buffer) !== i) return;
      const written = command.steps.findIndex(({ target }) => target.kind === 'output' && target.index === o);
      const taken = command.inputs.find(({ ref }) => {
        const root = rootOf(owner, ref.buffer);
        return (
          first.has(ref.buffer) &&
          ref.offset === 0 &&
          ref.buffer.bytes === out.buffer.bytes &&
          last.get(root) === i &&
          !kept.has(root) &&
          command.inputs.every(
            (other, k) =>
              rootOf(owner, other.ref.buffer) !== root ||
              (other.ref.offset === 0 && readsInPlace(command, other) && lastRead(command, k) <= written),
          )
        );
      });
      if (!taken) return;
      const root = rootOf(owner, taken.ref.buffer);
      owner.set(out.buffer, root);
      last.set(root, last.get(out.buffer) as number);
    });
  });
  return owner;
}

/** Largest first, each at the lowest offset that is free during its whole life. */
function assign(lifetimes: readonly Lifetime[], moments: number, reuse: boolean): Map<Buffer, number> {
  const offsets = new Map<Buffer, number>();
  const occupied = new Occupied(moments);
  const order = [...lifetimes].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  for (const { buffer, bytes, first, last } of order) {
    const [from, to] = reuse ? [first, last] : [0, moments - 1];
    const at = occupied.firstFit(from, to, bytes);
    occupied.take(from, to, at, bytes);
    offsets.set(buffer, at);
  }
  return offsets;
}

function largestSum(lifetimes: readonly Lifetime[], commands: number): number {
  const change = new Array<number>(commands + 2).fill(0);
  for (const { first, last, bytes } of lifetimes) {
    change[first] = (change[first] as number) + bytes;
    change[last + 1] = (change[last + 1] as number) - bytes;
  }
  let sum = 0;
  let largest = 0;
  for (const c of change) {
    sum += c;
    largest = Math.max(largest, sum);
  }
  return largest;
}
