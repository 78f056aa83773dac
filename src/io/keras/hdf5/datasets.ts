/** Arrays of a file: in one piece, in the header itself, or in chunks that may be compressed. */
import { inflateSync } from 'fflate/browser';
import type { Source } from '../../formats/format';
import type { Part } from '../../weights/file-array';
import { type Cursor, type FileBytes, NOWHERE } from './cursor';
import { eachLeaf } from './links';
import { type NumberType, readNumbers, type Target } from './numbers';
import { Message, type ObjectHeader } from './objects';
import { countOf, type ElementType, readShape, readType } from './types';

/** How the bytes of a chunk were changed before they were written, in this order. */
interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

const Filters = { deflate: 1, shuffle: 2, fletcher: 3 } as const;
/** Deflate cannot make more of a byte than this. */
const MOST_OF_A_BYTE = 1032;

type Layout =
  | { readonly kind: 'bytes'; readonly range: { readonly from: number; readonly to: number } | undefined }
  | { readonly kind: 'chunks'; readonly tree: number; readonly chunk: readonly number[] };

/** An array of numbers. */
export class Dataset {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly size: number;
  readonly #file: FileBytes;
  readonly #layout: Layout;
  readonly #filters: readonly Filter[];

  /** @throws FormatError unless everything is there that the array needs */
  constructor(
    readonly name: string,
    header: ObjectHeader,
  ) {
    const { file } = header;
    this.#file = file;
    const need = (kind: number, what: string): Cursor =>
      header.find(kind) ?? file.refuse(`'${name}' is neither a group nor an array: it has no ${what}`);
    this.type = readType(need(Message.type, 'type'));
    const shape = need(Message.shape, 'shape');
    this.shape = readShape(shape) ?? [0];
    this.size = countOf({ refuse: (why) => file.refuse(`'${name}' ${why}`) }, this.shape);
    const filters = header.find(Message.filters);
    this.#filters = filters ? readFilters(filters) : [];
    this.#layout = readLayout(need(Message.layout, 'layout'), this.shape.length);
    if (this.#layout.kind === 'bytes' && this.size > 0 && this.#layout.range) {
      const { from, to } = this.#layout.range;
      if (to - from < this.size * this.type.size) this.refuse('does not fill its shape');
    }
  }

  refuse(why: string): never {
    return this.#file.refuse(`'${this.name}' ${why}`);
  }

  /** Where it is. */
  get source(): Source {
    return this.#file.source;
  }

  /** Whether its elements are floats in one piece, which are copied without fail. */
  get isPlain(): boolean {
    return this.type.kind === 'float' && this.#layout.kind === 'bytes';
  }

  /**
   * Writes all elements, converted.
   * @throws FormatError for elements that are no numbers, and for damaged chunks
   */
  copyTo(target: Target): void {
    if (target.length !== this.size) this.refuse(`has ${this.size} elements, ${target.length} are needed`);
    for (const { from, to, read } of this.parts<Target>()) read(this.#file.bytes(from, to), 0, target);
  }

  /**
   * What is to be read of the file, and what becomes of it; may be done in any order, but for the first.
   * @throws FormatError for elements that are no numbers
   */
  parts<T extends Target>(): Part<T>[] {
    const { type, size } = this;
    if (type.kind === 'other') return this.refuse(`has elements of type ${type.name}, which are no numbers`);
    if (type.kind === 'text' || type.kind === 'long text') return this.refuse('has texts for elements, not numbers');
    if (size === 0) return [];
    const layout = this.#layout;
    const unit = type.size;
    if (layout.kind === 'bytes' && layout.range) {
      const { from } = layout.range;
      const read = (bytes: Uint8Array, at: number, target: T): void =>
        readNumbers(bytes, type, target.subarray(at / unit, (at + bytes.length) / unit) as T);
      return [{ from, to: from + size * unit, unit, read }];
    }
    // What was never written is zero.
    const blank: Part<T> = { from: 0, to: 0, unit: 1, read: (_bytes, _at, target) => target.fill(0) };
    return layout.kind === 'bytes' ? [blank] : [blank, ...this.#chunks<T>(layout, type)];
  }

  #chunks<T extends Target>({ chunk, tree }: Extract<Layout, { kind: 'chunks' }>, type: NumberType): Part<T>[] {
    const count = countOf(this, chunk);
    const bytes = count * type.size;
    const key = (c: Cursor): { size: number; mask: number; at: number[] } => ({
      size: c.u32(),
      mask: c.u32(),
      at: [...chunk, 0].map(() => c.unsigned(8)),
    });
    const parts: Part<T>[] = [];
    let decoded: T | undefined;
    eachLeaf(this.#file, tree, 1, key, (address, { size: stored, mask, at }) => {
      const range = this.#file.cursor(address, stored, `a chunk of '${this.name}'`).range(stored);
      if (bytes > MOST_OF_A_BYTE * stored + 64) this.refuse('has a chunk that cannot hold its elements');
      this.#file.spend(count / 16);
      const read = (raw: Uint8Array, _: number, target: T): void => {
        decoded ??= new (target.constructor as new (n: number) => T)(count);
        readNumbers(this.#plain(raw, mask, bytes), type, decoded);
        this.#place(target, decoded, at.slice(0, -1), chunk);
      };
      parts.push({ ...range, unit: Math.max(1, stored), read });
    });
    return parts;
  }

  /** A chunk's bytes before they were filtered. */
  #plain(raw: Uint8Array, mask: number, bytes: number): Uint8Array {
    let data = raw;
    for (let i = this.#filters.length - 1; i >= 0; i--) {
      const { id, values } = this.#filters[i] as Filter;
      if (mask & (1 << i)) continue;
      if (id === Filters.deflate) data = inflate(data, bytes + 4, (why) => this.refuse(why));
      else if (id === Filters.shuffle) data = unshuffled(data, values[0] ?? this.type.size);
      else if (id === Filters.fletcher) data = data.subarray(0, -4);
      else this.refuse(`is compressed with the filter ${id}, which is not supported; gzip and shuffle are`);
    }
    if (data.length < bytes) this.refuse(`has a chunk of ${data.length} bytes instead of ${bytes}`);
    return data;
  }

