/**
 * Maps that others may still join. Steps name the values they work on; which of the command's operands each value gets is
 * decided when nothing more joins. So joining two maps costs as many steps as the smaller has, not both together.
 */
import { MAP_OPERANDS } from '../../../assembly/isa';
import { fitsMap, readsInPlace } from '../../program/encode';
import type { Buffer, MapCommand, MapOperand, MapSource, MapStepIR, Ref } from '../../program/ir';
import { type Shape, sameShape, sizeOf, stridesOf } from '../../tensor/shape';

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
  source: MapSource;
  /** The last step that reads it. */
  last: number;
}

interface Output {
  readonly inner: Inner;
  readonly ref: Ref;
  /** The step that makes it. */
  at: number;
}

/** No step. */
const UNREAD = Number.NEGATIVE_INFINITY;

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

/** Strides of inputs along another shape with as many elements, if all are read in place. */
function along(map: OpenMap, shape: Shape): readonly number[] | undefined {
  if (sizeOf(map.shape) !== sizeOf(shape)) return undefined;
  return map.inputs.every(({ source }) => readsInPlace(map, source)) ? stridesOf(shape) : undefined;
}

/** How two maps go over one shape: which, and the strides of inputs of the one that goes over another now. */
function aligned(
  a: OpenMap,
  b: OpenMap,
): { shape: Shape; a?: readonly number[] | undefined; b?: readonly number[] | undefined } | undefined {
  if (sameShape(a.shape, b.shape)) return { shape: a.shape };
  const stridesOfA = along(a, b.shape);
  if (stridesOfA) return { shape: b.shape, a: stridesOfA };
  const stridesOfB = along(b, a.shape);
  return stridesOfB && { shape: a.shape, b: stridesOfB };
}

/** Where inputs read, with other strides if they are given. */
const sourcesAlong = (inputs: readonly Input[], strides: readonly number[] | undefined): MapSource[] =>
  inputs.map(({ source }) => (strides ? { ref: source.ref, strides } : source));

const sameStrides = (a: readonly number[], b: readonly number[]): boolean => a.every((s, d) => s === b[d]);

export class OpenMap {
  shape: Shape;
  inputs: Input[];
  outputs: Output[];
  #steps = new Steps();
  /** Largest number of temporaries that hold values at the same time. */
  #temps = 0;

