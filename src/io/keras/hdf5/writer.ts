/**
 * HDF5 files of the oldest form, which every reader takes: superblock 0, groups as B-trees of symbols, arrays in one
 * piece, texts in heaps. The same content always becomes the same bytes: there are no times in them.
 */
import type { AttributeValue } from './attributes';

/** An array to be written. */
export interface NewArray {
  readonly shape: readonly number[];
  readonly type: 'f2' | 'f4' | 'f8' | 'i4' | 'i8' | 'u1' | 'bool';
  /** Writes its bytes, little-endian. */
  readonly fill: (target: Uint8Array) => void;
}

/** A group to be written; names may be paths. */
export class NewGroup {
  readonly attributes = new Map<string, AttributeValue>();
  readonly children = new Map<string, NewGroup | NewArray>();

  /** A group inside, made if need be. */
  group(path: string): NewGroup {
    return path
      .split('/')
      .filter((name) => name !== '')
      .reduce<NewGroup>((at, name) => {
        const found = at.children.get(name);
        if (found instanceof NewGroup) return found;
        const made = new NewGroup();
        at.children.set(name, made);
        return made;
      }, this);
  }

  /** Sets an array; groups on the path are made if need be. */
  set(path: string, array: NewArray): void {
    const at = path.lastIndexOf('/');
    this.group(path.slice(0, Math.max(0, at))).children.set(path.slice(at + 1), array);
  }
}

const BYTES = { f2: 2, f4: 4, f8: 8, i4: 4, i8: 8, u1: 1, bool: 1 } as const;
const NOWHERE = 0xffffffffffffffffn;
/** Half of the entries of a list of symbols, and of a node of a tree. */
const LEAF = 4;
const NODE = 16;
const utf8 = new TextEncoder();

/** Bytes that grow as a list of numbers of fixed widths does. */
class Bytes {
  readonly #list: number[] = [];

  get length(): number {
    return this.#list.length;
  }

  number(value: number | bigint, width: number): this {
    let rest = BigInt(value);
    for (let i = 0; i < width; i++, rest >>= 8n) this.#list.push(Number(rest & 255n));
    return this;
  }

  /** Numbers of one byte. */
  u8(...values: readonly number[]): this {
    this.#list.push(...values);
    return this;
  }

  u16(value: number): this {
    return this.number(value, 2);
  }

  u32(value: number): this {
    return this.number(value, 4);
  }

  /** An address or a length. */
  u64(value: number | bigint): this {
    return this.number(value, 8);
  }

  append(bytes: ArrayLike<number>): this {
    for (let i = 0; i < bytes.length; i++) this.#list.push(bytes[i] as number);
    return this;
  }

  text(value: string): this {
    return this.append(utf8.encode(value));
  }

  align(step = 8): this {
    while (this.length % step) this.#list.push(0);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#list);
  }
}

/** Places of a file, in the order in which they were asked for. */
class Space {
  readonly #parts: { readonly at: number; readonly write: (target: Uint8Array) => void; readonly size: number }[] = [];
  size = 96;

  /** Reserves bytes. @returns their address */
  take(size: number, write: (target: Uint8Array) => void): number {
    const at = this.size;
    this.#parts.push({ at, write, size });
    this.size = Math.ceil((at + size) / 8) * 8;
    return at;
  }

  put(bytes: Uint8Array): number {
    return this.take(bytes.length, (target) => target.set(bytes));
  }

  file(): Uint8Array {
    const file = new Uint8Array(this.size);
    for (const { at, write, size } of this.#parts) write(file.subarray(at, at + size));
    return file;
  }
}

/** A message of an object: its kind and its bytes. */
type Message = readonly [kind: number, body: Uint8Array];

const shapeOf = (shape: readonly number[]): Uint8Array => {
  const b = new Bytes().u8(1, shape.length, 0, 0).u32(0);
  for (const d of shape) b.u64(d);
  return b.done();
};

/** Integers: whether they have a sign; floats: where exponent and mantissa are. */
function typeOf(type: NewArray['type']): Uint8Array {
  const size = BYTES[type];
  const b = new Bytes();
  if (type === 'f2' || type === 'f4' || type === 'f8') {
    const [mantissa, exponent] = { f2: [10, 5], f4: [23, 8], f8: [52, 11] }[type] as [number, number];
    b.u8(0x11, 0x20, size * 8 - 1, 0)
      .u32(size)
      .u16(0)
      .u16(size * 8);
    return b
      .u8(mantissa, exponent, 0, mantissa)
      .u32((1 << (exponent - 1)) - 1)
      .done();
  }
  const isSigned = type !== 'u1';
  const integer = new Bytes()
    .u8(0x10, isSigned ? 8 : 0, 0, 0)
    .u32(size)
    .u16(0)
    .u16(size * 8);
  if (type !== 'bool') return integer.done();
  // As h5py writes booleans: names for the bytes 0 and 1.
  b.u8(0x18, 2, 0, 0).u32(1).append(integer.done());
  return b.text('FALSE\0\0\0').text('TRUE\0\0\0\0').u8(0, 1).done();
}

/** Text of any length, encoded as UTF-8. */
const TEXT = new Bytes().u8(0x19, 1, 1, 0).u32(16).u8(0x10, 0, 0, 0).u32(1).u16(0).u16(8).done();

/** Writes texts into a heap of the file: what refers to them is written before. */
class Heap {
  readonly #texts: Uint8Array[] = [];

