/**
 * Maps that others may still join. Steps name the values they work on; which of the command's slots each value gets is
 * settled when nothing more joins. So joining costs what the smaller of two maps has of steps, not what both have.
 */
import { MAP_SLOTS } from '../../assembly/isa';
import { fitsMap, readsInPlace } from '../ops/encode';
import type { Buffer, MapCommand, MapSource, MapStepIR, Ref, Slot } from '../ops/ir';
import { type Shape, sameShape, sizeOf, stridesOf } from '../tensor/shape';

/** A value that steps read or make. */
interface Inner {
  /** The value that it turned out to be when its map joined another one. */
  same: Inner | undefined;
}

interface InnerStep {
  readonly ir: MapStepIR;
  readonly args: readonly Inner[];
  readonly target: Inner;
  /** Temporaries that hold values while and after the step is done. */
  live: number;
}

interface Input {
  readonly inner: Inner;
  readonly source: MapSource;
  /** The last step that reads it. */
  readonly last: number;
}

interface Output {
  readonly inner: Inner;
  readonly ref: Ref;
  /** The step that makes it. */
  readonly at: number;
}

const inner = (): Inner => ({ same: undefined });

function resolve(value: Inner): Inner {
  let found = value;
  while (found.same) {
    if (found.same.same) found.same = found.same.same;
    found = found.same;
  }
  return found;
}

/** Steps by their place, which stays when more come before (below 0) or after. */
class Steps {
  readonly #front: InnerStep[] = [];
  readonly #back: InnerStep[] = [];

  get start(): number {
    return -this.#front.length;
  }

  get end(): number {
    return this.#back.length;
  }

  get count(): number {
    return this.end - this.start;
  }

  at(place: number): InnerStep {
    return (place < 0 ? this.#front[-1 - place] : this.#back[place]) as InnerStep;
  }

  append(step: InnerStep): void {
    this.#back.push(step);
  }

  prepend(step: InnerStep): void {
    this.#front.push(step);
  }
}

const sameRef = (a: Ref, b: Ref): boolean => a.buffer === b.buffer && a.offset === b.offset;

/** Inputs along another shape with as many elements, if all are read in place. */
function along(map: OpenMap, shape: Shape): readonly MapSource[] | undefined {
  if (sizeOf(map.shape) !== sizeOf(shape)) return undefined;
  if (!map.inputs.every(({ source }) => readsInPlace(map, source))) return undefined;
  return map.inputs.map(({ source }) => ({ ref: source.ref, strides: stridesOf(shape) }));
}

/** Two maps over one shape: which, and their inputs along it. */
function aligned(
  a: OpenMap,
  b: OpenMap,
): { shape: Shape; a: readonly MapSource[]; b: readonly MapSource[] } | undefined {
  const own = (map: OpenMap): readonly MapSource[] => map.inputs.map(({ source }) => source);
  if (sameShape(a.shape, b.shape)) return { shape: a.shape, a: own(a), b: own(b) };
  const fromA = along(a, b.shape);
  if (fromA) return { shape: b.shape, a: fromA, b: own(b) };
  const fromB = along(b, a.shape);
  return fromB && { shape: a.shape, a: own(a), b: fromB };
}

export class OpenMap {
  shape: Shape;
  inputs: readonly Input[];
  outputs: readonly Output[];
  #steps = new Steps();
  /** Most temporaries that hold values at once. */
  #temps = 0;

