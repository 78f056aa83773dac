/** The header of a .npy file: type, order and shape of its array, checked before anything is read. */
import { show } from '../../support/arguments';
import { DTypeError, FormatError } from '../../support/errors';
import { countOfShape, type NumberType, SIZES } from '../weights/elements';

/** The byte 0x93, and `NUMPY`. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Longer headers are those of types with fields, or attacks. */
const LONGEST = 65_536;

/** numpy's names of types without the order of their bytes. */
const TYPES: Readonly<Record<string, NumberType>> = {
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  i1: 'I8',
  u1: 'U8',
  i2: 'I16',
  u2: 'U16',
  i4: 'I32',
  u4: 'U32',
  i8: 'I64',
  u8: 'U64',
  b1: 'BOOL',
  '?': 'BOOL',
};

/** What else numpy has, by the first letter. */
const OTHERS: Readonly<Record<string, string>> = {
  O: 'objects, whose pickles are programs and are never run',
  U: 'texts',
  S: 'texts',
  a: 'texts',
  V: 'records',
  c: 'complex numbers',
  M: 'times',
  m: 'spans of time',
  f: 'floats of other sizes',
};

export interface NpyHeader {
  readonly type: NumberType;
  readonly isBigEndian: boolean;
  /** Whether the first index changes fastest in memory. */
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Where the data begins. */
  readonly start: number;
}

function refuse(name: string, why: string): never {
  throw new FormatError(`${name}: ${why}`);
}

/** Parts of the header's text: a dictionary of Python with three entries. */
const ENTRY = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^']*)'|"([^"]*)"|(True|False)|\(([\d,L\s]*)\)|(\[))\s*(,|\}\s*$)/y;

type Value = string | boolean | readonly number[];

function parse(name: string, text: string): Map<string, Value> {
  const entries = new Map<string, Value>();
  const wrong = (): never => refuse(name, `the header is not numpy's: ${show(text.slice(0, 80))}`);
  if (!text.startsWith('{')) wrong();
  ENTRY.lastIndex = 1;
  for (;;) {
    // After the last comma there may be the end.
    if (/^\s*\}\s*$/.test(text.slice(ENTRY.lastIndex, ENTRY.lastIndex + 8))) return entries;
    const at = ENTRY.lastIndex;
    const found = ENTRY.exec(text);
    if (!found) return /'descr'\s*:\s*\[/.test(text.slice(at, at + 32)) ? records(name) : wrong();
    const [, single, double, one, two, flag, tuple, , end] = found;
    const key = (single ?? double) as string;
    if (entries.has(key)) wrong();
    entries.set(key, one ?? two ?? (flag ? flag === 'True' : dimensionsOf(tuple as string)));
    if (end !== ',') return entries;
  }
}

const records = (name: string): never => {
  throw new DTypeError(`${name} holds records with fields; there are tensors of numbers only`);
};

const dimensionsOf = (tuple: string): number[] =>
  tuple
    .split(',')
    .map((part) => part.trim().replace(/L$/, ''))
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));

/** @throws DTypeError for what there are no tensors of */
function typeOf(name: string, descr: string): { type: NumberType; isBigEndian: boolean } {
  const order = /^[<>|=]/.exec(descr)?.[0] ?? '';
  const rest = descr.slice(order.length);
  const type = Object.hasOwn(TYPES, rest) ? TYPES[rest] : undefined;
  if (type) return { type, isBigEndian: order === '>' && SIZES[type] > 1 };
  const letter = rest.charAt(0);
  const what = Object.hasOwn(OTHERS, letter) ? `holds ${OTHERS[letter]}` : 'is of no type that numpy has';
  throw new DTypeError(`${name} ${what} (${show(descr)}); there are tensors of ${Object.keys(TYPES).join(', ')}`);
}

/** Where the header's text begins and ends. @throws FormatError if it is not a .npy file, or of a later version */
function placeOf(name: string, head: Uint8Array): readonly [number, number] {
  if (head[0] === 0x80) refuse(name, 'it is a pickle, which is a program and is never run; write it by numpy.save');
  if (!MAGIC.every((byte, i) => head[i] === byte)) refuse(name, 'it is no .npy file');
  if (head.length < 12) refuse(name, 'it was cut off in its header');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = head[6] as number;
  if (version < 1 || version > 3) refuse(name, `it has the version ${version}; 1, 2 and 3 can be read`);
  const [start, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (length > LONGEST) refuse(name, `its header has ${length} bytes; ${LONGEST} are the most`);
  return [start, start + length];
}

/** Bytes of a file that must be read for its header; they are there if `head` has so many. */
export const HEAD_BYTES = 12;
export const endOfHeader = (name: string, head: Uint8Array): number => placeOf(name, head)[1];

/**
 * @param head the first bytes of the file, all of the header at least
 * @param size of the file
 * @throws FormatError for what is damaged, DTypeError for what there are no tensors of
 */
export function parseNpyHeader(name: string, head: Uint8Array, size: number): NpyHeader {
  const [from, start] = placeOf(name, head);
  if (start > size || head.length < start) refuse(name, 'it was cut off in its header');
  const encoding = head[6] === 3 ? 'utf-8' : 'latin1';
  const entries = parse(name, new TextDecoder(encoding).decode(head.subarray(from, start)));
  const [descr, isFortran, shape] = ['descr', 'fortran_order', 'shape'].map((key) => entries.get(key));
  if (typeof descr !== 'string' || typeof isFortran !== 'boolean' || !Array.isArray(shape) || entries.size !== 3)
    return refuse(name, 'its header lacks descr, fortran_order or shape');
  const { type, isBigEndian } = typeOf(name, descr);
  const needed = countOfShape(name, shape) * SIZES[type];
  if (size - start !== needed)
    refuse(
      name,
      `an array of ${descr} [${shape.join(', ')}] has ${needed} bytes, ${size - start} are there${size - start < needed ? ': it was cut off' : ''}`,
    );
  return { type, isBigEndian, isFortran, shape, start };
}