  constructor(private readonly space: Space) {}

  /** Adds texts. @returns what refers to each, once the heap's address is known */
  add(texts: readonly string[]): (address: number) => Uint8Array {
    const first = this.#texts.length + 1;
    const encoded = texts.map((text) => utf8.encode(text));
    this.#texts.push(...encoded.map((bytes) => (bytes.length ? bytes : new Uint8Array(1))));
    return (address) => {
      const b = new Bytes();
      encoded.forEach((bytes, i) => {
        b.u32(bytes.length)
          .u64(bytes.length ? address : 0)
          .u32(bytes.length ? first + i : 0);
      });
      return b.done();
    };
  }

  /** Writes the texts added so far. @returns the address */
  write(): number {
    const texts = this.#texts;
    const used = texts.reduce((sum, { length }) => sum + 16 + Math.ceil(length / 8) * 8, 16);
    const size = Math.max(4096, Math.ceil((used + 16) / 8) * 8);
    return this.space.take(size, (target) => {
      target.set(new Bytes().text('GCOL').u8(1, 0, 0, 0).u64(size).done());
      let at = 16;
      texts.forEach((text, i) => {
        target.set(
          new Bytes()
            .u16(i + 1)
            .u16(1)
            .u32(0)
            .u64(text.length)
            .done(),
          at,
        );
        target.set(text, at + 16);
        at += 16 + Math.ceil(text.length / 8) * 8;
      });
      target.set(
        new Bytes()
          .u64(0)
          .u64(size - at)
          .done(),
        at,
      );
    });
  }
}

/** An attribute, if its texts are at that address. */
function attribute(name: string, value: AttributeValue, heap: Heap): (address: number) => Message {
  const isList = typeof value === 'object';
  const list = isList ? value : [value];
  const areTexts = list.every((v) => typeof v === 'string') && (list.length > 0 || isList);
  const numbers = list as readonly number[];
  const isWhole = !areTexts && numbers.every((v) => Number.isSafeInteger(v));
  const type = areTexts ? TEXT : typeOf(isWhole ? 'i8' : 'f8');
  const shape = shapeOf(isList ? [list.length] : []);
  const refer = areTexts ? heap.add(list as readonly string[]) : undefined;
  const plain = refer ? undefined : new Uint8Array(list.length * 8);
  if (plain) {
    const view = new DataView(plain.buffer);
    numbers.forEach((v, i) => {
      if (isWhole) view.setBigInt64(i * 8, BigInt(v), true);
      else view.setFloat64(i * 8, v, true);
    });
  }
  const label = utf8.encode(`${name}\0`);
  return (address) => {
    const b = new Bytes().u8(1, 0).u16(label.length).u16(type.length).u16(shape.length);
    b.append(label).align().append(type).align().append(shape).align();
    return [0xc, b.append(plain ?? refer?.(address) ?? []).done()];
  };
}

/** Writes a header with all its messages. @returns the address */
function header(space: Space, messages: readonly Message[]): number {
  const body = new Bytes();
  for (const [kind, bytes] of messages) {
    body
      .u16(kind)
      .u16(Math.ceil(bytes.length / 8) * 8)
      .u8(0, 0, 0, 0)
      .append(bytes)
      .align();
  }
  const head = new Bytes().u8(1, 0).u16(messages.length).u32(1).u32(body.length).u32(0);
  return space.put(head.append(body.done()).done());
}

class Writer {
  readonly space = new Space();

  attributes(all: ReadonlyMap<string, AttributeValue>): Message[] {
    if (all.size === 0) return [];
    const heap = new Heap(this.space);
    const open = [...all].map(([name, value]) => attribute(name, value, heap));
    const hasTexts = [...all.values()].some((v) => typeof [v].flat()[0] === 'string');
    const address = hasTexts ? heap.write() : 0;
    return open.map((close) => close(address));
  }

