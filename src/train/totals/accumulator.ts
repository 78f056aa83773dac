/** Sums, counts and logs that programs add to from batch to batch. Kernels: `assembly/train/accumulate.ts`. */
import { Accumulate, Append, Op, Tally } from '../../../assembly/isa';
import { addEffect } from '../../plan/effects';
import { type Effect, type Emitter, f64, type Ref, type Value } from '../../program/ir';
import { engine } from '../../runtime/engine';
import { StateError } from '../../support/errors';
import { currentGraph, type Graph } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { releaseWith, Storage } from '../../tensor/storage';
import type { Tensor } from '../../tensor/tensor';

/**
 * What a batch adds to a metric.
 * - sum: every column of `values` [n, width] (or [n]) times `weights` [n] times `scale` is added to its own sum, and
 *   the weights into a last one. By default all factors are 1.
 * - tally: `weights` [n] (or ones) go into the cells that `indices` [n] name, `cells` of them.
 * - log: the rows of `values` [n, width] are kept.
 */
export type Addition =
  | { readonly kind: 'sum'; readonly values: Tensor; readonly weights?: Tensor | undefined; readonly scale?: number }
  | { readonly kind: 'tally'; readonly indices: Tensor; readonly weights?: Tensor | undefined; readonly cells: number }
  | { readonly kind: 'log'; readonly values: Tensor };

/** All additions so far: sums (weights last), or cells, in f64; or the rows of a log. */
export type Total = Float64Array | Float32Array;

/** The head of a log, in bytes: the address of its rows, and their number. */
const HEAD = 16;

/** Memory for one running total. It takes its size from the first addition. */
export class Accumulator {
  #kind: Addition['kind'] | undefined;
  /** f64 cells, or the head of a log. */
  #cells: Storage | undefined;
  /** Rows of a log. */
  #rows: Storage | undefined;
  /** Cells; in a log columns. */
  #width = 0;
  /** A total that was restored before there were cells. */
  #pending: Total | undefined;
  readonly #owned: Storage[] = [];

