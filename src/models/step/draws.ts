/** Random numbers of a model's programs: their seed, and the counters on which they depend. */
import { ownSeed } from '../../ops/core/keys';
import type { DrawnRows } from '../../plan/emitter';
import { engine } from '../../runtime/engine';
import { ProgramDraws, type Seed } from '../../tensor/draws';
import { type Graph, type Location, withNewGraph } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import type { Shape } from '../../tensor/shape';
import { Storage } from '../../tensor/storage';

/** Numbers of calls of `predict` and `evaluate` start here; steps of training stay far below. */
const CALLS = 0x80000000;
/** Validations have the number of the training step before them, from here on: a resumed training repeats them. */
const VALIDATIONS = 0x40000000;

/** In linear memory: the numbers of training steps and of the running call, and the first row of its batch. */
export class ModelDraws {
  /** The model's to release. */
  readonly storage = untracked(() => new Storage(12));
  #seed: Seed = ownSeed();
  #calls = 0;

  constructor() {
    engine.memory.u32.fill(0, this.#word, this.#word + 3);
  }

  get #word(): number {
    return this.storage.address >>> 2;
  }

  /** The seed, and the calls of `predict` and `evaluate` so far. */
  get state(): { readonly seed: Seed; readonly calls: number } {
    return { seed: this.#seed, calls: this.#calls };
  }

  /** Must be set before programs are traced, as they contain the seed. */
  set state({ seed, calls }) {
    this.#seed = seed;
    this.#calls = calls;
  }

  /** Where draws of a new trace come from. */
  trace(): ProgramDraws {
    return new ProgramDraws(this.#seed);
  }

  /** Counter of training steps. */
  get step(): Location {
    return { storage: this.storage, offset: 0 };
  }

  /** The counter of calls, used instead of that of training steps. */
  get call(): Location {
    return { storage: this.storage, offset: 4 };
  }

  get firstRow(): Location {
    return { storage: this.storage, offset: 8 };
  }

  /** The number of a new call of `predict` or `evaluate`. */
  nextCall(): number {
    return (CALLS + this.#calls++) >>> 0;
  }

  /** The number of a validation at this point of the training. */
  validation(): number {
    return VALIDATIONS + ((engine.memory.u32[this.#word] as number) % VALIDATIONS);
  }

  /** Sets the call that the next run belongs to, and the first of its rows. */
  set(call: number, firstRow: number): void {
    const word = this.#word;
    const { u32 } = engine.memory;
    u32[word + 1] = call;
    u32[word + 2] = firstRow;
  }

  /**
   * Finds the draws of a trace of `rows` rows whose first dimension grows with the number of rows.
   * @param draw traces the same for another number of rows; it may refuse
   */
  rowsOf(traced: ProgramDraws, rows: number, draw: (graph: Graph, rows: number) => void): DrawnRows | undefined {
    if (traced.shapes.length === 0) return undefined;
    const more = this.trace();
    let isComparable = true;
    try {
      withNewGraph(
        (graph) => {
          draw(graph, rows + 1);
          graph.release();
        },
        false,
        more,
      );
    } catch {
      // The model only takes batches of this size.
      isComparable = false;
    }
    isComparable &&= more.shapes.length === traced.shapes.length;
    const sizes = traced.shapes.map((shape, i) => rowSize(shape, rows, isComparable ? more.shapes[i] : undefined));
    return { first: this.firstRow, sizes };
  }
}

/** Elements of a draw for one row of the batch; 0 if its first dimension does not follow the batch. */
function rowSize([first, ...rest]: Shape, rows: number, more: Shape | undefined): number {
  if (first === undefined || first % rows !== 0) return 0;
  const each = first / rows;
  const size = rest.reduce((a, b) => a * b, each);
  if (!more) return size;
  return more[0] === each * (rows + 1) && rest.every((d, i) => more[i + 1] === d) ? size : 0;
}
