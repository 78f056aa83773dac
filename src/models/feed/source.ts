/** Where the batches of an epoch come from: whole tensors, or a data set that yields them one by one. */

import type { Program } from '../../plan/program';
import { ArgumentError } from '../../support/errors';
import { Tensor } from '../../tensor/tensor';
import type { Feed, StepKind } from '../step/programs';
import { type Data, type DataArg, isDataArg, type Prepared, rowBytes } from './check';
import type { Order } from './order';
import { type Share, shareOf } from './share';
import type { PerTarget } from './weighting';

/** Makes the steps of one model in another way than its trainer; see `step/distribution.ts`. */
export interface Steps {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** What batches must be divided for, of which a process holds its rows alone; see `share.ts`. */
  readonly owner: string;
  /** One step on the present batch of a source. @param call number of a test, on which its random numbers depend */
  run(kind: StepKind, source: Source, call: number): void;
  /** All processes take over what the first one has trained so far, if that may have changed there. */
  share(isChanged: boolean): void;
  /** Whether the training ends, as the first process says. All take over its learning rate. */
  agree(ends: boolean): boolean;
}

/** What a batch is bound to. */
export type Bindable = Pick<Program, 'bindInput' | 'bindExternal'>;

/** Batches of one epoch after another. */
export interface Source {
  /** Examples of an epoch, if known. */
  readonly samples: number | undefined;
  /** Batches of an epoch, if known. */
  readonly batches: number | undefined;
  /** The data that contains the present batch, the batch's number of examples, and the number of those before it. */
  readonly data: Data;
  readonly rows: number;
  readonly firstRow: number;
  readonly feed: Feed;
  /** The method that was called, for messages; for a data set the batch too. */
  readonly place: string;
  /** Shuffles, or opens the data set, and moves to a batch. */
  begin(epoch: number, batch: number): void | Promise<void>;
  /** Moves to the next batch; false at the end of the epoch. The tensors of the last batch may be disposed of. */
  next(): boolean | Promise<boolean>;
  /** Who makes the steps; undefined: the model's trainer, on whole batches. */
  readonly steps: Steps | undefined;
  /**
   * Binds this batch to a program, which must run immediately: another call of the model may bind the same program.
   * @param from the first example that counts; default 0
   */
  bind(program: Bindable, from?: number): void;
  end(): void | Promise<void>;
}

/** Batches of whole tensors, in order or shuffled for each epoch. */
export class ArraySource implements Source {
  readonly place = 'fit';
  rows = 0;
  firstRow = 0;
  readonly feed: Feed;
  #next = 0;
  readonly #rowBytes: readonly number[];

  /**
   * @param order undefined: the examples come as they are.
   * @param seed of the orders.
   */
  constructor(
    readonly data: Data,
    readonly batchSize: number,
    readonly order?: Order,
    readonly seed: () => readonly [number, number] = () => [0, 0],
    readonly steps: Steps | undefined = undefined,
  ) {
    this.feed = order ? 'rows' : 'batch';
    this.#rowBytes = data.tensors.map(rowBytes);
  }

  get samples(): number {
    return this.data.count;
  }

  get batches(): number {
    return Math.ceil(this.data.count / this.batchSize);
  }

  begin(epoch: number, batch: number): void {
    if (batch > this.batches)
      throw new ArgumentError(`fit: the training continues after batch ${batch}, but an epoch has ${this.batches}`);
    this.#next = batch * this.batchSize;
    this.order?.shuffle(this.seed(), epoch);
  }

  next(): boolean {
    this.firstRow = this.#next;
    this.rows = Math.max(0, Math.min(this.batchSize, this.data.count - this.firstRow));
    this.#next += this.rows;
    return this.rows > 0;
  }

