/** Rows of functions on images. */
import * as sg from '../../../src/index';
import { given } from '../gradients/case';
import { at, build, map, type Nd, nd, type Shape } from '../gradients/float64';
import { type Resizing, resized } from '../gradients/image';
import type { FunctionCase, FunctionTable, Operand } from './case';
import { typed } from './linear';

type Tensor = sg.Tensor;
type Pair = readonly [number, number];
type Index = readonly [number, number, number, number];

/** Levels of 0 to 255. */
export const levels = (seed: number, shape: Shape): Operand => ({
  ...map(given(seed, shape, 0, 255), Math.round),
  dtype: 'int32',
});

const MODES: readonly Pair[] = [
  [0, 0],
  [1, 0],
  [0, 1],
];
const SIZES: readonly (readonly [Shape, Pair])[] = [
  [
    [2, 3, 4, 2],
    [5, 7],
  ],
  [
    [1, 6, 5, 1],
    [3, 2],
  ],
  [
    [4, 3, 3],
    [2, 8],
  ],
  [
    [2, 3, 2, 1],
    [3, 4],
  ],
  [
    [1, 4, 4, 1],
    [1, 1],
  ],
  [
    [1, 1, 1, 2],
    [3, 2],
  ],
  [
    [3, 2, 1],
    [3, 2],
  ],
  [
    [0, 2, 2, 1],
    [3, 1],
  ],
  [
    [1, 2, 2, 0],
    [1, 3],
  ],
];

function resizing(method: Resizing['method']): FunctionCase[] {
  return SIZES.flatMap(([shape, size], i) =>
    MODES.flatMap(([corners, half]) => {
      const r: Resizing = { method, alignCorners: corners === 1, halfPixelCenters: half === 1 };
      const kinds = method === 'nearest' ? (['float32', 'int32'] as const) : (['float32'] as const);
      return kinds.map((dtype): FunctionCase => {
        const axis = shape.length - 3;
        const resize = method === 'nearest' ? sg.image.resizeNearestNeighbor : sg.image.resizeBilinear;
        return {
          name: `${dtype} [${shape}] to [${size}], ${r.alignCorners}, ${r.halfPixelCenters}`,
          inputs: [dtype === 'int32' ? levels(i, shape) : given(i, shape)],
          run: (x) => resize(x as Tensor, size, r.alignCorners, r.halfPixelCenters),
          reference: (x) => typed(resized(resized(x as Nd, axis + 1, size[1], r), axis, size[0], r), dtype),
        };
      });
    }),
  );
}

/** The element of an image at whole coordinates, the fill value outside. */
const pixel = (x: Nd, n: number, row: number, column: number, channel: number, fill: number): number =>
  row >= 0 && row < (x.shape[1] as number) && column >= 0 && column < (x.shape[2] as number)
    ? at(x, [n, row, column, channel])
    : fill;

/** Interpolation between four pixels, or the nearest one. */
function sample(x: Nd, n: number, row: number, column: number, channel: number, method: string, fill: number): number {
  if (method === 'nearest') return pixel(x, n, Math.round(row), Math.round(column), channel, fill);
  const [top, left] = [Math.floor(row), Math.floor(column)];
  let sum = 0;
  for (const i of [0, 1]) {
    for (const j of [0, 1]) {
      const weight = (1 - Math.abs(row - top - i)) * (1 - Math.abs(column - left - j));
      if (weight !== 0) sum += weight * pixel(x, n, top + i, left + j, channel, fill);
    }
  }
  return sum;
}

function cropped(x: Nd, boxes: Nd, boxInd: Nd, [ch, cw]: Pair, method: string, fill: number): Nd {
  const [h, w] = [x.shape[1] as number, x.shape[2] as number];
  const place = (b: number, k: number, i: number, count: number, length: number): number => {
    const [from, to] = [at(boxes, [b, k]), at(boxes, [b, k + 2])];
    return (length - 1) * (count > 1 ? from + (i * (to - from)) / (count - 1) : (from + to) / 2);
  };
  return build([boxes.shape[0] as number, ch, cw, x.shape[3] as number], (index) => {
    const [b, i, j, c] = index as Index;
    const [row, column] = [place(b, 0, i, ch, h), place(b, 1, j, cw, w)];
    if (row < 0 || row > h - 1 || column < 0 || column > w - 1) return fill;
    return sample(x, at(boxInd, [b]), row, column, c, method, fill);
  });
}