  /** Copies what is inside of the array; chunks at its ends reach beyond. */
  #place(target: Target, part: Target, at: readonly number[], chunk: readonly number[]): void {
    const { shape } = this;
    const rank = shape.length;
    const inside = chunk.map((n, i) => Math.min(n, (shape[i] as number) - (at[i] as number)));
    if (inside.some((n) => n <= 0)) this.refuse('has a chunk outside of its shape');
    const width = inside[rank - 1] as number;
    const rows = inside.slice(0, -1).reduce((a, b) => a * b, 1);
    const index = new Array<number>(rank - 1).fill(0);
    for (let row = 0; row < rows; row++) {
      let [from, to] = [0, 0];
      for (let d = 0; d < rank - 1; d++) {
        from = (from + (index[d] as number)) * (chunk[d + 1] as number);
        to = (to + (index[d] as number) + (at[d] as number)) * (shape[d + 1] as number);
      }
      target.set(part.subarray(from, from + width), to + (at[rank - 1] as number));
      for (let d = rank - 2; d >= 0; d--) {
        index[d] = (index[d] as number) + 1;
        if ((index[d] as number) < (inside[d] as number)) break;
        index[d] = 0;
      }
    }
  }
}

function readLayout(c: Cursor, rank: number): Layout {
  const { file } = c;
  const version = c.u8();
  const inOne = (address: number, size: number): Layout => ({
    kind: 'bytes',
    range: address === NOWHERE ? undefined : file.cursor(address, size, 'an array').range(size),
  });
  if (version === 1 || version === 2) c.refuse(`version ${version} of layouts is not supported`);
  if (version > 4) c.refuse(`version ${version} of layouts is not known`);
  const kind = c.u8();
  if (kind === 0) return { kind: 'bytes', range: c.range(c.u16()) };
  if (kind === 1) return inOne(c.offset(), c.length());
  if (kind !== 2 || version === 4)
    return c.refuse('an array is laid out in a way that is not supported; write the file with libver="earliest"');
  const dimensions = c.u8();
  if (dimensions !== rank + 1 || rank === 0)
    c.refuse(`has chunks of ${dimensions - 1} dimensions, the array has ${rank}`);
  const tree = c.offset();
  const chunk = Array.from({ length: rank }, () => c.u32());
  if (chunk.includes(0)) c.refuse('has empty chunks');
  return { kind: 'chunks', tree, chunk };
}

function readFilters(c: Cursor): Filter[] {
  const version = c.u8();
  if (version !== 1 && version !== 2) c.refuse(`version ${version} of filters is not known`);
  const count = c.u8();
  if (version === 1) c.skip(6);
  return Array.from({ length: count }, () => {
    const id = c.u16();
    const named = version === 1 || id >= 256 ? c.u16() : 0;
    c.skip(2);
    const length = c.u16();
    c.skip(version === 1 ? Math.ceil(named / 8) * 8 : named);
    const values = Array.from({ length }, () => c.u32());
    if (version === 1 && length % 2) c.skip(4);
    return { id, values };
  });
}

/** @throws by `refuse` for damaged data, and for more than `most` bytes, which are never allocated */
function inflate(data: Uint8Array, most: number, refuse: (why: string) => never): Uint8Array {
  try {
    // Two bytes of head; four of a checksum at the end.
    return inflateSync(data.subarray(2, -4), { out: new Uint8Array(most) });
  } catch {
    return refuse('has a chunk that cannot be decompressed');
  }
}

/** Bytes of equal places in their elements were put together. */
function unshuffled(data: Uint8Array, size: number): Uint8Array {
  if (size < 2) return data;
  const count = Math.floor(data.length / size);
  const result = data.slice();
  for (let byte = 0; byte < size; byte++)
    for (let i = 0; i < count; i++) result[i * size + byte] = data[byte * count + i] as number;
  return result;
}
