/** Rows of convolutions. */
import * as sg from '../../../src/index';
import { given } from '../gradients/case';
import { at, build, map, type Nd, type Shape, zip } from '../gradients/float64';
import type { FunctionCase, FunctionTable } from './case';
import { ACTIVATE, ints, typed } from './linear';
import { batched, convolve, type Setting, toFirst, toLast, transposed, unbatched, wayOf } from './windows';

type Tensor = sg.Tensor;

const show = (x: Shape, f: Shape, s: Setting): string => `[${x}] with [${f}], ${JSON.stringify(s)}`;

/** Shapes of x and filter, and how it moves. */
type Convolution = readonly [Shape, Shape, Setting];

const TWO: readonly Convolution[] = [
  [[2, 4, 5, 2], [3, 3, 2, 3], { pad: 'same' }],
  [[1, 5, 4, 1], [2, 3, 1, 2], { pad: 'valid', strides: [2, 1] }],
  [[1, 6, 6, 1], [2, 2, 1, 1], { pad: 'same', strides: [3, 3] }],
  [[1, 4, 5, 1], [3, 2, 1, 2], { pad: 2, dilations: [1, 2] }],
  [
    [1, 4, 4, 2],
    [2, 2, 2, 1],
    {
      pad: [
        [1, 0],
        [0, 2],
      ],
      strides: [2, 2],
    },
  ],
  [[1, 6, 5, 1], [3, 3, 1, 1], { pad: 1, strides: [2, 3], rounding: 'ceil' }],
  [[1, 6, 5, 1], [2, 2, 1, 1], { pad: 0, strides: [3, 2], rounding: 'round' }],
  [[1, 6, 5, 1], [2, 2, 1, 1], { pad: 0, strides: [3, 2], rounding: 'floor' }],
  [[1, 1, 7, 1], [1, 3, 1, 2], { pad: 'same', dilations: [1, 2] }],
  [[0, 4, 4, 2], [3, 3, 2, 3], { pad: 'same' }],
];

/** Rows of a convolution in two dimensions, with and without a batch, channels last and first. */
const planar = (
  run: (x: Tensor, f: Tensor, s: Setting, format: string) => Tensor,
  filter: (f: Shape) => Shape,
  depthwise: boolean,
): FunctionCase[] =>
  TWO.flatMap(([x, f, s], i): FunctionCase[] => {
    const shape = filter(f);
    const rows: FunctionCase[] = [
      {
        name: show(x, shape, s),
        inputs: [given(1 + i, x), given(2 + i, shape)],
        run: (t, w) => run(t as Tensor, w as Tensor, s, 'NHWC'),
        reference: (t, w) => typed(convolve(t as Nd, w as Nd, s, depthwise), 'float32'),
      },
    ];
    if (x[0] === 1 && i < 4) {
      rows.push({
        name: `${show(x, shape, s)} without a batch`,
        inputs: [given(1 + i, x.slice(1)), given(2 + i, shape)],
        run: (t, w) => run(t as Tensor, w as Tensor, s, 'NHWC'),
        reference: (t, w) => unbatched(convolve(batched(t as Nd), w as Nd, s, depthwise)),
      });
    }
    if (i < 5) {
      rows.push({
        name: `${show(x, shape, s)} NCHW`,
        inputs: [toFirst(given(1 + i, x)), given(2 + i, shape)],
        run: (t, w) => run(t as Tensor, w as Tensor, s, 'NCHW'),
        reference: (t, w) => toFirst(convolve(toLast(t as Nd), w as Nd, s, depthwise)),
      });
    }
    return rows;
  });

const ONE: readonly Convolution[] = [
  [[2, 6, 2], [3, 2, 3], { pad: 'same' }],
  [[1, 7, 1], [2, 1, 2], { pad: 'valid', strides: [2] }],
  [[1, 7, 1], [3, 1, 1], { pad: 'same', dilations: [2] }],
  [[2, 5, 1], [3, 1, 2], { pad: 2 }],
  [[1, 8, 1], [3, 1, 1], { pad: 1, strides: [3], rounding: 'ceil' }],
];

const THREE: readonly Convolution[] = [
  [[1, 3, 4, 3, 2], [2, 2, 2, 2, 2], { pad: 'valid' }],
  [[2, 3, 3, 2, 1], [3, 3, 1, 1, 2], { pad: 'same' }],
  [[1, 5, 4, 4, 1], [2, 2, 2, 1, 1], { pad: 'same', strides: [2, 2, 1] }],
  [[1, 5, 3, 3, 1], [2, 2, 2, 1, 1], { pad: 'same', strides: [3, 3, 3] }],
  [[1, 5, 3, 4, 1], [2, 1, 2, 1, 2], { pad: 'valid', dilations: [3, 1, 2] }],
  [[1, 2, 2, 2, 1], [2, 2, 2, 1, 1], { pad: 1, strides: [2, 1, 1] }],
  [[1, 3, 2, 2, 1], [1, 2, 2, 1, 1], { pad: 'same' }],
  [
    [1, 3, 2, 2, 1],
    [2, 2, 2, 1, 1],
    {
      pad: [
        [2, 0],
        [0, 1],
        [1, 0],
      ],
    },
  ],
];

