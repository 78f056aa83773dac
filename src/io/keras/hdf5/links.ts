/** Names in a group, with the addresses of what they stand for. */
import { type Cursor, decode, type FileBytes, NOWHERE } from './cursor';
import { Message, type ObjectHeader } from './objects';

/** Trees are flat: 32 levels would hold more than any file. */
const DEEPEST = 32;

/** @throws FormatError for names that occur twice, and for links out of the file */
export function readLinks(header: ObjectHeader): ReadonlyMap<string, number> {
  const links = new Map<string, number>();
  const add = (name: string, address: number): void => {
    if (links.has(name)) header.file.refuse(`a group has '${name}' twice`);
    links.set(name, address);
  };
  const symbols = header.find(Message.symbols);
  if (symbols) readSymbols(header.file, symbols.offset(), symbols.offset(), add);
  for (const link of header.all(Message.link)) readLink(link, add);
  const info = header.find(Message.linkInfo);
  if (info && isElsewhere(info))
    header.file.refuse(
      'a group keeps its links in a heap, which is not supported; write the file with libver="earliest"',
    );
  return links;
}

/** Whether links, or attributes, are in a heap, as where there are many in files of the latest version. */
export function isElsewhere(info: Cursor): boolean {
  info.skip(1);
  const flags = info.u8();
  if (flags & 1) info.skip(info.left >= 8 + info.file.widths.offset ? 8 : 2);
  return info.offset() !== NOWHERE;
}

function readLink(c: Cursor, add: (name: string, address: number) => void): void {
  const version = c.u8();
  if (version !== 1) c.refuse(`version ${version} of links is not known`);
  const flags = c.u8();
  const kind = flags & 8 ? c.u8() : 0;
  c.skip((flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
  const name = decode(c.bytes(c.unsigned(1 << (flags & 3))));
  // Links by path lead to what another name has too, or out of the file.
  if (kind !== 0) c.refuse(`'${name}' is a link to another place, which is not supported`);
  add(name, c.offset());
}

function readSymbols(
  file: FileBytes,
  tree: number,
  heapAddress: number,
  add: (name: string, address: number) => void,
): void {
  const heap = readHeap(file, heapAddress);
  eachLeaf(
    file,
    tree,
    0,
    (c) => c.length(),
    (address) => {
      const head = file.cursor(address, 8, 'a list of symbols');
      head.signature('SNOD');
      head.skip(2);
      const count = head.u16();
      const entry = 2 * file.widths.offset + 24;
      const c = file.cursor(address + 8, count * entry, 'a list of symbols');
      for (let i = 0; i < count; i++) {
        const [name, target, kind] = [c.offset(), c.offset(), c.u32()];
        c.skip(20);
        if (name < 0 || name >= heap.left) c.refuse('a name is not in its heap');
        const text = heap.again();
        text.skip(name);
        const label = text.text();
        if (kind === 2) c.refuse(`'${label}' is a link to another place, which is not supported`);
        add(label, target);
      }
    },
  );
}

function readHeap(file: FileBytes, address: number): Cursor {
  const head = file.cursor(address, 8 + 2 * file.widths.length + file.widths.offset, 'a heap of names');
  head.signature('HEAP');
  head.skip(4);
  const size = head.length();
  head.length();
  return file.cursor(head.offset(), size, 'a heap of names');
}

/** Goes through a B-tree of the first version, to the addresses of its leaves with the key before each. */
export function eachLeaf<K>(
  file: FileBytes,
  root: number,
  kind: 0 | 1,
  key: (c: Cursor) => K,
  leaf: (address: number, key: K) => void,
): void {
  const seen = new Set<number>();
  const visit = (address: number, depth: number): void => {
    if (seen.has(address) || depth > DEEPEST) file.refuse('a tree contains itself');
    seen.add(address);
    const c = file.rest(address, 'a tree', 1 << 20);
    c.signature('TREE');
    const [found, level, count] = [c.u8(), c.u8(), c.u16()];
    if (found !== kind) c.refuse('is a tree of something else');
    c.skip(2 * file.widths.offset);
    for (let i = 0; i < count; i++) {
      const before = key(c);
      const child = c.offset();
      if (level > 0) visit(child, depth + 1);
      else leaf(child, before);
    }
  };
  if (root !== NOWHERE) visit(root, 0);
}
