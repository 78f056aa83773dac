/** What is done once for a batch, by each process, when all its chunks are summed: weights, statistics, totals. */
import type { Model } from '../../models/model';
import type { Program } from '../../plan/program';
import { engine } from '../../runtime/engine';
import { StateError } from '../../support/errors';
import type { Location, Node } from '../../tensor/graph';
import { sizeOf } from '../../tensor/shape';
import { Storage } from '../../tensor/storage';
import { runOf } from '../tree';
import type { World } from '../world';
import { dependsOnChunk } from './collectives';
import { bytesOf, compiled, extract, startsOf } from './partition';
import type { ChunkSpec, Traced } from './trace';

const isSame = (a: Location, b: Location): boolean => a.storage === b.storage && a.offset === b.offset;

/** The weight at a place. */
const nameOf = (model: Model, place: Location): string =>
  model.weights.find((w) => isSame(w.location('distribute'), place))?.name ?? 'a variable';

/** What a step changes: places and their values, gradients, effects. */
const changesOf = ({ graph, pins }: Traced): Node[] => [
  ...pins.map(([n]) => n),
  ...graph.assignments.map(([, n]) => n),
  ...graph.effects,
];

/**
 * @throws StateError if a layer would change something by the examples of a chunk: processes would disagree
 */
function checkChanges(model: Model, { graph, collectives: { ends } }: Traced): void {
  for (const [place, node] of graph.assignments)
    if (dependsOnChunk(node, ends))
      throw new StateError(
        `distribute: ${nameOf(model, place)} is assigned a value of single examples, which each chunk of a batch has others of; only batch normalization can do that`,
      );
  for (const effect of graph.effects)
    if (dependsOnChunk(effect, ends))
      throw new StateError(
        `distribute: ${effect.op} takes values of single examples in every step, and each chunk of a batch has others; do it outside of the model`,
      );
}

/** Whether the value of a node is in a place already. */
const isHere = ({ kind, attrs }: Node, place: Location): boolean =>
  kind === 'constant' && isSame(attrs as Location, place);

/** The parts that ranks have of the rows of a batch, one table for each value. */
function partsOf({ size }: World, chunk: number, examples: number, bytes: readonly number[]): Storage {
  const chunks = Math.ceil(examples / chunk);
  const bounds = Array.from({ length: size }, (_, rank) => {
    const { first, end } = runOf(rank, size, chunks);
    return [Math.min(first * chunk, examples), Math.min(end * chunk, examples)] as const;
  });
  const words = bytes.flatMap((each) => [
    ...bounds.map(([from, to]) => ((to - from) * each) / 4),
    ...bounds.map(([from]) => (from * each) / 4),
  ]);
  const storage = new Storage(Math.max(16, words.length * 4), 'programs');
  engine.memory.i32.set(words, storage.address >>> 2);
  return storage;
}

/** The update after a batch of so many examples. */
export class Update {
  readonly program: Program;
  readonly #traced: Traced;
  /** Of the batch: one collective after another. */
  readonly #rows: Storage;
  /** Where each begins, and bytes of an example. */
  readonly #offsets: readonly number[];
  readonly #bytes: readonly number[];
  readonly #count: number;
  /** For each value a table of the ranks' parts. */
  readonly #parts: Storage | undefined;

  /** @throws StateError for what cannot be done once for a batch */
  static check(spec: ChunkSpec, traced: Traced): void {
    checkChanges(spec.model, traced);
  }

  /** @param sums where those of the trace are */
  constructor(
    world: World,
    chunk: number,
    examples: number,
    spec: ChunkSpec,
    traced: Traced,
    sums: ReadonlyMap<Node, Location>,
  ) {
    const nodes = traced.collectives.rows.map(({ node }) => node);
    this.#offsets = startsOf(nodes.map(bytesOf));
    this.#bytes = nodes.map((node) => (sizeOf(node.shape) * 4) / examples);
    this.#count = nodes.length;
    this.#rows = new Storage(Math.max(16, this.#offsets[nodes.length] as number), 'training');
    try {
      this.#parts = world.size > 1 ? partsOf(world, chunk, examples, this.#bytes) : undefined;
      this.program = this.#compile(spec, traced, sums);
    } catch (error) {
      this.#parts?.release();
      this.#rows.release();
      throw error;
    }
    this.#traced = traced.retain();
  }

  #compile(spec: ChunkSpec, traced: Traced, sums: ReadonlyMap<Node, Location>): Program {
    const known = new Map(sums);
    traced.collectives.rows.forEach(({ node }, i) => {
      known.set(node, { storage: this.#rows, offset: this.#offsets[i] as number });
    });
    const { graph, of } = extract(changesOf(traced), known, []);
    const at = (n: Node): Node => of.get(n) as Node;
    return compiled({
      graph,
      inputs: [],
      outputs: [],
      pins: traced.pins.flatMap(([n, place]) => (isHere(at(n), place) ? [] : [[at(n), place] as const])),
      assignments: traced.graph.assignments.map(([place, n]) => [place, at(n)] as const),
      step: spec.kind === 'train' ? spec.model.draws.step : spec.model.draws.call,
    });
  }

  /** Where the rows of a value begin that belong to an example. */
  rowsAt(index: number, example: number): number {
    return this.#rows.address + (this.#offsets[index] as number) + example * (this.#bytes[index] as number);
  }

  /** All ranks receive the rows of the others. */
  gather(world: World): void {
    const parts = this.#parts;
    for (let i = 0; parts && i < this.#count; i++)
      world.allGather(this.rowsAt(i, 0), parts.address + i * 8 * world.size);
  }

  release(): void {
    this.program.dispose();
    this.#parts?.release();
    this.#rows.release();
    this.#traced.release();
  }
}
