/** Programs: a graph compiled to commands in linear memory, run by one call. */
import { encode, type Patch, writeProgram } from '../program/encode';
import type { Buffer, Command, Effect, Value } from '../program/ir';
import { runProgram, runProgramAside, runsAside } from '../program/run';
import { engine } from '../runtime/engine';
import { Pace } from '../runtime/pace';
import { DisposedError } from '../support/errors';
import { type Graph, type Location, type Node, withGraph } from '../tensor/graph';
import { untracked } from '../tensor/scope';
import { sizeOf } from '../tensor/shape';
import { type Held, releaseWith, Storage } from '../tensor/storage';
import { placement } from '../tensor/variable';
import { type DrawnRows, PlanEmitter } from './emitter';
import { lowerNodes } from './lower';
import { fuseCommands } from './passes/fold-copies';
import { type Move, moveAll } from './passes/moves';
import { type Placement, place } from './passes/place';
import { fuseEpilogues, mergeEqual, type Rewritten, reachable } from './passes/simplify';
import type { Listing } from './print';
import { Workspace } from './workspace';

/** Switches for tests: the bits of a program never depend on them. */
export interface PlanOptions {
  readonly fuse?: boolean;
  readonly reuse?: boolean;
}

/** A place, and the value that is written to it at the end. */
type Assignment = readonly [Location, Node];

export interface ProgramSpec {
  /** The program takes it over: its constants are kept alive until `dispose`. */
  readonly graph: Graph;
  /** Bound to an address before each run, in this order. */
  readonly inputs: readonly Node[];
  /** Values to read after a run; each bound to an address if `bindOutputs`, else kept in the workspace. */
  readonly outputs: readonly Node[];
  readonly bindOutputs?: boolean;
  /** Values that have to end up in a given place: gradients in their arena. */
  readonly pins?: readonly (readonly [Node, Location])[];
  /** All effects: moving statistics, variables. */
  readonly assignments?: readonly Assignment[];
  /** Counter of random numbers. */
  readonly step?: Location;
  /** For batches: which rows draw the numbers that they would draw in any other batch. */
  readonly rows?: DrawnRows;
  /** Emits what comes before the graph and fills the inputs' buffers, which are part of the workspace then. */
  readonly before?: (e: PlanEmitter, inputs: readonly Buffer[]) => void;
  /** Buffers with address 0 that `before` reads; bound to an address before each run. */
  readonly externals?: readonly Buffer[];
  /** Places of constants and assignments that may be elsewhere in later runs; see `moveTo`. The graph stays the caller's. */
  readonly movable?: readonly Location[];
  /** Told of the program when it is in memory: finds the keys of random numbers there, which it may change. */
  readonly keys?: { locate(words: Uint32Array, address: number): void };
  readonly options?: PlanOptions;
}

/** A word of a program that holds an address inside a bound buffer. */
interface Place {
  /** Index of the word in linear memory. */
  readonly word: number;
  /** Added to the buffer's address. */
  readonly offset: number;
}

