/** The programs of one chunk, each from one cut to the next. */
import type { Bindable, Source } from '../../models/feed/source';
import { external, type Feed, gather } from '../../models/step/programs';
import type { PlanEmitter } from '../../plan/emitter';
import { reachable } from '../../plan/passes/simplify';
import type { Program, ProgramSpec } from '../../plan/program';
import type { Buffer } from '../../program/ir';
import type { Graph, Location, Node, TensorSpec } from '../../tensor/graph';
import { Storage } from '../../tensor/storage';
import type { Block, Layout } from './layout';
import { bytesOf, compiled, extract, type Segment, startsOf } from './partition';
import type { ChunkSpec, Traced } from './trace';

/** Addresses of a chunk's values. */
export interface ChunkPlace {
  /** Of the chunk's part of each block. */
  blockAt(block: number): number;
  /** Of the chunk's rows among those of the batch, by collective. */
  rowsAt(index: number): number;
  /** Of what the chunk keeps from one segment to the next. */
  readonly kept: number;
}

/** Binds the inputs of a segment, which are some of those of the batch. */
class Binding implements Bindable {
  program: Program | undefined;
  /** Number of each input of the batch in the program; undefined: it does not read it. */
  positions: readonly (number | undefined)[] = [];
  count = 0;

  bindInput(index: number, address: number): void {
    const own = this.positions[index];
    if (own !== undefined) this.program?.bindInput(own, address);
  }

  bindExternal(index: number, address: number): void {
    // The last one holds the indices.
    const own = index === this.positions.length ? this.count : this.positions[index];
    if (own !== undefined) this.program?.bindExternal(own, address);
  }
}

interface SegmentProgram {
  readonly program: Program;
  readonly graph: Graph;
  readonly positions: readonly (number | undefined)[];
  readonly inputs: number;
  /** Block and offset of each sum. */
  readonly sums: readonly (readonly [number, number])[];
  readonly rows: number;
  /** Offsets of the values that it keeps, and of those that it reads. */
  readonly kept: readonly number[];
  readonly read: readonly number[];
}

/** Offsets of all values that a chunk keeps. */
function placeKept(segments: readonly Segment[]): {
  readonly offsets: ReadonlyMap<Node, number>;
  readonly bytes: number;
} {
  const nodes = segments.flatMap(({ kept }) => kept);
  const starts = startsOf(nodes.map(bytesOf));
  return { offsets: new Map(nodes.map((n, i) => [n, starts[i] as number])), bytes: starts[nodes.length] as number };
}

const binding = new Binding();

/** Gathers the examples of a chunk from whole tensors. */
function gathering(specs: readonly TensorSpec[]): Pick<ProgramSpec, 'externals' | 'before'> {
  const externals = [...specs, undefined].map((_, i): Buffer => external(`data ${i}`));
  return { externals, before: (e: PlanEmitter, to: readonly Buffer[]) => gather(e, externals, to, specs) };
}

export class ChunkProgram {
  /** Bytes that it keeps from one segment to the next. */
  readonly keptBytes: number;
  readonly #segments: SegmentProgram[] = [];
  readonly #traced: Traced;

  constructor(
    spec: ChunkSpec,
    traced: Traced,
    segments: readonly Segment[],
    layout: Layout,
    readonly feed: Feed,
  ) {
    const { offsets, bytes } = placeKept(segments);
    this.keptBytes = bytes;
    // Stands for wherever a chunk keeps its values.
    const kept = new Storage(Math.max(16, bytes), 'programs');
    this.#traced = traced.retain();
    try {
      const sums = layout.placesOf(segments);
      segments.forEach((segment, s) => {
        this.#segments.push(this.#compile(spec, traced, segment, s, layout.blocks, sums, offsets, kept));
      });
    } catch (error) {
      this.release();
      throw error;
    } finally {
      kept.release();
    }
  }

  #compile(
    spec: ChunkSpec,
    traced: Traced,
    segment: Segment,
    index: number,
    blocks: readonly Block[],
    places: ReadonlyMap<Node, Location>,
    offsets: ReadonlyMap<Node, number>,
    kept: Storage,
  ): SegmentProgram {
    const outputs = [...[...segment.sums, ...segment.rows].map(({ of }) => of), ...segment.kept];
    const own = new Set(segment.kept);
    const isEarlier = (n: Node): boolean => offsets.has(n) && !own.has(n);
    const nodes = new Set(reachable(outputs, (n) => places.has(n) || isEarlier(n)));
    const earlier = [...offsets].filter(([n]) => isEarlier(n) && nodes.has(n));
    const locations = earlier.map(([, offset]): Location => ({ storage: kept, offset }));
    const known = new Map([...places, ...earlier.map(([n], i) => [n, locations[i] as Location] as const)]);
    const used = traced.inputs.filter((n) => nodes.has(n));
    const { graph, of } = extract(outputs, known, used);
    const positions = traced.inputs.map((n) => (used.includes(n) ? used.indexOf(n) : undefined));
    const program = compiled({
      graph,
      inputs: used.map((n) => of.get(n) as Node),
      outputs: outputs.map((n) => of.get(n) as Node),
      bindOutputs: true,
      movable: locations,
      step: spec.kind === 'train' ? spec.model.draws.step : spec.model.draws.call,
      ...(traced.rows && { rows: traced.rows }),
      ...(this.feed === 'rows' && gathering(used.map((n) => spec.data[traced.inputs.indexOf(n)] as TensorSpec))),
    });
    const sums = segment.sums.map((_, i): readonly [number, number] => {
      const block = blocks.findIndex((b) => b.segment === index && b.offsets[i] !== undefined);
      return [block, (blocks[block] as Block).offsets[i] as number];
    });
    return {
      program,
      graph,
      positions,
      inputs: used.length,
      sums,
      rows: segment.rows.length,
      kept: segment.kept.map((n) => offsets.get(n) as number),
      read: earlier.map(([, offset]) => offset),
    };
  }

  get isCurrent(): boolean {
    return this.#segments.every(({ program }) => program.isCurrent);
  }

  /** Runs a segment on the examples from `from` on of the present batch. */
  run(segment: number, source: Source, from: number, place: ChunkPlace): void {
    const { program, positions, inputs, sums, rows, kept, read } = this.#segments[segment] as SegmentProgram;
    binding.program = program;
    binding.positions = positions;
    binding.count = inputs;
    source.bind(binding, from);
    let output = 0;
    for (let i = 0; i < sums.length; i++) {
      const [block, offset] = sums[i] as readonly [number, number];
      program.bindOutput(output++, place.blockAt(block) + offset);
    }
    for (let i = 0; i < rows; i++) program.bindOutput(output++, place.rowsAt(i));
    for (let i = 0; i < kept.length; i++) program.bindOutput(output++, place.kept + (kept[i] as number));
    for (let i = 0; i < read.length; i++) program.moveTo(i, place.kept + (read[i] as number));
    program.run();
  }

  release(): void {
    for (const { program, graph } of this.#segments.splice(0)) {
      program.dispose();
      graph.release();
    }
    this.#traced.release();
  }
}
