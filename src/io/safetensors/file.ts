/** A safetensors file of which only the header was read; tensors are read by their places when they are asked for. */
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { Tensor } from '../../tensor/tensor';
import type { NamedTensorMap } from '../artifacts';
import type { Source } from '../formats/format';
import { toTensor } from '../weights/decode';
import { type NumberTypeName, nameOfType, readerOf } from '../weights/elements';
import { type Entry, type Header, LENGTH_BYTES, parseHeader, startOfData } from './header';

/** Bytes between two tensors that are read along rather than asked for apart. */
const GAP = 4096;
/** Most bytes that are read at once, unless one tensor has more. */
const MOST = 1 << 24;

/** What a safetensors file says of a tensor. */
export interface SafetensorsEntry {
  /** Sizes of the dimensions. */
  readonly shape: readonly number[];
  /** Of the numbers in the file; as tensors, all floats are float32 and all integers int32. */
  readonly dtype: NumberTypeName;
  /** Bytes in the file. */
  readonly byteLength: number;
}

/** Tensors that are read at once. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly entries: readonly Entry[];
}

/** Neighbors in the file together, in its order. */
function runsOf(entries: readonly Entry[]): Run[] {
  const runs: Run[] = [];
  for (const entry of [...entries].sort((a, b) => a.from - b.from)) {
    const last = runs[runs.length - 1];
    if (last && entry.from - last.to <= GAP && entry.to - last.from <= MOST)
      runs[runs.length - 1] = { from: last.from, to: entry.to, entries: [...last.entries, entry] };
    else runs.push({ from: entry.from, to: entry.to, entries: [entry] });
  }
  return runs;
}

/** A file that `sg.io.openSafetensors` has opened. Nothing of it stays open: it need not be closed. */
export class SafetensorsFile {
  readonly #source: Source;
  readonly #entries: ReadonlyMap<string, Entry>;
  /** Texts beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;

  /** @internal */
  constructor(source: Source, { entries, metadata }: Header) {
    this.#source = source;
    this.#entries = new Map(entries.map((e) => [e.name, e]));
    this.metadata = metadata;
  }

  /** Names of the tensors, in the order of the header. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  #find(name: string, where: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry)
      throw new ArgumentError(`${where}: ${this.#source.name} has no tensor ${show(name)}; it has ${show(this.names)}`);
    return entry;
  }

  /**
   * Shape and type of a tensor, which is not read.
   * @throws ArgumentError for a name that the file lacks
   * @example
   * const file = await sg.io.openSafetensors(await sg.io.encodeSafetensors({ w: sg.ones([2, 3]) }));
   * file.getInfo('w'); // { shape: [2, 3], dtype: 'float32', byteLength: 24 }
   */
  getInfo(name: string): SafetensorsEntry {
    const { shape, type, from, to } = this.#find(name, 'getInfo');
    return { shape, dtype: nameOfType(type), byteLength: to - from };
  }

  /**
   * Reads one tensor. float16, bfloat16 and float64 become float32, integers int32.
   * @throws ArgumentError for a name that the file lacks, FormatError if bytes are missing, DTypeError for integers that
   * int32 does not hold
   * @example
   * const file = await sg.io.openSafetensors(await sg.io.encodeSafetensors({ w: sg.ones([2, 3]) }));
   * (await file.getTensor('w')).shape; // [2, 3]
   */
  async getTensor(name: string): Promise<Tensor> {
    const found = await this.#read('getTensor', [name]);
    return found[name] as Tensor;
  }

  /**
   * Reads some tensors, neighbors in the file at once; if one fails, none is left.
   * @param names all by default.
   * @throws as `getTensor`
   * @example
   * const file = await sg.io.openSafetensors(await sg.io.encodeSafetensors({ w: sg.ones([2, 3]), b: sg.zeros([3]) }));
   * (await file.getTensors(['b'])).b.shape; // [3]
   */
  getTensors(names: readonly string[] = this.names): Promise<NamedTensorMap> {
    return this.#read('getTensors', names);
  }

  async #read(where: string, names: readonly string[]): Promise<NamedTensorMap> {
    if (!Array.isArray(names)) throw new ArgumentError(`${where}: names must be a list of texts, got ${show(names)}`);
    const wanted = [...new Set(names)].map((name) => this.#find(name, where));
    const made = new Map<string, Tensor>();
    try {
      for (const run of runsOf(wanted)) {
        const bytes = await this.#source.read(run.from, run.to);
        for (const { name, type, shape, from, to } of run.entries)
          made.set(
            name,
            toTensor({ name, shape, ...readerOf(name, type, bytes.subarray(from - run.from, to - run.from)) }),
          );
      }
    } catch (error) {
      for (const tensor of made.values()) tensor.dispose();
      throw error;
    }
    // In the order in which they were asked for.
    return Object.fromEntries(wanted.map(({ name }) => [name, made.get(name) as Tensor]));
  }
}

/** @throws FormatError if it is not such a file */
export async function openFile(source: Source): Promise<SafetensorsFile> {
  const length = await source.read(0, Math.min(LENGTH_BYTES, source.size));
  const start = startOfData(length, source.size);
  const head = await source.read(0, start);
  return new SafetensorsFile(source, parseHeader(head.subarray(LENGTH_BYTES, start), start, source.size));
}
