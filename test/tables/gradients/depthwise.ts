/** Gradient cases of depthwise convolutions. */
import * as sg from '../../../src/index';
import { apply } from '../../support/ops';
import { type Case, given } from './case';
import { type Nd, positions, type Shape, sizeOf, taps, type Window, windowOver } from './float64';
import { add, convName, convSettings, window2d } from './linear';

type Tensor = sg.Tensor;

/** What a depthwise convolution does, with the operand that is the result left out. */
export function depthwise(w: Window, x: Shape, m: number, operands: { x?: Nd; f?: Nd; y?: Nd }): Nd {
  const c = x[3] as number;
  const shape = !operands.y ? [x[0] as number, ...positions(x, w), c * m] : !operands.x ? x : [...w.window, c, m];
  const data = new Float64Array(sizeOf(shape));
  const [xs, fs, ys] = [operands.x?.data, operands.f?.data, operands.y?.data];
  taps(x, w, (out, inside, tap) => {
    for (let q = 0; q < c * m; q++) {
      const [y, i, f] = [out * c * m + q, inside * c + Math.floor(q / m), tap * c * m + q];
      if (xs && fs) add(data, y, (xs[i] as number) * (fs[f] as number));
      else if (ys && fs) add(data, i, (ys[y] as number) * (fs[f] as number));
      else if (ys && xs) add(data, f, (ys[y] as number) * (xs[i] as number));
    }
  });
  return { shape, data };
}

type Made = (w: Window, x: Shape, f: Shape, y: Shape, m: number) => Omit<Case, 'name'>;

/** A case for each setting, with one or more outputs for each channel. */
const made = (make: Made): Case[] =>
  convSettings.map((s, i) => {
    const m = 1 + (i % 3);
    const c = s.x[3] as number;
    const w = windowOver(s.x, [s.f[0], s.f[1]], s.strides, s.pad, s.dilations);
    const y = [s.x[0] as number, ...positions(s.x, w), c * m];
    return { name: `${convName(s)}, multiplier ${m}`, ...make(w, s.x, [...w.window, c, m], y, m) };
  });

export const depthwiseCases = {
  depthwiseConv2d: [
    ...convSettings.map((s, i): Case => {
      const m = 1 + (i % 3);
      const c = s.x[3] as number;
      const w = windowOver(s.x, [s.f[0], s.f[1]], s.strides, s.pad, s.dilations);
      return {
        name: `${convName(s)}, multiplier ${m}`,
        inputs: [given(71, s.x), given(72, [...w.window, c, m])],
        run: (x, f) => sg.depthwiseConv2d(x as Tensor, f as Tensor, s.strides, s.pad, 'NHWC', s.dilations ?? 1),
        reference: (x, f) => depthwise(w, s.x, m, { x: x as Nd, f: f as Nd }),
      };
    }),
  ],
  depthwiseConv2dInputGrad: made((w, x, f, y, m) => ({
    inputs: [given(73, y), given(74, f)],
    run: (dy, filter) =>
      apply('depthwiseConv2dInputGrad', [dy as Tensor, filter as Tensor], {
        ...window2d(w),
        inputSize: [x[1] as number, x[2] as number],
      }),
    reference: (dy, filter) => depthwise(w, x, m, { y: dy as Nd, f: filter as Nd }),
  })),
  depthwiseConv2dFilterGrad: made((w, x, _, y, multiplier) => ({
    inputs: [given(75, x), given(76, y)],
    run: (t, dy) =>
      apply('depthwiseConv2dFilterGrad', [t as Tensor, dy as Tensor], { ...window2d(w), window: w.window, multiplier }),
    reference: (t, dy) => depthwise(w, x, multiplier, { x: t as Nd, y: dy as Nd }),
  })),
} satisfies Record<string, readonly Case[]>;
