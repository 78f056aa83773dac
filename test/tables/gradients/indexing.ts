/** Gradient cases of ops that read and write rows by index, and of slices and paddings with strides. */
import * as sg from '../../../src/index';
import { apply } from '../../support/ops';
import { type Case, given, show } from './case';
import { build, map, type Nd, nd, type Shape } from './float64';

type Tensor = sg.Tensor;

const one = (shape: Shape, name: string, run: (x: Tensor) => Tensor, reference: (x: Nd) => Nd): Case => ({
  name: `${show(shape)} ${name}`,
  inputs: [given(65, shape)],
  run: (x) => run(x as Tensor),
  reference: (x) => reference(x as Nd),
});

/** The element at an index, which counts as it is. */
export const element = (x: Nd, index: readonly number[]): number =>
  x.data[index.reduce((sum, v, d) => sum * (x.shape[d] as number) + v, 0)] as number;

const slices: readonly (readonly [Shape, number[], number[], number[]])[] = [
  [[7], [1], [3], [2]],
  [[7], [6], [7], [-1]],
  [[7], [5], [2], [-3]],
  [
    [4, 5],
    [3, 0],
    [2, 5],
    [-2, 1],
  ],
  [
    [2, 3, 4],
    [1, 2, 1],
    [2, 2, 2],
    [-1, -2, 2],
  ],
];

const pads: readonly (readonly [Shape, (readonly [number, number])[], number[]])[] = [
  [[3], [[0, 0]], [2]],
  [[3], [[1, 2]], [-3]],
  [
    [2, 3],
    [
      [1, 0],
      [0, 1],
    ],
    [3, -2],
  ],
];

export const stridedCases = {
  slice: slices.map(([shape, begin, size, strides]) =>
    one(
      shape,
      `from ${show(begin)}, ${show(size)} by ${show(strides)}`,
      (x) => apply('slice', [x], { begin, size, strides }),
      (x) =>
        build(size, (index) =>
          element(
            x,
            index.map((i, d) => (begin[d] as number) + i * (strides[d] as number)),
          ),
        ),
    ),
  ),
  pad: pads.map(([shape, paddings, steps]) =>
    one(
      shape,
      `${JSON.stringify(paddings)} by ${show(steps)}`,
      (x) => apply('pad', [x], { paddings, value: 0.5, steps }),
      (x) => {
        const length = shape.map((d, i) => (d - 1) * Math.abs(steps[i] as number) + 1);
        const grown = nd(
          length.map((d, i) => d + (paddings[i]?.[0] as number) + (paddings[i]?.[1] as number)),
          [],
        ).shape;
        const filled = new Map<string, number>();
        build(shape, (index) => {
          const place = index.map((v, d) => {
            const step = steps[d] as number;
            return (paddings[d]?.[0] as number) + (step > 0 ? v * step : ((shape[d] as number) - 1 - v) * -step);
          });
          filled.set(place.join(), element(x, index));
          return 0;
        });
        return build(grown, (index) => filled.get(index.join()) ?? 0.5);
      },
    ),
  ),
};

const ids = (values: readonly number[], batch = 1): Tensor =>
  sg.tensor2d([...values], [batch, values.length / batch], 'int32');
const attrs = (drop: boolean) => ({ drop, label: 'test' });

const gathers: readonly (readonly [Shape, number[], boolean])[] = [
  [[1, 1, 4, 1], [0, 3, 3, 1, 0], false],
  [[1, 1, 3, 5], [2, 2], false],
  [[2, 2, 3, 2], [0, 2, 1, 1, 1, 0], false],
  [[1, 2, 3, 2], [0, -1, 2, -7], true],
  [[1, 1, 2, 3], [], false],
];

const sums: readonly (readonly [Shape, number[], number, boolean])[] = [
  [[1, 1, 5, 1], [0, 3, 3, 1, 0], 4, false],
  [[1, 1, 4, 5], [2, -1, 2, 0], 3, true],
  [[2, 2, 3, 2], [0, 1, 1, 1, 0, 1], 2, false],
];

const replacements: readonly (readonly [Shape, number[]])[] = [
  [
    [1, 1, 5, 1],
    [0, 3],
  ],
  [
    [1, 1, 4, 3],
    [2, 0, 2, 2],
  ],
  [[1, 1, 2, 2], []],
];

export const indexingCases = {
  gather: gathers.map(([shape, values, drop]) =>
    one(
      shape,
      `at ${show(values)}${drop ? ', negatives dropped' : ''}`,
      (x) => apply('gather', [x, ids(values, shape[0])], attrs(drop)),
      (x) => {
        const [batch, outer, , inner] = shape as [number, number, number, number];
        const count = values.length / batch;
        return build([batch, outer, count, inner], ([b, o, i, j]) => {
          const row = values[(b as number) * count + (i as number)] as number;
          return row < 0 ? 0 : element(x, [b, o, row, j] as number[]);
        });
      },
    ),
  ),
  segmentSum: sums.map(([shape, values, n, drop]) =>
    one(
      shape,
      `by ${show(values)}`,
      (x) => apply('segmentSum', [x, ids(values, shape[0])], { ...attrs(drop), n }),
      (x) => {
        const [batch, outer, count, inner] = shape as [number, number, number, number];
        return build([batch, outer, n, inner], ([b, o, s, j]) => {
          let sum = 0;
          for (let i = 0; i < count; i++)
            if (values[(b as number) * count + i] === s) sum += element(x, [b, o, i, j] as number[]);
          return sum;
        });
      },
    ),
  ),
  replaceRows: replacements.map(([shape, values]): Case => {
    const updates = [1, 1, values.length, shape[3] as number];
    return {
      name: `${show(shape)} at ${show(values)}`,
      inputs: [given(65, shape), given(66, updates)],
      run: (x, y) => apply('replaceRows', [x as Tensor, ids(values), y as Tensor], attrs(false)),
      reference: (x, y) =>
        build(shape, (index) => {
          const i = values.lastIndexOf(index[2] as number);
          return i < 0 ? element(x as Nd, index) : element(y as Nd, [0, 0, i, index[3] as number]);
        }),
    };
  }),
  flatIndex: [
    one(
      [2, 3],
      'at tuples',
      (x) =>
        sg.gatherND(
          x,
          sg.tensor2d(
            [
              [1, 2],
              [0, 0],
              [1, 2],
            ],
            undefined,
            'int32',
          ),
        ),
      (x) =>
        nd(
          [3],
          [5, 0, 5].map((i) => x.data[i] as number),
        ),
    ),
  ],
  pick: [
    one(
      [2, 4],
      'times draws',
      (x) => x.mul(sg.multinomial([0.5, 0.2, 0.3], 4, 3, true).toFloat()),
      (x) => {
        const draws = sg.multinomial([0.5, 0.2, 0.3], 4, 3, true).dataSync();
        let i = 0;
        return map(x, (v) => v * (draws[i++ % 4] as number));
      },
    ),
  ],
} satisfies Record<string, readonly Case[]>;
