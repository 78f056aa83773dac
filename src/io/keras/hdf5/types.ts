/** Types of elements and shapes, as messages of objects state them. */
import type { Cursor } from './cursor';

/** What an element is. */
export type ElementType =
  | { readonly kind: 'float' | 'signed' | 'unsigned'; readonly size: number; readonly isBigEndian: boolean }
  | { readonly kind: 'text'; readonly size: number }
  /** Text of any length, elsewhere in the file. */
  | { readonly kind: 'long text'; readonly size: number }
  | { readonly kind: 'other'; readonly size: number; readonly name: string };

const CLASSES = [
  'integer',
  'float',
  'time',
  'string',
  'bits',
  'opaque',
  'compound',
  'reference',
  'enum',
  'sequence',
  'array',
];
/** Sizes that numbers may have, with where the exponent and the mantissa of floats are: those of IEEE 754. */
const FLOATS: Readonly<Record<number, string>> = { 2: '10 5 0 10', 4: '23 8 0 23', 8: '52 11 0 52' };

/** @throws FormatError for what cannot be a type */
export function readType(c: Cursor): ElementType {
  const head = c.u8();
  const [bits] = [c.u8(), c.u8(), c.u8()];
  const size = c.u32();
  if (size < 1) c.refuse('a type has no bytes');
  const isBigEndian = (bits & 1) === 1;
  const other = (): ElementType => ({ kind: 'other', size, name: CLASSES[head & 15] ?? `class ${head & 15}` });
  switch (head & 15) {
    case 0: {
      const [offset, precision] = [c.u16(), c.u16()];
      if (![1, 2, 4, 8].includes(size) || offset !== 0 || precision !== size * 8) return other();
      return { kind: bits & 8 ? 'signed' : 'unsigned', size, isBigEndian };
    }
    case 1: {
      c.skip(4);
      const layout = [c.u8(), c.u8(), c.u8(), c.u8()].join(' ');
      return FLOATS[size] === layout && !(bits & 64) ? { kind: 'float', size, isBigEndian } : other();
    }
    case 3:
      return { kind: 'text', size };
    case 8:
      // Booleans are an enumeration of bytes: what counts is the type of its numbers.
      return readType(c);
    case 9:
      return (bits & 15) === 1 && size === 8 + c.file.widths.offset ? { kind: 'long text', size } : other();
    default:
      return other();
  }
}

/** The shape, or undefined where there are no elements at all. @throws FormatError */
export function readShape(c: Cursor): readonly number[] | undefined {
  const version = c.u8();
  const rank = c.u8();
  if (version !== 1 && version !== 2) c.refuse(`version ${version} of shapes is not known`);
  if (rank > 32) c.refuse(`has ${rank} dimensions`);
  c.skip(1);
  if (version === 1) c.skip(5);
  else if (c.u8() === 2) return undefined;
  return Array.from({ length: rank }, () => c.length());
}

/** Number of elements. @throws FormatError beyond 2^53 */
export function countOf(c: Pick<Cursor, 'refuse'>, shape: readonly number[]): number {
  const count = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1);
  if (!Number.isSafeInteger(count)) c.refuse(`has a shape of [${shape.join(', ')}]`);
  return count;
}
