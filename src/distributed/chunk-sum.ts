/**
 * Sums over the chunks of a batch, wherever they were computed: the bits are those of the tree of `tree.ts`, for any number
 * of ranks. (The bits of `MPI_Allreduce` depend on the algorithm that it chooses.)
 *
 * A rank sums what forms whole subtrees by itself. Of large blocks each rank then receives one slice from all others, sums
 * it, and all slices are gathered: each element travels twice, as in the best all-reduce. Of small ones all ranks gather
 * everything and each sums it all, in one exchange instead of two.
 */
import { engine } from '../runtime/engine';
import { ArgumentError } from '../support/errors';
import { type Held, releaseWith, Storage } from '../tensor/storage';
import { Area, type BlockSum, type Place, SumProgram } from './sums';
import { additionsOf, leavesOf, type Run, runOf, subtreesOf } from './tree';
import type { World } from './world';

export interface ChunkSumArgs {
  /** Chunks of all ranks together; rank r has those of `runOf(r, world.size, chunks)`. */
  readonly chunks: number;
  /** Elements of a chunk's block. */
  readonly elements: number;
  /** Bytes from a chunk's block to the next one of this rank, a multiple of 4. */
  readonly stride: number;
  /** Type of the elements, which are added in it; default 'float32'. */
  readonly dtype?: 'float32' | 'float64';
}

/** Bytes that all ranks receive together up to which one exchange is faster than two. */
const SMALL = 1 << 16;
/** Elements that slices are whole groups of. */
const GROUP = 16;

/** A sum that is planned once, for all runs with so many chunks of one size. */
export class ChunkSum implements Held {
  readonly #world: World;
  readonly #owned: Held[] = [];
  /** Sums of this rank's chunks alone. */
  readonly #own: SumProgram | undefined;
  /** Sums of what ranks have sent. */
  readonly #joint: SumProgram | undefined;
  readonly #exchange: Exchange | undefined;

  /** @throws ArgumentError, OutOfMemoryError; nothing is held then */
  constructor(world: World, args: ChunkSumArgs) {
    check(args);
    this.#world = world;
    const plan = new Plan(world, args);
    try {
      if (plan.own.length) this.#own = this.#hold(new SumProgram(plan.own));
      if (plan.joint.length) this.#joint = this.#hold(new SumProgram(plan.joint));
      if (plan.exchange) this.#exchange = this.#hold(new Exchange(plan.exchange));
    } catch (error) {
      this.release();
      throw error;
    }
    releaseWith(this, this.#owned);
  }

  #hold<T extends Held>(held: T): T {
    this.#owned.push(held);
    return held;
  }

