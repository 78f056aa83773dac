/** Rows of poolings, dilation, normalizations and dropout. */
import * as sg from '../../../src/index';
import { apart, given } from '../gradients/case';
import { at, build, map, type Nd, nd, type Shape } from '../gradients/float64';
import type { FunctionCase, FunctionTable, Operand } from './case';
import { ints, typed } from './linear';
import { average, batched, largest, pooled, type Setting, toFirst, toLast, unbatched } from './windows';

type Tensor = sg.Tensor;
type Pooling = readonly [Shape, readonly number[], Setting];

const show = (x: Shape, window: Shape, s: Setting): string => `[${x}], ${window.join('x')}, ${JSON.stringify(s)}`;

/** Two dimensions without dilations, with them, and three. */
const TWO: readonly Pooling[] = [
  [[2, 4, 5, 2], [2, 2], { pad: 'valid', strides: [2, 2] }],
  [[1, 5, 4, 3], [3, 2], { pad: 'same', strides: [2, 1] }],
  [[1, 7, 6, 1], [2, 2], { pad: 'same', strides: [3, 3] }],
  [[1, 4, 4, 2], [3, 3], { pad: 1 }],
  [
    [1, 3, 4, 1],
    [2, 3],
    {
      pad: [
        [1, 0],
        [0, 2],
      ],
      strides: [2, 2],
    },
  ],
  [[1, 6, 6, 2], [3, 3], { pad: 1, strides: [2, 2], rounding: 'ceil' }],
  [[1, 6, 5, 2], [2, 2], { pad: 0, strides: [3, 2], rounding: 'round' }],
  [[0, 4, 4, 2], [2, 2], { pad: 'same' }],
];
const DILATED: readonly Pooling[] = [
  [[1, 6, 7, 2], [2, 3], { pad: 'valid', dilations: [2, 2] }],
  [[1, 5, 6, 1], [3, 2], { pad: 'same', dilations: [2, 1] }],
  [[1, 5, 6, 1], [2, 2], { pad: 1, dilations: [2, 3] }],
  [[1, 7, 7, 1], [2, 2], { pad: 'same', dilations: [2, 2], strides: [2, 3] }],
];
const THREE: readonly Pooling[] = [
  [[1, 4, 4, 4, 1], [2, 2, 2], { pad: 'valid', strides: [2, 2, 2] }],
  [[2, 3, 4, 3, 2], [2, 3, 1], { pad: 'same' }],
  [[1, 5, 4, 4, 1], [2, 2, 2], { pad: 'same', strides: [3, 3, 3] }],
  [[1, 3, 3, 2, 1], [3, 2, 2], { pad: 1, strides: [2, 1, 1] }],
  [[1, 5, 4, 4, 1], [2, 3, 2], { pad: 0, strides: [2, 2, 3], rounding: 'ceil' }],
];

/** Below zero, so that a maximum that starts at 0 is found out. */
const far = (seed: number, shape: Shape): Nd => map(apart(seed, shape), (v) => v - 5);

function rows(
  list: readonly Pooling[],
  run: (x: Tensor, window: readonly number[], s: Setting) => Tensor,
  fold: (values: readonly number[]) => number,
): FunctionCase[] {
  return list.flatMap(([x, window, s], i): FunctionCase[] => {
    const row = (isBatch: boolean): FunctionCase => ({
      name: `${show(x, window, s)}${isBatch ? '' : ' without a batch'}`,
      inputs: [far(1 + i, isBatch ? x : x.slice(1))],
      run: (t) => run(t as Tensor, window, s),
      reference: (t) => {
        const y = pooled(isBatch ? (t as Nd) : batched(t as Nd), window, s, fold);
        return typed(isBatch ? y : unbatched(y), 'float32');
      },
    });
    return x[0] === 1 && i < 4 ? [row(true), row(false)] : [row(true)];
  });
}

/** Integers stay integers where the result is one of them. */
const wholeMaximum: FunctionCase = {
  name: 'int32',
  inputs: [ints(11, [1, 4, 4, 2])],
  run: (x) => (x as Tensor).maxPool(2, 1, 'same'),
  reference: (x) => typed(pooled(x as Nd, [2, 2], { pad: 'same' }, largest), 'int32'),
};

const three =
  (pool: typeof sg.avgPool3d) =>
  (x: Tensor, window: readonly number[], s: Setting): Tensor =>
    pool(x, window, s.strides ?? 1, s.pad, s.rounding);

const firstOf = (fold: (v: readonly number[]) => number, pool: typeof sg.avgPool3d): FunctionCase => ({
  name: 'NCDHW',
  inputs: [toFirst(far(12, [1, 3, 3, 3, 2]))],
  run: (x) => pool(x as Tensor, 2, 1, 'same', undefined, 'NCDHW'),
  reference: (x) => toFirst(pooled(toLast(x as Nd), [2, 2, 2], { pad: 'same' }, fold)),
});

