/** Numbers of JSON from bytes: what `JSON.parse` makes of their text, without the text. */

const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Powers of ten up to this one are float64 without rounding. */
const EXACT_POWER = 22;
/** Powers up to here leave room for as many digits before float64 ends. */
const MOST_POWER = 60;
const POWERS = Array.from({ length: MOST_POWER + 1 }, (_, i) => Number(`1e${i}`));

/** What is within a hundred roundings of a float64 is between these multiples of it. */
const BELOW = 1 - 1 / 0x200000000000;
const ABOVE = 1 + 1 / 0x200000000000;

/** The number that four digits make, -1 if they are not all digits. The first is in the lowest byte. */
function four(v: number): number {
  // Each byte has 3 in its upper half, also when 6 is added: from '0' to '9'.
  if ((v & 0xf0f0f0f0) !== 0x30303030 || ((v + 0x06060606) & 0xf0f0f0f0) !== 0x30303030) return -1;
  const pairs = (Math.imul(v & 0x0f0f0f0f, 10 * 256 + 1) >>> 8) & 0x00ff00ff;
  return Math.imul(pairs, 100 * 65536 + 1) >>> 16;
}

const textOf = (bytes: Uint8Array, from: number, to: number): string => {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
};

/** Reads one number after another. */
export class DecimalReader {
  /** Where the next number begins; after a number, where it ends. */
  at = 0;

  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The number that begins here, rounded to float64; NaN if there is none. */
  float64(): number {
    return this.#read(false);
  }

  /** The same rounded to float32 after that. */
  float32(): number {
    return this.#read(true);
  }

  /** The integer that begins here, exactly; undefined if there is none. `1.5e1` is one, if float64 holds it. */
  integer(): bigint | undefined {
    const from = this.at;
    const value = this.#read(false);
    if (Number.isSafeInteger(value)) return BigInt(value);
    const text = textOf(this.bytes, from, this.at);
    // A bound on its length, as parsing takes the square of that.
    return Number.isInteger(value) && text.length <= 40 && /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  }

  /** The digits from `at` on, after those that make `value`, as one number; `at` is where they end. */
  #digits(value: number, from: number): number {
    const { bytes, view } = this;
    const last = bytes.length - 4;
    let at = from;
    let sum = value;
    while (at <= last) {
      const group = four(view.getInt32(at, true));
      if (group < 0) break;
      sum = sum * 10000 + group;
      at += 4;
    }
    for (let c = bytes[at] as number; c >= ZERO && c <= NINE; c = bytes[++at] as number) sum = sum * 10 + (c - ZERO);
    this.at = at;
    return sum;
  }

  #read(isSingle: boolean): number {
    const { bytes, at: from } = this;
    const isNegative = bytes[from] === MINUS;
    const first = isNegative ? from + 1 : from;
    // Exact up to 2^53; each group of digits after that rounds once or twice.
    let digits = 0;
    if (bytes[first] === ZERO) this.at = first + 1;
    else {
      digits = this.#digits(0, first);
      if (this.at === first) return Number.NaN;
    }
    /** What the digits are multiplied with, as a power of ten. */
    let power = 0;
    if (bytes[this.at] === DOT) {
      const start = this.at + 1;
      digits = this.#digits(digits, start);
      if (this.at === start) return Number.NaN;
      power = start - this.at;
    }
    const c = bytes[this.at] as number;
    if (c === 0x65 || c === 0x45) {
      const sign = bytes[this.at + 1];
      const start = this.at + (sign === MINUS || sign === PLUS ? 2 : 1);
      const exponent = this.#digits(0, start);
      if (this.at === start) return Number.NaN;
      power += sign === MINUS ? -exponent : exponent;
    }
    const isExact = digits <= Number.MAX_SAFE_INTEGER && power <= EXACT_POWER && power >= -EXACT_POWER;
    if (isExact || (isSingle && power <= MOST_POWER && power >= -MOST_POWER && digits < 1e60)) {
      const size = power < 0 ? digits / (POWERS[-power] as number) : digits * (POWERS[power] as number);
      const value = isNegative ? -size : size;
      if (isExact) return isSingle ? Math.fround(value) : value;
      // Some roundings from the right float64: that rounds to the same float32 if all float64 around do.
      const single = Math.fround(value * BELOW);
      if (single === Math.fround(value * ABOVE)) return single;
    }
    const value = Number(textOf(bytes, from, this.at));
    return isSingle ? Math.fround(value) : value;
  }
}
