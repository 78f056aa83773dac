/** Convolutions of [n, h, w, c] with filters [kh, kw, c, oc], and both their gradients, term by term: assembly/conv. */
import { array, make, type NdArray, type Shape, sizeOf } from './array';

const f = Math.fround;

export type Pair = readonly [number, number];

/** How a window moves over an image; padding before and after. */
export interface WindowAttrs {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padHeight: Pair;
  readonly padWidth: Pair;
}

export type Size4 = [number, number, number, number];

/** Number of positions of a window along one dimension. */
export function positions(size: number, window: number, stride: number, dilation: number, pad: Pair): number {
  return Math.floor((pad[0] + size + pad[1] - ((window - 1) * dilation + 1)) / stride) + 1;
}

export function outputSize(shape: Shape, window: Pair, a: WindowAttrs): Pair {
  return [
    positions(shape[1] as number, window[0], a.strides[0], a.dilations[0], a.padHeight),
    positions(shape[2] as number, window[1], a.strides[1], a.dilations[1], a.padWidth),
  ];
}

/** The element at an index of four; +0 where row or column lie outside. */
export function pixel(x: NdArray, n: number, row: number, column: number, channel: number): number {
  const [, h, w, c] = x.shape as Size4;
  if (row < 0 || row >= h || column < 0 || column >= w) return 0;
  return x.data[((n * h + row) * w + column) * c + channel] as number;
}

/**
 * y starts at +0 and folds (kernel row, kernel column, input channel) ascending. Positions outside the input count as
 * +0 and take part: an infinite or NaN filter makes NaN there.
 */
export function conv2d(x: NdArray, filter: NdArray, a: WindowAttrs): NdArray {
  const [kh, kw, c, oc] = filter.shape as Size4;
  const shape = [x.shape[0] as number, ...outputSize(x.shape, [kh, kw], a), oc];
  return make(shape, 'float32', ([n, row, column, o]: number[]) => {
    let y = 0;
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const r = (row as number) * a.strides[0] + i * a.dilations[0] - a.padHeight[0];
        const s = (column as number) * a.strides[1] + j * a.dilations[1] - a.padWidth[0];
        for (let l = 0; l < c; l++) y = f(y + f(pixel(x, n as number, r, s, l) * pixel(filter, i, j, l, o as number)));
      }
    }
    return y;
  });
}

/** dFilter starts at +0 and folds (image, output row, output column) ascending; outside the input counts as +0. */
export function conv2dFilterGrad(x: NdArray, dy: NdArray, a: WindowAttrs & { readonly window: Pair }): NdArray {
  const [images, oh, ow, oc] = dy.shape as Size4;
  return make([...a.window, x.shape[3] as number, oc], 'float32', ([i, j, l, o]: number[]) => {
    let d = 0;
    for (let n = 0; n < images; n++) {
      for (let row = 0; row < oh; row++) {
        for (let column = 0; column < ow; column++) {
          const r = row * a.strides[0] + (i as number) * a.dilations[0] - a.padHeight[0];
          const s = column * a.strides[1] + (j as number) * a.dilations[1] - a.padWidth[0];
          d = f(d + f(pixel(x, n, r, s, l as number) * pixel(dy, n, row, column, o as number)));
        }
      }
    }
    return d;
  });
}

/**
 * dx starts at +0 and folds (kernel row, kernel column, output channel) ascending over the taps through which an
 * output sees it; other taps are skipped.
 */
export function conv2dInputGrad(dy: NdArray, filter: NdArray, a: WindowAttrs & { readonly inputSize: Pair }): NdArray {
  const [images, oh, ow, oc] = dy.shape as Size4;
  const [kh, kw, c] = filter.shape as Size4;
  const shape = [images, ...a.inputSize, c];
  const dx = new Float32Array(sizeOf(shape));
  let at = 0;
  for (let n = 0; n < images; n++) {
    for (let r = 0; r < a.inputSize[0]; r++) {
      for (let s = 0; s < a.inputSize[1]; s++) {
        const outputs = taps(kh, kw).map(
          ([i, j]): Pair => [
            (r + a.padHeight[0] - i * a.dilations[0]) / a.strides[0],
            (s + a.padWidth[0] - j * a.dilations[1]) / a.strides[1],
          ],
        );
        for (let l = 0; l < c; l++) {
          let d = 0;
          outputs.forEach(([row, column], tap) => {
            if (!isIndex(row, oh) || !isIndex(column, ow)) return;
            for (let o = 0; o < oc; o++)
              d = f(d + f(pixel(dy, n, row, column, o) * (filter.data[(tap * c + l) * oc + o] as number)));
          });
          dx[at++] = d;
        }
      }
    }
  }
  return array(shape, 'float32', dx);
}

const isIndex = (i: number, size: number): boolean => Number.isInteger(i) && i >= 0 && i < size;

const taps = (kh: number, kw: number): Pair[] =>
  Array.from({ length: kh * kw }, (_, tap) => [Math.floor(tap / kw), tap % kw]);
