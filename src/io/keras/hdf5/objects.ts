/** Headers of objects: the messages that describe a group or a dataset. */
import { type Cursor, type FileBytes, NOWHERE } from './cursor';

export const Message = {
  shape: 0x1,
  linkInfo: 0x2,
  type: 0x3,
  link: 0x6,
  layout: 0x8,
  filters: 0xb,
  attribute: 0xc,
  continuation: 0x10,
  symbols: 0x11,
  attributeInfo: 0x15,
} as const;

interface RawMessage {
  readonly kind: number;
  readonly body: Cursor;
}

/** Bit of a message that is a reference to one elsewhere. */
const SHARED = 2;

export class ObjectHeader {
  constructor(
    readonly file: FileBytes,
    readonly messages: readonly RawMessage[],
  ) {}

  has(kind: number): boolean {
    return this.messages.some((m) => m.kind === kind);
  }

  /** The message of a kind, from its beginning. */
  find(kind: number): Cursor | undefined {
    return this.messages.find((m) => m.kind === kind)?.body.again();
  }

  all(kind: number): readonly Cursor[] {
    return this.messages.filter((m) => m.kind === kind).map((m) => m.body.again());
  }
}

/** @throws FormatError */
export function readHeader(file: FileBytes, address: number): ObjectHeader {
  const head = file.rest(address, 'an object', 4);
  const isSecond = head.left === 4 && String.fromCharCode(...head.bytes(4)) === 'OHDR';
  return new ObjectHeader(file, isSecond ? readSecond(file, address) : readFirst(file, address));
}

/** Blocks of messages follow each other by address; each is read once. */
function followed(
  first: Cursor,
  read: (block: Cursor, add: (kind: number, flags: number, size: number) => void) => void,
  next: (address: number, size: number) => Cursor,
): RawMessage[] {
  const messages: RawMessage[] = [];
  const blocks = [first];
  const seen = new Set<number>();
  for (const block of blocks) {
    read(block, (kind, flags, size) => {
      if (flags & SHARED) block.refuse('refers to a message that objects share, which is not supported');
      const body = block.part(size);
      if (kind !== Message.continuation) {
        messages.push({ kind, body });
        return;
      }
      const [address, length] = [body.offset(), body.length()];
      if (address === NOWHERE || seen.has(address)) block.refuse('continues in circles');
      seen.add(address);
      blocks.push(next(address, length));
    });
  }
  return messages;
}

function readFirst(file: FileBytes, address: number): RawMessage[] {
  const head = file.cursor(address, 16, 'an object');
  const version = head.u8();
  if (version !== 1) head.refuse(`version ${version} is not known`);
  head.skip(1);
  let left = head.u16();
  head.skip(4);
  const size = head.u32();
  return followed(
    file.cursor(address + 16, size, 'an object'),
    (block, add) => {
      for (; left > 0 && block.left >= 8; left--) {
        const [kind, length, flags] = [block.u16(), block.u16(), block.u8()];
        block.skip(3);
        add(kind, flags, length);
      }
    },
    (at, length) => file.cursor(at, length, 'an object'),
  );
}

function readSecond(file: FileBytes, address: number): RawMessage[] {
  const head = file.rest(address + 4, 'an object', 64);
  const version = head.u8();
  if (version !== 2) head.refuse(`version ${version} is not known`);
  const flags = head.u8();
  head.skip((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
  const size = head.unsigned(1 << (flags & 3));
  const read = (block: Cursor, add: (kind: number, flags: number, size: number) => void): void => {
    const front = flags & 4 ? 6 : 4;
    // What is left is a gap, and four bytes of checksum.
    while (block.left >= front + 4) {
      const [kind, length, own] = [block.u8(), block.u16(), block.u8()];
      if (flags & 4) block.skip(2);
      add(kind, own, length);
    }
  };
  return followed(file.cursor(address + 4 + head.position, size + 4, 'an object'), read, (at, length) => {
    const block = file.cursor(at, length, 'an object');
    block.signature('OCHK');
    return block;
  });
}