  constructor(command: MapCommand) {
    this.shape = command.shape;
    const inputs = command.inputs.map(inner);
    const made = new Map<Slot['kind'], Inner[]>([
      ['temp', []],
      ['output', []],
    ]);
    const valueAt = (slot: Slot): Inner =>
      (slot.kind === 'input' ? inputs[slot.index] : made.get(slot.kind)?.[slot.index]) as Inner;
    const lastUse = new Map<Inner, number>();
    command.steps.forEach((ir, i) => {
      const args = ir.args.map(valueAt);
      for (const arg of args) lastUse.set(arg, i);
      const target = inner();
      (made.get(ir.target.kind) as Inner[])[ir.target.index] = target;
      this.#steps.append({ ir, args, target, live: 0 });
    });
    command.steps.forEach(({ target: { kind } }, i) => {
      if (kind === 'temp') this.#hold(i, lastUse.get(this.#steps.at(i).target) ?? i + 1);
    });
    this.inputs = command.inputs.map((source, i) => {
      const value = inputs[i] as Inner;
      return { inner: value, source, last: lastUse.get(value) ?? -1 };
    });
    this.outputs = command.outputs.map((ref, i) => ({
      inner: made.get('output')?.[i] as Inner,
      ref,
      at: command.steps.findIndex(({ target }) => target.kind === 'output' && target.index === i),
    }));
  }

  /** Whether it reads from a buffer. */
  reads(buffer: Buffer): boolean {
    return this.inputs.some(({ source }) => source.ref.buffer === buffer);
  }

  /**
   * Takes in the map that comes next, if both fit into one.
   * @param isNeeded whether an output of this map has to be written to memory still
   * @returns the joined map, which is one of the two; undefined if they do not fit, and both are as they were
   */
  join(next: OpenMap, isNeeded: (ref: Ref) => boolean): OpenMap | undefined {
    const common = aligned(this, next);
    if (!common) return undefined;
    const inputs: Input[] = this.inputs.map((input, i) => ({ ...input, source: common.a[i] as MapSource }));
    /** By input of `next`: the value of this map that it is. */
    const known = new Map<Inner, Inner>();
    const lastRead = new Map<Output, number>();
    const fresh: Input[] = [];
    /** Inputs of both: where the first one stands, and the second's last read. */
    const shared: [number, number][] = [];
    for (const [i, { inner: value, last }] of next.inputs.entries()) {
      const source = common.b[i] as MapSource;
      const made = this.outputs.find(({ ref }) => ref.buffer === source.ref.buffer);
      if (made) {
        if (!sameRef(made.ref, source.ref) || !readsInPlace(common, source)) return undefined;
        known.set(value, made.inner);
        lastRead.set(made, Math.max(last, lastRead.get(made) ?? last));
        continue;
      }
      const index = inputs.findIndex(
        (o) => sameRef(o.source.ref, source.ref) && o.source.strides.every((s, d) => s === source.strides[d]),
      );
      if (index < 0) fresh.push({ inner: value, source, last });
      else {
        known.set(value, (inputs[index] as Input).inner);
        shared.push([index, last]);
      }
    }
    const needed = this.outputs.filter(({ ref }) => isNeeded(ref));
    const idle = this.outputs.filter((output) => !needed.includes(output));
    const slots = inputs.length + fresh.length + needed.length + next.outputs.length;
    const temps = slots <= MAP_SLOTS ? this.#tempsWith(next, idle, lastRead) : 0;
    if (slots + temps > MAP_SLOTS) return undefined;
    const sources = [...inputs, ...fresh].map(({ source }) => source);
    if (!fitsMap({ shape: common.shape, inputs: sources })) return undefined;

    for (const output of idle) {
      this.#hold(output.at, lastRead.has(output) ? this.#steps.end : output.at + 1);
      next.#hold(next.#steps.start, lastRead.get(output) ?? next.#steps.start);
    }
    for (const [value, same] of known) value.same = same;
    const takesNext = next.#steps.count <= this.#steps.count;
    const [mine, others] = takesNext ? [0, this.#append(next.#steps)] : [next.#prepend(this.#steps), 0];
    const result = takesNext ? this : next;
    const moved = inputs.map((input) => ({ ...input, last: input.last + mine }));
    for (const [index, last] of shared) {
      const input = moved[index] as Input;
      moved[index] = { ...input, last: Math.max(input.last, last + others) };
    }
    result.inputs = [...moved, ...fresh.map((input) => ({ ...input, last: input.last + others }))];
    result.outputs = [
      ...needed.map((output) => ({ ...output, at: output.at + mine })),
      ...next.outputs.map((output) => ({ ...output, at: output.at + others })),
    ];
    result.shape = common.shape;
    result.#temps = temps;
    return result;
  }

  /** The command, its values in slots: those of temporaries are taken again once their values were read. */
  close(): MapCommand {
    const slots = new Map<Inner, Slot>();
    for (const [index, { inner: value }] of this.inputs.entries()) slots.set(resolve(value), { kind: 'input', index });
    for (const [index, { inner: value }] of this.outputs.entries())
      slots.set(resolve(value), { kind: 'output', index });
    const steps: InnerStep[] = [];
    for (let i = this.#steps.start; i < this.#steps.end; i++) steps.push(this.#steps.at(i));
    const lastUse = new Map<Inner, number>();
    steps.forEach(({ args }, i) => {
      for (const arg of args) lastUse.set(resolve(arg), i);
    });
    const idle: number[] = [];
    let temps = 0;
    const closed = steps.map(({ ir, args, target }, i): MapStepIR => {
      const values = args.map(resolve);
      const read = values.map((value) => slots.get(value) as Slot);
      // A value's last reader may write where it stands: kernels work element by element.
      for (const value of new Set(values)) {
        const slot = slots.get(value) as Slot;
        if (slot.kind === 'temp' && lastUse.get(value) === i) idle.push(slot.index);
      }
      const value = resolve(target);
      let slot = slots.get(value);
      if (!slot) {
        slot = { kind: 'temp', index: idle.pop() ?? temps++ };
        slots.set(value, slot);
        if (!lastUse.has(value)) idle.push(slot.index);
      }
      return { ...ir, args: read, target: slot };
    });
    return {
      kind: 'map',
      shape: this.shape,
      inputs: this.inputs.map(({ source }) => source),
      outputs: this.outputs.map(({ ref }) => ref),
      temps,
      steps: closed,
    };
  }

  /** A temporary holds a value from one step to the one before another. */
  #hold(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const step = this.#steps.at(i);
      this.#temps = Math.max(this.#temps, ++step.live);
    }
  }