/** A compiled program. Its workspace may be released between two runs. */
export class Program {
  readonly #program: Storage;
  readonly #workspace: Workspace;
  /** Where the workspace was when the addresses in it were last written. */
  #base: number;
  /** Words that hold an address in the workspace. */
  readonly #relocations: Uint32Array;
  readonly #owned: Held[] = [];
  readonly #inputPatches: readonly (readonly Place[])[];
  readonly #outputPatches: readonly (readonly Place[])[];
  readonly #externalPatches: readonly (readonly Place[])[];
  readonly #movablePatches: readonly (readonly Place[])[];
  readonly #outputs: readonly Value[];
  readonly listing: Listing;
  readonly #commands: readonly number[];
  readonly #placement: number;
  /** Names the command at an address, for errors. */
  readonly #where = (at: number): string =>
    this.listing.origins[this.#commands.findLastIndex((offset) => offset <= at - this.#program.address)] ?? 'program';
  readonly #pace: Pace;
  readonly #scratchBytes: number;
  readonly #graph: Graph | undefined;
  /** Effects that prepare each run. */
  readonly #prepared: readonly Effect[];
  #isDisposed = false;

  constructor(spec: ProgramSpec, plan: Plan) {
    this.#placement = plan.version;
    // Memory that is bound again for each run belongs to the caller.
    this.#graph = spec.movable ? undefined : spec.graph;
    this.#prepared = spec.graph.effects.map((n) => n.attrs as Effect).filter((effect) => effect.prepare);
    releaseWith(this, this.#owned);
    const lasts = !spec.bindOutputs && plan.outputs.length > 0;
    this.#workspace = new Workspace(Math.max(16, plan.placement.bytes), lasts);
    this.#base = this.#workspace.take();
    this.#owned.push(this.#workspace);
    for (const [buffer, offset] of plan.placement.offsets) buffer.address = this.#base + offset;
    const encoded = encode(plan.commands);
    this.#pace = new Pace(encoded.shared);
    this.#scratchBytes = encoded.scratchBytes;
    const program = this.#takeText(encoded.words.byteLength);
    this.#program = program;
    writeProgram(encoded, program.address);
    const placed = placedBuffers(plan.placement.offsets, plan.commands);
    const moving = encoded.patches.filter((p) => placed.has(p.ref.buffer));
    this.#relocations = Uint32Array.from(moving, (p) => (program.address + p.at) >>> 2);
    const places = placesOf(encoded.patches, program.address);
    const patchesOf = (buffer: Buffer): readonly Place[] => places.get(buffer) ?? [];
    this.#inputPatches = plan.inputs.map(patchesOf);
    this.#outputPatches = plan.outputs.map((v) => patchesOf(v.ref.buffer));
    this.#externalPatches = (spec.externals ?? []).map(patchesOf);
    this.#movablePatches = (spec.movable ?? []).map((place) => {
      const buffer = plan.bufferAt(place);
      return buffer ? patchesOf(buffer) : [];
    });
    spec.keys?.locate(encoded.words, program.address);
    this.#outputs = plan.outputs;
    this.listing = plan;
    this.#commands = commandOffsets(encoded.words);
  }

