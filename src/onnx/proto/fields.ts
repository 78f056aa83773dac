/** Kinds of fields of a message: how each is read and written. A message is a table of them. */
import { type Int64, Wire, type WireReader, type WireWriter } from './wire';

/** Messages inside messages; a graph in an attribute of a graph takes three. */
const DEEPEST = 200;

/** How the values of one field are stored. */
interface Kind<V> {
  readonly wire: number;
  read(reader: WireReader, depth: number): V;
  write(writer: WireWriter, value: V): void;
}

/** One field: its number, and what it holds. */
export interface Field<V> {
  readonly number: number;
  /** Takes in one occurrence. */
  read(reader: WireReader, wire: number, depth: number, before: V | undefined): V;
  write(writer: WireWriter, value: V): void;
}

/** A table with a field for each property of a message. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<NonNullable<T[K]>> };

const text: Kind<string> = { wire: Wire.bytes, read: (r) => r.text(), write: (w, v) => w.text(v) };
const bytes: Kind<Uint8Array> = { wire: Wire.bytes, read: (r) => r.view(), write: (w, v) => w.sized(v) };
const float: Kind<number> = { wire: Wire.fixed32, read: (r) => r.float(), write: (w, v) => w.float(v) };
const double: Kind<number> = { wire: Wire.fixed64, read: (r) => r.double(), write: (w, v) => w.double(v) };
const int32: Kind<number> = { wire: Wire.varint, read: (r) => r.int32(), write: (w, v) => w.varint(v) };
const int64: Kind<Int64> = { wire: Wire.varint, read: (r) => r.int64(), write: (w, v) => w.varint(v) };
const uint64: Kind<Int64> = { wire: Wire.varint, read: (r) => r.uint64(), write: (w, v) => w.varint(v) };
/** Sizes: what is larger than a number holds exactly fails where it is used. */
const size: Kind<number> = { wire: Wire.varint, read: (r) => Number(r.int64()), write: (w, v) => w.varint(v) };

function message<T extends object>(fields: () => Fields<T>): Kind<T> {
  return {
    wire: Wire.bytes,
    read: (reader, depth) => readMessage(reader.inner(), fields(), depth + 1),
    write: (writer, value) => writer.inner((inside) => writeMessage(inside, fields(), value)),
  };
}

function one<V>(number: number, kind: Kind<V>): Field<V> {
  return {
    number,
    read(reader, wire, depth) {
      if (wire !== kind.wire) throw reader.fail(`field ${number} has the wire type ${wire} in place of ${kind.wire}`);
      return kind.read(reader, depth);
    },
    write(writer, value) {
      writer.tag(number, kind.wire);
      kind.write(writer, value);
    },
  };
}

/** A list; numbers of it may be packed, whether or not they are written so. */
function list<V>(number: number, kind: Kind<V>, isPacked = false): Field<readonly V[]> {
  const single = one(number, kind);
  return {
    number,
    read(reader, wire, depth, before) {
      const values = (before ?? []) as V[];
      if (wire === kind.wire) values.push(single.read(reader, wire, depth, undefined));
      else if (wire === Wire.bytes) {
        const inside = reader.inner();
        while (inside.at < inside.end) values.push(kind.read(inside, depth));
      } else single.read(reader, wire, depth, undefined);
      return values;
    },
    write(writer, values) {
      if (!isPacked) for (const value of values) single.write(writer, value);
      else if (values.length) {
        writer.tag(number, Wire.bytes);
        writer.inner((inside) => {
          for (const value of values) kind.write(inside, value);
        });
      }
    },
  };
}

/** Fields by the kind of their values; the argument is the number in the schema. */
export const is = {
  text: (n: number) => one(n, text),
  texts: (n: number) => list(n, text),
  bytes: (n: number) => one(n, bytes),
  byteLists: (n: number) => list(n, bytes),
  float: (n: number) => one(n, float),
  floats: (n: number, isPacked = false) => list(n, float, isPacked),
  doubles: (n: number) => list(n, double, true),
  int32: (n: number) => one(n, int32),
  int32s: (n: number) => list(n, int32, true),
  int64: (n: number) => one(n, int64),
  int64s: (n: number, isPacked = false) => list(n, int64, isPacked),
  uint64s: (n: number) => list(n, uint64, true),
  size: (n: number) => one(n, size),
  sizes: (n: number) => list(n, size),
  message: <T extends object>(n: number, fields: () => Fields<T>) => one(n, message(fields)),
  messages: <T extends object>(n: number, fields: () => Fields<T>) => list(n, message(fields)),
};

/** Tables by the number of the field, made when a message is read for the first time. */
const numbered = new WeakMap<object, ReadonlyMap<number, readonly [string, Field<unknown>]>>();

function byNumber<T>(fields: Fields<T>): ReadonlyMap<number, readonly [string, Field<unknown>]> {
  let found = numbered.get(fields);
  if (!found) {
    const entries = Object.entries(fields) as [string, Field<unknown>][];
    found = new Map(entries.map((entry) => [entry[1].number, entry]));
    numbered.set(fields, found);
  }
  return found;
}

/** Reads a message to the end of its bytes; fields that the table lacks are passed over. */
export function readMessage<T extends object>(reader: WireReader, fields: Fields<T>, depth = 0): T {
  if (depth > DEEPEST) throw reader.fail(`messages are nested more than ${DEEPEST} deep`);
  const known = byNumber(fields);
  const out: Record<string, unknown> = {};
  while (reader.at < reader.end) {
    const tag = reader.unsigned();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    const found = known.get(number);
    if (!found) reader.skip(wire);
    else out[found[0]] = found[1].read(reader, wire, depth, out[found[0]]);
  }
  return out as T;
}

/** Writes the properties that are there, in the order of the table. */
export function writeMessage<T extends object>(writer: WireWriter, fields: Fields<T>, value: T): void {
  for (const [key, field] of Object.entries(fields) as [keyof T, Field<unknown>][]) {
    const given = value[key];
    if (given !== undefined && given !== null) field.write(writer, given);
  }
}
