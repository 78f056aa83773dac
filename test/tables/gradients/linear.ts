/** Gradient cases of products, convolutions and poolings. */
import * as sg from '../../../src/index';
import { apply } from '../../support/ops';
import { apart, avoiding, type Case, given, show } from './case';
import { map, matMul, type Nd, positions, type Shape, sizeOf, taps, type Window, windowOver } from './float64';

type Tensor = sg.Tensor;

const products: readonly (readonly [Shape, Shape])[] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 3],
    [3, 4],
  ],
  [
    [5, 17],
    [17, 3],
  ],
  [
    [2, 3, 4],
    [2, 4, 2],
  ],
  [
    [2, 3, 4],
    [4, 2],
  ],
  [
    [3, 4],
    [2, 4, 2],
  ],
  [
    [2, 1, 3, 2],
    [1, 3, 2, 4],
  ],
];
const swapped = (s: Shape): Shape => [...s.slice(0, -2), s.at(-1) as number, s.at(-2) as number];

const matMulCases: Case[] = [false, true].flatMap((ta) =>
  [false, true].flatMap((tb) =>
    products.map(([a, b]) => ({
      name: `${show(a)}${ta ? ' transposed' : ''} and ${show(b)}${tb ? ' transposed' : ''}`,
      inputs: [given(41, ta ? swapped(a) : a), given(42, tb ? swapped(b) : b)],
      run: (x: Tensor, y: Tensor) => sg.matMul(x, y, ta, tb),
      reference: (x: Nd, y: Nd) => matMul(x, y, ta, tb),
    })),
  ),
);

/** x (⌊4 x⌋ · w), whose second factor is flat. */
const matMulIntCase: Case = {
  name: 'a factor of integers',
  inputs: [
    avoiding(
      47,
      [2, 3],
      Array.from({ length: 17 }, (_, i) => i / 4 - 2),
    ),
  ],
  run: (x) => sg.mul(x, sg.matMul(x.mul(4).cast('int32'), sg.tensor2d([1, 2, -1, 0, 3, 1, 2, -2, 1], [3, 3], 'int32'))),
  reference: (x) => {
    const whole = map(x, (v) => Math.trunc(v * 4));
    const product = matMul(whole, { shape: [3, 3], data: Float64Array.of(1, 2, -1, 0, 3, 1, 2, -2, 1) }, false, false);
    return { shape: x.shape, data: x.data.map((v, i) => v * (product.data[i] as number)) };
  },
};

/** Adds to `out` for every tap inside: out[to + b] += x[from + a] f[tap, a, b], and likewise for the gradients. */
function convolve(x: Shape, w: Window, c: number, oc: number, each: (y: number, x: number, f: number) => void): void {
  taps(x, w, (out, inside, tap) => {
    for (let a = 0; a < c; a++) for (let b = 0; b < oc; b++) each(out * oc + b, inside * c + a, (tap * c + a) * oc + b);
  });
}

export const add = (to: Float64Array, at: number, value: number): void => {
  to[at] = (to[at] as number) + value;
};

/** What a convolution does, with the operand that is the result left out. */
function conv(w: Window, x: Shape, oc: number, operands: { x?: Nd; f?: Nd; y?: Nd }): Nd {
  const c = x[3] as number;
  const shape = !operands.y ? [x[0] as number, ...positions(x, w), oc] : !operands.x ? x : [...w.window, c, oc];
  const data = new Float64Array(sizeOf(shape));
  const [xs, fs, ys] = [operands.x?.data, operands.f?.data, operands.y?.data];
  convolve(x, w, c, oc, (y, i, f) => {
    if (xs && fs) add(data, y, (xs[i] as number) * (fs[f] as number));
    else if (ys && fs) add(data, i, (ys[y] as number) * (fs[f] as number));
    else if (ys && xs) add(data, f, (ys[y] as number) * (xs[i] as number));
  });
  return { shape, data };
}

type Pair = readonly [number, number];
type Pad = 'valid' | 'same' | readonly [Pair, Pair];

export interface ConvSetting {
  readonly x: Shape;
  readonly f: readonly [number, number, number, number];
  readonly strides: Pair;
  readonly pad: Pad;
  readonly dilations?: Pair;
}