/** The same, the other way round: from the positions back to the image. */
const backwards = (
  list: readonly Convolution[],
  run: (y: Tensor, f: Tensor, out: Shape, s: Setting) => Tensor,
): FunctionCase[] =>
  list
    .filter(([, , s]) => s.dilations === undefined)
    .flatMap(([x, f, s], i): FunctionCase[] => {
      const dims = x.length - 2;
      const size = x.slice(1, -1);
      const counts = wayOf(size, f.slice(0, dims), s).map((w) => w.count);
      const y = [x[0] as number, ...counts, f[dims + 1] as number];
      const row = (isBatch: boolean): FunctionCase => ({
        name: `${show(y, f, s)} to [${x}]${isBatch ? '' : ' without a batch'}`,
        inputs: [given(11 + i, isBatch ? y : y.slice(1)), given(12 + i, f)],
        run: (t, w) => run(t as Tensor, w as Tensor, isBatch ? x : x.slice(1), s),
        reference: (t, w) => {
          const back = transposed(isBatch ? (t as Nd) : batched(t as Nd), w as Nd, size, s);
          return typed(isBatch ? back : unbatched(back), 'float32');
        },
      });
      return x[0] === 1 ? [row(true), row(false)] : [row(true)];
    });

const separable: FunctionCase[] = TWO.filter(([, , s]) => s.rounding === undefined).flatMap(([x, f, s], i) => {
  const depth = [...f.slice(0, 3), 2];
  const point = [1, 1, 2 * (f[2] as number), 3];
  return ['NHWC', 'NCHW'].map((format): FunctionCase => {
    const first = format === 'NCHW';
    return {
      name: `${show(x, depth, s)} ${format}`,
      inputs: [first ? toFirst(given(21 + i, x)) : given(21 + i, x), given(22 + i, depth), given(23 + i, point)],
      run: (t, d, p) =>
        sg.separableConv2d(t as Tensor, d as Tensor, p as Tensor, s.strides ?? 1, s.pad, s.dilations ?? 1, format),
      reference: (t, d, p) => {
        const between = convolve(first ? toLast(t as Nd) : (t as Nd), d as Nd, s, true);
        const y = convolve(between, p as Nd, { pad: 'valid' });
        return typed(first ? toFirst(y) : y, 'float32');
      },
    };
  });
});

/** Fused convolutions with every activation. */
const fused = (
  run: (args: sg.fused.FusedConvArgs) => Tensor,
  f: Shape,
  channels: number,
  depthwise: boolean,
): FunctionCase[] => [
  ...Object.entries(ACTIVATE).map(
    ([activation, act], i): FunctionCase => ({
      name: activation,
      inputs: [given(31 + i, [2, 4, 4, 2], -2, 2), given(32 + i, f), ...(i % 2 ? [given(33 + i, [channels])] : [])],
      run: (x, w, bias) =>
        run({
          x: x as Tensor,
          filter: w as Tensor,
          strides: 1,
          pad: 'same',
          bias,
          activation: activation as sg.fused.FusedActivation,
          leakyreluAlpha: 0.3,
        }),
      reference: (x, w, bias) => {
        const y = convolve(x as Nd, w as Nd, { pad: 'same' }, depthwise);
        return typed(map(bias ? zip(y, bias, (a, b) => a + b) : y, act), 'float32');
      },
    }),
  ),
  {
    name: 'prelu, strides, NCHW',
    inputs: [toFirst(given(41, [1, 4, 4, 2])), given(42, f), given(43, [channels]), given(44, [1], 0.1, 0.5)],
    run: (x, w, bias, alpha) =>
      run({
        x: x as Tensor,
        filter: w as Tensor,
        strides: 2,
        pad: 1,
        dataFormat: 'NCHW',
        bias,
        activation: 'prelu',
        preluActivationWeights: alpha,
      }),
    reference: (x, w, bias, alpha) => {
      const y = zip(
        convolve(toLast(x as Nd), w as Nd, { pad: 1, strides: [2, 2] }, depthwise),
        bias as Nd,
        (a, b) => a + b,
      );
      return toFirst(build(y.shape, (i) => (at(y, i) < 0 ? at(alpha as Nd, [0]) : 1) * at(y, i)));
    },
  },
];