const whole = (values: readonly number[]): Operand => ({ ...nd([values.length], values), dtype: 'int32' });

const crops: FunctionCase[] = (['bilinear', 'nearest'] as const).flatMap((method) =>
  (
    [
      [[3, 4], 0],
      [[1, 1], 0],
      [[2, 5], 7],
      [[1, 3], -1],
    ] as const
  ).map(
    ([size, fill], i): FunctionCase => ({
      name: `${method} [${size}] ${fill}`,
      inputs: [given(31 + i, [2, 5, 4, 2]), given(32 + i, [4, 4], -0.2, 1.2), whole([1, 0, 0, 1])],
      run: (x, boxes, boxInd) =>
        sg.image.cropAndResize(x as Tensor, boxes as Tensor, boxInd as Tensor, size, method, fill),
      reference: (x, boxes, boxInd) =>
        typed(cropped(x as Nd, boxes as Nd, boxInd as Nd, size, method, fill), 'float32'),
    }),
  ),
);

/** Coordinates brought back into the image, as scipy and TensorFlow have it. */
function mapped(x: number, length: number, mode: string): number {
  if (mode === 'constant') return x;
  const inside = (v: number): number => Math.min(length - 1, Math.max(0, v));
  if (mode === 'nearest' || length <= 1) return inside(x);
  if (mode === 'wrap') {
    if (x < 0) return inside(x + length * (Math.trunc(-x / (length - 1)) + 1));
    return x > length - 1 ? inside(x - length * Math.trunc(x / (length - 1))) : x;
  }
  const period = 2 * length;
  if (x < 0) {
    const back = x + period * Math.trunc(-x / period);
    return inside(back < -length ? back + period : -back - 1);
  }
  if (x <= length - 1) return x;
  const on = x - period * Math.trunc(x / period);
  return inside(on >= length ? period - on - 1 : on);
}

function transformed(x: Nd, t: Nd, method: string, mode: string, fill: number, size: Pair): Nd {
  return build([x.shape[0] as number, ...size, x.shape[3] as number], (index) => {
    const [n, i, j, c] = index as Index;
    const a = (k: number): number => at(t, [n, k]);
    const scale = a(6) * j + a(7) * i + 1;
    if (scale === 0) return fill;
    const column = mapped((a(0) * j + a(1) * i + a(2)) / scale, x.shape[2] as number, mode);
    const row = mapped((a(3) * j + a(4) * i + a(5)) / scale, x.shape[1] as number, mode);
    return sample(x, n, row, column, c, method, fill);
  });
}

/** Near the identity, for as many images. */
const matrices = (seed: number, n: number): Nd => {
  const noise = given(seed, [n, 8], -0.3, 0.3);
  const base = [1, 0, 0.6, 0, 1, -0.7, 0, 0];
  return nd(
    [n, 8],
    noise.data.map((v, i) => Math.fround((base[i % 8] as number) + (i % 8 > 5 ? v / 10 : v))),
  );
};

const transforms: FunctionCase[] = (['bilinear', 'nearest'] as const).flatMap((method) =>
  (
    [
      ['constant', 2, 2, undefined],
      ['reflect', 1, 2, undefined],
      ['wrap', 2, 2, [3, 7]],
      ['nearest', 1, 1, [6, 2]],
      ['constant', 1, 1, [3, 3]],
    ] as const
  ).map(
    ([mode, own, n, size], i): FunctionCase => ({
      name: `${method}, ${mode}, ${own} for ${n}, [${size}]`,
      inputs: [given(41 + i, [n, 4, 5, 2]), matrices(42 + i, own)],
      run: (x, t) => sg.image.transform(x as Tensor, t as Tensor, method, mode, 0.5, size),
      reference: (x, t) => typed(transformed(x as Nd, t as Nd, method, mode, 0.5, size ?? [4, 5]), 'float32'),
      tolerance: 1e-5,
    }),
  ),
);

