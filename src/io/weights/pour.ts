/**
 * Weights of files while they are read: each source in the order of its bytes, in pieces that stay in a cache of the
 * processor until they are where they belong. So a file is never in memory as a whole.
 */
import type { Elements, Sink, Source, StoredWeight } from '../formats/format';

/** Bytes that are read at once. */
export const PIECE = 1 << 19;

/** Sources whose bytes are known to be right. */
const checked = new WeakSet<Source>();

/** Hands a sink whole units, whatever the pieces are. */
class Feed {
  readonly sink: Sink;
  /** The beginning of a unit that the last piece has cut. */
  #cut: Uint8Array | undefined;
  #length = 0;

  constructor(sink: Sink) {
    this.sink = sink;
    if (sink.from === sink.to) sink.put(new Uint8Array(0), 0);
  }

  take(bytes: Uint8Array, at: number): void {
    const { unit } = this.sink;
    const from = this.#cut ? this.#complete(this.#cut, bytes, at) : 0;
    const rest = (bytes.length - from) % unit;
    const to = bytes.length - rest;
    if (to > from) this.sink.put(bytes.subarray(from, to), at + from);
    if (!rest) return;
    this.#cut = new Uint8Array(unit);
    this.#cut.set(bytes.subarray(to));
    this.#length = rest;
  }

  /** How many of the bytes belong to what was cut. */
  #complete(cut: Uint8Array, bytes: Uint8Array, at: number): number {
    const part = bytes.subarray(0, cut.length - this.#length);
    cut.set(part, this.#length);
    this.#length += part.length;
    if (this.#length < cut.length) return part.length;
    this.#cut = undefined;
    this.sink.put(cut, at + part.length - cut.length);
    return part.length;
  }
}

/** Pieces of a source, which may know nothing of them. */
async function* piecesOf(source: Source, from: number, to: number): AsyncGenerator<Uint8Array> {
  if (source.pieces) return yield* source.pieces(from, to);
  for (let at = from; at < to; at += PIECE) yield source.read(at, Math.min(to, at + PIECE));
}

/** Hands pieces to the sinks that they are for. */
class Distribution {
  readonly #feeds: readonly Feed[];
  #first = 0;

  constructor(sinks: readonly Sink[]) {
    this.#feeds = [...sinks].sort((a, b) => a.from - b.from).map((sink) => new Feed(sink));
  }

  /** Bytes that must be read, those between two sinks too where it is few. */
  runs(): (readonly [from: number, to: number])[] {
    const runs: [number, number][] = [];
    for (const { sink } of this.#feeds) {
      const last = runs[runs.length - 1];
      if (last && sink.from - last[1] <= PIECE) last[1] = Math.max(last[1], sink.to);
      else if (sink.to > sink.from) runs.push([sink.from, sink.to]);
    }
    return runs;
  }

  take(piece: Uint8Array, from: number): void {
    const end = from + piece.length;
    const feeds = this.#feeds;
    while (this.#first < feeds.length && (feeds[this.#first] as Feed).sink.to <= from) this.#first++;
    for (let i = this.#first; i < feeds.length; i++) {
      const feed = feeds[i] as Feed;
      const { sink } = feed;
      if (sink.from >= end) break;
      const [start, stop] = [Math.max(from, sink.from), Math.min(end, sink.to)];
      if (stop > start) feed.take(piece.subarray(start - from, stop - from), start - sink.from);
    }
  }
}

/** Reads all of a sealed source. @throws FormatError for damage, even if a sink has refused what the damage has made */
async function passSealed(source: Source, sinks: readonly Sink[]): Promise<void> {
  const { from, begin } = source.seal as NonNullable<Source['seal']>;
  const check = begin();
  let refused: { readonly error: unknown } | undefined;
  const distribute = attempt(() => new Distribution(sinks));
  function attempt<T>(run: () => T): T | undefined {
    try {
      return refused ? undefined : run();
    } catch (error) {
      refused = { error };
      return undefined;
    }
  }
  let at = from;
  for await (const piece of piecesOf(source, from, source.size)) {
    check.add(piece);
    attempt(() => distribute?.take(piece, at));
    at += piece.length;
  }
  check.end();
  checked.add(source);
  if (refused) throw refused.error;
}

/** Reads what some sinks need of a source. */
async function pass(source: Source, sinks: readonly Sink[]): Promise<void> {
  if (source.seal && !checked.has(source)) return passSealed(source, sinks);
  const distribution = new Distribution(sinks);
  for (const [from, to] of distribution.runs()) {
    let at = from;
    for await (const piece of piecesOf(source, from, to)) {
      distribution.take(piece, at);
      at += piece.length;
    }
  }
}

/** Sinks by their sources. */
class Sinks {
  readonly #bySource = new Map<Source, Sink[]>();

  /** @param sealed what is read and checked in any case */
  constructor(sealed: Source | undefined) {
    if (sealed?.seal) this.#bySource.set(sealed, []);
  }

  add(source: Source, sinks: readonly Sink[]): void {
    const known = this.#bySource.get(source);
    if (known) for (const sink of sinks) known.push(sink);
    else if (sinks.length || source.seal) this.#bySource.set(source, [...sinks]);
  }

  async fill(): Promise<void> {
    for (const [source, sinks] of this.#bySource) await pass(source, sinks);
  }
}

type Weights = readonly (StoredWeight | undefined)[];

/**
 * Writes weights while their file is read: for memory that nobody has yet, as damage may be found last.
 * @param source of the file, which is checked if it has a digest
 * @param targetOf the memory of each weight, by its place among them
 * @param others weights that are kept
 * @throws FormatError, DTypeError
 */
export async function pourWeights(
  source: Source | undefined,
  weights: Weights,
  targetOf: (i: number) => Elements,
  others: readonly StoredWeight[] = [],
): Promise<void> {
  const sinks = new Sinks(source);
  for (const [i, weight] of weights.entries())
    if (weight?.unread)
      sinks.add(
        weight.unread.source,
        weight.unread.pour(() => targetOf(i)),
      );
  for (const { unread } of others) if (unread) sinks.add(unread.source, unread.keep());
  await sinks.fill();
  for (const [i, weight] of weights.entries()) if (weight && !weight.unread) weight.copyTo(targetOf(i));
}

/** Reads weights into memory, for `copyTo`. @throws as `pourWeights` */
export function keepWeights(source: Source | undefined, weights: Weights): Promise<void> {
  const sinks = new Sinks(source);
  for (const weight of weights) if (weight?.unread) sinks.add(weight.unread.source, weight.unread.keep());
  return sinks.fill();
}

/** Reads a source for its digest alone, if it has one. @throws FormatError for damage */
export const checkSource = (source: Source | undefined): Promise<void> => new Sinks(source).fill();
