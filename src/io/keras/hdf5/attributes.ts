/** Attributes: small values with names, texts and lists of texts above all. */

import { type Cursor, decode, type FileBytes } from './cursor';
import { isElsewhere } from './links';
import { readNumbers } from './numbers';
import { Message, type ObjectHeader } from './objects';
import { countOf, type ElementType, readShape, readType } from './types';

export type AttributeValue = string | number | readonly string[] | readonly number[];

/** Lists, which come from attributes, are short: names of layers and of weights. */
const MOST = 1 << 20;

/** @throws FormatError; attributes of types that have no use here are left out */
export function readAttributes(header: ObjectHeader): ReadonlyMap<string, AttributeValue> {
  const found = new Map<string, AttributeValue>();
  const info = header.find(Message.attributeInfo);
  if (info && isElsewhere(info))
    header.file.refuse(
      'an object keeps its attributes in a heap, which is not supported; write the file with libver="earliest"',
    );
  for (const c of header.all(Message.attribute)) {
    const [name, value] = readAttribute(c);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

function readAttribute(c: Cursor): readonly [string, AttributeValue | undefined] {
  const version = c.u8();
  if (version < 1 || version > 3) c.refuse(`version ${version} of attributes is not known`);
  const flags = c.u8();
  if (version > 1 && flags & 3) c.refuse('an attribute has a type of its own place, which is not supported');
  const sizes = [c.u16(), c.u16(), c.u16()] as const;
  if (version === 3) c.skip(1);
  const [name, type, shape] = sizes.map((size) => {
    const part = c.part(size);
    if (version === 1) c.align(8);
    return part;
  }) as [Cursor, Cursor, Cursor];
  const label = name.text();
  return [label, valueOf(c, readType(type), readShape(shape))];
}

function valueOf(c: Cursor, type: ElementType, shape: readonly number[] | undefined): AttributeValue | undefined {
  if (type.kind === 'other') return undefined;
  if (!shape) return type.kind === 'text' || type.kind === 'long text' ? [] : undefined;
  const count = countOf(c, shape);
  if (count > MOST || count * type.size > c.left) c.refuse(`an attribute of ${count} elements is not all there`);
  const values = elements(c, type, count);
  return shape.length === 0 ? (values[0] as string | number) : values;
}

function elements(
  c: Cursor,
  type: Exclude<ElementType, { kind: 'other' }>,
  count: number,
): readonly string[] | readonly number[] {
  if (type.kind === 'text') return Array.from({ length: count }, () => decode(c.bytes(type.size)));
  if (type.kind === 'long text') return Array.from({ length: count }, () => readLongText(c));
  const target = new Float64Array(count);
  readNumbers(c.bytes(count * type.size), type, target);
  return [...target];
}

/** Text in the heap of the file. */
function readLongText(c: Cursor): string {
  const [size, address, index] = [c.u32(), c.offset(), c.u32()];
  if (size === 0 || index === 0) return '';
  const found = inHeap(c.file, address, index);
  if (size > found.left) c.refuse('a text is longer than its place');
  return decode(found.bytes(size));
}

function inHeap(file: FileBytes, address: number, index: number): Cursor {
  const { length } = file.widths;
  const head = file.cursor(address, 8 + length, 'a heap of texts');
  head.signature('GCOL');
  head.skip(4);
  const size = head.length() - head.position;
  // Looked through from the beginning for each text: what counts as work are the places passed.
  if (address + head.position + size > file.size - file.base) head.refuse('is not all there');
  let at = address + head.position;
  for (let left = size; left >= 8 + length; ) {
    const object = file.cursor(at, 8 + length, 'a heap of texts');
    const number = object.u16();
    object.skip(6);
    const bytes = object.length();
    if (number === 0) break;
    if (number === index) return file.cursor(at + 8 + length, bytes, 'a heap of texts');
    const step = 8 + length + Math.ceil(bytes / 8) * 8;
    at += step;
    left -= step;
  }
  return head.refuse(`has no text ${index}`);
}
