/** Windows over images of any number of dimensions in float64: what convolutions and poolings are checked on. */
import { build, type Nd, nd, type Shape, sizeOf } from '../gradients/float64';

export type Pair = readonly [number, number];
export type Pad = 'valid' | 'same' | number | readonly Pair[];
export type Rounding = 'floor' | 'round' | 'ceil';

export interface Setting {
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** Pairs: one for each spatial dimension. */
  readonly pad: Pad;
  readonly rounding?: Rounding;
}

interface Way {
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly count: number;
}

/** How a window of `window` moves along the spatial dimensions. */
export function wayOf(size: Shape, window: Shape, { strides, dilations, pad, rounding = 'floor' }: Setting): Way[] {
  return size.map((length, d) => {
    const stride = strides?.[d] ?? 1;
    const dilation = dilations?.[d] ?? 1;
    const extent = ((window[d] as number) - 1) * dilation + 1;
    if (pad === 'same') {
      const count = Math.ceil(length / stride);
      return { stride, dilation, before: Math.floor(Math.max(0, (count - 1) * stride + extent - length) / 2), count };
    }
    const [before, after] = pad === 'valid' ? [0, 0] : typeof pad === 'number' ? [pad, pad] : (pad[d] as Pair);
    return { stride, dilation, before, count: Math[rounding]((length + before + after - extent) / stride) + 1 };
  });
}

/** Calls `each` for every tap of every position that lies inside, with their places in space. */
export function walk(
  size: Shape,
  window: Shape,
  way: readonly Way[],
  each: (out: readonly number[], inside: readonly number[], tap: readonly number[]) => void,
): void {
  build(
    way.map((w) => w.count),
    (out) => {
      build(window, (tap) => {
        const place = way.map((w, d) => (out[d] as number) * w.stride + (tap[d] as number) * w.dilation - w.before);
        if (place.every((p, d) => p >= 0 && p < (size[d] as number))) each(out, place, tap);
        return 0;
      });
      return 0;
    },
  );
}

const offset = (shape: Shape, index: readonly number[]): number =>
  index.reduce((at, i, d) => at * (shape[d] as number) + i, 0);

/** Convolution of [n, ...space, c] with [...window, c, oc]; `depthwise`: with [...window, c, m], to c m channels. */
export function convolve(x: Nd, f: Nd, setting: Setting, depthwise = false): Nd {
  const dims = x.shape.length - 2;
  const [n, c] = [x.shape[0] as number, x.shape[dims + 1] as number];
  const [window, m] = [f.shape.slice(0, dims), f.shape[dims + 1] as number];
  const size = x.shape.slice(1, -1);
  const way = wayOf(size, window, setting);
  const oc = depthwise ? c * m : m;
  const shape = [n, ...way.map((w) => w.count), oc];
  const data = new Float64Array(sizeOf(shape));
  for (let image = 0; image < n; image++) {
    walk(size, window, way, (out, inside, tap) => {
      for (let a = 0; a < c; a++) {
        for (let b = 0; b < m; b++) {
          const to = offset(shape, [image, ...out, depthwise ? a * m + b : b]);
          data[to] =
            (data[to] as number) +
            (x.data[offset(x.shape, [image, ...inside, a])] as number) *
              (f.data[offset(f.shape, [...tap, a, b])] as number);
        }
      }
    });
  }
  return nd(shape, data);
}

/** The transpose of `convolve`: from y of [n, ...positions, oc] to [n, ...size, c]. */
export function transposed(y: Nd, f: Nd, size: Shape, setting: Setting): Nd {
  const dims = size.length;
  const [c, oc] = f.shape.slice(dims) as [number, number];
  const n = y.shape[0] as number;
  const shape = [n, ...size, c];
  const data = new Float64Array(sizeOf(shape));
  const window = f.shape.slice(0, dims);
  for (let image = 0; image < n; image++) {
    walk(size, window, wayOf(size, window, setting), (out, inside, tap) => {
      for (let a = 0; a < c; a++) {
        for (let b = 0; b < oc; b++) {
          const to = offset(shape, [image, ...inside, a]);
          data[to] =
            (data[to] as number) +
            (y.data[offset(y.shape, [image, ...out, b])] as number) *
              (f.data[offset(f.shape, [...tap, a, b])] as number);
        }
      }
    });
  }
  return nd(shape, data);
}

/** Each window of each channel folded: `fold` gets the values inside, and their places in [...space, c]. */
export function pooled(
  x: Nd,
  window: Shape,
  setting: Setting,
  fold: (values: readonly number[], places: readonly number[], taps: readonly number[]) => number,
): Nd {
  const size = x.shape.slice(1, -1);
  const [n, c] = [x.shape[0] as number, x.shape[x.shape.length - 1] as number];
  const way = wayOf(size, window, setting);
  const shape = [n, ...way.map((w) => w.count), c];
  const found = Array.from({ length: sizeOf(shape) }, () => ({
    values: [] as number[],
    places: [] as number[],
    taps: [] as number[],
  }));
  for (let image = 0; image < n; image++) {
    walk(size, window, way, (out, inside, tap) => {
      for (let a = 0; a < c; a++) {
        const cell = found[offset(shape, [image, ...out, a])] as (typeof found)[number];
        cell.values.push(x.data[offset(x.shape, [image, ...inside, a])] as number);
        cell.places.push(offset([...size, c], [...inside, a]));
        cell.taps.push(offset([...window, c], [...tap, a]));
      }
    });
  }
  return nd(
    shape,
    found.map((f) => fold(f.values, f.places, f.taps)),
  );
}

export const largest = (values: readonly number[]): number => Math.max(...values);
export const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Channels last as [n, c, ...space], and back. */
export const toFirst = (x: Nd): Nd => {
  const rank = x.shape.length;
  const shape = [x.shape[0] as number, x.shape[rank - 1] as number, ...x.shape.slice(1, -1)];
  return build(shape, (i) => x.data[offset(x.shape, [i[0] as number, ...i.slice(2), i[1] as number])] as number);
};
export const toLast = (x: Nd): Nd => {
  const shape = [x.shape[0] as number, ...x.shape.slice(2), x.shape[1] as number];
  return build(
    shape,
    (i) => x.data[offset(x.shape, [i[0] as number, i[i.length - 1] as number, ...i.slice(1, -1)])] as number,
  );
};

/** x without its batch of one, and one without a batch with it. */
export const unbatched = (x: Nd): Nd => nd(x.shape.slice(1), x.data);
export const batched = (x: Nd): Nd => nd([1, ...x.shape], x.data);