export const convSettings: readonly ConvSetting[] = [
  { x: [1, 4, 4, 1], f: [3, 3, 1, 1], strides: [1, 1], pad: 'valid' },
  { x: [2, 5, 4, 3], f: [3, 2, 3, 2], strides: [2, 1], pad: 'same' },
  { x: [1, 5, 6, 2], f: [2, 2, 2, 3], strides: [1, 1], pad: 'valid', dilations: [1, 2] },
  { x: [1, 6, 6, 1], f: [3, 3, 1, 2], strides: [1, 1], pad: 'same', dilations: [2, 2] },
  {
    x: [1, 3, 4, 1],
    f: [2, 2, 1, 2],
    strides: [1, 1],
    pad: [
      [2, 2],
      [2, 2],
    ],
  },
  {
    x: [1, 4, 3, 2],
    f: [3, 2, 2, 1],
    strides: [2, 2],
    pad: [
      [1, 0],
      [0, 2],
    ],
  },
  { x: [1, 5, 5, 2], f: [1, 1, 2, 2], strides: [2, 2], pad: 'valid' },
  { x: [2, 7, 6, 1], f: [2, 2, 1, 1], strides: [3, 3], pad: 'same' },
  { x: [1, 3, 3, 17], f: [2, 2, 17, 2], strides: [1, 1], pad: 'same' },
  { x: [1, 3, 3, 2], f: [2, 2, 2, 18], strides: [1, 1], pad: 'valid' },
  { x: [1, 1, 5, 1], f: [1, 3, 1, 1], strides: [1, 2], pad: 'same' },
];

export const convName = (s: ConvSetting): string =>
  `${show(s.x)} with ${show(s.f)}, strides ${s.strides.join()}, ${JSON.stringify(s.pad)}, dilations ${(s.dilations ?? [1, 1]).join()}`;

/** A case for each setting, from the shapes of image, filter and result. */
function convCases(make: (s: ConvSetting, w: Window, y: Shape) => Omit<Case, 'name'>): Case[] {
  return convSettings.map((s) => {
    const w = windowOver(s.x, [s.f[0], s.f[1]], s.strides, s.pad, s.dilations);
    return { name: convName(s), ...make(s, w, [s.x[0] as number, ...positions(s.x, w), s.f[3]]) };
  });
}

interface PoolSetting {
  readonly x: Shape;
  readonly window: Pair;
  readonly strides: Pair;
  readonly pad: Pad;
}

const poolSettings: readonly PoolSetting[] = [
  { x: [1, 4, 4, 1], window: [2, 2], strides: [2, 2], pad: 'valid' },
  { x: [2, 5, 4, 3], window: [3, 3], strides: [2, 2], pad: 'same' },
  { x: [1, 5, 6, 2], window: [2, 3], strides: [1, 2], pad: 'valid' },
  { x: [1, 4, 4, 5], window: [3, 3], strides: [1, 1], pad: 'same' },
  { x: [1, 7, 7, 1], window: [2, 2], strides: [3, 3], pad: 'same' },
  {
    x: [1, 3, 4, 2],
    window: [3, 2],
    strides: [2, 1],
    pad: [
      [1, 1],
      [1, 1],
    ],
  },
  { x: [1, 1, 1, 3], window: [1, 1], strides: [1, 1], pad: 'valid' },
];

const poolName = (s: PoolSetting): string =>
  `${show(s.x)}, ${s.window.join('x')}, strides ${s.strides.join()}, ${JSON.stringify(s.pad)}`;

function poolCases(make: (s: PoolSetting, w: Window, y: Shape) => Omit<Case, 'name'>): Case[] {
  return poolSettings.map((s) => {
    const w = windowOver(s.x, s.window, s.strides, s.pad);
    return { name: poolName(s), ...make(s, w, [s.x[0] as number, ...positions(s.x, w), s.x[3] as number]) };
  });
}

/** For every element of a pooling's result the elements of x in its window, as places. */
function windows(x: Shape, w: Window): number[][] {
  const c = x[3] as number;
  const [oh, ow] = positions(x, w);
  const found: number[][] = Array.from({ length: (x[0] as number) * oh * ow * c }, () => []);
  taps(x, w, (out, inside) => {
    for (let a = 0; a < c; a++) found[out * c + a]?.push(inside * c + a);
  });
  return found;
}

/** The place of the maximum in each window. */
const winners = (x: Nd, w: Window): number[] =>
  windows(x.shape, w).map((places) =>
    places.reduce((best, i) => ((x.data[i] as number) > (x.data[best] as number) ? i : best), places[0] as number),
  );

const pooled = (x: Nd, w: Window, data: number[]): Nd => ({
  shape: [x.shape[0] as number, ...positions(x.shape, w), x.shape[3] as number],
  data: Float64Array.from(data),
});