  /** Most temporaries at once in both maps, if outputs of this one become temporaries that `next` reads. */
  #tempsWith(next: OpenMap, idle: readonly Output[], lastRead: ReadonlyMap<Output, number>): number {
    let most = Math.max(this.#temps, next.#temps);
    const { end } = this.#steps;
    const dead = idle.filter((output) => !lastRead.has(output));
    for (const { at } of dead) most = Math.max(most, this.#steps.at(at).live + idle.length);
    const begins = idle.filter((output) => lastRead.has(output)).map(({ at }) => at);
    const first = begins.reduce((a, b) => Math.min(a, b), end);
    for (let i = first; i < end; i++)
      most = Math.max(most, this.#steps.at(i).live + begins.filter((at) => at <= i).length);
    const ends = idle.flatMap((output) => lastRead.get(output) ?? []);
    const last = ends.reduce((a, b) => Math.max(a, b), next.#steps.start);
    for (let i = next.#steps.start; i < last; i++)
      most = Math.max(most, next.#steps.at(i).live + ends.filter((to) => to > i).length);
    return most;
  }

  /** @returns by how much the steps' places have changed */
  #append(steps: Steps): number {
    const shift = this.#steps.end - steps.start;
    for (let i = steps.start; i < steps.end; i++) this.#steps.append(steps.at(i));
    return shift;
  }

  #prepend(steps: Steps): number {
    const shift = this.#steps.start - steps.end;
    for (let i = steps.end - 1; i >= steps.start; i--) this.#steps.prepend(steps.at(i));
    return shift;
  }
}
