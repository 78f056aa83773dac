/** Resizing along an axis and rows by index. */
import * as image from '../../reference/image';
import type { Kind } from '../../support/generate';
import { at, type Case, of, row, x } from './case';

const MODES: readonly (readonly [boolean, boolean])[] = [
  [false, false],
  [true, false],
  [false, true],
];

/** Shapes, the axis that is resized, and its new length. */
const SIZES: readonly (readonly [readonly number[], number, number])[] = [
  [[5], 0, 9],
  [[2, 3, 4, 3], 1, 7],
  [[2, 3, 4, 3], 2, 9],
  [[1, 8, 5, 1], 1, 3],
  [[1, 8, 5, 1], 2, 2],
  [[2, 4, 4, 17], 1, 8],
  [[2, 4, 4, 17], 2, 1],
  [[3, 1, 2, 5], 1, 4],
  [[2, 7, 3], 1, 7],
  [[1, 6, 40], 1, 13],
  [[0, 3, 2], 1, 5],
  [[2, 3, 0], 1, 5],
  [[2, 3, 2], 1, 0],
  // 49 / 49 is one only if the product comes first.
  [[1, 50], 1, 99],
  [[1, 1], 1, 49],
];

const resamples: Case[] = SIZES.flatMap(([shape, axis, size]) =>
  MODES.flatMap(([alignCorners, halfPixelCenters]) =>
    (['bilinear', 'nearest'] as const).flatMap((method) => {
      const attrs = { axis, method, alignCorners, halfPixelCenters };
      const out = shape.map((d, i) => (i === axis ? size : d));
      const kinds: Kind[] = method === 'nearest' ? ['float', 'wild', 'int'] : ['float', 'wild'];
      return [
        ...kinds.map((kind) =>
          row('resample', [x(kind, ...shape)], { ...attrs, size }, (inputs, a) => image.resample(at(inputs, 0), a)),
        ),
        ...(['float', 'wild'] as const).map((kind) =>
          row('resampleGrad', [x(kind, ...out)], { ...attrs, size: shape[axis] as number }, (inputs, a) =>
            image.resampleGrad(at(inputs, 0), a),
          ),
        ),
      ];
    }),
  ),
);

/** Shapes, axis, number of indices. */
const ROWS: readonly (readonly [readonly number[], number, number])[] = [
  [[7], 0, 12],
  [[5, 3], 0, 4],
  [[5, 3], 1, 7],
  [[2, 3, 4], 1, 5],
  [[2, 3, 40], 1, 9],
  [[3, 4, 1, 17], 1, 6],
  [[1, 5, 2], 0, 3],
  [[4, 2], 0, 0],
  [[0, 3, 2], 1, 4],
  [[2, 3, 0], 1, 4],
];

const rowCases: Case[] = ROWS.flatMap(([shape, axis, count]) => {
  const n = shape[axis] as number;
  const taken = shape.map((d, i) => (i === axis ? count : d));
  return [
    ...(['float', 'wild', 'int', 'bool'] as const).map((kind) =>
      row('takeRows', [x(kind, ...shape), x(n, count)], { axis }, (inputs, a) =>
        image.takeRows(at(inputs, 0), at(inputs, 1), a),
      ),
    ),
    ...(['float', 'wild'] as const).map((kind) =>
      row('sumRows', [x(kind, ...taken), x(n, count)], { axis, size: n }, (inputs, a) =>
        image.sumRows(at(inputs, 0), at(inputs, 1), a),
      ),
    ),
  ];
});

export const imageCases: Case[] = [
  ...resamples,
  ...rowCases,
  // All rows to one place.
  row('sumRows', [x('float', 6, 5), of(3, [6], [1, 1, 1, 1, 1, 1])], { axis: 0, size: 3 }, (inputs, a) =>
    image.sumRows(at(inputs, 0), at(inputs, 1), a),
  ),
];