/** The values of `from` added where `places` says. */
function scatter(shape: Shape, places: readonly number[], from: Nd): Nd {
  const data = new Float64Array(sizeOf(shape));
  places.forEach((p, i) => add(data, p, from.data[i] as number));
  return { shape, data };
}

/** All values below zero: a maximum that starts at 0 would be found out. */
const negative = (x: Nd): Nd => map(x, (v) => v - 10);
export const window2d = ({ window: _, ...rest }: Window) => rest;

export const linearCases = {
  matMul: matMulCases,
  matMulInt: [matMulIntCase],
  conv2d: [
    ...convCases((s, w) => ({
      inputs: [given(43, s.x), given(44, s.f)],
      run: (x, f) => sg.conv2d(x as Tensor, f as Tensor, s.strides, s.pad, 'NHWC', s.dilations ?? 1),
      reference: (x, f) => conv(w, s.x, s.f[3], { x: x as Nd, f: f as Nd }),
    })),
    {
      name: 'an image without a batch',
      inputs: [given(43, [4, 4, 2]), given(44, [3, 3, 2, 1])],
      run: (x, f) => sg.conv2d(x as Tensor, f as Tensor, 1, 'same').reshape([1, 4, 4, 1]),
      reference: (x, f) =>
        conv(windowOver([1, 4, 4, 2], [3, 3], [1, 1], 'same'), [1, 4, 4, 2], 1, {
          x: { ...(x as Nd), shape: [1, 4, 4, 2] },
          f: f as Nd,
        }),
    },
  ],
  conv2dInputGrad: convCases((s, w, y) => ({
    inputs: [given(45, y), given(46, s.f)],
    run: (dy, f) =>
      apply('conv2dInputGrad', [dy as Tensor, f as Tensor], {
        ...window2d(w),
        inputSize: [s.x[1] as number, s.x[2] as number],
      }),
    reference: (dy, f) => conv(w, s.x, s.f[3], { y: dy as Nd, f: f as Nd }),
  })),
  conv2dFilterGrad: convCases((s, w, y) => ({
    inputs: [given(47, s.x), given(48, y)],
    run: (x, dy) => apply('conv2dFilterGrad', [x as Tensor, dy as Tensor], { ...window2d(w), window: w.window }),
    reference: (x, dy) => conv(w, s.x, s.f[3], { x: x as Nd, y: dy as Nd }),
  })),
  maxPool: poolCases((s, w) => ({
    inputs: [negative(apart(51, s.x))],
    run: (x) => sg.maxPool(x as Tensor, s.window, s.strides, s.pad),
    reference: (x) =>
      pooled(
        x as Nd,
        w,
        winners(x as Nd, w).map((i) => (x as Nd).data[i] as number),
      ),
  })),
  maxPoolGrad: poolCases((s, w, y) => ({
    inputs: [apart(52, s.x), given(53, y)],
    run: (x, dy) => apply('maxPoolGrad', [x as Tensor, dy as Tensor], w),
    reference: (x, dy) => scatter(s.x, winners(x as Nd, w), dy as Nd),
  })),
  maxPoolGather: poolCases((s, w) => ({
    inputs: [apart(54, s.x), given(55, s.x)],
    run: (x, v) => apply('maxPoolGather', [x as Tensor, v as Tensor], w),
    reference: (x, v) =>
      pooled(
        x as Nd,
        w,
        winners(x as Nd, w).map((i) => (v as Nd).data[i] as number),
      ),
  })),
  avgPool: poolCases((s, w) => ({
    inputs: [given(56, s.x)],
    run: (x) => sg.avgPool(x as Tensor, s.window, s.strides, s.pad),
    reference: (x) =>
      pooled(
        x as Nd,
        w,
        windows(s.x, w).map((p) => p.reduce((sum, i) => sum + ((x as Nd).data[i] as number), 0) / p.length),
      ),
  })),
  avgPoolGrad: poolCases((s, w, y) => ({
    inputs: [given(57, y)],
    run: (dy) => apply('avgPoolGrad', [dy as Tensor], { ...w, inputSize: [s.x[1] as number, s.x[2] as number] }),
    reference: (dy) => {
      const data = new Float64Array(sizeOf(s.x));
      windows(s.x, w).forEach((p, i) => {
        for (const place of p) add(data, place, ((dy as Nd).data[i] as number) / p.length);
      });
      return { shape: s.x, data };
    },
  })),
} satisfies Record<string, readonly Case[]>;
