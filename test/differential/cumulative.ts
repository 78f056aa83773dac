/** Calls of the differential run: running folds, sorting, counting. */

import type { Operand } from '../tables/functions/case';
import { alongAxis, prefixes } from '../tables/gradients/cumulative';
import type { Call, Random, Row } from './differential';

/** Settings of a call, kept for its truth. */
const settings = new WeakMap<Call, { axis: number; exclusive: boolean; reverse: boolean }>();

function running(op: string, start: number, join: (a: number, b: number) => number): Row[] {
  const make =
    (axisOf: (r: Random, rank: number) => number) =>
    (r: Random): Call => {
      const shape = r.shape(r.int(1, 4), 4);
      const axis = axisOf(r, shape.length);
      const [exclusive, reverse] = [r.pick([true, false]), r.pick([true, false])];
      const call: Call = {
        name: `axis ${axis}, exclusive ${exclusive}, reverse ${reverse}`,
        operands: [r.operand(shape, r.pick(['float32', 'int32']))],
        run: (kit, x) => kit[op](x, axis, exclusive, reverse),
      };
      settings.set(call, { axis, exclusive, reverse });
      return call;
    };
  return [
    { op, count: 40, make: make((r, rank) => r.int(0, rank - 1)) },
    {
      op: `${op} of a negative axis`,
      count: 40,
      make: make((r, rank) => r.int(-rank, -1)),
      fault: 'a negative axis throws or runs along another one',
      truth(call) {
        const { axis, exclusive, reverse } = settings.get(call) as NonNullable<ReturnType<typeof settings.get>>;
        const x = call.operands[0] as Operand;
        return { ...alongAxis(x, axis, reverse, prefixes(start, join, exclusive)), dtype: x.dtype };
      },
    },
  ];
}

/** Rows in ascending order. */
function ascending(r: Random, shape: readonly number[], dtype: 'float32' | 'int32'): Operand {
  const x = r.operand(shape, dtype, -5, 5);
  const n = shape[shape.length - 1] as number;
  for (let i = 0; i < x.data.length; i += n) x.data.subarray(i, i + n).sort();
  return x;
}

const search = (op: string, ...rest: unknown[]): Row => ({
  op: [op, ...rest].join(' '),
  make(r) {
    const rows = r.int(1, 4);
    const dtype = r.pick(['float32', 'int32'] as const);
    return {
      name: '',
      operands: [ascending(r, [rows, r.int(1, 9)], dtype), r.operand([rows, r.int(1, 6)], dtype, -6, 6)],
      run: (kit, s, v) => kit[op](s, v, ...rest),
    };
  },
});

const count = (op: string, rank: number, rest: (r: Random) => unknown[] = () => []): Row => ({
  op: `${op} of rank ${rank}`,
  make(r) {
    const shape = r.shape(rank, 9);
    const size = r.int(1, 8);
    const more = rest(r);
    const isWeighted = r.pick([true, false]);
    const x = r.operand(shape, 'int32', 0, 9);
    return {
      name: `${size} bins, ${more}`,
      operands: isWeighted ? [x, r.operand(shape, r.pick(['float32', 'int32']))] : [x],
      run: (kit, t, w) => kit[op](t, w ?? [], size, ...more),
    };
  },
});

export const cumulative: readonly Row[] = [
  ...running('cumsum', 0, (a, b) => a + b),
  ...running('cumprod', 1, (a, b) => a * b),
  {
    op: 'topk',
    count: 60,
    make(r) {
      const shape = r.shape(r.int(1, 3), 9);
      const k = r.int(1, shape[shape.length - 1] as number);
      return {
        name: `k ${k}`,
        operands: [r.operand(shape, r.pick(['float32', 'int32']), -4, 4)],
        run: (kit, x) => {
          const { values, indices } = kit.topk(x, k);
          return [values, indices];
        },
      };
    },
  },
  {
    op: 'inTopKAsync',
    make(r) {
      const shape = [...r.shape(r.int(1, 2), 4), r.int(1, 6)];
      const k = r.int(1, shape[shape.length - 1] as number);
      const targets = r.operand(shape.slice(0, -1), 'int32', 0, 5);
      return {
        name: `k ${k}`,
        operands: [r.operand(shape, 'float32'), targets],
        run: (kit, p, t) => kit.inTopKAsync(p, t, k),
      };
    },
  },
  {
    op: 'unique',
    make(r) {
      const shape = r.shape(r.int(1, 3), 6);
      const axis = r.int(-shape.length, shape.length - 1);
      return {
        name: `axis ${axis}`,
        operands: [r.operand(shape, 'int32', 0, 2)],
        run: (kit, x) => {
          const { values, indices } = kit.unique(x, axis);
          return [values, indices];
        },
      };
    },
  },
  search('searchSorted'),
  search('searchSorted', 'right'),
  search('lowerBound'),
  search('upperBound'),
  count('bincount', 1),
  count('denseBincount', 1),
  count('denseBincount', 2, (r) => [r.pick([true, false])]),
  {
    op: 'math.confusionMatrix',
    make(r) {
      const n = r.int(1, 20);
      const classes = r.int(2, 5);
      return {
        name: `${classes} classes`,
        operands: [r.operand([n], 'int32', 0, classes - 1), r.operand([n], 'int32', 0, classes - 1)],
        run: (kit, l, p) => kit.math.confusionMatrix(l, p, classes),
      };
    },
  },
];