  constructor() {
    releaseWith(this, this.#owned);
  }

  /** Adds in the graph that is being traced. @throws StateError outside of one, or for another kind or size than before */
  add(addition: Addition): void {
    const graph = currentGraph();
    if (!graph) throw new StateError('accumulator: nothing is being traced');
    if (addition.kind === 'sum') this.#addSum(graph, addition);
    else if (addition.kind === 'tally') this.#addTally(graph, addition);
    else this.#addRows(graph, addition.values);
  }

  /** A copy of the total. @param from rows of a log to leave out */
  read(from = 0): Total {
    if (!this.#cells) return this.#pending?.slice() ?? new Float64Array(0);
    const { f32, f64: doubles, u32 } = engine.memory;
    const at = this.#cells.address;
    if (this.#kind !== 'log') return doubles.slice(at >>> 3, (at >>> 3) + this.#width);
    const start = (u32[at >>> 2] as number) >>> 2;
    return f32.slice(start + from * this.#width, start + this.rows * this.#width);
  }

  /** Values of a row: columns of a sum or a log, or cells; 0 if nothing was added yet. */
  get width(): number {
    return this.#kind === 'sum' ? this.#width - 1 : this.#width;
  }

  /** Rows in a log; 0 for sums. */
  get rows(): number {
    return this.#kind === 'log' && this.#cells ? (engine.memory.u32[(this.#cells.address >>> 2) + 1] as number) : 0;
  }

  /** Whether its first sum is a finite number. */
  get isFinite(): boolean {
    return this.#kind !== 'sum' || Number.isFinite(engine.memory.f64[(this.#cells as Storage).address >>> 3]);
  }

  /** Whether `write` can put a total back; always before anything was added. */
  fits(total: Total): boolean {
    if (!this.#cells || total.length === 0) return true;
    return this.#kind === 'log'
      ? total instanceof Float32Array && total.length % this.#width === 0
      : total instanceof Float64Array && total.length === this.#width;
  }

  /** Restores a total from `read`, for continuing a training. @throws StateError for a total of another size */
  write(total: Total): void {
    if (!this.fits(total)) throw new StateError(`metric: a total of ${total.length} values does not fit`);
    if (total.length === 0) return this.reset();
    if (!this.#cells) {
      this.#pending = total;
      return;
    }
    if (this.#kind !== 'log') {
      engine.memory.f64.set(total, this.#cells.address >>> 3);
      return;
    }
    this.reset();
    const rows = total.length / this.#width;
    this.#reserve(rows);
    engine.memory.f32.set(total, (this.#rows as Storage).address >>> 2);
    engine.memory.u32[(this.#cells.address >>> 2) + 1] = rows;
  }

  reset(): void {
    this.#pending = undefined;
    if (!this.#cells) return;
    const { address, bytes } = this.#cells;
    if (this.#kind === 'log') engine.memory.u32[(address >>> 2) + 1] = 0;
    else engine.memory.u32.fill(0, address >>> 2, (address + bytes) >>> 2);
  }

  dispose(): void {
    for (const storage of this.#owned.splice(0)) storage.release();
    this.#cells = undefined;
    this.#rows = undefined;
  }

  #begin(graph: Graph, kind: Addition['kind'], width: number, bytes: number): Storage {
    if (this.#cells && (kind !== this.#kind || width !== this.#width))
      throw new StateError(
        `metric: ${this.#width} values were added before, now ${width}; resetState keeps the size, so make a new metric`,
      );
    if (!this.#cells) {
      this.#cells = untracked(() => new Storage(bytes, 'training'));
      this.#owned.push(this.#cells);
      this.#kind = kind;
      this.#width = width;
      const { address } = this.#cells;
      engine.memory.u32.fill(0, address >>> 2, (address + bytes) >>> 2);
      if (this.#pending?.length) this.write(this.#pending);
      this.#pending = undefined;
    }
    graph.retain(this.#cells);
    return this.#cells;
  }

  #addSum(graph: Graph, { values, weights, scale = 1 }: Addition & { kind: 'sum' }): void {
    const [rows, width] = [values.shape[0] ?? 1, values.shape[1] ?? 1];
    const storage = this.#begin(graph, 'sum', width + 1, (width + 1) * 8);
    put(graph, [values, weights], (e, [v, w]) =>
      e.command(
        Op.Accumulate,
        Accumulate,
        {
          values: (v as Value).ref,
          weights: w?.ref ?? 0,
          state: placeOf(e, storage, 'total'),
          rows,
          width,
          scale: f64(scale),
        },
        ['state'],
      ),
    );
  }

  #addTally(graph: Graph, { indices, weights, cells }: Addition & { kind: 'tally' }): void {
    const storage = this.#begin(graph, 'tally', cells, cells * 8);
    put(graph, [indices, weights], (e, [i, w]) =>
      e.command(
        Op.Tally,
        Tally,
        {
          indices: (i as Value).ref,
          weights: w?.ref ?? 0,
          state: placeOf(e, storage, 'total'),
          count: indices.size,
          limit: cells,
        },
        ['state'],
      ),
    );
  }

  #addRows(graph: Graph, values: Tensor): void {
    const [rows, width] = [values.shape[0] as number, values.shape[1] as number];
    const storage = this.#begin(graph, 'log', width, HEAD);
    put(
      graph,
      [values],
      (e, [v]) =>
        e.command(
          Op.Append,
          Append,
          {
            values: (v as Value).ref,
            head: placeOf(e, storage, 'log'),
            rows,
            width,
          },
          ['head'],
        ),
      () => this.#reserve(this.rows + rows),
    );
  }

  /** Makes room for so many rows in all. */
  #reserve(rows: number): void {
    const bytes = rows * this.#width * 4;
    const before = this.#rows;
    if (before && before.bytes >= bytes) return;
    const next = untracked(() => new Storage(Math.max(4096, 2 * bytes), 'training'));
    const { u32 } = engine.memory;
    if (before) {
      u32.copyWithin(next.address >>> 2, before.address >>> 2, (before.address + before.bytes) >>> 2);
      this.#owned.splice(this.#owned.indexOf(before), 1);
      before.release();
    }
    this.#owned.push(next);
    this.#rows = next;
    u32[(this.#cells as Storage).address >>> 2] = next.address;
  }
}

const placeOf = (e: Emitter, storage: Storage, label: string): Ref => ({
  buffer: e.fixed({ storage, offset: 0 }, label),
  offset: 0,
});

/** Records a command on operands, some of which may be missing. */
function put(
  graph: Graph,
  operands: readonly (Tensor | undefined)[],
  emit: (e: Parameters<Effect['emit']>[0], values: readonly (Value | undefined)[]) => void,
  prepare?: () => void,
): void {
  const given = operands.filter((t) => t !== undefined);
  const effect: Effect = { location: undefined, emit: (e, values) => emit(e, values), ...(prepare && { prepare }) };
  addEffect(
    graph,
    'total',
    given.map((t) => t.node(graph, 'metric')),
    effect,
  );
}