  array({ shape, type, fill }: NewArray): number {
    const size = shape.reduce((a, b) => a * b, 1) * BYTES[type];
    const address = size ? this.space.take(size, fill) : NOWHERE;
    const layout = new Bytes().u8(3, 1).u64(address).u64(size).done();
    // Where elements are missing, there is nothing: neither is any written.
    const filling = new Bytes().u8(2, 2, 2, 0).done();
    return header(this.space, [
      [0x1, shapeOf(shape)],
      [0x3, typeOf(type)],
      [0x5, filling],
      [0x8, layout],
    ]);
  }

  group(group: NewGroup): { header: number; tree: number; heap: number } {
    // In the order of bytes, as the library looks names up.
    const entries = [...group.children]
      .map(([name, child]) => ({ name, key: utf8.encode(name), child }))
      .sort((a, b) => compare(a.key, b.key))
      .map(({ key, child }) => ({
        key,
        made: child instanceof NewGroup ? this.group(child) : { header: this.array(child), tree: 0, heap: 0 },
        isGroup: child instanceof NewGroup,
      }));
    const names = new Bytes().u64(0);
    const offsets = entries.map(({ key }) => {
      const at = names.length;
      names.append(key).u8(0).align();
      return at;
    });
    const data = this.space.put(names.done());
    const heap = this.space.put(new Bytes().text('HEAP').u8(0, 0, 0, 0).u64(names.length).u64(1).u64(data).done());
    const leaves: Branch[] = [];
    for (let i = 0; i === 0 || i < entries.length; i += 2 * LEAF) {
      const part = entries.slice(i, i + 2 * LEAF);
      const b = new Bytes().text('SNOD').u8(1, 0).u16(part.length);
      part.forEach(({ made, isGroup }, j) => {
        b.u64(offsets[i + j] as number)
          .u64(made.header)
          .u32(Number(isGroup))
          .u32(0);
        b.u64(made.tree).u64(made.heap);
      });
      while (b.length < 8 + 2 * LEAF * 40) b.u64(0);
      leaves.push({ address: this.space.put(b.done()), last: offsets[i + part.length - 1] ?? 0 });
    }
    const tree = this.tree(entries.length ? leaves : []);
    const symbols = new Bytes().u64(tree).u64(heap).done();
    return { header: header(this.space, [[0x11, symbols], ...this.attributes(group.attributes)]), tree, heap };
  }

  /** Nodes over nodes, until there is one. @returns its address */
  tree(leaves: readonly Branch[]): number {
    const size = 24 + (4 * NODE + 1) * 8;
    const most = 2 * NODE;
    let level = 0;
    for (let below = leaves; ; level++) {
      const above: Branch[] = [];
      const count = Math.max(1, Math.ceil(below.length / most));
      const start = this.space.size;
      for (let i = 0; i < count; i++) {
        const part = below.slice(i * most, (i + 1) * most);
        const beside = (j: number): number | bigint => (j < 0 || j >= count ? NOWHERE : start + j * size);
        const b = new Bytes()
          .text('TREE')
          .u8(0, level)
          .u16(part.length)
          .u64(beside(i - 1))
          .u64(beside(i + 1));
        b.u64(i ? (below[i * most - 1] as Branch).last : 0);
        for (const { address, last } of part) b.u64(address).u64(last);
        while (b.length < size) b.u64(0);
        above.push({ address: this.space.put(b.done()), last: part.at(-1)?.last ?? 0 });
      }
      if (count === 1) return (above[0] as Branch).address;
      below = above;
    }
  }
}

/** A node of a tree, with the place of the last name in it. */
interface Branch {
  readonly address: number;
  readonly last: number;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return a.length - b.length;
}

/** The bytes of a file with this root. */
export function encodeHDF5(root: NewGroup): Uint8Array {
  const writer = new Writer();
  const made = writer.group(root);
  const file = writer.space.file();
  const head = new Bytes().u8(0x89).text('HDF').u8(0x0d, 0x0a, 0x1a, 0x0a);
  head.u8(0, 0, 0, 0, 0, 8, 8, 0).u16(LEAF).u16(NODE).u32(0);
  head.u64(0).u64(NOWHERE).u64(file.length).u64(NOWHERE);
  head.u64(0).u64(made.header).u32(1).u32(0).u64(made.tree).u64(made.heap);
  file.set(head.done());
  return file;
}
