/** Convolutions of [n, h, w, c] with filters [kh, kw, c, oc], and both their gradients: each in the form that it has. */
import type { NdArray } from './array';
import * as direct from './direct';
import * as winograd from './winograd';

export { outputSize, type Pair, pixel, positions, type WindowAttrs } from './direct';

type Form = typeof direct | typeof winograd;

const form = (filter: direct.Size4, outputs: direct.Pair, w: direct.WindowAttrs): Form =>
  winograd.isWinograd(filter, outputs, w) ? winograd : direct;

const outputsOf = (dy: NdArray): direct.Pair => [dy.shape[1] as number, dy.shape[2] as number];

export function conv2d(x: NdArray, filter: NdArray, w: direct.WindowAttrs): NdArray {
  const shape = filter.shape as direct.Size4;
  return form(shape, direct.outputSize(x.shape, [shape[0], shape[1]], w), w).conv2d(x, filter, w);
}

export const conv2dInputGrad = (
  dy: NdArray,
  filter: NdArray,
  w: direct.WindowAttrs & { readonly inputSize: direct.Pair },
): NdArray => form(filter.shape as direct.Size4, outputsOf(dy), w).conv2dInputGrad(dy, filter, w);

export const conv2dFilterGrad = (
  x: NdArray,
  dy: NdArray,
  w: direct.WindowAttrs & { readonly window: direct.Pair },
): NdArray =>
  form([...w.window, x.shape[3] as number, dy.shape[3] as number], outputsOf(dy), w).conv2dFilterGrad(x, dy, w);
