/** Command pass: elementwise commands that feed each other become one pass over memory. */
import { MAP_SLOTS } from '../../assembly/isa';
import { fitsMap, readsInPlace } from '../ops/encode';
import type { Buffer, Command, MapCommand, MapSource, MapStepIR, PlainCommand, Ref, Slot } from '../ops/ir';
import { sizeOf, stridesOf } from '../tensor/shape';

const sameRef = (a: Ref, b: Ref): boolean => a.buffer === b.buffer && a.offset === b.offset;

/** Refs that a command reads and writes. */
export const readsOf = (c: Command): readonly Ref[] => (c.kind === 'map' ? c.inputs.map((i) => i.ref) : c.reads);
export const writesOf = (c: Command): readonly Ref[] => (c.kind === 'map' ? c.outputs : c.writes);

/** The same map over another shape with as many elements, if its inputs allow it. */
function reshaped(map: MapCommand, shape: readonly number[]): MapCommand | undefined {
  if (map.shape.length === shape.length && map.shape.every((d, i) => d === shape[i])) return map;
  if (sizeOf(map.shape) !== sizeOf(shape)) return undefined;
  if (!map.inputs.every((i) => readsInPlace(map, i))) return undefined;
  return { ...map, shape, inputs: map.inputs.map((i) => ({ ref: i.ref, strides: stridesOf(shape) })) };
}

/** One map that does `first`, then `next`; undefined if they do not fit. Outputs that `isNeeded` denies stay in cache. */
function join(first: MapCommand, next: MapCommand, isNeeded: (ref: Ref) => boolean): MapCommand | undefined {
  const a = reshaped(first, next.shape) ?? first;
  const b = a === first ? (reshaped(next, first.shape) ?? next) : next;
  if (a.shape.length !== b.shape.length || a.shape.some((d, i) => d !== b.shape[i])) return undefined;
  const inputs: MapSource[] = [...a.inputs];
  // Inputs of b: an output of a, an input that a has too, or a new one.
  const bInputs: Slot[] = [];
  for (const source of b.inputs) {
    const made = a.outputs.findIndex((o) => o.buffer === source.ref.buffer);
    if (made >= 0) {
      if (!sameRef(a.outputs[made] as Ref, source.ref) || !readsInPlace(b, source)) return undefined;
      bInputs.push({ kind: 'output', index: made });
      continue;
    }
    let index = inputs.findIndex(
      (i) => sameRef(i.ref, source.ref) && i.strides.every((s, d) => s === source.strides[d]),
    );
    if (index < 0) index = inputs.push(source) - 1;
    bInputs.push({ kind: 'input', index });
  }
  const outputs: Ref[] = [];
  let temps = a.temps + b.temps;
  // Where a's outputs go: to memory if somebody else reads them, else into a temporary.
  const aOutputs: Slot[] = a.outputs.map((ref) =>
    isNeeded(ref) ? { kind: 'output', index: outputs.push(ref) - 1 } : { kind: 'temp', index: temps++ },
  );
  const bOutputs: Slot[] = b.outputs.map((ref) => ({ kind: 'output', index: outputs.push(ref) - 1 }));
  const inA = (s: Slot): Slot => (s.kind === 'output' ? (aOutputs[s.index] as Slot) : s);
  const inB = (s: Slot): Slot => {
    if (s.kind === 'temp') return { kind: 'temp', index: a.temps + s.index };
    if (s.kind === 'output') return bOutputs[s.index] as Slot;
    return inA(bInputs[s.index] as Slot);
  };
  const move = (steps: readonly MapStepIR[], to: (s: Slot) => Slot): MapStepIR[] =>
    steps.map((s) => ({ ...s, args: s.args.map(to), target: to(s.target) }));
  const joined = reuseTemps({
    kind: 'map',
    shape: a.shape,
    inputs,
    outputs,
    temps,
    steps: [...move(a.steps, inA), ...move(b.steps, inB)],
  });
  const fits = joined.inputs.length + joined.outputs.length + joined.temps <= MAP_SLOTS && fitsMap(joined);
  return fits ? joined : undefined;
}