  /**
   * Sums the blocks; collective, like the calls of a world. The blocks of this rank are changed.
   * @param partials address of the block of this rank's first chunk; ignored if it has none
   * @param out address of the sum, which all ranks get; may be that of the first block
   * @throws StateError if a worker was ended, OutOfMemoryError
   */
  run(partials: number, out: number): void {
    const exchange = this.#exchange;
    const received = exchange?.received ?? 0;
    this.#own?.run(partials, out, received);
    exchange?.send(this.#world, partials);
    this.#joint?.run(partials, out, received);
    exchange?.gather(this.#world, out);
  }

  release(): void {
    for (const held of this.#owned.splice(0)) held.release();
  }
}

function check({ chunks, elements, stride, dtype = 'float32' }: ChunkSumArgs): void {
  const bytes = elements * (dtype === 'float64' ? 8 : 4);
  if (!Number.isSafeInteger(chunks) || chunks < 1)
    throw new ArgumentError(`sum of chunks: chunks must be a positive integer, not ${chunks}`);
  if (!Number.isSafeInteger(elements) || elements < 0)
    throw new ArgumentError(`sum of chunks: elements must be an integer of at least 0, not ${elements}`);
  if (!Number.isSafeInteger(stride) || stride % 4 || (stride < bytes && chunks > 1))
    throw new ArgumentError(
      `sum of chunks: stride must be a multiple of 4 of at least ${bytes}, the bytes of a block, not ${stride}`,
    );
}

/** Words of a block, for each rank: `[count, distance]`. */
type Parts = readonly (readonly [number, number])[];

interface ExchangePlan {
  /** Bytes that arrive. */
  readonly bytes: number;
  /** One all-to-all of subtrees each: where the block to send starts among the partials, and what goes where. */
  readonly rounds: readonly { readonly from: number; readonly send: Parts; readonly receive: Parts }[];
  /** All that small blocks need, and where this rank's part is among the partials, if it need not be made in its place. */
  readonly whole: Parts | undefined;
  readonly from: number | undefined;
  /** Slices of the sum. */
  readonly slices: Parts | undefined;
}

/** Which sums there are, and what is sent between them. */
class Plan {
  readonly own: readonly BlockSum[];
  readonly joint: readonly BlockSum[];
  readonly exchange: ExchangePlan | undefined;
  readonly #ranks: readonly (readonly Run[])[];
  readonly #bytes: number;

  constructor(
    readonly world: World,
    readonly args: ChunkSumArgs,
  ) {
    const { size } = world;
    const { chunks, elements, dtype } = args;
    this.#bytes = elements * (dtype === 'float64' ? 8 : 4);
    this.#ranks = Array.from({ length: size }, (_, r) => subtreesOf(runOf(r, size, chunks), chunks));
    this.own = [];
    this.joint = [];
    if (elements === 0) return;
    if (size === 1) this.own = [this.#leaves({ first: 0, end: chunks }, { area: Area.out, offset: 0 })];
    else {
      const all = this.#ranks.flat();
      const parts = all.length * this.#bytes <= SMALL ? this.#gathered(all) : this.#sliced(all);
      this.own = parts.own;
      this.joint = parts.joint;
      this.exchange = parts.exchange;
    }
  }

  get #mine(): readonly Run[] {
    return this.#ranks[this.world.rank] as readonly Run[];
  }

  /** The block of a chunk of this rank. */
  #partial(chunk: number): Place {
    const { first } = runOf(this.world.rank, this.world.size, this.args.chunks);
    return { area: Area.partials, offset: (chunk - first) * this.args.stride };
  }

  #sum(subtrees: readonly Run[], blocks: readonly Place[], out: Place, elements = this.args.elements): BlockSum {
    const { chunks, dtype } = this.args;
    return { blocks, additions: additionsOf(subtrees, chunks), out, elements, isDouble: dtype === 'float64' };
  }

  /** The sum of one subtree's chunks. */
  #leaves(subtree: Run, out: Place): BlockSum {
    const leaves = leavesOf(subtree);
    return this.#sum(
      leaves,
      leaves.map(({ first }) => this.#partial(first)),
      out,
    );
  }

  /** The sums of this rank's subtrees, each in the place of its first chunk. */
  #inPlace(): BlockSum[] {
    return this.#mine
      .filter(({ first, end }) => end - first > 1)
      .map((subtree) => this.#leaves(subtree, this.#partial(subtree.first)));
  }

