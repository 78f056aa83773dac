/** Arrays of files: read piece by piece to where they belong, or into memory until it is known where that is. */
import { sizeOf } from '../../tensor/shape';
import type { Elements, Sink, Source, StoredWeight } from '../formats/format';

/** Bytes of an array that follow each other, and how they become elements. */
export interface Part<T = Elements> {
  readonly from: number;
  readonly to: number;
  /** Bytes that are needed together. */
  readonly unit: number;
  /** @param at bytes of the part before these; @param target of the whole array */
  read(bytes: Uint8Array, at: number, target: T): void;
}

interface ArrayOfFile extends Pick<StoredWeight, 'name' | 'shape' | 'dtype'> {
  readonly source: Source;
  readonly parts: readonly Part[];
  /** Whether `read` fails for some bytes: then they are read before they are needed. */
  readonly mayFail?: boolean;
}

const elementsOf = ({ dtype, shape }: ArrayOfFile): Elements =>
  new (dtype === 'float32' ? Float32Array : Int32Array)(sizeOf(shape));

const unreadError = (name: string): never => {
  throw new Error(`'${name}' was not read yet`);
};

/** An array of which elements can be read one by one, or parts apart from each other. */
export function fileArray(array: ArrayOfFile): StoredWeight {
  const { name, shape, dtype, source, parts, mayFail } = array;
  const { whole } = source;
  const pour = (targetOf: () => Elements): Sink[] =>
    parts.map(({ from, to, unit, read }) => ({
      from,
      to,
      unit,
      put: (bytes, at) => read(bytes, at, targetOf()),
    }));
  let copyTo = (_: Elements): void => unreadError(name);
  const copyBytes = (bytesOf: (part: Part, i: number) => Uint8Array): void => {
    copyTo = (target) => {
      for (const [i, part] of parts.entries()) part.read(bytesOf(part, i), 0, target);
    };
  };
  const keep = (): readonly Sink[] => {
    if (mayFail) {
      const values = elementsOf(array);
      copyTo = (target) => target.set(values);
      return pour(() => values);
    }
    if (whole) {
      copyBytes(({ from, to }) => whole.subarray(from, to));
      return [];
    }
    const kept = parts.map(({ from, to }) => new Uint8Array(to - from));
    copyBytes((_, i) => kept[i] as Uint8Array);
    return parts.map(({ from, to }, i) => ({
      from,
      to,
      unit: 1,
      put: (bytes, at) => (kept[i] as Uint8Array).set(bytes, at),
    }));
  };
  return { name, shape, dtype, unread: { source, pour, keep }, copyTo: (target) => copyTo(target) };
}

/** An array that needs all bytes of some ranges at once. @param decode may fail, and what it returns may not */
export function gatheredArray(
  { name, shape, dtype, source }: Omit<ArrayOfFile, 'parts' | 'mayFail'>,
  ranges: readonly { readonly from: number; readonly to: number }[],
  decode: (parts: readonly Uint8Array[]) => Pick<StoredWeight, 'copyTo' | 'integers'>,
): StoredWeight {
  let decoded: Pick<StoredWeight, 'copyTo' | 'integers'> | undefined;
  const gather = (use: (parts: readonly Uint8Array[]) => void): Sink[] => {
    let left = ranges.length;
    const buffers = ranges.map(({ from, to }) => new Uint8Array(to - from));
    return ranges.map(({ from, to }, i) => ({
      from,
      to,
      unit: 1,
      put(bytes, at) {
        const buffer = buffers[i] as Uint8Array;
        buffer.set(bytes, at);
        if (at + bytes.length === buffer.length && --left === 0) use(buffers);
      },
    }));
  };
  return {
    name,
    shape,
    dtype,
    get integers() {
      return decoded?.integers;
    },
    unread: {
      source,
      pour: (targetOf) => gather((parts) => decode(parts).copyTo(targetOf())),
      keep: () =>
        gather((parts) => {
          decoded = decode(parts);
        }),
    },
    copyTo: (target) => (decoded ? decoded.copyTo(target) : unreadError(name)),
  };
}
