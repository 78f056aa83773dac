/** Tensors that are made for each size of open dimensions, and count places along them: indices, positions. */
import { sizeOf } from '../../tensor/shape';
import type { Elements } from './numbers';

/** Each element is a start, and a step for each place along each open dimension. */
export interface Grid {
  readonly kind: 'grid';
  /** The open dimensions. */
  readonly open: readonly number[];
  /** Shape of starts and steps: that of the tensor with 1 for open dimensions. */
  readonly shape: readonly number[];
  readonly start: Elements;
  /** One for each open dimension. */
  readonly steps: readonly Elements[];
}

type Sizes = readonly number[];

/** Numbers that are not many: they are stored. */
const MOST = 4096;

const stridesOf = (shape: Sizes): number[] => shape.map((_, d) => sizeOf(shape.slice(d + 1)));

/** Calls `visit` for each element with its position in an array that has `kept` dimensions alone, and its places. */
function each(shape: Sizes, kept: Sizes, visit: (i: number, at: number, places: Sizes) => void): void {
  const strides = stridesOf(shape);
  const own = stridesOf(kept);
  for (let i = 0; i < sizeOf(shape); i++) {
    const places = shape.map((n, d) => Math.floor(i / (strides[d] as number)) % n);
    const at = places.reduce((sum, p, d) => sum + (kept[d] === 1 ? 0 : p * (own[d] as number)), 0);
    visit(i, at, places);
  }
}

/** Elements at the first place of all open dimensions but one, and at `place` of that. */
function slice(from: Elements, shape: Sizes, kept: Sizes, open: Sizes, axis: number, place: number): Elements {
  const out = from.slice(0, sizeOf(kept));
  each(shape, kept, (i, at, places) => {
    if (open.every((d) => places[d] === (d === axis ? place : 0))) out[at] = from[i] as number;
  });
  return out;
}

/** The grid that all tensors are, each for sizes of its own; undefined if they are none. */
export function gridOf(shapes: readonly Sizes[], all: readonly Elements[]): Grid | undefined {
  const [shape] = shapes as [Sizes];
  const [first] = all as [Elements];
  const open = shape.flatMap((n, d) => (shapes.some((s) => s[d] !== n) ? [d] : []));
  const kept = shape.map((n, d) => (open.includes(d) ? 1 : n));
  if (first instanceof Uint8Array || sizeOf(kept) > MOST) return undefined;
  if (shapes.some((s) => s.includes(0) || open.some((d) => s[d] === 1))) return undefined;
  const start = slice(first, shape, kept, open, -1, 0);
  const steps = open.map((d) => slice(first, shape, kept, open, d, 1).map((v, i) => v - (start[i] as number)));
  const isGrid = shapes.every((s, k) => {
    let fits = true;
    each(s, kept, (i, at, places) => {
      const value = open.reduce(
        (sum, d, n) => sum + (places[d] as number) * (steps[n]?.[at] as number),
        start[at] as number,
      );
      fits &&= value === all[k]?.[i];
    });
    return fits;
  });
  return isGrid ? { kind: 'grid', open, shape: kept, start, steps } : undefined;
}
