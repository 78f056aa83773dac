/** Running folds: assembly/fold/cumulative.ts. */
import { array, type NdArray, sizeOf } from './array';

const f = Math.fround;

export interface CumulativeAttrs {
  readonly axis: number;
  readonly reverse: boolean;
  readonly exclusive?: boolean;
}

/** Calls `line` with the offsets of the elements of every line along the axis, in the order of the function. */
function lines(x: NdArray, { axis, reverse }: CumulativeAttrs, line: (places: number[]) => void): void {
  const n = x.shape[axis] as number;
  const inner = sizeOf(x.shape.slice(axis + 1));
  for (let o = 0; o < sizeOf(x.shape.slice(0, axis)); o++) {
    for (let j = 0; j < inner; j++) {
      const places = Array.from({ length: n }, (_, i) => (o * n + i) * inner + j);
      line(reverse ? places.reverse() : places);
    }
  }
}

/** From `start`, one element after the other. */
export function running(
  x: NdArray,
  attrs: CumulativeAttrs,
  start: number,
  join: (so: number, next: number) => number,
): NdArray {
  const out = array(x.shape, x.dtype, x.data);
  lines(x, attrs, (places) => {
    let so = start;
    for (const at of places) {
      const next = join(so, x.data[at] as number);
      out.data[at] = attrs.exclusive ? so : next;
      so = next;
    }
  });
  return out;
}

export const cumsum = (x: NdArray, attrs: CumulativeAttrs): NdArray =>
  running(x, attrs, 0, x.dtype === 'int32' ? (a, b) => (a + b) | 0 : (a, b) => f(a + b));

export const cumprod = (x: NdArray, attrs: CumulativeAttrs): NdArray =>
  running(x, attrs, 1, x.dtype === 'int32' ? Math.imul : (a, b) => f(a * b));

/** y[0] = b[0], y[i] = f32(f32(a[i] y[i - 1]) + b[i]). */
export function recurrence(a: NdArray, b: NdArray, attrs: CumulativeAttrs): NdArray {
  const out = array(b.shape, 'float32', b.data);
  lines(b, attrs, (places) => {
    places.forEach((at, i) => {
      if (i > 0)
        out.data[at] = f(
          f((a.data[at] as number) * (out.data[places[i - 1] as number] as number)) + (b.data[at] as number),
        );
    });
  });
  return out;
}