const turns: FunctionCase[] = (
  [
    [0.3, 0, 0.5, 3],
    [-2.1, 0.7, 0.2, 1],
    [Math.PI / 2, [1, 2, 3], [0.1, 0.8], 3],
    [7.7, [1, 2, 3], 0.5, 4],
    [0, 0, 0.5, 2],
  ] as const
).map(([radians, fill, center, channels], i) => ({
  name: `${radians}, ${fill}, ${center}, ${channels} channels`,
  inputs: [given(51 + i, [2, 5, 4, channels])],
  run: (x) => sg.image.rotateWithOffset(x as Tensor, radians, fill, center),
  reference: (x) => {
    const [cx, cy] = typeof center === 'number' ? [center * 4, center * 5] : [center[0] * 4, center[1] * 5];
    return typed(
      build((x as Nd).shape, (index) => {
        const [n, i0, j0, c] = index as Index;
        const column = Math.round((j0 - cx) * Math.cos(radians) - (i0 - cy) * Math.sin(radians) + cx);
        const row = Math.round((j0 - cx) * Math.sin(radians) + (i0 - cy) * Math.cos(radians) + cy);
        const outside = typeof fill === 'number' ? fill : c === 3 ? 255 : (fill[c] as number);
        return pixel(x as Nd, n, row, column, c, outside);
      }),
      'float32',
    );
  },
}));

const gray = (x: Nd, index: readonly number[]): number => {
  const lead = index.slice(0, -1);
  return 0.2989 * at(x, [...lead, 0]) + 0.587 * at(x, [...lead, 1]) + 0.114 * at(x, [...lead, 2]);
};
const one = (shape: Shape): number[] => [...shape.slice(0, -1), 1];

/** Otsu's threshold by trying each level. */
function otsu(values: readonly number[]): number {
  let best = -1;
  let largest = 0;
  for (let t = 0; t < 255; t++) {
    const below = values.map(Math.round).filter((v) => v <= t);
    const above = values.map(Math.round).filter((v) => v > t);
    if (!below.length || !above.length) continue;
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    const between = (below.length / values.length) * (above.length / values.length) * (mean(below) - mean(above)) ** 2;
    if (between > largest * (1 + 1e-9)) [best, largest] = [t, between];
  }
  return best;
}

const thresholds: FunctionCase[] = (
  [
    [[4, 5, 3], 'binary', false, 0.4],
    [[4, 5, 1], 'binary', true, 0.6],
    [[6, 5, 3], 'otsu', false, 0.5],
    [[6, 7, 1], 'otsu', true, 0.5],
    [[1, 1, 1], 'otsu', false, 0.5],
  ] as const
).flatMap(([shape, method, inverted, value], i) =>
  (['int32', 'float32'] as const).map(
    (dtype): FunctionCase => ({
      name: `${dtype} [${shape}] ${method}, ${inverted}, ${value}`,
      inputs: [{ ...levels(61 + i, shape), dtype }],
      run: (x) => sg.image.threshold(x as Tensor, method, inverted, value),
      reference: (x) => {
        const bright = build(one(shape), (index) => (shape[2] === 3 ? gray(x as Nd, index) : at(x as Nd, index)));
        const limit = method === 'otsu' ? otsu([...bright.data]) : value * 255;
        return typed(
          map(bright, (v) => (v > limit !== inverted ? 255 : 0)),
          'int32',
        );
      },
      gradient: false,
    }),
  ),
);

/** Overlapping boxes with distinct scores. */
export function boxesOf(seed: number, n: number): { boxes: Operand; scores: Operand } {
  const raw = given(seed, [n, 4], 0, 1);
  const boxes = nd(
    [n, 4],
    raw.data.map((v, i) => Math.fround(i % 4 < 2 ? v * 0.4 : 0.4 + v * 0.5)),
  );
  return { boxes, scores: given(seed + 1, [n], 0, 1) };
}

/** Greedy suppression, with scores that fade where sigma > 0. */
export function suppressed(
  boxes: Nd,
  scores: Nd,
  most: number,
  iouThreshold: number,
  scoreThreshold: number,
  sigma = 0,
): { indices: number[]; scores: number[] } {
  const iou = (a: number, b: number): number => {
    const side = (k: number): number =>
      Math.max(
        0,
        Math.min(at(boxes, [a, k + 2]), at(boxes, [b, k + 2])) - Math.max(at(boxes, [a, k]), at(boxes, [b, k])),
      );
    const area = (i: number): number =>
      (at(boxes, [i, 2]) - at(boxes, [i, 0])) * (at(boxes, [i, 3]) - at(boxes, [i, 1]));
    const both = side(0) * side(1);
    return both / (area(a) + area(b) - both);
  };
  const left = new Map([...scores.data].map((s, i) => [i, s] as const));
  const out = { indices: [] as number[], scores: [] as number[] };
  while (out.indices.length < most) {
    const [best, score] = [...left].reduce((a, b) => (b[1] > a[1] ? b : a), [-1, Number.NEGATIVE_INFINITY] as const);
    if (best < 0 || !(score > scoreThreshold)) break;
    left.delete(best);
    out.indices.push(best);
    out.scores.push(score);
    for (const [i, s] of left) {
      const overlap = iou(best, i);
      if (overlap >= iouThreshold) left.delete(i);
      else if (sigma > 0) left.set(i, s * Math.exp((-0.5 / sigma) * overlap * overlap));
    }
  }
  return out;
}

