/** A step in chunks: segment by segment on each chunk of this process, the sums of all, then the update. */
import type { BatchLayout, Data } from '../../models/feed/check';
import type { Source } from '../../models/feed/source';
import type { Feed, StepKind } from '../../models/step/programs';
import { engine } from '../../runtime/engine';
import { StateError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { type Held, Storage } from '../../tensor/storage';
import type { Tensor } from '../../tensor/tensor';
import { ChunkSum } from '../chunk-sum';
import { type Run, runOf } from '../tree';
import type { World } from '../world';
import { type ChunkPlace, ChunkProgram } from './chunk-program';
import { formOf, Layout } from './layout';
import { segmentsOf, startsOf } from './partition';
import { Recent } from './recent';
import { type ChunkSpec, type Traced, traceChunk } from './trace';
import type { Trainable } from './trainable';
import { Update } from './update';

/** What stays the same whatever the size of the batch. */
export interface StepForm {
  readonly kind: StepKind;
  readonly feed: Feed;
  readonly layout: BatchLayout;
}

/** What depends on the number of chunks. */
interface Sums extends Held {
  /** By block. */
  readonly list: readonly ChunkSum[];
}

export class ChunkedStep implements ChunkPlace, Held {
  /** Holds the number of the batch's examples. */
  readonly #total = untracked(() => new Storage(16, 'training'));
  #layout: Layout | undefined;
  #segments = 0;
  /** By the number of examples: whole chunks, and last ones. */
  readonly #programs = new Recent<ChunkProgram>();
  readonly #updates = new Recent<Update>();
  readonly #sums = new Recent<Sums>();
  /** What the chunks of this process contribute to the blocks. */
  #partials: Storage | undefined;
  /** Where each block's begin, in chunks. */
  #starts: readonly number[] = [];
  /** What the chunks of this process keep between segments. */
  #kept: Storage | undefined;
  #slots = 0;
  /** The chunk that runs. */
  #slot = 0;
  #from = 0;
  #update: Update | undefined;

  constructor(
    readonly world: World,
    readonly trainer: Trainable,
    readonly chunk: number,
    readonly form: StepForm,
  ) {}

  /** One step on the present batch of a source. @param call number of a test */
  run(source: Source, call: number): void {
    const { world, chunk, form } = this;
    const { rows } = source;
    const chunks = Math.ceil(rows / chunk);
    const own = runOf(world.rank, world.size, chunks);
    const update = untracked(() => this.#prepare(source.data, rows, own));
    const sums = untracked(() => this.#sumsOf(chunks));
    const { draws } = this.trainer.model;
    const first = form.kind === 'test' ? source.firstRow : 0;
    engine.memory.f32[this.#total.address >>> 2] = rows;
    this.#update = update;
    for (let s = 0; s < this.#segments; s++) {
      for (let c = own.first; c < own.end; c++) {
        this.#slot = c - own.first;
        this.#from = c * chunk;
        const program = this.#programs.get(Math.min(chunk, rows - this.#from)) as ChunkProgram;
        draws.set(call, first + this.#from);
        program.run(s, source, this.#from, this);
      }
      this.#add(s, sums);
    }
    update.gather(world);
    update.program.run();
  }

  #add(segment: number, { list }: Sums): void {
    const { blocks } = this.#layout as Layout;
    for (let b = 0; b < blocks.length; b++) {
      const block = blocks[b] as (typeof blocks)[number];
      if (block.segment === segment)
        (list[b] as ChunkSum).run(this.#partialsAt(b), block.out.storage.address + block.out.offset);
    }
  }

  #partialsAt(block: number): number {
    return (this.#partials as Storage).address + (this.#starts[block] as number) * this.#slots;
  }

  blockAt(block: number): number {
    return this.#partialsAt(block) + this.#slot * ((this.#layout as Layout).blocks[block]?.bytes ?? 0);
  }

  rowsAt(index: number): number {
    return (this.#update as Update).rowsAt(index, this.#from);
  }

  get kept(): number {
    return (this.#kept?.address ?? 0) + this.#slot * ((this.#kept?.bytes ?? 0) / this.#slots);
  }

  /** All programs that the batch needs, and memory for the chunks of this process. */
  #prepare(data: Data, rows: number, { first, end }: Run): Update {
    if (!this.#programs.every((p) => p.isCurrent) || !this.#updates.every((u) => u.program.isCurrent)) this.#clear();
    const whole = Math.min(this.chunk, rows);
    const update = this.#updates.get(rows) ?? this.#make(data, rows, whole);
    for (let c = first; c < end; c = Math.max(c + 1, end - 1)) {
      const count = Math.min(this.chunk, rows - c * this.chunk);
      if (!this.#programs.get(count)) this.#make(data, rows, count);
    }
    this.#reserve(Math.max(1, end - first));
    return update;
  }

  /** Traces the step on a chunk of `count` examples, and compiles what is missing. */
  #make({ tensors, layout }: Data, rows: number, count: number): Update {
    const { kind, feed } = this.form;
    const specs = tensors.map(({ shape, dtype }: Tensor): TensorSpec => ({ shape: [count, ...shape.slice(1)], dtype }));
    const total = { storage: this.#total, offset: 0 };
    const { spec, traced } = this.trainer.make(kind, (compiled) => {
      const made: ChunkSpec = { model: this.trainer.model, compiled, kind, data: specs, layout, all: rows, total };
      const found = traceChunk(made);
      return found && { spec: made, traced: found };
    });
    try {
      return this.#compile(spec, traced, rows, count, feed);
    } finally {
      traced.release();
    }
  }

  #compile(spec: ChunkSpec, traced: Traced, rows: number, count: number, feed: Feed): Update {
    const segments = segmentsOf(traced.collectives);
    // What is refused comes first.
    Update.check(spec, traced);
    if (!this.#layout) {
      this.#layout = new Layout(segments, traced.pins, spec.compiled.gradients);
      this.#segments = segments.length;
      this.#starts = startsOf(this.#layout.blocks.map(({ bytes }) => bytes));
    }
    const layout = this.#layout;
    if (formOf(segments) !== layout.form)
      throw new StateError(
        `distribute: the model takes other sums of a chunk of ${count} examples than of one of ${this.chunk}; a batch cannot be put together of them`,
      );
    if (!this.#programs.get(count)) this.#programs.add(count, new ChunkProgram(spec, traced, segments, layout, feed));
    const known = this.#updates.get(rows);
    if (known) return known;
    const update = new Update(this.world, this.chunk, rows, spec, traced, layout.placesOf(segments));
    this.#updates.add(rows, update);
    return update;
  }

  /** Memory for so many chunks. */
  #reserve(slots: number): void {
    const { blocks } = this.#layout as Layout;
    const kept = Math.max(0, ...this.#programs.map((p) => p.keptBytes));
    const isEnough = slots <= this.#slots && kept * this.#slots <= (this.#kept?.bytes ?? 0);
    if (isEnough) return;
    const wanted = Math.max(slots, this.#slots);
    this.#free();
    const bytes = (this.#starts[blocks.length] as number) * wanted;
    this.#partials = new Storage(Math.max(16, bytes), 'training');
    // Gaps are added up too: they stay 0.
    engine.memory.u32.fill(0, this.#partials.address >>> 2, (this.#partials.address + this.#partials.bytes) >>> 2);
    if (kept > 0) this.#kept = new Storage(kept * wanted, 'training');
    // Until here nothing counts as reserved: if memory is exhausted, the next step asks for it again.
    this.#slots = wanted;
  }

  /** Frees the memory of the chunks of this process. */
  #free(): void {
    this.#partials?.release();
    this.#kept?.release();
    this.#partials = this.#kept = undefined;
    this.#slots = 0;
  }

  #sumsOf(chunks: number): Sums {
    const known = this.#sums.get(chunks);
    if (known) return known;
    const { blocks } = this.#layout as Layout;
    const list: ChunkSum[] = [];
    const made = { list, release: () => list.forEach((sum) => sum.release()) };
    try {
      for (const { bytes } of blocks)
        list.push(new ChunkSum(this.world, { chunks, elements: bytes / 4, stride: bytes }));
    } catch (error) {
      made.release();
      throw error;
    }
    this.#sums.add(chunks, made);
    return made;
  }

  #clear(): void {
    this.#programs.clear();
    this.#updates.clear();
    this.#sums.clear();
    this.#layout?.release();
    this.#free();
    this.#layout = this.#update = undefined;
  }

  release(): void {
    this.#clear();
    this.#total.release();
  }
}
