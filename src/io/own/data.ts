/** Arrays of a safetensors file as they are read: at once, or piece by piece into the memory of fresh weights. */
import type { Elements, Source, StoredWeight } from '../formats/format';
import type { Entry } from '../safetensors/header';
import { GROUP_BYTES } from '../weights/digest';
import { dtypeOf, readerOf, SIZES } from '../weights/elements';
import { scaledArray, storedArray } from './arrays';
import type { SealCheck } from './seal';

/** Bytes that are read at once: they stay in a cache of the processor until they are used. Whole groups of the digest. */
const PIECE = 32_768 * GROUP_BYTES;

/** Arrays that are scales of others. */
export const SCALE = '::scale';

/** A weight, or what a training has kept, that may not have been read yet. */
class Unread implements StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  #copyTo: StoredWeight['copyTo'] | undefined;
  #integers: StoredWeight['integers'];

  constructor(
    readonly entry: Entry,
    readonly scale: Entry | undefined,
  ) {
    this.name = entry.name;
    this.shape = entry.shape;
  }

  get dtype(): StoredWeight['dtype'] {
    return this.scale ? 'float32' : dtypeOf(this.entry.type);
  }

  /** Known when it was read. */
  get integers(): StoredWeight['integers'] {
    return this.#integers;
  }

  /** Whether pieces hold whole elements, which are read one by one. @param start where the first piece begins */
  canPour(start: number): boolean {
    return !this.scale && (this.entry.from - start) % SIZES[this.entry.type] === 0;
  }

  /** Reads some elements. @param at bytes before them; @throws DTypeError for what no tensor holds */
  pour(bytes: Uint8Array, at: number, target: Elements): void {
    const { name, type } = this.entry;
    const size = SIZES[type];
    readerOf(name, type, bytes).copyTo(target.subarray(at / size, (at + bytes.length) / size));
  }

  /** @throws FormatError, DTypeError for what no tensor holds */
  take(bytesOf: (entry: Entry) => Uint8Array): void {
    const { entry, scale } = this;
    const read = scale ? scaledArray(entry, bytesOf(entry), scale, bytesOf(scale)) : storedArray(entry, bytesOf(entry));
    this.#copyTo = (target) => read.copyTo(target);
    this.#integers = read.integers;
  }

  copyTo(target: Elements): void {
    if (!this.#copyTo) throw new Error(`'${this.name}' was not read yet`);
    this.#copyTo(target);
  }
}

/** Where the bytes of an array go. */
interface Sink {
  readonly entry: Entry;
  put(piece: Uint8Array, at: number): void;
}

/** Pieces of a source, which may know nothing of them. */
async function* piecesOf(source: Source, from: number, to: number): AsyncGenerator<Uint8Array> {
  if (source.pieces) return yield* source.pieces(from, to, PIECE);
  for (let at = from; at < to; at += PIECE) yield source.read(at, Math.min(to, at + PIECE));
}

/** The data of a file. */
export class FileData {
  readonly arrays: readonly Unread[];
  readonly #source: Source;
  readonly #start: number;
  readonly #check: (() => SealCheck) | undefined;

  /** @param check makes what compares the data with the digest of the file, if it has one */
  constructor(source: Source, start: number, entries: readonly Entry[], check?: () => SealCheck) {
    this.#source = source;
    this.#start = start;
    this.#check = check;
    const isScale = ({ name }: Entry): boolean => name.endsWith(SCALE);
    const scales = new Map(entries.filter(isScale).map((e) => [e.name.slice(0, -SCALE.length), e]));
    this.arrays = entries.filter((e) => !isScale(e)).map((e) => new Unread(e, scales.get(e.name)));
  }

  /** Passes over all data. @throws FormatError if the digest is that of others */
  async #pass(use: (piece: Uint8Array, from: number) => void): Promise<void> {
    const { size } = this.#source;
    const check = this.#check?.();
    let at = this.#start;
    for await (const piece of piecesOf(this.#source, at, size)) {
      check?.add(piece);
      use(piece, at);
      at += piece.length;
    }
    check?.end();
  }

  /** Reads all. @throws FormatError, DTypeError */
  async load(): Promise<void> {
    const data = await this.#source.read(this.#start, this.#source.size);
    const check = this.#check?.();
    check?.add(data);
    check?.end();
    for (const array of this.arrays) array.take(({ from, to }) => data.subarray(from - this.#start, to - this.#start));
  }

  /** Reads all for the digest alone. @throws FormatError */
  verify(): Promise<void> {
    return this.#check ? this.#pass(() => undefined) : Promise.resolve();
  }

  /**
   * Reads all, weights straight to where they belong. Those with scales, and what is no weight, are kept until the end.
   * @param others arrays besides the weights that are needed
   * @throws FormatError, DTypeError
   */
  async pour(
    weights: readonly (StoredWeight | undefined)[],
    targetOf: (i: number) => Elements,
    others: readonly StoredWeight[],
  ): Promise<void> {
    const places = new Map<string, number>();
    for (const [i, weight] of weights.entries()) if (weight) places.set(weight.name, i);
    const sinks: Sink[] = [];
    const kept = new Map<Entry, Uint8Array>();
    const keep = (entry: Entry): void => {
      const bytes = new Uint8Array(entry.to - entry.from);
      kept.set(entry, bytes);
      sinks.push({ entry, put: (piece, at) => bytes.set(piece, at) });
    };
    const needed = new Set([...others.map(({ name }) => name), ...places.keys()]);
    const found = this.arrays.filter(({ name }) => needed.has(name));
    for (const array of found) {
      const { name, entry, scale } = array;
      const place = places.get(name);
      if (place !== undefined && array.canPour(this.#start))
        sinks.push({ entry, put: (piece, at) => array.pour(piece, at, targetOf(place)) });
      else for (const each of scale ? [entry, scale] : [entry]) keep(each);
    }
    await this.#distribute(sinks);
    for (const array of found) {
      if (!kept.has(array.entry)) continue;
      array.take((entry) => kept.get(entry) as Uint8Array);
      const place = places.get(array.name);
      if (place === undefined) continue;
      array.copyTo(targetOf(place));
    }
  }

  /** Passes over all data, each array to its sink. */
  async #distribute(sinks: readonly Sink[]): Promise<void> {
    const ordered = [...sinks].sort((a, b) => a.entry.from - b.entry.from);
    let first = 0;
    await this.#pass((piece, from) => {
      const end = from + piece.length;
      while (first < ordered.length && (ordered[first] as Sink).entry.to <= from) first++;
      for (let i = first; i < ordered.length; i++) {
        const { entry, put } = ordered[i] as Sink;
        if (entry.from >= end) break;
        const [start, stop] = [Math.max(from, entry.from), Math.min(end, entry.to)];
        if (stop > start) put(piece.subarray(start - from, stop - from), start - entry.from);
      }
    });
  }
}