  bind(program: Bindable, from = 0): void {
    const { data, order } = this;
    const { tensors } = data;
    const firstRow = this.firstRow + from;
    for (let i = 0; i < tensors.length; i++) {
      const address = (tensors[i] as Tensor).address();
      if (order) program.bindExternal(i, address);
      else program.bindInput(i, address + firstRow * (this.#rowBytes[i] as number));
    }
    if (order) program.bindExternal(tensors.length, order.address(firstRow));
  }

  end(): void {}
}

/** A batch of a data set: examples, targets, and optionally weights of the examples. */
export type BatchElement =
  | {
      readonly xs: DataArg;
      readonly ys: DataArg;
      readonly sampleWeights?: PerTarget<Tensor>;
      /** The same, by the name that `fit` has for it. */
      readonly sampleWeight?: PerTarget<Tensor>;
    }
  | readonly [DataArg, DataArg, PerTarget<Tensor>?];

/** What gives batches one by one, as `sg.data` does: a new iterator begins again. */
export interface BatchDataset {
  /** Number of batches, if known; Infinity for an endless data set. */
  readonly size?: number | null;
  /** Opens a pass over the batches. */
  iterator(): Promise<BatchIterator>;
}

/** A pass over the batches of a data set. */
export interface BatchIterator {
  /** The next batch. */
  next(): Promise<IteratorResult<unknown>>;
  /** Ends the pass early. */
  return?(): Promise<unknown>;
}

/** Batches of a data set; their tensors are disposed of after their step. */
export class DatasetSource implements Source {
  readonly samples = undefined;
  readonly feed = 'batch';
  rows = 0;
  firstRow = 0;
  #iterator: BatchIterator | undefined;
  /** Iterators that were opened, and batches taken from the last. */
  #opened = 0;
  #taken = 0;
  #owned: readonly Tensor[] = [];
  #data: Data | undefined;
  #share: Share | undefined;
  #epoch = 0;
  #batch = 0;

  /**
   * @param batches of an epoch: the data set then continues from epoch to epoch. Undefined: an epoch is all of it.
   * @param firstEpoch the epoch of the first iterator.
   */
  constructor(
    readonly where: string,
    readonly dataset: BatchDataset,
    readonly batches: number | undefined,
    readonly firstEpoch: number,
    readonly prepare: (where: string, element: BatchElement) => Prepared,
    readonly steps: Steps | undefined = undefined,
  ) {}

  get data(): Data {
    return this.#data as Data;
  }

  get place(): string {
    return `${this.where}: batch ${this.#batch - 1}`;
  }

  async begin(epoch: number, batch: number): Promise<void> {
    this.#epoch = epoch;
    this.#batch = batch;
    this.firstRow = 0;
    this.rows = 0;
    // Data sets that shuffle again for each iterator must be opened once for each epoch.
    const wanted = this.batches === undefined ? epoch - this.firstEpoch + 1 : 1;
    while (this.#opened < wanted) {
      await this.#close();
      this.#iterator = await this.dataset.iterator();
      this.#opened++;
      this.#taken = 0;
    }
    const skipped = this.batches === undefined ? batch : (epoch - this.firstEpoch) * this.batches + batch;
    for (; this.#taken < skipped; this.#taken++) {
      const pulled = await this.#pull();
      if (!pulled)
        throw new ArgumentError(
          `${this.where}: the training continues after ${skipped} batches, but the data set ended after ${this.#taken}`,
        );
      dispose(pulled.element);
    }
  }

  async next(): Promise<boolean> {
    this.#free();
    if (this.#batch === this.batches) return false;
    const pulled = await this.#pull();
    if (!pulled) {
      if (this.batches === undefined && this.#taken > 0) return false;
      throw new ArgumentError(
        `${this.where}: the data set ended after ${this.#batch} of ${this.batches ?? 'its'} batches of epoch ${this.#epoch}; it needs more data, repeat(), or fewer batches`,
      );
    }
    const { element } = pulled;
    this.#owned = [...tensorsOf(element)];
    const where = `${this.where}: batch ${this.#batch}`;
    this.#share = shareOf(element as object);
    this.#checkShare(where);
    const { data, owned } = this.prepare(where, checkElement(where, element));
    this.#owned = [...this.#owned, ...owned];
    this.#data = data;
    this.firstRow += this.rows;
    this.rows = this.#share?.rows ?? data.count;
    this.#taken++;
    this.#batch++;
    return true;
  }

  bind(program: Bindable, from = 0): void {
    const row = from - (this.#share?.first ?? 0);
    this.data.tensors.forEach((t, i) => {
      program.bindInput(i, t.address() + row * rowBytes(t));
    });
  }

  /** @throws ArgumentError for the rows of another process, or of other chunks */
  #checkShare(where: string): void {
    const { owner } = this.#share ?? {};
    if (owner !== undefined && owner !== this.steps?.owner)
      throw new ArgumentError(
        `${where}: holds the rows of ${owner}, the training is that of ${this.steps?.owner ?? 'one process'}; give shard, distribute and chunk alike`,
      );
  }

  async end(): Promise<void> {
    this.#free();
    this.#opened = 0;
    await this.#close();
  }

  async #pull(): Promise<{ element: unknown } | undefined> {
    const result = await (this.#iterator as BatchIterator).next();
    return result.done ? undefined : { element: result.value };
  }

  #free(): void {
    for (const t of this.#owned) t.dispose();
    this.#owned = [];
    this.#data = undefined;
  }

  async #close(): Promise<void> {
    const open = this.#iterator;
    this.#iterator = undefined;
    await open?.return?.();
  }
}

const KEYS = ['xs', 'ys', 'sampleWeights', 'sampleWeight'];

/** @throws ArgumentError */
function checkElement(where: string, element: unknown): BatchElement {
  const isList = Array.isArray(element);
  const given = (typeof element === 'object' && element !== null ? element : {}) as Record<string, unknown>;
  const [x, y] = isList ? (element as unknown[]) : [given.xs, given.ys];
  if (!isDataArg(x) || !isDataArg(y))
    throw new ArgumentError(`${where}: must be { xs, ys } or [xs, ys] of tensors; batch the data set first`);
  const extra = isList ? Object.keys(element).slice(3) : Object.keys(given).filter((key) => !KEYS.includes(key));
  if (extra.length)
    throw new ArgumentError(
      `${where}: holds ${extra.join(', ')} besides; it may be { xs, ys, sampleWeights } or [xs, ys, sampleWeights]`,
    );
  return element as BatchElement;
}

function* tensorsOf(value: unknown): Generator<Tensor> {
  if (value instanceof Tensor) yield value;
  else if (typeof value === 'object' && value !== null) for (const v of Object.values(value)) yield* tensorsOf(v);
}

function dispose(value: unknown): void {
  for (const t of tensorsOf(value)) t.dispose();
}