const winner = (values: readonly number[]): number => values.indexOf(Math.max(...values));

const argmax: FunctionCase[] = TWO.filter(([, , s]) => s.rounding === undefined).flatMap(([x, window, s], i) =>
  [false, true].map(
    (withBatch): FunctionCase => ({
      name: `${show(x, window, s)} ${withBatch}`,
      inputs: [far(13 + i, x)],
      run: (t) => {
        const { result, indexes } = sg.maxPoolWithArgmax(t as Tensor, window, s.strides ?? 1, s.pad, withBatch);
        return [result, indexes];
      },
      reference: (t) => {
        const places = pooled(t as Nd, window, s, (values, at) => at[winner(values)] as number);
        const image = x.slice(1).reduce((a, b) => a * b, 1);
        const perImage = places.data.length / Math.max(1, x[0] as number);
        return [
          typed(pooled(t as Nd, window, s, largest), 'float32'),
          {
            shape: places.shape,
            dtype: 'int32',
            data: places.data.map((p, k) => p + (withBatch ? Math.floor(k / perImage) * image : 0)),
          },
        ];
      },
    }),
  ),
);

const dilations: FunctionCase[] = [...TWO.slice(0, 5), ...DILATED].flatMap(([x, window, s], i) => [
  {
    name: show(x, window, s),
    // Filters far apart from the differences between pixels, so that no two sums are equal.
    inputs: [apart(21 + i, x), map(apart(22 + i, [...window, x[3] as number], 0.37), (v) => v + 0.011)],
    run: (t, f) => sg.dilation2d(t as Tensor, f as Tensor, s.strides ?? 1, s.pad, s.dilations ?? 1),
    reference: (t, f) =>
      typed(
        pooled(t as Nd, window, s, (values, _, taps) =>
          Math.max(...values.map((v, k) => v + ((f as Nd).data[taps[k] as number] as number))),
        ),
        'float32',
      ),
  } satisfies FunctionCase,
]);

interface Statistics {
  readonly x: Shape;
  readonly of: Shape;
  readonly scale: boolean;
  readonly offset: boolean;
}

function normalized(x: Nd, mean: Nd, variance: Nd, offset?: Nd, scale?: Nd): Operand {
  return typed(
    build(x.shape, (i) => {
      const unit = (at(x, i) - at(mean, i)) / Math.sqrt(at(variance, i) + 0.01);
      return unit * (scale ? at(scale, i) : 1) + (offset ? at(offset, i) : 0);
    }),
    'float32',
  );
}

const normalizing = (run: typeof sg.batchNorm, list: readonly Statistics[]): FunctionCase[] =>
  list.map(({ x, of, scale, offset }, i) => {
    const optional = [...(offset ? [given(34 + i, of)] : []), ...(scale ? [given(35 + i, of)] : [])];
    const split = <T>(rest: readonly T[]): [T | undefined, T | undefined] => [
      offset ? rest[0] : undefined,
      scale ? rest[offset ? 1 : 0] : undefined,
    ];
    return {
      name: `[${x}] by [${of}]${scale ? ', scale' : ''}${offset ? ', offset' : ''}`,
      inputs: [given(31 + i, x), given(32 + i, of), given(33 + i, of, 0.2, 1), ...optional],
      run: (t, mean, variance, ...rest) => run(t as Tensor, mean as Tensor, variance as Tensor, ...split(rest), 0.01),
      reference: (t, mean, variance, ...rest) => normalized(t as Nd, mean as Nd, variance as Nd, ...split(rest)),
    };
  });

/** Every choice of scale and offset for statistics of these shapes. */
const statistics = (x: Shape, ...ofs: Shape[]): Statistics[] =>
  ofs.flatMap((of) =>
    [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ].map(([scale, offset]) => ({ x, of, scale: scale as boolean, offset: offset as boolean })),
  );

const RESPONSES: readonly (readonly [Shape, number, number, number, number])[] = [
  [[1, 2, 2, 6], 2, 1, 1, 0.5],
  [[2, 1, 3, 4], 1, 2, 0.3, 0.75],
  [[2, 2, 3], 5, 1, 0.1, 1],
  [[1, 1, 2, 5], 0, 1, 2, 2],
  [[1, 2, 1, 1], 3, 1.5, 0.5, 0.5],
];