  constructor(command: MapCommand) {
    this.shape = command.shape;
    const inputs = command.inputs.map(inner);
    const made = new Map<MapOperand['kind'], Inner[]>([
      ['temp', []],
      ['output', []],
    ]);
    const valueAt = (operand: MapOperand): Inner =>
      (operand.kind === 'input' ? inputs[operand.index] : made.get(operand.kind)?.[operand.index]) as Inner;
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

  /** The buffers that it reads, each once. */
  sources(): Buffer[] {
    const found: Buffer[] = [];
    for (const { source } of this.inputs) if (!found.includes(source.ref.buffer)) found.push(source.ref.buffer);
    return found;
  }

  /**
   * Whether this map and the one that comes next fit into one.
   * @param isNeeded whether an output of this map has to be written to memory still
   * @returns what joins them: one of the two, which takes in the other; undefined if they do not fit
   */
  jointWith(next: OpenMap, isNeeded: (ref: Ref) => boolean): (() => OpenMap) | undefined {
    const common = aligned(this, next);
    if (!common) return undefined;
    const needed: Output[] = [];
    const idle: Output[] = [];
    for (const output of this.outputs) (isNeeded(output.ref) ? needed : idle).push(output);
    /** By input of `next`: the output or input of this map that it is. */
    const known: (Output | Input | undefined)[] = [];
    let fresh = 0;
    for (const { source } of next.inputs) {
      const made = this.outputs.find(({ ref }) => ref.buffer === source.ref.buffer);
      const strides = common.b ?? source.strides;
      if (made && !(sameRef(made.ref, source.ref) && readsInPlace(common, { ref: source.ref, strides })))
        return undefined;
      const same =
        made ??
        this.inputs.find(
          (own) => sameRef(own.source.ref, source.ref) && sameStrides(common.a ?? own.source.strides, strides),
        );
      if (!same) fresh++;
      known.push(same);
    }
    const operands = this.inputs.length + fresh + needed.length + next.outputs.length;
    if (operands > MAP_OPERANDS) return undefined;
    const lastReads = idle.map((output) =>
      next.inputs.reduce((last, input, i) => (known[i] === output ? Math.max(last, input.last) : last), UNREAD),
    );
    const temps = this.#tempsWith(next, idle, lastReads);
    if (operands + temps > MAP_OPERANDS) return undefined;
    const newSources = next.inputs.filter((_, i) => !known[i]);
    const sources = [...sourcesAlong(this.inputs, common.a), ...sourcesAlong(newSources, common.b)];
    if (!fitsMap({ shape: common.shape, inputs: sources })) return undefined;
    return () => {
      for (const [i, output] of idle.entries()) {
        const last = lastReads[i] as number;
        this.#hold(output.at, last === UNREAD ? output.at + 1 : this.#steps.end);
        if (last !== UNREAD) next.#hold(next.#steps.start, last);
      }
      return this.#take(next, common.shape, known, needed, sources, temps);
    };
  }

  #take(
    next: OpenMap,
    shape: Shape,
    known: readonly (Output | Input | undefined)[],
    needed: Output[],
    sources: readonly MapSource[],
    temps: number,
  ): OpenMap {
    const takesNext = next.#steps.count <= this.#steps.count;
    const shift = takesNext ? this.#append(next.#steps) : next.#prepend(this.#steps);
    const moved = takesNext ? next : this;
    for (const input of moved.inputs) input.last += shift;
    for (const output of moved.outputs) output.at += shift;
    const inputs = this.inputs;
    next.inputs.forEach((input, i) => {
      const same = known[i];
      if (!same) inputs.push(input);
      else {
        input.inner.same = same.inner;
        if ('last' in same) same.last = Math.max(same.last, input.last);
      }
    });
    inputs.forEach((input, i) => {
      input.source = sources[i] as MapSource;
    });
    const result = takesNext ? this : next;
    result.inputs = inputs;
    for (const output of next.outputs) needed.push(output);
    result.outputs = needed;
    result.shape = shape;
    result.#temps = temps;
    return result;
  }

  /** The command, its values in operands: those of temporaries are taken again once their values were read. */
  close(): MapCommand {
    const operands = new Map<Inner, MapOperand>();
    for (const [index, { inner: value }] of this.inputs.entries())
      operands.set(resolve(value), { kind: 'input', index });
    for (const [index, { inner: value }] of this.outputs.entries())
      operands.set(resolve(value), { kind: 'output', index });
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
      const read = values.map((value) => operands.get(value) as MapOperand);
      // A value's last reader may write in its place: kernels work element by element.
      for (const value of new Set(values)) {
        const operand = operands.get(value) as MapOperand;
        if (operand.kind === 'temp' && lastUse.get(value) === i) idle.push(operand.index);
      }
      const value = resolve(target);
      let operand = operands.get(value);
      if (!operand) {
        operand = { kind: 'temp', index: idle.pop() ?? temps++ };
        operands.set(value, operand);
        if (!lastUse.has(value)) idle.push(operand.index);
      }
      return { ...ir, args: read, target: operand };
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

  /**
   * Largest number of temporaries in both maps, if outputs of this one become temporaries that `next` reads.
   * @param lastReads the last step of `next` that reads each
   */
  #tempsWith(next: OpenMap, idle: readonly Output[], lastReads: readonly number[]): number {
    let most = Math.max(this.#temps, next.#temps);
    const { end } = this.#steps;
    const { start } = next.#steps;
    let first = end;
    let last = start;
    idle.forEach(({ at }, i) => {
      first = Math.min(first, at);
      last = Math.max(last, lastReads[i] as number);
    });
    const count = (i: number, isHeld: (at: number, lastRead: number) => boolean): number =>
      idle.reduce((sum, { at }, k) => sum + (isHeld(at, lastReads[k] as number) ? 1 : 0), i);
    for (let i = first; i < end; i++)
      most = Math.max(
        most,
        count(this.#steps.at(i).live, (at, read) => at === i || (at < i && read !== UNREAD)),
      );
    for (let i = start; i < last; i++)
      most = Math.max(
        most,
        count(next.#steps.at(i).live, (_, read) => read > i),
      );
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
