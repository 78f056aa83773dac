/** Resizing along one axis, rows by index, and the gradients of both: assembly/move/resample.ts. */
import { array, get, make, type NdArray, sizeOf } from './array';

const f = Math.fround;

export interface ResampleAttrs {
  readonly axis: number;
  readonly size: number;
  readonly method: 'bilinear' | 'nearest';
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** The two elements of n that element j of `count` stands between, and the share of the second. */
function between(j: number, n: number, count: number, a: ResampleAttrs): [number, number, number] {
  const less = a.alignCorners && count > 1 ? 1 : 0;
  const scaled = ((a.halfPixelCenters ? j + 0.5 : j) * (n - less)) / (count - less);
  if (a.method === 'nearest') {
    const i = Math.min(n - 1, Math.floor(a.alignCorners ? scaled + 0.5 : scaled));
    return [i, i, 0];
  }
  const s = a.halfPixelCenters ? scaled - 0.5 : scaled;
  const low = Math.max(0, Math.floor(s));
  return [low, Math.max(0, Math.min(n - 1, Math.ceil(s))), f(s - low)];
}

const moved = (index: readonly number[], axis: number, i: number): number[] =>
  index.map((v, d) => (d === axis ? i : v));
const resized = (x: NdArray, axis: number, size: number): number[] => x.shape.map((d, i) => (i === axis ? size : d));

/** x[low] + (x[high] - x[low]) · share, or x[low] where both are one. */
export function resample(x: NdArray, a: ResampleAttrs): NdArray {
  return make(resized(x, a.axis, a.size), x.dtype, (index) => {
    const [low, high, share] = between(index[a.axis] as number, x.shape[a.axis] as number, a.size, a);
    const v = get(x, moved(index, a.axis, low));
    return low >= high ? v : f(v + f(f(get(x, moved(index, a.axis, high)) - v) * share));
  });
}

/** dx starts at +0 and adds, j ascending, dy (1 - share) to low and dy · share to high. */
export function resampleGrad(dy: NdArray, a: ResampleAttrs): NdArray {
  const count = dy.shape[a.axis] as number;
  return make(resized(dy, a.axis, a.size), 'float32', (index) => {
    let d = 0;
    for (let j = 0; j < count; j++) {
      const [low, high, share] = between(j, a.size, count, a);
      const i = index[a.axis] as number;
      const g = get(dy, moved(index, a.axis, j));
      if (low >= high) d = i === low ? f(d + g) : d;
      else if (i === low) d = f(d + f(g * f(1 - share)));
      else if (i === high) d = f(d + f(g * share));
    }
    return d;
  });
}

export function takeRows(x: NdArray, indices: NdArray, { axis }: { axis: number }): NdArray {
  return make(resized(x, axis, indices.data.length), x.dtype, (index) =>
    get(x, moved(index, axis, indices.data[index[axis] as number] as number)),
  );
}

/** Rows are added from +0, those further in front first. */
export function sumRows(y: NdArray, indices: NdArray, { axis, size }: { axis: number; size: number }): NdArray {
  const shape = resized(y, axis, size);
  const out = array(shape, 'float32', new Float32Array(sizeOf(shape)));
  const inner = sizeOf(y.shape.slice(axis + 1));
  for (let at = 0; at < y.data.length; at++) {
    const j = Math.floor(at / inner) % indices.data.length;
    const outer = Math.floor(at / inner / indices.data.length);
    const to = (outer * size + (indices.data[j] as number)) * inner + (at % inner);
    out.data[to] = f((out.data[to] as number) + (y.data[at] as number));
  }
  return out;
}
