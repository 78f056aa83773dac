/** Command pass: a copy that only maps read is read by them at its source, through its strides. */
import { Op } from '../../../assembly/isa';
import { readsInPlace } from '../../program/encode';
import type { Buffer, Command, MapCommand, MapSource, PlainCommand, Ref } from '../../program/ir';
import { sizeOf } from '../../tensor/shape';
import { isAnyBetween } from './ascending';
import { fuseMaps, readsOf, usersOf, writesOf } from './fuse-maps';

/** Shorter runs are copied faster than they are gathered, again and again, by every map. */
const SHORTEST_RUN = 8;
/** Maps that read one copy; more of them, and gathering once pays. */
const MOST_READERS = 3;
/** Dimensions that a map's command has room for. */
const MAP_RANK = 6;

/** A copy's iteration space, innermost dimension last; strides of the source in elements. */
interface Space {
  readonly dims: readonly number[];
  readonly strides: readonly number[];
}

/** The space of a copy that fills its whole destination in order; undefined for others. */
function spaceOf(copy: PlainCommand): Space | undefined {
  const field = (name: string): number => copy.operands[name] as number;
  const dims: number[] = [];
  const strides: number[] = [];
  let step = 4;
  for (let d = 5; d >= 0; d--) {
    const size = field(`d${d}`);
    if (size === 1) continue;
    if (field(`t${d}`) !== step) return undefined;
    step *= size;
    dims.unshift(size);
    strides.unshift(field(`s${d}`) / 4);
  }
  const dst = copy.operands.dst as Ref;
  return dst.offset === 0 && step === dst.buffer.bytes ? { dims, strides } : undefined;
}

/** The source's strides along the dimensions of another shape of as many elements, if it steps evenly through them. */
export function stridesAlong(shape: readonly number[], space: Space): number[] | undefined {
  if (sizeOf(shape) !== sizeOf(space.dims)) return undefined;
  const out = new Array<number>(shape.length).fill(0);
  let at = space.dims.length - 1;
  let [size, stride] = [space.dims[at] ?? 1, space.strides[at] ?? 0];
  for (let d = shape.length - 1; d >= 0; d--) {
    const wanted = shape[d] as number;
    if (wanted === 1) continue;
    if (size === 1) [size, stride] = [space.dims[--at] as number, space.strides[at] as number];
    // A dimension may cover several of the copy's that step evenly.
    let covered = size;
    while (wanted % covered === 0 && covered < wanted && at > 0 && space.strides[at - 1] === stride * covered)
      covered *= space.dims[--at] as number;
    if (covered % wanted !== 0) return undefined;
    out[d] = stride;
    [size, stride] = [covered / wanted, stride * wanted];
  }
  return out;
}

const isCopy = (c: Command | undefined): c is PlainCommand => c?.kind === 'plain' && c.op === Op.StridedCopy;

/**
 * @param kept buffers whose content is needed after the program.
 * @returns the commands with their origins, without the copies that are no longer read.
 */
export function foldCopies(
  commands: readonly Command[],
  origins: readonly string[],
  kept: ReadonlySet<Buffer>,
): { commands: Command[]; origins: string[] } {
  const list: (Command | undefined)[] = [...commands];
  const readers = usersOf(commands, readsOf);
  const writers = usersOf(commands, writesOf);
  // Loops hold their effects inside.
  const effects = commands.flatMap((c, i) => (c.kind === 'loop' || (c.kind === 'plain' && c.isEffect) ? [i] : []));

  commands.forEach((copy, i) => {
    if (!isCopy(copy)) return;
    const space = spaceOf(copy);
    const [src, dst] = [copy.operands.src, copy.operands.dst] as [Ref, Ref];
    if (!space || kept.has(dst.buffer) || dst.buffer.address !== undefined) return;
    const innermost = space.dims.length - 1;
    if ((space.dims[innermost] ?? 1) < SHORTEST_RUN || (space.strides[innermost] ?? 1) > 1) return;
    const by = readers.get(dst.buffer) ?? [];
    if (by.length === 0 || by.length > MOST_READERS || (writers.get(dst.buffer) as number[]).length > 1) return;
    const folded = by.map((j) => {
      const map = list[j];
      if (map?.kind !== 'map' || j < i || isAnyBetween(effects, i, j)) return undefined;
      if (isAnyBetween(writers.get(src.buffer) ?? [], i, j + 1)) return undefined;
      return readThrough(map, src, dst.buffer, space);
    });
    if (folded.some((map) => map === undefined)) return;
    by.forEach((j, k) => {
      list[j] = folded[k];
    });
    list[i] = undefined;
    const known = readers.get(src.buffer);
    if (known) for (const j of by) known.push(j);
    else readers.set(src.buffer, [...by]);
  });
  const left = list.flatMap((c, i) => (c ? [[c, origins[i] as string] as const] : []));
  return { commands: left.map(([c]) => c), origins: left.map(([, o]) => o) };
}

/** The map with its reads of a copy turned into reads of the copy's source. */
function readThrough(map: MapCommand, src: Ref, copied: Buffer, space: Space): MapCommand | undefined {
  if (map.shape.length > MAP_RANK) return undefined;
  const strides = stridesAlong(map.shape, space);
  if (!strides) return undefined;
  const inputs: MapSource[] = [];
  for (const input of map.inputs) {
    if (input.ref.buffer !== copied) inputs.push(input);
    else if (input.ref.offset !== 0 || !readsInPlace(map, input)) return undefined;
    else inputs.push({ ref: src, strides });
  }
  return { ...map, inputs };
}

/** All passes over commands: copies into maps, maps into each other. */
export function fuseCommands(
  commands: readonly Command[],
  origins: readonly string[],
  kept: ReadonlySet<Buffer>,
): { commands: Command[]; origins: string[] } {
  const folded = foldCopies(commands, origins, kept);
  return fuseMaps(folded.commands, folded.origins, kept);
}