const responses: FunctionCase[] = RESPONSES.map(([shape, radius, bias, alpha, beta], i) => ({
  name: `[${shape}] ${radius}, ${bias}, ${alpha}, ${beta}`,
  inputs: [given(41 + i, shape)],
  run: (x) => sg.localResponseNormalization(x as Tensor, radius, bias, alpha, beta),
  reference: (x) => {
    const c = shape[shape.length - 1] as number;
    return typed(
      build(shape, (index) => {
        let sum = 0;
        const own = index[index.length - 1] as number;
        for (let k = Math.max(0, own - radius); k <= Math.min(c - 1, own + radius); k++)
          sum += at(x as Nd, [...index.slice(0, -1), k]) ** 2;
        return at(x as Nd, index) / (bias + alpha * sum) ** beta;
      }),
      'float32',
    );
  },
}));

/** What is kept is scaled, the rest is 0: compared with the mask that ones give. */
const dropped: FunctionCase[] = [
  {
    name: 'rate 0',
    inputs: [given(51, [3, 4])],
    run: (x) => sg.dropout(x as Tensor, 0),
    reference: (x) => typed(x as Nd, 'float32'),
  },
  {
    name: 'rate 0.4 keeps x times the mask',
    inputs: [given(52, [30, 4])],
    run: (x) =>
      sg.tidy(() =>
        sg.dropout(x as Tensor, 0.4, null, 7).sub(sg.dropout(sg.ones([30, 4]), 0.4, null, 7).mul(x as Tensor)),
      ),
    reference: (x) =>
      typed(
        map(x as Nd, () => 0),
        'float32',
      ),
  },
  {
    name: 'noiseShape: rows share their fate',
    inputs: [given(53, [20, 6])],
    run: (x) =>
      sg.tidy(() => {
        const kept = sg.dropout(x as Tensor, 0.5, [20, 1], 3);
        const mask = sg.dropout(sg.ones([20, 1]), 0.5, null, 3);
        return kept.sub(mask.mul(x as Tensor));
      }),
    reference: (x) =>
      typed(
        map(x as Nd, () => 0),
        'float32',
      ),
  },
];

export const poolingFunctions: FunctionTable = {
  maxPool: [...rows(TWO, (x, w, s) => sg.maxPool(x, w, s.strides ?? 1, s.pad, s.rounding), largest), wholeMaximum],
  avgPool: rows(TWO, (x, w, s) => sg.avgPool(x, w, s.strides ?? 1, s.pad, s.rounding), average),
  pool: [
    ...rows(
      [...TWO, ...DILATED],
      (x, w, s) => sg.pool(x, w, 'max', s.pad, s.dilations, s.strides, s.rounding),
      largest,
    ),
    ...rows(
      [...TWO, ...DILATED],
      (x, w, s) => sg.pool(x, w, 'avg', s.pad, s.dilations, s.strides, s.rounding),
      average,
    ),
  ],
  maxPool3d: [...rows(THREE, three(sg.maxPool3d), largest), firstOf(largest, sg.maxPool3d)],
  avgPool3d: [...rows(THREE, three(sg.avgPool3d), average), firstOf(average, sg.avgPool3d)],
  maxPoolWithArgmax: [
    ...argmax,
    {
      name: 'the first of equals',
      inputs: [nd([1, 2, 2, 1], [3, 3, 3, 3])],
      run: (x) => sg.tidy(() => sg.maxPoolWithArgmax(x as Tensor, 2, 1, 'same').indexes),
      reference: () => ({ ...nd([1, 2, 2, 1], [0, 1, 2, 3]), dtype: 'int32' }),
      gradient: false,
    },
  ],
  dilation2d: [
    ...dilations,
    {
      name: 'int32',
      inputs: [ints(23, [1, 3, 3, 1]), ints(24, [2, 2, 1])],
      run: (x, f) => (x as Tensor).dilation2d(f as Tensor, 1, 'same'),
      reference: (x, f) =>
        typed(
          pooled(x as Nd, [2, 2], { pad: 'same' }, (values, _, taps) =>
            Math.max(...values.map((v, k) => v + ((f as Nd).data[taps[k] as number] as number))),
          ),
          'int32',
        ),
    },
  ],
  batchNorm: normalizing(sg.batchNorm, [
    ...statistics([2, 3, 2, 4], [4], [1, 3, 1, 4]),
    ...statistics([5], [5]),
    ...statistics([2, 1, 2, 1, 3], [3]),
  ]),
  batchNorm2d: normalizing(sg.batchNorm2d, statistics([4, 3], [3], [4, 3])),
  batchNorm3d: normalizing(sg.batchNorm3d, statistics([2, 3, 2], [2], [2, 3, 2])),
  batchNorm4d: normalizing(sg.batchNorm4d, statistics([2, 2, 3, 2], [2], [1, 2, 3, 2])),
  localResponseNormalization: responses,
  dropout: dropped,
};
