/** Command pass: elementwise commands that feed each other become one pass over memory. */
import type { Buffer, Command, Ref } from '../../program/ir';
import { isAnyBetween } from './ascending';
import { MinHeap } from './min-heap';
import { OpenMap } from './open-map';

/** Refs that a command reads and writes. */
export const readsOf = (c: Command): readonly Ref[] => (c.kind === 'map' ? c.inputs.map((i) => i.ref) : c.reads);
export const writesOf = (c: Command): readonly Ref[] => (c.kind === 'map' ? c.outputs : c.writes);

/** By buffer, the places of the commands that use it. */
export function usersOf(commands: readonly Command[], refsOf: (c: Command) => readonly Ref[]): Map<Buffer, number[]> {
  const users = new Map<Buffer, number[]>();
  commands.forEach((c, i) => {
    for (const buffer of new Set(refsOf(c).map((r) => r.buffer))) {
      const list = users.get(buffer);
      if (list) list.push(i);
      else users.set(buffer, [i]);
    }
  });
  return users;
}

/** The commands that use a buffer, by their places. */
interface Use {
  readonly writers: number[];
  /** Readers; some may have moved on since. */
  readonly readers: MinHeap;
  /** How many commands read it. */
  count: number;
}

/** Which commands write and read each buffer, while maps move. */
class Users {
  readonly #uses = new Map<Buffer, Use>();

  /** @param isReader whether the command at a place reads a buffer now */
  constructor(readonly isReader: (place: number, buffer: Buffer) => boolean) {}

  add(command: Command, place: number): void {
    for (const buffer of new Set(readsOf(command).map((r) => r.buffer))) this.#addReader(buffer, place);
    for (const { buffer } of writesOf(command)) this.#of(buffer).writers.push(place);
  }

  addMap(map: OpenMap, place: number): void {
    for (const buffer of map.sources()) this.#addReader(buffer, place);
    for (const { ref } of map.outputs) this.#of(ref.buffer).writers[0] = place;
  }

  /** Removes a map whose outputs have no other writer. */
  removeMap(map: OpenMap): void {
    for (const buffer of map.sources()) this.#of(buffer).count--;
    for (const { ref } of map.outputs) this.#of(ref.buffer).writers.length = 0;
  }

  /** Number of commands that read a buffer. */
  readers(buffer: Buffer): number {
    return this.#of(buffer).count;
  }

  firstWriter(buffer: Buffer): number | undefined {
    return this.#of(buffer).writers[0];
  }

  isWrittenOnce(buffer: Buffer): boolean {
    return this.#of(buffer).writers.length === 1;
  }

  isWrittenBetween(buffer: Buffer, from: number, to: number): boolean {
    return isAnyBetween(this.#of(buffer).writers, from, to);
  }

  isReadBetween(buffer: Buffer, from: number, to: number): boolean {
    const { readers } = this.#of(buffer);
    while (readers.size > 0 && !this.isReader(readers.least, buffer)) readers.pop();
    if (readers.size === 0) return false;
    if (readers.least > from) return readers.least < to;
    return readers.items.some((place) => place > from && place < to && this.isReader(place, buffer));
  }

  #addReader(buffer: Buffer, place: number): void {
    const use = this.#of(buffer);
    use.readers.push(place);
    use.count++;
  }

  #of(buffer: Buffer): Use {
    const known = this.#uses.get(buffer);
    if (known) return known;
    const use: Use = { writers: [], readers: new MinHeap(), count: 0 };
    this.#uses.set(buffer, use);
    return use;
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
  /** Maps by their positions, while others may join them; all other commands stay where they are. */
  const maps = commands.map((c) => (c.kind === 'map' ? new OpenMap(c) : undefined));
  const names = [...origins];
  const effects = effectsOf(commands);
  const users = new Users((place, buffer) => {
    const command = commands[place] as Command;
    return command.kind === 'map' ? (maps[place]?.reads(buffer) ?? false) : true;
  });
  commands.forEach((c, i) => {
    users.add(c, i);
  });

  const isStable = ({ inputs }: OpenMap, i: number, j: number): boolean =>
    inputs.every(({ source }) => !users.isWrittenBetween(source.ref.buffer, i, j));
  const isOnlyWriter = ({ outputs }: OpenMap): boolean => outputs.every(({ ref }) => users.isWrittenOnce(ref.buffer));
  const tryJoin = (i: number, j: number): number | undefined => {
    const [first, next] = [maps[i], maps[j]] as [OpenMap, OpenMap];
    if (!isOnlyWriter(first) || !isOnlyWriter(next) || isAnyBetween(effects, i, j)) return undefined;
    const mayMoveDown =
      first.outputs.every(({ ref }) => !users.isReadBetween(ref.buffer, i, j)) && isStable(first, i, j);
    if (!mayMoveDown && !isStable(next, i, j)) return undefined;
    const isNeeded = ({ buffer }: Ref): boolean =>
      kept.has(buffer) || buffer.address !== undefined || users.readers(buffer) > (next.reads(buffer) ? 1 : 0);
    const joint = first.jointWith(next, isNeeded);
    if (!joint) return undefined;
    users.removeMap(first);
    users.removeMap(next);
    const at = mayMoveDown ? j : i;
    maps[i] = maps[j] = undefined;
    const joined = joint();
    maps[at] = joined;
    names[at] = `${names[i]} ${names[j]}`;
    users.addMap(joined, at);
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