const SUPPRESSIONS: readonly (readonly [number, number, number, number])[] = [
  [8, 5, 0.5, Number.NEGATIVE_INFINITY],
  [12, 12, 0.3, 0.2],
  [6, 2, 0.9, 0],
  [5, 5, 0.4, 2],
  [0, 3, 0.5, 0],
];

const suppressing = (
  run: (boxes: Tensor, scores: Tensor, most: number, iou: number, score: number) => readonly Tensor[],
  reference: (boxes: Nd, scores: Nd, most: number, iou: number, score: number) => readonly Operand[],
): FunctionCase[] =>
  SUPPRESSIONS.map(([n, most, iou, score], i) => {
    const { boxes, scores } = boxesOf(71 + 2 * i, n);
    return {
      name: `${n} boxes, ${most}, ${iou}, ${score}`,
      inputs: [boxes, scores],
      run: (b, s) => run(b as Tensor, s as Tensor, most, iou, score),
      reference: (b, s) => reference(b as Nd, s as Nd, most, iou, score),
      eagerOnly: true,
    };
  });

/** Boxes around all of an image reach to its last pixel, and not beyond. */
const wholes: FunctionCase[] = (
  [
    [5, 7],
    [7, 50],
    [23, 42],
    [9, 9],
  ] as const
).map(([n, count], i) => ({
  name: `all of ${n} x ${n} to ${count} x ${count}`,
  inputs: [given(97 + i, [1, n, n, 1]), nd([2, 4], [0, 0, 1, 1, 1, 1, 0, 0]), whole([0, 0])],
  run: (x, boxes, boxInd) =>
    sg.image.cropAndResize(x as Tensor, boxes as Tensor, boxInd as Tensor, [count, count], 'bilinear', 1000),
  reference: (x) => {
    const r: Resizing = { method: 'bilinear', alignCorners: true, halfPixelCenters: false };
    const large = resized(resized(x as Nd, 2, count, r), 1, count, r);
    return typed(nd([2, count, count, 1], [...large.data, ...[...large.data].reverse()]), 'float32');
  },
  tolerance: 1e-5,
  gradient: false,
}));

/** No boxes, no images, no channels. */
const nothing: FunctionCase[] = (
  [
    [2, 0, 1],
    [2, 1, 0],
    [0, 0, 2],
  ] as const
).map(([n, m, c], i) => ({
  name: `${n} images, ${m} boxes, ${c} channels`,
  inputs: [given(91 + i, [n, 3, 3, c]), given(92 + i, [m, 4], 0, 1), whole(new Array<number>(m).fill(0))],
  run: (x, boxes, boxInd) => sg.image.cropAndResize(x as Tensor, boxes as Tensor, boxInd as Tensor, [2, 2]),
  reference: () => ({ ...nd([m, 2, 2, c], []), dtype: 'float32' }),
}));

