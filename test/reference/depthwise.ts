/** Depthwise convolutions of [n, h, w, c] with filters [kh, kw, c, m], and both gradients: assembly/conv/depthwise.ts. */
import { make, type NdArray } from './array';
import { outputSize, type Pair, pixel, type WindowAttrs } from './conv';

const f = Math.fround;
type Size4 = [number, number, number, number];

const isInside = (i: number, size: number): boolean => Number.isInteger(i) && i >= 0 && i < size;

/** y starts at +0 and folds (kernel row, kernel column) ascending; positions outside are skipped. */
export function depthwiseConv2d(x: NdArray, filter: NdArray, a: WindowAttrs): NdArray {
  const [n, h, w] = x.shape as Size4;
  const [kh, kw, c, m] = filter.shape as Size4;
  const shape = [n, ...outputSize(x.shape, [kh, kw], a), c * m];
  return make(shape, 'float32', ([image, row, column, q]: number[]) => {
    let y = 0;
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const r = (row as number) * a.strides[0] + i * a.dilations[0] - a.padHeight[0];
        const s = (column as number) * a.strides[1] + j * a.dilations[1] - a.padWidth[0];
        const ch = Math.floor((q as number) / m);
        if (isInside(r, h) && isInside(s, w))
          y = f(y + f(pixel(x, image as number, r, s, ch) * pixel(filter, i, j, ch, (q as number) % m)));
      }
    }
    return y;
  });
}

/** dx starts at +0 and folds (kernel row, kernel column, k) ascending over the taps that reach an output. */
export function depthwiseConv2dInputGrad(
  dy: NdArray,
  filter: NdArray,
  a: WindowAttrs & { readonly inputSize: Pair },
): NdArray {
  const [n, oh, ow] = dy.shape as Size4;
  const [kh, kw, c, m] = filter.shape as Size4;
  return make([n, ...a.inputSize, c], 'float32', ([image, r, s, ch]: number[]) => {
    let d = 0;
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const row = ((r as number) + a.padHeight[0] - i * a.dilations[0]) / a.strides[0];
        const column = ((s as number) + a.padWidth[0] - j * a.dilations[1]) / a.strides[1];
        if (!isInside(row, oh) || !isInside(column, ow)) continue;
        for (let k = 0; k < m; k++)
          d = f(
            d +
              f(pixel(dy, image as number, row, column, (ch as number) * m + k) * pixel(filter, i, j, ch as number, k)),
          );
      }
    }
    return d;
  });
}

/**
 * dFilter: each output row of each image folds its columns ascending from +0 over the positions inside; these sums are
 * folded over (image, output row) ascending from +0.
 */
export function depthwiseConv2dFilterGrad(
  x: NdArray,
  dy: NdArray,
  a: WindowAttrs & { readonly window: Pair; readonly multiplier: number },
): NdArray {
  const [n, h, w, c] = x.shape as Size4;
  const [, oh, ow] = dy.shape as Size4;
  return make([...a.window, c, a.multiplier], 'float32', ([i, j, ch, k]: number[]) => {
    let d = 0;
    for (let image = 0; image < n; image++) {
      for (let row = 0; row < oh; row++) {
        const r = row * a.strides[0] + (i as number) * a.dilations[0] - a.padHeight[0];
        if (!isInside(r, h)) continue;
        let sum = 0;
        for (let column = 0; column < ow; column++) {
          const s = column * a.strides[1] + (j as number) * a.dilations[1] - a.padWidth[0];
          if (isInside(s, w))
            sum = f(
              sum +
                f(
                  pixel(x, image, r, s, ch as number) *
                    pixel(dy, image, row, column, (ch as number) * a.multiplier + (k as number)),
                ),
            );
        }
        d = f(d + sum);
      }
    }
    return d;
  });
}