/** Gives temporaries that are done with to later steps. */
function reuseTemps(map: MapCommand): MapCommand {
  const lastUse = new Map<number, number>();
  map.steps.forEach((s, i) => {
    for (const a of [...s.args, s.target]) if (a.kind === 'temp') lastUse.set(a.index, i);
  });
  const place = new Map<number, number>();
  const idle: number[] = [];
  let count = 0;
  const steps = map.steps.map((s, i) => {
    const to = (slot: Slot): Slot =>
      slot.kind === 'temp' ? { kind: 'temp', index: place.get(slot.index) as number } : slot;
    const args = s.args.map(to);
    // An operand's last use frees its place for this very step: kernels work element by element.
    for (const a of new Set(s.args.flatMap((x) => (x.kind === 'temp' ? [x.index] : [])))) {
      if (lastUse.get(a) === i) idle.push(place.get(a) as number);
    }
    if (s.target.kind === 'temp' && !place.has(s.target.index)) place.set(s.target.index, idle.pop() ?? count++);
    return { ...s, args, target: to(s.target) };
  });
  return { ...map, steps, temps: count };
}

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
  const list: (Command | undefined)[] = [...commands];
  const names = [...origins];
  const readers = new Map<Buffer, Set<number>>();
  const writers = new Map<Buffer, number[]>();
  const note = (c: Command, i: number): void => {
    for (const r of readsOf(c))
      (readers.get(r.buffer) ?? (readers.set(r.buffer, new Set()).get(r.buffer) as Set<number>)).add(i);
    for (const w of writesOf(c))
      (writers.get(w.buffer) ?? (writers.set(w.buffer, []).get(w.buffer) as number[])).push(i);
  };
  const forget = (c: Command, i: number): void => {
    for (const r of readsOf(c)) readers.get(r.buffer)?.delete(i);
    for (const w of writesOf(c))
      writers.set(
        w.buffer,
        (writers.get(w.buffer) as number[]).filter((k) => k !== i),
      );
  };
  list.forEach((c, i) => note(c as Command, i));

  const tryJoin = (i: number, j: number): number | undefined => {
    const first = list[i] as MapCommand;
    const next = list[j] as MapCommand;
    if (first.outputs.some((o) => (writers.get(o.buffer) as number[]).length > 1)) return undefined;
    if (next.outputs.some((o) => (writers.get(o.buffer) as number[]).length > 1)) return undefined;
    // An effect may write anywhere in a block of variables: nothing passes it.
    for (let k = i + 1; k < j; k++) if ((list[k] as PlainCommand | undefined)?.isEffect) return undefined;
    const writtenBetween = (ref: Ref, from: number, to: number): boolean =>
      (writers.get(ref.buffer) ?? []).some((k) => k > from && k < to);
    const mayMoveUp = next.inputs.every((s) => !writtenBetween(s.ref, i, j));
    const mayMoveDown =
      first.outputs.every((o) => ![...(readers.get(o.buffer) ?? [])].some((k) => k > i && k < j)) &&
      first.inputs.every((s) => !writtenBetween(s.ref, i, j));
    if (!mayMoveUp && !mayMoveDown) return undefined;
    const isNeeded = (ref: Ref): boolean =>
      kept.has(ref.buffer) ||
      ref.buffer.address !== undefined ||
      [...(readers.get(ref.buffer) ?? [])].some((k) => k !== j);
    const joined = join(first, next, isNeeded);
    if (!joined) return undefined;
    const at = mayMoveDown ? j : i;
    forget(first, i);
    forget(next, j);
    list[i] = list[j] = undefined;
    list[at] = joined;
    names[at] = `${names[i]} ${names[j]}`;
    note(joined, at);
    return at;
  };

  for (let j = 0; j < list.length; j++) {
    let at = j;
    for (let again = true; again; ) {
      again = false;
      const command = list[at];
      if (command?.kind !== 'map') break;
      for (const source of command.inputs) {
        const i = writers.get(source.ref.buffer)?.[0];
        if (i === undefined || i >= at || list[i]?.kind !== 'map') continue;
        const joined = tryJoin(i, at);
        if (joined === undefined) continue;
        at = joined;
        again = true;
        break;
      }
    }
  }
  const left = list
    .map((c, i) => [c, names[i] as string] as const)
    .filter((pair): pair is [Command, string] => pair[0] !== undefined);
  return { commands: left.map(([c]) => c), origins: left.map(([, n]) => n) };
}