export const imageFunctions: FunctionTable = {
  'image.resizeBilinear': resizing('bilinear'),
  'image.resizeNearestNeighbor': resizing('nearest'),
  'image.flipLeftRight': (
    [
      [2, 3, 4, 2],
      [1, 2, 1, 3],
      [1, 2, 20, 1],
      [0, 2, 3, 1],
      [1, 0, 3, 2],
      [1, 2, 0, 2],
    ] as const
  ).map((shape, i) => ({
    name: `[${shape}]`,
    inputs: [given(81 + i, shape)],
    run: (x) => sg.image.flipLeftRight(x as Tensor),
    reference: (x) =>
      typed(
        build(shape, (index) => {
          const [n, r, c, d] = index as Index;
          return at(x as Nd, [n, r, shape[2] - 1 - c, d]);
        }),
        'float32',
      ),
    tolerance: 0,
  })),
  'image.grayscaleToRGB': (
    [
      [2, 3, 1],
      [4, 1],
      [2, 2, 2, 1],
      [0, 1],
    ] as const
  ).flatMap((shape: Shape, i) => [
    {
      name: `[${shape}]`,
      inputs: [given(84 + i, shape)],
      run: (x: Tensor) => sg.image.grayscaleToRGB(x),
      reference: (x: Nd) =>
        typed(
          build([...shape.slice(0, -1), 3], (d) => at(x, [...d.slice(0, -1), 0])),
          'float32',
        ),
      tolerance: 0,
    },
    {
      name: `int32 [${shape}]`,
      inputs: [levels(84 + i, shape)],
      run: (x: Tensor) => sg.image.grayscaleToRGB(x),
      reference: (x: Nd) =>
        typed(
          build([...shape.slice(0, -1), 3], (d) => at(x, [...d.slice(0, -1), 0])),
          'int32',
        ),
    },
  ]),
  'image.rgbToGrayscale': (
    [
      [2, 3, 3],
      [4, 3],
      [1, 2, 2, 2, 3],
      [2, 0, 3],
    ] as const
  ).flatMap((shape: Shape, i) => [
    {
      name: `[${shape}]`,
      inputs: [given(87 + i, shape)],
      run: (x: Tensor) => sg.image.rgbToGrayscale(x),
      reference: (x: Nd) =>
        typed(
          build(one(shape), (index) => gray(x, index)),
          'float32',
        ),
    },
    {
      name: `int32 [${shape}]`,
      inputs: [levels(87 + i, shape)],
      run: (x: Tensor) => sg.image.rgbToGrayscale(x),
      reference: (x: Nd) =>
        typed(
          build(one(shape), (index) => Math.trunc(gray(x, index))),
          'int32',
        ),
    },
  ]),
  'image.threshold': thresholds,
  'image.cropAndResize': [...crops, ...wholes, ...nothing],
  'image.transform': [
    ...transforms,
    {
      name: 'no images',
      inputs: [given(94, [0, 3, 3, 2]), matrices(95, 1)],
      run: (x, t) => sg.image.transform(x as Tensor, t as Tensor, 'bilinear'),
      reference: () => ({ ...nd([0, 3, 3, 2], []), dtype: 'float32' }),
    },
    {
      name: 'a denominator of zero',
      inputs: [given(96, [1, 2, 3, 1]), nd([1, 8], [1, 0, 0, 0, 1, 0, -1, 0])],
      run: (x, t) => sg.image.transform(x as Tensor, t as Tensor, 'nearest', 'nearest', 9),
      reference: (x, t) => typed(transformed(x as Nd, t as Nd, 'nearest', 'nearest', 9, [2, 3]), 'float32'),
      gradient: false,
    },
  ],
  'image.rotateWithOffset': turns,
  'image.nonMaxSuppression': suppressing(
    (b, s, ...rest) => [sg.image.nonMaxSuppression(b, s, ...rest)],
    (b, s, ...rest) => [whole(suppressed(b, s, ...rest).indices)],
  ),
  'image.nonMaxSuppressionWithScore': [0, 0.4, 1].flatMap((sigma) =>
    suppressing(
      (b, s, ...rest) => {
        const kept = sg.image.nonMaxSuppressionWithScore(b, s, ...rest, sigma);
        return [kept.selectedIndices, kept.selectedScores];
      },
      (b, s, ...rest) => {
        const { indices, scores } = suppressed(b, s, ...rest, sigma);
        return [whole(indices), nd([scores.length], scores)];
      },
    ),
  ),
  'image.nonMaxSuppressionPadded': [false, true].flatMap((pads) =>
    suppressing(
      (b, s, ...rest) => {
        const kept = sg.image.nonMaxSuppressionPadded(b, s, ...rest, pads);
        return [kept.selectedIndices, kept.validOutputs];
      },
      (b, s, most, ...rest) => {
        const { indices } = suppressed(b, s, most, ...rest);
        const length = pads ? Math.min(most, b.shape[0] as number) : indices.length;
        return [
          whole(Array.from({ length }, (_, i) => indices[i] ?? 0)),
          { ...nd([], [indices.length]), dtype: 'int32' },
        ];
      },
    ),
  ),
};
