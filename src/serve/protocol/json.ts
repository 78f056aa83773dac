/**
 * JSON of requests, read once and within bounds: what would take far more memory than its text is refused while it is read,
 * and lists of numbers become typed arrays without a list of values in between.
 */
import { isDatatype } from './datatypes';
import { DecimalReader } from './decimal';
import { readNumbers } from './number-list';
import { badRequest, type Refusal } from './refusal';

/** Objects in a request, and how deep it is nested, at most. */
const MOST_OBJECTS = 10_000;
const DEEPEST = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Strings up to here are put together letter by letter: for longer ones a decoder is faster. */
const SHORT = 48;

const WORDS = ([true, false, null] as const).map((value) => ({
  value,
  codes: Array.from(String(value), (letter) => letter.charCodeAt(0)),
}));

class JsonReader {
  #at = 0;
  #depth = 0;
  #objects = 0;

  constructor(
    readonly bytes: Uint8Array,
    /** Whether `data` of tensors becomes a list of numbers where it is one. */
    readonly hasTensors: boolean,
  ) {}

  /** The only value. @throws Refusal */
  whole(): unknown {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.bytes.length) throw this.#invalid();
    return value;
  }

  #invalid(): Refusal {
    const { length } = this.bytes;
    const where = this.#at < length ? `at byte ${this.#at}` : `it ends after ${length} bytes`;
    return badRequest(`the request is not valid JSON in UTF-8: ${where}`);
  }

  /** The next byte that is no space; it stays there. */
  #skipSpace(): number {
    const { bytes } = this;
    let c = bytes[this.#at] as number;
    while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = bytes[++this.#at] as number;
    return c;
  }

  #value(): unknown {
    const c = this.#skipSpace();
    if (c === QUOTE) return this.#string();
    if (c === OBJECT) return this.#nested(() => this.#object());
    if (c === LIST) return this.#nested(() => this.#list());
    for (const { value, codes } of WORDS)
      if (codes.every((code, i) => this.bytes[this.#at + i] === code)) {
        this.#at += codes.length;
        return value;
      }
    return this.#number();
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST || this.#objects > MOST_OBJECTS)
      throw badRequest(`the request is nested too deep, or has more than ${MOST_OBJECTS} objects`);
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #number(): number {
    const reader = new DecimalReader(this.bytes);
    reader.at = this.#at;
    const value = reader.float64();
    if (Number.isNaN(value)) throw this.#invalid();
    this.#at = reader.at;
    return value;
  }

  #string(): string {
    const { bytes } = this;
    const from = this.#at + 1;
    let at = from;
    let hasEscapes = false;
    let isPlain = true;
    for (let c = bytes[at] as number; c !== QUOTE; c = bytes[++at] as number) {
      if (c === BACKSLASH) {
        hasEscapes = true;
        at++;
      } else if (c >= 0x80) isPlain = false;
      else if (!(c >= 0x20)) {
        this.#at = Math.min(at, bytes.length);
        throw this.#invalid();
      }
    }
    let text = '';
    if (isPlain && !hasEscapes && at - from <= SHORT)
      for (let i = from; i < at; i++) text += String.fromCharCode(bytes[i] as number);
    else
      try {
        const decoded = decoder.decode(bytes.subarray(from - 1, at + 1));
        text = hasEscapes ? JSON.parse(decoded) : decoded.slice(1, -1);
      } catch {
        throw this.#invalid();
      }
    this.#at = at + 1;
    return text;
  }

  #list(): unknown[] {
    const list: unknown[] = [];
    if (this.#skipSpace() === LIST_END) {
      this.#at++;
      return list;
    }
    for (;;) {
      list.push(this.#value());
      if (this.#isOver(LIST_END)) return list;
    }
  }

  /** Whether the list or object ends here, or another entry follows. */
  #isOver(end: number): boolean {
    const c = this.#skipSpace();
    if (c !== COMMA && c !== end) throw this.#invalid();
    this.#at++;
    return c === end;
  }

  #object(): Record<string, unknown> {
    this.#objects++;
    const object: Record<string, unknown> = {};
    if (this.#skipSpace() === OBJECT_END) {
      this.#at++;
      return object;
    }
    /** Where data are whose type comes after them. */
    let early = -1;
    do {
      if (this.#skipSpace() !== QUOTE) throw this.#invalid();
      const key = this.#string();
      if (this.#skipSpace() !== COLON) throw this.#invalid();
      this.#at++;
      const isData = key === 'data' && this.hasTensors && this.#skipSpace() === LIST;
      if (isData) early = object.datatype === undefined ? this.#at : -1;
      const value = (isData && this.#numbers(this.#at, object.datatype)) || this.#value();
      // As in JSON.parse it is a property like others.
      if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true });
      else object[key] = value;
    } while (!this.#isOver(OBJECT_END));
    if (early >= 0) {
      const end = this.#at;
      object.data = this.#numbers(early, object.datatype) ?? object.data;
      this.#at = end;
    }
    return object;
  }

  /** The list of numbers at `from`, if it is one of that type. */
  #numbers(from: number, datatype: unknown): unknown {
    if (!isDatatype(datatype) || datatype === 'BYTES') return undefined;
    const found = readNumbers(this.bytes, from, datatype);
    if (found) this.#at = found.end;
    return found;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectOf(bytes: Uint8Array, hasTensors: boolean): Record<string, unknown> {
  if (bytes.length === 0) return {};
  const value = new JsonReader(bytes, hasTensors).whole();
  if (!isObject(value)) throw badRequest('the request must be an object of JSON');
  return value;
}

/** The object that bytes are the text of; an empty one for none. @throws Refusal */
export const parseObject = (bytes: Uint8Array): Record<string, unknown> => objectOf(bytes, false);

/**
 * The same for a request with tensors: `data` beside a `datatype` is a `NumberList` where all of it is elements of that type,
 * and else what `JSON.parse` returns.
 * @throws Refusal
 */
export const parseTensors = (bytes: Uint8Array): Record<string, unknown> => objectOf(bytes, true);