  /** Sets the address of input `index` for the runs that follow. */
  bindInput(index: number, address: number): void {
    patch(this.#inputPatches[index], address);
  }

  /** Sets the address of output `index`; only for programs made with `bindOutputs`. */
  bindOutput(index: number, address: number): void {
    patch(this.#outputPatches[index], address);
  }

  /** Sets the address of external buffer `index`. */
  bindExternal(index: number, address: number): void {
    patch(this.#externalPatches[index], address);
  }

  /** Sets the address of movable place `index` for the runs that follow. */
  moveTo(index: number, address: number): void {
    patch(this.#movablePatches[index], address);
  }

  /** False if variables have moved: a new program is needed. */
  get isCurrent(): boolean {
    return this.#placement === placement.version;
  }

  /** Address of an output in the workspace; its content lasts until the next run. */
  outputAddress(index: number): number {
    const { ref } = this.#outputs[index] as Value;
    const offset = this.listing.placement.offsets.get(ref.buffer);
    return (offset === undefined ? (ref.buffer.address as number) : this.#base + offset) + ref.offset;
  }

  /** @throws IndexError if a kernel met an index outside its axis; DisposedError; StateError; what effects throw that prepare */
  run(): void {
    this.#prepare();
    runProgram(this.#program.address, this.#where, this.#pace);
  }

  /**
   * As `run`, but in pages a worker may run it while this thread is free: then it returns a promise. `engine.isAside` must
   * be false, and nothing may be awaited between binding addresses and this call.
   */
  runAside(): Promise<void> | undefined {
    if (!runsAside(this.#pace.work)) {
      this.run();
      return undefined;
    }
    this.#prepare();
    return runProgramAside(this.#program.address, this.#where, this.#pace.work);
  }

  /** Nanoseconds that it takes one thread, about, without what is too small to share. */
  get work(): number {
    return this.#pace.work;
  }

  #prepare(): void {
    if (this.#isDisposed) throw new DisposedError('program: it was disposed');
    for (let i = 0; i < this.#prepared.length; i++) this.#prepared[i]?.prepare?.();
    engine.holdScratch(this.#scratchBytes);
    // The last step that may take memory: nothing releases the workspace from here on.
    const base = this.#workspace.take();
    if (base !== this.#base) this.#relocate(base);
  }

  /** Bytes of the commands and, while it is held, the workspace. */
  get bytes(): number {
    return this.#workspace.bytes + this.#program.bytes;
  }

  /** Addresses of the commands and the parts they belong to, for profilers. */
  get commands(): { address: number; origin: string }[] {
    return this.listing.origins.map((origin, i) => ({
      address: this.#program.address + (this.#commands[i] as number),
      origin,
    }));
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const held of this.#owned.splice(0)) held.release();
    this.#graph?.release();
  }

  /** Memory for the commands. @throws OutOfMemoryError; the workspace has been released then */
  #takeText(bytes: number): Storage {
    try {
      const storage = new Storage(bytes, 'programs');
      this.#owned.push(storage);
      return storage;
    } catch (error) {
      this.#workspace.release();
      throw error;
    }
  }

  #relocate(base: number): void {
    const { u32 } = engine.memory;
    const distance = base - this.#base;
    for (const word of this.#relocations) u32[word] = (u32[word] as number) + distance;
    this.#base = base;
  }
}

/** The buffers that are in a workspace, those of the loops in it included. */
function placedBuffers(
  offsets: ReadonlyMap<Buffer, number>,
  commands: readonly Command[],
  found = new Set<Buffer>(),
): ReadonlySet<Buffer> {
  for (const buffer of offsets.keys()) found.add(buffer);
  for (const c of commands) if (c.kind === 'loop') placedBuffers(c.offsets, c.body, found);
  return found;
}

/** By buffer, where an encoded program that starts at an address refers to it. */
function placesOf(patches: readonly Patch[], address: number): ReadonlyMap<Buffer, readonly Place[]> {
  const places = new Map<Buffer, Place[]>();
  for (const { at, ref } of patches) {
    const place = { word: (address + at) >>> 2, offset: ref.offset };
    const list = places.get(ref.buffer);
    if (list) list.push(place);
    else places.set(ref.buffer, [place]);
  }
  return places;
}

/** Writes an address wherever a program refers to one buffer. */
function patch(places: readonly Place[] | undefined, address: number): void {
  if (!places) return;
  const { u32 } = engine.memory;
  for (let i = 0; i < places.length; i++) {
    const { word, offset } = places[i] as Place;
    u32[word] = address + offset;
  }
}

/** Byte offsets of the commands. */
function commandOffsets(words: Uint32Array): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < words.length; at += (words[at + 1] as number) / 4) offsets.push(at * 4);
  return offsets;
}

interface Plan {
  readonly commands: readonly Command[];
  readonly origins: readonly string[];
  readonly placement: Placement;
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Value[];
  /** The buffer that represents memory outside the program, if the program uses it. */
  readonly bufferAt: (place: Location) => Buffer | undefined;
  /** Of the places of variables that it knows. */
  readonly version: number;
}

/** The node whose value is also this one's, in another shape. */
function unshaped(node: Node): Node {
  let found = node;
  while (found.op === 'reshape') found = found.inputs[0] as Node;
  return found;
}

/** All passes, graph to placed commands. */
function makePlan(spec: ProgramSpec): Plan {
  const { version } = placement;
  const { fuse = true, reuse = true } = spec.options ?? {};
  const pins = spec.pins ?? [];
  const assignments = spec.assignments ?? [];
  // Inputs take part even if nothing reads them: their order is the caller's.
  let roots = [
    ...spec.inputs,
    ...spec.outputs,
    ...pins.map(([n]) => n),
    ...assignments.map(([, n]) => n),
    ...spec.graph.effects,
  ];
  const follow = ({ of }: Rewritten): void => {
    roots = roots.map((n) => of.get(n) as Node);
  };
  withGraph(undefined, () => {
    follow(mergeEqual(reachable(roots)));
    const { effects, passes } = spec.graph;
    if (effects.length && passes) follow(passes.keepOld(reachable(roots), roots.slice(0, -effects.length)));
    if (fuse) follow(fuseEpilogues(reachable(roots), new Set(roots)));
  });
  const rest = [...roots];
  const inputs = rest.splice(0, spec.inputs.length);
  const outputs = rest.splice(0, spec.outputs.length);
  const pinned = rest.splice(0, pins.length);
  const assigned = rest.splice(0, assignments.length);

  const e = new PlanEmitter(spec.step, spec.rows);
  // A bound buffer has address 0 until it is bound; one that `before` fills is part of the workspace.
  const buffers = inputs.map(
    (n, i): Buffer => ({ bytes: sizeOf(n.shape) * 4, address: spec.before ? undefined : 0, label: `input ${i}` }),
  );
  const boundOutputs = outputs.map((n, i): Buffer | undefined =>
    spec.bindOutputs ? { bytes: sizeOf(n.shape) * 4, address: 0, label: `output ${i}` } : undefined,
  );
  e.origin = 'batch';
  spec.before?.(e, buffers);
  // A node computes straight into the first place that asks for it; later ones get copies.
  const places = new Map<Node, Buffer>();
  const copies = new Map<Node, Buffer[]>();
  const ask = (node: Node, buffer: Buffer | undefined): void => {
    if (!buffer) return;
    const whole = unshaped(node);
    if (whole.kind === 'op' && whole !== node && !places.has(whole) && !places.has(node)) places.set(whole, buffer);
    else if (node.kind !== 'op' || places.has(node)) copies.set(node, [...(copies.get(node) ?? []), buffer]);
    else places.set(node, buffer);
  };
  pinned.forEach((n, i) => ask(n, e.fixed((pins[i] as readonly [Node, Location])[1], 'pin')));
  outputs.forEach((n, i) => ask(n, boundOutputs[i]));
  const values = lowerNodes(
    e,
    reachable(roots),
    new Map(inputs.map((n, i) => [n, { buffer: buffers[i] as Buffer, offset: 0 }])),
    places,
    copies,
  );
  e.origin = 'assign';
  const taken = assigned.map(
    (n, i): Move => ({ value: values.get(n) as Value, to: e.fixed((assignments[i] as Assignment)[0], 'variable') }),
  );
  const changed = new Set(taken.map(({ to }) => to));
  const saved: Move[] = [];
  const outputValues = outputs.map((n, i): Value => {
    const value = values.get(n) as Value;
    const bound = boundOutputs[i];
    if (bound) return { ...value, ref: { buffer: bound, offset: 0 } };
    if (!changed.has(value.ref.buffer)) return value;
    // The old value of a variable, to be read after it has changed.
    const own = e.temporary(value);
    saved.push({ value, to: own.ref.buffer });
    return own;
  });
  moveAll(e, [...saved, ...taken]);
  const kept = new Set(outputValues.map((v) => v.ref.buffer));
  const { commands, origins } = fuse
    ? fuseCommands(e.commands, e.origins, kept)
    : { commands: e.commands, origins: e.origins };
  return {
    commands,
    origins,
    placement: place(commands, kept, reuse),
    inputs: buffers,
    outputs: outputValues,
    bufferAt: (place) => e.bufferAt(place),
    version,
  };
}

/** Compiles a graph; the program's memory belongs to the caller. */
export const compileProgram = (spec: ProgramSpec): Program => planProgram(spec)();

/** The first part of `compileProgram`, and what does the rest, for threads that must not be held up by both. */
export function planProgram(spec: ProgramSpec): () => Program {
  const plan = untracked(() => makePlan(spec));
  return () => untracked(() => new Program(spec, plan));
}
