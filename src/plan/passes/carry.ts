/** Command pass for loops: carried values are computed where they are carried. */
import { Op } from '../../../assembly/isa';
import { readsInPlace } from '../../program/encode';
import { type Buffer, type Command, isRef, type Operand, type PlainCommand, type Ref } from '../../program/ir';
import { readsOf, usersOf, writesOf } from './fuse-maps';
import { lastRead } from './place';

const touches = (refs: readonly Ref[], buffer: Buffer): boolean => refs.some((r) => r.buffer === buffer);

/**
 * A step ends with copies of new values to where the next one finds them. A value that is made when nobody needs the
 * old one any more is made there, and needs no copy.
 * @param carried buffers that hold a carried value from step to step
 * @param isOwn whether a buffer belongs to one step alone
 */
export function settleCarried(
  commands: readonly Command[],
  origins: readonly string[],
  carried: readonly Buffer[],
  isOwn: (buffer: Buffer) => boolean,
): { commands: Command[]; origins: string[] } {
  const list: (Command | undefined)[] = [...commands];
  const writers = usersOf(commands, writesOf);
  const readers = usersOf(commands, readsOf);
  for (const place of carried) {
    const [at, ...more] = writers.get(place) ?? [];
    const value = at === undefined || more.length > 0 ? undefined : copied(list[at] as Command, place);
    if (at === undefined || !value || !isOwn(value)) continue;
    const [made, ...others] = writers.get(value) ?? [];
    if (made === undefined || others.length > 0) continue;
    const [readPlace, readValue] = [readers.get(place) ?? [], readers.get(value) ?? []];
    const isFree =
      !readPlace.some((i) => i > made && i !== at) &&
      !readValue.some((i) => i > made && list[i]?.kind === 'loop') &&
      mayOverwrite(list[made] as Command, value, place);
    if (!isFree) continue;
    list[at] = undefined;
    const users = readValue.filter((i) => i !== at);
    for (const i of new Set([made, ...users])) list[i] = renamed(list[i] as Command, value, place);
    writers.set(place, [made]).delete(value);
    readers.set(place, [...readPlace, ...users]).delete(value);
  }
  const left = list.flatMap((c, i) => (c ? [[c, origins[i] as string] as const] : []));
  return { commands: left.map(([c]) => c), origins: left.map(([, o]) => o) };
}

/** What a command copies to `place`, if it does that and nothing else. */
function copied(command: Command, place: Buffer): Buffer | undefined {
  if (command.kind !== 'plain' || command.op !== Op.StridedCopy) return undefined;
  const [from, to] = [command.reads[0], command.writes[0]] as [Ref, Ref];
  return from.offset === 0 && to.offset === 0 && from.buffer.bytes === place.bytes ? from.buffer : undefined;
}

/** Whether the command that computes a value may write it over `place`. */
function mayOverwrite(maker: Command, value: Buffer, place: Buffer): boolean {
  if (maker.kind === 'plain') return !touches(maker.reads, place);
  if (maker.kind === 'loop') return false;
  const output = maker.outputs.findIndex((o) => o.buffer === value);
  const written = maker.steps.findIndex(({ target }) => target.kind === 'output' && target.index === output);
  return maker.inputs.every(
    (input, i) =>
      input.ref.buffer !== place ||
      (input.ref.offset === 0 && readsInPlace(maker, input) && lastRead(maker, i) <= written),
  );
}

/** The same command with one buffer in the place of another. */
function renamed(command: Command, from: Buffer, to: Buffer): Command {
  const move = (ref: Ref): Ref => (ref.buffer === from ? { ...ref, buffer: to } : ref);
  if (command.kind === 'loop') return command;
  if (command.kind === 'map')
    return {
      ...command,
      inputs: command.inputs.map((i) => ({ ...i, ref: move(i.ref) })),
      outputs: command.outputs.map(move),
    };
  const operands = Object.entries(command.operands).map(([name, o]): [string, Operand] => [
    name,
    isRef(o) ? move(o) : o,
  ]);
  const moved: PlainCommand = { ...command, operands: Object.fromEntries(operands) };
  return { ...moved, reads: command.reads.map(move), writes: command.writes.map(move) };
}
