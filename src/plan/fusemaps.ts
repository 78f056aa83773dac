/** Command pass: elementwise commands that feed each other become one pass over memory. */
import type { Buffer, Command, Ref } from '../ops/ir';
import { isAnyBetween } from './ascending';
import { MinHeap } from './minheap';
import { OpenMap } from './openmap';

/** Refs that a command reads and writes. */
export const readsOf = (c: Command): readonly Ref[] => (c.kind === 'map' ? c.inputs.map((i) => i.ref) : c.reads);
export const writesOf = (c: Command): readonly Ref[] => (c.kind === 'map' ? c.outputs : c.writes);

interface Refs {
  readonly reads: readonly Ref[];
  readonly writes: readonly Ref[];
}

const refsOf = (map: OpenMap): Refs => ({
  reads: map.inputs.map(({ source }) => source.ref),
  writes: map.outputs.map(({ ref }) => ref),
});

/** Which commands write and read each buffer, by their places, while maps move. */
class Users {
  readonly #writers = new Map<Buffer, number[]>();
  /** Places of readers; some may have moved on since. */
  readonly #readers = new Map<Buffer, MinHeap>();
  readonly #counts = new Map<Buffer, number>();

  /** @param isReader whether the command at a place reads a buffer now */
  constructor(readonly isReader: (place: number, buffer: Buffer) => boolean) {}

  add({ reads, writes }: Refs, place: number): void {
    for (const buffer of new Set(reads.map((r) => r.buffer))) {
      const heap = this.#readers.get(buffer) ?? new MinHeap();
      heap.push(place);
      this.#readers.set(buffer, heap);
      this.#counts.set(buffer, this.count(buffer) + 1);
    }
    for (const { buffer } of writes) {
      const list = this.#writers.get(buffer);
      if (list) list.push(place);
      else this.#writers.set(buffer, [place]);
    }
  }

  /** Forgets a map, whose outputs have no other writer. */
  remove({ reads, writes }: Refs): void {
    for (const buffer of new Set(reads.map((r) => r.buffer))) this.#counts.set(buffer, this.count(buffer) - 1);
    for (const { buffer } of writes) this.#writers.delete(buffer);
  }

  /** Commands that read a buffer. */
  count(buffer: Buffer): number {
    return this.#counts.get(buffer) ?? 0;
  }

  firstWriter(buffer: Buffer): number | undefined {
    return this.#writers.get(buffer)?.[0];
  }

  isWrittenOnce(buffer: Buffer): boolean {
    return this.#writers.get(buffer)?.length === 1;
  }

  isWrittenBetween(buffer: Buffer, from: number, to: number): boolean {
    return isAnyBetween(this.#writers.get(buffer) ?? [], from, to);
  }

  isReadBetween(buffer: Buffer, from: number, to: number): boolean {
    const heap = this.#readers.get(buffer);
    if (!heap) return false;
    while (heap.size > 0 && !this.isReader(heap.least, buffer)) heap.pop();
    if (heap.size === 0) return false;
    if (heap.least > from) return heap.least < to;
    return heap.items.some((place) => place > from && place < to && this.isReader(place, buffer));
  }
}

/** Places of commands that may write anywhere in a block of variables. */
export const effectsOf = (commands: readonly Command[]): number[] =>
  commands.flatMap((c, i) => (c.kind === 'plain' && c.isEffect ? [i] : []));

/**
 * Fuses maps. A map joins the map that made one of its inputs if it can move up to it (all its other inputs exist
 * there), or if the other can move down (nothing between needs it). Every buffer is written once, so order is all
 * that matters.
 * @param kept buffers whose content is needed after the program.
 */
export function fuseMaps(
  commands: readonly Command[],
  origins: readonly string[],
  kept: ReadonlySet<Buffer>,
): { commands: Command[]; origins: string[] } {
  /** Maps by their places, as long as they may be joined; all else stays where it is. */
  const maps = commands.map((c) => (c.kind === 'map' ? new OpenMap(c) : undefined));
  const names = [...origins];
  const effects = effectsOf(commands);
  const users = new Users((place, buffer) => {
    const command = commands[place] as Command;
    return command.kind === 'map' ? (maps[place]?.reads(buffer) ?? false) : true;
  });
  commands.forEach((c, i) => {
    users.add({ reads: readsOf(c), writes: writesOf(c) }, i);
  });

  const tryJoin = (i: number, j: number): number | undefined => {
    const [first, next] = [maps[i], maps[j]] as [OpenMap, OpenMap];
    if (![...first.outputs, ...next.outputs].every(({ ref }) => users.isWrittenOnce(ref.buffer))) return undefined;
    if (isAnyBetween(effects, i, j)) return undefined;
    const isStable = ({ inputs }: OpenMap): boolean =>
      inputs.every(({ source }) => !users.isWrittenBetween(source.ref.buffer, i, j));
    const mayMoveDown = first.outputs.every(({ ref }) => !users.isReadBetween(ref.buffer, i, j)) && isStable(first);
    if (!mayMoveDown && !isStable(next)) return undefined;
    const isNeeded = ({ buffer }: Ref): boolean =>
      kept.has(buffer) || buffer.address !== undefined || users.count(buffer) > (next.reads(buffer) ? 1 : 0);
    const before = [refsOf(first), refsOf(next)];
    const joined = first.join(next, isNeeded);
    if (!joined) return undefined;
    for (const refs of before) users.remove(refs);
    const at = mayMoveDown ? j : i;
    maps[i] = maps[j] = undefined;
    maps[at] = joined;
    names[at] = `${names[i]} ${names[j]}`;
    users.add(refsOf(joined), at);
    return at;
  };

  for (let j = 0; j < commands.length; j++) {
    let at = j;
    for (let again = true; again; ) {
      again = false;
      const map = maps[at];
      if (!map) break;
      for (const { source } of map.inputs) {
        const i = users.firstWriter(source.ref.buffer);
        if (i === undefined || i >= at || !maps[i]) continue;
        const joined = tryJoin(i, at);
        if (joined === undefined) continue;
        at = joined;
        again = true;
        break;
      }
    }
  }
  const left = commands
    .map((c, i) => [c.kind === 'map' ? maps[i]?.close() : c, names[i] as string] as const)
    .filter((pair): pair is [Command, string] => pair[0] !== undefined);
  return { commands: left.map(([c]) => c), origins: left.map(([, n]) => n) };
}
