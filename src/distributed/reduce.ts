/** Sums over the chunks of a batch in training loops of the caller's own. */
import { withRunNumber } from '../plan/counter';
import { describe, rebuild, type Template } from '../plan/tree';
import { engine } from '../runtime/engine';
import { checkFunction, checkWhole } from '../support/arguments';
import { ArgumentError, StateError } from '../support/errors';
import { currentGraph } from '../tensor/graph';
import { tidy, untracked } from '../tensor/scope';
import { showShape } from '../tensor/shape';
import { type Held, Storage } from '../tensor/storage';
import { allocate, type Tensor } from '../tensor/tensor';
import { ChunkSum } from './chunk-sum';
import { startsOf } from './chunks/partition';
import { Recent } from './chunks/recent';
import { runOf } from './tree';
import type { World } from './world';

/** What a function returned for a chunk. */
interface Form {
  readonly template: Template;
  readonly leaves: readonly Tensor[];
  /** Where each leaf begins in a block, in bytes; the last number is the length. */
  readonly starts: readonly number[];
}

/** The sum for so many chunks of one size, and the blocks of those of this rank. */
class Reduction implements Held {
  readonly blocks: Storage;
  readonly sum: ChunkSum;

  constructor(world: World, chunks: number, own: number, bytes: number) {
    this.blocks = new Storage(Math.max(1, own) * Math.max(16, bytes), 'training');
    try {
      this.sum = new ChunkSum(world, { chunks, elements: bytes / 4, stride: bytes });
    } catch (error) {
      this.blocks.release();
      throw error;
    }
  }

  release(): void {
    this.sum.release();
    this.blocks.release();
  }
}

/** The reductions of a world. */
export class Reducer {
  readonly #world: World;
  readonly #known = new Recent<Reduction, string>();
  /** Chunks so far, of all ranks: what random numbers follow. */
  #chunks = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** See `TrainingWorld.reduce`. */
  reduce<T>(count: number, chunk: number, of: (from: number, to: number) => T): T {
    checkWhole(count, 'reduce', 'count', 1);
    checkWhole(chunk, 'reduce', 'chunk', 1);
    checkFunction(of, 'reduce', 'of', '(from, to) => gradients(x.slice(from, to - from))');
    if (currentGraph())
      throw new StateError(
        'reduce: a function that is being traced has no values to exchange; call reduce outside of sg.jit, and the compiled function inside of reduce',
      );
    const { rank, size } = this.#world;
    const chunks = Math.ceil(count / chunk);
    const { first, end } = runOf(rank, size, chunks);
    const number = this.#chunks;
    this.#chunks += chunks;
    let form: Form | undefined;
    let reduction: Reduction | undefined;
    const add = (c: number): void =>
      tidy(() => {
        const from = c * chunk;
        const made = formOf(withRunNumber(number + c, () => of(from, Math.min(from + chunk, count))));
        if (form) checkForm(form, made, c);
        form ??= made;
        const bytes = form.starts.at(-1) as number;
        reduction ??= untracked(() => this.#reductionFor(chunks, end - first, bytes));
        const to = reduction.blocks.address + Math.max(0, c - first) * bytes;
        made.leaves.forEach((t, i) => {
          copy(t.address('reduce'), to + (made.starts[i] as number), t.size);
        });
      });
    // A rank without chunks looks at the first one, to know the form of the sum.
    if (first === end) add(0);
    for (let c = first; c < end; c++) add(c);
    const { blocks, sum } = reduction as unknown as Reduction;
    sum.run(blocks.address, blocks.address);
    return tensorsOf(form as unknown as Form, blocks.address) as T;
  }

  #reductionFor(chunks: number, own: number, bytes: number): Reduction {
    const key = `${chunks} ${bytes}`;
    const known = this.#known.get(key);
    if (known) return known;
    const made = new Reduction(this.#world, chunks, own, bytes);
    this.#known.add(key, made);
    return made;
  }
}

/** @throws ArgumentError for anything but tensors of float32 */
function formOf(result: unknown): Form {
  const leaves: Tensor[] = [];
  const template = describe(result, leaves, true);
  if (leaves.length === 0)
    throw new ArgumentError(
      'reduce: the function must return a tensor, or lists and objects with tensors; it must be synchronous',
    );
  const other = leaves.find((t) => t.dtype !== 'float32');
  if (other)
    throw new ArgumentError(
      `reduce: the function returned ${other.dtype} ${showShape(other.shape)}; only float32 is summed, use sg.cast`,
    );
  return { template, leaves, starts: startsOf(leaves.map((t) => t.size * 4)) };
}

const shapesOf = ({ leaves }: Form): string => leaves.map(({ shape }) => showShape(shape)).join(', ');

/** @throws ArgumentError if a chunk has other results than those before it */
function checkForm(form: Form, made: Form, chunk: number): void {
  if (shapesOf(form) !== shapesOf(made))
    throw new ArgumentError(
      `reduce: the function returned ${shapesOf(made)} for chunk ${chunk} and ${shapesOf(form)} before; sums over examples have the same shapes for all`,
    );
}

function copy(from: number, to: number, words: number): void {
  engine.memory.u32.copyWithin(to >>> 2, from >>> 2, (from >>> 2) + words);
}

/** The sums as tensors. */
function tensorsOf({ template, leaves, starts }: Form, address: number): unknown {
  const sums = leaves.map(({ shape, dtype }) => allocate(shape, dtype));
  sums.forEach((t, i) => {
    copy(address + (starts[i] as number), t.address('reduce'), t.size);
  });
  let at = 0;
  return rebuild(template, () => sums[at++] as Tensor);
}
