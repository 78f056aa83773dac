/** Sizes that follow from dimensions that are open: sums of products of these dimensions. */

/** A dimension that may have any size when the exported model runs. */
export interface OpenDim {
  readonly name: string;
  /** The input, and its axis, from which a run reads the size. */
  readonly input: number;
  readonly axis: number;
}

/** A sum of terms; the key of a term is the set of its dimensions as bits, 0 for the constant. */
export class Size {
  constructor(readonly terms: ReadonlyMap<number, number>) {}

  /** Equal sizes have equal keys. */
  get key(): string {
    return [...this.terms].map(([set, by]) => `${by}*${set}`).join('+');
  }
}

/** Elements of a tensor that exists already. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** A number that is known, or a size that follows from open dimensions. */
export type Num = number | Size;

/** The attributes of an op with sizes in the place of numbers. */
export type Sized<T> = T extends number
  ? Num
  : T extends string | boolean | null | undefined | ((...args: never[]) => unknown)
    ? T
    : { readonly [K in keyof T]: Sized<T[K]> };

const made = (terms: Map<number, number>): Num => {
  for (const [set, by] of terms) if (by === 0) terms.delete(set);
  if (terms.size === 0) return 0;
  const constant = terms.get(0);
  if (terms.size === 1 && constant !== undefined) return constant;
  return new Size(new Map([...terms].sort(([a], [b]) => a - b)));
};

const termsOf = (n: Num): ReadonlyMap<number, number> => (n instanceof Size ? n.terms : new Map([[0, n]]));

/** a + by · b */
export function plus(a: Num, b: Num, by = 1): Num {
  if (typeof a === 'number' && typeof b === 'number') return a + by * b;
  const sum = new Map(termsOf(a));
  for (const [set, n] of termsOf(b)) sum.set(set, (sum.get(set) ?? 0) + by * n);
  return made(sum);
}

/** a · b; undefined if that is no sum of products of different dimensions. */
export function times(a: Num, b: Num): Num | undefined {
  const terms = new Map<number, number>();
  for (const [one, n] of termsOf(a))
    for (const [other, m] of termsOf(b)) {
      if ((one & other) !== 0) return undefined;
      terms.set(one | other, (terms.get(one | other) ?? 0) + n * m);
    }
  return made(terms);
}

export const sameNum = (a: Num, b: Num): boolean =>
  typeof a === 'number' || typeof b === 'number' ? a === b : a.key === b.key;

export const isOpen = (n: Num): n is Size => n instanceof Size;

/** The size of dimension `index` itself. */
export const dimension = (index: number): Size => new Size(new Map([[1 << index, 1]]));

/** The values that open dimensions have in the traces from which sizes are found. */
export interface Samples {
  /** One trace for each combination of two values of each dimension, then one more to check. */
  readonly points: readonly (readonly number[])[];
}

/** Odd, far apart, and unlike numbers that programs contain; the batch may be small. */
const FIRST = [2, 61, 67, 71];
const SECOND = [3, 97, 101, 103];
const CHECK = [5, 79, 83, 89];
export const MOST_OPEN = FIRST.length;

/** Points for so many dimensions. */
export function samplesFor(count: number): Samples {
  if (count === 0) return { points: [[]] };
  const corners = Array.from({ length: 1 << count }, (_, corner) =>
    Array.from({ length: count }, (_, d) => ((corner >> d) & 1 ? SECOND[d] : FIRST[d]) as number),
  );
  return { points: [...corners, CHECK.slice(0, count)] };
}

/** The size at a point. */
export function sizeAt(n: Num, point: readonly number[]): number {
  let sum = 0;
  for (const [set, by] of termsOf(n))
    sum += point.reduce((product, v, d) => ((set >> d) & 1 ? product * v : product), by);
  return sum;
}

/** The size that has these values at the points; undefined if it is no sum of products of whole multiples. */
export function sizeFrom(values: readonly number[], { points }: Samples): Num | undefined {
  const [first] = values as [number];
  if (values.every((v) => Object.is(v, first))) return first;
  if (!values.every(Number.isSafeInteger)) return undefined;
  const count = (points[0] as readonly number[]).length;
  const terms = values.slice(0, 1 << count);
  for (let d = 0; d < count; d++) {
    const [low, high] = [FIRST[d] as number, SECOND[d] as number];
    for (let set = 0; set < terms.length; set++) {
      if ((set >> d) & 1) continue;
      const [a, b] = [terms[set] as number, terms[set | (1 << d)] as number];
      const slope = (b - a) / (high - low);
      if (!Number.isSafeInteger(slope)) return undefined;
      terms[set | (1 << d)] = slope;
      terms[set] = a - slope * low;
    }
  }
  const size = made(new Map(terms.entries()));
  return points.every((point, i) => sizeAt(size, point) === values[i]) ? size : undefined;
}