  /** All ranks receive all subtrees. */
  #gathered(all: readonly Run[]): Pick<Plan, 'own' | 'joint' | 'exchange'> {
    const bytes = this.#bytes;
    const at = (subtree: Run): Place => ({ area: Area.received, offset: all.indexOf(subtree) * bytes });
    const words = bytes / 4;
    let before = 0;
    const whole = this.#ranks.map((subtrees): readonly [number, number] => {
      const part = [subtrees.length * words, before] as const;
      before += part[0];
      return part;
    });
    const isOne = this.#mine.length === 1;
    return {
      own: isOne ? this.#inPlace() : this.#mine.map((subtree) => this.#leaves(subtree, at(subtree))),
      joint: [this.#sum(all, all.map(at), { area: Area.out, offset: 0 })],
      exchange: { bytes: all.length * bytes, rounds: [], whole, from: isOne ? 0 : undefined, slices: undefined },
    };
  }

  /** Each rank receives its slice of all subtrees; what it has itself stays where it is. */
  #sliced(all: readonly Run[]): Pick<Plan, 'own' | 'joint' | 'exchange'> {
    const { rank, size } = this.world;
    const words = this.#bytes / 4;
    const groups = Math.ceil(words / GROUP);
    const startOf = (r: number): number => Math.min(words, Math.ceil((groups * r) / size) * GROUP);
    const slices = Array.from({ length: size }, (_, r) => [startOf(r + 1) - startOf(r), startOf(r)] as const);
    const [length, start] = slices[rank] as readonly [number, number];
    const others = all.filter((subtree) => !this.#mine.includes(subtree));
    const arrives = (subtree: Run): number => others.indexOf(subtree) * length;
    const at = (subtree: Run): Place =>
      this.#mine.includes(subtree)
        ? { area: Area.partials, offset: this.#partial(subtree.first).offset + start * 4 }
        : { area: Area.received, offset: arrives(subtree) * 4 };
    const elements = this.args.dtype === 'float64' ? length / 2 : length;
    const rounds = Array.from({ length: Math.max(...this.#ranks.map((r) => r.length)) }, (_, k) => {
      const sent = this.#mine[k];
      return {
        from: sent ? this.#partial(sent.first).offset : 0,
        send: slices.map(([count, from], r) => [sent && r !== rank ? count : 0, from] as const),
        receive: this.#ranks.map((subtrees, r): readonly [number, number] => {
          const subtree = subtrees[k];
          return subtree && r !== rank ? [length, arrives(subtree)] : [0, 0];
        }),
      };
    });
    return {
      own: this.#inPlace(),
      joint: length ? [this.#sum(all, all.map(at), { area: Area.out, offset: start * 4 }, elements)] : [],
      exchange: { bytes: others.length * length * 4, rounds, whole: undefined, from: undefined, slices },
    };
  }
}

/** Tables of parts in linear memory, and the memory for what arrives. */
class Exchange implements Held {
  readonly #plan: ExchangePlan;
  readonly #received: Storage;
  readonly #tables: Storage;
  readonly #tableBytes: number;

  constructor(plan: ExchangePlan) {
    this.#plan = plan;
    const tables = [
      ...plan.rounds.flatMap(({ send, receive }) => [send, receive]),
      ...[plan.whole, plan.slices].filter((parts) => parts !== undefined),
    ];
    this.#tableBytes = 8 * (tables[0] as Parts).length;
    this.#received = new Storage(Math.max(4, plan.bytes), 'training');
    try {
      this.#tables = new Storage(tables.length * this.#tableBytes, 'programs');
    } catch (error) {
      this.#received.release();
      throw error;
    }
    const words = tables.flatMap((parts) => [
      ...parts.map(([count]) => count),
      ...parts.map(([, distance]) => distance),
    ]);
    engine.memory.i32.set(words, this.#tables.address >>> 2);
  }

  get received(): number {
    return this.#received.address;
  }

  #table(index: number): number {
    return this.#tables.address + index * this.#tableBytes;
  }

  /** Before the joint sum. */
  send(world: World, partials: number): void {
    const { rounds, whole, from } = this.#plan;
    for (let k = 0; k < rounds.length; k++) {
      const from = partials + (rounds[k] as (typeof rounds)[number]).from;
      world.allToAll(from, this.#table(2 * k), this.received, this.#table(2 * k + 1));
    }
    if (whole) world.allGather(this.received, this.#table(0), from === undefined ? from : partials + from);
  }

  /** After it. */
  gather(world: World, out: number): void {
    const { rounds, slices } = this.#plan;
    if (slices) world.allGather(out, this.#table(2 * rounds.length));
  }

  release(): void {
    this.#tables.release();
    this.#received.release();
  }
}
