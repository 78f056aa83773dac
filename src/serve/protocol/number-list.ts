/** Lists of numbers in JSON, flat or nested, straight into arrays of their type. */
import { arrayOf, type Elements, isBig, kindOf, type NumericType } from './datatypes';
import { DecimalReader } from './decimal';

type Numbers = Exclude<Elements, readonly string[]>;

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

/** Elements that an array has room for at first. */
const ROOM = 256;
/** How deep lists are nested at most: as many dimensions as a tensor may have. */
const DEEPEST = 16;

/** A list of numbers. */
export class NumberList {
  constructor(
    readonly datatype: NumericType,
    readonly values: Numbers,
    /** Its lengths from the outside to the inside; one if it is flat. */
    readonly lengths: readonly number[],
    /** Where the list ends. */
    readonly end: number,
  ) {}
}

const TRUE = [0x74, 0x72, 0x75, 0x65];
const FALSE = [0x66, 0x61, 0x6c, 0x73, 0x65];

/** Reads an element of a type; NaN if what is there is none. */
function elementReader(reader: DecimalReader, datatype: NumericType): () => number | bigint {
  const { bytes } = reader;
  if (datatype === 'FP32' || datatype === 'FP16') return () => reader.float32();
  if (datatype === 'FP64') return () => reader.float64();
  if (isBig(datatype)) {
    const wrap = datatype === 'INT64' ? BigInt.asIntN : BigInt.asUintN;
    return () => {
      const value = reader.integer();
      return value !== undefined && wrap(64, value) === value ? value : Number.NaN;
    };
  }
  const [least, most] = kindOf(datatype).range as readonly [number, number];
  const integer = (): number => {
    const value = reader.float64();
    return Number.isInteger(value) && value >= least && value <= most ? value : Number.NaN;
  };
  if (datatype !== 'BOOL') return integer;
  return () => {
    for (const word of [TRUE, FALSE])
      if (word.every((c, i) => bytes[reader.at + i] === c)) {
        reader.at += word.length;
        return word === TRUE ? 1 : 0;
      }
    return integer();
  };
}

/** Elements as they come. */
class Growing {
  #values: Numbers;
  #size = 0;
  readonly #datatype: NumericType;

  constructor(
    readonly reader: DecimalReader,
    datatype: NumericType,
  ) {
    this.#datatype = datatype;
    this.#values = arrayOf(datatype, ROOM);
  }

  get values(): Numbers {
    return this.#values.subarray(0, this.#size) as Numbers;
  }

  /** Takes elements with commas between them. @returns how many; -1 if what follows a comma is none */
  take(next: () => number | bigint): number {
    const { reader } = this;
    const { bytes } = reader;
    let values = this.#values;
    let size = this.#size;
    for (;;) {
      const value = next();
      if (Number.isNaN(value)) return -1;
      if (size === values.length) {
        const larger = arrayOf(this.#datatype, size * 2);
        larger.set(values as never);
        values = larger;
      }
      values[size++] = value as never;
      if (skipSpace(bytes, reader.at, reader) !== COMMA) break;
      skipSpace(bytes, reader.at + 1, reader);
    }
    const count = size - this.#size;
    this.#values = values;
    this.#size = size;
    return count;
  }
}

/** The first byte that is no space, from `from` on; the reader is then there. */
function skipSpace(bytes: Uint8Array, from: number, reader: DecimalReader): number {
  let at = from;
  let c = bytes[at] as number;
  while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = bytes[++at] as number;
  reader.at = at;
  return c;
}

/**
 * The list that begins at `from`.
 * @returns undefined for anything but elements of the type, all of them in lists of one length at each depth
 */
export function readNumbers(bytes: Uint8Array, from: number, datatype: NumericType): NumberList | undefined {
  const reader = new DecimalReader(bytes);
  const next = elementReader(reader, datatype);
  const growing = new Growing(reader, datatype);
  /** Entries of a list at each depth, once one has ended. */
  const lengths: number[] = [];
  /** How deep the innermost lists are. */
  let deepest = 0;

  /** Reads a list at a depth from 1 on, after its bracket. @returns whether it is one */
  const list = (depth: number): boolean => {
    let c = skipSpace(bytes, reader.at + 1, reader);
    let length = 0;
    if (c === OPEN) {
      if (depth === DEEPEST) return false;
      for (;;) {
        if (c !== OPEN || !list(depth + 1)) return false;
        length++;
        c = skipSpace(bytes, reader.at, reader);
        if (c !== COMMA) break;
        c = skipSpace(bytes, reader.at + 1, reader);
      }
    } else {
      if (deepest === 0) deepest = depth;
      if (depth !== deepest) return false;
      if (c !== CLOSE) length = growing.take(next);
    }
    if (bytes[reader.at] !== CLOSE || length < 0) return false;
    reader.at++;
    lengths[depth - 1] ??= length;
    return lengths[depth - 1] === length;
  };

  reader.at = from;
  return list(1) ? new NumberList(datatype, growing.values, lengths, reader.at) : undefined;
}