/** Padding before and after, given in each of the ways that are taken. */
const signalPads: FunctionCase[] = (
  [
    [[1, 2]],
    [
      [0, 0],
      [1, 2],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 0],
      [1, 2],
      [0, 0],
    ],
  ] as const
).map((pad) => ({
  name: `padding ${JSON.stringify(pad)}`,
  inputs: [given(55, [1, 4, 2]), given(56, [3, 2, 1])],
  run: (x, f) => sg.conv1d(x as Tensor, f as Tensor, 1, pad),
  reference: (x, f) => convolve(x as Nd, f as Nd, { pad: [[1, 2]] }),
}));

export const convolutionFunctions: FunctionTable = {
  conv1d: [
    ...signalPads,
    ...ONE.flatMap(([x, f, s], i) =>
      ['NWC', 'NCW'].map((format): FunctionCase => {
        const first = format === 'NCW';
        return {
          name: `${show(x, f, s)} ${format}`,
          inputs: [first ? toFirst(given(51 + i, x)) : given(51 + i, x), given(52 + i, f)],
          run: (t, w) =>
            sg.conv1d(t as Tensor, w as Tensor, s.strides?.[0] ?? 1, s.pad, format, s.dilations?.[0] ?? 1, s.rounding),
          reference: (t, w) => {
            const y = convolve(first ? toLast(t as Nd) : (t as Nd), w as Nd, s);
            return typed(first ? toFirst(y) : y, 'float32');
          },
        };
      }),
    ),
  ],
  conv2d: [
    ...planar(
      (x, f, s, format) => sg.conv2d(x, f, s.strides ?? 1, s.pad, format, s.dilations ?? 1, s.rounding),
      (f) => f,
      false,
    ),
    {
      name: 'int32, padding for four dimensions',
      inputs: [ints(53, [1, 4, 4, 1]), given(54, [2, 2, 1, 2])],
      run: (x, f) =>
        sg.conv2d(x as Tensor, f as Tensor, 1, [
          [0, 0],
          [1, 0],
          [0, 2],
          [0, 0],
        ]),
      reference: (x, f) =>
        typed(
          convolve(x as Nd, f as Nd, {
            pad: [
              [1, 0],
              [0, 2],
            ],
          }),
          'float32',
        ),
    },
    {
      name: 'NCHW, padding for four dimensions',
      inputs: [toFirst(given(53, [1, 4, 4, 1])), given(54, [2, 2, 1, 2])],
      run: (x, f) =>
        sg.conv2d(
          x as Tensor,
          f as Tensor,
          1,
          [
            [0, 0],
            [0, 0],
            [1, 0],
            [0, 2],
          ],
          'NCHW',
        ),
      reference: (x, f) =>
        toFirst(
          convolve(toLast(x as Nd), f as Nd, {
            pad: [
              [1, 0],
              [0, 2],
            ],
          }),
        ),
    },
  ],
  depthwiseConv2d: planar(
    (x, f, s, format) => sg.depthwiseConv2d(x, f, s.strides ?? 1, s.pad, format, s.dilations ?? 1, s.rounding),
    (f) => [...f.slice(0, 3), 2],
    true,
  ),
  separableConv2d: separable,
  conv2dTranspose: backwards(TWO, (y, f, out, s) => sg.conv2dTranspose(y, f, out, s.strides ?? 1, s.pad, s.rounding)),
  conv3d: THREE.flatMap(([x, f, s], i) =>
    (i < 3 ? ['NDHWC', 'NCDHW'] : ['NDHWC']).map((format): FunctionCase => {
      const first = format === 'NCDHW';
      return {
        name: `${show(x, f, s)} ${format}`,
        inputs: [first ? toFirst(given(61 + i, x)) : given(61 + i, x), given(62 + i, f)],
        run: (t, w) => sg.conv3d(t as Tensor, w as Tensor, s.strides ?? 1, s.pad, format, s.dilations ?? 1),
        reference: (t, w) => {
          const y = convolve(first ? toLast(t as Nd) : (t as Nd), w as Nd, s);
          return typed(first ? toFirst(y) : y, 'float32');
        },
      };
    }),
  ),
  conv3dTranspose: backwards(THREE, (y, f, out, s) => sg.conv3dTranspose(y, f, out, s.strides ?? 1, s.pad)),
  'fused.conv2d': fused(sg.fused.conv2d, [3, 3, 2, 3], 3, false),
  'fused.depthwiseConv2d': fused(sg.fused.depthwiseConv2d, [3, 3, 2, 2], 4, true),
};
